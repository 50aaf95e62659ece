/* SPDX-License-Identifier: Apache-2.0 */
#include "verb/put.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/text.h"
#include "etcd/call.h"
#include "verb/channel.h"
#include "verb/guard.h"
#include "verb/print.h"

enum { VALUE_MAX = 64 << 20, SHOWN_MAX = 200, READ_BACK_MS = 5000, READ_BACK_PAUSE_MS = 200 };

static const struct flag flags[] = {
	{ "lease", 0, FLAG_STR, "ID", "attach it to this lease (hex)" },
	{ "prev-kv", 0, FLAG_BOOL, NULL, "print the key and value before the change" },
	{ "ignore-value", 0, FLAG_BOOL, NULL, "keep the value there is" },
	{ "ignore-lease", 0, FLAG_BOOL, NULL, "keep the lease there is" },
	{ "value-file", 0, FLAG_STR, "FILE", "take the value from a file" },
	RANGE_FLAG_KEY_BASE64,
	GUARD_FLAG,
	{ NULL },
};

static int
read_stdin(struct put_call *put, struct err *err)
{
	struct buf bytes = BUF_INIT(VALUE_MAX);
	char part[65536];
	ssize_t n;

	while ((n = read(STDIN_FILENO, part, sizeof part)) > 0)
		buf_add(&bytes, part, (size_t)n);
	if (bytes.len == 0 || bytes.full) {
		err_set(err, ERR_USAGE, bytes.full ? "the value on stdin is above 64 MiB" :
		    "put needs a value: an argument, or stdin that is not empty");
		buf_release(&bytes);
		return -1;
	}
	put->value_len = bytes.len;
	put->value = buf_steal(&bytes);
	return 0;
}

static int
read_file(const char *path, struct put_call *put, struct err *err)
{
	struct buf bytes = BUF_INIT(VALUE_MAX);

	if (fs_read(path, &bytes, err) != 0) {
		buf_release(&bytes);
		return -1;
	}
	put->value_len = bytes.len;
	put->value = buf_steal(&bytes);
	return 0;
}

static int
find_value(const struct verb_call *call, size_t at, bool from_stdin, struct put_call *put,
    struct err *err)
{
	const char *word = args_at(call->args, at), *file = args_str(call->args, "value-file");
	bool ignore = args_bool(call->args, "ignore-value");

	if (args_count(call->args) > at + 1 && !call->etcdctl)
		return err_set(err, ERR_USAGE, "put takes one key and one value: too many arguments");
	if (word && (ignore || file))
		return err_set(err, ERR_USAGE, "put takes no value argument with --%s",
		    ignore ? "ignore-value" : "value-file");
	if (ignore)
		return 0;
	if (file)
		return read_file(file, put, err);
	if (word) {
		put->value = xstrdup(word);
		put->value_len = strlen(word);
		return 0;
	}
	if (from_stdin)
		return read_stdin(put, err);
	return err_set(err, ERR_USAGE, "put needs a value");
}

static int
find_lease(const struct verb_call *call, struct put_call *put, struct err *err)
{
	const char *text = args_str(call->args, "lease");
	uint64_t id = 0;

	if (text && (!text_hex64(text, &id) || id > INT64_MAX))
		return err_set(err, ERR_USAGE, "--lease: \"%.40s\" is no lease ID in hex", text);
	put->request.lease = (int64_t)id;
	return 0;
}

int
put_of_args(const struct verb_call *call, bool from_stdin, struct put_call *put, struct err *err)
{
	size_t next;

	*put = (struct put_call){ 0 };
	etcd__put_request__init(&put->request);
	if (range_one_key(call, &put->range, &next, err) != 0)
		return -1;
	if (find_value(call, next, from_stdin, put, err) != 0 || find_lease(call, put, err) != 0) {
		put_release(put);
		return -1;
	}
	put->request.key = put->range.key;
	put->request.value = (ProtobufCBinaryData){ put->value_len, (uint8_t *)put->value };
	put->request.prev_kv = args_bool(call->args, "prev-kv");
	put->request.ignore_value = args_bool(call->args, "ignore-value");
	put->request.ignore_lease = args_bool(call->args, "ignore-lease");
	return 0;
}

void
put_release(struct put_call *put)
{
	range_release(&put->range);
	free(put->value);
	*put = (struct put_call){ 0 };
}

static void
plan_lease(struct plan *plan, const struct put_call *put, const Etcd__KeyValue *kv)
{
	if (!kv || !kv->lease || put->request.lease == kv->lease)
		return;
	if (put->request.ignore_lease)
		plan_line(plan, "It keeps lease %016" PRIx64 " and expires with it", (uint64_t)kv->lease);
	else
		plan_line(plan, "It leaves its lease %016" PRIx64 " and will not expire with it",
		    (uint64_t)kv->lease);
}

