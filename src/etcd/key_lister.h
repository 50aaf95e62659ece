/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ETCD_KEY_LISTER_H
#define ETCD_KEY_LISTER_H

#include "etcd/channel.h"
#include "etcd/key_rows.h"

/* Lists one level of the keys without hurting the cluster. A Range costs what its range is wide,
 * not what its limit is; so one Txn first counts the range in one-byte pieces, small folders are
 * then read whole, and of large ones each piece is taken apart by ever narrower ranges: its first
 * key gives a child, what follows that child is asked for next. All at the revision of the first
 * answer. */

struct key_lister;

/* Folders with no more than this are small: read whole, and watched. */
enum { KEY_WHOLE_KEYS = 10000, KEY_WHOLE_BYTES = 8 << 20 };

struct key_lister_spec {
	struct etcd_channel *channel;
	const char *prefix;	/* copied */
	size_t prefix_len;
	char separator;
	bool serializable;	/* ask one member's copy */
	bool whole;		/* read small folders whole, with the values' sizes */
	size_t calls_max;	/* 0: no limit; given up with complete = false */
	size_t rows_max;	/* 0: 10,000; given up likewise */
};

struct key_listing {
	struct key_rows rows;
	int64_t revision;
	int64_t keys;		/* below the prefix */
	int64_t bytes;		/* of the leaves' values where all were read, else -1 */
	bool complete;		/* every row of the level is here */
	bool whole;		/* every key below was read, with its value */
	size_t calls;
	int64_t ms;
};

struct key_lister_handler {
	void (*grew)(void *context);	/* may be NULL */
	/* err is NULL where it ended well. The lister is still there; free it. */
	void (*done)(void *context, const struct err *err);
};

/* Never calls back from inside. */
struct key_lister *key_lister_start(const struct key_lister_spec *spec,
    const struct key_lister_handler *handler, void *context);
/* Cancels where it still runs. NULL is allowed. */
void key_lister_free(struct key_lister *lister);
/* What was found so far; its rows may be taken over by emptying the struct. */
struct key_listing *key_lister_found(struct key_lister *lister);

#endif
