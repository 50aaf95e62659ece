/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/list.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "ui/pane.h"

void
list_init(struct list *list)
{
	buf_init(&list->at, 1 << 21);
}

void
list_release(struct list *list)
{
	buf_release(&list->at);
	free(list->filter);
	free(list->search);
	free(list->map);
	*list = (struct list){ 0 };
}

size_t
list_count(const struct pane *pane)
{
	return pane->list.map ? pane->list.map_len : pane->ops->rows->count(pane);
}

static size_t
index_of(const struct pane *pane, size_t shown)
{
	return pane->list.map ? pane->list.map[shown] : shown;
}

bool
list_current(const struct pane *pane, size_t *index)
{
	if (!pane->ops->rows || pane->list.cursor >= list_count(pane))
		return false;
	*index = index_of(pane, pane->list.cursor);
	return *index < pane->ops->rows->count(pane);
}

static bool
holds(const struct buf *name, const char *text, size_t len)
{
	return len == 0 || memmem(buf_str(name), name->len, text, len) != NULL;
}

static bool
name_is(const struct pane *pane, size_t index, const char *text, size_t len)
{
	struct buf name = BUF_INIT(1 << 21);
	bool same;

	pane->ops->rows->name(pane, index, &name);
	same = name.len == len && memcmp(buf_str(&name), text, len) == 0;
	buf_release(&name);
	return same;
}

static bool
name_holds(const struct pane *pane, size_t index, const char *text, bool at_start)
{
	struct buf name = BUF_INIT(1 << 21);
	size_t len = strlen(text);
	bool found;

	pane->ops->rows->name(pane, index, &name);
	if (at_start)
		found = name.len >= len && memcmp(buf_str(&name), text, len) == 0;
	else
		found = holds(&name, text, len);
	buf_release(&name);
	return found;
}

struct sort_by {
	const struct pane *pane;
	int (*compare)(const struct pane *, size_t, size_t);
	bool backwards;
};

static int
compare_rows(const void *a, const void *b, void *context)
{
	const struct sort_by *by = context;
	size_t left = *(const size_t *)a, right = *(const size_t *)b;
	int order = by->compare(by->pane, left, right);

	if (order == 0)
		return left < right ? -1 : left > right;
	return by->backwards ? -order : order;
}

static void
make_map(struct pane *pane)
{
	struct list *list = &pane->list;
	size_t count = pane->ops->rows->count(pane), columns;
	const struct column *column = pane->ops->rows->columns(pane, &columns);

	list->map_len = 0;
	for (size_t i = 0; i < count; i++) {
		if (list->filter && !name_holds(pane, i, list->filter, false))
			continue;
		GROW(list->map, list->map_len, list->map_cap);
		list->map[list->map_len++] = i;
	}
	if (!list->map)
		GROW(list->map, list->map_len, list->map_cap);
	if (list->sort && list->sort <= columns && column[list->sort - 1].compare) {
		struct sort_by by = { pane, column[list->sort - 1].compare, list->backwards };

		qsort_r(list->map, list->map_len, sizeof *list->map, compare_rows, &by);
	}
}

static void
remember(struct pane *pane)
{
	size_t index;

	buf_reset(&pane->list.at);
	if (list_current(pane, &index))
		pane->ops->rows->name(pane, index, &pane->list.at);
}

static void
move_to(struct pane *pane, size_t row)
{
	size_t count = list_count(pane);

	if (row >= count)
		row = count ? count - 1 : 0;
	pane->list.cursor = row;
	remember(pane);
	pane_dirty(pane);
}

bool
list_find(struct pane *pane, const char *name, size_t len)
{
	size_t count = list_count(pane);

	for (size_t i = 0; i < count; i++)
		if (name_is(pane, index_of(pane, i), name, len)) {
			move_to(pane, i);
			return true;
		}
	return false;
}

/* The row under the cursor has moved: it stays where it is on the screen, once scrolled. */
static void
follow(struct pane *pane)
{
	struct list *list = &pane->list;
	size_t was = list->cursor;

	if (!list->at.len || !list_find(pane, buf_str(&list->at), list->at.len))
		move_to(pane, list->cursor);
	else if (list->top && list->top + list->cursor >= was)
		list->top += list->cursor - was;
	else
		list->top = 0;
}

