/* SPDX-License-Identifier: Apache-2.0
 * Members: every member side by side, what the one under the cursor says of itself, and what is
 * wrong, worst first, each with its cure. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "ui/app.h"
#include "ui/member_faults.h"
#include "ui/pane.h"

/* Below this much free space nobody defrags for its sake. */
enum { WORTH_DEFRAG = 16 << 20 };

static const struct members *
model(const struct pane *pane)
{
	return pane->app->models.members;
}

static const struct member *
at(const struct pane *pane, size_t index)
{
	return members_at(model(pane), index);
}

/* ---- columns */

static void
name_text(const struct pane *pane, size_t index, struct buf *out)
{
	const struct member *m = at(pane, index);

	if (*m->name)
		buf_add_str(out, m->name);
	else
		buf_printf(out, "%" PRIx64, m->id);
}

static void
role_text(const struct pane *pane, size_t index, struct buf *out)
{
	const struct member *m = at(pane, index);

	if (m->learner)
		buf_add_str(out, "learner");
	else if (m->state == MEMBER_UP && m->known)
		buf_add_str(out, m->leader == m->id ? "leader" : "follower");
	else
		buf_add_byte(out, '-');
}

static void
state_text(const struct pane *pane, size_t index, struct buf *out)
{
	const struct member *m = at(pane, index);
	char age[24];

	if (m->state == MEMBER_DOWN)
		buf_printf(out, "DOWN %s", text_age((clock_ms() - m->since_ms) / 1000, age, sizeof age));
	else if (m->state == MEMBER_NOT_STARTED)
		buf_add_str(out, "unstarted");
	else if (m->state == MEMBER_UNKNOWN)
		buf_add_str(out, "asking");
	else if (m->alarms & MEMBER_CORRUPT)
		buf_add_str(out, "CORRUPT");
	else if (m->alarms & MEMBER_NOSPACE)
		buf_add_str(out, "NOSPACE");
	else if (m->no_leader && m->known)
		buf_add_str(out, "NO LEADER");
	else
		buf_add_str(out, m->known ? "ok" : "up");
}

static enum role
state_role(const struct pane *pane, size_t index)
{
	const struct member *m = at(pane, index);

	if (m->state == MEMBER_DOWN || m->alarms || (m->known && m->no_leader))
		return ROLE_alert;
	return m->state == MEMBER_UP ? ROLE_good : ROLE_dim;
}

static void
version_text(const struct pane *pane, size_t index, struct buf *out)
{
	const struct member *m = at(pane, index);

	buf_printf(out, "%s%s", m->known ? m->version : "-",
	    m->known && m->state == MEMBER_DOWN ? "?" : "");
}

static void
size_text(const struct pane *pane, size_t index, struct buf *out)
{
	const struct member *m = at(pane, index);
	char size[32], quota[32], *unit;

	if (!m->known || m->state == MEMBER_DOWN)
		memcpy(size, "?", 2);
	else
		text_size(m->db_size, size, sizeof size);
	if (!m->db_quota) {
		buf_add_str(out, size);
		return;
	}
	text_size(m->db_quota, quota, sizeof quota);
	unit = strchr(size, ' ');
	if (unit && strcmp(unit, strchr(quota, ' ')) != 0)
		buf_printf(out, "%.*s%c/%s", (int)(unit - size), size, unit[1], quota); /* "9.1M/2.0 GiB" */
	else
		buf_printf(out, "%.*s / %s", (int)strcspn(size, " "), size, quota);
}

static void
use_text(const struct pane *pane, size_t index, struct buf *out)
{
	const struct member *m = at(pane, index);

	if (m->known && m->state == MEMBER_UP && m->db_size > 0 && m->db_in_use > 0)
		buf_printf(out, "%" PRId64 " %%", m->db_in_use * 100 / m->db_size);
	else
		buf_add_byte(out, '?');
}

static void
lag_text(const struct pane *pane, size_t index, struct buf *out)
{
	const struct member *m = at(pane, index);

	if (m->known && m->state == MEMBER_UP)
		buf_printf(out, "%" PRIu64, m->lag);
	else
		buf_add_byte(out, '?');
}

static void
rtt_text(const struct pane *pane, size_t index, struct buf *out)
{
	const struct member *m = at(pane, index);

	if (m->rtt_us < 0)
		buf_add_byte(out, '-');
	else if (m->rtt_us < 1000)
		buf_add_str(out, "<1ms");
	else
		buf_printf(out, "%" PRId64 "ms", m->rtt_us / 1000);
}

