/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/verbs_run.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "model/jobs.h"
#include "ui/confirm.h"
#include "ui/quorum.h"
#include "ui/result.h"
#include "verb/verb.h"

/* One verb on its way. Lives in the app's list until its end was told. */
struct verb_running {
	struct verb_running *next;
	struct app *app;
	char **argv;
	char *title, *button;
	bool named;	/* the title is the caller's */
	unsigned touches;
	bool (*planned)(void *context, struct json_object *plan);
	void (*done)(void *context, struct json_object *result, const struct err *err);
	void (*left)(void *context);
	void *context;
	enum job_phase phase;
	struct json_object *plan, *rows;
	struct secrets secrets;
	struct job *job;
	char need[32];
};

static void launch(struct verb_running *run, enum job_phase phase);

static void
finish(struct verb_running *run)
{
	struct verb_running **at = &run->app->verbs;

	while (*at && *at != run)
		at = &(*at)->next;
	if (*at)
		*at = run->next;
	strv_free(run->argv);
	free(run->title);
	free(run->button);
	json_object_put(run->plan);
	secrets_release(&run->secrets);
	json_object_put(run->rows);
	free(run);
}

/* It changes the cluster: without quorum nothing of it can be done. */
static bool
needs_quorum(unsigned touches)
{
	return touches & (TOUCH_KEYS | TOUCH_MEMBERS);
}

static void
leave(struct verb_running *run)
{
	if (run->left)
		run->left(run->context);
	finish(run);
}

static void
on_answer(void *context, bool yes)
{
	struct verb_running *run = context;

	if (!yes)
		app_message(run->app, "%s: left as it is", run->title);
	else if (!needs_quorum(run->touches) || !quorum_refuses(run->app, run->argv[0])) {
		launch(run, JOB_APPLY);
		return;
	}
	leave(run);
}

static void
show_plan(struct verb_running *run, struct json_object *plan)
{
	char *question = run->named ? xasprintf("%s?", run->title) : NULL;
	struct confirm_spec spec = { .title = run->title, .question = question,
		.button = run->button, .plan = plan, .answer = on_answer, .context = run };

	if (run->planned && !run->planned(run->context, plan)) {
		leave(run);
	} else {
		run->plan = json_object_get(plan);
		if (strcmp(json_str(plan, "confirm", "none"), "none") == 0)
			launch(run, JOB_APPLY);
		else
			confirm_open(run->app, &spec);
	}
	free(question);
}

static void
on_result(void *context, struct json_object *result)
{
	struct verb_running *run = context;

	run->job = NULL;
	if (run->phase == JOB_PLAN) {
		show_plan(run, result);
		return;
	}
	app_touched(run->app, run->touches);
	if (run->done)
		run->done(run->context, result, NULL);
	else
		result_show(run->app, run->title, result, run->rows);
	finish(run);
}

static void
on_row(void *context, const char *list, struct json_object *row)
{
	struct verb_running *run = context;
	struct json_object *rows;

	if (!run->rows)
		run->rows = json_object_new_object();
	rows = json_array(run->rows, list);
	if (!rows) {
		rows = json_object_new_array();
		json_put_object(run->rows, list, rows);
	}
	if (json_len(rows) < 10000)
		json_object_array_add(rows, json_object_get(row));
}

static void
on_secret(void *context, const char *text)
{
	struct verb_running *run = context;

	if (!text) {
		app_message(run->app, "%s: left, nothing was changed", run->title);
		leave(run);
		return;
	}
	secrets_set(&run->secrets, run->need, text);
	launch(run, run->phase);
}

static const struct prompt_ops secret_ops = {
	.done = on_secret, .secret = true,
	.hint = "not shown, not written down, forgotten after this job   Esc leaves",
};

/* "ca_passphrase" as people say it. */
static void
ask_secret(struct verb_running *run, const char *need)
{
	char label[64];
	size_t len = strlen(need);

	memcpy(run->need, need, len + 1);
	memcpy(label, need, len);
	for (size_t i = 0; i < len; i++)
		if (label[i] == '_')
			label[i] = ' ';
	memcpy(label + len, ": ", 3);
	prompt_open(&run->app->prompt, &secret_ops, run, label);
	run->app->dirty = true;
}

