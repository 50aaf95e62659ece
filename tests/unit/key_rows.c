/* SPDX-License-Identifier: Apache-2.0
 * Which folder a key lies in, rows in their order, and what two listings differ by. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "etcd/key_rows.h"

static void
a_leading_separator_belongs_to_the_first_name(void **state)
{
	(void)state;
	assert_int_equal(key_folder_len("/registry/pods/a", 16, 0, '/'), 10);
	assert_int_equal(key_folder_len("/registry/pods/a", 16, 10, '/'), 15);
	assert_int_equal(key_folder_len("/registry/pods/a", 16, 15, '/'), 0);
	assert_int_equal(key_folder_len("plain", 5, 0, '/'), 0);
	assert_int_equal(key_folder_len("/", 1, 0, '/'), 0);
	assert_int_equal(key_folder_len("a/", 2, 0, '/'), 2);
	assert_int_equal(key_folder_len("a/", 2, 2, '/'), 0);
	assert_int_equal(key_folder_len("a//b", 4, 2, '/'), 3);
}

static void
assert_end(const char *prefix, size_t len, const char *end, size_t end_len)
{
	size_t got_len;
	char *got = key_prefix_end(prefix, len, &got_len);

	assert_int_equal(got_len, end_len);
	assert_memory_equal(got, end, end_len);
	free(got);
}

static void
a_prefix_ends_before_the_next(void **state)
{
	(void)state;
	assert_end("a", 1, "b", 1);
	assert_end("a/", 2, "a0", 2);
	assert_end("a\xff\xff", 3, "b", 1);
	assert_end("\xff", 1, "\0", 1);
	assert_end("", 0, "\0", 1);
}

static void
fill(struct key_rows *rows, const char *const *keys, const int64_t *revisions)
{
	for (size_t i = 0; keys[i]; i++)
		key_rows_put(rows, keys[i], strlen(keys[i]), 0)->mod_revision = revisions[i];
}

static void
two_listings_differ_by_marks(void **state)
{
	static const char *const before[] = { "a", "b", "d", NULL }, *const after[] = { "d", "a", "c",
		NULL };
	static const int64_t old_revisions[] = { 1, 2, 3 }, new_revisions[] = { 7, 1, 6 };
	static const enum keyspace_mark wanted[] = { KEY_SAME, KEY_DELETED, KEY_ADDED, KEY_CHANGED };
	struct key_rows old = { 0 }, rows = { 0 };

	(void)state;
	fill(&old, before, old_revisions);
	fill(&rows, after, new_revisions);
	key_rows_merge(&rows, &old, 1000);
	assert_int_equal(rows.len, 4);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(rows.items[i].key[0], "abcd"[i]);
		assert_int_equal(rows.items[i].mark, wanted[i]);
		assert_int_equal(rows.items[i].seen_ms, wanted[i] == KEY_SAME ? 0 : 1000);
	}
	key_rows_release(&rows);
	key_rows_release(&old);
}

static size_t
put_deleted(struct key_rows *rows, const char *key, int64_t seen_ms)
{
	struct keyspace_row *row = key_rows_put(rows, key, strlen(key), 0);

	row->mark = KEY_DELETED;
	row->seen_ms = seen_ms;
	return rows->len;
}

static void
assert_keys(const struct key_rows *rows, const char *wanted)
{
	assert_int_equal(rows->len, strlen(wanted));
	for (size_t i = 0; i < rows->len; i++)
		assert_int_equal(rows->items[i].key[0], wanted[i]);
}

static void
deleted_rows_go_the_oldest_first(void **state)
{
	struct key_rows rows = { 0 };

	(void)state;
	assert_int_equal(key_rows_drop_deleted(&rows, 5, 0), 0);
	put_deleted(&rows, "a", 5);
	key_rows_put(&rows, "b", 1, 0);
	put_deleted(&rows, "c", 1);
	put_deleted(&rows, "d", 5);
	put_deleted(&rows, "e", 5);
	put_deleted(&rows, "f", 4);
	assert_int_equal(key_rows_drop_deleted(&rows, 2, 9), 4);
	assert_keys(&rows, "abdef");
	assert_int_equal(key_rows_drop_deleted(&rows, 2, 2), 2);
	assert_keys(&rows, "bde");
	assert_int_equal(key_rows_drop_deleted(&rows, 6, 9), 0);
	assert_keys(&rows, "b");
	assert_int_equal(rows.memory, 2 + sizeof *rows.items);
	key_rows_release(&rows);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_leading_separator_belongs_to_the_first_name),
		cmocka_unit_test(a_prefix_ends_before_the_next),
		cmocka_unit_test(two_listings_differ_by_marks),
		cmocka_unit_test(deleted_rows_go_the_oldest_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
