/* SPDX-License-Identifier: Apache-2.0 */
#include "model/backups.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"

enum { VISIBLE_MS = 60000, HIDDEN_MS = 300000, MUTE_MS = 3000 };

struct listed {
	struct backups_target target;
	struct backups *owner;
	struct job *job;
	struct backup_facts *fresh;	/* rows of the listing that is on its way */
	size_t fresh_count, fresh_cap;
	bool again;
};

struct backups {
	struct loop *loop;
	struct jobs *jobs;
	void (*changed)(void *context);
	void *context;
	struct listed *targets;
	size_t count;
	struct loop_timer *timer;
	bool visible;
};

static void ask(struct listed *listed);

/* ---- rows */

static void
facts_release(struct backup_facts *facts)
{
	free(facts->id);
	free(facts->object);
	free(facts->member);
	free(facts->etcd_version);
	free(facts->cluster_id);
	free(facts->sha256);
	free(facts->by);
	free(facts->host);
	free(facts->problem);
}

static void
rows_release(struct backup_facts **rows, size_t *count)
{
	for (size_t i = 0; i < *count; i++)
		facts_release(&(*rows)[i]);
	free(*rows);
	*rows = NULL;
	*count = 0;
}

static char *
text_of(struct json_object *row, const char *name)
{
	return xstrdup(json_str(row, name, ""));
}

static int64_t
time_of(struct json_object *row, const char *name)
{
	int64_t seconds;

	return clock_parse_rfc3339(json_str(row, name, ""), &seconds) ? seconds : 0;
}

static void
on_row(void *context, const char *list, struct json_object *row)
{
	struct listed *listed = context;
	const char *problem = json_str(row, "problem", NULL);
	struct backup_facts *facts;

	(void)list;
	GROW(listed->fresh, listed->fresh_count, listed->fresh_cap);
	facts = &listed->fresh[listed->fresh_count++];
	*facts = (struct backup_facts){ .id = text_of(row, "id"), .object = text_of(row, "object"),
		.member = text_of(row, "member"), .etcd_version = text_of(row, "etcd_version"),
		.cluster_id = text_of(row, "cluster_id"), .sha256 = text_of(row, "sha256"),
		.by = text_of(row, "by"), .host = text_of(row, "host"),
		.problem = problem ? xstrdup(problem) : NULL };
	facts->created = time_of(row, "created");
	facts->verified_at = time_of(row, "verified_at");
	facts->failed_at = time_of(row, "failed_at");
	facts->revision = json_int(row, "revision", 0);
	facts->size = json_int(row, "size", 0);
	facts->stored_size = json_int(row, "stored_size", 0);
	facts->keys = json_int(row, "keys", -1);
}

/* ---- one listing */

static void
ended(struct listed *listed)
{
	listed->job = NULL;
	if (listed->again)
		ask(listed);
	listed->owner->changed(listed->owner->context);
}

static void
on_result(void *context, struct json_object *result)
{
	struct listed *listed = context;
	struct backups_target *target = &listed->target;

	(void)result;
	rows_release(&target->rows, &target->count);
	target->rows = listed->fresh;
	target->count = listed->fresh_count;
	target->cap = listed->fresh_cap;
	listed->fresh = NULL;
	listed->fresh_count = listed->fresh_cap = 0;
	target->state = TARGET_HERE;
	target->answered_ms = clock_ms();
	err_clear(&target->why);
	ended(listed);
}

static void
on_error(void *context, const struct err *err)
{
	struct listed *listed = context;

	rows_release(&listed->fresh, &listed->fresh_count);
	listed->fresh_cap = 0;
	listed->target.state = TARGET_FAILED;
	listed->target.why = *err;
	ended(listed);
}

static void
ask(struct listed *listed)
{
	static const struct job_handler handler = { .row = on_row, .result = on_result,
		.error = on_error };
	const char *argv[] = { "backup", "list", "--from", listed->target.name, NULL };
	struct job_spec spec = { .argv = argv, .handler = &handler, .context = listed, .quiet = true };

	if (!*listed->target.name)
		argv[2] = NULL;
	listed->again = false;
	listed->target.asked_ms = clock_ms();
	listed->job = jobs_start(listed->owner->jobs, &spec, &listed->target.why);
	listed->target.state = listed->job ? TARGET_ASKING : TARGET_FAILED;
}

/* ---- all of them */

static void
on_timer(void *context)
{
	struct backups *backups = context;

	backups->timer = loop_timer_add(backups->loop, backups->visible ? VISIBLE_MS : HIDDEN_MS,
	    on_timer, backups);
	for (size_t i = 0; i < backups->count; i++)
		if (!backups->targets[i].job)
			ask(&backups->targets[i]);
	backups->changed(backups->context);
}

