/* SPDX-License-Identifier: Apache-2.0
 * Drives the etcd client against real servers for the tests in Python: one command, lines of words
 * out. `etcd_client FLAGS… COMMAND ARGS…`; FLAGS are etcdctl's (--endpoints --cacert --cert --key
 * --user --command-timeout-ms). */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/secret.h"
#include "base/text.h"
#include "etcd/call.h"
#include "etcd/snapshot.h"
#include "etcd/watch.h"

struct client {
	struct loop *loop;
	struct etcd_config config;
	struct etcd_channel *channel;
	char **args;
	int count;
};

static void
say_err(const struct err *err)
{
	printf("error\t%s\t%d\t%s\t%s\n", err_name(err->code), err->peer_code, err->text, err->cure);
}

static ProtobufCBinaryData
bytes_of(const char *text)
{
	return (ProtobufCBinaryData){ .data = (uint8_t *)(uintptr_t)text, .len = strlen(text) };
}

static int64_t
number(const char *text)
{
	int64_t n = 0;

	return text_int(text, INT64_MIN, INT64_MAX, &n) ? n : 0;
}

static long
peak_kib(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss;
}

static int
run_get(struct client *client)
{
	Etcd__RangeRequest request = ETCD__RANGE_REQUEST__INIT;
	Etcd__RangeResponse *response = NULL;
	struct err err;

	request.key = bytes_of(client->args[0]);
	if (client->count > 1)
		request.range_end = bytes_of(client->args[1]);
	if (etcd_range(client->channel, &request, &response, &err) < 0) {
		say_err(&err);
		return err_status(err.code);
	}
	printf("count\t%" PRId64 "\n", response->count);
	for (size_t i = 0; i < response->n_kvs; i++)
		printf("kv\t%.*s\t%.*s\n", (int)response->kvs[i]->key.len, response->kvs[i]->key.data,
		    (int)response->kvs[i]->value.len, response->kvs[i]->value.data);
	etcd__range_response__free_unpacked(response, NULL);
	return 0;
}

static int
run_put(struct client *client)
{
	Etcd__PutRequest request = ETCD__PUT_REQUEST__INIT;
	Etcd__PutResponse *response = NULL;
	struct err err;

	request.key = bytes_of(client->args[0]);
	request.value = bytes_of(client->args[1]);
	if (etcd_put(client->channel, &request, &response, &err) < 0) {
		say_err(&err);
		return err_status(err.code);
	}
	printf("revision\t%" PRId64 "\n", response->header->revision);
	etcd__put_response__free_unpacked(response, NULL);
	return 0;
}

/* try N: N channels of their own, each one Status: what a refusal says. */
static int
run_try(struct client *client)
{
	Etcd__StatusRequest request = ETCD__STATUS_REQUEST__INIT;
	Etcd__StatusResponse *response;
	struct err err;
	int last = 0;

	for (int i = 0; i < (int)number(client->args[0]); i++) {
		struct etcd_channel *channel = etcd_channel_new(client->loop, &client->config, &err);
		int64_t begun = clock_ms();

		if (channel && etcd_status(channel, &request, &response, &err) == 0) {
			printf("version\t%s\n", response->version);
			etcd__status_response__free_unpacked(response, NULL);
		} else {
			say_err(&err);
			last = err_status(err.code);
		}
		printf("ms\t%" PRId64 "\n", clock_ms() - begun);
		etcd_channel_free(channel);
	}
	return last;
}

/* ---- load COUNT IN_FLIGHT WATCHES SNAPSHOTS */

struct load {
	struct client *client;
	long wanted, started, answered, failed, created, events, snapshots;
	bool done, stop;
	struct etcd_snapshot *snapshot;
	struct err err;
};

static void load_next(struct load *load);

static void
load_check(struct load *load)
{
	load->done = load->answered + load->failed == load->wanted;
}

static void
load_done(void *context, const Etcd__RangeResponse *response)
{
	struct load *load = context;

	if (response->n_kvs == 1 && response->kvs[0]->value.len == 5)
		load->answered++;
	else
		load->failed++;
	load_next(load);
}

static void
load_error(void *context, const struct err *err)
{
	struct load *load = context;

	load->failed++;
	load->err = *err;
	load_next(load);
}

