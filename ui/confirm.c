/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/confirm.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "ui/key.h"

enum { SMALL_ROWS = 8, SMALL_COLS = 30 };

struct confirm {
	struct pane pane;
	char *title, *question, *button;
	struct json_object *plan;
	void (*answer)(void *context, bool yes);
	void *context;
	bool yes, answered;
	struct buf typed;
	size_t cursor;
	int top;
};

static const char *
wanted_text(const struct confirm *confirm)
{
	const char *kind = json_str(confirm->plan, "confirm", "none");

	return strcmp(kind, "one") == 0 || strcmp(kind, "none") == 0 ? NULL : kind;
}

static void
finish(struct confirm *confirm, bool yes)
{
	struct pane *pane = &confirm->pane;
	void (*answer)(void *, bool) = confirm->answer;
	void *context = confirm->context;

	confirm->answered = true;
	app_pop(pane->app, pane);
	answer(context, yes);
}

static bool
type_key(struct confirm *confirm, uint32_t key)
{
	const char *want = wanted_text(confirm);

	if (key == '\r' && strcmp(buf_str(&confirm->typed), want) == 0)
		finish(confirm, true);
	else if (key == '\r')
		app_message(confirm->pane.app, "that is not what to type: \"%s\"", want);
	else
		edit_key(&confirm->typed, &confirm->cursor, key);
	return true;
}

static bool
confirm_typed(struct pane *pane, uint32_t key)
{
	struct confirm *confirm = (struct confirm *)pane;

	if (key == 27)
		finish(confirm, false);
	else if (key == SYM_page_down || key == SYM_down)
		confirm->top++;
	else if (key == SYM_page_up || key == SYM_up)
		confirm->top -= confirm->top > 0;
	else if (wanted_text(confirm))
		return type_key(confirm, key);
	else if (key == '\t' || key == SYM_back_tab || key == SYM_left || key == SYM_right)
		confirm->yes = !confirm->yes;
	else if (key == '\r')
		finish(confirm, confirm->yes);
	return true;
}

static bool
confirm_typing(const struct pane *pane)
{
	return wanted_text((const struct confirm *)pane) != NULL;
}

static void
confirm_close(struct pane *pane)
{
	struct confirm *confirm = (struct confirm *)pane;

	if (!confirm->answered)
		confirm->answer(confirm->context, false);
	free(confirm->title);
	free(confirm->question);
	free(confirm->button);
	json_object_put(confirm->plan);
	buf_release(&confirm->typed);
}

static void
paint_button(struct pen *pen, const char *text, bool focus)
{
	enum role before = pen->role;

	pen->role = focus ? ROLE_button_focus : ROLE_button;
	pen_printf(pen, "[%s]", text);
	pen->role = before;
	pen_text(pen, "  ");
}

static void
paint_answer(const struct confirm *confirm, struct grid *grid, int row)
{
	struct pen pen = grid_pen(grid, row, grid->cols < SMALL_COLS ? 1 : 3, ROLE_text);
	const char *want = wanted_text(confirm);

	if (want) {
		int need = grid_width(grid, want, strlen(want)) +
		    grid_width(grid, buf_str(&confirm->typed), confirm->typed.len);

		pen_printf(&pen, need + 24 < pen_left(&pen) ? "Type \"%s\" to do it: " : "\"%s\": ", want);
		pen_as(&pen, ROLE_field_focus, buf_str(&confirm->typed));
		pen_text(&pen, "_");
		return;
	}
	paint_button(&pen, "Cancel", !confirm->yes);
	if (grid->cols < SMALL_COLS)
		pen.col--;
	paint_button(&pen, confirm->button, confirm->yes);
}

/* Text that is longer than its room loses bytes after its first word: the end of a key tells more
 * than its beginning. */
static void
add_fitted(struct buf *out, const struct grid *grid, const char *text, int room)
{
	const char *blank = strchr(text, ' '), *tail = blank ? blank + 1 : text;
	size_t head = (size_t)(tail - text);

	if (grid_width(grid, text, strlen(text)) <= room) {
		buf_add_str(out, text);
		return;
	}
	buf_add(out, text, head);
	buf_add_str(out, "...");
	room -= grid_width(grid, text, head) + 3;
	if (room > 0 && strlen(tail) > (size_t)room * 8)	/* the last bytes fill the room in any case */
		tail += strlen(tail) - (size_t)room * 8;
	while (((unsigned char)*tail & 0xc0) == 0x80)
		tail++;
	while (*tail && grid_width(grid, tail, strlen(tail)) > room)
		tail += text_next(tail, strlen(tail)).bytes;
	buf_add_str(out, tail);
}

