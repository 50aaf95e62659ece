/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ETCD_LINK_H
#define ETCD_LINK_H

#include "base/loop.h"
#include "base/tls.h"
#include "etcd/address.h"
#include "etcd/grpc.h"

/* One connection to one endpoint: TCP, TLS, HTTP/2, and a watch over whether it still answers. */

struct link;

struct link_handler {
	/* HTTP/2 stands: calls may go. */
	void (*ready)(void *context);
	/* It never stood, or has ended: every stream on it ends next. Start nothing on it. */
	void (*failed)(void *context, const struct err *err);
	/* The server says goodbye: no new calls; those in flight go on. */
	void (*leaving)(void *context);
};

struct link_spec {
	const struct etcd_address *address;	/* borrowed for the link's life */
	struct tls_credentials *credentials;	/* or NULL for plain */
	int64_t dial_ms;			/* over TCP, TLS and HTTP/2 together */
};

/* Never calls back from inside. */
struct link *link_start(struct loop *loop, const struct link_spec *spec,
    const struct link_handler *handler, void *context);
/* Drops its streams without callbacks. May be called from any callback. NULL is allowed. */
void link_free(struct link *link);

/* True where calls may be opened. */
bool link_usable(const struct link *link);
/* Nothing is in flight on it. */
bool link_idle(const struct link *link);

/* Fills scheme and authority in; NULL where the link takes no calls (any more). */
struct grpc_stream *link_open(struct link *link, struct grpc_target *target,
    const struct grpc_handler *handler, void *context);

/* For the probe: the other side has gone silent. */
void link_frozen(struct link *link, int64_t silent_ms);

/* Why it ended, for the calls that ended with it. */
const struct err *link_why(const struct link *link);

#endif
