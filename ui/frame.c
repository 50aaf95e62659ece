/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/frame.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "ui/key.h"

static const char *const titles[] = {
#define PANE(id, title) title,
#include "ui/panes.def"
#undef PANE
};

struct layout
frame_layout(const struct app *app)
{
	const struct pane *pane = app_top(app);
	struct layout_want want = { .detail = pane->ops->detail, .rows = pane->ops->rows, .fit = -1,
		.overlay = app->overlay_count > 0 };

	if (pane->ops->rows && pane->ops->fit && pane->opened)
		want.fit = (int)list_count(pane) + 2;
	return layout_split(app->grid.cols, app->grid.rows, &want);
}

static struct grid
area_grid(const struct app *app, struct area area)
{
	return grid_sub(&app->grid, area.row, area.col, area.rows, area.cols);
}

/* Columns of the names on row 2; the current one is the only one in reverse. On a screen too narrow
 * for all, names before the current one are left out. */
static int
first_pane(const struct app *app)
{
	int first = app->current, width = 0;

	for (int i = 0; i < PANE_COUNT; i++)
		width += 3 + (int)strlen(titles[i]);
	if (width <= app->grid.cols)
		return 0;
	for (width = 0; first > 0; first--) {
		width += 3 + (int)strlen(titles[first]);
		if (width + 3 + (int)strlen(titles[first - 1]) > app->grid.cols)
			break;
	}
	return first;
}

int
frame_pane_at(const struct app *app, int col)
{
	int at = 1;

	for (int i = first_pane(app); i < PANE_COUNT; i++) {
		int width = 2 + (int)strlen(titles[i]);

		if (col >= at && col < at + width)
			return i;
		at += width + 1;
	}
	return -1;
}

static void
paint_bar(const struct app *app, struct grid *line)
{
	struct pen pen = grid_pen(line, 0, 1, ROLE_bar);

	for (int i = first_pane(app); i < PANE_COUNT; i++) {
		struct buf name = BUF_INIT(64);

		buf_printf(&name, "%d %s", i + 1, titles[i]);
		pen_as(&pen, i == app->current ? ROLE_bar_current : ROLE_bar, buf_str(&name));
		pen_text(&pen, " ");
		buf_release(&name);
	}
}

static void
paint_title(const struct pane *pane, struct grid *line)
{
	struct pen pen = grid_pen(line, 0, 1, ROLE_title);
	struct buf title = BUF_INIT(1 << 16);
	char *right;

	if (pane->ops->title)
		pane->ops->title(pane, &title);
	right = title.len ? strchr(title.data, '\t') : NULL;
	if (right)
		*right++ = '\0';
	pen.end = line->cols - 1;
	if (right && grid_width(line, right, strlen(right)) + 12 < pen_left(&pen)) {
		struct pen end = pen;

		pen.end -= grid_width(line, right, strlen(right)) + 1;
		end.role = ROLE_text;
		pen_right(&end, right);
	}
	pen_ends(&pen, buf_str(&title), strlen(buf_str(&title)));
	buf_release(&title);
}

static void
paint_pane(const void *pane, struct grid *grid)
{
	((const struct pane *)pane)->ops->paint(pane, grid);
}

/* "] [ scroll", by the keys as they are bound. */
static void
paint_scrolled(struct pane *pane, struct grid *detail)
{
	char next[KEY_NAME_SIZE], back[KEY_NAME_SIZE], keys[2 * KEY_NAME_SIZE + 16];
	size_t row;

	if (!pane_row(pane, &row))
		row = SIZE_MAX;
	if (row != pane->scroll_row)
		pane->scroll.top = 0;
	pane->scroll_row = row;
	snprintf(keys, sizeof keys, "%s %s scroll", key_name(action_key(ACT_pager_page_down), next),
	    key_name(action_key(ACT_pager_page_up), back));
	scroll_paint(&pane->scroll, detail, &(struct scroll_what){ 1, keys, paint_pane, pane });
}

static void
paint_body(const struct app *app, struct pane *pane, const struct layout *layout)
{
	struct grid list = area_grid(app, layout->list), detail = area_grid(app, layout->detail);

	if (!pane->opened) /* the frame stands before anything is asked */
		return;
	if (layout->title.rows) {
		struct grid line = area_grid(app, layout->title);

		paint_title(pane, &line);
	}
	if (pane->ops->rows && list.rows > 0) {
		list_layout(pane, list.rows);
		list_paint(pane, &list);
	}
	if (pane->ops->scrolls && detail.rows > 0)
		paint_scrolled(pane, &detail);
	else if (pane->ops->paint && detail.rows > 0)
		pane->ops->paint(pane, &detail);
}

/* "e edit", of the actions with a label; false where it does not fit any more. */
static bool
paint_hint(struct pen *pen, const char *key, const char *label)
{
	int need = (int)(strlen(key) + strlen(label)) + 3;

	if (need > pen_left(pen))
		return false;
	pen_as(pen, ROLE_hint_key, key);
	pen_text(pen, " ");
	pen_text(pen, label);
	pen_text(pen, "  ");
	return true;
}

