/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_BACKUPS_H
#define MODEL_BACKUPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "cluster/cluster_json.h"
#include "model/jobs.h"

/* The backups of every target. Each is listed by a child (`backup list`), so that a store that
 * takes the connection and never answers is a state here, and nothing waits for it. */

struct backups;

enum target_state {
	TARGET_ASKING,		/* since asked_ms; rows seen before stay */
	TARGET_HERE,
	TARGET_FAILED,		/* see why; rows seen before stay */
};

struct backup_facts {
	char *id, *object, *member, *etcd_version, *cluster_id, *sha256, *by, *host;
	char *problem;			/* "data: …", "manifest: …", "proof: …"; NULL: none */
	int64_t created, verified_at, failed_at;	/* seconds since 1970; 0: not */
	int64_t revision, size, stored_size;
	int64_t keys;			/* -1: not counted */
};

struct backups_target {
	char *name;			/* as --to and --from take it; "" for the workspace's backups/ */
	char *title;			/* "backups/" or its URL */
	char *endpoint, *region, *profile;	/* or NULL */
	enum target_state state;
	int64_t asked_ms;		/* clock_ms() of the last question */
	int64_t answered_ms;		/* clock_ms() of the last listing; 0: never */
	struct err why;
	struct backup_facts *rows;	/* newest first */
	size_t count, cap;
};

/* `changed` runs from the loop. */
struct backups *backups_new(struct loop *loop, struct jobs *jobs, void (*changed)(void *context),
    void *context);
void backups_free(struct backups *backups);

/* The workspace's own backups/ and the targets of its cluster.json (NULL: none); lists them all. */
void backups_set_targets(struct backups *backups, const struct cluster *cluster);
/* Listed again every minute while visible, else every five. */
void backups_set_visible(struct backups *backups, bool visible);
/* Lists one target again, or all of them. A listing that is on its way is followed by another. */
void backups_refresh(struct backups *backups, size_t index);
void backups_refresh_all(struct backups *backups);

size_t backups_count(const struct backups *backups);
const struct backups_target *backups_target(const struct backups *backups, size_t index);

/* When the newest backup of this cluster (0: of any) that holds was verified, in seconds since
 * 1970; 0: none is. *known is false
 * while no target has answered yet. */
int64_t backups_last_verified(const struct backups *backups, uint64_t cluster_id, bool *known);
/* How many targets have been asked more than three seconds ago and say nothing: nobody waits for
 * those. */
size_t backups_mute(const struct backups *backups);
/* True while the first listing of the workspace's own backups/ is on its way. */
bool backups_busy(const struct backups *backups);

#endif
