/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_KEYSPACE_H
#define MODEL_KEYSPACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/loop.h"
#include "etcd/channel.h"
#include "etcd/key_rows.h"

/* The keys as one level at a time, as `ls` shows them: folders (names up to the next separator) and
 * leaves. A key that is both is two rows. A folder whose keys are all loaded (at most 10,000 and
 * 8 MiB) is watched from its listing's revision + 1; one that is not shows counts with their age.
 * Nothing is asked while not visible, and nothing wide is ever asked by timer. */

struct keyspace;

/* What changed since the last report. */
enum keyspace_change {
	KEYSPACE_ROWS = 1,	/* rows, their order or their marks */
	KEYSPACE_STATE = 2,	/* struct keyspace_folder */
	KEYSPACE_VALUE = 4,	/* struct keyspace_value */
	KEYSPACE_SEEK = 8,	/* keyspace_seek ended */
};

enum keyspace_state {
	KEYSPACE_CLOSED,	/* no channel, or nothing opened yet */
	KEYSPACE_LISTING,	/* rows may grow; a listing seen before stays shown meanwhile */
	KEYSPACE_COUNTED,	/* listed; not watched at this height: counts have an age */
	KEYSPACE_LIVE,		/* watched */
	KEYSPACE_RECONNECTING,	/* was live; why says what is being waited for */
	KEYSPACE_LIVE_OFF,	/* the watch was given up: why says so ("live off: 5,100 ev/s") */
	KEYSPACE_FAILED,	/* why says so */
};

struct keyspace_folder {
	const char *prefix;	/* the full prefix; "" is the top */
	size_t prefix_len;
	enum keyspace_state state;
	struct err why;
	bool stale;		/* serializable copy of one member: there is no quorum */
	bool complete;		/* every row of this level is loaded */
	bool whole;		/* every key below is loaded (leaves only, watchable) */
	int64_t revision;	/* of the store, as last seen */
	int64_t counted_ms;	/* clock_ms() of the listing, or of when it was last live */
	size_t folders, leaves;	/* rows of each kind, deleted ones not counted */
	int64_t keys;		/* keys below the prefix, -1 while not known */
	int64_t bytes;		/* of the loaded values; -1 where not loaded */
	int events_per_second;	/* of the watch, over the last 2 s */
	size_t opened_calls;	/* calls this listing cost so far */
	int64_t opened_ms;	/* and their time together: the load it caused */
};

enum keyspace_value_state { VALUE_NONE, VALUE_LOADING, VALUE_HERE, VALUE_GONE, VALUE_FAILED };

struct keyspace_value {
	enum keyspace_value_state state;
	struct err why;
	const char *key;
	size_t key_len;
	const char *data;	/* VALUE_HERE: the bytes; also the last known ones while LOADING */
	size_t len;
	int64_t create_revision, mod_revision, version, lease;
	int64_t at_revision;	/* 0: now */
};

struct keyspace_seek {
	bool found;
	const char *key;	/* the first key at or after what was looked for */
	size_t key_len;
	struct err why;		/* code ERR_NONE where found or simply none */
};

/* `changed` runs from the loop with a mask of enum keyspace_change. */
struct keyspace *keyspace_new(struct loop *loop, void (*changed)(void *context, unsigned mask),
    void *context);
void keyspace_free(struct keyspace *keyspace);

/* The channel is borrowed and must outlive its use; NULL stops everything. */
void keyspace_set_channel(struct keyspace *keyspace, struct etcd_channel *channel);
/* While not visible the watch is dropped after a minute and nothing is asked. Coming back lists
 * again, but counts of a height only where they are older than 10 s and cost few calls. */
void keyspace_set_visible(struct keyspace *keyspace, bool visible);
/* The members say that there is no quorum, or that there is one again: what is shown is read from
 * one member's copy meanwhile, without waiting for an answer that cannot come. Reads that time out
 * are repeated so in any case. */
void keyspace_set_quorum(struct keyspace *keyspace, bool holds);
/* '/' unless set; 1 byte. Takes effect at the next open. */
void keyspace_set_separator(struct keyspace *keyspace, char separator);

/* Opens a folder by its full prefix ("" = top). Rows known from before show at once, and are listed
 * again by the same rule. */
void keyspace_open(struct keyspace *keyspace, const char *prefix, size_t len);
/* Lists the open folder again and forgets its marks (the key `r`). */
void keyspace_reload(struct keyspace *keyspace);
/* Takes the watch up again after LIVE_OFF (the key `L`): lists afresh first. */
void keyspace_resume(struct keyspace *keyspace);

const struct keyspace_folder *keyspace_folder(const struct keyspace *keyspace);
size_t keyspace_row_count(const struct keyspace *keyspace);
/* Rows in byte order of their keys, a leaf before the folder of the same name. Valid until the loop
 * turns. */
const struct keyspace_row *keyspace_row(const struct keyspace *keyspace, size_t index);
/* Index of the row with this key, or where it would stand. */
size_t keyspace_find(const struct keyspace *keyspace, const char *key, size_t len);
/* Asks what lies below the folders from row `first` on, `count` rows (those on the screen). */
void keyspace_look_below(struct keyspace *keyspace, size_t first, size_t count);

/* This console wrote: where nothing is watched that one key is read again, or (NULL: many, or who
 * knows which) the level where that is cheap. */
void keyspace_touched(struct keyspace *keyspace, const char *key, size_t len);

/* Loads one key's value (revision 0: now, and again whenever the watch reports it). NULL key
 * forgets. */
void keyspace_open_value(struct keyspace *keyspace, const char *key, size_t len, int64_t revision);
const struct keyspace_value *keyspace_value(const struct keyspace *keyspace);

/* Asks the server for the first key that begins with `text` (the whole key). */
void keyspace_seek(struct keyspace *keyspace, const char *text, size_t len);
bool keyspace_seeking(const struct keyspace *keyspace);
const struct keyspace_seek *keyspace_seek_result(const struct keyspace *keyspace);

/* True while a listing, value or seek is on its way: what "idle" waits for. */
bool keyspace_busy(const struct keyspace *keyspace);

#endif