static void
arm(struct backups *backups)
{
	loop_timer_cancel(backups->timer);
	backups->timer = loop_timer_add(backups->loop, backups->visible ? VISIBLE_MS : HIDDEN_MS,
	    on_timer, backups);
}

struct backups *
backups_new(struct loop *loop, struct jobs *jobs, void (*changed)(void *context), void *context)
{
	struct backups *backups = xcalloc(1, sizeof *backups);

	backups->loop = loop;
	backups->jobs = jobs;
	backups->changed = changed;
	backups->context = context;
	return backups;
}

static void
forget_targets(struct backups *backups)
{
	for (size_t i = 0; i < backups->count; i++) {
		struct listed *listed = &backups->targets[i];

		if (listed->job) {
			job_forget_handler(listed->job);
			job_cancel(listed->job);
		}
		rows_release(&listed->fresh, &listed->fresh_count);
		rows_release(&listed->target.rows, &listed->target.count);
		free(listed->target.name);
		free(listed->target.title);
		free(listed->target.endpoint);
		free(listed->target.region);
		free(listed->target.profile);
	}
	free(backups->targets);
	backups->targets = NULL;
	backups->count = 0;
}

void
backups_free(struct backups *backups)
{
	if (!backups)
		return;
	loop_timer_cancel(backups->timer);
	forget_targets(backups);
	free(backups);
}

static char *
copy(const char *text)
{
	return text && *text ? xstrdup(text) : NULL;
}

void
backups_set_targets(struct backups *backups, const struct cluster *cluster)
{
	size_t more = cluster ? cluster->target_count : 0;

	forget_targets(backups);
	backups->targets = xcalloc(more + 1, sizeof *backups->targets);
	backups->count = more + 1;
	backups->targets[0].target = (struct backups_target){ .name = xstrdup(""),
		.title = xstrdup("backups/") };
	for (size_t i = 0; i < more; i++) {
		const struct target_spec *spec = &cluster->targets[i];

		backups->targets[i + 1].target = (struct backups_target){ .name = xstrdup(spec->name),
			.title = xstrdup(spec->url), .endpoint = copy(spec->endpoint),
			.region = copy(spec->region), .profile = copy(spec->profile) };
	}
	for (size_t i = 0; i < backups->count; i++)
		backups->targets[i].owner = backups;
	backups_refresh_all(backups);
	arm(backups);
}

void
backups_set_visible(struct backups *backups, bool visible)
{
	if (backups->visible == visible)
		return;
	backups->visible = visible;
	if (backups->count)
		arm(backups);
}

void
backups_refresh(struct backups *backups, size_t index)
{
	if (index >= backups->count)
		return;
	if (backups->targets[index].job)
		backups->targets[index].again = true;
	else
		ask(&backups->targets[index]);
}

void
backups_refresh_all(struct backups *backups)
{
	for (size_t i = 0; i < backups->count; i++)
		backups_refresh(backups, i);
}

size_t
backups_count(const struct backups *backups)
{
	return backups->count;
}

const struct backups_target *
backups_target(const struct backups *backups, size_t index)
{
	return &backups->targets[index].target;
}

/* Where the cluster's id is not known yet, any backup counts. */
static bool
is_of(const struct backup_facts *facts, uint64_t cluster_id)
{
	uint64_t id;

	return cluster_id == 0 || (text_hex64(facts->cluster_id, &id) && id == cluster_id);
}

int64_t
backups_last_verified(const struct backups *backups, uint64_t cluster_id, bool *known)
{
	int64_t last = 0;

	*known = false;
	for (size_t i = 0; i < backups->count; i++) {
		const struct backups_target *target = &backups->targets[i].target;

		*known |= target->answered_ms != 0;
		for (size_t k = 0; k < target->count; k++)
			if (!target->rows[k].problem && is_of(&target->rows[k], cluster_id) &&
			    target->rows[k].verified_at > last)
				last = target->rows[k].verified_at;
	}
	return last;
}

size_t
backups_mute(const struct backups *backups)
{
	size_t count = 0;

	for (size_t i = 0; i < backups->count; i++)
		count += backups->targets[i].job &&
		    clock_ms() - backups->targets[i].target.asked_ms > MUTE_MS;
	return count;
}

bool
backups_busy(const struct backups *backups)
{
	return backups->count && !backups->targets[0].target.answered_ms &&
	    backups->targets[0].target.state == TARGET_ASKING;
}
