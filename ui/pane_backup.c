/* SPDX-License-Identifier: Apache-2.0
 * Backup: the backups of a target, what proves each, and the job that makes or reads one. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "model/backups.h"
#include "ui/app.h"
#include "ui/backup_job.h"
#include "ui/restore_dialog.h"
#include "ui/verbs_run.h"

enum { SLOW_MS = 3000 };	/* a target that says nothing for this long is named */

struct backup_pane {
	struct pane pane;
	size_t target;
};

static const struct backups *
model(const struct pane *pane)
{
	return pane->app->models.backups;
}

static const struct backups_target *
target_of(const struct pane *pane)
{
	const struct backup_pane *own = (const struct backup_pane *)pane;

	return own->target < backups_count(model(pane)) ? backups_target(model(pane), own->target) : NULL;
}

static const struct backup_facts *
at(const struct pane *pane, size_t index)
{
	return &target_of(pane)->rows[index];
}

static int64_t
now_s(void)
{
	return clock_wall_ms() / 1000;
}

/* ---- columns */

static void
id_text(const struct pane *pane, size_t index, struct buf *out)
{
	buf_add_str(out, at(pane, index)->id);
}

static void
taken_text(const struct pane *pane, size_t index, struct buf *out)
{
	const struct backup_facts *facts = at(pane, index);
	char text[CLOCK_RFC3339_SIZE];

	buf_add_str(out, facts->created ? clock_minute(facts->created, text) : facts->id);
}

static void
age_text(const struct pane *pane, size_t index, struct buf *out)
{
	const struct backup_facts *facts = at(pane, index);
	int64_t age = now_s() - facts->created;
	char text[24];

	if (!facts->created)
		buf_add_byte(out, '?');
	else
		buf_add_str(out, text_age_minutes(age, text, sizeof text));
}

static void
revision_text(const struct pane *pane, size_t index, struct buf *out)
{
	char text[32];

	if (at(pane, index)->created)
		buf_add_str(out, text_grouped(at(pane, index)->revision, text, sizeof text));
	else
		buf_add_byte(out, '?');
}

static void
size_text(const struct pane *pane, size_t index, struct buf *out)
{
	char text[32];

	if (at(pane, index)->created)
		buf_add_str(out, text_size(at(pane, index)->size, text, sizeof text));
	else
		buf_add_byte(out, '?');
}

/* "5,012", "412K", "1.20M": what fits seven columns. */
static void
keys_text(const struct pane *pane, size_t index, struct buf *out)
{
	int64_t keys = at(pane, index)->keys;
	char text[32];

	if (keys < 0)
		return;
	if (keys < 100000)
		buf_add_str(out, text_grouped(keys, text, sizeof text));
	else if (keys < 1000000)
		buf_printf(out, "%" PRId64 "K", keys / 1000);
	else
		buf_printf(out, "%.2fM", (double)keys / 1e6);
}

static void
from_text(const struct pane *pane, size_t index, struct buf *out)
{
	buf_add_str(out, at(pane, index)->member);
}

/* In the width of the column; the detail has the whole sentence. */
static const char *
problem_words(const char *problem)
{
	if (strstr(problem, "SHA-256"))
		return "HASH DIFFERS";
	if (strstr(problem, "missing"))
		return "DATA MISSING";
	if (strncmp(problem, "manifest", 8) == 0)
		return "MANIFEST DIFFERS";
	return strncmp(problem, "proof", 5) == 0 ? "PROOF DIFFERS" : "DOES NOT HOLD";
}

static void
proof_text(const struct pane *pane, size_t index, struct buf *out)
{
	const struct backup_facts *facts = at(pane, index);
	char text[CLOCK_RFC3339_SIZE];

	if (facts->problem)
		buf_add_str(out, problem_words(facts->problem));
	else if (!facts->verified_at)
		buf_add_str(out, "uploaded only");
	else if (facts->verified_at > now_s() - 86400)
		buf_printf(out, "verified %s", clock_minute(facts->verified_at, text) + 11);
	else
		buf_printf(out, "verified %s", clock_day(facts->verified_at, text) + 5);
}

static enum role
proof_role(const struct pane *pane, size_t index)
{
	if (at(pane, index)->problem)
		return ROLE_alert;
	return at(pane, index)->verified_at ? ROLE_good : ROLE_warn;
}

static int
order(int64_t left, int64_t right)
{
	return (left > right) - (left < right);
}

static int
by_taken(const struct pane *pane, size_t a, size_t b)
{
	return order(at(pane, a)->created, at(pane, b)->created);
}

static int
by_revision(const struct pane *pane, size_t a, size_t b)
{
	return order(at(pane, a)->revision, at(pane, b)->revision);
}

static int
by_size(const struct pane *pane, size_t a, size_t b)
{
	return order(at(pane, a)->size, at(pane, b)->size);
}

static int
by_proof(const struct pane *pane, size_t a, size_t b)
{
	return order(at(pane, a)->verified_at, at(pane, b)->verified_at);
}

