/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "pki/check.h"
#include "pki/san.h"

/* What cfssl 1.6.5 was measured to make of each entry. */
static void
test_kinds(void **state)
{
	static const struct {
		const char *host;
		enum san_kind kind;
		const char *text;
	} cases[] = {
		{ "10.0.0.1", SAN_IP, "10.0.0.1" },
		{ "::1", SAN_IP, "::1" },
		{ "2001:DB8:0:0::2", SAN_IP, "2001:db8::2" },
		{ "::ffff:10.0.0.1", SAN_IP, "10.0.0.1" },
		{ " 10.0.0.2", SAN_DNS, " 10.0.0.2" },
		{ "010.0.0.1", SAN_DNS, "010.0.0.1" },
		{ "10.0.0.1:2379", SAN_DNS, "10.0.0.1:2379" },
		{ "[::1]", SAN_DNS, "[::1]" },
		{ "10.0.0.0/24", SAN_DNS, "10.0.0.0/24" },
		{ "host/24", SAN_DNS, "host/24" },
		{ "*.etcd.local", SAN_DNS, "*.etcd.local" },
		{ "etcd_1", SAN_DNS, "etcd_1" },
		{ "", SAN_DNS, "" },
		{ "etcd1:2379", SAN_URI, "etcd1:2379" },
		{ "spiffe://x/y", SAN_URI, "spiffe://x/y" },
		{ "SPIFFE://x/y", SAN_URI, "spiffe://x/y" },
		{ "/path", SAN_URI, "/path" },
		{ "fe80::1%eth0", SAN_URI, "fe80::1%eth0" },
		{ "a@b.c", SAN_EMAIL, "a@b.c" },
		{ "Bob <a@b.c>", SAN_EMAIL, "a@b.c" },
		{ "\"B, ob\" <a@b.c>", SAN_EMAIL, "a@b.c" },
		{ "https://user@host/", SAN_URI, "https://user@host/" },
		{ "http://a b/", SAN_DNS, "http://a b/" },
		{ "http://h:x/", SAN_DNS, "http://h:x/" },
		{ "/%zz", SAN_DNS, "/%zz" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct san san = san_of(cases[i].host);

		if (san.kind != cases[i].kind)
			print_error("host \"%s\"\n", cases[i].host);
		assert_int_equal(san.kind, cases[i].kind);
		assert_string_equal(san.text, cases[i].text);
		san_release(&san);
	}
}

static void
test_order(void **state)
{
	static const char expected[] = "\x30\x1a\x82\x01" "b\x82\x01" "a\x81\x06x@y.cz\x87\x04\x0a\0\0\x09"
				       "\x86\x04u://";
	char *hosts[] = { "b", "10.0.0.9", "x@y.cz", "u://", "a", NULL };
	struct san_list list = { 0 };
	struct buf out = BUF_INIT(1024);
	struct err err = { 0 };

	(void)state;
	san_list_add_all(&list, hosts);
	assert_int_equal(san_list_write(&list, &out, &err), 0);
	assert_int_equal(out.len, sizeof expected - 1);
	assert_memory_equal(out.data, expected, sizeof expected - 1);
	buf_release(&out);
	san_list_add(&list, "pl\xc5\x99");
	assert_int_equal(san_list_write(&list, &out, &err), -1);
	assert_non_null(strstr(err.text, "ASCII"));
	san_list_release(&list);
	buf_release(&out);
}

static size_t
errors_of(const char *hosts)
{
	char **list = check_split_hosts(hosts);
	struct findings findings = { 0 };
	size_t errors;

	check_hosts(list, &findings);
	errors = findings_count(&findings, FINDING_ERROR);
	findings_release(&findings);
	strv_free(list);
	return errors;
}

static void
test_checks(void **state)
{
	char **list = check_split_hosts(" a ,,b\t, c");

	(void)state;
	assert_string_equal(list[0], "a");
	assert_string_equal(list[1], "b");
	assert_string_equal(list[2], "c");
	assert_null(list[3]);
	strv_free(list);
	assert_int_equal(errors_of("10.0.0.1,etcd1,*.etcd.local,::1,etcd_1"), 0);
	assert_int_equal(errors_of("etcd1:2379"), 1);
	assert_int_equal(errors_of("10.0.0.1:2379"), 1);
	assert_int_equal(errors_of("[::1]:2379"), 1);
	assert_int_equal(errors_of("10.0.0.0/24"), 1);
	assert_int_equal(errors_of("a..b"), 1);
	assert_int_equal(errors_of("two words"), 1);
}

static void
test_covers(void **state)
{
	char *hosts[] = { "10.0.0.1", "*.etcd.local", "::1", NULL };
	static const struct {
		const char *url;
		enum finding_level level;
	} cases[] = { { "https://10.0.0.1:2379", FINDING_OK }, { "https://10.0.0.2:2379", FINDING_WARN },
		{ "https://m1.etcd.local:2379", FINDING_OK }, { "https://a.b.etcd.local:2379", FINDING_WARN },
		{ "https://[0:0::1]:2379", FINDING_OK } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct findings findings = { 0 };

		check_covers(hosts, cases[i].url, "it", &findings);
		assert_int_equal(findings.items[0].level, cases[i].level);
		findings_release(&findings);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_checks),
		cmocka_unit_test(test_covers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
