/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_MEMBERS_STATE_H
#define MODEL_MEMBERS_STATE_H

#include "etcd/call.h"
#include "model/members.h"

/* What members.c and members_status.c share. */

/* Somebody who is asked for its status on a connection of its own. */
struct asked {
	struct members *members;
	struct etcd_channel *channel;
	struct etcd_call *call;
	const struct etcd_status_handler *handler;
	int64_t sent_us;
	bool answered;	/* at least once, well or not */
};

struct entry {
	struct asked asked;	/* first: a handler's context is the asked */
	struct member member;
	char *name;
	size_t url;	/* which of client_urls is asked */
};

struct outsider {
	struct asked asked;
	struct members_stranger stranger;
	char *url;
};

struct members {
	struct loop *loop;
	void (*changed)(void *context, unsigned mask);
	void *context;
	struct etcd_channel *channel;
	struct entry **entries;
	struct outsider **outsiders;
	size_t entry_count, outsider_count;
	struct members_summary summary;
	struct etcd_call *list_call, *alarm_call;
	int64_t alarms_ms;	/* clock_ms() when the list of alarms was asked for; 0: never */
	struct loop_timer *timer, *pulse, *tell;
	unsigned mask;
	bool visible, first_round;
};

/* Tells the owner from the loop; what is noted until then is told at once. */
void members_note(struct members *m, unsigned mask);
/* Counts afresh what row 1 and the title say. */
void members_sum_up(struct members *m);
/* What this answer says of alarms; asks for their list where it cannot say it. */
void members_alarms_told(struct entry *entry, const Etcd__StatusResponse *status);
/* Asks for a status unless an answer is still awaited. */
void members_ask_entry(struct entry *entry, const char *url);
void members_ask_outsider(struct outsider *outsider);
void members_stop_asking(struct asked *asked);

#endif
