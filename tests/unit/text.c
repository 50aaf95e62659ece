/* SPDX-License-Identifier: Apache-2.0
 * Foreign bytes become text that cannot move a terminal and whose width is known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"

static void
escapes_what_could_harm(void **state)
{
	static const struct {
		const char *in;
		const char *out;
	} cases[] = {
		{ "plain é 漢", "plain é 漢" },
		{ "\x1b[2J", "\\x1b[2J" },
		{ "a\nb\tc\r", "a\\nb\\tc\\r" },
		{ "\xff\xfe\xc3(", "\\xff\\xfe\\xc3(" },
		{ "\xc2\x9b" "31m", "\\x9b31m" },
		{ "\xe2\x80\xae" "abc", "\\u{202e}abc" },
		{ "\xed\xa0\x80", "\\xed\\xa0\\x80" },
		{ "\xc0\xaf", "\\xc0\\xaf" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf out = BUF_INIT(1000);

		text_escape(&out, cases[i].in, strlen(cases[i].in));
		assert_string_equal(buf_str(&out), cases[i].out);
		buf_release(&out);
	}
}

static void
width_agrees_with_the_escape(void **state)
{
	char byte[1];

	(void)state;
	assert_int_equal(text_width("漢字e\xcc\x81"), 5);
	for (int i = 0; i < 256; i++) {
		struct buf out = BUF_INIT(100);

		byte[0] = (char)i;
		text_escape(&out, byte, 1);
		assert_int_equal(text_width(buf_str(&out)), text_next(byte, 1).width);
		buf_release(&out);
	}
}

static void
numbers_and_ages(void **state)
{
	char out[40];
	int64_t n;

	(void)state;
	assert_string_equal(text_grouped(48211904, out, sizeof out), "48,211,904");
	assert_string_equal(text_grouped(-1234, out, sizeof out), "-1,234");
	assert_string_equal(text_grouped(7, out, sizeof out), "7");
	assert_string_equal(text_size(9318, out, sizeof out), "9.1 KiB");
	assert_string_equal(text_size(421888, out, sizeof out), "412 KiB");
	assert_string_equal(text_age(252, out, sizeof out), "4m");
	assert_string_equal(text_age(99, out, sizeof out), "99s");
	for (int s = -5; s < 100 * 60; s++) {
		char want[40];

		snprintf(want, sizeof want, "%dm", s < 0 ? 0 : s / 60);
		assert_string_equal(text_age_minutes(s, out, sizeof out), want);
	}
	assert_string_equal(text_age_minutes(100 * 60, out, sizeof out), "1h");
	assert_string_equal(text_age_minutes(3 * 86400, out, sizeof out), "3d");
	assert_true(text_duration("1h30m", &n));
	assert_int_equal(n / 1000000000, 5400);
	assert_false(text_duration("365d", &n));
	assert_false(text_int("12x", 0, 100, &n));
	assert_false(text_int("101", 0, 100, &n));
	assert_true(text_int("100", 0, 100, &n));
}

static void
times_and_encodings(void **state)
{
	char out[CLOCK_RFC3339_SIZE];
	struct buf b = BUF_INIT(100);
	int64_t t;

	(void)state;
	assert_true(clock_parse_rfc3339("2026-11-24T02:12:00.5+02:00", &t));
	assert_string_equal(clock_rfc3339(t, out), "2026-11-24T00:12:00Z");
	assert_false(clock_parse_rfc3339("2026-11-24", &t));
	base64_encode(&b, "hello", 5);
	assert_string_equal(buf_str(&b), "aGVsbG8=");
	buf_reset(&b);
	assert_true(base64_decode(&b, "aGVsbG8=", 8));
	assert_string_equal(buf_str(&b), "hello");
	assert_false(base64_decode(&b, "aGV*", 4));
	buf_release(&b);
}

static void
json_beyond_ascii(void **state)
{
	static const char text[] = "{\"a\":\"é… 漢 \xf0\x9f\x98\x80\",\"é\":1}";
	struct err err = { 0 };
	struct json_object *object = json_parse(text, sizeof text - 1, "text", &err);

	(void)state;
	assert_non_null(object);
	assert_string_equal(json_str(object, "a", ""), "é… 漢 \xf0\x9f\x98\x80");
	assert_int_equal(json_int(object, "é", 0), 1);
	json_object_put(object);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(escapes_what_could_harm),
		cmocka_unit_test(width_agrees_with_the_escape),
		cmocka_unit_test(numbers_and_ages),
		cmocka_unit_test(times_and_encodings),
		cmocka_unit_test(json_beyond_ascii),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
