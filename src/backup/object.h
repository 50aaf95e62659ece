/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKUP_OBJECT_H
#define BACKUP_OBJECT_H

#include "backup/copy.h"
#include "bolt/read.h"
#include "store/store.h"

/* A snapshot where it lies: an object of a store, or a plain file (a store of its folder). */

struct snapshot_object {
	struct store *store;
	const char *name;
	uint64_t size;		/* trailer included */
};

/* Reads all of it and hashes it. */
int object_sums(const struct snapshot_object *object, const struct copy_progress *progress,
    struct snapshot_sums *sums, struct err *err);

/* A page source over it, trailer left out; `object` must outlive it. */
struct bolt_source object_source(struct snapshot_object *object);

/* The revision of the snapshot, from a few of its pages. */
int object_revision(struct snapshot_object *object, int64_t *revision, struct err *err);

#endif
