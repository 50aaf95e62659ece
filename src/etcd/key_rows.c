/* SPDX-License-Identifier: Apache-2.0 */
#include "etcd/key_rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static void
row_release(struct keyspace_row *row)
{
	free((void *)(uintptr_t)row->key);
	free((void *)(uintptr_t)row->biggest);
}

void
key_rows_release(struct key_rows *rows)
{
	for (size_t i = 0; i < rows->len; i++)
		row_release(&rows->items[i]);
	free(rows->items);
	*rows = (struct key_rows){ 0 };
}

static int
compare(const struct keyspace_row *row, const char *key, size_t len)
{
	size_t common = row->key_len < len ? row->key_len : len;
	int order = common ? memcmp(row->key, key, common) : 0;

	if (order)
		return order;
	return row->key_len < len ? -1 : row->key_len > len;
}

size_t
key_rows_find(const struct key_rows *rows, const char *key, size_t len, bool *found)
{
	size_t low = 0, high = rows->len;

	*found = false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare(&rows->items[middle], key, len);

		if (order == 0)
			*found = true;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct keyspace_row *
key_rows_put(struct key_rows *rows, const char *key, size_t len, size_t name_at)
{
	bool found;
	size_t at = rows->len;
	struct keyspace_row *row;
	char *copy;

	/* Listings come in order: the end is tried first. */
	if (at && compare(&rows->items[at - 1], key, len) >= 0)
		at = key_rows_find(rows, key, len, &found);
	GROW(rows->items, rows->len, rows->cap);
	row = &rows->items[at];
	memmove(row + 1, row, (rows->len - at) * sizeof *row);
	copy = xmalloc(len + 1);
	memcpy(copy, key, len);
	copy[len] = '\0';
	*row = (struct keyspace_row){ .key = copy, .key_len = len, .name_at = name_at, .count = -1,
		.size = -1 };
	rows->len++;
	rows->memory += len + 1 + sizeof *row;
	return row;
}

void
key_rows_remove(struct key_rows *rows, size_t index)
{
	struct keyspace_row *row = &rows->items[index];

	rows->memory -= row->key_len + 1 + sizeof *row;
	row_release(row);
	memmove(row, row + 1, (--rows->len - index) * sizeof *row);
}

void
key_rows_set_biggest(struct keyspace_row *row, const char *name, size_t len, int64_t count)
{
	free((void *)(uintptr_t)row->biggest);
	row->biggest = xstrndup(name, len);
	row->biggest_count = count;
}

static bool
differs(const struct keyspace_row *a, const struct keyspace_row *b)
{
	return a->folder ? a->count != b->count : a->mod_revision != b->mod_revision;
}

static void
carry(struct keyspace_row *row, const struct key_rows *old, int64_t now_ms)
{
	bool found;
	size_t at = key_rows_find(old, row->key, row->key_len, &found);
	const struct keyspace_row *before = found ? &old->items[at] : NULL;

	if (before && before->mark != KEY_DELETED && !differs(row, before)) {
		row->mark = before->mark;
		row->seen_ms = before->seen_ms;
		return;
	}
	row->mark = !before || before->mark == KEY_ADDED ? KEY_ADDED : KEY_CHANGED;
	row->seen_ms = now_ms;
}

void
key_rows_merge(struct key_rows *rows, const struct key_rows *old, int64_t now_ms)
{
	bool found;

	for (size_t i = 0; i < rows->len; i++)
		carry(&rows->items[i], old, now_ms);
	for (size_t i = 0; i < old->len; i++) {
		const struct keyspace_row *gone = &old->items[i];
		struct keyspace_row *row;

		key_rows_find(rows, gone->key, gone->key_len, &found);
		if (found)
			continue;
		row = key_rows_put(rows, gone->key, gone->key_len, gone->name_at);
		row->folder = gone->folder;
		row->count = 0;
		row->mod_revision = gone->mod_revision;
		row->mark = KEY_DELETED;
		row->seen_ms = gone->mark == KEY_DELETED ? gone->seen_ms : now_ms;
	}
}

size_t
key_folder_len(const char *key, size_t len, size_t name_at, char separator)
{
	size_t from = name_at;
	const char *mark;

	if (!name_at && len && key[0] == separator)
		from = 1;
	if (from >= len)
		return 0;
	mark = memchr(key + from, separator, len - from);
	return mark ? (size_t)(mark - key) + 1 : 0;
}

char *
key_prefix_end(const char *prefix, size_t len, size_t *end_len)
{
	char *end = xmalloc(len + 1);

	memcpy(end, prefix, len);
	while (len && (unsigned char)end[len - 1] == 0xff)
		len--;
	if (len)
		end[len - 1]++;
	else
		end[len++] = '\0';
	*end_len = len;
	return end;
}