void
list_sync(struct pane *pane)
{
	struct list *list = &pane->list;
	size_t index;

	if (list->filter || list->sort) {
		make_map(pane);
	} else {
		free(list->map);
		list->map = NULL;
		list->map_len = list->map_cap = 0;
	}
	if (list->at.len && list_current(pane, &index) &&
	    name_is(pane, index, buf_str(&list->at), list->at.len))
		return;
	follow(pane);
}

void
list_filter(struct pane *pane, const char *text)
{
	free(pane->list.filter);
	pane->list.filter = text && *text ? xstrdup(text) : NULL;
	list_sync(pane);
	pane_dirty(pane);
}

static bool
search_step(struct pane *pane, size_t from, bool forward, bool at_start)
{
	size_t count = list_count(pane);

	for (size_t i = 0; i < count; i++) {
		size_t row = forward ? (from + i) % count : (from + count - i) % count;

		if (name_holds(pane, index_of(pane, row), pane->list.search, at_start)) {
			move_to(pane, row);
			return true;
		}
	}
	return false;
}

bool
list_search(struct pane *pane, const char *text)
{
	free(pane->list.search);
	pane->list.search = xstrdup(text);
	return search_step(pane, pane->list.cursor, true, true) ||
	    search_step(pane, pane->list.cursor, true, false);
}

static void
next_match(struct pane *pane, bool forward)
{
	size_t count = list_count(pane);

	if (pane->list.search && count)
		search_step(pane, (pane->list.cursor + (forward ? 1 : count - 1)) % count, forward, false);
}

static void
next_sort(struct pane *pane)
{
	struct list *list = &pane->list;
	size_t columns;
	const struct column *column = pane->ops->rows->columns(pane, &columns);

	if (list->sort && !list->backwards) {
		list->backwards = true;
	} else {
		list->backwards = false;
		do
			list->sort = (list->sort + 1) % (columns + 1);
		while (list->sort && !column[list->sort - 1].compare);
	}
	list_sync(pane);
	pane_dirty(pane);
}

bool
list_act(struct pane *pane, enum action action)
{
	size_t cursor = pane->list.cursor, page = pane->list.page ? pane->list.page : 1;

	switch (action) {
	case ACT_list_up:
		move_to(pane, cursor ? cursor - 1 : 0);
		break;
	case ACT_list_down:
		move_to(pane, cursor + 1);
		break;
	case ACT_list_page_up:
		move_to(pane, cursor > page ? cursor - page : 0);
		break;
	case ACT_list_page_down:
		move_to(pane, cursor + page);
		break;
	case ACT_list_first:
		move_to(pane, 0);
		break;
	case ACT_list_last:
		move_to(pane, SIZE_MAX);
		break;
	case ACT_list_search_next:
	case ACT_list_search_previous:
		next_match(pane, action == ACT_list_search_next);
		break;
	case ACT_list_sort:
		next_sort(pane);
		break;
	default:
		return false;
	}
	return true;
}

bool
list_click(struct pane *pane, int row)
{
	size_t shown = pane->list.top + (size_t)(row > 0 ? row - 1 : 0);

	if (row < 1 || (size_t)row > pane->list.page || shown >= list_count(pane))
		return false;
	move_to(pane, shown);
	return true;
}

enum { COLUMNS_MAX = 12, KEEP_MAX = 9, MARGIN = 3, FLEX_LEAST = 8, SPARE = 6 };

static int
gap_of(const struct column *column)
{
	return column->gap ? column->gap : 2;
}

/* Where a column begins, after the one that ended at `col` (MARGIN: there is none). */
static int
column_start(const struct column *column, int col)
{
	return col == MARGIN ? MARGIN : col + gap_of(column);
}

static int
least_of(const struct column *column)
{
	return column->width ? column->width : column->least ? column->least : FLEX_LEAST;
}

struct room {
	int left;
	bool refused;	/* a column that matters more had no place: names come first then */
};

static void
take_columns(const struct column *column, size_t count, int keep, struct room *room, int *width)
{
	for (size_t i = 0; i < count; i++) {
		int need = least_of(&column[i]) + (i ? gap_of(&column[i]) : 0);

		if (column[i].keep != keep)
			continue;
		if (keep && need + (room->refused ? SPARE : 0) > room->left) {
			room->refused = true;
			continue;
		}
		width[i] = least_of(&column[i]);
		room->left -= need;
	}
}

