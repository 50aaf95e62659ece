/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_PAIR_H
#define PKI_PAIR_H

#include "base/buf.h"
#include "base/err.h"

/* NAME.pem, NAME-key.pem and NAME.csr of a folder, written as a unit: the key first, the
 * certificate last: a certificate is never there without its key. Nothing is overwritten. */

struct pair {
	struct buf key, csr, cert;	/* PEM */
};

void pair_init(struct pair *pair);
void pair_release(struct pair *pair);
/* ERR_GUARD where DIR/NAME.pem exists. A key or request that was left alone there (by a killed
 * run, or by someone else) is kept under another name, told in `kept` ("" else). The caller holds
 * the folder's lock. */
int pair_write(const struct pair *pair, const char *dir, const char *name, struct buf *kept,
    struct err *err);
bool pair_exists(const char *dir, const char *name);

/* The folder's lock, so that two signers do not meet; fs_unlock gives it back. */
int pair_lock(const char *dir, struct err *err);

#endif
