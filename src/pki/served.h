/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_SERVED_H
#define PKI_SERVED_H

#include "base/loop.h"
#include "pki/cert.h"

/* Which certificates a TLS server shows, by a handshake of its own: nothing is verified, no byte of
 * the application is sent. With a client certificate the handshake is carried through, so that the
 * server has nothing to complain of in its log; without one it ends where the certificates came. */

enum { SERVED_CHAIN_MAX = 16 };

struct served;

struct served_spec {
	const char *authority;	/* "host:port"; an IPv6 address in brackets */
	const char *cert, *key;	/* paths of PEM files to show if asked; NULL: none */
	int64_t timeout_ms;	/* to connect, and again to shake hands */
};

struct served_handler {
	/* The chain, the server's own first; the callee releases each. */
	void (*done)(void *context, struct cert *chain, size_t len);
	/* ERR_CONNECT, ERR_TIMEOUT or ERR_TLS, naming the authority and the cause. */
	void (*failed)(void *context, const struct err *err);
};

/* Never calls back from inside; exactly one callback, after which the pointer is gone. */
struct served *served_start(struct loop *loop, const struct served_spec *spec,
    const struct served_handler *handler, void *context);
/* NULL is allowed. No callback comes afterwards. */
void served_cancel(struct served *served);

#endif
