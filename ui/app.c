/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/app.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "ui/command.h"
#include "ui/frame.h"
#include "ui/help.h"
#include "ui/key.h"

enum { MESSAGE_MAX = 4096 };

#define PANE(id, title) extern const struct pane_ops pane_##id##_ops;
#include "ui/panes.def"
#undef PANE

static const struct {
	const char *title;
	const struct pane_ops *ops;
	enum action_group group;
} pane_table[] = {
#define PANE(id, title) { title, &pane_##id##_ops, GROUP_##id },
#include "ui/panes.def"
#undef PANE
};

static void before_wait(void *context);
static void on_second(void *context);

static struct pane *
make_pane(struct app *app, const struct pane_ops *ops)
{
	struct pane *pane = xcalloc(1, ops->size ? ops->size : sizeof *pane);

	pane->ops = ops;
	pane->app = app;
	list_init(&pane->list);
	return pane;
}

static void
free_pane(struct pane *pane)
{
	if (pane->opened && pane->ops->close)
		pane->ops->close(pane);
	list_release(&pane->list);
	free(pane);
}

struct app *
app_new(struct loop *loop, struct settings *settings, int cols, int rows)
{
	struct app *app = xcalloc(1, sizeof *app);

	app->loop = loop;
	app->settings = settings;
	app->started_ms = clock_ms();
	actions_init();
	for (int i = 0; i < PANE_COUNT; i++)
		app->panes[i] = make_pane(app, pane_table[i].ops);
	models_init(app);
	prompt_init(&app->prompt);
	buf_init(&app->message.text, MESSAGE_MAX);
	buf_init(&app->message.cure, MESSAGE_MAX);
	grid_init(&app->grid, cols, rows);
	app->dirty = true;
	app->hook = loop_before_wait(loop, before_wait, app);
	app->second = loop_timer_add(loop, 1000, on_second, app);
	return app;
}

void
app_free(struct app *app)
{
	if (!app)
		return;
	loop_hook_remove(app->hook);
	loop_timer_cancel(app->second);
	while (app->overlay_count)
		app_pop(app, app->overlays[app->overlay_count - 1]);
	for (int i = 0; i < PANE_COUNT; i++)
		free_pane(app->panes[i]);
	models_free(app);
	prompt_release(&app->prompt);
	buf_release(&app->message.text);
	buf_release(&app->message.cure);
	grid_release(&app->grid);
	free(app);
}

void
pane_dirty(struct pane *pane)
{
	pane->dirty = true;
}

void
pane_reload(struct pane *pane)
{
	if (pane->ops->rows)
		list_sync(pane);
	pane_dirty(pane);
}

bool
pane_row(const struct pane *pane, size_t *index)
{
	return list_current(pane, index);
}

struct pane *
app_top(const struct app *app)
{
	return app->overlay_count ? app->overlays[app->overlay_count - 1] : app->panes[app->current];
}

/* First use opens, every use enters: reads its source again and paints what is known by now. */
static void
enter_pane(struct pane *pane)
{
	struct err err = { 0 };

	if (!pane->opened) {
		pane->opened = true;
		if (pane->ops->open && pane->ops->open(pane, &err) != 0)
			app_error(pane->app, &err);
	}
	if (pane->ops->enter)
		pane->ops->enter(pane);
	if (pane->ops->update)
		pane->ops->update(pane, pane->ops->wants);
	pane_reload(pane);
}

void
app_start(struct app *app)
{
	models_start(app);
	models_visible(app, app->panes[app->current]->ops->wants);
	enter_pane(app->panes[app->current]);
}

void
app_show_pane(struct app *app, int index)
{
	if (index < 0 || index >= PANE_COUNT)
		return;
	while (app->overlay_count)
		app_pop(app, app->overlays[app->overlay_count - 1]);
	app->current = index;
	app->dirty = true;
	models_visible(app, app->panes[index]->ops->wants);
	enter_pane(app->panes[index]);
}

int
app_find_pane(const char *name)
{
	for (int i = 0; i < PANE_COUNT; i++)
		if (strcasecmp(pane_table[i].title, name) == 0)
			return i;
	return -1;
}