/* Widths for a grid: what is to be kept first, then whatever still fits; the flexible ones share
 * what is left. -1: not shown. */
static void
place_columns(const struct column *column, size_t count, int cols, int *width)
{
	struct room room = { .left = cols - MARGIN - 1 };
	int flex = 0;

	for (size_t i = 0; i < count; i++)
		width[i] = -1;
	for (int keep = 0; keep <= KEEP_MAX; keep++)
		take_columns(column, count, keep, &room, width);
	for (size_t i = 0; i < count; i++)
		flex += width[i] > 0 && column[i].width == 0;
	for (size_t i = 0; i < count; i++)
		if (width[i] > 0 && column[i].width == 0) {
			width[i] += room.left / flex;
			width[i] = width[i] < 1 ? 1 : width[i];
		}
}

static void
put_cell(struct pen *pen, const struct buf *text, const struct column *column)
{
	bool right = column->right;
	int left = pen_left(pen), need = right ? grid_width(pen->grid, buf_str(text), text->len) : 0;

	if (right && need < left)
		pen->col += left - need;
	if (column->width == 0)
		pen_ends(pen, buf_str(text), text->len);
	else
		pen_bytes(pen, buf_str(text), text->len);
}

/* In fewer than three rows there is room for what is selected only. */
static int
head_rows(int rows)
{
	return rows > 2 ? 1 : 0;
}

static void
paint_head(const struct pane *pane, struct grid *grid, const int *width)
{
	size_t count;
	const struct column *column = pane->ops->rows->columns(pane, &count);
	int col = MARGIN;

	for (size_t i = 0; i < count; i++) {
		struct buf title = BUF_INIT(256);
		struct pen pen;

		if (width[i] < 0)
			continue;
		col = column_start(&column[i], col);
		pen = grid_field(grid, 0, col, width[i]);
		pen.role = ROLE_head;
		buf_add_str(&title, column[i].title);
		put_cell(&pen, &title, &column[i]);
		buf_release(&title);
		col += width[i];
	}
}

/* The cursor's sign and the row's own: the cursor moves left where both are there. */
static void
paint_signs(struct pen pen, char sign, bool current, enum role role)
{
	pen.col = 1;
	pen.role = sign == '+' ? ROLE_added : sign == '~' ? ROLE_changed : sign == '-' ? ROLE_gone :
	    sign == '!' ? ROLE_alert : role;
	if (sign != ' ')
		pen_printf(&pen, "%c", sign);
	if (current) {
		pen.col = sign == ' ' ? 1 : 0;
		pen.role = role;
		pen_text(&pen, ">");
	}
}

static void
paint_row(const struct pane *pane, struct grid *grid, size_t shown, const int *width)
{
	size_t index = index_of(pane, shown), count;
	const struct column *column = pane->ops->rows->columns(pane, &count);
	bool current = shown == pane->list.cursor;
	int row = head_rows(grid->rows) + (int)(shown - pane->list.top), col = MARGIN;

	if (current)
		grid_row_role(grid, row, ROLE_selected);
	paint_signs(grid_pen(grid, row, 1, ROLE_row),
	    pane->ops->rows->sign ? pane->ops->rows->sign(pane, index) : ' ', current,
	    current ? ROLE_selected : ROLE_row);
	for (size_t i = 0; i < count; i++) {
		struct buf text = BUF_INIT(1 << 21);
		struct pen pen;

		if (width[i] < 0)
			continue;
		col = column_start(&column[i], col);
		pen = grid_field(grid, row, col, width[i]);
		pen.role = current ? ROLE_selected : column[i].role ? column[i].role(pane, index) : ROLE_row;
		column[i].text(pane, index, &text);
		put_cell(&pen, &text, &column[i]);
		buf_release(&text);
		col += width[i];
	}
}

static void
add_order(const struct pane *pane, struct buf *out)
{
	const struct list_ops *rows = pane->ops->rows;
	const struct list *list = &pane->list;
	size_t columns;
	const struct column *column = rows->columns(pane, &columns);

	if (list->sort)
		buf_printf(out, "  sort: %s%s", column[list->sort - 1].title,
		    list->backwards ? ", last first" : "");
	else if (rows->order)
		buf_printf(out, "  sort: %s", rows->order);
	if (rows->aside)
		rows->aside(pane, out);
}

