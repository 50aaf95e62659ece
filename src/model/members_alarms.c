/* SPDX-License-Identifier: Apache-2.0
 * Which alarms are set. Since 3.4 each Status names them, which costs the cluster nothing; asking
 * for the alarm list is an entry in every member's log, so only older members are asked, seldom. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "model/members_state.h"

enum { ASK_MS = 15000 };

static bool
tells_alarms(const char *version)
{
	char *end;
	long major = strtol(version, &end, 10);

	return major > 3 || (major == 3 && *end == '.' && strtol(end + 1, NULL, 10) >= 4);
}

static void
set_alarm(struct members *m, uint64_t id, unsigned alarm)
{
	for (size_t i = 0; i < m->entry_count; i++)
		if (m->entries[i]->member.id == id)
			m->entries[i]->member.alarms |= alarm;
}

static void
clear_alarms(struct members *m)
{
	for (size_t i = 0; i < m->entry_count; i++)
		m->entries[i]->member.alarms = 0;
}

/* What follows `name` and a colon in protobuf's text form, whose blanks vary. */
static const char *
field(const char *text, const char *name)
{
	const char *at = strstr(text, name);

	if (!at)
		return "";
	at += strlen(name);
	return at + strspn(at, " ");
}

/* "memberID:10501334649042878790 alarm:NOSPACE"; what is no alarm is passed over. */
static void
take_text(struct members *m, const char *text)
{
	uint64_t id = strtoull(field(text, "memberID:"), NULL, 10);
	const char *alarm = field(text, "alarm:");

	if (strncmp(alarm, "NOSPACE", 7) == 0)
		set_alarm(m, id, MEMBER_NOSPACE);
	else if (strncmp(alarm, "CORRUPT", 7) == 0)
		set_alarm(m, id, MEMBER_CORRUPT);
}

static void
alarm_done(void *context, const Etcd__AlarmResponse *response)
{
	struct members *m = context;

	m->alarm_call = NULL;
	clear_alarms(m);
	for (size_t i = 0; i < response->n_alarms; i++) {
		const Etcd__AlarmMember *alarm = response->alarms[i];

		set_alarm(m, alarm->member_id, alarm->alarm == ETCD__ALARM_TYPE__ALARM_NOSPACE
		    ? MEMBER_NOSPACE : MEMBER_CORRUPT);
	}
	members_sum_up(m);
}

static void
alarm_failed(void *context, const struct err *err)
{
	struct members *m = context;

	(void)err;
	m->alarm_call = NULL;
}

static void
ask(struct members *m)
{
	static const struct etcd_alarm_handler handler = { alarm_done, alarm_failed };
	Etcd__AlarmRequest alarm = ETCD__ALARM_REQUEST__INIT;

	if (m->alarm_call || !m->channel || (m->alarms_ms && clock_ms() - m->alarms_ms < ASK_MS))
		return;
	m->alarms_ms = clock_ms();
	m->alarm_call = etcd_alarm_start(m->channel, &alarm, &handler, m);
}

/* The leader's word counts; while nobody leads, anybody's. */
void
members_alarms_told(struct entry *e, const Etcd__StatusResponse *status)
{
	struct members *m = e->asked.members;

	if (status->leader && status->leader != e->member.id)
		return;
	if (!tells_alarms(status->version)) {
		if (status->leader)
			ask(m);
		return;
	}
	clear_alarms(m);
	for (size_t i = 0; i < status->n_errors; i++)
		take_text(m, status->errors[i]);
}
