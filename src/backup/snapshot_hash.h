/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKUP_SNAPSHOT_HASH_H
#define BACKUP_SNAPSHOT_HASH_H

#include <stdint.h>

#include "base/hash.h"

/* Hashes a snapshot as it passes by, in one go: the database without the trailer, and the whole. */
struct snapshot_hash {
	struct sha256 *hash;
	unsigned char tail[SHA256_SIZE];	/* the last bytes: the trailer, once all has come */
	size_t tail_len;
	uint64_t bytes;
};

struct snapshot_sums {
	uint64_t bytes;
	unsigned char content[SHA256_SIZE];	/* of all but the last 32 bytes */
	unsigned char trailer[SHA256_SIZE];	/* the last 32 bytes */
	unsigned char whole[SHA256_SIZE];
};

void snapshot_hash_init(struct snapshot_hash *hash);
void snapshot_hash_add(struct snapshot_hash *hash, const void *data, size_t len);
/* False where fewer than 32 bytes came. Releases in any case. */
bool snapshot_hash_end(struct snapshot_hash *hash, struct snapshot_sums *sums);
void snapshot_hash_release(struct snapshot_hash *hash);

#endif
