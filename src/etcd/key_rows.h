/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ETCD_KEY_ROWS_H
#define ETCD_KEY_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum keyspace_mark { KEY_SAME, KEY_ADDED, KEY_CHANGED, KEY_DELETED };

struct keyspace_row {
	const char *key;	/* the whole key; a folder's ends with the separator; any bytes */
	size_t key_len;
	size_t name_at;		/* where its own name begins in key (after the folder's prefix) */
	bool folder;
	int64_t count;		/* folders: keys below; -1 while not known */
	const char *biggest;	/* folders: name of its child with most keys; NULL: not known (yet) */
	int64_t biggest_count;	/* keys below that child */
	int64_t size;		/* bytes of the value; -1 where only keys were loaded */
	int64_t version, create_revision, mod_revision;	/* 0 where only keys were loaded */
	int64_t lease;		/* 0: none */
	enum keyspace_mark mark; /* since the folder was opened; KEY_DELETED rows stay a while */
	int64_t seen_ms;	/* clock_ms() of that change; 0: none */
};

/* The rows of one level, in byte order of their keys. The keys in them are owned here. */
struct key_rows {
	struct keyspace_row *items;
	size_t len, cap;
	size_t memory;		/* bytes, roughly */
};

void key_rows_release(struct key_rows *rows);

/* Byte order, a key before the longer ones that begin with it: < 0, 0, > 0. */
int key_compare(const char *a, size_t a_len, const char *b, size_t b_len);

/* Where the row with this key stands, or would. */
size_t key_rows_find(const struct key_rows *rows, const char *key, size_t len, bool *found);

/* Inserts a row at its place; zeroed but for its key, size and count -1. Valid until the next. */
struct keyspace_row *key_rows_put(struct key_rows *rows, const char *key, size_t len,
    size_t name_at);
void key_rows_remove(struct key_rows *rows, size_t index);
/* Drops rows marked deleted: those seen before `before_ms`, then the oldest, until at most `keep`
 * are left. Returns how many are. */
size_t key_rows_drop_deleted(struct key_rows *rows, int64_t before_ms, size_t keep);
void key_rows_set_biggest(struct keyspace_row *row, const char *name, size_t len, int64_t count);

/* Carries marks over from an older listing of the same opening: what is new, changed or gone. */
void key_rows_merge(struct key_rows *rows, const struct key_rows *old, int64_t now_ms);

/* Length of the folder's key that `key` lies in, one level below its first name_at bytes; 0 where
 * it is a leaf there. At the top a leading separator belongs to the first name. */
size_t key_folder_len(const char *key, size_t len, size_t name_at, char separator);

/* The end of the range of everything that begins with prefix, as etcd wants it: allocated, length
 * in *end_len; one zero byte for "to the end". */
char *key_prefix_end(const char *prefix, size_t len, size_t *end_len);

#endif
