/* SPDX-License-Identifier: Apache-2.0
 * The grid stays a grid whatever is painted into it; areas stay inside the screen at any size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "ui/actions.h"
#include "ui/grid.h"
#include "ui/layout.h"
#include "ui/theme.h"

static void
expect(struct grid *grid, const char *data, size_t len, const char *want)
{
	struct pen pen = grid_pen(grid, 0, 0, ROLE_row);
	struct buf got = BUF_INIT(4096);

	grid_clear(grid);
	pen_bytes(&pen, data, len);
	grid_row_text(grid, 0, &got);
	assert_string_equal(buf_str(&got), want);
	buf_release(&got);
}

static void
foreign_text(void **state)
{
	struct grid grid = { 0 };

	(void)state;
	grid_init(&grid, 20, 2);
	expect(&grid, "plain", 5, "plain");
	expect(&grid, "a\x1b[1mb", 6, "a\\x1b[1mb");
	expect(&grid, "a\0b\n", 4, "a\\x00b\\n");
	expect(&grid, "\xff\xfe", 2, "\\xff\\xfe");
	expect(&grid, "0123456789012345678901", 22, "01234567890123456...");
	expect(&grid, "e\xcc\x81x", 4, "e\xcc\x81x");
	expect(&grid, "\xe6\xbc\xa2\xe5\xad\x97", 6, "\xe6\xbc\xa2\xe5\xad\x97");
	grid.ascii = true;
	expect(&grid, "\xe6\xbc\xa2!", 4, "\\u{6f22}!");
	grid_release(&grid);
}

static void
wide_halves(void **state)
{
	struct grid grid = { 0 };
	struct pen pen;
	struct buf got = BUF_INIT(64);

	(void)state;
	grid_init(&grid, 6, 1);
	pen = grid_pen(&grid, 0, 0, ROLE_row);
	pen_text(&pen, "\xe6\xbc\xa2\xe5\xad\x97");
	pen = grid_pen(&grid, 0, 1, ROLE_row);
	pen_text(&pen, "xy");
	grid_row_text(&grid, 0, &got);
	assert_string_equal(buf_str(&got), " xy");
	buf_release(&got);
	grid_release(&grid);
}

static void
inside(struct area area, int cols, int rows)
{
	if (area.rows <= 0)
		return;
	assert_in_range(area.row, 0, rows - 1);
	assert_in_range(area.row + area.rows, 1, rows);
	assert_in_range(area.col, 0, cols - 1);
	assert_in_range(area.col + area.cols, 1, cols);
}

static void
any_size(void **state)
{
	(void)state;
	for (int rows = 1; rows < 70; rows++)
		for (int cols = 1; cols < 220; cols += 7)
			for (int detail = 0; detail < 16; detail += 5) {
				struct layout_want want = { detail, true, detail % 2 ? 4 : -1 };
				struct layout out = layout_split(cols, rows, &want);

				inside(out.state, cols, rows);
				inside(out.bar, cols, rows);
				inside(out.title, cols, rows);
				inside(out.list, cols, rows);
				inside(out.detail, cols, rows);
				inside(out.message, cols, rows);
				inside(out.hint, cols, rows);
			}
}

static void
tables(void **state)
{
	struct buf clashes = BUF_INIT(4096);
	struct theme theme = { 0 };
	struct err err;

	(void)state;
	actions_init();
	if (actions_clashes(&clashes))
		fail_msg("%s", buf_str(&clashes));
	buf_release(&clashes);
	assert_int_equal(theme_load(&theme, "default", &err), 0);
	assert_int_equal(theme_load(&theme, "mono", &err), 0);
	assert_int_equal(theme_parse(&theme, "no.role red", "x", &err), -1);
	assert_int_equal(theme_parse(&theme, "text pink", "x", &err), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(foreign_text), cmocka_unit_test(wide_halves), cmocka_unit_test(any_size),
		cmocka_unit_test(tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
