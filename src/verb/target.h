/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERB_TARGET_H
#define VERB_TARGET_H

#include "backup/object.h"
#include "verb/verb.h"

/* What a person may write for a place of backups, and for one backup. */

/* TARGET: a folder, s3://bucket/prefix, or a name from cluster.json; NULL: the workspace's
 * backups/. The caller closes it. */
struct store *call_target(struct verb_call *call, const char *target, struct err *err);

struct backup_ref {
	struct store *store;
	char *id;		/* NULL: a bare snapshot file */
	char *object;		/* name of the data object; NULL where only the manifest tells */
};

/* REF: a snapshot file, s3://bucket/key, an id, "latest", or a TARGET (its newest backup); `from`
 * is the TARGET an id lies in, NULL: the workspace's backups/. ERR_NOT_FOUND where there is no such
 * backup. backup_ref_release in any case. */
int call_backup(struct verb_call *call, const char *ref, const char *from, struct backup_ref *found,
    struct err *err);
void backup_ref_release(struct backup_ref *ref);

/* Bytes moved, as the report's step `name`. */
struct step_progress {
	struct report *report;
	const char *name;
};
struct copy_progress step_progress(struct step_progress *step);

/* Seconds since clock_ms() was `began_ms`, to a thousandth. */
struct json_object *seconds_since(int64_t began_ms);

#endif
