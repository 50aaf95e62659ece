/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/quorum.h"

#include <string.h>

#include "base/text.h"

enum { NAMES_MAX = 3 };	/* so many fit on a row; of more it says how many */

bool
quorum_lost(const struct app *app)
{
	return members_summary(app->models.members)->lost;
}

static bool
serves_at(const struct member *m, const char *url)
{
	for (char **own = m->client_urls; *own; own++)
		if (strcmp(*own, url) == 0)
			return true;
	return false;
}

const char *
quorum_copy(const struct app *app)
{
	const struct members *members = app->models.members;
	const struct etcd_endpoint *serving = etcd_channel_serving(app->models.channel);
	const char *up = NULL;

	for (size_t i = 0; i < members_count(members); i++) {
		const struct member *m = members_at(members, i);

		if (m->state != MEMBER_UP)
			continue;
		if (serves_at(m, serving->url))
			return m->name;
		up = m->name;
	}
	return up;
}

/* "etcd2", "etcd2 and etcd3", "etcd2, etcd3 and 2 more" */
static void
name_those_down(const struct app *app, struct buf *out)
{
	const struct members *members = app->models.members;
	size_t down = 0, named = 0, shown;

	for (size_t i = 0; i < members_count(members); i++)
		down += !members_at(members, i)->learner && members_at(members, i)->state != MEMBER_UP;
	shown = down <= NAMES_MAX ? down : NAMES_MAX - 1;
	for (size_t i = 0; i < members_count(members) && named < shown; i++) {
		const struct member *m = members_at(members, i);

		if (m->learner || m->state == MEMBER_UP)
			continue;
		if (named)
			buf_add_str(out, named + 1 == down ? " and " : ", ");
		if (*m->name)
			text_escape(out, m->name, strnlen(m->name, 60));
		else
			buf_add_str(out, "one never started");
		named++;
	}
	if (down > shown)
		buf_printf(out, " and %zu more", down - shown);
}

void
quorum_explain(const struct app *app, struct err *err)
{
	const struct members_summary *s = members_summary(app->models.members);
	struct buf down = BUF_INIT(512);

	name_those_down(app, &down);
	err_set(err, ERR_CONNECT, "no quorum: %.200s %s down, %zu of %zu needed", buf_str(&down),
	    s->voters - s->up == 1 ? "is" : "are", s->quorum, s->voters);
	err_cure(err, "start %.100s: pane 2 says why %s", buf_str(&down),
	    s->voters - s->up == 1 ? "it is down" : "each is down");
	buf_release(&down);
}

bool
quorum_refuses(struct app *app, const char *what)
{
	struct err err;

	if (!quorum_lost(app))
		return false;
	quorum_explain(app, &err);
	err_prefix(&err, "%s refused", what);
	app_error(app, &err);
	return true;
}

void
quorum_blame(const struct app *app, const char *what, struct err *err)
{
	if (!quorum_lost(app) || (err->code != ERR_TIMEOUT && !strstr(err->text, "no leader")))
		return;
	quorum_explain(app, err);
	err_prefix(err, "%s got no answer", what);
}

void
quorum_update(struct app *app)
{
	bool lost = quorum_lost(app), fresh = lost != app->no_quorum;
	const char *said = app->message.shown ? strstr(buf_str(&app->message.text), "no quorum: ") : NULL;
	struct err err;

	if (fresh) {
		app->no_quorum = lost;
		app->dirty = true;
		keyspace_set_quorum(app->models.keyspace, !lost);
	}
	if (!lost && said) {
		app->message.shown = false;
	} else if (lost && (fresh || said == buf_str(&app->message.text))) {
		quorum_explain(app, &err);
		app_error(app, &err);
	}
}
