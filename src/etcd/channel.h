/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ETCD_CHANNEL_H
#define ETCD_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/loop.h"
#include "etcd/config.h"

/* A cluster as a list of endpoints. One serves until it fails, is frozen or says goodbye; then the
 * next, with backoff. Connections are made when the first call wants one. */

struct etcd_channel;

enum etcd_endpoint_state {
	ETCD_IDLE,		/* nobody wanted it yet */
	ETCD_CONNECTING,
	ETCD_READY,
	ETCD_FAILED,		/* see why; tried again at retry_at_ms */
};

struct etcd_endpoint {
	const char *url;	/* with its scheme: "https://etcd1:2379" */
	enum etcd_endpoint_state state;
	int64_t since_ms;	/* clock_ms() of the last change of state */
	int64_t retry_at_ms;	/* clock_ms(), where FAILED; 0: when somebody wants it */
	struct err why;		/* the last failure; kept while it is being retried */
	bool serving;		/* new calls go here */
};

/* Copies the configuration and reads the certificate files; connects to nothing yet. NULL with err
 * where a file or an endpoint's form is wrong. */
struct etcd_channel *etcd_channel_new(struct loop *loop, const struct etcd_config *config,
    struct err *err);
/* Drops every call, watch and sub-call of this channel without callbacks. */
void etcd_channel_free(struct etcd_channel *channel);

size_t etcd_channel_endpoint_count(const struct etcd_channel *channel);
const struct etcd_endpoint *etcd_channel_endpoint(const struct etcd_channel *channel, size_t index);
/* The endpoint that serves, or would be tried first. */
const struct etcd_endpoint *etcd_channel_serving(const struct etcd_channel *channel);

/* Runs `changed` from the loop after an endpoint's state or the serving one changed. One at a time;
 * NULL takes it off. */
void etcd_channel_on_change(struct etcd_channel *channel, void (*changed)(void *context),
    void *context);

/* A channel of its own (own connection; etcd_channel_free) to one endpoint, or to any URL by the
 * same credentials: for what must ask one member. */
struct etcd_channel *etcd_channel_for_endpoint(const struct etcd_channel *channel, size_t index);
struct etcd_channel *etcd_channel_for_url(const struct etcd_channel *channel, const char *url,
    struct err *err);

struct loop *etcd_channel_loop(const struct etcd_channel *channel);

#endif
