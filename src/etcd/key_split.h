/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ETCD_KEY_SPLIT_H
#define ETCD_KEY_SPLIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "etcd/rpc.pb-c.h"

/* A large level taken apart: which ranges tell its children from each other. A Range costs what its
 * range is wide, so the keys after a child are asked for in pieces, as narrow as names let them be,
 * and each piece's first key and count come with it. */

/* Keys from `first` on, up to `end`. */
struct key_piece {
	char *first;
	size_t first_len;
	int64_t version, create_revision, mod_revision, lease;	/* of the first key */
	char *end;		/* one 0 byte: to the end of all keys */
	size_t end_len;
	int64_t count;		/* keys in it, > 0 */
	size_t common;		/* bytes that all of its keys begin with */
};

/* Copies the key, what is known of it and the end. */
struct key_piece *key_piece_new(const Etcd__KeyValue *first, const char *end, size_t end_len);
void key_piece_free(struct key_piece *piece);

/* True where `key` lies in front of this end. */
bool key_before_end(const char *key, size_t len, const char *end, size_t end_len);

enum { KEY_RANGES_MAX = 110 };

/* Ranges one after the other, each up to the next one's start, the last to the end. */
struct key_ranges {
	size_t len;
	struct {
		char *data;
		size_t len;
		size_t common;
	} starts[KEY_RANGES_MAX];
};

/* All that follows the piece's first child, which is the first child_len bytes of its first key (a
 * folder, separator and all) or that whole key (a leaf). Frees nothing that was in `out`. */
void key_split(const struct key_piece *piece, size_t child_len, bool folder,
    struct key_ranges *out);
void key_ranges_release(struct key_ranges *ranges);

#endif
