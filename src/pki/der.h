/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_DER_H
#define PKI_DER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

/* ASN.1 DER (X.690) as far as certificates need it. Certificates are written by hand because GnuTLS
 * has no setter for a name with several values of one type, nor for the order of extensions. */

enum der_tag {
	DER_BOOLEAN = 0x01,
	DER_INTEGER = 0x02,
	DER_BIT_STRING = 0x03,
	DER_OCTET_STRING = 0x04,
	DER_NULL = 0x05,
	DER_OID = 0x06,
	DER_UTF8 = 0x0c,
	DER_PRINTABLE = 0x13,
	DER_IA5 = 0x16,
	DER_UTC_TIME = 0x17,
	DER_GENERALIZED_TIME = 0x18,
	DER_SEQUENCE = 0x30,
	DER_SET = 0x31,
	DER_CONTEXT = 0x80,		/* | n: primitive [n] */
	DER_CONTEXT_BOX = 0xa0,		/* | n: constructed [n] */
};

/* Makes one value of everything written to `out` since `mark`, an earlier out->len. */
void der_close(struct buf *out, size_t mark, int tag);
void der_put(struct buf *out, int tag, const void *data, size_t len);
void der_put_str(struct buf *out, int tag, const char *text);
/* A positive INTEGER from big-endian bytes, and from a small number. */
void der_put_uint(struct buf *out, const void *data, size_t len);
void der_put_small(struct buf *out, unsigned value);
/* A BIT STRING of whole bytes. */
void der_put_bits(struct buf *out, const void *data, size_t len);
/* False, and nothing written, where `dotted` is no object identifier. */
bool der_put_oid(struct buf *out, const char *dotted);
/* UTCTime through 2049, GeneralizedTime outside (RFC 5280 4.1.2.5); seconds since 1970. */
void der_put_time(struct buf *out, int64_t seconds);

/* Reading: a cursor over bytes that it does not own. */
struct der {
	const unsigned char *data;
	size_t len;
};

struct der_value {
	int tag;
	struct der body;	/* the content */
	struct der whole;	/* tag and length too */
};

/* Takes the next value off the cursor; false at the end and where the bytes are no DER. */
bool der_next(struct der *from, struct der_value *value);
/* As der_next, but only a value of that tag. */
bool der_expect(struct der *from, int tag, struct der_value *value);
/* The dotted text of an OID's content; at most 120 characters, else false. */
bool der_oid_text(struct der body, char out[128]);

#endif