struct pane *
app_push(struct app *app, const struct pane_ops *ops)
{
	struct pane *pane;

	if (app->overlay_count == OVERLAYS_MAX)
		return NULL;
	pane = make_pane(app, ops);
	app->overlays[app->overlay_count++] = pane;
	app->dirty = true;
	enter_pane(pane);
	return pane;
}

void
app_pop(struct app *app, struct pane *pane)
{
	bool last = false;

	while (app->overlay_count && !last) {
		struct pane *top = app->overlays[--app->overlay_count];

		last = top == pane;
		free_pane(top);
	}
	app->dirty = true;
	pane_reload(app_top(app));
}

static void
set_message(struct app *app, bool error, const char *text, const char *cure)
{
	buf_reset(&app->message.text);
	buf_add_str(&app->message.text, text);
	buf_reset(&app->message.cure);
	buf_add_str(&app->message.cure, cure);
	app->message.error = error;
	app->message.shown = true;
	app->dirty = true;
}

void
app_message(struct app *app, const char *format, ...)
{
	struct buf text = BUF_INIT(MESSAGE_MAX);
	va_list ap;

	va_start(ap, format);
	buf_vprintf(&text, format, ap);
	va_end(ap);
	set_message(app, false, buf_str(&text), "");
	buf_release(&text);
}

void
app_error(struct app *app, const struct err *err)
{
	set_message(app, true, err->text, err->cure);
}

void
app_copy(struct app *app, const char *text, size_t len, const char *what)
{
	if (app->copy && app->copy(app->terminal, text, len))
		app_message(app, "copied %s (%zu bytes) to the terminal's clipboard", what, len);
	else
		app_message(app, "%.*s", (int)(len < 2000 ? len : 2000), text);
}

bool
app_read_only(const struct app *app)
{
	return app->settings && app->settings->read_only;
}

void
app_changed(struct app *app, unsigned bits)
{
	app->changed |= bits;
}

static void
on_second(void *context)
{
	struct app *app = context;

	app->second = loop_timer_add(app->loop, 1000, on_second, app);
	app->changed |= WANT_SECOND;
	if (++app->seconds % 15 == 0)
		app->dirty = true;
}

static void
deliver(struct app *app)
{
	unsigned bits = app->changed;
	struct pane *top = app_top(app), *below = app->panes[app->current];

	app->changed = 0;
	if (bits & ~(unsigned)WANT_SECOND)
		app->dirty = true;
	if (below->ops->update && bits & below->ops->wants) {
		below->ops->update(below, bits & below->ops->wants);
		pane_dirty(below);
	}
	if (top != below && top->ops->update && bits & top->ops->wants) {
		top->ops->update(top, bits & top->ops->wants);
		pane_dirty(top);
	}
}

static void
tell_moved(struct pane *pane)
{
	size_t now[4] = { SIZE_MAX, pane->list.top, pane->list.page, 0 };

	if (!pane->ops->moved || !pane->ops->rows)
		return;
	now[3] = list_count(pane);
	list_current(pane, &now[0]);
	if (memcmp(now, pane->seen, sizeof now) == 0)
		return;
	memcpy(pane->seen, now, sizeof now);
	pane->ops->moved(pane);
}

void
app_paint(struct app *app)
{
	struct pane *top = app_top(app);
	int row = -1, col = 0;

	if (app->changed)
		deliver(app);
	if (!app->dirty && !top->dirty)
		return;
	app->dirty = top->dirty = false;
	frame_paint(app, &row, &col);
	tell_moved(top);
	if (app->show)
		app->show(app->terminal, &app->grid, row, col);
}

static void
before_wait(void *context)
{
	app_paint(context);
}

bool
app_idle(const struct app *app)
{
	const struct pane *pane = app->panes[app->current], *top = app_top(app);

	if (app->dirty || top->dirty || app->changed & ~(unsigned)WANT_SECOND || models_busy(app))
		return false;
	if (top->ops->busy && top->ops->busy(top))
		return false;
	return !pane->ops->busy || !pane->ops->busy(pane);
}

