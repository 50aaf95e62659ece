/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/confirm.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ui/key.h"

struct confirm {
	struct pane pane;
	char *title, *button;
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
	struct pen pen = grid_pen(grid, row, 3, ROLE_text);
	const char *want = wanted_text(confirm);

	if (want) {
		pen_printf(&pen, "Type \"%s\" to do it: ", want);
		pen_as(&pen, ROLE_field_focus, buf_str(&confirm->typed));
		pen_text(&pen, "_");
		return;
	}
	paint_button(&pen, "Cancel", !confirm->yes);
	paint_button(&pen, confirm->button, confirm->yes);
}

/* A long line goes on in the next rows. */
static int
paint_wrapped(struct grid *grid, int row, const char *text)
{
	size_t len = strlen(text), room = grid->cols > 6 ? (size_t)grid->cols - 5 : 1;

	do {
		struct pen pen = grid_pen(grid, row++, 3, ROLE_text);
		size_t n = len < room ? len : room;

		while (n < len && n > 1 && ((unsigned char)text[n] & 0xc0) == 0x80)
			n--;
		pen_bytes(&pen, text, n);
		text += n;
		len -= n;
	} while (len && row < grid->rows);
	return row;
}

static void
confirm_paint(const struct pane *pane, struct grid *grid)
{
	const struct confirm *confirm = (const struct confirm *)pane;
	struct json_object *lines = json_array(confirm->plan, "lines");
	const char *etcdctl = json_str(confirm->plan, "etcdctl", NULL);
	struct grid body = grid_sub(grid, 0, 0, grid->rows - 2, grid->cols);
	int row = 1;

	for (size_t i = (size_t)confirm->top; i < json_len(lines) && row < body.rows; i++)
		row = paint_wrapped(&body, row, json_object_get_string(json_at(lines, i)));
	if (etcdctl && row + 1 < body.rows) {
		struct pen pen = grid_pen(&body, row + 1, 1, ROLE_dim);

		pen_text(&pen, "As etcdctl would");
		row = paint_wrapped(&body, row + 2, etcdctl);
	}
	paint_answer(confirm, grid, row + 1 < grid->rows ? row + 1 : grid->rows - 1);
}

static void
confirm_title(const struct pane *pane, struct buf *out)
{
	buf_add_str(out, ((const struct confirm *)pane)->title);
	buf_add_str(out, "\tnothing is changed yet");
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
	confirm->button = xstrdup(spec->button);
	confirm->plan = json_object_get(spec->plan);
	confirm->answer = spec->answer;
	confirm->context = spec->context;
	buf_init(&confirm->typed, 4096);
}
