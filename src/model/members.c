/* SPDX-License-Identifier: Apache-2.0 */
#include "model/members.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "model/members_state.h"

enum { PULSE_MS = 1000, VISIBLE_MS = 2000, HIDDEN_MS = 5000, MAX_MEMBERS = 101, MAX_URLS = 32 };

static char **
copy_urls(size_t count, char *const *urls)
{
	char **copy;

	if (count > MAX_URLS)
		count = MAX_URLS;
	copy = xcalloc(count + 1, sizeof *copy);
	for (size_t i = 0; i < count; i++)
		copy[i] = xstrdup(urls[i]);
	return copy;
}

static void
entry_free(struct entry *e)
{
	members_stop_asking(&e->asked);
	strv_free(e->member.peer_urls);
	strv_free(e->member.client_urls);
	free(e->name);
	free(e);
}

static void
outsider_free(struct outsider *o)
{
	members_stop_asking(&o->asked);
	free(o->url);
	free(o);
}

/* The entry of this id as it was, taken out of the old list; a new one where there is none. */
static struct entry *
keep_or_make(struct members *m, uint64_t id)
{
	struct entry *e;

	for (size_t i = 0; i < m->entry_count; i++)
		if (m->entries[i] && m->entries[i]->member.id == id) {
			e = m->entries[i];
			m->entries[i] = NULL;
			return e;
		}
	e = xcalloc(1, sizeof *e);
	e->asked.members = m;
	e->member.id = id;
	e->member.rtt_us = -1;
	e->member.since_ms = clock_ms();
	return e;
}

static void
update_entry(struct entry *e, const Etcd__Member *from)
{
	struct member *member = &e->member;

	strv_free(member->peer_urls);
	strv_free(member->client_urls);
	free(e->name);
	e->name = xstrdup(from->name);
	member->name = e->name;
	member->peer_urls = copy_urls(from->n_peer_urls, from->peer_urls);
	member->client_urls = copy_urls(from->n_client_urls, from->client_urls);
	member->learner = from->is_learner;
	if (!*member->name || !member->client_urls[0])
		member->state = MEMBER_NOT_STARTED;
	else if (member->state == MEMBER_NOT_STARTED)
		member->state = MEMBER_UNKNOWN;
}

static int
by_name(const void *a, const void *b)
{
	const struct entry *left = *(struct entry *const *)a, *right = *(struct entry *const *)b;
	int order = strcmp(left->member.name, right->member.name);

	return order ? order : (left->member.id > right->member.id) - (left->member.id < right->member.id);
}

static void
take_list(struct members *m, const Etcd__MemberListResponse *list)
{
	size_t count = list->n_members < MAX_MEMBERS ? list->n_members : MAX_MEMBERS;
	struct entry **entries = xcalloc(count, sizeof *entries);

	for (size_t i = 0; i < count; i++) {
		entries[i] = keep_or_make(m, list->members[i]->id);
		update_entry(entries[i], list->members[i]);
	}
	for (size_t i = 0; i < m->entry_count; i++)
		if (m->entries[i])
			entry_free(m->entries[i]);
	free(m->entries);
	qsort(entries, count, sizeof *entries, by_name);
	m->entries = entries;
	m->entry_count = count;
	m->summary.listed = true;
	m->summary.leader = NULL; /* it pointed into the old list */
	m->summary.cluster_id = list->header ? list->header->cluster_id : 0;
}

static bool
is_members_url(const struct members *m, const char *url)
{
	for (size_t i = 0; i < m->entry_count; i++)
		for (char **own = m->entries[i]->member.client_urls; *own; own++)
			if (strcmp(*own, url) == 0)
				return true;
	return false;
}

static bool
is_known_outsider(const struct members *m, const char *url)
{
	for (size_t i = 0; i < m->outsider_count; i++)
		if (strcmp(m->outsiders[i]->url, url) == 0)
			return true;
	return false;
}

static void
add_outsider(struct members *m, const char *url)
{
	struct outsider *o = xcalloc(1, sizeof *o);

	o->asked.members = m;
	o->url = xstrdup(url);
	o->stranger.url = o->url;
	m->outsiders = xrealloc(m->outsiders, m->outsider_count + 1, sizeof *m->outsiders);
	m->outsiders[m->outsider_count++] = o;
}

/* Before a list was had every endpoint is asked as a stranger: that is what can be said then. */
static void
find_outsiders(struct members *m)
{
	size_t kept = 0, endpoints = etcd_channel_endpoint_count(m->channel);

	for (size_t i = 0; i < m->outsider_count; i++)
		if (is_members_url(m, m->outsiders[i]->url))
			outsider_free(m->outsiders[i]);
		else
			m->outsiders[kept++] = m->outsiders[i];
	m->outsider_count = kept;
	for (size_t i = 0; i < endpoints; i++) {
		const char *url = etcd_channel_endpoint(m->channel, i)->url;

		if (!is_members_url(m, url) && !is_known_outsider(m, url))
			add_outsider(m, url);
	}
}

static void
ask_one(struct entry *e)
{
	size_t urls = 0;

	while (e->member.client_urls[urls])
		urls++;
	if (urls && e->member.state != MEMBER_NOT_STARTED)
		members_ask_entry(e, e->member.client_urls[e->url % urls]);
}

