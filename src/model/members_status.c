/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "model/members_state.h"

/* A new connection has its own limit, with words of its own; a standing one answers sooner. */
enum { FIRST_STATUS_MS = 2100, STATUS_MS = 1800 };

static int64_t
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* ---- news: gathered, told once from the loop */

static void
tell(void *context)
{
	struct members *m = context;
	unsigned mask = m->mask;

	m->tell = NULL;
	m->mask = 0;
	if (m->changed)
		m->changed(m->context, mask);
}

void
members_note(struct members *m, unsigned mask)
{
	m->mask |= mask;
	if (!m->tell)
		m->tell = loop_soon(m->loop, tell, m);
}

static bool
same_summary(const struct members_summary *a, const struct members_summary *b)
{
	return a->listed == b->listed && a->why.code == b->why.code && a->count == b->count &&
	    a->up == b->up && a->voters == b->voters && a->quorum_holds == b->quorum_holds &&
	    a->alarms == b->alarms && a->cluster_id == b->cluster_id && a->lost == b->lost &&
	    a->unasked == b->unasked &&
	    (a->leader == b->leader || (a->leader && b->leader && strcmp(a->leader, b->leader) == 0));
}

struct count {
	size_t with_leader, denied;	/* denied: up, but says nothing of a leader */
};

static void
count_entry(struct members_summary *s, const struct entry *e, struct count *count)
{
	const struct member *member = &e->member;

	s->alarms |= member->alarms;
	if (member->learner)
		return;
	s->voters++;
	s->unasked += member->state == MEMBER_UNKNOWN;
	if (member->state != MEMBER_UP)
		return;
	s->up++;
	count->denied += member->why.code != 0;
	count->with_leader += member->leader != 0;
}

static const struct member *
member_of(const struct members *m, uint64_t id)
{
	for (size_t i = 0; i < m->entry_count; i++)
		if (m->entries[i]->member.id == id)
			return &m->entries[i]->member;
	return NULL;
}

/* A leader that lost its followers knows it before they could say so. */
static bool
has_stepped_down(const struct member *leader, uint64_t term)
{
	return leader->state == MEMBER_UP && leader->known && leader->term >= term &&
	    leader->leader != leader->id;
}

/* The leader is whom those that answer name, in the highest term. */
static const char *
find_leader(const struct members *m)
{
	uint64_t term = 0, leader = 0;
	const struct member *found;

	for (size_t i = 0; i < m->entry_count; i++) {
		const struct member *member = &m->entries[i]->member;

		if (member->state == MEMBER_UP && member->leader && member->term >= term) {
			term = member->term;
			leader = member->leader;
		}
	}
	found = leader ? member_of(m, leader) : NULL;
	return found && !has_stepped_down(found, term) ? found->name : NULL;
}

static void
set_lags(struct members *m)
{
	uint64_t highest = 0;

	for (size_t i = 0; i < m->entry_count; i++)
		if (m->entries[i]->member.state == MEMBER_UP && m->entries[i]->member.applied > highest)
			highest = m->entries[i]->member.applied;
	for (size_t i = 0; i < m->entry_count; i++) {
		struct member *member = &m->entries[i]->member;

		member->lag = highest > member->applied ? highest - member->applied : 0;
	}
}

void
members_sum_up(struct members *m)
{
	struct members_summary s = m->summary;
	struct count count = { 0, 0 };

	s.count = m->entry_count;
	s.voters = s.up = s.unasked = 0;
	s.alarms = 0;
	for (size_t i = 0; i < m->entry_count; i++)
		count_entry(&s, m->entries[i], &count);
	s.quorum = s.voters / 2 + 1;
	s.quorum_holds = s.voters && count.with_leader >= s.quorum;
	s.leader = find_leader(m);
	s.lost = s.listed && s.up < s.quorum && !s.leader && !count.denied && !s.unasked;
	set_lags(m);
	members_note(m, MEMBERS_ROWS | (same_summary(&s, &m->summary) ? 0 : MEMBERS_SUMMARY));
	m->summary = s;
}

/* ---- one status */

static void
copy_text(char *out, size_t size, const char *text)
{
	size_t len = strnlen(text, size - 1);

	memcpy(out, text, len);
	out[len] = '\0';
}

static void
set_state(struct member *member, enum member_state state)
{
	if (member->state != state)
		member->since_ms = clock_ms();
	member->state = state;
}

static void
take_status(struct member *member, const Etcd__StatusResponse *status)
{
	member->known = true;
	member->good_ms = clock_wall_ms();
	copy_text(member->version, sizeof member->version, status->version);
	copy_text(member->storage_version, sizeof member->storage_version, status->storage_version);
	member->db_size = status->db_size;
	member->db_in_use = status->db_size_in_use;
	member->db_quota = status->db_size_quota;
	member->leader = status->leader;
	member->term = status->raft_term;
	member->index = status->raft_index;
	/* 3.3 does not tell what is applied */
	member->applied = status->raft_applied_index ? status->raft_applied_index : status->raft_index;
	member->no_leader = status->leader == 0;
	err_clear(&member->why);
	set_state(member, MEMBER_UP);
}

