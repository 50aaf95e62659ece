/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ETCD_SNAPSHOT_H
#define ETCD_SNAPSHOT_H

#include "base/hash.h"
#include "etcd/channel.h"

/* The database of one member as it is on its disk: the bytes of the bbolt file in order, followed
 * by the 32 bytes of their SHA-256 that etcd sends last. What `part` gets, written one after the
 * other (trailer included), is the file etcdctl saves. Runs on a connection of its own. */

struct etcd_snapshot;

struct etcd_snapshot_end {
	uint64_t bytes;				/* all parts, trailer included */
	unsigned char sha256[SHA256_SIZE];	/* the server's trailer */
	char version[32];			/* storage version of the database (3.6 on), or "" */
};

struct etcd_snapshot_handler {
	/* `total` is what the server announced for the database and its trailer together. */
	void (*part)(void *context, const void *data, size_t len, uint64_t total);
	/* The stream ended well and its length is what was announced. Whether the SHA-256 of the
	 * database's bytes equals the trailer is for the reader to compare. */
	void (*done)(void *context, const struct etcd_snapshot_end *end);
	void (*error)(void *context, const struct err *err);
};

/* From the endpoint that serves (index -1) or the one named. Never calls back from inside; after
 * done or error the pointer is gone. */
struct etcd_snapshot *etcd_snapshot_start(struct etcd_channel *channel, int index,
    const struct etcd_snapshot_handler *handler, void *context);
/* While paused at most one window (1 MiB) is held. */
void etcd_snapshot_pause(struct etcd_snapshot *snapshot);
void etcd_snapshot_resume(struct etcd_snapshot *snapshot);
/* NULL is allowed. No callback comes afterwards. */
void etcd_snapshot_cancel(struct etcd_snapshot *snapshot);
/* The URL it reads from. */
const char *etcd_snapshot_url(const struct etcd_snapshot *snapshot);

#endif
