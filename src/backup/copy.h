/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKUP_COPY_H
#define BACKUP_COPY_H

#include "backup/snapshot_hash.h"
#include "base/err.h"
#include "base/loop.h"
#include "etcd/snapshot.h"
#include "store/store.h"

/* A member's database on its way into a store: one pass, hashed once, in fixed memory; the stream
 * waits while every part buffer is on its way. */

struct copy_progress {
	void (*moved)(void *context, uint64_t done, uint64_t total); /* bytes; may be NULL */
	void *context;
};

struct copied {
	struct snapshot_sums sums;
	char version[32];	/* storage version (3.6 on), or "" */
};

struct copy {
	struct loop *loop;
	struct etcd_channel *channel;
	struct store_write *write;
	struct copy_progress progress;
};

/* Streams until the end, compares with etcd's trailer (ERR_NOT_VERIFIED) and ends the write; it is
 * aborted where anything fails. */
int snapshot_copy(const struct copy *copy, struct copied *copied, struct err *err);

#endif
