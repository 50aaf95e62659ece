/* SPDX-License-Identifier: Apache-2.0
 * The one way a verb is run: plan, confirmation, change; on the command line or as a job. */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/text.h"
#include "verb/verb.h"

static int
refuse_read_only(const struct verb_call *call, struct err *err)
{
	if (!call->settings->read_only || call->verb->ops->reads || call->settings->plan)
		return 0;
	err_set(err, ERR_READ_ONLY, "%s would change something, and this is read-only",
	    call->verb->words);
	return err_cure(err, "leave out --read-only");
}

static void
print_plan(struct verb_call *call)
{
	struct json_object *lines = json_array(call->plan->json, "lines");
	const char *etcdctl = json_str(call->plan->json, "etcdctl", NULL);

	for (size_t i = 0; i < json_len(lines); i++)
		report_words(call->report, "%s", json_object_get_string(json_at(lines, i)));
	if (etcdctl)
		report_words(call->report, "as etcdctl: %s", etcdctl);
}

/* On the command line one object's change needs no question: its words were typed just now. */
static int
confirm(struct verb_call *call, struct err *err)
{
	const char *typed = json_str(call->plan->json, "confirm", "none");
	char *answer, *prompt;
	bool right;

	if (strcmp(typed, "none") == 0 || strcmp(typed, "one") == 0 || call->settings->yes ||
	    call->etcdctl)
		return 0;
	print_plan(call);
	prompt = xasprintf("Type \"%s\" to do it: ", typed);
	answer = call->ask ? call->ask(prompt, false) : NULL;
	free(prompt);
	if (!answer) {
		err_set(err, ERR_GUARD, "nothing was changed: this needs --yes where there is no terminal");
		return err_cure(err, "read the plan above, then repeat with --yes");
	}
	right = strcmp(answer, typed) == 0;
	free(answer);
	if (right)
		return 0;
	err_set(err, ERR_GUARD, "nothing was changed: that was not \"%s\"", typed);
	return -1;
}

int
verb_run(struct verb_call *call, struct err *err)
{
	const struct verb_ops *ops = call->verb->ops;
	struct plan plan;
	int result = -1;

	if (refuse_read_only(call, err) != 0)
		return -1;
	if (!ops->plan && call->settings->plan && !ops->reads) {
		err_set(err, ERR_UNSUPPORTED, "%s makes no plan; nothing was done", call->verb->words);
		return err_cure(err, "leave out --plan to do it");
	}
	if (!ops->plan)
		return ops->run(call, err);
	plan_init(&plan);
	call->plan = &plan;
	if (ops->plan(call, &plan, err) != 0)
		goto out;
	if (call->settings->plan) {
		print_plan(call);
		report_result(call->report, json_object_get(plan.json));
		result = 0;
	} else if (confirm(call, err) == 0) {
		result = ops->run(call, err);
	}
out:
	call->plan = NULL;
	plan_release(&plan);
	return result;
}

static void
unheard(void *context, const void *data, size_t len)
{
	(void)context;
	(void)data;
	(void)len;
}

int
verb_within(struct verb_call *call, const char *const *argv, struct json_object **result,
    struct err *err)
{
	static const struct report_sink nowhere = { unheard, unheard, NULL, false };
	struct settings settings = { 0 };
	struct verb_call inner = { .loop = call->loop, .settings = &settings,
		.report = report_new(REPORT_JSON, &nowhere), .secrets = call->secrets };
	int argc = 0, status = -1;

	while (argv[argc])
		argc++;
	if (verb_parse((struct words){ argc, (char *const *)(uintptr_t)argv }, &settings, &inner.verb,
	    &inner.args, err) == 0)
		status = verb_run(&inner, err);
	if (status == 0 && result)
		*result = report_take(inner.report);
	args_free(inner.args);
	report_free(inner.report);
	settings_release(&settings);
	return status;
}

static char *
job_word(struct json_object *word, struct err *err)
{
	const char *encoded = json_str(word, "b64", NULL);
	struct buf bytes = BUF_INIT(4 << 20);

	if (json_object_is_type(word, json_type_string))
		return xstrdup(json_object_get_string(word));
	if (encoded && base64_decode(&bytes, encoded, strlen(encoded)))
		return buf_steal(&bytes);
	buf_release(&bytes);
	err_set(err, ERR_INPUT, "a job's argv holds a word that is no text");
	return NULL;
}

