/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ETCD_SNAPSHOT_PART_H
#define ETCD_SNAPSHOT_PART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One SnapshotResponse read where it lies, so that its 32 KiB are not copied. */
struct snapshot_part {
	uint64_t remaining;
	const uint8_t *blob;	/* in the message given */
	size_t blob_len;
	const uint8_t *version;
	size_t version_len;
};

/* False where the bytes are not that message (protobuf's wire format). */
bool snapshot_part_read(struct snapshot_part *part, const uint8_t *data, size_t len);

#endif
