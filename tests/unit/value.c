/* SPDX-License-Identifier: Apache-2.0
 * Values as lines: what Kubernetes wrote is named, the rest is text or hex, all safe to show. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "cluster/demo_values.h"
#include "value/value.h"

static char *
shown(const void *data, size_t len, enum value_form form, const char *title)
{
	struct value_view *view = value_view_new(data, len, form);
	struct buf text = BUF_INIT(1 << 20);

	assert_string_equal(value_view_title(view), title);
	for (size_t i = 0; i < value_view_lines(view); i++) {
		value_view_line(view, i, &text);
		buf_add_byte(&text, '|');
	}
	value_view_free(view);
	return buf_steal(&text);
}

static void
expect(const char *value, enum value_form form, const char *title, const char *lines)
{
	char *got = shown(value, strlen(value), form, title);

	assert_string_equal(got, lines);
	free(got);
}

static void
a_pod_is_named(void **state)
{
	const struct demo_object pod = { "v1", "Pod", "cart-1", "shop", "cart", 3 };
	struct buf value = BUF_INIT(1 << 16);
	char *got;

	(void)state;
	demo_pod(&value, &pod);
	got = shown(value.data, value.len, VALUE_FIELDS, "Kubernetes protobuf, as fields");
	assert_string_equal(got, "Pod (v1)   shop/cart-1|labels     app=cart tier=backend|"
	    "created    2026-01-01T03:00:00Z|node       node-03          phase Running        restarts 3|"
	    "container  cart             registry.example.com/shop/cart:1.3.0|"
	    "           --listen=:8443|           --log-format=json|");
	free(got);
	got = shown(value.data, value.len - 3, VALUE_FIELDS, "bytes, escaped");
	free(got);
	buf_release(&value);
}

static void
text_json_and_others(void **state)
{
	(void)state;
	expect("{\"a\":[1]}", VALUE_FIELDS, "JSON", "{|  \"a\": [|    1|  ]|}|");
	expect("{\"a\":", VALUE_FIELDS, "text", "{\"a\":|");
	expect("7", VALUE_FIELDS, "text", "7|");
	expect("", VALUE_FIELDS, "empty", "");
	expect("a\n\nb\n", VALUE_RAW, "text", "a||b|");
	expect("x\x1b[2J\xff", VALUE_RAW, "bytes, escaped", "x\\x1b[2J\\xff|");
	expect("k8s:enc:kms:v2:main:abc", VALUE_FIELDS, "Kubernetes, encrypted",
	    "encrypted at rest by the Kubernetes API server|provider   kms|version    v2|key        main|"
	    "ciphertext 3 B|");
	expect("0123456789abcdefg\n", VALUE_HEX, "hex",
	    "00000000  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  0123456789abcdef|"
	    "00000010  67 0a                                             g.|");
}

static void
kubernetes_json(void **state)
{
	char *got;
	static const char value[] = "{\"kind\":\"CronTab\",\"apiVersion\":\"example.com/v1\",\"metadata\":"
	    "{\"name\":\"n\",\"namespace\":\"ci\",\"labels\":{\"a\":\"b\",\"c\":\"d\"}}}";

	(void)state;
	got = shown(value, sizeof value - 1, VALUE_FIELDS, "Kubernetes JSON, as fields");
	assert_non_null(strstr(got, "CronTab (example.com/v1)   ci/n|labels     a=b c=d|{|"));
	free(got);
}

static void
a_large_value_says_what_is_missing(void **state)
{
	size_t len = 1500000;
	char *value = xmalloc(len), *got;

	(void)state;
	memset(value, 'x', len);
	got = shown(value, len, VALUE_FIELDS, "text");
	assert_non_null(strstr(got, "-- 256 KiB of 1.4 MiB shown; as hex all of it --|"));
	free(got);
	free(value);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pod_is_named),
		cmocka_unit_test(text_json_and_others),
		cmocka_unit_test(kubernetes_json),
		cmocka_unit_test(a_large_value_says_what_is_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
