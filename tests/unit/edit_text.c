/* SPDX-License-Identifier: Apache-2.0
 * What an editor left as a value, and two values line by line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ui/edit_text.h"

static size_t
kept(const char *given, const char *left)
{
	return edit_value_len(given, strlen(given), left, strlen(left));
}

static void
a_newline_that_the_editor_added_is_not_the_value(void **state)
{
	(void)state;
	assert_int_equal(kept("one", "one\n"), 3);
	assert_int_equal(kept("one", "two\n"), 3);
	assert_int_equal(kept("", "new\n"), 3);
	assert_int_equal(kept("", "\n"), 0);
	assert_int_equal(kept("one", "two"), 3);
	assert_int_equal(kept("one", "two\n\n"), 4);
}

static void
a_newline_of_the_value_is_taken_as_it_stands(void **state)
{
	(void)state;
	assert_int_equal(kept("one\n", "one\n"), 4);
	assert_int_equal(kept("one\n", "one"), 3);
	assert_int_equal(kept("one\n", "one\n\n"), 5);
	assert_int_equal(kept("one\n", ""), 0);
	assert_int_equal(kept("\n", "\n\n"), 2);
}

static void
assert_diff(const char *a, const char *b, const char *wanted)
{
	struct buf out = BUF_INIT(1 << 20);

	edit_diff(&out, a, strlen(a), b, strlen(b));
	assert_string_equal(buf_str(&out), wanted);
	buf_release(&out);
}

static void
lines_that_differ_are_shown_with_those_around(void **state)
{
	(void)state;
	assert_diff("a\n", "a\n", "theirs and yours are the same\n");
	assert_diff("a\nb\nc\n", "a\nB\nc\n", "@ line 1 of theirs, 1 of yours\n a\n-b\n+B\n c\n");
	assert_diff("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\n5\n6\n7\n8\nx\n9\n",
	    "@ line 6 of theirs, 6 of yours\n 6\n 7\n 8\n+x\n 9\n");
	assert_diff("", "a\n", "@ line 1 of theirs, 1 of yours\n+a\n");
	assert_diff("a\nb\n", "", "@ line 1 of theirs, 1 of yours\n-a\n-b\n");
}

static void
a_missing_newline_is_a_difference(void **state)
{
	(void)state;
	assert_diff("a\n", "a",
	    "@ line 1 of theirs, 1 of yours\n-a\n+a\n (no newline at the end)\n");
}

static void
what_is_no_text_is_told_by_its_size(void **state)
{
	static const char a[] = "ab\0c", b[] = "ab\0dd";
	struct buf out = BUF_INIT(1 << 20);

	(void)state;
	edit_diff(&out, a, 4, b, 5);
	assert_string_equal(buf_str(&out),
	    "not text: theirs has 4 bytes, yours 5; the first 3 are the same\n");
	buf_release(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_newline_that_the_editor_added_is_not_the_value),
		cmocka_unit_test(a_newline_of_the_value_is_taken_as_it_stands),
		cmocka_unit_test(lines_that_differ_are_shown_with_those_around),
		cmocka_unit_test(a_missing_newline_is_a_difference),
		cmocka_unit_test(what_is_no_text_is_told_by_its_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