static char **
job_argv(struct json_object *job, struct err *err)
{
	struct json_object *array = json_array(job, "argv");
	size_t len = json_len(array);
	char **argv = xcalloc(len + 1, sizeof *argv);

	for (size_t i = 0; i < len; i++) {
		argv[i] = job_word(json_at(array, i), err);
		if (!argv[i]) {
			strv_free(argv);
			return NULL;
		}
	}
	return argv;
}

static int
run_phase(struct verb_call *call, const char *phase, struct json_object *plan_json, struct err *err)
{
	struct plan plan = { json_object_get(plan_json) };
	int result;

	if (strcmp(phase, "plan") == 0) {
		call->settings->plan = true;
		json_object_put(plan.json);
		if (!call->verb->ops->plan)
			return err_set(err, ERR_USAGE, "%s makes no plan", call->verb->words);
		return verb_run(call, err);
	}
	if (strcmp(phase, "apply") != 0) {
		json_object_put(plan.json);
		return verb_run(call, err);
	}
	if (!plan.json)
		return err_set(err, ERR_INPUT, "a job to apply came without its plan");
	if (refuse_read_only(call, err) != 0) {
		plan_release(&plan);
		return -1;
	}
	call->plan = &plan;
	result = call->verb->ops->run(call, err);
	call->plan = NULL;
	plan_release(&plan);
	return result;
}

int
verb_job(const char *line, size_t len, struct verb_call *call, struct err *err)
{
	struct json_object *job = json_parse(line, len, "the job's line", err);
	char **argv = NULL;
	int argc = 0, result = -1;

	if (!job)
		return -1;
	argv = job_argv(job, err);
	while (argv && argv[argc])
		argc++;
	if (!argv || verb_parse((struct words){ argc, argv }, call->settings, &call->verb,
	    &call->args, err) != 0)
		goto out;
	if (!call->verb) {
		err_set(err, ERR_USAGE, "a job without a verb");
		goto out;
	}
	result = run_phase(call, json_str(job, "phase", "run"), json_get(job, "plan"), err);
out:
	strv_free(argv);
	json_object_put(job);
	return result;
}

char *
call_secret(struct verb_call *call, const char *name, const char *prompt, struct err *err)
{
	const char *given = secrets_get(call->secrets, name);
	char *answer = NULL;

	if (given)
		return secret_dup(given);
	if (call->ask)
		answer = call->ask(prompt, true);
	if (answer)
		return answer;
	err_set(err, ERR_NEED, "%s needs a secret: %s", call->verb->words, prompt);
	memcpy(err->need, name, strnlen(name, sizeof err->need - 1));
	err_cure(err, "run it at a terminal");
	return NULL;
}

static void
usage_flag(struct buf *out, const char *name, char letter, const char *value, const char *help)
{
	size_t start = out->len, width;

	if (letter)
		buf_printf(out, "  -%c, --%s", letter, name);
	else
		buf_printf(out, "      --%s", name);
	if (value)
		buf_printf(out, " %s", value);
	width = text_width(buf_str(out) + start);
	buf_add_fill(out, ' ', width < 34 ? 34 - width : 1);
	buf_printf(out, "%s\n", help);
}

void
verb_usage(const struct verb *verb, struct buf *out)
{
	if (verb) {
		buf_printf(out, "%s.\n\nusage: vetch %s %s\n", verb->help, verb->words, verb->usage);
		for (const struct flag *flag = verb->ops->flags; flag && flag->name; flag++)
			usage_flag(out, flag->name, flag->letter, flag->value, flag->help);
		return;
	}
	buf_add_str(out, "usage: vetch                 open the console\n"
	    "       vetch VERB [arguments]  do one thing and exit\n\nverbs:\n");
	for (verb = verbs; verb->name; verb++)
		buf_printf(out, "  %-20s %s\n", verb->words, verb->help);
	buf_add_str(out, "\nglobal flags, before or after the verb:\n");
	for (const struct setting *row = setting_table; row->flag; row++)
		usage_flag(out, row->flag, row->letter, row->value, row->help);
	buf_add_str(out, "\nThe console: --pane NAME, --script FILE, --size COLSxROWS, --dump text|roles,"
	    " --dump-panes.\n");
}
