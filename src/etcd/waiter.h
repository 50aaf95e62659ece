/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ETCD_WAITER_H
#define ETCD_WAITER_H

#include "etcd/channel.h"
#include "etcd/link.h"

/* What calls and watches see of their channel. */

/* Waits for a usable link. A waiter is in the queue from channel_wait until one of its functions
 * ran or channel_unwait. */
struct channel_waiter {
	struct channel_waiter *prev, *next;
	bool waiting;
	bool patient;		/* failed is only news: it goes on waiting */
	bool anonymous;		/* needs no token */
	uint64_t order;
	int64_t since_ms;
	/* Opens its stream at once; calls nobody back. */
	void (*ready)(void *context, struct link *link);
	/* No endpoint can be used. */
	void (*failed)(void *context, const struct err *err);
	void *context;
};

void channel_wait(struct etcd_channel *channel, struct channel_waiter *waiter);
void channel_unwait(struct etcd_channel *channel, struct channel_waiter *waiter);

/* New calls go elsewhere than to this link, where there is an elsewhere. */
void channel_move(struct etcd_channel *channel, const struct link *link);

const struct etcd_config *channel_config(const struct etcd_channel *channel);
/* The auth token, or NULL. */
const char *channel_token(const struct etcd_channel *channel);
/* The server refused `token`: log in again before the next call. */
void channel_drop_token(struct etcd_channel *channel, const char *token);
/* The last reason why an endpoint failed; NULL where the last one tried works. */
const struct err *channel_trouble(const struct etcd_channel *channel);

/* The calls of a channel, so that it can drop them. */
struct etcd_call **channel_calls(struct etcd_channel *channel);

/* The watches of a channel (watch.c), made when first asked. */
struct watch_hub;
struct watch_hub **channel_hub(struct etcd_channel *channel);
void watch_hub_free(struct watch_hub *hub);
void watch_hub_leaving(struct watch_hub *hub, const struct link *link);

/* A call that was started with `anonymous`: for Authenticate itself. */
struct etcd_authenticate_handler;
struct etcd_call *call_authenticate(struct etcd_channel *channel,
    const struct etcd_authenticate_handler *handler, void *context);
/* Forgets a call without callbacks and without leaving the channel's list. */
void call_drop_all(struct etcd_channel *channel);

#endif