static void
paint_hints(const struct app *app, struct grid *line)
{
	const struct pane *pane = app_top(app);
	struct pen pen = grid_pen(line, 0, 1, ROLE_hint), end = pen;
	enum action_group group = app_group(app);
	struct buf text = BUF_INIT(1024);
	char name[KEY_NAME_SIZE];

	if (pane->ops->hint) {
		pane->ops->hint(pane, &text);
		pen_text(&pen, buf_str(&text));
		buf_release(&text);
		return;
	}
	end.end = line->cols - 1;
	end.role = ROLE_hint_key;
	pen_right(&end, "?");
	pen.end = line->cols - 2;
	if (pane->ops->rows && pane->ops->open_label)
		paint_hint(&pen, "Enter", pane->ops->open_label);
	for (int i = ACT_NONE + 1; i < ACT_COUNT; i++) {
		const struct action_info *info = action_info((enum action)i);

		if (info->group == group && *info->label && action_key((enum action)i) &&
		    !paint_hint(&pen, key_name(action_key((enum action)i), name), info->label))
			break;
	}
	if (pane->ops->rows)
		paint_hint(&pen, "f", "filter");
	paint_hint(&pen, "q", app->overlay_count ? "back" : "quit");
}

enum { MESSAGE_ROWS = 5 };

/* Where a row must end so that no character and, where it can be helped, no word is cut. */
static size_t
row_end(const struct grid *grid, const char *text, size_t len, int room)
{
	size_t at = 0, blank = 0;
	int used = 0;

	while (at < len) {
		struct text_char c = text_next(text + at, len - at);
		int width = grid_width(grid, text + at, (size_t)c.bytes);

		if (at && used + width > room)
			return blank ? blank : at;
		used += width;
		at += (size_t)c.bytes;
		if (c.code == ' ')
			blank = at;
	}
	return at;
}

/* A message that is longer than row 23 lies over the rows above it, until the next key. */
static void
paint_long_message(struct app *app, struct area line)
{
	const char *text = buf_str(&app->message.text);
	size_t left = app->message.text.len, starts[MESSAGE_ROWS + 1] = { 0 };
	int rows = 0, room = app->grid.cols - 4;

	for (; left > 0 && rows < MESSAGE_ROWS && rows < line.row - 1; rows++) {
		size_t n = row_end(&app->grid, text + starts[rows], left, room > 8 ? room : 8);

		starts[rows + 1] = starts[rows] + n;
		left -= n;
	}
	for (int i = 0; i < rows; i++) {
		struct grid row = grid_sub(&app->grid, line.row - rows + 1 + i, 0, 1, app->grid.cols);
		struct pen pen = grid_pen(&row, 0, 1, app->message.error ? ROLE_error : ROLE_message);

		grid_clear(&row);
		pen.end = row.cols - 1;
		pen_text(&pen, !app->message.error ? "" : i ? "  " : "! ");
		pen_bytes(&pen, text + starts[i], i + 1 < rows ? starts[i + 1] - starts[i]
							       : app->message.text.len - starts[i]);
	}
}

static void
paint_message(const struct app *app, struct grid *line)
{
	const struct pane *pane = app_top(app);
	struct pen pen = grid_pen(line, 0, 1, ROLE_message);
	struct buf text = BUF_INIT(1 << 16);

	pen.end = line->cols - 1;
	frame_job(app, &pen);
	if (pane->ops->status && pane->opened) {
		pane->ops->status(pane, &text);
		pen_bytes(&pen, buf_str(&text), text.len);
	}
	buf_release(&text);
}

static void
paint_cure(const struct app *app, struct grid *line)
{
	struct pen pen = grid_pen(line, 0, 1, ROLE_hint), end = pen;
	const char *cure = buf_str(&app->message.cure);

	grid_clear(line);
	pen_as(&pen, ROLE_hint_key, "cure: ");
	if (strncmp(cure, "vetch ", 6) == 0) {
		pen_text(&pen, ":");
		pen_text(&pen, cure + 6);
		end.col = pen.col + 2;
		end.end = line->cols - 1;
		pen_right(&end, "Enter takes it");
	} else {
		pen_text(&pen, cure);
	}
}

void
frame_paint(struct app *app, int *row, int *col)
{
	struct layout layout = frame_layout(app);
	struct grid state = area_grid(app, layout.state), bar = area_grid(app, layout.bar);
	struct grid message = area_grid(app, layout.message), hint = area_grid(app, layout.hint);

	grid_clear(&app->grid);
	frame_state(app, &state);
	if (bar.rows)
		paint_bar(app, &bar);
	paint_body(app, app_top(app), &layout);
	if (message.rows && !app->prompt.ops) {
		if (app->message.shown)
			paint_long_message(app, layout.message);
		else
			paint_message(app, &message);
	}
	if (hint.rows && !app->prompt.ops && app->message.shown && app->message.cure.len)
		paint_cure(app, &hint);
	else if (hint.rows && !app->prompt.ops)
		paint_hints(app, &hint);
	if (app->prompt.ops && hint.rows) {
		*row = message.rows ? layout.message.row : layout.hint.row;
		*col = prompt_paint(&app->prompt, message.rows ? &message : &hint, &hint);
	}
}
