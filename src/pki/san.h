/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_SAN_H
#define PKI_SAN_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

/* Host entries of a CSR file or of -hostname, sorted into kinds of subjectAltName as cfssl does:
 * IP address, else mail address, else URI, else DNS name; nothing is trimmed. */

enum san_kind { SAN_DNS, SAN_EMAIL, SAN_IP, SAN_URI };	/* in the order they are written */

struct san {
	enum san_kind kind;
	char *text;		/* the address without display name; an IP as it is printed */
	unsigned char ip[16];
	size_t ip_len;		/* 4 or 16 for an IP, else 0 */
};

struct san_list {
	struct san *items;
	size_t len, cap;
};

/* Classifies one entry; san_release frees. */
struct san san_of(const char *host);
void san_release(struct san *san);
void san_list_release(struct san_list *list);
void san_list_add(struct san_list *list, const char *host);
/* Every entry of a NULL-ended vector (which may be NULL). */
void san_list_add_all(struct san_list *list, char *const *hosts);

/* "DNS", "email", "IP", "URI" */
const char *san_kind_name(enum san_kind kind);

/* Appends the content of a subjectAltName extension (RFC 5280 4.2.1.6), kinds in their order; fails
 * on a name that is not ASCII. */
int san_list_write(const struct san_list *list, struct buf *out, struct err *err);

/* Prints an address of 4 or 16 bytes; "?" for another length. `out` holds 64 bytes. */
const char *san_ip_text(const unsigned char *ip, size_t len, char out[64]);

#endif