static void
load_next(struct load *load)
{
	static const struct etcd_range_handler handler = { load_done, load_error };
	Etcd__RangeRequest request = ETCD__RANGE_REQUEST__INIT;

	request.key = bytes_of("load/key");
	if (load->started < load->wanted) {
		load->started++;
		etcd_range_start(load->client->channel, &request, &handler, load);
	}
	load_check(load);
}

static void
load_part(void *context, const void *data, size_t len, uint64_t total)
{
	(void)context;
	(void)data;
	(void)len;
	(void)total;
}

static void load_snapshot(struct load *load);

static void
load_snapshot_done(void *context, const struct etcd_snapshot_end *end)
{
	struct load *load = context;

	(void)end;
	load->snapshots++;
	load_snapshot(load);
}

static void
load_snapshot_error(void *context, const struct err *err)
{
	struct load *load = context;

	load->snapshot = NULL;
	load->err = *err;
	load->snapshots = -1;
}

static void
load_snapshot(struct load *load)
{
	static const struct etcd_snapshot_handler handler = { load_part, load_snapshot_done,
		load_snapshot_error };

	load->snapshot = etcd_snapshot_start(load->client->channel, -1, &handler, load);
}

static void
load_created(void *context, int64_t revision)
{
	(void)revision;
	((struct load *)context)->created++;
}

static void
load_events(void *context, Etcd__Event *const *events, size_t count,
    const Etcd__ResponseHeader *header)
{
	(void)events;
	(void)header;
	((struct load *)context)->events += (long)count;
}

static void
load_watch(struct load *load, int count)
{
	static const struct etcd_watch_handler handler = { .created = load_created,
		.events = load_events };
	struct etcd_watch_spec spec = { .key = "load/", .key_len = 5, .range_end = "load0",
		.range_end_len = 5 };

	for (int i = 0; i < count; i++)
		etcd_watch_start(load->client->channel, &spec, &handler, load);
	while (load->created < count)
		loop_turn(load->client->loop, 1000);
}

static int
load_put(struct client *client)
{
	Etcd__PutRequest request = ETCD__PUT_REQUEST__INIT;
	Etcd__PutResponse *response = NULL;
	struct err err;

	request.key = bytes_of("load/key");
	request.value = bytes_of("value");
	if (etcd_put(client->channel, &request, &response, &err) < 0) {
		say_err(&err);
		return 1;
	}
	etcd__put_response__free_unpacked(response, NULL);
	return 0;
}

static int
run_load(struct client *client)
{
	struct load load = { .client = client, .wanted = number(client->args[0]) };
	int in_flight = (int)number(client->args[1]), watches = (int)number(client->args[2]);
	int64_t begun, watched, fanned;

	if (load_put(client) != 0)
		return 1;
	begun = clock_ms();
	load_watch(&load, watches);
	watched = clock_ms() - begun;
	begun = clock_ms();
	if (load_put(client) != 0)
		return 1;
	while (load.events < watches)
		loop_turn(client->loop, 1000);
	fanned = clock_ms() - begun;
	if ((int)number(client->args[3]))
		load_snapshot(&load);
	begun = clock_ms();
	for (int i = 0; i < in_flight; i++)
		load_next(&load);
	loop_run_until(client->loop, &load.done, NULL);
	printf("load\tanswered=%ld\tfailed=%ld\tms=%" PRId64 "\twatches=%ld\twatch_ms=%" PRId64
	    "\tevents=%ld\tevent_ms=%" PRId64 "\tsnapshots=%ld\tpeak_kib=%ld\n", load.answered,
	    load.failed, clock_ms() - begun, load.created,
	    watched, load.events, fanned, load.snapshots, peak_kib());
	if (load.err.code)
		say_err(&load.err);
	etcd_snapshot_cancel(load.snapshot);
	return load.failed != 0;
}

/* ---- watch PREFIX PREFIX_END [REVISION] */

static void
watch_created(void *context, int64_t revision)
{
	(void)context;
	printf("created\t%" PRId64 "\n", revision);
}

static void
watch_events(void *context, Etcd__Event *const *events, size_t count,
    const Etcd__ResponseHeader *header)
{
	(void)context;
	(void)header;
	for (size_t i = 0; i < count; i++)
		printf("event\t%" PRId64 "\t%s\t%.*s\n", events[i]->kv->mod_revision,
		    events[i]->type == ETCD__EVENT__TYPE__PUT ? "put" : "delete",
		    (int)events[i]->kv->key.len, events[i]->kv->key.data);
}

