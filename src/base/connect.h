/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_CONNECT_H
#define BASE_CONNECT_H

#include "base/loop.h"

/* A TCP or Unix connection, made by libcurl inside the loop: asynchronous DNS, IPv6 and IPv4 in a
 * race, the proxy of HTTPS_PROXY for what is not loopback. */

struct connect;

struct connect_spec {
	const char *authority;	/* "host:port"; an IPv6 address in brackets */
	const char *unix_path;	/* instead of authority */
	int64_t timeout_ms;
};

struct connect_handler {
	/* The connected socket, non-blocking, now the callee's to close. */
	void (*done)(void *context, int fd);
	/* ERR_CONNECT or ERR_TIMEOUT, naming the authority, the cause and the cure. */
	void (*failed)(void *context, const struct err *err);
};

/* Never calls back from inside; exactly one callback, after which the pointer is gone. */
struct connect *connect_start(struct loop *loop, const struct connect_spec *spec,
    const struct connect_handler *handler, void *context);
/* NULL is allowed. No callback comes afterwards. */
void connect_cancel(struct connect *connect);

#endif
