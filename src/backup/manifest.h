/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKUP_MANIFEST_H
#define BACKUP_MANIFEST_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/json.h"

/* What lies beside the data of a backup: ID.manifest.json, written last (without it there is no
 * backup), and ID.proof.json, written by whoever read it back. Both are sealed (sealed.h). */

enum { BACKUP_ID_MAX = 128 };

struct manifest {
	char *id;			/* "20261124T021200Z-48160733" */
	char *data;			/* name of the data object: ID.db */
	int64_t created;		/* seconds since 1970 */
	int64_t revision;		/* of the snapshot itself */
	char *revision_source;		/* "snapshot": read from its pages */
	int64_t keys;			/* live keys at that revision; -1: not counted */
	uint64_t size, stored_size;
	char sha256[SHA256_HEX_SIZE];	/* of the object as stored */
	char trailer[SHA256_HEX_SIZE];	/* etcd's own, over all but its last 32 bytes */
	uint64_t cluster_id, member_id;
	char *member, *endpoint;	/* whose disk it was */
	char *etcd_version, *storage_version;
	char *by, *host;		/* who made it, where */
	char seal[SHA256_HEX_SIZE];	/* of the manifest as read or written */
};

struct proof {
	char *id;
	int64_t verified_at;		/* 0: never held */
	int64_t failed_at;		/* 0: the last reading held */
	char *failure;			/* what it found then */
	char *by, *host;
	char sha256[SHA256_HEX_SIZE], manifest[SHA256_HEX_SIZE]; /* of what was read back */
};

void manifest_write(struct manifest *manifest, struct buf *out);
/* ERR_NOT_VERIFIED, with "manifest" in the text; `id` is what its name promises. */
int manifest_read(const struct buf *text, const char *id, struct manifest *manifest,
    struct err *err);
void manifest_release(struct manifest *manifest);

void proof_write(const struct proof *proof, struct buf *out);
/* ERR_NOT_VERIFIED, with "proof" in the text. */
int proof_read(const struct buf *text, const char *id, struct proof *proof, struct err *err);
void proof_release(struct proof *proof);

/* An id is a plain name: letters, digits, "-", "_" and "." not in front. */
bool backup_is_id(const char *text);
char *manifest_name(const char *id);
char *proof_name(const char *id);
/* The id in "ID.manifest.json", allocated; NULL where it is another name. */
char *manifest_id_of(const char *name);

#endif
