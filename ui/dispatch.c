/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/app.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ui/command.h"
#include "ui/frame.h"
#include "ui/help.h"
#include "ui/jobs_list.h"
#include "ui/key.h"
#include "ui/quorum.h"

/* From a key to what it does. Who has it first: the prompt, a field with the focus, the pane's own
 * actions, its list's, its value's, the frame's. */

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

static void
leave_done(void *context, const char *text)
{
	struct app *app = context;

	app->quit = app->quit || (text && (strcmp(text, "y") == 0 || strcmp(text, "yes") == 0));
	app->dirty = true;
}

static const struct prompt_ops leave_ops = {
	.done = leave_done,
	.hint = "y Enter leaves: the jobs go on, the next console takes them up   Esc stays",
};

static void
leave_console(struct app *app)
{
	size_t running = jobs_running(app->models.jobs);
	char label[64];

	if (running == 0) {
		app->quit = true;
		return;
	}
	snprintf(label, sizeof label, "%zu job%s running. Leave? ", running,
	    running == 1 ? " is" : "s are");
	open_prompt(app, &leave_ops, label, NULL);
}

static void
cancel_job(struct app *app)
{
	struct job *job = jobs_foremost(app->models.jobs);

	if (!job)
		app_message(app, "no job is running");
	else if (job_facts(job)->hold)
		app_message(app, "job %u is at a point where it must not be ended", job_facts(job)->number);
	else
		job_cancel(job);
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
		leave_console(app);
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
	case ACT_app_jobs:
		jobs_list_open(app);
		break;
	case ACT_app_cancel_job:
		cancel_job(app);
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
	if (needs & NEED_QUORUM && !app->models.channel) {
		if (app->models.why.code)
			app_error(app, &app->models.why);
		else
			app_message(app, "no cluster: give --endpoints URL,... or -C WORKSPACE");
		return false;
	}
	return !(needs & NEED_QUORUM && quorum_refuses(app, action_info(action)->label));
}

/* A dialog that was answered has taken itself off, and is gone. */
static void
dirty_if_there(struct app *app, struct pane *pane)
{
	if (app_top(app) == pane)
		pane_dirty(pane);
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
		dirty_if_there(app, pane);
		return true;
	}
	if (pane->ops->scrolls && scroll_act(&pane->scroll, action)) {
		pane_dirty(pane);
		return true;
	}
	return pane->ops->rows && run_list(app, pane, action);
}

/* Help lists it, though this pane has no use for it now. */
static bool
is_listed(const struct app *app, const struct pane *pane, uint32_t key)
{
	return action_of_key(app_group(app), key) != ACT_NONE ||
	    (pane->ops->rows && action_of_key(GROUP_list, key) != ACT_NONE) ||
	    (pane->ops->detail && action_of_key(GROUP_pager, key) != ACT_NONE);
}

/* A key that did nothing: a person who pressed it waits for something. */
static void
say_no_such_key(struct app *app, const struct pane *pane, uint32_t key)
{
	uint32_t help = action_key(ACT_app_help);
	char name[KEY_NAME_SIZE], lists[KEY_NAME_SIZE];

	key_name(key, name);
	if (is_listed(app, pane, key))
		app_message(app, "%s does nothing here just now", name);
	else if (help)
		app_message(app, "%s: no such key here, %s lists them", name, key_name(help, lists));
	else
		app_message(app, "%s: no such key here", name);
}

static void
run_key(struct app *app, struct pane *pane, uint32_t key)
{
	enum action_group own = app_group(app);

	if (pane->ops->typed && pane->ops->typed(pane, key)) {
		dirty_if_there(app, pane);
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
	if (key >= '1' && key < '1' + PANE_COUNT && !app->overlay_count)
		app_show_pane(app, (int)(key - '1'));
	else
		say_no_such_key(app, pane, key);
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
