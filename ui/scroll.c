/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/scroll.h"

#include <string.h>

enum { ROWS_MAX = 250 };

static bool
is_blank(const struct grid *grid, int row)
{
	const struct cell *cells = grid->cells + (size_t)row * (size_t)grid->stride;

	for (int col = 0; col < grid->cols; col++)
		if (cells[col].code != ' ')
			return false;
	return true;
}

static int
used_rows(const struct grid *grid)
{
	int rows = grid->rows;

	while (rows > 0 && is_blank(grid, rows - 1))
		rows--;
	return rows;
}

static void
copy_rows(const struct grid *from, int first, struct grid *to, int row, int count)
{
	for (int i = 0; i < count && first + i < from->rows && row + i < to->rows; i++)
		memcpy(to->cells + (size_t)(row + i) * (size_t)to->stride,
		    from->cells + (size_t)(first + i) * (size_t)from->stride,
		    (size_t)to->cols * sizeof *to->cells);
}

static void
show_part(struct scroll *scroll, const struct grid *all, struct grid *grid,
    const struct scroll_what *what)
{
	struct pen pen = grid_pen(grid, grid->rows - 1, 1, ROLE_dim);

	if (scroll->top > scroll->lines - scroll->page)
		scroll->top = scroll->lines - scroll->page;
	copy_rows(all, 0, grid, 0, what->head);
	copy_rows(all, what->head + scroll->top, grid, what->head, scroll->page);
	pen_printf(&pen, "lines %d-%d of %d   %s", scroll->top + 1, scroll->top + scroll->page,
	    scroll->lines, what->keys);
}

void
scroll_paint(struct scroll *scroll, struct grid *grid, const struct scroll_what *what)
{
	struct grid all;
	int rows;

	grid_init(&all, grid->cols, ROWS_MAX);
	all.ascii = grid->ascii;
	what->paint(what->context, &all);
	rows = used_rows(&all);
	scroll->lines = rows - what->head;
	scroll->page = grid->rows - what->head - 1;
	if (rows > grid->rows && scroll->page > 0) {
		show_part(scroll, &all, grid, what);
	} else {
		copy_rows(&all, 0, grid, 0, grid->rows);
		scroll->top = 0;
	}
	grid_release(&all);
}

bool
scroll_act(struct scroll *scroll, enum action action)
{
	int page = scroll->page > 1 ? scroll->page - 1 : 1;
	int step = action == ACT_pager_up ? -1 : action == ACT_pager_down ? 1 :
	    action == ACT_pager_page_up   ? -page :
	    action == ACT_pager_page_down ? page :
					    0;

	if (!step || scroll->lines <= scroll->page)
		return false;
	scroll->top += step;
	if (scroll->top > scroll->lines - scroll->page)
		scroll->top = scroll->lines - scroll->page;
	if (scroll->top < 0)
		scroll->top = 0;
	return true;
}