static const struct column *
columns(const struct pane *pane, size_t *count)
{
	static const struct column list[] = {
		{ .title = "TAKEN (UTC)", .width = 16, .keep = 0, .text = taken_text, .compare = by_taken },
		{ .title = "AGE", .width = 4, .keep = 1, .right = true, .text = age_text },
		{ .title = "REVISION", .width = 10, .keep = 2, .right = true, .text = revision_text,
		  .compare = by_revision },
		{ .title = "SIZE", .width = 7, .keep = 3, .right = true, .text = size_text,
		  .compare = by_size },
		{ .title = "KEYS", .width = 7, .keep = 5, .right = true, .text = keys_text },
		{ .title = "FROM", .width = 5, .keep = 4, .text = from_text },
		{ .title = "PROOF", .width = 0, .least = 14, .keep = 0, .text = proof_text, .role = proof_role,
		  .compare = by_proof },
	};

	(void)pane;
	*count = ARRAY_LEN(list);
	return list;
}

static size_t
count(const struct pane *pane)
{
	const struct backups_target *target = target_of(pane);

	return target ? target->count : 0;
}

static char
sign(const struct pane *pane, size_t index)
{
	return at(pane, index)->problem ? '!' : ' ';
}

static void
empty(const struct pane *pane, struct buf *out)
{
	const struct backups_target *target = target_of(pane);

	if (!target && app_no_workspace(pane->app))
		buf_add_str(out, "There is no workspace, so no target is known.\n"
		    "b asks for one: a folder, or s3://bucket/prefix.\n"
		    ":backup list --from TARGET shows what lies there.\n"
		    "A workspace (vetch -C DIR) keeps targets in its cluster.json.");
	else if (!target)
		buf_add_str(out, "no workspace yet\n");
	else if (target->state == TARGET_FAILED)
		buf_printf(out, "%s\n%s\n", target->why.text, target->why.cure);
	else if (!target->answered_ms)
		buf_printf(out, "asking %s for its backups\n", target->title);
	else
		buf_printf(out, "no backup in %s\nb makes the first one, and reads it back\n", target->title);
}

static const struct list_ops rows = {
	.count = count, .name = id_text, .columns = columns, .sign = sign, .empty = empty,
};

/* ---- title and status */

static void
title(const struct pane *pane, struct buf *out)
{
	const struct backups_target *target = target_of(pane);

	if (!target) {
		buf_add_str(out, "No target");
		return;
	}
	if (*target->name)
		buf_printf(out, "%s  ", target->name);
	text_escape(out, target->title, strlen(target->title));
	if (target->region)
		buf_printf(out, "  %s", target->region);
	if (target->profile)
		buf_printf(out, "  keys: profile %s", target->profile);
	if (backups_count(model(pane)) > 1)
		buf_add_str(out, "\tt other target");
}

/* What is to say of a target that does not answer as it should; false where nothing is. */
static bool
target_trouble(const struct backups_target *target, struct buf *out)
{
	const char *name = *target->name ? target->name : target->title;
	int64_t waited = clock_ms() - target->asked_ms;
	char age[24];

	if (target->state == TARGET_FAILED)
		buf_printf(out, "%s: %s", name, target->why.text);
	else if (target->state == TARGET_ASKING && waited > SLOW_MS)
		buf_printf(out, "%s has not answered for %s", name,
		    text_age(waited / 1000, age, sizeof age));
	else
		return false;
	return true;
}

static void
status(const struct pane *pane, struct buf *out)
{
	size_t shown = ((const struct backup_pane *)pane)->target;

	/* The shown one first; any other that is in trouble is named too. */
	for (size_t i = 0; i < backups_count(model(pane)); i++) {
		size_t index = i == 0 ? shown : i <= shown ? i - 1 : i;

		if (target_trouble(backups_target(model(pane), index), out))
			return;
	}
}

/* ---- the detail */

static struct pen
labelled(struct grid *grid, int *row, const char *label)
{
	struct pen pen = grid_pen(grid, (*row)++, 1, ROLE_text);

	pen_printf(&pen, "%-9s", label);
	return pen;
}

static void
paint_proof(struct grid *grid, int *row, const struct backup_facts *facts)
{
	char when[CLOCK_RFC3339_SIZE];
	struct buf text = BUF_INIT(1024);
	struct pen pen;

	if (facts->problem) {
		pen = labelled(grid, row, "problem");
		--*row;
		grid_wrap(grid, row, 10, ROLE_alert, facts->problem);
	}
	if (!facts->verified_at) {
		pen = labelled(grid, row, "proof");
		pen_text(&pen, "never read back: v does it");
		return;
	}
	labelled(grid, row, "proof");
	--*row;
	buf_printf(&text, "read back %s: sha256 %.8s..%s = manifest, its database hashed = etcd's own "
	    "trailer", clock_minute(facts->verified_at, when), facts->sha256,
	    strlen(facts->sha256) > 4 ? facts->sha256 + strlen(facts->sha256) - 4 : "");
	grid_wrap(grid, row, 10, ROLE_text, buf_str(&text));
	buf_release(&text);
}

