/* SPDX-License-Identifier: Apache-2.0 */
#include "verb/del.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "etcd/call.h"
#include "verb/channel.h"
#include "verb/guard.h"
#include "verb/print.h"

enum { SAMPLE = 5, PAUSE_MS = 2000 };

static const struct flag flags[] = {
	RANGE_FLAGS,
	{ "range", 0, FLAG_BOOL, NULL, "KEY and RANGE_END are meant: do not wait two seconds" },
	{ "prev-kv", 0, FLAG_BOOL, NULL, "print what was deleted" },
	GUARD_FLAG,
	{ NULL },
};

void
del_request(const struct verb_call *call, const struct key_range *range,
    Etcd__DeleteRangeRequest *request)
{
	etcd__delete_range_request__init(request);
	request->key = range->key;
	request->range_end = range->end;
	request->prev_kv = args_bool(call->args, "prev-kv");
}

static void
plan_command(struct plan *plan, const struct verb_call *call, const struct key_range *range)
{
	struct buf command = BUF_INIT(8 << 20);
	bool prefix = args_bool(call->args, "prefix"), from = args_bool(call->args, "from-key");

	buf_add_str(&command, "etcdctl del ");
	if (range_is_wide(range))
		buf_add_str(&command, prefix ? "--prefix " : from ? "--from-key " : "--range ");
	buf_add_str(&command, "-- ");
	range_shell_word(&command, (const char *)range->key.data, range->key.len);
	if (range_is_wide(range) && !prefix && !from) {
		buf_add_byte(&command, ' ');
		range_shell_word(&command, (const char *)range->end.data, range->end.len);
	}
	plan_etcdctl(plan, buf_str(&command));
	buf_release(&command);
}

static int
plan_one(struct etcd_channel *channel, const struct key_range *range, struct plan *plan,
    struct err *err)
{
	Etcd__RangeResponse *current;
	struct buf key = BUF_INIT(8 << 20);
	char revision[32];

	if (guard_plan_key(channel, range, plan, &current, err) != 0)
		return -1;
	text_escape(&key, (const char *)range->key.data, range->key.len);
	if (current->n_kvs) {
		const Etcd__KeyValue *kv = current->kvs[0];

		text_grouped(kv->mod_revision, revision, sizeof revision);
		plan_line(plan, "Deletes %s, %zu byte%s", buf_str(&key), kv->value.len,
		    kv->value.len == 1 ? "" : "s");
		plan_line(plan, "only if it is still as read: version %" PRId64 ", mod revision %s",
		    kv->version, revision);
		plan_confirm_one(plan);
	} else {
		plan_line(plan, "There is no key %s: nothing to delete", buf_str(&key));
	}
	buf_release(&key);
	etcd__range_response__free_unpacked(current, NULL);
	return 0;
}

/* What must be typed: the last part of the prefix, or the count where a prefix has none. */
static void
confirm_wide(struct plan *plan, const struct key_range *range, int64_t count)
{
	const char *key = (const char *)range->key.data;
	size_t len = range->key.len, start = len;
	char *text;

	while (start && (start == len || key[start - 1] != '/'))
		start--;
	if (start == len || !text_is_plain(key + start, len - start) || len - start > 200)
		text = xasprintf("%" PRId64, count);
	else
		text = xstrndup(key + start, len - start);
	plan_confirm_typed(plan, text);
	free(text);
}

/* The count and the sample cost one look at the range each, no values: this is asked once. */
static int
plan_wide(struct etcd_channel *channel, const struct key_range *range, struct plan *plan,
    struct err *err)
{
	Etcd__RangeRequest request = ETCD__RANGE_REQUEST__INIT;
	Etcd__RangeResponse *response;
	struct buf line = BUF_INIT(8 << 20);
	char count[32];

	request.key = range->key;
	request.range_end = range->end;
	request.keys_only = true;
	request.limit = SAMPLE;
	if (etcd_range(channel, &request, &response, err) != 0)
		return -1;
	text_grouped(response->count, count, sizeof count);
	text_escape(&line, (const char *)range->key.data, range->key.len);
	plan_line(plan, "Deletes %s key%s under %s", count, response->count == 1 ? "" : "s",
	    buf_str(&line));
	for (size_t i = 0; i < response->n_kvs; i++) {
		buf_reset(&line);
		text_escape(&line, (const char *)response->kvs[i]->key.data,
		    response->kvs[i]->key.len);
		plan_line(plan, "  %s", buf_str(&line));
	}
	if (response->count > (int64_t)response->n_kvs)
		plan_line(plan, "  and %" PRId64 " more", response->count - (int64_t)response->n_kvs);
	if (response->count)
		confirm_wide(plan, range, response->count);
	json_put_int(plan_guard(plan), "revision", response->header ? response->header->revision : 0);
	json_put_int(plan_guard(plan), "count", response->count);
	buf_release(&line);
	etcd__range_response__free_unpacked(response, NULL);
	return 0;
}

