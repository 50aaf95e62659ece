/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ETCD_KEY_LISTER_STATE_H
#define ETCD_KEY_LISTER_STATE_H

#include "base/buf.h"
#include "etcd/call.h"
#include "etcd/key_lister.h"
#include "etcd/key_split.h"

/* What key_lister.c and key_lister_large.c share. */

enum { KEY_MAX = 2 << 20 };

/* The folder being read: its children as they come in order, the largest remembered. */
struct below {
	struct buf name;
	int64_t count;
	struct buf biggest;
	int64_t biggest_count;
};

/* One piece's part of a Txn. */
struct piece_ask {
	struct key_ranges ranges;
	bool page;	/* leaves: several keys of the one range */
};

struct key_lister {
	struct etcd_channel *channel;
	struct key_lister_spec spec;
	char *prefix;
	const struct key_lister_handler *handler;
	void *context;
	struct etcd_call *call;
	int64_t asked_ms;
	struct key_listing found;
	struct buf cursor, end;
	int64_t limit;
	size_t bytes_read;
	bool keys_only, too_big;
	struct below below;
	/* Large levels: what is still to be looked into, the first piece last; and what was asked. */
	struct key_piece **pieces;
	size_t piece_count, piece_cap;
	struct piece_ask *asked;
	size_t asked_count, asked_cap;
};

void key_lister_note_call(struct key_lister *lister);
void key_lister_end(struct key_lister *lister, const struct err *err);
void key_lister_failed(void *context, const struct err *err);
/* A server that answers with other keys than were asked for is not believed: ends the listing. */
void key_lister_disbelieve(struct key_lister *lister);
void key_lister_add_leaf(struct key_lister *lister, const Etcd__KeyValue *kv);
size_t key_lister_folder_of(const struct key_lister *lister, const char *key, size_t len);
/* Names can be as long as values. */
bool key_lister_too_long(const struct key_lister *lister);

/* Looks into the pieces that are left; ends the listing where there are none. */
void key_lister_next_pieces(struct key_lister *lister);
void key_lister_drop_pieces(struct key_lister *lister);

#endif