static void
paint_status(const struct pane *pane, struct grid *grid, size_t shown)
{
	struct pen pen = grid_pen(grid, grid->rows - 1, 1, ROLE_dim);
	const struct list *list = &pane->list;
	size_t count = list_count(pane), all = pane->ops->rows->count(pane);
	struct buf text = BUF_INIT(1 << 16);

	pen.end = grid->cols - 1;
	if (list->filter) {
		buf_printf(&text, "%zu of %zu rows match \"", count, all);
		text_escape(&text, list->filter, strlen(list->filter));
		buf_add_str(&text, "\"");
	} else {
		buf_printf(&text, "%zu of %zu rows shown", shown, all);
	}
	if (pane->ops->rows->status)
		pane->ops->rows->status(pane, &text);
	pen_bytes(&pen, buf_str(&text), text.len);
	buf_reset(&text);
	add_order(pane, &text);
	if (pane->ops->rows->aside && grid_width(grid, buf_str(&text), text.len) > pen_left(&pen)) {
		buf_reset(&text);
		pane->ops->rows->aside(pane, &text);
	}
	pen_right(&pen, buf_str(&text));
	buf_release(&text);
}

static void
paint_empty(const struct pane *pane, struct grid *grid)
{
	struct grid room = grid_sub(grid, 0, 0, grid->rows > 1 ? grid->rows - 1 : 0, grid->cols);
	struct buf text = BUF_INIT(4096);
	char **lines;
	int row = 1;

	if (pane->list.filter)
		buf_printf(&text, "no row holds \"%s\": f Enter or Esc drops the filter", pane->list.filter);
	else if (pane->ops->rows->empty)
		pane->ops->rows->empty(pane, &text);
	lines = text_split(buf_str(&text), '\n');
	for (int i = 0; lines[i]; i++)
		grid_wrap(&room, &row, MARGIN, ROLE_text, lines[i]);
	strv_free(lines);
	buf_release(&text);
}

/* Scrolls as little as needed to keep the cursor in sight; the list is the frame's own state, so
 * painting may note where it stands. */
static void
scroll(struct list *list, size_t count, size_t page)
{
	if (list->cursor >= count)
		list->cursor = count ? count - 1 : 0;
	if (list->cursor < list->top)
		list->top = list->cursor;
	if (page && list->cursor >= list->top + page)
		list->top = list->cursor - page + 1;
	if (list->top + page > count)
		list->top = count > page ? count - page : 0;
	list->page = page;
}

void
list_layout(struct pane *pane, int rows)
{
	scroll(&pane->list, list_count(pane), (size_t)(rows > 2 ? rows - 2 : rows > 0 ? rows : 1));
}

void
list_paint(const struct pane *pane, struct grid *grid)
{
	size_t columns, count = list_count(pane), shown = 0;
	const struct column *column = pane->ops->rows->columns(pane, &columns);
	int width[COLUMNS_MAX] = { 0 };

	place_columns(column, columns < COLUMNS_MAX ? columns : COLUMNS_MAX, grid->cols, width);
	if (head_rows(grid->rows))
		paint_head(pane, grid, width);
	for (; shown < pane->list.page && pane->list.top + shown < count; shown++)
		paint_row(pane, grid, pane->list.top + shown, width);
	if (count == 0)
		paint_empty(pane, grid);
	if (grid->rows > 2)
		paint_status(pane, grid, shown);
}

void
list_export(const struct pane *pane, struct buf *out)
{
	size_t columns, count = list_count(pane);
	const struct column *column = pane->ops->rows->columns(pane, &columns);

	for (size_t i = 0; i < columns; i++)
		buf_printf(out, "%s%s", i ? "\t" : "", column[i].title);
	buf_add_byte(out, '\n');
	for (size_t row = 0; row < count; row++) {
		for (size_t i = 0; i < columns; i++) {
			struct buf text = BUF_INIT(1 << 21);

			column[i].text(pane, index_of(pane, row), &text);
			buf_add_str(out, i ? "\t" : "");
			text_escape(out, buf_str(&text), text.len);
			buf_release(&text);
		}
		buf_add_byte(out, '\n');
	}
}
