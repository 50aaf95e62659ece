/* SPDX-License-Identifier: Apache-2.0
 * watch: changes of a key or a range as they happen. */
#include <inttypes.h>
#include <stdlib.h>

#include "verb/channel.h"
#include "verb/range.h"
#include "verb/watching.h"

static const struct flag flags[] = {
	RANGE_FLAGS,
	{ "rev", 0, FLAG_INT, "N", "from revision N on" },
	{ "prev-kv", 0, FLAG_BOOL, NULL, "print the pair before each event too" },
	{ "progress-notify", 0, FLAG_BOOL, NULL, "say now and then how far it has seen" },
	{ "interactive", 'i', FLAG_BOOL, NULL, "watches, one a line, from stdin" },
	{ "events", 0, FLAG_INT, "N", "end after N events" },
	{ NULL },
};

static void
fail(struct watching *w, const struct err *err)
{
	*w->err = *err;
	w->watch = NULL;
	*w->failed = *w->done = true;
}

/* ---- what etcd says */

static void
put(struct watching *w, Etcd__Event *const *events, size_t count, int64_t revision)
{
	if (w->exec) {
		watch_exec_add(w->exec, &w->print.out, events, count, revision);
		return;
	}
	print_flush(&w->print);
	report_flush(w->call->report);
}

static void
on_events(void *context, Etcd__Event *const *events, size_t count,
    const Etcd__ResponseHeader *header)
{
	struct watching *w = context;
	struct print_watch seen = { .header = header, .events = events, .count = count };

	if (w->left >= 0 && (int64_t)count > w->left)
		seen.count = (size_t)w->left;
	if (w->left == 0)
		return;
	if (print_answer(&w->print, PRINT_KIND_WATCH, &seen, w->err) != 0) {
		*w->failed = *w->done = true;
		return;
	}
	if (w->left >= 0)
		w->left -= (int64_t)seen.count;
	put(w, events, seen.count, header ? header->revision : 0);
	if (w->left == 0 && !w->exec)
		*w->done = true;
}

static void
on_progress(void *context, int64_t revision)
{
	struct watching *w = context;

	if (!args_bool(w->args, "progress-notify") && !args_bool(w->call->args, "interactive"))
		return;
	buf_printf(&w->print.out, "progress notify: %" PRId64 "\n", revision);
	put(w, NULL, 0, revision);
}

/* etcdctl goes on in silence; a person at a terminal is told. */
static void
on_state(void *context, enum etcd_watch_state state, const struct err *why)
{
	struct watching *w = context;

	if (state == ETCD_WATCH_RECONNECTING && why && !w->call->etcdctl)
		report_warn(w->call->report, "%s; the watch goes on where it was once it is back",
		    why->text);
}

static void
on_compacted(void *context, int64_t compact_revision)
{
	struct watching *w = context;
	struct err err;

	if (w->call->etcdctl) {
		report_words(w->call->report, "watch was canceled "
		    "(etcdserver: mvcc: required revision has been compacted)");
		err_set(&err, ERR_NOT_FOUND, "watch is canceled by the server");
	} else {
		err_set(&err, ERR_NOT_FOUND, "revisions before %" PRId64 " are compacted away",
		    compact_revision);
		err_cure(&err, "start with --rev %" PRId64 " or later", compact_revision);
	}
	fail(w, &err);
}

static void
on_error(void *context, const struct err *err)
{
	fail(context, err);
}

/* ---- the command */

static void
on_idle(void *context)
{
	struct watching *w = context;

	if (w->left == 0)
		*w->done = true;
}

static void
on_bad_end(void *context, const char *why)
{
	struct watching *w = context;

	if (w->call->etcdctl)
		report_words(w->call->report, "%s", why);
	err_set(w->err, ERR_FAILED, "%s", w->call->etcdctl ? "" : why);
	*w->failed = *w->done = true;
}

/* ---- one watch */

int
watching_check(const struct verb_call *call, struct args *args, struct err *err)
{
	const char *key = getenv("ETCDCTL_WATCH_KEY"), *end = getenv("ETCDCTL_WATCH_RANGE_END");
	char *const *command = args_tail(args);
	bool named = args_count(args) || args_given(args, "key-base64");

	if (command && !*command)
		return err_set(err, ERR_USAGE,
		    "bad number of arguments (found separator --, but no commands)");
	if (command && report_mode(call->report) == REPORT_JOB)
		return err_set(err, ERR_UNSUPPORTED, "watch runs a command on the command line only");
	if (key && *key && named)
		return err_set(err, ERR_USAGE,
		    "bad number of arguments (found conflicting environment key)");
	if (key && *key) {
		args_append(args, key);
		if (end && *end)
			args_append(args, end);
	} else if (!named && call->etcdctl) {
		return err_set(err, ERR_USAGE, "bad number of arguments");
	}
	return 0;
}

int
watching_start(struct watching *w, struct etcd_channel *channel, struct err *err)
{
	static const struct etcd_watch_handler handler = { .events = on_events,
		.progress = on_progress, .state = on_state, .compacted = on_compacted,
		.error = on_error };
	static const struct watch_exec_handler commands = { on_idle, on_bad_end };
	struct verb_call call = *w->call;
	struct etcd_watch_spec spec = { .start_revision = args_int(w->args, "rev", 0),
		.prev_kv = args_bool(w->args, "prev-kv"),
		.progress_notify = args_bool(w->args, "progress-notify") };
	struct key_range range;

	call.args = (struct args *)(uintptr_t)w->args;
	if (range_of_args(&call, &range, err) != 0)
		return -1;
	w->left = args_int(w->args, "events", -1);
	spec.key = range.key.data;
	spec.key_len = range.key.len;
	spec.range_end = range.end.len ? range.end.data : NULL;
	spec.range_end_len = range.end.len;
	if (args_tail(w->args))
		w->exec = watch_exec_new(w->call, args_tail(w->args), &commands, w);
	w->watch = etcd_watch_start(channel, &spec, &handler, w);
	range_release(&range);
	return 0;
}

void
watching_release(struct watching *w)
{
	etcd_watch_cancel(w->watch);
	watch_exec_free(w->exec);
	print_close(&w->print);
}

static int
run(struct verb_call *call, struct err *err)
{
	bool done = false, failed = false;
	struct err why = { 0 };
	struct watching w = { .call = call, .args = call->args, .done = &done, .failed = &failed,
		.err = &why };
	struct etcd_channel *channel = NULL;
	int result = -1;

	if (args_bool(call->args, "interactive"))
		return watch_lines(call, err);
	if (watching_check(call, call->args, err) != 0)
		return -1;
	if (print_open(&w.print, call, err) == 0 && call_channel(call, &channel, err) == 0 &&
	    watching_start(&w, channel, err) == 0)
		result = loop_run_until(call->loop, &done, err);
	watching_release(&w);
	if (result == 0 && failed) {
		*err = why;
		result = -1;
	}
	etcd_channel_free(channel);
	return result;
}

const struct verb_ops ops_watch = { .flags = flags, .run = run, .reads = true, .tail = true };
