/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/text.h"
#include "pki/csr.h"
#include "pki/issue.h"
#include "pki/profile.h"
#include "pki/usage.h"

#define SECOND 1000000000LL

static int
parse(struct profiles *list, const char *text, struct err *err)
{
	struct buf buf = BUF_INIT(1 << 16);
	int result;

	buf_add_str(&buf, text);
	result = profiles_parse(list, &buf, "x.json", err);
	buf_release(&buf);
	return result;
}

static void
test_durations(void **state)
{
	static const struct {
		const char *text;
		int64_t ns; /* -1: refused */
	} cases[] = { { "43800h", 43800 * 3600 * SECOND }, { "1h30m10s", 5410 * SECOND },
		{ "0.5h", 1800 * SECOND }, { "5400000ms", 5400 * SECOND },
		{ "2h45m30.5s", 9930 * SECOND + SECOND / 2 }, { "10y", -1 }, { "365d", -1 }, { "5", -1 },
		{ "h", -1 }, { "", -1 }, { "1h ", -1 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int64_t ns = 0;
		bool good = text_duration(cases[i].text, &ns);

		assert_int_equal(good, cases[i].ns >= 0);
		if (good)
			assert_int_equal(ns, cases[i].ns);
	}
}

/* Any case of the names, the last of two, and what falls back to the default profile. */
static void
test_reading(void **state)
{
	struct profiles list;
	struct err err = { 0 };
	const char *oids[8];
	unsigned bits;

	(void)state;
	assert_int_equal(parse(&list, "{\"SIGNING\": {\"Default\": {\"expiry\": \"2h\"}, \"profiles\": {"
	    "\"p\": {\"Expiry\": \"1h\", \"expiry\": \"3h\", \"usages\": [\"client auth\", \"nonsense\","
	    "\"signing\", \"server auth\"], \"unknown\": 1}}}}", &err), 0);
	assert_ptr_equal(list.chosen, &list.fallback);
	assert_false(profiles_choose(&list, "P"));
	assert_true(profiles_choose(&list, "p"));
	assert_int_equal(list.chosen->expiry, 3 * 3600 * SECOND);
	assert_int_equal(profile_usages(list.chosen, &bits, oids, 8), 2);
	assert_string_equal(oids[0], USAGE_CLIENT_AUTH);
	assert_string_equal(oids[1], USAGE_SERVER_AUTH);
	assert_int_equal(bits, USAGE_DIGITAL_SIGNATURE);
	profiles_release(&list);
}

static void
test_refusals(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "{", "not JSON" },
		{ "[]", "not a JSON object" },
		{ "{}", "\"signing\" is missing" },
		{ "{\"signing\":{\"default\":{\"expiry\":\"1y\"}}}", "no duration" },
		{ "{\"signing\":{\"default\":{\"expiry\":5}}}", "where string is wanted" },
		{ "{\"signing\":{\"profiles\":{\"z\":{\"usages\":[\"signing\"]}}}}", "\"expiry\" is missing" },
		{ "{\"signing\":{\"profiles\":{\"z\":{\"expiry\":\"1h\"}}}}", "no usage" },
		{ "{\"signing\":{\"profiles\":{\"z\":{\"expiry\":\"1h\",\"usages\":[\"Server Auth\"]}}}}",
		    "profile \"z\"" },
		{ "{\"signing\":{\"default\":{\"expiry\":\"1h\",\"not_before\":\"2030-01-01T00:00:00Z\","
		  "\"not_after\":\"2029-01-01T00:00:00Z\"}}}", "before" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct profiles list;
		struct err err = { 0 };

		assert_int_equal(parse(&list, cases[i].text, &err), -1);
		if (!strstr(err.text, cases[i].says))
			print_error("%s: %s\n", cases[i].text, err.text);
		assert_non_null(strstr(err.text, cases[i].says));
		assert_int_equal(list.len, 0);
	}
}

static void
test_template(void **state)
{
	struct profiles list;
	struct err err = { 0 };
	int64_t from, to;

	(void)state;
	assert_int_equal(parse(&list, profiles_template, &err), 0);
	assert_int_equal(list.len, 3);
	assert_true(profiles_choose(&list, "server"));
	assert_true(profile_has_usage(list.chosen, USAGE_CLIENT_AUTH));
	issue_span(&list, &from, &to);
	assert_int_equal(to - from, 43800 * 3600);
	assert_int_equal(from % 60, 0);
	profiles_release(&list);
}

static bool
says(const struct findings *findings, const char *text)
{
	for (size_t i = 0; i < findings->len; i++)
		if (strstr(findings->items[i].text, text))
			return true;
	return false;
}

static void
test_what_cfssl_ignores(void **state)
{
	static const char config[] = "{\"signing\":{\"default\":{\"expiry\":\"1h\",\"expiry\":\"2h\"},"
				     "\"profiles\":{\"p\":{\"expiry\":\"1h\",\"usage\":[],"
				     "\"usages\":[\"signing\",\"sevrer auth\"]}}}}";
	static const char csr[] = "{\"CN\":\"x\",\"host\":[\"a\"],"
				  "\"names\":[{\"OU\":\"1\",\"OU\":\"2\"}]}";
	struct findings findings = { 0 };
	struct buf text = BUF_INIT(4096);

	(void)state;
	buf_add_str(&text, config);
	profiles_check(&text, "c", &findings);
	assert_true(says(&findings, "\"expiry\" stands twice"));
	assert_true(says(&findings, "\"usage\" in profile \"p\""));
	assert_true(says(&findings, "\"sevrer auth\""));
	findings_release(&findings);
	buf_reset(&text);
	buf_add_str(&text, csr);
	csr_check(&text, "c", &findings);
	assert_true(says(&findings, "\"OU\" stands twice"));
	assert_true(says(&findings, "\"host\""));
	assert_int_equal(findings.len, 2);
	findings_release(&findings);
	buf_release(&text);
}

static void
test_csr(void **state)
{
	static const char text[] = "{\"cn\":\"My own CA\",\"key\":{\"algo\":\"rsa\",\"size\":2048},"
				   "\"names\":[{\"C\":\"US\",\"OU\":\"1\",\"OU\":\"2\"},{\"O\":\"b\"},{\"O\":\"a\"}]}";
	struct buf buf = BUF_INIT(4096), der = BUF_INIT(4096), shown = BUF_INIT(4096);
	struct csr csr;
	struct err err = { 0 };

	(void)state;
	buf_add_str(&buf, text);
	assert_int_equal(csr_parse(&csr, &buf, "x", &err), 0);
	assert_string_equal(csr.algo, "rsa");
	assert_int_equal(csr.size, 2048);
	assert_int_equal(name_write(&csr.name, &der, &err), 0);
	name_text((struct der){ (const unsigned char *)der.data, der.len }, &shown);
	assert_string_equal(buf_str(&shown), "C=US,O=a+O=b,OU=2,CN=My own CA");
	csr_release(&csr);
	buf_release(&buf);
	buf_release(&der);
	buf_release(&shown);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_durations),
		cmocka_unit_test(test_reading),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_template),
		cmocka_unit_test(test_what_cfssl_ignores),
		cmocka_unit_test(test_csr),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
