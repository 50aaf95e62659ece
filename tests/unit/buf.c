/* SPDX-License-Identifier: Apache-2.0
 * A buffer never passes its maximum, and says so once for all appends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"

static void
appends_and_prints(void **state)
{
	struct buf buf = BUF_INIT(100);
	char *taken;

	(void)state;
	assert_string_equal(buf_str(&buf), "");
	assert_true(buf_add_str(&buf, "one"));
	assert_true(buf_printf(&buf, " %d", 2));
	assert_true(buf_add_byte(&buf, '!'));
	assert_string_equal(buf_str(&buf), "one 2!");
	buf_consume(&buf, 4);
	assert_string_equal(buf_str(&buf), "2!");
	taken = buf_steal(&buf);
	assert_string_equal(taken, "2!");
	assert_int_equal(buf.len, 0);
	free(taken);
}

static void
refuses_past_the_maximum(void **state)
{
	struct buf buf = BUF_INIT(4);

	(void)state;
	assert_true(buf_add(&buf, "1234", 4));
	assert_false(buf_add_byte(&buf, '5'));
	assert_true(buf.full);
	assert_string_equal(buf_str(&buf), "1234");
	assert_false(buf_add(&buf, "", 0));
	buf_reset(&buf);
	assert_false(buf_printf(&buf, "%s", "12345"));
	assert_null(buf_reserve(&buf, SIZE_MAX));
	buf_release(&buf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(appends_and_prints),
		cmocka_unit_test(refuses_past_the_maximum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
