/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ETCD_WATCH_H
#define ETCD_WATCH_H

#include "etcd/channel.h"
#include "etcd/rpc.pb-c.h"

/* A watch that outlives connections: it is opened again at the last revision seen + 1 on whatever
 * endpoint serves, so that nothing is lost and nothing comes twice. All watches of a channel share
 * one stream. */

struct etcd_watch;

struct etcd_watch_spec {
	const void *key;		/* copied */
	size_t key_len;
	const void *range_end;		/* as in RangeRequest; NULL: the one key */
	size_t range_end_len;
	int64_t start_revision;		/* 0: from now */
	bool prev_kv, progress_notify, no_put, no_delete;
};

enum etcd_watch_state { ETCD_WATCH_LIVE, ETCD_WATCH_RECONNECTING };

/* Any but events may be NULL. */
struct etcd_watch_handler {
	/* Once, when first accepted; `revision` is the store's at that moment. */
	void (*created)(void *context, int64_t revision);
	/* Events of whole revisions, in order; they live until the call returns. */
	void (*events)(void *context, Etcd__Event *const *events, size_t count,
	    const Etcd__ResponseHeader *header);
	/* A progress notice: every event up to `revision` was delivered. */
	void (*progress)(void *context, int64_t revision);
	/* `why` is NULL when LIVE. RECONNECTING may come again with another reason. */
	void (*state)(void *context, enum etcd_watch_state state, const struct err *why);
	/* The end: revisions before `compact_revision` are gone; list afresh and watch from there. */
	void (*compacted)(void *context, int64_t compact_revision);
	/* The end: refused (ERR_DENIED) or not possible. */
	void (*error)(void *context, const struct err *err);
};

/* Never calls back from inside; ends with etcd_watch_cancel, or by itself after compacted or error
 * (the pointer is then gone). */
struct etcd_watch *etcd_watch_start(struct etcd_channel *channel,
    const struct etcd_watch_spec *spec, const struct etcd_watch_handler *handler, void *context);
/* NULL is allowed. No callback comes afterwards. */
void etcd_watch_cancel(struct etcd_watch *watch);

/* Asks the server how far the channel's watches have seen: each has its `progress` told. */
void etcd_watch_request_progress(struct etcd_channel *channel);

/* The next revision this watch waits for. */
int64_t etcd_watch_next_revision(const struct etcd_watch *watch);

#endif