static void
watch_state(void *context, enum etcd_watch_state state, const struct err *why)
{
	(void)context;
	if (state == ETCD_WATCH_LIVE)
		printf("live\n");
	else
		printf("reconnecting\t%s\n", why->text);
}

static void
watch_compacted(void *context, int64_t revision)
{
	printf("compacted\t%" PRId64 "\n", revision);
	*(bool *)context = true;
}

static void
watch_error(void *context, const struct err *err)
{
	say_err(err);
	*(bool *)context = true;
}

static int
run_watch(struct client *client)
{
	static const struct etcd_watch_handler handler = { watch_created, watch_events, NULL,
		watch_state, watch_compacted, watch_error };
	struct etcd_watch_spec spec = { .key = client->args[0], .key_len = strlen(client->args[0]),
		.range_end = client->args[1], .range_end_len = strlen(client->args[1]),
		.start_revision = client->count > 2 ? number(client->args[2]) : 0 };
	bool over = false;
	struct err err;

	setvbuf(stdout, NULL, _IOLBF, 0);
	etcd_watch_start(client->channel, &spec, &handler, &over);
	loop_run_until(client->loop, &over, &err);
	return 0;
}

/* ---- snapshot FILE|- [PAUSE_MS] */

struct save {
	struct client *client;
	struct etcd_snapshot *snapshot;
	struct fs_temp file;
	struct sha256 *hash;
	unsigned char digest[SHA256_SIZE];
	uint64_t bytes;
	long pause_ms, peak_before, peak_paused;
	bool to_file, done, failed;
};

static void
save_resume(void *context)
{
	struct save *save = context;

	save->peak_paused = peak_kib() - save->peak_before;
	etcd_snapshot_resume(save->snapshot);
}

static void
save_part(void *context, const void *data, size_t len, uint64_t total)
{
	struct save *save = context;

	if (save->bytes + len < total || len != SHA256_SIZE)
		sha256_add(save->hash, data, len);
	save->bytes += len;
	if (save->to_file && fs_temp_write(&save->file, data, len, NULL) < 0)
		save->failed = true;
	if (save->pause_ms && save->bytes > 4 << 20) {
		etcd_snapshot_pause(save->snapshot);
		save->peak_before = peak_kib();
		loop_timer_add(save->client->loop, save->pause_ms, save_resume, save);
		save->pause_ms = 0;
	}
}

static void
save_done(void *context, const struct etcd_snapshot_end *end)
{
	struct save *save = context;

	sha256_end(save->hash, save->digest);
	save->failed |= memcmp(save->digest, end->sha256, SHA256_SIZE) != 0;
	save->done = true;
}

static void
save_error(void *context, const struct err *err)
{
	struct save *save = context;

	say_err(err);
	save->done = save->failed = true;
}

static int
run_snapshot(struct client *client)
{
	static const struct etcd_snapshot_handler handler = { save_part, save_done, save_error };
	struct save save = { .client = client, .hash = sha256_new(),
		.to_file = strcmp(client->args[0], "-") != 0,
		.pause_ms = client->count > 1 ? number(client->args[1]) : 0 };
	int64_t begun = clock_ms();

	if (save.to_file && fs_temp_open(&save.file, client->args[0], 0600, NULL) < 0)
		return 1;
	save.snapshot = etcd_snapshot_start(client->channel, -1, &handler, &save);
	loop_run_until(client->loop, &save.done, NULL);
	if (save.to_file && fs_temp_commit(&save.file, true, NULL) < 0)
		save.failed = true;
	printf("snapshot\tbytes=%" PRIu64 "\tms=%" PRId64 "\tpaused_kib=%ld\tpeak_kib=%ld\tgood=%d\n",
	    save.bytes, clock_ms() - begun, save.peak_paused, peak_kib(), !save.failed);
	return save.failed;
}

/* ---- write PREFIX KEYS PER_SECOND IN_FLIGHT: puts one key after the other until SIGTERM */

enum { TICK_MS = 10 };

struct writer {
	struct client *client;
	int64_t keys, per_tick, in_flight_max;
	int64_t sent, in_flight, written, failed, told_at;
	bool over;
};