/* Days that the first of its certificates to end has left; false where none was seen. */
static bool
cert_days(const struct pane *pane, size_t index, int64_t *days)
{
	int64_t ends = serving_ends(pane->app->models.serving, at(pane, index));

	*days = ends ? (ends - clock_wall_ms() / 1000) / 86400 : 0;
	return ends != 0;
}

static void
cert_text(const struct pane *pane, size_t index, struct buf *out)
{
	int64_t days;

	if (!cert_days(pane, index, &days)) {
		buf_add_byte(out, '-');
		return;
	}
	buf_add_str(out, days < CERT_SOON_DAYS ? "! " : "");
	buf_printf(out, days < 1000 ? "%" PRId64 " d" : "%" PRId64 " y",
	    days < 1000 ? days : days / 365);
}

static enum role
cert_role(const struct pane *pane, size_t index)
{
	int64_t days;

	return cert_days(pane, index, &days) && days < CERT_SOON_DAYS ? ROLE_warn : ROLE_row;
}

static int
by_cert(const struct pane *pane, size_t a, size_t b)
{
	const struct serving *serving = pane->app->models.serving;
	int64_t left = serving_ends(serving, at(pane, a)), right = serving_ends(serving, at(pane, b));

	return (left > right) - (left < right);
}

static int
by_name(const struct pane *pane, size_t a, size_t b)
{
	return strcmp(at(pane, a)->name, at(pane, b)->name);
}

static int
by_size(const struct pane *pane, size_t a, size_t b)
{
	int64_t left = at(pane, a)->db_size, right = at(pane, b)->db_size;

	return (left > right) - (left < right);
}

static int
by_lag(const struct pane *pane, size_t a, size_t b)
{
	uint64_t left = at(pane, a)->lag, right = at(pane, b)->lag;

	return (left > right) - (left < right);
}

static const struct column *
columns(const struct pane *pane, size_t *count)
{
	static const struct column list[] = {
		{ .title = "NAME", .width = 0, .keep = 0, .text = name_text, .compare = by_name },
		{ .title = "ROLE", .width = 8, .keep = 1, .gap = 1, .text = role_text },
		{ .title = "STATE", .width = 9, .keep = 0, .text = state_text, .role = state_role },
		{ .title = "VERSION", .width = 7, .keep = 3, .gap = 1, .text = version_text },
		{ .title = "DB / QUOTA", .width = 14, .keep = 4, .gap = 1, .right = true, .text = size_text,
		  .compare = by_size },
		{ .title = "IN USE", .width = 6, .keep = 7, .gap = 1, .right = true, .text = use_text },
		{ .title = "LAG", .width = 4, .keep = 5, .gap = 1, .right = true, .text = lag_text,
		  .compare = by_lag },
		{ .title = "RTT", .width = 5, .keep = 6, .gap = 1, .right = true, .text = rtt_text },
		{ .title = "CERT", .width = 6, .keep = 2, .gap = 1, .right = true, .text = cert_text,
		  .role = cert_role, .compare = by_cert },
	};

	(void)pane;
	*count = ARRAY_LEN(list);
	return list;
}

static size_t
count(const struct pane *pane)
{
	return members_count(model(pane));
}

static char
sign(const struct pane *pane, size_t index)
{
	const struct member *m = at(pane, index);

	int64_t days;

	return m->state == MEMBER_DOWN || m->alarms || (m->known && m->no_leader) ||
	    (cert_days(pane, index, &days) && days < CERT_SOON_DAYS) ? '!' : ' ';
}

static void
empty(const struct pane *pane, struct buf *out)
{
	const struct members_summary *s = members_summary(model(pane));

	if (!pane->app->models.channel)
		buf_printf(out, "%s\n%s\n", pane->app->models.why.text, pane->app->models.why.cure);
	else if (s->why.code)
		buf_add_str(out, "no member list could be had; each endpoint is named below\n");
	else
		buf_add_str(out, "asking for the member list\n");
}

static const struct list_ops rows = {
	.count = count, .name = name_text, .columns = columns, .sign = sign, .empty = empty,
};

/* ---- the title: what one more failure would do */

static void
quorum_words(const struct members_summary *s, struct buf *out)
{
	size_t spare = s->up > s->quorum ? s->up - s->quorum : 0;

	if (s->up < s->quorum && s->leader)
		buf_printf(out, "%zu of %zu answer this console; leader %.60s", s->up, s->voters, s->leader);
	else if (s->up < s->quorum)
		buf_printf(out, "Quorum is LOST: %zu of %zu answer, %zu needed", s->up, s->voters, s->quorum);
	else if (spare)
		buf_printf(out, "Quorum %zu of %zu holds; %zu more may fail", s->quorum, s->voters, spare);
	else if (s->voters == 1)
		buf_add_str(out, "One member: its failure stops the cluster");
	else
		buf_printf(out, "Quorum %zu of %zu holds; one more failure stops the cluster", s->quorum,
		    s->voters);
}

