/* SPDX-License-Identifier: Apache-2.0
 * Which vetch was meant: the console, one verb, a job of the console, or another tool by its name.
 * The only file that prints. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "base/text.h"
#include "ui/console.h"
#include "verb/job_journal.h"
#include "verb/program.h"
#include "verb/verb.h"

enum { JOB_LINE_MAX = 8 << 20, ANSWER_MAX = 4096 };

static void
to_stdout(void *context, const void *data, size_t len)
{
	(void)context;
	fwrite(data, 1, len, stdout);
}

static void
flush_stdout(void *context)
{
	(void)context;
	fflush(stdout);
}

/* A job's parent reads line by line, so each goes out as it ends; the journal gets it too. */
static void
to_parent(void *context, const void *data, size_t len)
{
	const int *journal = context;

	if (*journal >= 0)
		fs_write_all(*journal, data, len);
	to_stdout(context, data, len);
	if (len && ((const char *)data)[len - 1] == '\n')
		fflush(stdout);
}

static void
to_stderr(void *context, const void *data, size_t len)
{
	(void)context;
	fwrite(data, 1, len, stderr);
}

static char *
ask(const char *prompt, bool secret)
{
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC);
	struct termios was, quiet;
	struct buf line = secret ? BUF_LOCKED(ANSWER_MAX) : BUF_INIT(ANSWER_MAX);
	bool ended = false;
	char c;

	if (fd < 0)
		return NULL;
	if (secret && tcgetattr(fd, &was) == 0) {
		quiet = was;
		quiet.c_lflag &= ~(tcflag_t)ECHO;
		tcsetattr(fd, TCSAFLUSH, &quiet);
	}
	dprintf(fd, "%s%s", prompt, secret ? ": " : "");
	while (!ended && read(fd, &c, 1) == 1) {
		ended = c == '\n';
		if (!ended)
			buf_add_byte(&line, c);
	}
	if (secret) {
		tcsetattr(fd, TCSAFLUSH, &was);
		dprintf(fd, "\n");
	}
	close(fd);
	explicit_bzero(&c, 1);
	if (ended)
		return buf_steal(&line);
	buf_release(&line);
	return NULL;
}

static void
print_error(const struct err *err)
{
	struct buf text = BUF_INIT(16 * sizeof err->text);

	text_escape_lines(&text, err->text, strlen(err->text));
	fprintf(stderr, "vetch: %s\n", buf_str(&text));
	if (*err->cure)
		fprintf(stderr, "cure: %s\n", err->cure);
	buf_release(&text);
}

static int
leave(int result, const struct err *err)
{
	if (fflush(stdout) != 0 && result == 0) {
		fprintf(stderr, "vetch: writing the output: %s\n", strerror(errno));
		return 1;
	}
	return result == 0 ? 0 : err_status(err->code);
}

static int
print_usage(const struct verb *verb)
{
	struct buf text = BUF_INIT(1 << 16);

	verb_usage(verb, &text);
	fputs(buf_str(&text), stdout);
	buf_release(&text);
	return 0;
}

static int
run_verb(struct verb_call *call, struct err *err)
{
	struct report_sink sink = { to_stdout, to_stderr, NULL,
		isatty(STDERR_FILENO) && !call->etcdctl, flush_stdout };
	const char *format = call->settings->format;
	int result;

	call->loop = loop_new();
	call->report = report_new(REPORT_TEXT, &sink);
	if (!call->etcdctl && format && strcmp(format, "json") == 0)
		report_set_mode(call->report, REPORT_JSON);
	result = verb_run(call, err);
	/* "Unhealthy" is an answer: whoever asked for JSON gets it whole. */
	if (result == 0 || (report_mode(call->report) == REPORT_JSON && err_status(err->code) == 5))
		report_end(call->report);
	else
		report_error(call->report, err);
	fflush(stdout);
	if (result != 0)
		print_error(err);
	report_free(call->report);
	loop_free(call->loop);
	return leave(result, err);
}

/* Straight into its place: a job's line holds secrets. */
static void
read_line(struct buf *line)
{
	char *at;
	ssize_t n;

	while ((at = buf_reserve(line, 4096)) && (n = read(STDIN_FILENO, at, 4096)) > 0)
		buf_commit(line, (size_t)n);
}

static int
run_job(struct settings *settings)
{
	int journal = -1;
	struct report_sink sink = { to_parent, to_stderr, &journal, false };
	struct verb_call call = { .settings = settings };
	struct buf line = BUF_LOCKED(JOB_LINE_MAX);
	struct secrets secrets = { 0 };
	struct err err = { 0 };
	int result;

	read_line(&line);
	result = secrets_take(line.data, line.len, &secrets, &err);
	journal = job_journal_open(buf_str(&line), line.len);
	call.loop = loop_new();
	call.report = report_new(REPORT_JOB, &sink);
	call.secrets = &secrets;
	if (result == 0)
		result = verb_job(buf_str(&line), line.len, &call, &err);
	if (result == 0)
		report_end(call.report);
	else
		report_error(call.report, &err);
	buf_release(&line);
	secrets_release(&secrets);
	args_free(call.args);
	report_free(call.report);
	loop_free(call.loop);
	return leave(result, &err);
}