static void
write_done(void *context, const Etcd__PutResponse *response)
{
	struct writer *writer = context;

	(void)response;
	writer->in_flight--;
	writer->written++;
}

static void
write_error(void *context, const struct err *err)
{
	struct writer *writer = context;

	(void)err;
	writer->in_flight--;
	writer->failed++;
}

static void
write_one(struct writer *writer)
{
	static const struct etcd_put_handler handler = { write_done, write_error };
	Etcd__PutRequest request = ETCD__PUT_REQUEST__INIT;
	char key[200], value[32];

	snprintf(key, sizeof key, "%.100s%08" PRId64, writer->client->args[0],
	    writer->sent % writer->keys);
	snprintf(value, sizeof value, "%" PRId64, writer->sent);
	request.key = bytes_of(key);
	request.value = bytes_of(value);
	writer->sent++;
	writer->in_flight++;
	etcd_put_start(writer->client->channel, &request, &handler, writer);
}

static void
write_tick(void *context)
{
	struct writer *writer = context;

	for (int64_t i = 0; i < writer->per_tick && writer->in_flight < writer->in_flight_max; i++)
		write_one(writer);
	if (clock_ms() - writer->told_at >= 1000) {
		writer->told_at = clock_ms();
		printf("wrote\t%" PRId64 "\t%" PRId64 "\n", writer->written, writer->failed);
	}
	loop_timer_add(writer->client->loop, TICK_MS, write_tick, writer);
}

static void
write_stop(void *context, int number_of_signal)
{
	(void)number_of_signal;
	((struct writer *)context)->over = true;
}

static int
run_write(struct client *client)
{
	struct writer writer = { .client = client, .keys = number(client->args[1]),
		.per_tick = number(client->args[2]) * TICK_MS / 1000,
		.in_flight_max = number(client->args[3]), .told_at = clock_ms() };

	setvbuf(stdout, NULL, _IOLBF, 0);
	loop_signal(client->loop, SIGTERM, write_stop, &writer);
	write_tick(&writer);
	loop_run_until(client->loop, &writer.over, NULL);
	printf("wrote\t%" PRId64 "\t%" PRId64 "\n", writer.written, writer.failed);
	return 0;
}

static const struct {
	const char *name;
	int (*run)(struct client *client);
	int args;
} commands[] = {
	{ "get", run_get, 1 }, { "put", run_put, 2 }, { "try", run_try, 1 }, { "load", run_load, 4 },
	{ "watch", run_watch, 2 }, { "snapshot", run_snapshot, 1 },
	{ "write", run_write, 4 },
};

static void
read_flag(struct etcd_config *config, const char *name, const char *value)
{
	if (strcmp(name, "--endpoints") == 0)
		config->endpoints = text_split(value, ',');
	else if (strcmp(name, "--cacert") == 0)
		config->cacert = xstrdup(value);
	else if (strcmp(name, "--cert") == 0)
		config->cert = xstrdup(value);
	else if (strcmp(name, "--key") == 0)
		config->key = xstrdup(value);
	else if (strcmp(name, "--command-timeout-ms") == 0)
		config->call_ms = number(value);
	else if (strcmp(name, "--user") == 0) {
		config->user = xstrndup(value, strcspn(value, ":"));
		config->password = secret_dup(value + strcspn(value, ":") + 1);
	}
}

static int
run_command(struct client *client, const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (strcmp(name, commands[i].name) == 0 && client->count >= commands[i].args)
			return commands[i].run(client);
	fprintf(stderr, "no such command: %s\n", name);
	return 3;
}

int
main(int argc, char **argv)
{
	struct client client = { .loop = loop_new(), .config = { .insecure_transport = true } };
	struct err err;
	int at = 1, rc;

	for (; at + 1 < argc && strncmp(argv[at], "--", 2) == 0; at += 2)
		read_flag(&client.config, argv[at], argv[at + 1]);
	if (at >= argc)
		return 3;
	client.args = argv + at + 1;
	client.count = argc - at - 1;
	client.channel = etcd_channel_new(client.loop, &client.config, &err);
	if (client.channel) {
		rc = run_command(&client, argv[at]);
	} else {
		say_err(&err);
		rc = err_status(err.code);
	}
	etcd_channel_free(client.channel);
	etcd_config_release(&client.config);
	loop_free(client.loop);
	return rc;
}
