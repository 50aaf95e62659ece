/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ETCD_CHANNEL_STATE_H
#define ETCD_CHANNEL_STATE_H

#include "etcd/waiter.h"

/* What channel.c and channel_queue.c share. */

/* One connection of an endpoint: current, or leaving while its calls end. */
struct lane {
	struct lane *next;
	struct etcd_channel *channel;
	struct slot *slot;
	struct link *link;
	bool over;		/* to be freed from the pump */
};

struct slot {
	struct etcd_endpoint seen;
	struct etcd_address address;
	struct lane *lane;	/* NULL where there is no current connection */
	int64_t started_ms;
	int failures;		/* in a row */
	int64_t avoid_until_ms;	/* it answers, but badly: others first */
};

struct etcd_channel {
	struct loop *loop;
	struct etcd_config config;
	struct tls_credentials *credentials;
	struct slot *slots;
	size_t count, preferred;
	struct lane *lanes;
	struct channel_waiter *first, *last;
	uint64_t order;
	struct loop_hook *hook;
	struct loop_timer *timer;
	struct etcd_call *calls, *login;
	struct watch_hub *hub;
	char *token;
	bool auth_off;		/* the server said that authentication is not enabled */
	bool want_pump, is_changed, dead;
	int busy;
	void (*changed)(void *context);
	void *changed_context;
};

/* The pump runs before the next wait. */
void channel_wake(struct etcd_channel *channel);
/* Around everything that may call the user, who may free the channel. */
void channel_enter(struct etcd_channel *channel);
void channel_leave(struct etcd_channel *channel);

/* Gives every waiter the link, those that need a token only where there is one. */
void channel_serve(struct etcd_channel *channel, struct link *link);
/* Runs the callback of every waiter, or of those that wait for a token. */
void channel_fail(struct etcd_channel *channel, const struct err *err, bool by_login);
void channel_forget_token(struct etcd_channel *channel);

#endif
