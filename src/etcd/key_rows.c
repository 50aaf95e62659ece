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

int
key_compare(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t common = a_len < b_len ? a_len : b_len;
	int order = common ? memcmp(a, b, common) : 0;

	if (order)
		return order;
	return a_len < b_len ? -1 : a_len > b_len;
}

static int
compare(const struct keyspace_row *row, const char *key, size_t len)
{
	return key_compare(row->key, row->key_len, key, len);
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

static int
compare_times(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return left < right ? -1 : left > right;
}

/* When the youngest of those to drop was seen; *ties: how many of that very time are dropped. */
static int64_t
oldest_kept(const struct key_rows *rows, int64_t before_ms, size_t keep, size_t *ties)
{
	int64_t *times = xmalloc((rows->len + 1) * sizeof *times), last = before_ms - 1;
	size_t count = 0;

	*ties = SIZE_MAX;
	for (size_t i = 0; i < rows->len; i++)
		if (rows->items[i].mark == KEY_DELETED && rows->items[i].seen_ms >= before_ms)
			times[count++] = rows->items[i].seen_ms;
	if (count > keep) {
		qsort(times, count, sizeof *times, compare_times);
		last = times[count - keep - 1];
		*ties = 0;
		for (size_t i = 0; i < count - keep; i++)
			*ties += times[i] == last;
	}
	free(times);
	return last;
}

size_t
key_rows_drop_deleted(struct key_rows *rows, int64_t before_ms, size_t keep)
{
	size_t ties, left = 0, to = 0;
	int64_t last = oldest_kept(rows, before_ms, keep, &ties);

	for (size_t i = 0; i < rows->len; i++) {
		struct keyspace_row *row = &rows->items[i];
		bool gone = row->mark == KEY_DELETED && (row->seen_ms < last ||
		    (row->seen_ms == last && ties > 0));

		if (gone) {
			ties -= row->seen_ms == last;
			rows->memory -= row->key_len + 1 + sizeof *row;
			row_release(row);
			continue;
		}
		left += row->mark == KEY_DELETED;
		rows->items[to++] = *row;
	}
	rows->len = to;
	return left;
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
