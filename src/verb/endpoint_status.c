/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "etcd/call.h"
#include "verb/channel.h"
#include "verb/endpoints.h"
#include "verb/print.h"

static const struct flag flags[] = { ENDPOINTS_FLAG, { NULL } };

struct asked {
	struct work *work;
	const char *name;
	Etcd__StatusResponse *status;
	struct err err;
	bool answered;
};

struct work {
	struct asked *rows;
	size_t count, left;
	bool done;
};

static void
one_less(struct asked *asked)
{
	asked->answered = true;
	asked->work->done = --asked->work->left == 0;
}

/* The answer lives until the callback returns, so it is taken over by way of its bytes. */
static void
on_status(void *context, const Etcd__StatusResponse *status)
{
	struct asked *asked = context;
	size_t len = etcd__status_response__get_packed_size(status);
	uint8_t *bytes = xmalloc(len + 1);

	etcd__status_response__pack(status, bytes);
	asked->status = etcd__status_response__unpack(NULL, len, bytes);
	free(bytes);
	one_less(asked);
}

static void
on_error(void *context, const struct err *err)
{
	struct asked *asked = context;

	asked->err = *err;
	one_less(asked);
}

static int
ask_all(struct verb_call *call, const struct endpoint_list *list, struct work *work,
    struct err *err)
{
	static const struct etcd_status_handler handler = { on_status, on_error };
	Etcd__StatusRequest request = ETCD__STATUS_REQUEST__INIT;

	work->rows = xcalloc(list->count + 1, sizeof *work->rows);
	work->count = work->left = list->count;
	for (size_t i = 0; i < list->count; i++) {
		work->rows[i].work = work;
		work->rows[i].name = list->rows[i].name;
		etcd_status_start(list->rows[i].channel, &request, &handler, &work->rows[i]);
	}
	return loop_run_until(call->loop, &work->done, err);
}

/* Says who did not answer and gives the last such error. */
static int
say_missing(struct verb_call *call, const struct work *work, struct err *err)
{
	int result = 0;

	for (size_t i = 0; i < work->count; i++) {
		const struct asked *asked = &work->rows[i];

		if (asked->status)
			continue;
		if (call->etcdctl || work->count > 1)
			report_words(call->report, "Failed to get the status of endpoint %s (%s)",
			    asked->name, asked->err.text);
		*err = asked->err;
		result = -1;
	}
	if (result != 0 && call->etcdctl)
		err->text[0] = '\0';
	return result;
}

static int
print_all(struct print *print, const struct work *work, struct err *err)
{
	struct print_status *rows = xcalloc(work->count + 1, sizeof *rows);
	struct print_status_list answered = { rows, 0 };
	int result;

	for (size_t i = 0; i < work->count; i++)
		if (work->rows[i].status)
			rows[answered.count++] =
			    (struct print_status){ work->rows[i].name, work->rows[i].status };
	result = print_answer(print, PRINT_KIND_STATUS, &answered, err);
	free(rows);
	return result;
}

static int
run(struct verb_call *call, struct err *err)
{
	struct endpoint_list list;
	struct work work = { 0 };
	struct print print;
	int result = -1;

	if (args_expect(call, 0, 0, err) != 0 || print_open(&print, call, err) != 0)
		return -1;
	if (endpoints_of_call(call, &list, err) == 0 && ask_all(call, &list, &work, err) == 0 &&
	    print_all(&print, &work, err) == 0) {
		print_flush(&print);
		result = say_missing(call, &work, err);
	}
	print_close(&print);
	endpoints_release(&list);
	for (size_t i = 0; i < work.count; i++)
		etcd__status_response__free_unpacked(work.rows[i].status, NULL);
	free(work.rows);
	return result;
}

const struct verb_ops ops_endpoint_status = { .flags = flags, .run = run, .reads = true };