static void
title(const struct pane *pane, struct buf *out)
{
	const struct members_summary *s = members_summary(model(pane));
	char age[24];

	if (!pane->app->models.channel)
		buf_add_str(out, "No cluster");
	else if (!s->listed)
		buf_add_str(out, s->why.code ? "No member list" : "Asking for the member list");
	else if (s->unasked)
		buf_add_str(out, "Asking the members");
	else
		quorum_words(s, out);
	if (s->asked_ms)
		buf_printf(out, "\tasked %s ago, every %ds",
		    text_age((clock_ms() - s->asked_ms) / 1000, age, sizeof age), (int)(s->every_ms / 1000));
}

/* ---- the detail */

/* "etcd1, 41 d left, in pki/": what is served there, by its name here or its own elsewhere. */
static void
add_served(const struct pane *pane, const struct served_point *point, struct buf *out)
{
	const struct cert_entry *entry;
	int64_t now = clock_wall_ms() / 1000;
	char age[24];

	if (!point || !point->has_cert) {
		buf_add_str(out, point && point->asked ? "shows no certificate" : "");
		return;
	}
	entry = inventory_by_print(certs_inventory(pane->app->models.certs), point->cert.fingerprint);
	buf_printf(out, "%s, ", entry ? entry->name : point->cert.cn);
	if (point->cert.not_after < now)
		buf_add_str(out, "EXPIRED");
	else
		buf_printf(out, "%" PRId64 " d", (point->cert.not_after - now) / 86400);
	buf_printf(out, "%s, %s", point->cert.not_after < now ? "" : " left",
	    entry ? "in pki/" : "not in pki/");
	if (!point->answers)
		buf_printf(out, ", seen %s ago", text_age(now - point->seen, age, sizeof age));
}

static void
url_lines(const struct pane *pane, struct grid *grid, int *row, const char *label, char **urls)
{
	for (; urls && *urls && *row < grid->rows; urls++) {
		struct pen pen = grid_pen(grid, *row, 1, ROLE_name);
		struct buf served = BUF_INIT(4096);

		pen_text(&pen, label);
		pen_as(&pen, ROLE_text, *urls);
		add_served(pane, serving_at(pane->app->models.serving, *urls), &served);
		pen.col = pen.col < 33 ? 34 : pen.col + 2;
		if (pen_left(&pen) < (int)served.len) { /* a row of its own, where the URL's begins */
			++*row;
			pen.col = 9;
		}
		grid_wrap(grid, row, pen.col, ROLE_text, buf_str(&served));
		*row += served.len == 0;
		buf_release(&served);
		label = "        ";
	}
}

static void
space_line(struct grid *grid, int *row, const struct member *m)
{
	struct pen pen;
	char free_space[32], all[32];

	if (m->db_in_use <= 0 || m->db_size - m->db_in_use < WORTH_DEFRAG ||
	    m->db_size - m->db_in_use < m->db_size / 2)
		return;
	pen = grid_pen(grid, (*row)++, 1, ROLE_text);
	pen_as(&pen, ROLE_name, "space   ");
	pen_printf(&pen, "%s of %s is free inside the file: a defrag gives it back",
	    text_size(m->db_size - m->db_in_use, free_space, sizeof free_space),
	    text_size(m->db_size, all, sizeof all));
}

static void
raft_line(struct grid *grid, int *row, const struct member *m)
{
	struct pen pen = grid_pen(grid, (*row)++, 1, ROLE_text);
	char index[32], applied[32];

	pen_as(&pen, ROLE_name, "raft    ");
	pen_printf(&pen, "term %" PRIu64 "   index %s   applied %s", m->term,
	    text_grouped((int64_t)m->index, index, sizeof index),
	    text_grouped((int64_t)m->applied, applied, sizeof applied));
}

static void
alarm_line(struct grid *grid, int *row, const struct member *m)
{
	struct pen pen;

	if (!m->alarms)
		return;
	pen = grid_pen(grid, (*row)++, 1, ROLE_text);
	pen_as(&pen, ROLE_name, "alarm   ");
	if (m->alarms & MEMBER_NOSPACE)
		pen_as(&pen, ROLE_alert, "NOSPACE: the whole cluster refuses writes  ");
	if (m->alarms & MEMBER_CORRUPT)
		pen_as(&pen, ROLE_alert, "CORRUPT: its data differs from the others'");
}

