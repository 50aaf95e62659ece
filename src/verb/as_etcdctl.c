/* SPDX-License-Identifier: Apache-2.0
 * Under etcdctl's and etcdutl's names: the verbs they share with vetch, their words on stderr and
 * their exit codes. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "verb/program.h"
#include "verb/verb.h"

struct tool {
	const char *name;
	const char *const *shared;	/* what it has and vetch does too; ended by NULL */
	const char *const *missing;	/* what it has besides */
};

static const char *const etcdctl_shared[] = {
	"alarm list", "del", "endpoint health", "endpoint status", "get", "lease grant", "member list",
	"put", "snapshot save", "txn", "version", "watch", NULL,
};
static const char *const etcdctl_missing[] = {
	"alarm", "auth", "check", "compaction", "completion", "defrag", "downgrade", "elect", "endpoint",
	"lease", "lock", "make-mirror", "member", "move-leader", "role", "snapshot", "user", NULL,
};
static const char *const etcdutl_shared[] = { "snapshot status", "version", NULL };
static const char *const etcdutl_missing[] = {
	"completion", "defrag", "hashkv", "migrate", "snapshot", NULL,
};
static const struct tool etcdctl = { "etcdctl", etcdctl_shared, etcdctl_missing };
static const struct tool etcdutl = { "etcdutl", etcdutl_shared, etcdutl_missing };

/* What etcdctl's exit codes are called in its source; 1 is any other failure. */
enum { FAILED = 1, BAD_INPUT = 3, BAD_FEATURE = 4, INTERRUPTED = 5, BAD_ARGUMENTS = 128 };

static bool
in_list(const char *const *list, const char *words)
{
	for (; *list; list++)
		if (strcmp(*list, words) == 0)
			return true;
	return false;
}

static int
unknown_command(struct program_call *program, const struct tool *tool, const char *word)
{
	if (in_list(tool->missing, word)) {
		report_words(program->report, "Error: vetch does not do this part of %s's \"%s\" yet",
		    tool->name, word);
		return FAILED;
	}
	report_words(program->report, "Error: unknown command \"%s\" for \"%s\"", word, tool->name);
	report_words(program->report, "Run '%s --help' for usage.", tool->name);
	return FAILED;
}

static const char *
first_word(int argc, char *const *argv)
{
	for (int i = 0; i < argc; i++)
		if (argv[i][0] != '-' && (i == 0 || argv[i - 1][0] != '-' || strchr(argv[i - 1], '=')))
			return argv[i];
	return argc ? argv[argc - 1] : "";
}

static int
status_of(const struct err *err)
{
	if (err->peer_code)
		return FAILED;
	switch (err->code) {
	case ERR_USAGE:
		return BAD_ARGUMENTS;
	case ERR_INPUT:
		return BAD_INPUT;
	case ERR_UNSUPPORTED:
		return BAD_FEATURE;
	case ERR_NOT_FOUND:
		return INTERRUPTED;
	case ERR_CANCELLED:
		return 130;
	default:
		return FAILED;
	}
}

/* Where no member could be reached etcdctl knows only that time ran out; the reason comes first. */
static void
say_error(struct program_call *program, const struct err *err)
{
	bool unreached = strncmp(err->text, "etcdserver: ", 12) != 0 &&
	    (err->code == ERR_CONNECT || err->code == ERR_TLS || err->code == ERR_TIMEOUT ||
	    err->code == ERR_UNKNOWN);

	if (!*err->text || err->code == ERR_CANCELLED)
		return;
	if (unreached) {
		report_words(program->report, "warning: %s", err->text);
		report_words(program->report, "Error: context deadline exceeded");
	} else {
		report_words(program->report, "Error: %s", err->text);
	}
}

static int
usage(struct program_call *program, const struct tool *tool, struct words given)
{
	struct settings settings = { 0 };
	struct buf text = BUF_INIT(1 << 16);
	const struct verb *verb = NULL;
	struct args *args = NULL;
	int words = 0;

	while (words < given.count && given.list[words][0] != '-')
		words++;
	if (words)
		verb_parse((struct words){ words, given.list }, &settings, &verb, &args, NULL);
	if (verb && in_list(tool->shared, verb->words)) {
		verb_usage(verb, &text);
	} else {
		buf_printf(&text, "vetch under %s's name. Commands:\n", tool->name);
		for (const char *const *shared = tool->shared; *shared; shared++)
			buf_printf(&text, "\t%s\n", *shared);
	}
	report_bytes(program->report, buf_str(&text), text.len);
	buf_release(&text);
	args_free(args);
	settings_release(&settings);
	return 0;
}

static bool
wants_help(int argc, char *const *argv)
{
	if (argc == 0 || strcmp(argv[0], "help") == 0)
		return true;
	for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return true;
	return false;
}

static int
run_shared(struct program_call *program, struct verb_call *call)
{
	const char *format = call->settings->format;
	struct err err = { 0 };

	/* Of these verbs only etcdctl's print their JSON themselves. */
	if (strcmp(call->called, "etcdutl") == 0 && format && strcmp(format, "json") == 0)
		report_set_mode(program->report, REPORT_JSON);
	if (verb_run(call, &err) == 0) {
		report_end(program->report);
		return 0;
	}
	say_error(program, &err);
	if (strcmp(call->called, "etcdutl") == 0 && err.code != ERR_USAGE &&
	    err.code != ERR_UNSUPPORTED)
		return FAILED;
	return status_of(&err);
}

static int
run_as(struct program_call *program, const struct tool *tool)
{
	struct settings settings = { .etcdctl = true };
	struct verb_call call = { .settings = &settings, .loop = program->loop,
		.report = program->report, .ask = program->ask, .etcdctl = true,
		.called = tool->name };
	struct err err = { 0 };
	int status;

	if (wants_help(program->argc, program->argv)) {
		if (program->argc && strcmp(program->argv[0], "help") == 0)
			return usage(program, tool,
			    (struct words){ program->argc - 1, program->argv + 1 });
		return usage(program, tool, (struct words){ program->argc, program->argv });
	}
	if (verb_parse((struct words){ program->argc, program->argv }, &settings,
	    &call.verb, &call.args, &err) != 0) {
		if (!call.verb && strstr(err.text, "there is no verb")) {
			status = unknown_command(program, tool,
			    first_word(program->argc, program->argv));
		} else {
			report_words(program->report, "Error: %s", err.text);
			status = FAILED;
		}
	} else if (!call.verb || !in_list(tool->shared, call.verb->words)) {
		status = unknown_command(program, tool, first_word(program->argc, program->argv));
	} else {
		status = run_shared(program, &call);
	}
	args_free(call.args);
	settings_release(&settings);
	return status;
}

int
as_etcdctl(struct program_call *program)
{
	return run_as(program, &etcdctl);
}

int
as_etcdutl(struct program_call *program)
{
	return run_as(program, &etcdutl);
}
