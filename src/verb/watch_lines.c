/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "verb/channel.h"
#include "verb/txn_text.h"
#include "verb/watching.h"

enum { LINE_MAX_BYTES = 4 << 20 };

/* A watch of one line, with the arguments that the line had. */
struct line_watch {
	struct watching watching;
	struct args *args;
};

struct lines {
	struct verb_call *call;
	struct etcd_channel *channel;
	struct watching *first;
	struct loop_fd *input;
	struct buf bytes;
	bool done, failed;
	struct err err;
};

static void
stop(struct lines *lines, const struct err *err)
{
	lines->err = *err;
	lines->failed = lines->done = true;
}

static void
say_bad(struct lines *lines, const char *line, const char *why)
{
	report_words(lines->call->report, "Invalid command %s (%s)", line, why);
}

static void
release(struct watching *watching)
{
	struct line_watch *watch = (struct line_watch *)watching;

	watching_release(watching);
	args_free(watch->args);
	free(watch);
}

/* A flag that etcdctl does not know ends it; words that make no watch are only told. */
static void
begin(struct lines *lines, const char *line, struct words words)
{
	struct line_watch *watch = xcalloc(1, sizeof *watch);
	struct watching *w = &watch->watching;
	const struct verb *verb = lines->call->verb;
	struct err err = { 0 };
	bool command = false;

	*w = (struct watching){ .call = lines->call, .done = &lines->done, .failed = &lines->failed,
		.err = &lines->err };
	if (verb_parse(words, lines->call->settings, &verb, &watch->args, &err) != 0) {
		stop(lines, &err);
	} else {
		char *const *tail = args_tail(watch->args);

		w->args = watch->args;
		command = tail && !*tail;
		if (watching_check(lines->call, watch->args, &err) != 0 ||
		    print_open(&w->print, lines->call, &err) != 0 ||
		    watching_start(w, lines->channel, &err) != 0) {
			if (command)
				stop(lines, &err);
			else
				say_bad(lines, line, err.text);
		} else {
			w->next = lines->first;
			lines->first = w;
			return;
		}
	}
	release(w);
}

static void
take_line(struct lines *lines, const char *line)
{
	struct err err = { 0 };
	char **words = txn_words(line, &err);
	int count = 0;

	while (words && words[count])
		count++;
	if (!words)
		say_bad(lines, line, err.text);
	else if (count == 0)
		report_words(lines->call->report,
		    "Invalid command: %s (watch and progress supported)", line);
	else if (strcmp(words[0], "progress") == 0)
		etcd_watch_request_progress(lines->channel);
	else if (strcmp(words[0], "watch") != 0)
		say_bad(lines, line, "only support watch");
	else if (count == 1 && !getenv("ETCDCTL_WATCH_KEY"))
		say_bad(lines, line, "command type or key is not provided");
	else
		begin(lines, line, (struct words){ count - 1, words + 1 });
	strv_free(words);
}

static void
take_lines(struct lines *lines)
{
	char *newline;

	while (!lines->done && lines->bytes.len &&
	    (newline = memchr(lines->bytes.data, '\n', lines->bytes.len))) {
		size_t len = (size_t)(newline - lines->bytes.data);
		char *line = xstrndup(lines->bytes.data, len);

		buf_consume(&lines->bytes, len + 1);
		take_line(lines, line);
		free(line);
	}
}

static void
on_input(void *context, unsigned events)
{
	struct lines *lines = context;
	char bytes[4096];
	ssize_t n = read(STDIN_FILENO, bytes, sizeof bytes);
	struct err err;

	(void)events;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0 && buf_add(&lines->bytes, bytes, (size_t)n)) {
		take_lines(lines);
		return;
	}
	if (n > 0)
		err_set(&err, ERR_INPUT, "error reading watch request line: it is too long");
	else
		err_set(&err, ERR_INPUT, "error reading watch request line: EOF");
	stop(lines, &err);
}

int
watch_lines(struct verb_call *call, struct err *err)
{
	struct lines lines = { .call = call, .bytes = BUF_INIT(LINE_MAX_BYTES) };
	int result;

	if (report_mode(call->report) == REPORT_JOB)
		return err_set(err, ERR_UNSUPPORTED, "watch -i reads a terminal: on the command line only");
	if (call_channel(call, &lines.channel, err) != 0)
		return -1;
	lines.input = loop_fd_add(call->loop, STDIN_FILENO, LOOP_READ, on_input, &lines);
	result = loop_run_until(call->loop, &lines.done, err);
	loop_fd_remove(lines.input);
	while (lines.first) {
		struct watching *watching = lines.first;

		lines.first = watching->next;
		release(watching);
	}
	if (result == 0 && lines.failed) {
		*err = lines.err;
		result = -1;
	}
	buf_release(&lines.bytes);
	etcd_channel_free(lines.channel);
	return result;
}
