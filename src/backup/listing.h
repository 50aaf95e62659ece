/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKUP_LISTING_H
#define BACKUP_LISTING_H

#include "backup/manifest.h"
#include "store/store.h"

/* The backups of a target: what has a manifest. */

struct backup_row {
	char *id;
	bool sound;			/* the manifest holds; else only id and problem are known */
	struct manifest manifest;
	struct proof proof;		/* zeroed where there is none that holds */
	char *problem;			/* "manifest: …", "data: …", "proof: …"; NULL: none seen */
};

struct backup_listing {
	struct backup_row *rows;	/* newest first */
	size_t count, cap;
	size_t strays;			/* data objects without a manifest: what killed runs left */
};

int backup_list(struct store *store, struct backup_listing *listing, struct err *err);
void backup_listing_release(struct backup_listing *listing);

#endif
