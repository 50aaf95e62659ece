/* SPDX-License-Identifier: Apache-2.0
 * Under etcdctl's name: the verbs it shares with vetch, its words on stderr and its exit codes. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "verb/program.h"
#include "verb/verb.h"

/* What etcdctl has and vetch does too. */
static const char *const shared[] = {
	"alarm list", "del", "endpoint health", "endpoint status", "get", "lease grant", "member list",
	"put", "snapshot save", "txn", "version", "watch",
};

/* What etcdctl has besides. */
static const char *const missing[] = {
	"alarm", "auth", "check", "compaction", "completion", "defrag", "downgrade", "elect", "endpoint",
	"lease", "lock", "make-mirror", "member", "move-leader", "role", "snapshot", "user",
};

/* What etcdctl's exit codes are called in its source; 1 is any other failure. */
enum { FAILED = 1, BAD_INPUT = 3, BAD_FEATURE = 4, INTERRUPTED = 5, BAD_ARGUMENTS = 128 };

static bool
is_shared(const struct verb *verb)
{
	for (size_t i = 0; i < ARRAY_LEN(shared); i++)
		if (strcmp(shared[i], verb->words) == 0)
			return true;
	return false;
}

static int
unknown_command(struct program_call *program, const char *word)
{
	for (size_t i = 0; i < ARRAY_LEN(missing); i++)
		if (strcmp(missing[i], word) == 0) {
			report_words(program->report,
			    "Error: vetch does not do this part of etcdctl's \"%s\" yet", word);
			return FAILED;
		}
	report_words(program->report, "Error: unknown command \"%s\" for \"etcdctl\"", word);
	report_words(program->report, "Run 'etcdctl --help' for usage.");
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
usage(struct program_call *program, int argc, char *const *argv)
{
	struct settings settings = { 0 };
	struct buf text = BUF_INIT(1 << 16);
	const struct verb *verb = NULL;
	struct args *args = NULL;
	int words = 0;

	while (words < argc && argv[words][0] != '-')
		words++;
	if (words)
		verb_parse((struct words){ words, argv }, &settings, &verb, &args, NULL);
	if (verb && is_shared(verb)) {
		verb_usage(verb, &text);
	} else {
		buf_add_str(&text, "vetch under etcdctl's name. Commands:\n");
		for (size_t i = 0; i < ARRAY_LEN(shared); i++)
			if (verb_find(shared[i]))
				buf_printf(&text, "\t%s\n", shared[i]);
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
	struct err err = { 0 };

	if (verb_run(call, &err) == 0) {
		report_end(program->report);
		return 0;
	}
	say_error(program, &err);
	return status_of(&err);
}

int
as_etcdctl(struct program_call *program)
{
	struct settings settings = { .etcdctl = true };
	struct verb_call call = { .settings = &settings, .loop = program->loop,
		.report = program->report, .ask = program->ask, .etcdctl = true };
	struct err err = { 0 };
	int status;

	if (wants_help(program->argc, program->argv)) {
		if (program->argc && strcmp(program->argv[0], "help") == 0)
			return usage(program, program->argc - 1, program->argv + 1);
		return usage(program, program->argc, program->argv);
	}
	if (verb_parse((struct words){ program->argc, program->argv }, &settings,
	    &call.verb, &call.args, &err) != 0) {
		if (!call.verb && strstr(err.text, "there is no verb")) {
			status = unknown_command(program, first_word(program->argc, program->argv));
		} else {
			report_words(program->report, "Error: %s", err.text);
			status = FAILED;
		}
	} else if (!call.verb || !is_shared(call.verb)) {
		status = unknown_command(program, first_word(program->argc, program->argv));
	} else {
		status = run_shared(program, &call);
	}
	args_free(call.args);
	settings_release(&settings);
	return status;
}