void
app_resize(struct app *app, int cols, int rows)
{
	bool ascii = app->grid.ascii;

	grid_release(&app->grid);
	grid_init(&app->grid, cols, rows);
	app->grid.ascii = ascii;
	app->dirty = true;
}

/* ---- keys */

static void
search_done(void *context, const char *text)
{
	struct app *app = context;
	struct pane *pane = app_top(app);

	app->dirty = true;
	if (!text || !*text || !pane->ops->rows)
		return;
	free(pane->list.search);
	pane->list.search = xstrdup(text);
	if (pane->ops->seek)
		pane->ops->seek(pane, text, true);
	else if (!list_search(pane, text))
		app_message(app, "no row holds \"%s\"", text);
}

static void
search_changed(void *context, const char *text)
{
	struct pane *pane = app_top(context);

	if (pane->ops->rows && !pane->ops->seek && *text)
		list_search(pane, text);
}

static void
filter_changed(void *context, const char *text)
{
	struct pane *pane = app_top(context);

	if (pane->ops->rows)
		list_filter(pane, text);
}

static void
filter_done(void *context, const char *text)
{
	filter_changed(context, text);
	((struct app *)context)->dirty = true;
}

static const struct prompt_ops search_ops = {
	.done = search_done, .changed = search_changed,
	.hint = "Enter goes there  Esc leaves  then ^N ^P: next, previous match in loaded rows",
};
static const struct prompt_ops filter_ops = {
	.done = filter_done, .changed = filter_changed,
	.hint = "only rows that hold the text are shown  Enter keeps it  Esc drops it",
};

static void
open_prompt(struct app *app, const struct prompt_ops *ops, const char *label, const char *text)
{
	prompt_open(&app->prompt, ops, app, label);
	prompt_set(&app->prompt, text ? text : "");
	app->dirty = true;
}

void
app_command(struct app *app, const char *text)
{
	open_prompt(app, &command_ops, ":", text);
}

/* Esc and q first drop what was laid over the rows; then the pane goes up; q then leaves. */
static void
go_back(struct app *app, bool leave)
{
	struct pane *pane = app_top(app);

	if (app->overlay_count) {
		app_pop(app, pane);
	} else if (pane->ops->rows && pane->list.filter) {
		list_filter(pane, NULL);
	} else if (!leave && pane->list.search) {
		free(pane->list.search);
		pane->list.search = NULL;
		app->dirty = true;
	} else if (pane->ops->act && pane->ops->act(pane, ACT_app_back)) {
		pane_dirty(pane);
	} else if (leave) {
		app->quit = true;
	}
}

static void
export_done(void *context, const char *path)
{
	struct app *app = context;

	if (path && *path)
		command_export(app, path);
	app->dirty = true;
}

static const struct prompt_ops export_ops = {
	.done = export_done, .hint = "the file gets what the list shows, tabs between columns  Esc leaves",
};

static bool
run_list(struct app *app, struct pane *pane, enum action action)
{
	if (action == ACT_list_search)
		open_prompt(app, &search_ops, "/", NULL);
	else if (action == ACT_list_filter)
		open_prompt(app, &filter_ops, "filter: ", pane->list.filter);
	else if (action == ACT_list_export)
		open_prompt(app, &export_ops, "write to: ", NULL);
	else
		return list_act(pane, action);
	return true;
}

static bool
run_app(struct app *app, enum action action)
{
	int step = action == ACT_app_next_pane ? 1 : PANE_COUNT - 1;

	switch (action) {
	case ACT_app_quit:
	case ACT_app_back:
		go_back(app, action == ACT_app_quit);
		break;
	case ACT_app_help:
		help_open(app);
		break;
	case ACT_app_command:
		app_command(app, "");
		break;
	case ACT_app_next_pane:
	case ACT_app_previous_pane:
		app_show_pane(app, (app->current + step) % PANE_COUNT);
		break;
	case ACT_app_redraw:
		app->dirty = true;
		if (app->redraw)
			app->redraw(app->terminal);
		break;
	case ACT_app_suspend:
		if (app->suspend)
			app->suspend(app->terminal);
		break;
	default:
		return false;
	}
	return true;
}