static void
paint_plan(const struct confirm *confirm, struct grid *grid, int *row)
{
	struct json_object *lines = json_array(confirm->plan, "lines");
	const char *etcdctl = json_str(confirm->plan, "etcdctl", NULL);

	for (size_t i = (size_t)confirm->top; i < json_len(lines) && *row < grid->rows; i++)
		grid_fold(grid, row, 3, ROLE_text, json_object_get_string(json_at(lines, i)));
	if (etcdctl && *row + 1 < grid->rows) {
		struct pen pen = grid_pen(grid, *row + 1, 1, ROLE_dim);

		*row += 2;
		pen_text(&pen, "As etcdctl would");
		grid_fold(grid, row, 3, ROLE_text, etcdctl);
	}
}

/* The question first, whole or its end; then as much of the plan as there is room for. */
static void
paint_small(const struct confirm *confirm, struct grid *grid)
{
	struct json_object *lines = json_array(confirm->plan, "lines");
	struct grid body = grid_sub(grid, 0, 0, grid->rows - 1, grid->cols);
	const char *text = confirm->question ? confirm->question :
	    json_object_get_string(json_at(lines, 0));
	struct buf line = BUF_INIT(1 << 20);
	int row = 0, room = (grid->cols - 2) * (grid->rows > 4 ? 2 : 1);

	if (confirm->top == 0) {
		add_fitted(&line, grid, text ? text : confirm->title, room);
		grid_fold(&body, &row, 1, ROLE_text, buf_str(&line));
	}
	for (size_t i = (size_t)confirm->top + !confirm->question; i < json_len(lines) &&
	    row < body.rows; i++)
		grid_fold(&body, &row, 1, ROLE_text, json_object_get_string(json_at(lines, i)));
	paint_answer(confirm, grid, grid->rows - 1);
	buf_release(&line);
}

static void
confirm_paint(const struct pane *pane, struct grid *grid)
{
	const struct confirm *confirm = (const struct confirm *)pane;
	struct grid body = grid_sub(grid, 0, 0, grid->rows - 2, grid->cols);
	int row = 1;

	if (grid->rows < SMALL_ROWS) {
		paint_small(confirm, grid);
		return;
	}
	paint_plan(confirm, &body, &row);
	paint_answer(confirm, grid, row + 1 < grid->rows ? row + 1 : grid->rows - 1);
}

static void
confirm_title(const struct pane *pane, struct buf *out)
{
	static const char right[] = "nothing is changed yet";
	const struct confirm *confirm = (const struct confirm *)pane;
	const struct grid *grid = &pane->app->grid;
	int need = grid_width(grid, confirm->title, strlen(confirm->title)) + (int)sizeof right + 2;

	add_fitted(out, grid, confirm->title, grid->cols - 2);
	if (need < grid->cols)
		buf_printf(out, "\t%s", right);
}

static void
confirm_hint(const struct pane *pane, struct buf *out)
{
	buf_add_str(out, wanted_text((const struct confirm *)pane)
		? "Enter does it once the text is typed   Esc leaves everything as it is"
		: "Tab chooses   Enter does it   Esc leaves everything as it is");
}

static const struct pane_ops confirm_ops = {
	.size = sizeof(struct confirm),
	.close = confirm_close,
	.typed = confirm_typed,
	.typing = confirm_typing,
	.paint = confirm_paint,
	.title = confirm_title,
	.hint = confirm_hint,
};

void
confirm_open(struct app *app, const struct confirm_spec *spec)
{
	struct confirm *confirm = (struct confirm *)app_push(app, &confirm_ops);

	if (!confirm) {
		spec->answer(spec->context, false);
		return;
	}
	confirm->title = xstrdup(spec->title);
	confirm->question = spec->question ? xstrdup(spec->question) : NULL;
	confirm->button = xstrdup(spec->button);
	confirm->plan = json_object_get(spec->plan);
	confirm->answer = spec->answer;
	confirm->context = spec->context;
	buf_init(&confirm->typed, 4096);
}
