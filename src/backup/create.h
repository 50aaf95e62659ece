/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKUP_CREATE_H
#define BACKUP_CREATE_H

#include "backup/copy.h"
#include "backup/manifest.h"

/* A new backup: the database streamed from one member into the store in one pass, its SHA-256 and
 * size compared with etcd's trailer, its revision read from its own pages, and the manifest written
 * last. A run that ends early, in whatever way, leaves no manifest, and so no backup. */

struct backup_create {
	struct store *store;
	struct etcd_channel *channel;
	struct copy_progress progress;
	void (*hold)(void *context, bool on);	/* do not kill now; may be NULL */
	void *context;
};

/* The caller releases the manifest. Not verified yet. */
int backup_create(const struct backup_create *create, struct manifest *manifest, struct err *err);

#endif
