/* SPDX-License-Identifier: Apache-2.0 */
#include "etcd/watch.h"

#include <inttypes.h>
#include <stdlib.h>

#include "verb/channel.h"
#include "verb/print.h"
#include "verb/range.h"

static const struct flag flags[] = {
	RANGE_FLAGS,
	{ "rev", 0, FLAG_INT, "N", "from revision N on" },
	{ "prev-kv", 0, FLAG_BOOL, NULL, "print the pair before each event too" },
	{ "progress-notify", 0, FLAG_BOOL, NULL, "say now and then how far it has seen" },
	{ "events", 0, FLAG_INT, "N", "end after N events" },
	{ NULL },
};

struct watching {
	struct verb_call *call;
	struct print print;
	struct etcd_watch *watch;
	int64_t left;		/* events until it ends; -1: never */
	bool done, failed;
	struct err err;
};

static void
fail(struct watching *w, const struct err *err)
{
	w->err = *err;
	w->watch = NULL;
	w->failed = w->done = true;
}

static void
on_events(void *context, Etcd__Event *const *events, size_t count,
    const Etcd__ResponseHeader *header)
{
	struct watching *w = context;
	struct print_watch seen = { .header = header, .events = events, .count = count };

	if (w->left >= 0 && (int64_t)count > w->left)
		seen.count = (size_t)w->left;
	if (print_answer(&w->print, PRINT_KIND_WATCH, &seen, &w->err) != 0)
		w->failed = w->done = true;
	print_flush(&w->print);
	report_flush(w->call->report);
	if (w->left >= 0)
		w->left -= (int64_t)seen.count;
	w->done = w->done || w->left == 0;
}

static void
on_progress(void *context, int64_t revision)
{
	struct watching *w = context;

	if (!args_bool(w->call->args, "progress-notify"))
		return;
	buf_printf(&w->print.out, "progress notify: %" PRId64 "\n", revision);
	print_flush(&w->print);
	report_flush(w->call->report);
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

static int
run(struct verb_call *call, struct err *err)
{
	static const struct etcd_watch_handler handler = { .events = on_events,
		.progress = on_progress, .state = on_state, .compacted = on_compacted,
		.error = on_error };
	struct watching w = { .call = call, .left = args_int(call->args, "events", -1) };
	struct etcd_watch_spec spec = { .start_revision = args_int(call->args, "rev", 0),
		.prev_kv = args_bool(call->args, "prev-kv"),
		.progress_notify = args_bool(call->args, "progress-notify") };
	struct etcd_channel *channel = NULL;
	struct key_range range;
	int result = -1;

	if (range_of_args(call, &range, err) != 0)
		return -1;
	if (print_open(&w.print, call, err) == 0 && call_channel(call, &channel, err) == 0) {
		spec.key = range.key.data;
		spec.key_len = range.key.len;
		spec.range_end = range.end.len ? range.end.data : NULL;
		spec.range_end_len = range.end.len;
		w.watch = etcd_watch_start(channel, &spec, &handler, &w);
		result = loop_run_until(call->loop, &w.done, err);
		etcd_watch_cancel(w.watch);
	}
	if (result == 0 && w.failed) {
		*err = w.err;
		result = -1;
	}
	print_close(&w.print);
	etcd_channel_free(channel);
	range_release(&range);
	return result;
}

const struct verb_ops ops_watch = { .flags = flags, .run = run, .reads = true };
