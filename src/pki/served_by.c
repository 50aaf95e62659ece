/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/served_by.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"

/* A label up to here leaves room for an age and "ago" in 17 columns. */
enum { SHORT_LABEL = 10 };

/* ---- points */

static void
point_free(struct served_point *point)
{
	served_cancel(point->probe);
	cert_release(&point->cert);
	free(point->member);
	free(point->url);
	free(point->label);
	free(point);
}

void
served_points_release(struct served_points *points)
{
	for (size_t i = 0; i < points->len; i++)
		if (points->items[i])
			point_free(points->items[i]);
	free(points->items);
	*points = (struct served_points){ 0 };
}

/* The host and port of a URL, allocated. */
static char *
authority_of(const char *url)
{
	const char *at = strstr(url, "://");

	at = at ? at + 3 : url;
	return xstrndup(at, strcspn(at, "/"));
}

/* A member is known by its name, so its URLs go by that and their ports. */
static char *
label_of(const struct served_whose *whose)
{
	char *authority = authority_of(whose->url), *label;
	const char *port = strrchr(authority, ':');

	if (!*whose->member)
		return authority;
	label = xasprintf("%s%s", whose->member, port ? port : "");
	free(authority);
	return label;
}

static struct served_point *
take(struct served_points *old, const struct served_whose *whose)
{
	struct served_point *point;

	for (size_t i = 0; old && i < old->len; i++) {
		point = old->items[i];
		if (point && point->peer == whose->peer && strcmp(point->url, whose->url) == 0 &&
		    strcmp(point->member, whose->member) == 0) {
			old->items[i] = NULL;
			return point;
		}
	}
	point = xcalloc(1, sizeof *point);
	point->member = xstrdup(whose->member);
	point->url = xstrdup(whose->url);
	point->label = label_of(whose);
	point->peer = whose->peer;
	return point;
}

struct served_point *
served_points_add(struct served_points *points, struct served_points *old,
    const struct served_whose *whose)
{
	if (strncmp(whose->url, "https://", 8) != 0)
		return NULL;
	GROW(points->items, points->len, points->cap);
	points->items[points->len] = take(old, whose);
	return points->items[points->len++];
}

size_t
served_points_waiting(const struct served_points *points)
{
	size_t count = 0;

	for (size_t i = 0; i < points->len; i++)
		count += points->items[i]->probe != NULL;
	return count;
}

/* ---- asking */

static void
answered(struct served_point *point, bool well)
{
	point->probe = NULL;
	point->asked = true;
	point->answers = well;
	point->told(point->context);
}

static void
on_chain(void *context, struct cert *chain, size_t len)
{
	struct served_point *point = context;

	cert_release(&point->cert);
	point->cert = chain[0];
	for (size_t i = 1; i < len; i++)
		cert_release(&chain[i]);
	point->has_cert = true;
	point->seen = clock_wall_ms() / 1000;
	err_clear(&point->why);
	answered(point, true);
}

static void
on_failure(void *context, const struct err *err)
{
	struct served_point *point = context;

	point->why = *err;
	answered(point, false);
}

void
served_point_ask(struct served_point *point, struct loop *loop, const struct served_spec *spec,
    void (*told)(void *context), void *context)
{
	static const struct served_handler handler = { on_chain, on_failure };
	struct served_spec own = *spec;
	char *authority;

	point->told = told;
	point->context = context;
	if (point->probe)
		return;
	authority = authority_of(point->url);
	own.authority = authority;
	point->probe = served_start(loop, &own, &handler, point);
	free(authority);
}

/* ---- the join */

static bool
shows(const struct served_point *point, const struct cert *cert)
{
	return point->has_cert && strcmp(point->cert.fingerprint, cert->fingerprint) == 0;
}

/* Counts who serves it now, or did before falling silent. */
static bool
find_points(const struct cert *cert, const struct served_points *points, bool now,
    struct served_row *row)
{
	row->count = 0;
	for (size_t i = 0; i < points->len; i++)
		if (points->items[i]->answers == now && shows(points->items[i], cert) && row->count++ == 0)
			row->first = i;
	if (row->count)
		row->state = now ? SERVED_NOW : SERVED_ONCE;
	return row->count > 0;
}

