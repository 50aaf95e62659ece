/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKUP_VERIFY_H
#define BACKUP_VERIFY_H

#include "backup/copy.h"
#include "backup/manifest.h"

/* Verified means read back: the object from its target, whole; SHA-256 = manifest = etcd's own
 * trailer. ERR_NOT_VERIFIED names the object that does not hold: data, trailer, manifest, proof. */

/* Reads a backup back and writes its proof; what does not hold is written there too, so that
 * every operator sees it. ERR_NOT_FOUND where there is no such backup. The caller releases the
 * manifest. */
int backup_verify(struct store *store, const char *id, const struct copy_progress *progress,
    struct manifest *manifest, struct err *err);

/* The manifest alone, held to its own hash. The caller releases it. */
int backup_manifest(struct store *store, const char *id, struct manifest *manifest,
    struct err *err);

/* A snapshot file without a manifest: its database against its own trailer. */
int snapshot_verify(struct store *store, const char *name, const struct copy_progress *progress,
    struct snapshot_sums *sums, struct err *err);

/* The user and the host, for manifests and proofs; allocated. */
char *backup_user(void);
char *backup_host(void);

#endif
