/* SPDX-License-Identifier: Apache-2.0
 * Secrets lie in locked memory, go through JSON unchanged, and leave nothing behind in its text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/secret.h"

static void
copies_and_buffers_keep_their_bytes(void **state)
{
	struct buf buf = BUF_LOCKED(100000);
	char *copy = secret_dup("one"), *taken;

	(void)state;
	assert_string_equal(copy, "one");
	secret_free(copy);
	assert_null(secret_dup(NULL));
	for (int i = 0; i < 5000; i++)
		assert_true(buf_printf(&buf, "%05d ", i));
	assert_int_equal(buf.len, 30000);
	assert_memory_equal(buf.data + 29994, "04999 ", 6);
	taken = buf_steal(&buf);
	assert_true(buf.locked);
	assert_int_equal(strlen(taken), 30000);
	secret_free(taken);
	taken = buf_steal(&buf);
	assert_string_equal(taken, "");
	secret_free(taken);
}

/* What one writes, the other takes; whatever stands around it. */
static void
through_json(void **state)
{
	static const char *const texts[] = { "", "plain", "q\"b\\s/", "\x01\n\t\x1f",
		"caf\xc3\xa9 \xf0\x9f\x90\xa7", "{\"secrets\":{}}", "not UTF-8: \xff\xfe" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct secrets in = { 0 }, out = { 0 };
		struct buf json = BUF_LOCKED(1000);

		secrets_set(&in, "gone", "x");
		secrets_set(&in, "gone", NULL);
		secrets_set(&in, "a", "first");
		secrets_set(&in, "a", texts[i]);
		secrets_set(&in, "b", "two");
		buf_add_str(&json, "{\"argv\":[\"secrets\",{\"secrets\":{\"a\":\"inner\"}}],"
		    "\"x\":\"\\\"\",\"secrets\": ");
		secrets_write(&in, &json);
		buf_add_str(&json, ",\"y\":1}");
		assert_int_equal(secrets_take(json.data, json.len, &out, NULL), 0);
		assert_string_equal(secrets_get(&out, "a"), texts[i]);
		assert_string_equal(secrets_get(&out, "b"), "two");
		assert_null(secrets_get(&out, "gone"));
		assert_null(strstr(json.data, "two"));
		assert_non_null(strstr(json.data, "inner"));
		secrets_release(&in);
		secrets_release(&out);
		buf_release(&json);
	}
}

static void
as_others_write_it(void **state)
{
	char text[] = " {\"secrets\" : { \"a\" : \"\\u00e9\\ud83d\\udc27\\n\\/\\\"\" } , \"z\":[] } ";
	struct secrets out = { 0 };
	struct json_object *rest;

	(void)state;
	assert_int_equal(secrets_take(text, strlen(text), &out, NULL), 0);
	assert_string_equal(secrets_get(&out, "a"), "\xc3\xa9\xf0\x9f\x90\xa7\n/\"");
	rest = json_parse(text, strlen(text), "the rest", NULL);
	assert_non_null(rest);
	assert_int_equal(json_object_object_length(json_get(rest, "secrets")), 0);
	json_object_put(rest);
	secrets_release(&out);
}

static void
what_is_none_is_refused_and_wiped(void **state)
{
	static const char *const bad[] = { "{\"secrets\":\"marker\"}", "{\"secrets\":{\"a\":\"marker}",
		"{\"secrets\":{\"a\":1,\"b\":\"marker\"}}", "{\"secrets\":{\"a\":\"marker\\u12\"}}",
		"{\"secrets\":{\"a\":\"marker\\ud800x\"}}", "{\"secrets\":{\"a\":\"marker\\u0000\"}}",
		"{\"secrets\":{\"a\":\"marker\",}}", "{\"secrets\":[\"marker\"]}",
		"{\"secrets\":{\"a\":\"marker\\" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		char *text = xstrdup(bad[i]);
		size_t len = strlen(text);
		struct secrets out = { 0 };
		struct err err;

		assert_int_equal(secrets_take(text, len, &out, &err), -1);
		assert_int_equal(err.code, ERR_INPUT);
		for (size_t k = 0; k + 6 <= len; k++)
			assert_memory_not_equal(text + k, "marker", 6);
		secrets_release(&out);
		free(text);
	}
}

#ifdef __SANITIZE_ADDRESS__ /* its mlock() does nothing */
enum { LOCKS = 0 };
#else
enum { LOCKS = 1 };
#endif

/* The kernel says of each mapping how much of it is locked. */
static void
is_locked(void **state)
{
	char *secret = secret_dup("held"), line[512];
	unsigned long at = 0, end = 0, here = (unsigned long)(uintptr_t)secret;
	bool inside = false, locked = false;
	FILE *smaps = fopen("/proc/self/smaps", "r");

	(void)state;
	assert_non_null(smaps);
	while (fgets(line, sizeof line, smaps)) {
		char *rest;
		unsigned long from = strtoul(line, &rest, 16);

		if (*rest == '-') {
			at = from;
			end = strtoul(rest + 1, &rest, 16);
			inside = at <= here && here < end;
		} else if (inside && strncmp(line, "VmFlags:", 8) == 0) {
			locked = (!LOCKS || strstr(line, " lo")) && strstr(line, " dd");
		}
	}
	fclose(smaps);
	secret_free(secret);
	assert_true(locked);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copies_and_buffers_keep_their_bytes),
		cmocka_unit_test(through_json),
		cmocka_unit_test(as_others_write_it),
		cmocka_unit_test(what_is_none_is_refused_and_wiped),
		cmocka_unit_test(is_locked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