/* What lies in the workspace is named from there. */
static void
paint_object(struct pen *pen, const struct backups_target *target, const struct backup_facts *facts)
{
	const char *slash = strrchr(facts->object, '/');

	if (!*target->name)
		pen_text(pen, target->title);
	pen_text(pen, !*target->name && slash ? slash + 1 : facts->object);
}

static int
paint_backup(const struct pane *pane, struct grid *grid)
{
	char text[CLOCK_RFC3339_SIZE], number[32], size[32], head[200];
	const struct backup_facts *facts;
	size_t index;
	struct pen pen;
	int row = 1;

	if (!pane_row(pane, &index))
		return 0;
	facts = at(pane, index);
	snprintf(head, sizeof head, "%s", facts->created ? clock_minute(facts->created, text)
	    : facts->id);
	grid_rule(grid, 0, head);
	if (facts->created) {
		pen = labelled(grid, &row, "object");
		paint_object(&pen, target_of(pane), facts);
		pen_printf(&pen, "   %s", text_size(facts->stored_size, size, sizeof size));
	}
	paint_proof(grid, &row, facts);
	if (facts->created) {
		pen = labelled(grid, &row, "inside");
		if (facts->keys >= 0)
			pen_printf(&pen, "%s keys, ", text_grouped(facts->keys, number, sizeof number));
		pen_printf(&pen, "etcd %s, cluster %s", facts->etcd_version, facts->cluster_id);
		pen = labelled(grid, &row, "made");
		pen_printf(&pen, "by %s on %s, from %s", facts->by, facts->host, facts->member);
	}
	return row;
}

static void
paint(const struct pane *pane, struct grid *grid)
{
	int row = paint_backup(pane, grid);

	backup_job_paint(pane->app, grid, row);
}

/* ---- actions */

/* A failure is on row 23 already; the list says the rest. */
static void
done(void *context, struct json_object *result, const struct err *err)
{
	(void)err;
	if (result)
		app_message(context, "backup %s: %s", json_str(result, "id", ""),
		    json_flag(result, "verified", false) ? "verified" : "not verified");
}

static void
start(struct pane *pane, const char *const *argv)
{
	verbs_start(pane->app, &(struct verb_start){ .argv = argv, .done = done,
		.context = pane->app });
}

static void
back_up(struct pane *pane)
{
	const struct backups_target *target = target_of(pane);
	const char *argv[] = { "backup", "create", "--to", target ? target->name : "", NULL };

	if (!target) {
		app_command(pane->app, "backup create --to ");
		return;
	}
	if (!*argv[3])
		argv[2] = NULL;
	start(pane, argv);
}

static void
verify(struct pane *pane)
{
	const struct backups_target *target = target_of(pane);
	const char *argv[] = { "backup", "verify", NULL, "--from", target->name, NULL };
	size_t index;

	if (!pane_row(pane, &index))
		return;
	argv[2] = at(pane, index)->id;
	if (!*target->name)
		argv[3] = NULL;
	start(pane, argv);
}

static void
restore(struct pane *pane)
{
	const struct backups_target *target = target_of(pane);
	size_t index;

	if (pane_row(pane, &index))
		restore_dialog_open(pane->app, at(pane, index)->id, target->name);
}

static bool
act(struct pane *pane, enum action action)
{
	struct backup_pane *own = (struct backup_pane *)pane;
	struct backups *backups = pane->app->models.backups;

	switch (action) {
	case ACT_backup_create:
		back_up(pane);
		return true;
	case ACT_backup_verify:
		verify(pane);
		return true;
	case ACT_backup_restore:
		restore(pane);
		return true;
	case ACT_backup_target:
		own->target = backups_count(backups) ? (own->target + 1) % backups_count(backups) : 0;
		backups_refresh(backups, own->target);
		pane_reload(pane);
		return true;
	case ACT_backup_refresh:
		backups_refresh_all(backups);
		pane_reload(pane);
		return true;
	default:
		return false;
	}
}

static void
enter(struct pane *pane)
{
	backups_refresh_all(pane->app->models.backups);
}

static void
update(struct pane *pane, unsigned changed)
{
	struct backup_pane *own = (struct backup_pane *)pane;

	(void)changed;
	if (own->target >= backups_count(model(pane)))
		own->target = 0;
	pane_reload(pane);
}

static bool
busy(const struct pane *pane)
{
	const struct backups_target *target = target_of(pane);

	return target && target->state == TARGET_ASKING && clock_ms() - target->asked_ms < SLOW_MS;
}

const struct pane_ops pane_backup_ops = {
	.size = sizeof(struct backup_pane),
	.wants = WANT_BACKUPS | WANT_JOBS | WANT_SECOND,
	.enter = enter,
	.update = update,
	.paint = paint,
	.act = act,
	.title = title,
	.rows = &rows,
	.scrolls = true,
	.detail = 11,
	.status = status,
	.busy = busy,
};