static void
entry_done(void *context, const Etcd__StatusResponse *status)
{
	struct entry *e = context;
	bool led;

	e->asked.call = NULL;
	e->asked.answered = true;
	led = e->member.leader != 0;
	e->member.rtt_us = now_us() - e->asked.sent_us;
	take_status(&e->member, status);
	members_alarms_told(e, status);
	members_sum_up(e->asked.members);
	if (led && !status->leader)
		members_refresh(e->asked.members);
}

static void
keep_why(const struct asked *asked, const struct err *err, struct err *why)
{
	const struct etcd_endpoint *endpoint = asked->channel ? etcd_channel_endpoint(asked->channel, 0)
							      : NULL;
	const char *host;

	*why = *err;
	if (err->code != ERR_TIMEOUT || !endpoint || endpoint->state != ETCD_READY)
		return;
	host = strstr(endpoint->url, "://");
	err_set(why, ERR_TIMEOUT, "%.200s does not answer any more: frozen, or the line is cut",
	    host ? host + 3 : endpoint->url);
	err_cure(why, "See that the host is up and that etcd runs there and is not stopped.");
}

/* Who refuses the question is up; the others are down. */
static void
entry_failed(void *context, const struct err *err)
{
	struct entry *e = context;
	struct member *member = &e->member;
	bool fell = member->state == MEMBER_UP && err->code != ERR_DENIED;

	e->asked.call = NULL;
	e->asked.answered = true;
	keep_why(&e->asked, err, &member->why);
	/* its address is the member's own word: no mistyped endpoint, and no port to correct */
	if (strstr(err->text, "refuses the connection"))
		err_cure(&member->why, "Start etcd there again; its log says why it ended.");
	member->rtt_us = -1;
	if (err->code == ERR_DENIED) {
		set_state(member, MEMBER_UP);
	} else {
		set_state(member, MEMBER_DOWN);
		etcd_channel_free(e->asked.channel);
		e->asked.channel = NULL;
		e->url++;
	}
	members_sum_up(e->asked.members);
	if (fell)
		members_refresh(e->asked.members);
}

static void
outsider_done(void *context, const Etcd__StatusResponse *status)
{
	struct outsider *o = context;

	(void)status;
	o->asked.call = NULL;
	o->asked.answered = true;
	o->stranger.state = ETCD_READY;
	err_clear(&o->stranger.why);
	members_note(o->asked.members, MEMBERS_ROWS);
}

static void
outsider_failed(void *context, const struct err *err)
{
	struct outsider *o = context;

	o->asked.call = NULL;
	o->asked.answered = true;
	o->stranger.state = ETCD_FAILED;
	keep_why(&o->asked, err, &o->stranger.why);
	etcd_channel_free(o->asked.channel);
	o->asked.channel = NULL;
	members_note(o->asked.members, MEMBERS_ROWS);
}

static const struct etcd_status_handler entry_handler = { entry_done, entry_failed };
static const struct etcd_status_handler outsider_handler = { outsider_done, outsider_failed };

static void
send_status(struct asked *asked)
{
	bool ready = etcd_channel_endpoint(asked->channel, 0)->state == ETCD_READY;
	struct etcd_call_options options = { .deadline_ms = ready ? STATUS_MS : FIRST_STATUS_MS };
	Etcd__StatusRequest request = ETCD__STATUS_REQUEST__INIT;

	asked->sent_us = now_us();
	asked->call = etcd_status_start_with(asked->channel, &request, &options, asked->handler, asked);
}

/* Who hangs up has most likely died: that is not to wait for the next round. */
static void
on_channel(void *context)
{
	struct asked *asked = context;

	if (!asked->call && etcd_channel_endpoint(asked->channel, 0)->state == ETCD_FAILED)
		send_status(asked);
}

static void
ask(struct asked *asked, const char *url, const struct etcd_status_handler *handler)
{
	struct err err = { 0 };

	if (asked->call)
		return;
	asked->handler = handler;
	if (!asked->channel)
		asked->channel = etcd_channel_for_url(asked->members->channel, url, &err);
	if (!asked->channel) {
		handler->error(asked, &err);
		return;
	}
	etcd_channel_on_change(asked->channel, on_channel, asked);
	send_status(asked);
}

void
members_stop_asking(struct asked *asked)
{
	etcd_call_cancel(asked->call);
	etcd_channel_free(asked->channel);
	asked->call = NULL;
	asked->channel = NULL;
}

void
members_ask_entry(struct entry *entry, const char *url)
{
	ask(&entry->asked, url, &entry_handler);
}

void
members_ask_outsider(struct outsider *outsider)
{
	ask(&outsider->asked, outsider->url, &outsider_handler);
}
