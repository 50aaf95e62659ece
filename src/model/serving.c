/* SPDX-License-Identifier: Apache-2.0 */
#include "model/serving.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"

/* A handshake is some 2 ms of work: all at once they would hold a key up. */
enum { STEP_MS = 15 };
enum { EVERY_MS = 60000, ANSWER_MS = 2000, CERT_FILE_MAX = 1 << 20 };

struct serving {
	struct loop *loop;
	void (*changed)(void *context);
	void *context;
	char *cert, *key;
	char own[SHA256_HEX_SIZE];	/* of the certificate in `cert`, or "" */
	char *own_cn;
	const struct inventory *inventory;
	struct served_points points;
	struct served_join join;
	struct loop_timer *timer, *step;
	bool visible;
};

static const struct inventory nothing;

struct serving *
serving_new(struct loop *loop, void (*changed)(void *context), void *context)
{
	struct serving *serving = xcalloc(1, sizeof *serving);

	serving->loop = loop;
	serving->changed = changed;
	serving->context = context;
	serving->inventory = &nothing;
	return serving;
}

void
serving_free(struct serving *serving)
{
	if (!serving)
		return;
	loop_timer_cancel(serving->timer);
	loop_timer_cancel(serving->step);
	served_points_release(&serving->points);
	served_join_release(&serving->join);
	free(serving->cert);
	free(serving->key);
	free(serving->own_cn);
	free(serving);
}

static void
join(struct serving *serving)
{
	served_join_make(&serving->join, serving->inventory, &serving->points, serving->own);
}

/* The file may have been replaced since: it is read whenever it is used. */
static void
read_own(struct serving *serving)
{
	struct buf pem = BUF_INIT(CERT_FILE_MAX);
	struct cert cert = { 0 };

	serving->own[0] = '\0';
	if (serving->cert && fs_read(serving->cert, &pem, NULL) == 0 &&
	    cert_parse_pem(&cert, &pem, serving->cert, NULL) == 0)
		memcpy(serving->own, cert.fingerprint, sizeof serving->own);
	free(serving->own_cn);
	serving->own_cn = xstrdup(cert.cn ? cert.cn : "");
	cert_release(&cert);
	buf_release(&pem);
}

void
serving_set_client(struct serving *serving, const char *cert, const char *key)
{
	free(serving->cert);
	free(serving->key);
	serving->cert = cert ? xstrdup(cert) : NULL;
	serving->key = key ? xstrdup(key) : NULL;
	read_own(serving);
	join(serving);
}

/* ---- asking */

static void
told(void *context)
{
	struct serving *serving = context;

	join(serving);
	serving->changed(serving->context);
}

static void
ask(struct serving *serving, struct served_point *point)
{
	struct served_spec spec = { .cert = serving->cert, .key = serving->key,
		.timeout_ms = ANSWER_MS };

	served_point_ask(point, serving->loop, &spec, told, serving);
}

static void
on_step(void *context)
{
	struct serving *serving = context;
	struct served_point *point = NULL;

	serving->step = NULL;
	for (size_t i = 0; i < serving->points.len && !point; i++)
		if (serving->points.items[i]->due)
			point = serving->points.items[i];
	if (!point)
		return;
	point->due = false;
	ask(serving, point);
	serving->step = loop_timer_add(serving->loop, STEP_MS, on_step, serving);
}

static void
ask_in_turn(struct serving *serving, struct served_point *point)
{
	point->due = true;
	if (!serving->step)
		serving->step = loop_timer_add(serving->loop, STEP_MS, on_step, serving);
}

static void
on_timer(void *context)
{
	struct serving *serving = context;

	serving->timer = NULL;
	serving_refresh(serving);
}

void
serving_refresh(struct serving *serving)
{
	read_own(serving);
	for (size_t i = 0; i < serving->points.len; i++)
		ask_in_turn(serving, serving->points.items[i]);
	join(serving);
	loop_timer_cancel(serving->timer);
	serving->timer = serving->visible ? loop_timer_add(serving->loop, EVERY_MS, on_timer, serving) :
					     NULL;
}

void
serving_set_visible(struct serving *serving, bool visible)
{
	if (serving->visible == visible)
		return;
	serving->visible = visible;
	if (visible) {
		serving_refresh(serving);
	} else {
		loop_timer_cancel(serving->timer);
		serving->timer = NULL;
	}
}

bool
serving_busy(const struct serving *serving)
{
	for (size_t i = 0; i < serving->points.len; i++)
		if ((serving->points.items[i]->probe || serving->points.items[i]->due) &&
		    !serving->points.items[i]->asked)
			return true;
	return false;
}

/* ---- whom to ask */

struct source {
	const char *name;
	char **client_urls, **peer_urls;
	bool up;
};

/* One that is new, or whose member came or went, is asked at once. */
static void
add_urls(struct serving *serving, struct served_points *old, const struct source *from, bool peer)
{
	char **urls = peer ? from->peer_urls : from->client_urls;

	for (; urls && *urls; urls++) {
		struct served_point *point = served_points_add(&serving->points, old,
		    &(struct served_whose){ from->name, *urls, peer });

		if (!point)
			continue;
		if (serving->visible && (!point->asked || point->member_up != from->up))
			ask_in_turn(serving, point);
		point->member_up = from->up;
	}
}

static void
add_source(struct serving *serving, struct served_points *old, const struct source *from)
{
	add_urls(serving, old, from, false);
	add_urls(serving, old, from, true);
}

void
serving_set_members(struct serving *serving, const struct members *members,
    const struct cluster *cluster)
{
	struct served_points old = serving->points;
	size_t count = members_count(members);

	serving->points = (struct served_points){ 0 };
	for (size_t i = 0; i < count; i++) {
		const struct member *m = members_at(members, i);

		add_source(serving, &old, &(struct source){ m->name, m->client_urls, m->peer_urls,
			m->state == MEMBER_UP });
	}
	for (size_t i = 0; count == 0 && cluster && i < cluster->member_count; i++) {
		const struct member_spec *m = &cluster->members[i];

		add_source(serving, &old, &(struct source){ m->name, m->client_urls, m->peer_urls, false });
	}
	served_points_release(&old);
	join(serving);
}

void
serving_set_inventory(struct serving *serving, const struct inventory *inventory)
{
	serving->inventory = inventory;
	join(serving);
}

/* ---- what is known */

const struct served_points *
serving_points(const struct serving *serving)
{
	return &serving->points;
}

const struct served_join *
serving_join(const struct serving *serving)
{
	return &serving->join;
}

const char *
serving_own_cn(const struct serving *serving)
{
	return serving->own_cn ? serving->own_cn : "";
}

const struct served_point *
serving_at(const struct serving *serving, const char *url)
{
	for (size_t i = 0; i < serving->points.len; i++)
		if (strcmp(serving->points.items[i]->url, url) == 0)
			return serving->points.items[i];
	return NULL;
}

int64_t
serving_ends(const struct serving *serving, const struct member *member)
{
	char **lists[] = { member->client_urls, member->peer_urls };
	int64_t ends = 0;

	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		for (char **url = lists[i]; url && *url; url++) {
			const struct served_point *point = serving_at(serving, *url);

			if (point && point->has_cert && (!ends || point->cert.not_after < ends))
				ends = point->cert.not_after;
		}
	return ends;
}