static void
on_error(void *context, const struct err *err)
{
	struct verb_running *run = context;
	struct err why = *err;

	run->job = NULL;
	if (err->code == ERR_NEED && *err->need && !run->app->prompt.ops) {
		ask_secret(run, err->need);
		return;
	}
	app_touched(run->app, run->touches);
	quorum_blame(run->app, run->argv[0], &why);
	app_error(run->app, &why);
	if (run->done)
		run->done(run->context, NULL, &why);
	finish(run);
}

static void
on_warn(void *context, const char *text)
{
	app_message(((struct verb_running *)context)->app, "%s", text);
}

static void
launch(struct verb_running *run, enum job_phase phase)
{
	static const struct job_handler handler = {
		.row = on_row, .warn = on_warn, .result = on_result, .error = on_error,
	};
	struct job_spec spec = { .argv = (const char *const *)run->argv, .phase = phase,
		.plan = run->plan, .secrets = &run->secrets, .handler = &handler, .context = run };
	struct err err = { 0 };

	run->phase = phase;
	spec.quiet = phase == JOB_PLAN;
	run->job = jobs_start(run->app->models.jobs, &spec, &err);
	if (!run->job)
		on_error(run, &err);
}

static char **
copy_argv(const char *const *argv)
{
	char **copy = NULL;
	size_t len = 0, cap = 0;

	for (; argv[len]; len++) {
		GROW(copy, len, cap);
		copy[len] = xstrdup(argv[len]);
	}
	GROW(copy, len, cap);
	copy[len] = NULL;
	return copy;
}

/* The verb whose words argv begins with, the longest that fits. */
static const struct verb *
verb_of(const char *const *argv)
{
	const struct verb *found = NULL;

	for (const struct verb *verb = verbs; verb->name; verb++) {
		char **words = text_split(verb->words, ' ');
		size_t i = 0;

		while (words[i] && argv[i] && strcmp(words[i], argv[i]) == 0)
			i++;
		if (!words[i] && (!found || strlen(verb->words) > strlen(found->words)))
			found = verb;
		strv_free(words);
	}
	return found;
}

/* Why the verb may not run here; NULL where it may. */
static const char *
refusal(const struct app *app, const struct verb *verb)
{
	if (!verb)
		return "no verb is called that: Tab on the command line lists them";
	if (app_read_only(app) && !verb->ops->reads)
		return "this console is read-only: nothing may be changed";
	return NULL;
}

void
verbs_start(struct app *app, const struct verb_start *start)
{
	const struct verb *verb = verb_of(start->argv);
	const char *why = refusal(app, verb);
	struct verb_running *run;

	if (why)
		app_message(app, "%s: %s", start->argv[0], why);
	if (why || (needs_quorum(verb->touches) && quorum_refuses(app, verb->words))) {
		if (start->left)
			start->left(start->context);
		return;
	}
	run = xcalloc(1, sizeof *run);
	run->next = app->verbs;
	app->verbs = run;
	run->app = app;
	run->argv = copy_argv(start->argv);
	run->title = xstrdup(start->title ? start->title : verb->words);
	run->named = start->title;
	run->button = xstrdup(start->button ? start->button : "Do it");
	run->touches = verb->touches;
	run->planned = start->planned;
	run->done = start->done;
	run->left = start->left;
	run->context = start->context;
	launch(run, verb->ops->plan ? JOB_PLAN : JOB_RUN);
}

void
app_run_words(struct app *app, char *const *words)
{
	struct verb_start start = { .argv = (const char *const *)words };

	verbs_start(app, &start);
}

void
verbs_forget_all(struct app *app)
{
	while (app->verbs) {
		if (app->verbs->job)
			job_forget_handler(app->verbs->job);
		leave(app->verbs);
	}
}