static void
why_line(struct grid *grid, int *row, const struct member *m)
{
	struct pen pen;

	if (m->state != MEMBER_DOWN)
		return;
	pen = grid_pen(grid, *row, 1, ROLE_text);
	pen_as(&pen, ROLE_name, "fault   ");
	grid_wrap(grid, row, 9, ROLE_alert, m->why.text);
}

static int
paint_member(const struct pane *pane, struct grid *grid)
{
	size_t index;
	const struct member *m;
	char head[200];
	int row = 1;

	if (!pane_row(pane, &index))
		return 0;
	m = at(pane, index);
	snprintf(head, sizeof head, "%.80s   ID %" PRIx64, m->name, m->id);
	grid_rule(grid, 0, head);
	url_lines(pane, grid, &row, "client  ", m->client_urls);
	url_lines(pane, grid, &row, "peer    ", m->peer_urls);
	alarm_line(grid, &row, m);
	why_line(grid, &row, m);
	if (m->known) {
		raft_line(grid, &row, m);
		space_line(grid, &row, m);
	}
	return row;
}

static void
paint_fault(struct grid *grid, int *row, int number, const struct member_fault *fault)
{
	struct pen pen = grid_pen(grid, *row, 1, ROLE_text);

	pen_printf(&pen, "%d", number);
	grid_wrap(grid, row, 3, ROLE_alert, fault->text);
	grid_wrap(grid, row, 3, ROLE_text, fault->cure);
}

static void
paint(const struct pane *pane, struct grid *grid)
{
	struct member_fault faults[MEMBER_FAULTS_MAX];
	size_t found = member_faults(pane->app, faults, MEMBER_FAULTS_MAX);
	int row = paint_member(pane, grid);

	if (row >= grid->rows)
		return;
	grid_rule(grid, row++, found ? "What is wrong, worst first" : "Nothing is wrong");
	for (size_t i = 0; i < found && row < grid->rows; i++)
		paint_fault(grid, &row, (int)i + 1, &faults[i]);
	if (found == MEMBER_FAULTS_MAX && row < grid->rows)
		pen_as(&(struct pen){ grid, row, 1, grid->cols, ROLE_dim }, ROLE_dim,
		    "there may be more: only the worst are listed");
}

/* The one under the cursor where it is down, else the first that is. */
static const struct member *
down_member(const struct pane *pane)
{
	size_t index;

	if (pane_row(pane, &index) && at(pane, index)->state == MEMBER_DOWN)
		return at(pane, index);
	for (size_t i = 0; i < members_count(model(pane)); i++)
		if (at(pane, i)->state == MEMBER_DOWN)
			return at(pane, i);
	return NULL;
}

static void
status(const struct pane *pane, struct buf *out)
{
	const struct members_summary *s = members_summary(model(pane));
	const struct member *m = down_member(pane);
	int64_t next = s->asked_ms + s->every_ms - clock_ms();
	char when[CLOCK_RFC3339_SIZE];

	if (!m)
		return;
	buf_printf(out, "%s: next try in %" PRId64 "s", m->name, next > 0 ? (next + 999) / 1000 : 0);
	if (m->good_ms)
		buf_printf(out, "   last good %s", clock_rfc3339(m->good_ms / 1000, when) + 11);
	buf_printf(out, "   %s", m->why.text);
}

static void
update(struct pane *pane, unsigned changed)
{
	(void)changed;
	pane_reload(pane);
}

static bool
act(struct pane *pane, enum action action)
{
	if (action != ACT_members_refresh)
		return false;
	members_refresh(pane->app->models.members);
	serving_refresh(pane->app->models.serving);
	return true;
}

static bool
busy(const struct pane *pane)
{
	return members_busy(model(pane));
}

static void
enter(struct pane *pane)
{
	serving_refresh(pane->app->models.serving);
}

const struct pane_ops pane_members_ops = {
	.size = sizeof(struct pane),
	.enter = enter,
	.wants = WANT_MEMBERS | WANT_SERVED | WANT_INVENTORY | WANT_CHANNEL | WANT_SECOND,
	.update = update,
	.paint = paint,
	.act = act,
	.title = title,
	.rows = &rows,
	.scrolls = true,
	.detail = 14,
	.fit = true,
	.status = status,
	.busy = busy,
};
