/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/member_faults.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "ui/app.h"

struct found {
	struct member_fault *faults;
	size_t count, max;
};

static void
add(struct found *found, const char *cure, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void
add(struct found *found, const char *cure, const char *format, ...)
{
	struct member_fault *fault;
	va_list ap;

	if (found->count == found->max)
		return;
	fault = &found->faults[found->count++];
	va_start(ap, format);
	vsnprintf(fault->text, sizeof fault->text, format, ap);
	va_end(ap);
	snprintf(fault->cure, sizeof fault->cure, "%s", cure);
}

static void
add_quorum(struct found *found, const struct members_summary *s)
{
	if (s->lost)
		add(found, "start the members named below; nothing can be written until then",
		    "Quorum is lost: %zu of %zu members answer, %zu are needed", s->up, s->voters,
		    s->quorum);
	else if (s->listed && s->up && !s->leader && !s->unasked)
		add(found, "wait a few seconds; else look at the network between the members",
		    "No leader: the members that answer have not elected one");
}

static void
add_alarms(struct found *found, const struct member *m)
{
	if (m->alarms & MEMBER_CORRUPT)
		add(found, "stop it, and add it afresh from an empty data directory",
		    "CORRUPT on %.60s: its data differs from the others'", m->name);
	if (m->alarms & MEMBER_NOSPACE)
		add(found, "back up, compact, defrag one by one, then disarm the alarm",
		    "NOSPACE on %.60s: the cluster refuses writes", m->name);
}

static void
add_member(struct found *found, const struct member *m)
{
	char age[24];

	if (m->state == MEMBER_DOWN)
		add(found, m->why.cure, "%.60s is down for %s: %.300s", m->name,
		    text_age((clock_ms() - m->since_ms) / 1000, age, sizeof age), m->why.text);
	else if (m->state == MEMBER_NOT_STARTED)
		add(found, "start it with --initial-cluster-state existing",
		    "a member was added and never started (peer %.100s)",
		    m->peer_urls && m->peer_urls[0] ? m->peer_urls[0] : "unknown");
}

/* What makes another of it; a pair of pki/ is never written over. */
static void
cure_certificate(const struct app *app, const struct served_point *point, char *cure, size_t size)
{
	const struct cert_entry *entry = inventory_by_print(certs_inventory(app->models.certs),
	    point->cert.fingerprint);
	char name[80];

	snprintf(name, sizeof name, "%.60s%s", point->member, point->peer ? "-peer" : "");
	snprintf(cure, size, "%s%.60s%svetch cert issue %.60s --profile %s, then copy the pair there",
	    entry ? "move pki/" : "", entry ? entry->name : "", entry ? ".pem and its key away, " : "",
	    entry ? entry->name : name, cert_profile(&point->cert));
}

static bool
seen_before(const struct served_points *points, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (points->items[i]->has_cert && strcmp(points->items[i]->cert.fingerprint,
			points->items[index]->cert.fingerprint) == 0)
			return true;
	return false;
}

/* Each certificate once, by the first URL that serves it. */
static void
add_certificates(struct found *found, const struct app *app)
{
	const struct served_points *points = serving_points(app->models.serving);
	int64_t now = clock_wall_ms() / 1000;
	char cure[200];

	for (size_t i = 0; i < points->len; i++) {
		const struct served_point *point = points->items[i];
		int64_t left = point->cert.not_after - now;

		if (!point->has_cert || left >= (int64_t)CERT_SOON_DAYS * 86400 || seen_before(points, i))
			continue;
		cure_certificate(app, point, cure, sizeof cure);
		if (left < 0)
			add(found, cure, "The certificate that %.60s serves has expired", point->label);
		else
			add(found, cure, "The certificate that %.60s serves ends in %lld days", point->label,
			    (long long)(left / 86400));
	}
}

static void
add_strangers(struct found *found, const struct app *app)
{
	const struct members *members = app->models.members;
	bool listed = members_summary(members)->listed;

	for (size_t i = 0; i < members_stranger_count(members); i++) {
		const struct members_stranger *s = members_stranger(members, i);

		if (s->state == ETCD_FAILED)
			add(found, s->why.cure, "endpoint %.80s%s: %.300s", s->url,
			    listed ? " (no member's)" : "", s->why.text);
		else if (listed && s->state == ETCD_READY)
			add(found, "add it to the member's advertised URLs, or leave it out of --endpoints",
			    "endpoint %.80s answers, but no member advertises it", s->url);
	}
}

size_t
member_faults(const struct app *app, struct member_fault *faults, size_t max)
{
	struct found found = { faults, 0, max };
	const struct members *members = app->models.members;

	if (!app->models.channel && app->models.why.code)
		add(&found, app->models.why.cure, "%s", app->models.why.text);
	add_quorum(&found, members_summary(members));
	for (size_t i = 0; i < members_count(members); i++)
		add_alarms(&found, members_at(members, i));
	for (size_t i = 0; i < members_count(members); i++)
		add_member(&found, members_at(members, i));
	add_certificates(&found, app);
	add_strangers(&found, app);
	return found.count;
}