static void
ask_everybody(struct members *m)
{
	for (size_t i = 0; i < m->entry_count; i++)
		ask_one(m->entries[i]);
	for (size_t i = 0; i < m->outsider_count; i++)
		members_ask_outsider(m->outsiders[i]);
}

static void
list_done(void *context, const Etcd__MemberListResponse *list)
{
	struct members *m = context;
	bool fresh = !m->summary.listed;

	m->list_call = NULL;
	m->first_round = false;
	err_clear(&m->summary.why);
	take_list(m, list);
	find_outsiders(m);
	members_sum_up(m);
	if (fresh)
		members_note(m, MEMBERS_SUMMARY);
	ask_everybody(m);
}

static void
list_failed(void *context, const struct err *err)
{
	struct members *m = context;

	m->list_call = NULL;
	m->first_round = false;
	m->summary.why = *err;
	find_outsiders(m);
	members_sum_up(m);
	members_note(m, MEMBERS_SUMMARY);
	ask_everybody(m);
}

/* ---- rounds */

static void start_round(void *context);

static bool
all_well(const struct members *m)
{
	return m->summary.up == m->summary.voters && m->summary.leader;
}

/* A status is cheap, and row 1 is always in sight: who is frozen is known within a pulse and the
 * time that a status may take. */
static void
on_pulse(void *context)
{
	struct members *m = context;

	m->pulse = loop_timer_add(m->loop, PULSE_MS, on_pulse, m);
	for (size_t i = 0; i < m->entry_count; i++)
		ask_one(m->entries[i]);
}

static void
schedule(struct members *m)
{
	loop_timer_cancel(m->timer);
	m->summary.every_ms = m->visible || !all_well(m) ? VISIBLE_MS : HIDDEN_MS;
	m->timer = m->channel ? loop_timer_add(m->loop, m->summary.every_ms, start_round, m) : NULL;
	if (m->channel && !m->pulse)
		m->pulse = loop_timer_add(m->loop, PULSE_MS, on_pulse, m);
}

static void
run_round(struct members *m)
{
	static const struct etcd_member_list_handler list_handler = { list_done, list_failed };
	Etcd__MemberListRequest list = ETCD__MEMBER_LIST_REQUEST__INIT;

	schedule(m);
	if (!m->channel)
		return;
	m->summary.asked_ms = clock_ms();
	if (!m->list_call)
		m->list_call = etcd_member_list_start(m->channel, &list, &list_handler, m);
	if (m->summary.listed || m->summary.why.code)
		ask_everybody(m);
}

static void
start_round(void *context)
{
	struct members *m = context;

	m->timer = NULL;
	run_round(m);
}

struct members *
members_new(struct loop *loop, void (*changed)(void *, unsigned), void *context)
{
	struct members *m = xcalloc(1, sizeof *m);

	m->loop = loop;
	m->changed = changed;
	m->context = context;
	m->summary.every_ms = HIDDEN_MS;
	return m;
}

static void
forget(struct members *m)
{
	etcd_call_cancel(m->list_call);
	etcd_call_cancel(m->alarm_call);
	m->list_call = m->alarm_call = NULL;
	m->alarms_ms = 0;
	for (size_t i = 0; i < m->entry_count; i++)
		entry_free(m->entries[i]);
	for (size_t i = 0; i < m->outsider_count; i++)
		outsider_free(m->outsiders[i]);
	free(m->entries);
	free(m->outsiders);
	m->entries = NULL;
	m->outsiders = NULL;
	m->entry_count = m->outsider_count = 0;
	m->summary = (struct members_summary){ .every_ms = m->summary.every_ms };
	loop_timer_cancel(m->timer);
	loop_timer_cancel(m->pulse);
	m->timer = m->pulse = NULL;
}

void
members_free(struct members *m)
{
	if (!m)
		return;
	forget(m);
	loop_timer_cancel(m->tell);
	free(m);
}

void
members_set_channel(struct members *m, struct etcd_channel *channel)
{
	forget(m);
	m->channel = channel;
	m->first_round = channel != NULL;
	if (channel)
		run_round(m);
	members_note(m, MEMBERS_ROWS | MEMBERS_SUMMARY);
}

void
members_set_visible(struct members *m, bool visible)
{
	bool sooner = visible && !m->visible;

	m->visible = visible;
	if (!m->channel)
		return;
	if (sooner && clock_ms() - m->summary.asked_ms > VISIBLE_MS)
		run_round(m);
	else
		schedule(m);
}

void
members_refresh(struct members *m)
{
	m->alarms_ms = 0;
	run_round(m);
}

const struct members_summary *
members_summary(const struct members *m)
{
	return &m->summary;
}

size_t
members_count(const struct members *m)
{
	return m->entry_count;
}

const struct member *
members_at(const struct members *m, size_t index)
{
	return &m->entries[index]->member;
}

size_t
members_stranger_count(const struct members *m)
{
	return m->outsider_count;
}

const struct members_stranger *
members_stranger(const struct members *m, size_t index)
{
	return &m->outsiders[index]->stranger;
}

bool
members_busy(const struct members *m)
{
	if (!m->channel)
		return false;
	if (m->first_round || m->tell)
		return true;
	for (size_t i = 0; i < m->entry_count; i++)
		if (m->entries[i]->asked.call && !m->entries[i]->asked.answered)
			return true;
	return false;
}
