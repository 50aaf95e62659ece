/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_KEYSPACE_STATE_H
#define MODEL_KEYSPACE_STATE_H

#include "base/buf.h"
#include "etcd/call.h"
#include "etcd/watch.h"
#include "etcd/key_lister.h"
#include "model/keyspace.h"

/* What keyspace.c, keyspace_live.c and keyspace_asks.c share. */

/* A folder that was opened; those not open keep their rows until memory is short. */
struct key_folder {
	char *prefix;
	struct keyspace_folder seen;
	struct key_rows rows;
	bool listed;		/* rows are those of a listing that ended */
	uint64_t used;
};

struct keyspace {
	struct loop *loop;
	struct etcd_channel *channel;
	void (*changed)(void *context, unsigned mask);
	void *context;
	char separator;
	bool visible;

	struct key_folder **folders, *open;
	size_t folder_count, folder_cap;
	uint64_t used;

	struct key_lister *lister;
	bool merge;		/* the listing goes on with an opening: its marks are kept */
	bool copy;		/* the listing asks one member's copy */
	bool no_quorum;		/* the members say so: copies are all there is */
	bool live_off;		/* after it the watch stays off */
	int tries;
	struct loop_timer *again, *hide, *report, *rate_timer, *sweep;
	unsigned pending;

	struct etcd_watch *watch;
	int64_t rate_ms;	/* when the second that is counted began */
	int rate_events, rate_before;
	size_t rate_bytes;
	size_t deleted;		/* deletions since the rows were last swept */
	int64_t heard_ms;	/* when the last event came */
	int64_t missed_s;	/* seconds whose events come all at once after a reconnect; 0: none */

	struct keyspace_value value;
	struct buf value_key, value_data;
	struct etcd_call *value_call;
	bool value_copy;	/* the call asks one member's copy */

	struct keyspace_seek seek;
	struct buf seek_key, seek_text;
	struct etcd_call *seek_call;
	bool seek_copy;

	struct buf touched_key;		/* written by this console where nothing is watched */
	struct etcd_call *touched_call;

	struct key_lister *below;
	struct buf below_key;
	size_t below_first, below_count;
};

void keyspace_note(struct keyspace *keyspace, unsigned mask);
void keyspace_list(struct keyspace *keyspace, bool merge);
/* Lists again where that costs few calls. */
void keyspace_list_cheap(struct keyspace *keyspace);
void keyspace_fail(struct keyspace *keyspace, enum keyspace_state state, const struct err *err);

/* No leader, or no answer in time: a member's own copy may still be had. */
bool keyspace_lacks_quorum(const struct err *err);
/* True where reads ask one member's copy. */
bool keyspace_reads_copy(const struct keyspace *keyspace);

/* Deleted rows go in a while, and the oldest folders where memory is short. */
void keyspace_sweep_soon(struct keyspace *keyspace);
void keyspace_sweep(struct keyspace *keyspace);

/* keyspace_live.c */
void keyspace_watch(struct keyspace *keyspace);
void keyspace_unwatch(struct keyspace *keyspace);
/* One key has come, changed or gone. */
void keyspace_apply(struct keyspace *keyspace, const Etcd__Event *event);

/* keyspace_asks.c */
void keyspace_value_event(struct keyspace *keyspace, const Etcd__Event *event);
void keyspace_look_on(struct keyspace *keyspace);
void keyspace_stop_below(struct keyspace *keyspace);
void keyspace_stop_asks(struct keyspace *keyspace);
void keyspace_reload_value(struct keyspace *keyspace);
/* Asks again what waits for an answer: of a copy, or of the quorum. */
void keyspace_ask_again(struct keyspace *keyspace);

#endif