/* By the names that vetch gives: MEMBER for the clients' side, MEMBER-peer for the peers'. */
static bool
is_for(const struct cert_entry *entry, const struct served_point *point)
{
	size_t len = strlen(point->member);

	return len && strncmp(entry->name, point->member, len) == 0 &&
	    strcmp(entry->name + len, point->peer ? "-peer" : "") == 0;
}

static enum served_state
state_of_unserved(const struct cert_entry *entry, const struct served_points *points)
{
	size_t own = 0, own_answer = 0, answer = 0;

	if (entry->cert.is_ca || !entry->cert.has_ext_usages || !entry->cert.server_auth || !points->len)
		return SERVED_NOT;
	for (size_t i = 0; i < points->len; i++) {
		const struct served_point *point = points->items[i];
		bool mine = is_for(entry, point);

		answer += point->answers;
		own += mine;
		own_answer += mine && point->answers;
	}
	if (own)
		return own == own_answer ? SERVED_REPLACED : SERVED_UNKNOWN;
	return answer == points->len ? SERVED_NOBODY : SERVED_UNKNOWN;
}

static void
join_entry(const struct cert_entry *entry, const struct served_points *points, const char *own,
    struct served_row *row)
{
	row->console = *own && strcmp(entry->cert.fingerprint, own) == 0;
	if (!find_points(&entry->cert, points, true, row) &&
	    !find_points(&entry->cert, points, false, row))
		row->state = state_of_unserved(entry, points);
}

static bool
is_known(const struct served_join *join, const struct inventory *inventory,
    const struct served_points *points, const struct cert *cert)
{
	for (size_t i = 0; i < join->stranger_count; i++)
		if (shows(points->items[join->strangers[i].first], cert))
			return true;
	return inventory_by_print(inventory, cert->fingerprint) != NULL;
}

/* All at once after the first answers, so that no cursor stands on whichever came first. */
static void
add_strangers(struct served_join *join, const struct inventory *inventory,
    const struct served_points *points)
{
	for (size_t i = 0; i < points->len; i++)
		if (!points->items[i]->asked)
			return;
	for (size_t i = 0; i < points->len; i++) {
		struct served_row row = { 0 };
		const struct served_point *point = points->items[i];

		if (!point->has_cert || is_known(join, inventory, points, &point->cert))
			continue;
		if (!find_points(&point->cert, points, true, &row))
			find_points(&point->cert, points, false, &row);
		GROW(join->strangers, join->stranger_count, join->stranger_cap);
		join->strangers[join->stranger_count++] = row;
	}
}

void
served_join_make(struct served_join *join, const struct inventory *inventory,
    const struct served_points *points, const char *own)
{
	served_join_release(join);
	join->rows = xcalloc(inventory->len ? inventory->len : 1, sizeof *join->rows);
	join->len = inventory->len;
	for (size_t i = 0; i < inventory->len; i++)
		join_entry(&inventory->entries[i], points, own, &join->rows[i]);
	add_strangers(join, inventory, points);
}

void
served_join_release(struct served_join *join)
{
	free(join->rows);
	free(join->strangers);
	*join = (struct served_join){ 0 };
}

void
served_row_text(const struct served_row *row, const struct served_points *points, int64_t now,
    struct buf *out)
{
	const struct served_point *point = row->count ? points->items[row->first] : NULL;
	char age[24];

	if (row->state == SERVED_NOW || row->state == SERVED_ONCE)
		buf_add_str(out, point->label);
	if (row->state == SERVED_ONCE)
		buf_printf(out, strlen(point->label) > SHORT_LABEL ? " %s" : " %s ago",
		    text_age(now - point->seen, age, sizeof age));
	else if (row->count > 1)
		buf_printf(out, " +%zu", row->count - 1);
	else if (row->console && !point)
		buf_add_str(out, "this console");
	else if (row->state == SERVED_NOBODY || row->state == SERVED_REPLACED)
		buf_add_str(out, "nobody");
	else if (!point)
		buf_add_byte(out, row->state == SERVED_UNKNOWN ? '?' : '-');
}
