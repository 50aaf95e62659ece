/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/app.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "ui/frame.h"
#include "ui/verbs_run.h"

enum { MESSAGE_MAX = 4096 };

#define PANE(id, title) extern const struct pane_ops pane_##id##_ops;
#include "ui/panes.def"
#undef PANE

static const struct {
	const char *title;
	const struct pane_ops *ops;
} pane_table[] = {
#define PANE(id, title) { title, &pane_##id##_ops },
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

/* A dialog takes itself off in the middle of its own key: freed here, when nothing of it runs. */
static void
bury(struct app *app)
{
	while (app->gone) {
		struct pane *pane = app->gone;

		app->gone = pane->next_gone;
		free_pane(pane);
	}
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
	bury(app);
	verbs_forget_all(app);
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

enum action_group
app_group(const struct app *app)
{
	return app->overlay_count ? GROUP_dialog : (enum action_group)(GROUP_dialog + 1 + app->current);
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
		top->next_gone = app->gone;
		app->gone = top;
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

bool
app_no_workspace(const struct app *app)
{
	return app->connection.endpoints && !app->connection.workspace;
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
	if (!below->opened)
		return;
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

	if (!pane->ops->moved || !pane->ops->rows || !pane->opened)
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
	struct pane *top;
	int row = -1, col = 0;

	bury(app);
	if (app->changed)
		deliver(app);
	top = app_top(app);
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
