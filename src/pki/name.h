/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_NAME_H
#define PKI_NAME_H

#include <json-c/json.h>

#include "base/buf.h"
#include "base/err.h"
#include "pki/der.h"

/* The subject of a request, in the order cfssl writes: one RDN a type, several values of one type
 * in one RDN, then anything else in RDNs of its own. */

enum name_part {
	NAME_C,
	NAME_ST,
	NAME_L,
	NAME_STREET,
	NAME_POSTAL,
	NAME_O,
	NAME_OU,
	NAME_CN,
	NAME_SERIAL,
	NAME_PARTS
};

struct name_extra {
	char *oid, *value;
};

struct name {
	struct name_list {
		char **values;
		size_t len, cap;
	} parts[NAME_PARTS];
	struct name_extra *extra;
	size_t extra_len, extra_cap;
};

void name_release(struct name *name);
bool name_empty(const struct name *name);
/* Adds a value; CN and serialNumber hold one, so the last wins. An empty value adds nothing. */
void name_add(struct name *name, enum name_part part, const char *value);
void name_add_extra(struct name *name, const char *oid, const char *value);
/* Takes each type that `name` lacks over from `from`; extras of both are dropped. */
void name_fill(struct name *name, const struct name *from);
/* The CN, or "" */
const char *name_cn(const struct name *name);

/* Reads one element of a CSR file's "names". */
int name_add_json(struct name *name, struct json_object *entry, struct err *err);
/* Reads the DER of a Name, each value by its type. */
int name_read(struct name *name, struct der der, struct err *err);
/* Appends the DER of the Name; fails on an OID that is none and on text that is not UTF-8. */
int name_write(const struct name *name, struct buf *out, struct err *err);

/* The text of a Name for people: "CN=x,O=a+O=b" in the order of the DER (RFC 4514 escapes). */
void name_text(struct der der, struct buf *out);

/* Fills `value` with the content of the n-th AttributeTypeAndValue of a Name, its dotted type in
 * `oid`; false past the last. */
bool name_attribute(struct der der, size_t n, char oid[128], struct der_value *value);

#endif
