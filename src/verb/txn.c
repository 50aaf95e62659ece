/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "etcd/call.h"
#include "verb/channel.h"
#include "verb/del.h"
#include "verb/get.h"
#include "verb/print.h"
#include "verb/put.h"
#include "verb/txn_text.h"

enum { INPUT_MAX = 16 << 20 };

static const struct flag flags[] = {
	{ "interactive", 'i', FLAG_BOOL, NULL, "say what is expected next" },
	{ NULL },
};

/* One operation with everything its request borrows. */
struct op {
	Etcd__RequestOp request;
	struct settings settings;	/* what its line said of global flags is not heard */
	struct args *args;
	struct put_call put;
	struct key_range range;
	Etcd__RangeRequest get;
	Etcd__DeleteRangeRequest del;
};

struct ops {
	struct op **list;
	Etcd__RequestOp **requests;
	size_t len, cap, requests_cap;
};

struct reader {
	struct verb_call *call;
	struct buf input;
};

struct txn {
	Etcd__Compare **compares;
	size_t compare_len, compare_cap;
	struct ops success, failure;
};

static void
op_free(struct op *op)
{
	put_release(&op->put);
	range_release(&op->range);
	args_free(op->args);
	settings_release(&op->settings);
	free(op);
}

static void
ops_release(struct ops *ops)
{
	for (size_t i = 0; i < ops->len; i++)
		op_free(ops->list[i]);
	free(ops->list);
	free(ops->requests);
}

static int
fill_op(struct op *op, const struct verb_call *call, struct err *err)
{
	const char *word = call->verb->words;

	etcd__request_op__init(&op->request);
	if (strcmp(word, "put") == 0) {
		op->request.request_case = ETCD__REQUEST_OP__REQUEST_REQUEST_PUT;
		op->request.request_put = &op->put.request;
		return put_of_args(call, false, &op->put, err);
	}
	if (range_of_args(call, &op->range, err) != 0)
		return -1;
	if (strcmp(word, "get") == 0) {
		op->request.request_case = ETCD__REQUEST_OP__REQUEST_REQUEST_RANGE;
		op->request.request_range = &op->get;
		return get_request(call, &op->range, &op->get, err);
	}
	op->request.request_case = ETCD__REQUEST_OP__REQUEST_REQUEST_DELETE_RANGE;
	op->request.request_delete_range = &op->del;
	del_request(call, &op->range, &op->del);
	return 0;
}

static struct op *
parse_op(const struct verb_call *outer, const char *line, struct err *err)
{
	char **words = txn_words(line, err);
	const char *const names[] = { "get", "put", "del" };
	struct verb_call call = *outer;
	struct op *op = xcalloc(1, sizeof *op);
	int count = 0, result = -1;

	call.verb = NULL;
	while (words && words[count])
		count++;
	for (size_t i = 0; count > 1 && i < ARRAY_LEN(names); i++)
		if (strcmp(words[0], names[i]) == 0)
			call.verb = verb_find(names[i]);
	if (call.verb && verb_parse((struct words){ count - 1, words + 1 }, &op->settings, &call.verb,
	    &op->args, err) == 0) {
		call.args = op->args;
		result = fill_op(op, &call, err);
	}
	strv_free(words);
	if (result == 0)
		return op;
	op_free(op);
	err_set(err, ERR_INPUT, "invalid txn request: %.200s", line);
	err_cure(err, "only get, put and del, with their own flags, a line each");
	return NULL;
}

/* stdin is read no further than it must be: somebody may be typing. */
static int
fill(struct reader *reader, struct err *err)
{
	char part[65536];
	ssize_t n = read(STDIN_FILENO, part, sizeof part);

	if (n <= 0)
		return err_set(err, ERR_INPUT, "stdin ends before the empty line that ends this part");
	if (!buf_add(&reader->input, part, (size_t)n))
		return err_set(err, ERR_TOO_BIG, "the transaction on stdin is above 16 MiB");
	return 0;
}

