/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_SERVED_H
#define PKI_SERVED_H

#include "base/loop.h"
#include "pki/cert.h"

/* Which certificates a TLS server shows, by a handshake that ends there: nothing is verified and no
 * client certificate is sent. */

enum { SERVED_CHAIN_MAX = 16 };

struct served;

struct served_handler {
	/* The chain, the server's own first; the callee releases each. */
	void (*done)(void *context, struct cert *chain, size_t len);
	/* ERR_CONNECT, ERR_TIMEOUT or ERR_TLS, naming the authority and the cause. */
	void (*failed)(void *context, const struct err *err);
};

/* Never calls back from inside; exactly one callback, after which the pointer is gone. */
struct served *served_start(struct loop *loop, const char *authority, int64_t timeout_ms,
    const struct served_handler *handler, void *context);
/* NULL is allowed. No callback comes afterwards. */
void served_cancel(struct served *served);

#endif
