/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "etcd/call.h"
#include "verb/channel.h"
#include "verb/endpoints.h"
#include "verb/print.h"

static const struct flag flags[] = { ENDPOINTS_FLAG, { NULL } };

struct asked {
	struct work *work;
	const struct endpoint *endpoint;
	int64_t began_ns;
};

/* Rows are kept in the order in which the endpoints answered, as etcdctl shows them. */
struct work {
	struct asked *asked;
	struct print_health *rows;
	size_t count, answered;
	bool done;
	struct err worst;
};

static int64_t
now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void
finish(struct asked *asked, char *error, int64_t took)
{
	struct work *work = asked->work;

	work->rows[work->answered++] = (struct print_health){
		.endpoint = asked->endpoint->name, .healthy = !error, .error = error, .took_ns = took };
	work->done = work->answered == work->count;
}

static void
on_alarms(void *context, const Etcd__AlarmResponse *response)
{
	struct asked *asked = context;
	struct buf text = BUF_INIT(4096);

	if (response->n_alarms == 0) {
		finish(asked, NULL, asked->began_ns);
		return;
	}
	buf_add_str(&text, "Active Alarm(s): ");
	for (size_t i = 0; i < response->n_alarms; i++)
		buf_printf(&text, "%s ", print_alarm_name(response->alarms[i]->alarm));
	finish(asked, buf_steal(&text), asked->began_ns);
}

static void
no_alarms(void *context, const struct err *err)
{
	struct asked *asked = context;

	asked->work->worst = *err;
	finish(asked, xstrdup("Unable to fetch the alarm list"), asked->began_ns);
}

static void
ask_alarms(struct asked *asked)
{
	static const struct etcd_alarm_handler handler = { on_alarms, no_alarms };
	Etcd__AlarmRequest request = ETCD__ALARM_REQUEST__INIT;

	asked->began_ns = now_ns() - asked->began_ns;	/* what the read took */
	etcd_alarm_start(asked->endpoint->channel, &request, &handler, asked);
}

static void
on_read(void *context, const Etcd__RangeResponse *response)
{
	(void)response;
	ask_alarms(context);
}

/* A refused read was agreed on by the members too, so it proves the same. */
static void
on_error(void *context, const struct err *err)
{
	struct asked *asked = context;

	if (err->code == ERR_DENIED && strstr(err->text, "permission denied")) {
		ask_alarms(asked);
		return;
	}
	asked->work->worst = *err;
	finish(asked, xstrdup(err->text), now_ns() - asked->began_ns);
}

static int
ask_all(struct verb_call *call, const struct endpoint_list *list, struct work *work,
    struct err *err)
{
	static const struct etcd_range_handler handler = { on_read, on_error };
	static uint8_t key[] = "health";
	Etcd__RangeRequest request = ETCD__RANGE_REQUEST__INIT;

	request.key = (ProtobufCBinaryData){ sizeof key - 1, key };
	work->count = list->count;
	work->asked = xcalloc(list->count + 1, sizeof *work->asked);
	work->rows = xcalloc(list->count + 1, sizeof *work->rows);
	for (size_t i = 0; i < list->count; i++) {
		work->asked[i] = (struct asked){ work, &list->rows[i], now_ns() };
		etcd_range_start(list->rows[i].channel, &request, &handler, &work->asked[i]);
	}
	return loop_run_until(call->loop, &work->done, err);
}

static int
verdict(const struct verb_call *call, const struct work *work, struct err *err)
{
	size_t sick = 0;

	for (size_t i = 0; i < work->answered; i++)
		sick += !work->rows[i].healthy;
	if (sick == 0)
		return 0;
	if (call->etcdctl)
		return err_set(err, ERR_UNHEALTHY, "unhealthy cluster");
	if (work->count == 1 && work->worst.code) {
		*err = work->worst;
		return -1;
	}
	err_set(err, ERR_UNHEALTHY, "%zu of %zu endpoints are unhealthy", sick, work->count);
	return err_cure(err, "look at each one's reason above; then: vetch endpoint status --cluster");
}

static int
run(struct verb_call *call, struct err *err)
{
	struct endpoint_list list;
	struct work work = { 0 };
	struct print_health_list rows;
	struct print print;
	int result = -1;

	if (args_expect(call, 0, 0, err) != 0 || print_open(&print, call, err) != 0)
		return -1;
	if (endpoints_of_call(call, &list, err) == 0 && ask_all(call, &list, &work, err) == 0) {
		rows = (struct print_health_list){ work.rows, work.answered };
		result = print_answer(&print, PRINT_KIND_HEALTH, &rows, err);
		print_flush(&print);
		if (result == 0)
			result = verdict(call, &work, err);
	}
	print_close(&print);
	endpoints_release(&list);
	for (size_t i = 0; i < work.answered; i++)
		free(work.rows[i].error);
	free(work.rows);
	free(work.asked);
	return result;
}

const struct verb_ops ops_endpoint_health = { .flags = flags, .run = run, .reads = true };
