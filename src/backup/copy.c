/* SPDX-License-Identifier: Apache-2.0 */
#include "backup/copy.h"

#include <stdio.h>
#include <string.h>

struct copying {
	const struct copy *copy;
	struct etcd_snapshot *stream;
	struct snapshot_hash hash;
	struct copied *copied;
	struct err *err;
	unsigned char trailer[SHA256_SIZE];
	uint64_t bytes;
	int result;
	bool paused, done;
};

static void
stop(struct copying *copying, const struct err *err)
{
	if (copying->done)
		return;
	if (copying->err && err != copying->err)
		*copying->err = *err;
	copying->result = -1;
	copying->done = true;
}

static void
on_part(void *context, const void *data, size_t len, uint64_t total)
{
	struct copying *copying = context;
	const struct copy *copy = copying->copy;

	snapshot_hash_add(&copying->hash, data, len);
	if (store_write_add(copy->write, data, len, copying->err) != 0) {
		stop(copying, copying->err);
		return;
	}
	if (copy->progress.moved)
		copy->progress.moved(copy->progress.context, copying->hash.bytes, total);
	if (copy->write->full && !copying->paused) {
		copying->paused = true;
		etcd_snapshot_pause(copying->stream);
	}
}

static void
on_done(void *context, const struct etcd_snapshot_end *end)
{
	struct copying *copying = context;

	copying->stream = NULL;
	copying->bytes = end->bytes;
	memcpy(copying->trailer, end->sha256, sizeof copying->trailer);
	snprintf(copying->copied->version, sizeof copying->copied->version, "%s", end->version);
	copying->done = true;
}

static void
on_error(void *context, const struct err *err)
{
	struct copying *copying = context;

	copying->stream = NULL;
	stop(copying, err);
}

static void
on_room(void *context)
{
	struct copying *copying = context;

	copying->paused = false;
	if (copying->stream)
		etcd_snapshot_resume(copying->stream);
}

static void
on_failed(void *context, const struct err *err)
{
	stop(context, err);
}

static int
compare(struct copying *copying, struct err *err)
{
	struct snapshot_sums *sums = &copying->copied->sums;

	if (!snapshot_hash_end(&copying->hash, sums) || sums->bytes != copying->bytes)
		return err_set(err, ERR_NOT_VERIFIED, "the snapshot is cut short: %llu of %llu bytes",
		    (unsigned long long)sums->bytes, (unsigned long long)copying->bytes);
	if (memcmp(sums->trailer, copying->trailer, SHA256_SIZE) != 0 ||
	    memcmp(sums->content, copying->trailer, SHA256_SIZE) != 0) {
		err_set(err, ERR_NOT_VERIFIED, "the snapshot's SHA-256 is not what etcd says it sent");
		return err_cure(err, "try again; where it stays so, take it from another member");
	}
	if (sums->bytes % 512 != SHA256_SIZE)
		return err_set(err, ERR_NOT_VERIFIED, "the snapshot's size of %llu bytes is no database's",
		    (unsigned long long)sums->bytes);
	return 0;
}

static int
stream(const struct copy *copy, struct copied *copied, struct err *err)
{
	static const struct etcd_snapshot_handler handler = { on_part, on_done, on_error };
	struct copying copying = { .copy = copy, .copied = copied, .err = err };

	*copied = (struct copied){ 0 };
	snapshot_hash_init(&copying.hash);
	copy->write->room = on_room;
	copy->write->failed = on_failed;
	copy->write->context = &copying;
	copying.stream = etcd_snapshot_start(copy->channel, -1, &handler, &copying);
	if (loop_run_until(copy->loop, &copying.done, err) != 0)
		copying.result = -1;
	etcd_snapshot_cancel(copying.stream);
	copy->write->room = NULL;
	copy->write->failed = NULL;
	if (copying.result == 0)
		copying.result = compare(&copying, err);
	snapshot_hash_release(&copying.hash);
	return copying.result;
}

int
snapshot_copy(const struct copy *copy, struct copied *copied, struct err *err)
{
	if (stream(copy, copied, err) == 0)
		return store_write_end(copy->write, err);
	store_write_abort(copy->write);
	return -1;
}