/* The preconditions of every action, in one place. */
static bool
may_run(struct app *app, struct pane *pane, enum action action)
{
	unsigned needs = action_info(action)->needs;
	size_t row;

	if (needs & NEED_ROW && !pane_row(pane, &row)) {
		app_message(app, "there is no row under the cursor");
		return false;
	}
	if (needs & NEED_WRITE && app_read_only(app)) {
		app_message(app, "this console is read-only: nothing may be changed");
		return false;
	}
	return true;
}

static bool
run_action(struct app *app, struct pane *pane, enum action action)
{
	if (action == ACT_NONE)
		return false;
	if (!may_run(app, pane, action))
		return true;
	if (action_info(action)->group == GROUP_app)
		return run_app(app, action);
	if (pane->ops->act && pane->ops->act(pane, action)) {
		pane_dirty(pane);
		return true;
	}
	return pane->ops->rows && run_list(app, pane, action);
}

static void
run_key(struct app *app, struct pane *pane, uint32_t key)
{
	enum action_group own = app->overlay_count ? GROUP_dialog : pane_table[app->current].group;

	if (pane->ops->typed && pane->ops->typed(pane, key)) {
		pane_dirty(pane);
		return;
	}
	if (run_action(app, pane, action_of_key(own, key)))
		return;
	if (pane->ops->rows && run_action(app, pane, action_of_key(GROUP_list, key)))
		return;
	if (run_action(app, pane, action_of_key(GROUP_pager, key)))
		return;
	if (run_action(app, pane, action_of_key(GROUP_app, key)))
		return;
	if (key >= '1' && key <= '9' && !app->overlay_count)
		app_show_pane(app, (int)(key - '1'));
}

/* Enter on an error takes its cure, where that is a command, to the command line. */
static bool
take_cure(struct app *app, uint32_t key)
{
	bool command = app->message.shown && strncmp(buf_str(&app->message.cure), "vetch ", 6) == 0;

	app->dirty = app->dirty || app->message.shown;
	app->message.shown = false;
	if (!command || key != '\r')
		return false;
	app_command(app, buf_str(&app->message.cure) + 6);
	return true;
}

void
app_key(struct app *app, uint32_t key)
{
	if (key == CTRL('z')) {
		run_app(app, ACT_app_suspend);
	} else if (app->prompt.ops) {
		prompt_key(&app->prompt, key);
		app->dirty = true;
	} else if (!take_cure(app, key)) {
		run_key(app, app_top(app), key == CTRL('c') ? 27 : key);
	}
}

void
app_paste(struct app *app, const char *data, size_t len, bool cut)
{
	struct pane *pane = app_top(app);

	app->dirty = true;
	app->message.shown = false;
	if (cut)
		app_message(app, "the paste was longer than 1 MiB: nothing of it was taken");
	else if (app->prompt.ops)
		prompt_paste(&app->prompt, data, len);
	else if (pane->ops->pasted && pane->ops->typing && pane->ops->typing(pane))
		pane->ops->pasted(pane, data, len);
	else
		app_message(app, "%zu bytes were pasted where no field takes text: ignored", len);
	pane_dirty(pane);
}

void
app_click(struct app *app, int row, int col, int button)
{
	struct layout layout = frame_layout(app);
	struct pane *pane = app_top(app);
	int at = row == layout.bar.row && layout.bar.rows ? frame_pane_at(app, col) : -1;

	if (app->prompt.ops)
		return;
	if (button == 64 || button == 65) {
		if (pane->ops->rows)
			list_act(pane, button == 64 ? ACT_list_up : ACT_list_down);
	} else if (button == 0 && at >= 0) {
		app_show_pane(app, at);
	} else if (button == 0 && pane->ops->rows && row >= layout.list.row && col < layout.list.cols) {
		list_click(pane, row - layout.list.row);
	}
}
