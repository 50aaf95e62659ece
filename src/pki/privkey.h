/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_PRIVKEY_H
#define PKI_PRIVKEY_H

#include "base/buf.h"
#include "base/err.h"
#include "pki/der.h"

/* Private keys: opened only where something is signed. GnuTLS clears its copy when it is freed. */

enum { PRIVKEY_ID_SIZE = 20, PRIVKEY_NAME_SIZE = 24 };

struct privkey;

/* Switches core dumps and ptrace by others off for this process; before the first key. */
void privkey_guard_process(void);

/* `algo` is cfssl's word (rsa, ecdsa, ed25519), `bits` its size; ERR_INPUT for what cfssl
 * refuses. */
struct privkey *privkey_generate(const char *algo, int64_t bits, struct err *err);
/* Whether privkey_generate would take it. */
int privkey_check(const char *algo, int64_t bits, struct err *err);
/* The first private key in PEM text: PKCS#1, SEC1 or PKCS#8, plain or with a password (may be
 * NULL); EC PARAMETERS before it are skipped. `what` names it in errors. ERR_NEED without the
 * password it wants. */
struct privkey *privkey_parse(const struct buf *pem, const char *what, const char *password,
    struct err *err);
void privkey_free(struct privkey *key);

/* "rsa-2048", "ecdsa-256", "ed25519" */
const char *privkey_name(const struct privkey *key);
/* Appends the PEM as cfssl labels it: PKCS#1, SEC1 (RFC 5915, scalar of fixed width), or its own
 * "Ed25519 PRIVATE KEY". Use buf_release_secret. */
int privkey_write(const struct privkey *key, struct buf *out, struct err *err);
/* Appends the SubjectPublicKeyInfo. */
int privkey_write_public(const struct privkey *key, struct buf *out, struct err *err);
/* Appends the AlgorithmIdentifier of this key's signatures; the hash follows its size. */
void privkey_write_algorithm(const struct privkey *key, struct buf *out);
/* Appends the BIT STRING of a signature over the bytes. */
int privkey_sign(const struct privkey *key, const void *data, size_t len, struct buf *out,
    struct err *err);

/* RFC 5280 4.2.1.2 method 1: SHA-1 of the key bits in a SubjectPublicKeyInfo. */
int public_key_id(struct der public_key, unsigned char id[PRIVKEY_ID_SIZE], struct err *err);

#endif
