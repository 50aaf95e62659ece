/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_PEM_H
#define PKI_PEM_H

#include <stdbool.h>

#include "base/buf.h"

/* PEM (RFC 7468) in files that may hold anything else beside. */

struct pem_block {
	char label[64];
	const char *text;	/* from "-----BEGIN" to the end of the END line; not owned */
	size_t text_len;
	const char *body;	/* what stands between the two lines; not owned */
	size_t body_len;
};

/* Finds the next whole block at or after *at and moves *at past it; false where there is none. */
bool pem_next(const char *data, size_t len, size_t *at, struct pem_block *block);
/* True where the label is that. */
bool pem_is(const struct pem_block *block, const char *label);
/* True for CERTIFICATE and the older spellings that openssl reads as one. */
bool pem_is_certificate(const struct pem_block *block);
/* Appends the decoded body; false where it is no base64 (headers such as DEK-Info included). */
bool pem_decode(const struct pem_block *block, struct buf *out);

/* Appends a block of 64 columns. */
void pem_write(struct buf *out, const char *label, const void *data, size_t len);

#endif