/* The console's flags mean something only where no verb stands first. */
static bool
has_console_flag(int argc, char **argv)
{
	return argc && argv[0][0] == '-';
}

/* Takes the console's own flags out of argv. */
static int
console_flags(int *argc, char **argv, struct console_options *options, struct err *err)
{
	static const char *const names[] = { "--pane", "--script", "--size", "--dump" };
	const char **fields[] = { &options->pane, &options->script, &options->size, &options->dump };
	int kept = 0;

	for (int i = 0; i < *argc; i++) {
		size_t k;

		if (strcmp(argv[i], "--dump-panes") == 0) {
			options->dump_panes = true;
			continue;
		}
		for (k = 0; k < ARRAY_LEN(names); k++) {
			size_t len = strlen(names[k]);

			if (strncmp(argv[i], names[k], len) == 0 && argv[i][len] == '=') {
				*fields[k] = argv[i] + len + 1;
				break;
			}
			if (strcmp(argv[i], names[k]) != 0)
				continue;
			if (i + 1 >= *argc)
				return err_set(err, ERR_USAGE, "%s needs a value", names[k]);
			*fields[k] = argv[++i];
			break;
		}
		if (k == ARRAY_LEN(names))
			argv[kept++] = argv[i];
	}
	*argc = kept;
	return 0;
}

static bool
wants_help(int argc, char **argv)
{
	for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return true;
	return argc > 0 && strcmp(argv[0], "help") == 0;
}

static int
help(int argc, char **argv)
{
	struct settings settings = { 0 };
	const struct verb *verb = NULL;
	struct args *args = NULL;
	struct err err;
	int words = 0;

	if (argc && strcmp(argv[0], "help") == 0) {
		argc--;
		argv++;
	}
	while (words < argc && argv[words][0] != '-')
		words++;
	if (words)
		verb_parse((struct words){ words, argv }, &settings, &verb, &args, &err);
	args_free(args);
	settings_release(&settings);
	return print_usage(verb);
}

static int
run_console(struct settings *settings, struct console_options *options)
{
	struct err err = { 0 };
	int result;

	options->settings = settings;
	result = console_main(options, &err);
	if (result != 0)
		print_error(&err);
	return result == 0 ? 0 : options->exit_status ? options->exit_status : err_status(err.code);
}

/* A console flag may stand beside a verb only by mistake; without one, the words decide. */
static int
run_vetch(int argc, char **argv)
{
	struct settings settings = { 0 };
	struct console_options options = { 0 };
	struct verb_call call = { .settings = &settings, .ask = ask };
	struct err err = { 0 };
	int status;

	if (wants_help(argc, argv))
		return help(argc, argv);
	if (argc == 1 && strcmp(argv[0], "--job") == 0) {
		status = run_job(&settings);
		settings_release(&settings);
		return status;
	}
	if (argc == 1 && strcmp(argv[0], "--version") == 0)
		argv[0] += 2;
	if ((has_console_flag(argc, argv) && console_flags(&argc, argv, &options, &err) != 0) ||
	    verb_parse((struct words){ argc, argv }, &settings, &call.verb, &call.args, &err) != 0) {
		print_error(&err);
		status = err_status(err.code);
	} else {
		status = call.verb ? run_verb(&call, &err) : run_console(&settings, &options);
	}
	args_free(call.args);
	settings_release(&settings);
	return status;
}

static int
run_program(const struct program *program, int argc, char **argv)
{
	struct report_sink sink = { to_stdout, to_stderr, NULL, false, flush_stdout };
	struct program_call call = { .argc = argc, .argv = argv, .ask = ask, .stdin_fd = STDIN_FILENO };
	struct err err = { 0 };
	int status;

	call.loop = loop_new();
	call.report = report_new(REPORT_TEXT, &sink);
	status = program->run(&call);
	report_free(call.report);
	loop_free(call.loop);
	return status ? fflush(stdout), status : leave(0, &err);
}

static int
run_as(int argc, char **argv)
{
	const struct program *program = argc ? program_find(argv[0]) : NULL;

	if (program)
		return run_program(program, argc - 1, argv + 1);
	fprintf(stderr, "vetch: usage: vetch as NAME …, NAME one of:");
	for (program = programs; program->name; program++)
		fprintf(stderr, " %s", program->name);
	fprintf(stderr, "\n");
	return 3;
}

int
main(int argc, char **argv)
{
	const struct program *program = argc ? program_find(basename(argv[0])) : NULL;

	setlocale(LC_ALL, "");
	signal(SIGPIPE, SIG_IGN);
	if (program)
		return run_program(program, argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "as") == 0)
		return run_as(argc - 2, argv + 2);
	return run_vetch(argc - 1, argv + 1);
}