/* At a terminal a range is never deleted without its count shown; in a script the words act at
 * once, as etcdctl's do. */
static bool
wants_plan(const struct verb_call *call, const struct key_range *range)
{
	if (call->etcdctl)
		return false;
	return call->settings->plan || (range_is_wide(range) && !call->settings->yes &&
	    report_mode(call->report) == REPORT_TEXT && isatty(STDIN_FILENO) && isatty(STDERR_FILENO));
}

static int
plan(struct verb_call *call, struct plan *plan_out, struct err *err)
{
	struct etcd_channel *channel = NULL;
	struct key_range range;
	int result = 0;

	if (range_of_args(call, &range, err) != 0)
		return -1;
	if (wants_plan(call, &range)) {
		result = call_channel(call, &channel, err);
		if (result == 0)
			result = range_is_wide(&range) ? plan_wide(channel, &range, plan_out, err) :
			    plan_one(channel, &range, plan_out, err);
		plan_command(plan_out, call, &range);
	}
	etcd_channel_free(channel);
	range_release(&range);
	return result;
}

static void
say_done(struct verb_call *call, const Etcd__DeleteRangeResponse *gone)
{
	struct json_object *result;

	if (report_mode(call->report) != REPORT_JOB)
		return;
	result = json_object_new_object();
	json_put_int(result, "deleted", gone->deleted);
	if (gone->header)
		json_put_int(result, "revision", gone->header->revision);
	report_result(call->report, result);
}

static int
send_guarded(struct verb_call *call, struct etcd_channel *channel, const struct key_range *range,
    struct print *print, struct err *err)
{
	Etcd__RequestOp op = ETCD__REQUEST_OP__INIT;
	Etcd__DeleteRangeRequest request;
	Etcd__DeleteRangeResponse *gone;
	Etcd__TxnResponse *txn;
	struct guard guard;
	int result;

	guard_of_call(call, range, &guard);
	del_request(call, range, &request);
	op.request_case = ETCD__REQUEST_OP__REQUEST_REQUEST_DELETE_RANGE;
	op.request_delete_range = &request;
	if (guard_txn(channel, &guard, &op, &txn, err) != 0)
		return -1;
	if (txn->n_responses != 1 || txn->responses[0]->response_case !=
	    ETCD__RESPONSE_OP__RESPONSE_RESPONSE_DELETE_RANGE) {
		etcd__txn_response__free_unpacked(txn, NULL);
		return err_set(err, ERR_SERVER, "the answer to the deletion is none");
	}
	gone = txn->responses[0]->response_delete_range;
	if (!gone->header) {
		gone->header = txn->header;
		txn->header = NULL;
	}
	result = print_answer(print, PRINT_KIND_DELETE, gone, err);
	say_done(call, gone);
	etcd__txn_response__free_unpacked(txn, NULL);
	return result;
}

static int
send_plain(struct verb_call *call, struct etcd_channel *channel, const struct key_range *range,
    struct print *print, struct err *err)
{
	Etcd__DeleteRangeRequest request;
	Etcd__DeleteRangeResponse *response = NULL;
	int result;

	del_request(call, range, &request);
	result = etcd_delete_range(channel, &request, &response, err);
	if (result == 0) {
		result = print_answer(print, PRINT_KIND_DELETE, response, err);
		say_done(call, response);
	}
	etcd__delete_range_response__free_unpacked(response, NULL);
	return result;
}

static void
pause_over(void *context)
{
	*(bool *)context = true;
}

/* etcdctl waits two seconds before KEY RANGE_END, which is easily typed by mistake. */
static int
pause_before(struct verb_call *call, const struct key_range *range, struct err *err)
{
	bool over = false;

	if (!call->etcdctl || !range_is_wide(range) || args_bool(call->args, "prefix") ||
	    args_bool(call->args, "from-key") || args_bool(call->args, "range"))
		return 0;
	report_words(call->report, "Warning: all keys from %s up to %s go in 2 seconds; interrupt to"
	    " keep them, give --range to go without this pause.", args_at(call->args, 0),
	    args_at(call->args, 1));
	loop_timer_add(call->loop, PAUSE_MS, pause_over, &over);
	return loop_run_until(call->loop, &over, err);
}

static int
run(struct verb_call *call, struct err *err)
{
	struct etcd_channel *channel = NULL;
	struct key_range range;
	struct print print;
	struct guard guard;
	int result = -1;

	if (range_of_args(call, &range, err) != 0)
		return -1;
	guard_of_call(call, &range, &guard);
	if (print_open(&print, call, err) == 0 && pause_before(call, &range, err) == 0 &&
	    call_channel(call, &channel, err) == 0)
		result = guard.on ? send_guarded(call, channel, &range, &print, err) :
		    send_plain(call, channel, &range, &print, err);
	print_close(&print);
	etcd_channel_free(channel);
	range_release(&range);
	return result;
}

const struct verb_ops ops_del = { .flags = flags, .plan = plan, .run = run };
