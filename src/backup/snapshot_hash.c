/* SPDX-License-Identifier: Apache-2.0 */
#include "backup/snapshot_hash.h"

#include <string.h>

void
snapshot_hash_init(struct snapshot_hash *hash)
{
	*hash = (struct snapshot_hash){ .hash = sha256_new() };
}

void
snapshot_hash_add(struct snapshot_hash *hash, const void *data, size_t len)
{
	const unsigned char *bytes = data;
	size_t out;

	hash->bytes += len;
	if (len >= SHA256_SIZE) {
		sha256_add(hash->hash, hash->tail, hash->tail_len);
		sha256_add(hash->hash, bytes, len - SHA256_SIZE);
		memcpy(hash->tail, bytes + len - SHA256_SIZE, SHA256_SIZE);
		hash->tail_len = SHA256_SIZE;
		return;
	}
	out = hash->tail_len + len > SHA256_SIZE ? hash->tail_len + len - SHA256_SIZE : 0;
	sha256_add(hash->hash, hash->tail, out);
	memmove(hash->tail, hash->tail + out, hash->tail_len - out);
	if (len)
		memcpy(hash->tail + hash->tail_len - out, bytes, len);
	hash->tail_len += len - out;
}

bool
snapshot_hash_end(struct snapshot_hash *hash, struct snapshot_sums *sums)
{
	bool whole = hash->tail_len == SHA256_SIZE;

	*sums = (struct snapshot_sums){ .bytes = hash->bytes };
	memcpy(sums->trailer, hash->tail, hash->tail_len);
	sha256_peek(hash->hash, sums->content);
	sha256_add(hash->hash, hash->tail, hash->tail_len);
	sha256_end(hash->hash, sums->whole);
	hash->hash = NULL;
	return whole;
}

void
snapshot_hash_release(struct snapshot_hash *hash)
{
	unsigned char digest[SHA256_SIZE];

	if (hash->hash)
		sha256_end(hash->hash, digest);
	hash->hash = NULL;
}
