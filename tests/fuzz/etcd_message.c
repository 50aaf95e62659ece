/* SPDX-License-Identifier: Apache-2.0 */
#include "etcd/rpc.pb-c.h"
#include "etcd/snapshot_part.h"
#include "tests/fuzz/fuzz.h"

/* Answers of a hostile server. The quick reader of snapshots agrees with protobuf's own. */
static void
snapshot(const uint8_t *data, size_t len)
{
	struct snapshot_part part = { 0 };
	Etcd__SnapshotResponse *slow = etcd__snapshot_response__unpack(NULL, len, data);

	if (snapshot_part_read(&part, data, len)) {
		MUST(!part.blob_len || (part.blob >= data && part.blob + part.blob_len <= data + len));
		MUST(!part.version_len ||
		    (part.version >= data && part.version + part.version_len <= data + len));
		if (slow) {
			MUST(slow->blob.len == part.blob_len && slow->remaining_bytes == part.remaining);
			MUST(!part.blob_len || !memcmp(slow->blob.data, part.blob, part.blob_len));
		}
	}
	if (slow)
		etcd__snapshot_response__free_unpacked(slow, NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	Etcd__RangeResponse *range = etcd__range_response__unpack(NULL, len, data);
	Etcd__WatchResponse *watch = etcd__watch_response__unpack(NULL, len, data);

	if (range)
		etcd__range_response__free_unpacked(range, NULL);
	if (watch)
		etcd__watch_response__free_unpacked(watch, NULL);
	snapshot(data, len);
	return 0;
}