/* A value that is long, or that no shell's word can hold, stands there as its file. */
static void
plan_command(struct buf *out, const struct put_call *put, const char *file)
{
	const char *value = put->value ? put->value : "";
	bool odd = put->value_len > SHOWN_MAX || memchr(value, '\0', put->value_len);

	buf_add_str(out, "etcdctl put ");
	if (put->request.lease)
		buf_printf(out, "--lease=%" PRIx64 " ", (uint64_t)put->request.lease);
	if (put->request.ignore_lease)
		buf_add_str(out, "--ignore-lease ");
	if (put->request.ignore_value)
		buf_add_str(out, "--ignore-value ");
	buf_add_str(out, "-- ");
	range_shell_word(out, (const char *)put->range.key.data, put->range.key.len);
	if (put->request.ignore_value)
		return;
	buf_add_str(out, file && odd ? " <" : " ");
	if (file && odd)
		range_shell_word(out, file, strlen(file));
	else
		range_shell_word(out, value, put->value_len < SHOWN_MAX ? put->value_len : SHOWN_MAX);
	if (!file && odd)
		buf_add_str(out, "...");
}

static void
plan_words(const struct verb_call *call, struct plan *plan, const struct put_call *put,
    const Etcd__RangeResponse *current)
{
	const Etcd__KeyValue *kv = current->n_kvs ? current->kvs[0] : NULL;
	struct buf key = BUF_INIT(1 << 20), command = BUF_INIT(1 << 20);
	char revision[32];

	text_escape(&key, (const char *)put->range.key.data, put->range.key.len);
	if (kv) {
		text_grouped(kv->mod_revision, revision, sizeof revision);
		plan_line(plan, "Changes %s, %zu bytes to %zu", buf_str(&key), kv->value.len,
		    put->request.ignore_value ? kv->value.len : put->value_len);
		plan_line(plan, "only if it is still as read: version %" PRId64 ", mod revision %s",
		    kv->version, revision);
	} else {
		plan_line(plan, "Makes %s, %zu byte%s", buf_str(&key), put->value_len,
		    put->value_len == 1 ? "" : "s");
		plan_line(plan, "only if there is still no such key");
	}
	plan_lease(plan, put, kv);
	plan_command(&command, put, args_str(call->args, "value-file"));
	plan_etcdctl(plan, buf_str(&command));
	buf_release(&command);
	buf_release(&key);
}

/* A file may be written to while the plan is looked at. */
static void
value_hash(const struct put_call *put, char hex[SHA256_HEX_SIZE])
{
	unsigned char digest[SHA256_SIZE];

	sha256_once(put->value ? put->value : "", put->value_len, digest);
	hex_encode(digest, sizeof digest, hex);
}

static void
plan_value(struct plan *plan, const struct verb_call *call, const struct put_call *put)
{
	char hex[SHA256_HEX_SIZE];

	if (!args_str(call->args, "value-file"))
		return;
	value_hash(put, hex);
	json_put_str(plan_guard(plan), "value_sha256", hex);
}

static int
check_value(const struct verb_call *call, const struct put_call *put, struct err *err)
{
	const char *planned = call->plan ? json_str(plan_guard(call->plan), "value_sha256", NULL) : NULL;
	char hex[SHA256_HEX_SIZE];

	if (!planned)
		return 0;
	value_hash(put, hex);
	if (strcmp(planned, hex) == 0)
		return 0;
	return err_set(err, ERR_GUARD, "not written: %s changed since its plan was shown",
	    args_str(call->args, "value-file"));
}

/* On the command line etcdctl's word acts at once; only who asked for a plan gets it guarded. */
static int
plan(struct verb_call *call, struct plan *plan_out, struct err *err)
{
	struct etcd_channel *channel = NULL;
	Etcd__RangeResponse *current = NULL;
	struct put_call put;
	int result = -1;

	if (!call->settings->plan)
		return 0;
	if (put_of_args(call, report_mode(call->report) != REPORT_JOB, &put, err) != 0)
		return -1;
	if (call_channel(call, &channel, err) == 0 &&
	    guard_plan_key(channel, &put.range, plan_out, &current, err) == 0) {
		plan_words(call, plan_out, &put, current);
		plan_value(plan_out, call, &put);
		plan_confirm_one(plan_out);
		result = 0;
	}
	etcd__range_response__free_unpacked(current, NULL);
	etcd_channel_free(channel);
	put_release(&put);
	return result;
}

static void
pause_over(void *context)
{
	*(bool *)context = true;
}

