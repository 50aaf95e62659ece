/* SPDX-License-Identifier: Apache-2.0 */
#include "etcd/probe.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "etcd/link.h"

enum {
	QUIET_MS = 800,		/* silence before it is asked */
	ANSWER_MS = 2000,	/* silence after that which ends the link */
	LATE_MS = 200,		/* a timer so late says that this process slept, not the peer */
	ANSWER_MAX = 1 << 16,
};

struct probe {
	struct loop *loop;
	struct link *link;
	struct loop_timer *timer;
	struct grpc_stream *stream;
	int64_t heard_ms, due_ms;
	int64_t asked_ms;	/* 0: not waiting for an answer */
	bool asking;
};

struct probe *
probe_new(struct loop *loop, struct link *link)
{
	struct probe *probe = xcalloc(1, sizeof *probe);

	probe->loop = loop;
	probe->link = link;
	return probe;
}

void
probe_stop(struct probe *probe)
{
	if (!probe)
		return;
	loop_timer_cancel(probe->timer);
	probe->timer = NULL;
}

void
probe_free(struct probe *probe)
{
	probe_stop(probe);
	free(probe);
}

void
probe_heard(struct probe *probe)
{
	probe->heard_ms = clock_ms();
	probe->asked_ms = 0;
}

static void
on_message(void *context, const uint8_t *data, size_t len)
{
	(void)context;
	(void)data;
	(void)len;
}

/* Any end will do: it was an answer. */
static void
on_closed(void *context, const struct grpc_status *status)
{
	struct probe *probe = context;

	(void)status;
	probe->stream = NULL;
}

static void
ask(struct probe *probe)
{
	static const struct grpc_handler handler = { on_message, on_closed };
	struct grpc_target target = { .path = "/grpc.health.v1.Health/Check", .max_recv = ANSWER_MAX };

	probe->asked_ms = clock_ms();
	if (probe->stream)
		return;
	probe->asking = true;
	probe->stream = link_open(probe->link, &target, &handler, probe);
	probe->asking = false;
	if (!probe->stream)
		return;
	grpc_send(probe->stream, NULL, 0);
	grpc_finish(probe->stream);
}

static void on_timer(void *context);

static void
arm(struct probe *probe, int64_t at_ms)
{
	int64_t ms = at_ms - clock_ms();

	loop_timer_cancel(probe->timer);
	probe->due_ms = at_ms;
	probe->timer = loop_timer_add(probe->loop, ms > 0 ? ms : 0, on_timer, probe);
}

static void
on_timer(void *context)
{
	struct probe *probe = context;
	int64_t now = clock_ms();

	probe->timer = NULL;
	if (link_idle(probe->link))
		return;
	if (now - probe->due_ms > LATE_MS) {
		arm(probe, now + QUIET_MS);
	} else if (probe->asked_ms && now - probe->asked_ms >= ANSWER_MS) {
		link_frozen(probe->link, now - probe->heard_ms);
	} else if (!probe->asked_ms && now - probe->heard_ms >= QUIET_MS) {
		ask(probe);
		arm(probe, now + ANSWER_MS);
	} else {
		arm(probe, probe->asked_ms ? probe->asked_ms + ANSWER_MS : probe->heard_ms + QUIET_MS);
	}
}

void
probe_start(struct probe *probe)
{
	if (probe->timer || probe->asking)
		return;
	probe->heard_ms = clock_ms();
	probe->asked_ms = 0;
	arm(probe, probe->heard_ms + QUIET_MS);
}
