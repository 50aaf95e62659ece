/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* SHA-256 (FIPS 180-4) and HMAC-SHA-256 (RFC 2104) by GnuTLS, base64 and hex. */

enum { SHA256_SIZE = 32, SHA256_HEX_SIZE = 65 };

struct sha256;

struct sha256 *sha256_new(void);
void sha256_add(struct sha256 *hash, const void *data, size_t len);
/* The digest of what was added so far; more may be added. */
void sha256_peek(const struct sha256 *hash, unsigned char digest[SHA256_SIZE]);
/* Writes the digest and frees. */
void sha256_end(struct sha256 *hash, unsigned char digest[SHA256_SIZE]);

void sha256_once(const void *data, size_t len, unsigned char digest[SHA256_SIZE]);
void hmac_sha256(const void *key, size_t key_len, const void *data, size_t len,
    unsigned char digest[SHA256_SIZE]);

/* Lower-case hex with a final 0; `out` holds 2 * len + 1 bytes and is returned. */
char *hex_encode(const void *data, size_t len, char *out);
/* False where text is not exactly 2 * len hex digits. */
bool hex_decode(const char *text, void *out, size_t len);

/* Standard alphabet with padding (RFC 4648 section 4). */
void base64_encode(struct buf *out, const void *data, size_t len);
bool base64_decode(struct buf *out, const char *text, size_t len);

#endif
