/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/pager.h"

#include "base/text.h"

enum { LINE_MAX = 1 << 20 };

/* Bytes of a line that fit in one row, at least one character. */
static size_t
row_bytes(const struct grid *grid, const char *data, size_t len)
{
	size_t at = 0;
	int used = 0;

	while (at < len) {
		struct text_char c = text_next(data + at, len - at);
		int width = grid_width(grid, data + at, (size_t)c.bytes);

		if (at > 0 && used + width > grid->cols - 1)
			break;
		used += width;
		at += (size_t)c.bytes;
	}
	return at;
}

/* Paints one line from its row `skip` on; returns the next free row. */
static int
paint_line(const struct value_view *view, size_t index, int skip, struct grid *grid, int row)
{
	struct buf text = BUF_INIT(LINE_MAX);
	size_t at = 0;

	value_view_line(view, index, &text);
	do {
		size_t n = row_bytes(grid, buf_str(&text) + at, text.len - at);
		struct pen pen = grid_pen(grid, row, 1, ROLE_text);

		if (skip > 0) {
			skip--;
		} else {
			pen_bytes(&pen, buf_str(&text) + at, n);
			row++;
		}
		at += n;
	} while (at < text.len && row < grid->rows);
	buf_release(&text);
	return row;
}

void
pager_paint(struct pager *pager, const struct value_view *view, struct grid *grid)
{
	struct grid body = grid_sub(grid, 0, 0, grid->rows - 1, grid->cols);
	struct pen pen = grid_pen(grid, grid->rows - 1, 1, ROLE_dim);
	size_t count = value_view_lines(view), index = pager->line;
	int row = 0;

	if (body.rows < 1)
		return;
	for (; index < count && row < body.rows; index++)
		row = paint_line(view, index, index == pager->line ? pager->skip : 0, &body, row);
	pager->page = body.rows;
	pager->cols = body.cols;
	pager->at_end = index >= count;
	if (count)
		pen_printf(&pen, "lines %zu-%zu of %zu", pager->line + 1, index, count);
	else
		pen_text(&pen, "an empty value");
}

static int
rows_of(const struct pager *pager, const struct value_view *view, size_t index)
{
	struct grid measure = { .cols = pager->cols > 2 ? pager->cols : 80 };
	struct buf text = BUF_INIT(LINE_MAX);
	int rows = 0;
	size_t at = 0;

	value_view_line(view, index, &text);
	do {
		at += row_bytes(&measure, buf_str(&text) + at, text.len - at);
		rows++;
	} while (at < text.len);
	buf_release(&text);
	return rows;
}

static void
down(struct pager *pager, const struct value_view *view, int rows)
{
	for (; rows > 0 && pager->line < value_view_lines(view); rows--) {
		if (pager->skip + 1 < rows_of(pager, view, pager->line)) {
			pager->skip++;
		} else if (pager->line + 1 < value_view_lines(view)) {
			pager->line++;
			pager->skip = 0;
		}
	}
}

static void
up(struct pager *pager, const struct value_view *view, int rows)
{
	for (; rows > 0; rows--) {
		if (pager->skip > 0) {
			pager->skip--;
		} else if (pager->line > 0) {
			pager->line--;
			pager->skip = rows_of(pager, view, pager->line) - 1;
		}
	}
}

static void
to_end(struct pager *pager, const struct value_view *view)
{
	pager->line = value_view_lines(view) ? value_view_lines(view) - 1 : 0;
	pager->skip = 0;
	up(pager, view, pager->page > 1 ? pager->page - 2 : 0);
}

/* The list's movement means the same here, where a value has the keys. */
static enum action
as_pager(enum action action)
{
	switch (action) {
	case ACT_list_down: return ACT_pager_down;
	case ACT_list_up: return ACT_pager_up;
	case ACT_list_page_down: return ACT_pager_page_down;
	case ACT_list_page_up: return ACT_pager_page_up;
	default: return action;
	}
}

bool
pager_act(struct pager *pager, const struct value_view *view, enum action action)
{
	int page = pager->page > 1 ? pager->page - 1 : 1;

	if (!view)
		return false;
	action = as_pager(action);
	if (action == ACT_pager_down || action == ACT_pager_page_down)
		down(pager, view, pager->at_end ? 0 : action == ACT_pager_down ? 1 : page);
	else if (action == ACT_pager_up || action == ACT_pager_page_up)
		up(pager, view, action == ACT_pager_up ? 1 : page);
	else if (action == ACT_list_first)
		*pager = (struct pager){ .page = pager->page, .cols = pager->cols };
	else if (action == ACT_list_last)
		to_end(pager, view);
	else
		return false;
	return true;
}
