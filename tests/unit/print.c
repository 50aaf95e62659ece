/* SPDX-License-Identifier: Apache-2.0
 * What a live server does not give at will: Go's durations, sizes, JSON's odd characters, tables
 * whose cells are broken, alarms. The expected bytes were printed by etcdctl 3.6. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "verb/print.h"

static void
durations(void **state)
{
	static const struct { int64_t ns; const char *text; } rows[] = {
		{ 1, "1ns" }, { 999, "999ns" }, { 1000, "1\302\265s" }, { 1500, "1.5\302\265s" },
		{ 2345678, "2.345678ms" }, { 1000000000, "1s" }, { 5001234567, "5.001234567s" },
		{ 61000000000, "1m1s" }, { 3600000000000, "1h0m0s" }, { 3661500000000, "1h1m1.5s" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf out = BUF_INIT(100);

		print_duration(&out, rows[i].ns);
		assert_string_equal(buf_str(&out), rows[i].text);
		buf_release(&out);
	}
}

static void
sizes(void **state)
{
	static const struct { uint64_t bytes; const char *text; } rows[] = {
		{ 0, "0 B" }, { 9, "9 B" }, { 999, "999 B" }, { 1000, "1.0 kB" }, { 20480, "20 kB" },
		{ 1234567, "1.2 MB" }, { 2147483648, "2.1 GB" }, { 9960, "10 kB" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf out = BUF_INIT(100);

		print_bytes_si(&out, rows[i].bytes);
		assert_string_equal(buf_str(&out), rows[i].text);
		buf_release(&out);
	}
}

static void
json_strings(void **state)
{
	static const char text[] = "a\"\\\n\t\x01<&>\x7f\xff\xe2\x80\xa8\xe5\x80\xbc";
	struct buf out = BUF_INIT(1000);

	(void)state;
	print_json_string(&out, text, sizeof text - 1);
	assert_string_equal(buf_str(&out), "\"a\\\"\\\\\\n\\t\\u0001\\u003c\\u0026\\u003e\x7f"
	    "\\ufffd\\u2028\xe5\x80\xbc\"");
	buf_release(&out);
}

static void
alarms(void **state)
{
	Etcd__AlarmMember one = ETCD__ALARM_MEMBER__INIT, *list[] = { &one };
	Etcd__AlarmResponse response = ETCD__ALARM_RESPONSE__INIT;
	struct print print = { .out = BUF_INIT(1000) };

	(void)state;
	one.member_id = 10501334649042878790u;
	one.alarm = ETCD__ALARM_TYPE__ALARM_NOSPACE;
	response.alarms = list;
	response.n_alarms = 1;
	assert_int_equal(print_answer(&print, PRINT_KIND_ALARMS, &response, NULL), 0);
	assert_string_equal(buf_str(&print.out), "memberID:10501334649042878790 alarm:NOSPACE \n");
	buf_reset(&print.out);
	print.format = PRINT_JSON;
	assert_int_equal(print_answer(&print, PRINT_KIND_ALARMS, &response, NULL), 0);
	assert_string_equal(buf_str(&print.out),
	    "{\"alarms\":[{\"memberID\":10501334649042878790,\"alarm\":1}]}\n");
	print.format = PRINT_TABLE;
	assert_int_equal(print_answer(&print, PRINT_KIND_ALARMS, &response, NULL), -1);
	buf_release(&print.out);
}

static void
tables(void **state)
{
	const char *cells[] = { "endpoint", "error", "https://127.0.0.1:2379",
		"context deadline exceeded while waiting for the connection" };
	struct buf out = BUF_INIT(4000);

	(void)state;
	print_grid(&out, cells, 2, 1);
	assert_string_equal(buf_str(&out),
	    "+------------------------+--------------------------------+\n"
	    "|        ENDPOINT        |             ERROR              |\n"
	    "+------------------------+--------------------------------+\n"
	    "| https://127.0.0.1:2379 |      context deadline exceeded |\n"
	    "|                        |          while waiting for the |\n"
	    "|                        |                     connection |\n"
	    "+------------------------+--------------------------------+\n");
	buf_release(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(durations),
		cmocka_unit_test(sizes),
		cmocka_unit_test(json_strings),
		cmocka_unit_test(alarms),
		cmocka_unit_test(tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
