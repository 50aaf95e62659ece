/* SPDX-License-Identifier: Apache-2.0
 * Shows what the models of the console hold, for the tests in Python:
 * `model_client ENDPOINTS CACERT CERT KEY keys PREFIX SECONDS` or `… members SECONDS`; "-" for a
 * file that is not given. Prints the state whenever it changed. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "model/keyspace.h"
#include "model/members.h"

static struct loop *loop;
static struct keyspace *keyspace;
static struct members *members;
static bool over;

static void
show_row(const struct keyspace_row *row)
{
	static const char marks[] = " +~-";
	struct buf name = BUF_INIT(1 << 22);

	text_escape(&name, row->key, row->key_len);
	printf("row\t%c\t%s\t%s\tcount=%" PRId64 "\tsize=%" PRId64 "\tversion=%" PRId64 "\tmod=%" PRId64
	    "\tbiggest=%s\n", marks[row->mark], row->folder ? "folder" : "leaf", buf_str(&name),
	    row->count, row->size, row->version, row->mod_revision, row->biggest ? row->biggest : "-");
	buf_release(&name);
}

static void
keys_changed(void *context, unsigned mask)
{
	static const char *states[] = { "closed", "listing", "counted", "live", "reconnecting", "live_off",
		"failed" };
	const struct keyspace_folder *folder = keyspace_folder(keyspace);

	(void)context;
	printf("folder\t%s\tkeys=%" PRId64 "\tbytes=%" PRId64 "\trev=%" PRId64
	    "\tfolders=%zu\tleaves=%zu\twhole=%d\tcomplete=%d\tstale=%d\trate=%d\tcalls=%zu\tms=%" PRId64
	    "\trows=%zu\twhy=%s\n", states[folder->state], folder->keys, folder->bytes, folder->revision,
	    folder->folders, folder->leaves, folder->whole, folder->complete, folder->stale,
	    folder->events_per_second, folder->opened_calls, folder->opened_ms,
	    keyspace_row_count(keyspace), folder->why.text);
	if (mask & KEYSPACE_ROWS && !keyspace_busy(keyspace))
		keyspace_look_below(keyspace, 0, 20);
}

static void
show_member(const struct member *member)
{
	static const char *states[] = { "unknown", "up", "down", "not_started" };

	printf("member\t%s\t%s\t%s\tleader=%d\tlag=%" PRIu64 "\trtt_us=%" PRId64 "\talarms=%u\tdb=%" PRId64
	    "\twhy=%s\n", member->name, states[member->state], member->version,
	    member->leader == member->id, member->lag, member->rtt_us, member->alarms, member->db_size,
	    member->why.text);
}

static void
members_changed(void *context, unsigned mask)
{
	const struct members_summary *summary = members_summary(members);

	(void)context;
	(void)mask;
	printf("summary\tcount=%zu\tup=%zu\tquorum=%d\tleader=%s\talarms=%u\twhy=%s\n", summary->count,
	    summary->up, summary->quorum_holds, summary->leader ? summary->leader : "-", summary->alarms,
	    summary->why.text);
	for (size_t i = 0; i < members_count(members); i++)
		show_member(members_at(members, i));
	for (size_t i = 0; i < members_stranger_count(members); i++)
		printf("stranger\t%s\t%d\t%s\n", members_stranger(members, i)->url,
		    members_stranger(members, i)->state, members_stranger(members, i)->why.text);
}

static void
end(void *context)
{
	(void)context;
	over = true;
}

static int64_t
number(const char *text)
{
	int64_t n = 0;

	return text_int(text, 0, INT32_MAX, &n) ? n : 0;
}

static char *
given(const char *text)
{
	return strcmp(text, "-") == 0 ? NULL : xstrdup(text);
}

static void
run(struct etcd_channel *channel, char **args)
{
	if (strcmp(args[0], "keys") == 0) {
		keyspace = keyspace_new(loop, keys_changed, NULL);
		keyspace_set_channel(keyspace, channel);
		keyspace_set_visible(keyspace, true);
		keyspace_open(keyspace, args[1], strlen(args[1]));
		loop_timer_add(loop, number(args[2]) * 1000, end, NULL);
	} else {
		members = members_new(loop, members_changed, NULL);
		members_set_visible(members, true);
		members_set_channel(members, channel);
		loop_timer_add(loop, number(args[1]) * 1000, end, NULL);
	}
	loop_run_until(loop, &over, NULL);
	for (size_t i = 0; keyspace && i < keyspace_row_count(keyspace); i++)
		show_row(keyspace_row(keyspace, i));
	keyspace_free(keyspace);
	members_free(members);
}

int
main(int argc, char **argv)
{
	struct etcd_config config = { .insecure_transport = true };
	struct etcd_channel *channel;
	struct err err;

	if (argc < 7)
		return 3;
	setvbuf(stdout, NULL, _IOLBF, 0);
	loop = loop_new();
	config.endpoints = text_split(argv[1], ',');
	config.cacert = given(argv[2]);
	config.cert = given(argv[3]);
	config.key = given(argv[4]);
	channel = etcd_channel_new(loop, &config, &err);
	if (!channel) {
		printf("error\t%s\n", err.text);
		return 1;
	}
	run(channel, argv + 5);
	etcd_channel_free(channel);
	etcd_config_release(&config);
	loop_free(loop);
	return 0;
}
