/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKUP_SOURCE_H
#define BACKUP_SOURCE_H

#include "backup/manifest.h"
#include "etcd/channel.h"

/* The member a snapshot is taken from: a snapshot is one member's view, so one endpoint
 * does all. */

struct snapshot_source {
	struct etcd_channel *channel;	/* to that member alone; owned */
	uint64_t db_size, db_in_use;	/* bytes; in_use 0 where not told */
	int64_t revision;		/* when it was asked */
};

/* The first endpoint that answers as a full member with no damage reported; its facts go into the
 * manifest. The error is the last endpoint's where none does. */
int source_open(struct etcd_channel *channel, struct snapshot_source *source,
    struct manifest *manifest, struct err *err);
void source_close(struct snapshot_source *source);

/* Counts the keys at a revision where that is cheap for the member (below some 150,000 keys); -1
 * where it is not, or the revision was compacted meanwhile. */
int64_t source_keys(const struct snapshot_source *source, int64_t revision);

#endif