/* The line that was lost may come back in a moment, or another member serve. */
static int
ask_again(struct verb_call *call, struct etcd_channel *channel, const Etcd__RangeRequest *request,
    Etcd__RangeResponse **response, struct err *err)
{
	int64_t end = clock_ms() + READ_BACK_MS;

	while (etcd_range(channel, request, response, err) != 0) {
		bool over = false;

		if (clock_ms() > end || (err->code != ERR_CONNECT && err->code != ERR_TIMEOUT))
			return -1;
		loop_timer_add(call->loop, READ_BACK_PAUSE_MS, pause_over, &over);
		if (loop_run_until(call->loop, &over, err) != 0)
			return -1;
	}
	return 0;
}

/* A put whose answer never came may have been applied: what lies there now tells. */
static int
read_back(struct verb_call *call, struct etcd_channel *channel, const struct put_call *put,
    struct err *err)
{
	Etcd__RangeRequest request = ETCD__RANGE_REQUEST__INIT;
	Etcd__RangeResponse *response;
	const Etcd__KeyValue *kv;
	struct err lost;
	bool same;

	request.key = put->range.key;
	if (ask_again(call, channel, &request, &response, &lost) != 0)
		return err_prefix(err, "unknown whether it was written");
	kv = response->n_kvs ? response->kvs[0] : NULL;
	same = kv && !put->request.ignore_value && kv->value.len == put->value_len &&
	    memcmp(kv->value.data, put->value ? put->value : "", put->value_len) == 0;
	etcd__range_response__free_unpacked(response, NULL);
	if (same)
		return 0;
	err_set(err, ERR_UNKNOWN,
	    "unknown whether it was written: the answer never came, and another value is there now");
	return err_cure(err, "look again in a moment: vetch get KEY -w fields");
}

static void
say_done(struct verb_call *call, const Etcd__ResponseHeader *header)
{
	struct json_object *result;

	if (report_mode(call->report) != REPORT_JOB)
		return;
	result = json_object_new_object();
	if (header)
		json_put_int(result, "revision", header->revision);
	report_result(call->report, result);
}

static int
send_guarded(struct verb_call *call, struct etcd_channel *channel, struct put_call *put,
    const struct guard *guard, struct err *err)
{
	Etcd__RequestOp op = ETCD__REQUEST_OP__INIT;
	Etcd__TxnResponse *txn;
	struct print print;
	int result;

	if (print_open(&print, call, err) != 0)
		return -1;
	op.request_case = ETCD__REQUEST_OP__REQUEST_REQUEST_PUT;
	op.request_put = &put->request;
	result = guard_txn(channel, guard, &op, &txn, err);
	if (result == 0) {
		Etcd__PutResponse done = ETCD__PUT_RESPONSE__INIT;

		done.header = txn->header;
		if (txn->n_responses && txn->responses[0]->response_case ==
		    ETCD__RESPONSE_OP__RESPONSE_RESPONSE_PUT)
			done.prev_kv = txn->responses[0]->response_put->prev_kv;
		result = print_answer(&print, PRINT_KIND_PUT, &done, err);
		say_done(call, txn->header);
		etcd__txn_response__free_unpacked(txn, NULL);
	}
	print_close(&print);
	return result;
}

static int
send_plain(struct verb_call *call, struct etcd_channel *channel, struct put_call *put,
    struct err *err)
{
	Etcd__PutResponse *response = NULL;
	struct print print;
	int result;

	if (print_open(&print, call, err) != 0)
		return -1;
	result = etcd_put(channel, &put->request, &response, err);
	if (result == 0) {
		result = print_answer(&print, PRINT_KIND_PUT, response, err);
		say_done(call, response->header);
	}
	print_close(&print);
	etcd__put_response__free_unpacked(response, NULL);
	return result;
}

static int
run(struct verb_call *call, struct err *err)
{
	struct etcd_channel *channel = NULL;
	struct put_call put;
	struct guard guard;
	int result;

	if (put_of_args(call, report_mode(call->report) != REPORT_JOB, &put, err) != 0)
		return -1;
	guard_of_call(call, &put.range, &guard);
	result = check_value(call, &put, err);
	if (result == 0)
		result = call_channel(call, &channel, err);
	if (result == 0) {
		result = guard.on ? send_guarded(call, channel, &put, &guard, err) :
		    send_plain(call, channel, &put, err);
		if (result != 0 && err->code == ERR_UNKNOWN && !call->etcdctl &&
		    read_back(call, channel, &put, err) == 0) {
			report_warn(call->report,
			    "the answer never came; read back: the value is there");
			say_done(call, NULL);
			result = 0;
		}
	}
	etcd_channel_free(channel);
	put_release(&put);
	return result;
}

const struct verb_ops ops_put = { .flags = flags, .plan = plan, .run = run };
