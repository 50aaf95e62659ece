/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/frame.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "ui/quorum.h"

/* Row 1: which cluster, which endpoint, who, how it is, and how old the last proof of a backup. */

/* "backup: unknown", which matters more than the leader's name where an address and a CN have taken
 * the room. */
enum { PROOF_ROOM = 17 };

static const char *
without_scheme(const char *url)
{
	const char *host = strstr(url, "://");

	return host ? host + 3 : url;
}

static void
paint_name(const struct app *app, struct pen *pen)
{
	const struct connection *connection = &app->connection;

	if (connection->cluster)
		pen_text(pen, connection->cluster->name);
	else if (!connection->workspace && connection->endpoints)
		pen_text(pen, "(no workspace)");
	else
		pen_text(pen, "no cluster yet");
	pen_text(pen, "  ");
}

static void
paint_endpoint(const struct app *app, struct pen *pen)
{
	const struct etcd_endpoint *endpoint;

	if (!app->models.channel)
		return;
	endpoint = etcd_channel_serving(app->models.channel);
	if (endpoint) {
		pen_text(pen, without_scheme(endpoint->url));
		pen_text(pen, "  ");
	}
}

/* "10.20.0.11:2379  (no workspace)  CN=ops": what there is to tell this console by. */
static void
paint_nameless(const struct app *app, struct pen *pen)
{
	const char *cn = serving_own_cn(app->models.serving);

	paint_endpoint(app, pen);
	paint_name(app, pen);
	if (*cn && !app->connection.user)
		pen_printf(pen, "CN=%s  ", cn);
}

static void
paint_alarms(const struct members_summary *s, struct pen *pen)
{
	if (s->alarms & MEMBER_NOSPACE)
		pen_as(pen, ROLE_alert, "  !NOSPACE");
	if (s->alarms & MEMBER_CORRUPT)
		pen_as(pen, ROLE_alert, "  !CORRUPT");
}

/* "3/3 up, leader etcd1", or what is wrong: the first sign a tired eye looks for. */
static void
paint_health(const struct app *app, struct pen *pen)
{
	const struct members_summary *s = members_summary(app->models.members);
	const char *copy;
	char text[200];

	if (!app->models.channel) {
		pen_as(pen, ROLE_dim, app->connection.endpoints ? "not connected" : "no endpoint");
		return;
	}
	if (!s->listed) {
		pen_as(pen, s->why.code ? ROLE_alert : ROLE_dim,
		    s->why.code ? "!NOT CONNECTED" : "connecting");
		return;
	}
	copy = quorum_lost(app) ? quorum_copy(app) : NULL;
	if (copy) {
		snprintf(text, sizeof text, "!NO QUORUM: %.60s copy", copy);
		pen_as(pen, ROLE_alert, text);
	} else if (quorum_lost(app)) {
		snprintf(text, sizeof text, "!NO QUORUM: 0/%zu up", s->voters);
		pen_as(pen, ROLE_alert, text);
	} else if (s->unasked) {
		snprintf(text, sizeof text, "asking %zu of %zu members", s->unasked, s->voters);
		pen_as(pen, ROLE_dim, text);
	} else if (s->up < s->voters) {
		snprintf(text, sizeof text, "!%zu/%zu up", s->up, s->voters);
		pen_as(pen, ROLE_alert, text);
	} else if (s->leader) {
		snprintf(text, sizeof text, "%zu/%zu up, leader %.60s", s->up, s->voters, s->leader);
		if (app_no_workspace(app) && pen_left(pen) < (int)strlen(text) + PROOF_ROOM)
			*strchr(text, ',') = '\0';
		pen_as(pen, ROLE_good, text);
	} else {
		snprintf(text, sizeof text, "!NO LEADER: %zu/%zu up", s->up, s->voters);
		pen_as(pen, ROLE_alert, text);
	}
	paint_alarms(s, pen);
}

/* "backup verified 42m ago": how much may be lost, at the end of the row. */
static void
paint_proof(const struct app *app, struct pen *pen)
{
	bool known;
	int64_t last = backups_last_verified(app->models.backups,
	    members_summary(app->models.members)->cluster_id, &known);
	char text[64], age[24];
	int64_t ago = clock_wall_ms() / 1000 - last;

	if (last)
		snprintf(text, sizeof text, "backup verified %s ago", text_age_minutes(ago, age, sizeof age));
	else
		snprintf(text, sizeof text, known ? "no backup verified" : "backup: unknown");
	if (!last)
		pen->role = ROLE_warn;
	pen_right(pen, text);
}

void
frame_state(const struct app *app, struct grid *line)
{
	struct pen pen = grid_pen(line, 0, 1, ROLE_state);

	pen.end = line->cols - 1;
	if (app_no_workspace(app)) {
		paint_nameless(app, &pen);
	} else {
		paint_name(app, &pen);
		paint_endpoint(app, &pen);
	}
	if (app->connection.user) {
		pen_text(&pen, app->connection.user);
		pen_text(&pen, "  ");
	}
	if (app_read_only(app))
		pen_as(&pen, ROLE_warn, "READ ONLY  ");
	paint_health(app, &pen);
	paint_proof(app, &pen);
}
