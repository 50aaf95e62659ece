/* SPDX-License-Identifier: Apache-2.0 */
#include "etcd/snapshot.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "etcd/call_core.h"
#include "etcd/snapshot_part.h"

struct etcd_snapshot {
	struct etcd_channel *channel;	/* its own: nothing else shares the connection */
	struct etcd_call *call;
	struct loop_timer *ending;
	char *url;
	const struct etcd_snapshot_handler *handler;
	void *context;
	uint64_t total, received;
	unsigned char last[SHA256_SIZE];
	size_t last_len;
	struct etcd_snapshot_end end;
	struct err err;
};

static void
snapshot_free(struct etcd_snapshot *snapshot)
{
	loop_timer_cancel(snapshot->ending);
	etcd_call_cancel(snapshot->call);
	etcd_channel_free(snapshot->channel);
	free(snapshot->url);
	free(snapshot);
}

/* From the loop and not from inside the call, so that the channel can go too. */
static void
finish(void *context)
{
	struct etcd_snapshot *snapshot = context;
	const struct etcd_snapshot_handler *handler = snapshot->handler;
	struct etcd_snapshot_end end = snapshot->end;
	struct err err = snapshot->err;
	void *user = snapshot->context;

	snapshot->ending = NULL;
	snapshot_free(snapshot);
	if (err.code)
		handler->error(user, &err);
	else
		handler->done(user, &end);
}

static void
end_soon(struct etcd_snapshot *snapshot)
{
	snapshot->ending = loop_soon(etcd_channel_loop(snapshot->channel), finish, snapshot);
}

static void
fail(struct etcd_snapshot *snapshot, const char *what)
{
	etcd_call_cancel(snapshot->call);
	snapshot->call = NULL;
	err_set(&snapshot->err, ERR_SERVER, "the snapshot from %s %s", snapshot->url, what);
	err_cure(&snapshot->err, "Take it again, or from another member.");
	end_soon(snapshot);
}

static void
on_bytes(const void *handler, void *context, const uint8_t *data, size_t len)
{
	struct etcd_snapshot *snapshot = context;
	struct snapshot_part part;

	(void)handler;
	if (!snapshot_part_read(&part, data, len)) {
		fail(snapshot, "is not the stream that etcd sends");
		return;
	}
	if (part.version_len && part.version_len < sizeof snapshot->end.version)
		memcpy(snapshot->end.version, part.version, part.version_len);
	if (!part.blob_len)
		return;
	if (!snapshot->received)
		snapshot->total = part.remaining + part.blob_len + SHA256_SIZE;
	snapshot->received += part.blob_len;
	snapshot->last_len = part.blob_len;
	if (part.blob_len == SHA256_SIZE)
		memcpy(snapshot->last, part.blob, SHA256_SIZE);
	snapshot->handler->part(snapshot->context, part.blob, part.blob_len, snapshot->total);
}

static void
on_done(const void *handler, void *context)
{
	struct etcd_snapshot *snapshot = context;

	(void)handler;
	snapshot->call = NULL;
	if (snapshot->received != snapshot->total || snapshot->last_len != SHA256_SIZE) {
		fail(snapshot, "ended early");
		return;
	}
	snapshot->end.bytes = snapshot->received;
	memcpy(snapshot->end.sha256, snapshot->last, SHA256_SIZE);
	end_soon(snapshot);
}

static void
on_error(const void *handler, void *context, const struct err *err)
{
	struct etcd_snapshot *snapshot = context;

	(void)handler;
	snapshot->call = NULL;
	snapshot->err = *err;
	end_soon(snapshot);
}

struct etcd_snapshot *
etcd_snapshot_start(struct etcd_channel *channel, int index,
    const struct etcd_snapshot_handler *handler, void *context)
{
	static const struct call_delivery delivery = { .bytes = on_bytes, .done = on_done,
		.error = on_error };
	struct etcd_snapshot *snapshot = xcalloc(1, sizeof *snapshot);
	const struct etcd_endpoint *endpoint = index < 0 ? etcd_channel_serving(channel)
	    : etcd_channel_endpoint(channel, (size_t)index);
	const struct call_spec spec = { .method = &method_snapshot, .delivery = &delivery,
		.context = snapshot };
	Etcd__SnapshotRequest request = ETCD__SNAPSHOT_REQUEST__INIT;

	snapshot->url = xstrdup(endpoint->url);
	snapshot->handler = handler;
	snapshot->context = context;
	snapshot->channel = etcd_channel_for_url(channel, endpoint->url, NULL);
	snapshot->call = call_start(snapshot->channel, &request.base, &spec);
	return snapshot;
}

void
etcd_snapshot_pause(struct etcd_snapshot *snapshot)
{
	if (snapshot->call)
		call_pause(snapshot->call);
}

void
etcd_snapshot_resume(struct etcd_snapshot *snapshot)
{
	if (snapshot->call)
		call_resume(snapshot->call);
}

void
etcd_snapshot_cancel(struct etcd_snapshot *snapshot)
{
	if (snapshot)
		snapshot_free(snapshot);
}

const char *
etcd_snapshot_url(const struct etcd_snapshot *snapshot)
{
	return snapshot->url;
}
