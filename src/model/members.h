/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_MEMBERS_H
#define MODEL_MEMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/loop.h"
#include "etcd/channel.h"

/* Every member side by side, each asked for its status on its own connection, every second, for
 * row 1 is always seen; who hangs up is asked at once. The list of them is asked for every 2 s
 * while visible or while something is wrong, else every 5 s. */

struct members;

enum members_change {
	MEMBERS_ROWS = 1,	/* any member's facts */
	MEMBERS_SUMMARY = 2,	/* struct members_summary changed in a way row 1 shows */
};

enum member_state {
	MEMBER_UNKNOWN,		/* not answered yet */
	MEMBER_UP,
	MEMBER_DOWN,		/* see why and since_ms */
	MEMBER_NOT_STARTED,	/* added, never started: no name */
};

enum { MEMBER_NOSPACE = 1, MEMBER_CORRUPT = 2 };

struct member {
	uint64_t id;
	const char *name;	/* "" where not started */
	char **peer_urls, **client_urls;	/* NULL-ended */
	bool learner;
	enum member_state state;
	int64_t since_ms;	/* clock_ms() of the last change between UP and DOWN */
	int64_t good_ms;	/* clock_wall_ms() of the last answer; 0: never */
	int64_t retry_at_ms;	/* clock_ms() of the next try, where DOWN */
	struct err why;		/* DOWN: thing, cause and cure */
	unsigned alarms;
	/* From its last Status; kept while DOWN (good_ms tells how old). `known` false: never one. */
	bool known;
	char version[32], storage_version[32];
	int64_t db_size, db_in_use, db_quota;	/* bytes; in_use and quota 0 where not told */
	uint64_t leader, term, index, applied;
	uint64_t lag;		/* entries behind the highest applied index of all members */
	int64_t rtt_us;		/* of the last Status; -1: none */
	bool no_leader;		/* it says so itself */
};

struct members_stranger {	/* an endpoint of the channel that is no member's client URL */
	const char *url;
	enum etcd_endpoint_state state;
	struct err why;
};

struct members_summary {
	bool listed;		/* a member list was had */
	struct err why;		/* why not, or why no newer one */
	uint64_t cluster_id;
	size_t count, voters, up;	/* members; voting ones; voting ones that answer */
	size_t quorum;		/* voting members needed */
	size_t unasked;		/* voting ones that neither answered nor failed yet */
	bool quorum_holds;	/* a leader is known to as many as are needed */
	/* Nothing can be written: too few answer, and none of those that do knows a leader. (Where one
	 * does, the others are out of this console's reach only.) */
	bool lost;
	const char *leader;	/* name; NULL: none */
	unsigned alarms;	/* of all members together */
	int64_t asked_ms;	/* clock_ms() of the last round; 0: never */
	int64_t every_ms;	/* between rounds */
};

/* `changed` runs from the loop with a mask of enum members_change. */
struct members *members_new(struct loop *loop, void (*changed)(void *context, unsigned mask),
    void *context);
void members_free(struct members *members);
/* The channel is borrowed; NULL stops everything. */
void members_set_channel(struct members *members, struct etcd_channel *channel);
void members_set_visible(struct members *members, bool visible);
/* A round now: the key `r`, or after a job changed the members. */
void members_refresh(struct members *members);

const struct members_summary *members_summary(const struct members *members);
size_t members_count(const struct members *members);
const struct member *members_at(const struct members *members, size_t index);	/* by name */
size_t members_stranger_count(const struct members *members);
const struct members_stranger *members_stranger(const struct members *members, size_t index);

/* True while the first round is on its way: what "idle" waits for. */
bool members_busy(const struct members *members);

#endif