/* The next line without its blanks, allocated; NULL at the empty line that ends a part. */
static int
next_line(struct reader *reader, char **line, struct err *err)
{
	char *end;
	size_t len, skip;

	while (!reader->input.len || !(end = memchr(reader->input.data, '\n', reader->input.len)))
		if (fill(reader, err) != 0)
			return -1;
	len = (size_t)(end - reader->input.data);
	*end = '\0';
	skip = strspn(reader->input.data, " \t\r");
	while (len > skip && strchr(" \t\r", reader->input.data[len - 1]))
		len--;
	*line = len > skip ? xstrndup(reader->input.data + skip, len - skip) : NULL;
	buf_consume(&reader->input, (size_t)(end - reader->input.data) + 1);
	return 0;
}

static void
prompt(struct reader *reader, const char *text)
{
	if (!args_bool(reader->call->args, "interactive"))
		return;
	report_text(reader->call->report, "%s\n", text);
	report_flush(reader->call->report);
}

static int
read_compares(struct reader *reader, struct txn *txn, struct err *err)
{
	char *line;
	int result;

	prompt(reader, "compares:");
	for (;;) {
		Etcd__Compare *compare;

		if (next_line(reader, &line, err) != 0)
			return -1;
		if (!line)
			return 0;
		compare = xcalloc(1, sizeof *compare);
		result = txn_compare_parse(line, compare, err);
		free(line);
		if (result != 0) {
			free(compare);
			return -1;
		}
		GROW(txn->compares, txn->compare_len, txn->compare_cap);
		txn->compares[txn->compare_len++] = compare;
	}
}

static int
read_ops(struct reader *reader, struct ops *ops, struct err *err)
{
	char *line;

	for (;;) {
		struct op *op;

		if (next_line(reader, &line, err) != 0)
			return -1;
		if (!line)
			return 0;
		op = parse_op(reader->call, line, err);
		free(line);
		if (!op)
			return -1;
		GROW(ops->list, ops->len, ops->cap);
		GROW(ops->requests, ops->len, ops->requests_cap);
		ops->list[ops->len] = op;
		ops->requests[ops->len++] = &op->request;
	}
}

static int
read_txn(struct reader *reader, struct txn *txn, struct err *err)
{
	if (read_compares(reader, txn, err) != 0)
		return -1;
	prompt(reader, "success requests (get, put, del):");
	if (read_ops(reader, &txn->success, err) != 0)
		return -1;
	prompt(reader, "failure requests (get, put, del):");
	return read_ops(reader, &txn->failure, err);
}

static int
send_txn(struct verb_call *call, const struct txn *txn, struct err *err)
{
	Etcd__TxnRequest request = ETCD__TXN_REQUEST__INIT;
	Etcd__TxnResponse *response = NULL;
	struct etcd_channel *channel = NULL;
	struct print print;
	int result = -1;

	request.compare = txn->compares;
	request.n_compare = txn->compare_len;
	request.success = txn->success.requests;
	request.n_success = txn->success.len;
	request.failure = txn->failure.requests;
	request.n_failure = txn->failure.len;
	if (print_open(&print, call, err) == 0 && call_channel(call, &channel, err) == 0 &&
	    etcd_txn(channel, &request, &response, err) == 0)
		result = print_answer(&print, PRINT_KIND_TXN, response, err);
	print_close(&print);
	etcd__txn_response__free_unpacked(response, NULL);
	etcd_channel_free(channel);
	return result;
}

static int
run(struct verb_call *call, struct err *err)
{
	struct reader reader = { .call = call, .input = BUF_INIT(INPUT_MAX) };
	struct txn txn = { 0 };
	int result = -1;

	if (args_expect(call, 0, 0, err) != 0)
		return -1;
	if (report_mode(call->report) == REPORT_JOB)
		return err_set(err, ERR_UNSUPPORTED, "txn reads stdin, which a console's job has not");
	if (read_txn(&reader, &txn, err) == 0)
		result = send_txn(call, &txn, err);
	for (size_t i = 0; i < txn.compare_len; i++) {
		txn_compare_release(txn.compares[i]);
		free(txn.compares[i]);
	}
	free(txn.compares);
	ops_release(&txn.success);
	ops_release(&txn.failure);
	buf_release(&reader.input);
	return result;
}

const struct verb_ops ops_txn = { .flags = flags, .run = run };
