/* SPDX-License-Identifier: Apache-2.0
 * A private cluster on loopback to try vetch on: three members over mutual TLS, certificates of its
 * own CA, keys worth looking at, one verified backup. An ordinary workspace. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "cluster/demo_keys.h"
#include "cluster/local.h"
#include "etcd/call.h"
#include "verb/verb.h"

enum { MAX_MEMBERS = 7, READY_MS = 40000, ASK_MS = 1000, AGAIN_MS = 100 };

static char *
demo_folder(struct err *err)
{
	char *home = vetch_data_home(), *folder;

	if (!home) {
		err_set(err, ERR_INPUT, "neither HOME nor XDG_DATA_HOME says where the demo may lie");
		return NULL;
	}
	folder = fs_join(home, "demo");
	free(home);
	return folder;
}

static char *
run_word(const char *folder, const char *name)
{
	return xasprintf("%s/%s", folder, name);
}

/* The demo's cluster.json; NULL where there is none, and with an error where it cannot be read. */
static struct cluster *
read_demo(const char *folder, struct err *err)
{
	char *file = run_word(folder, "cluster.json");
	struct cluster *cluster = NULL;

	err_clear(err);
	if (fs_exists(file))
		cluster = cluster_read(folder, err);
	if (err->code)
		err_cure(err, "mend that file; the demo's members may still run");
	free(file);
	return cluster;
}

static char **
one_url(int port)
{
	char **urls = xcalloc(2, sizeof *urls);

	urls[0] = xasprintf("https://127.0.0.1:%d", port);
	return urls;
}

static struct cluster *
new_cluster(size_t members, struct err *err)
{
	int ports[2 * MAX_MEMBERS];
	struct cluster *cluster;

	if (local_free_ports(ports, 2 * members, err) != 0)
		return NULL;
	cluster = xcalloc(1, sizeof *cluster);
	cluster->name = xstrdup("demo");
	cluster->client = xstrdup("client");
	cluster->token = xasprintf("demo-%llx-%x", (long long)clock_wall_ms(), (unsigned)getpid());
	cluster->members = xcalloc(members, sizeof *cluster->members);
	cluster->member_count = members;
	for (size_t i = 0; i < members; i++) {
		cluster->members[i].name = xasprintf("etcd%zu", i + 1);
		cluster->members[i].client_urls = one_url(ports[i]);
		cluster->members[i].peer_urls = one_url(ports[members + i]);
	}
	return cluster;
}

static int
issue(struct verb_call *call, const char *folder, const char *name, const char *profile,
    struct err *err)
{
	const char *const argv[] = { "cert", "issue", name, "--profile", profile, "-C", folder,
		strcmp(profile, "client") == 0 ? NULL : "--hosts", "127.0.0.1,localhost,::1", NULL };

	return verb_within(call, argv, NULL, err);
}

static int
make_certificates(struct verb_call *call, const char *folder, const struct cluster *cluster,
    struct err *err)
{
	const char *const init[] = { "ca", "init", "-C", folder, NULL };

	report_words(call->report, "certificates: a CA, two for each member, one for this console");
	if (verb_within(call, init, NULL, err) != 0 || issue(call, folder, "client", "client", err) != 0)
		return -1;
	for (size_t i = 0; i < cluster->member_count; i++) {
		const char *name = cluster->members[i].name;
		char *peer = xasprintf("%s-peer", name);
		/* The profile "peer" has both usages, which etcd's own gateway wants of a server. */
		int failed = issue(call, folder, name, "peer", err) != 0 ||
		    issue(call, folder, peer, "peer", err) != 0;

		free(peer);
		if (failed)
			return -1;
	}
	return 0;
}

static struct etcd_channel *
open_channel(struct verb_call *call, const char *folder, const struct cluster *cluster,
    struct err *err)
{
	char *endpoints[MAX_MEMBERS + 1] = { NULL };
	struct etcd_config config = { .endpoints = endpoints };
	struct etcd_channel *channel;

	for (size_t i = 0; i < cluster->member_count && i < MAX_MEMBERS; i++)
		endpoints[i] = cluster->members[i].client_urls[0];
	config.cacert = run_word(folder, "pki/ca.pem");
	config.cert = run_word(folder, "pki/client.pem");
	config.key = run_word(folder, "pki/client-key.pem");
	channel = etcd_channel_new(call->loop, &config, err);
	free(config.cacert);
	free(config.cert);
	free(config.key);
	return channel;
}

static int
ask_once(struct etcd_channel *channel, struct err *err)
{
	Etcd__RangeRequest request = ETCD__RANGE_REQUEST__INIT;
	Etcd__RangeResponse *response = NULL;
	static const struct etcd_call_options options = { .deadline_ms = ASK_MS };

	request.key = (ProtobufCBinaryData){ 6, (uint8_t *)(uintptr_t)"health" };
	if (etcd_range_with(channel, &request, &options, &response, err) != 0)
		return -1;
	etcd__range_response__free_unpacked(response, NULL);
	return 0;
}

static void
set_true(void *context)
{
	*(bool *)context = true;
}

/* Asks a fresh channel each time, so that no backoff of a member that was not up yet counts. */
static int
wait_ready(struct verb_call *call, const char *folder, const struct cluster *cluster,
    struct err *err)
{
	int64_t start = clock_ms();
	struct err why;
	char *tail;

	for (;;) {
		struct etcd_channel *channel = open_channel(call, folder, cluster, err);
		int64_t spent = clock_ms() - start;
		bool due = false;
		int failed;

		if (!channel)
			return -1;
		failed = ask_once(channel, err);
		etcd_channel_free(channel);
		if (!failed)
			return 0;
		if (err->code == ERR_CANCELLED)
			return -1;
		if (spent > READY_MS || local_running(folder, cluster) < cluster->member_count)
			break;
		report_step(call->report, "members start", spent / 1000, READY_MS / 1000, "seconds");
		loop_timer_add(call->loop, AGAIN_MS, set_true, &due);
		if (loop_run_until(call->loop, &due, err) != 0)
			return -1;
	}
	tail = local_log_tail(folder, cluster->members[0].name);
	why = *err;
	err_set(err, ERR_FAILED, "the members do not come up: %.200s; the log of %.40s ends: %.200s",
	    why.text, cluster->members[0].name, tail);
	free(tail);
	return err_cure(err, "read %s/members/*.log", folder);
}

static void
on_loaded(void *context, int64_t done, int64_t total)
{
	report_step(context, "keys", done, total, "puts");
}

static int
load_keys(struct verb_call *call, const char *folder, const struct cluster *cluster,
    struct err *err)
{
	struct etcd_channel *channel = open_channel(call, folder, cluster, err);
	int result;

	if (!channel)
		return -1;
	report_words(call->report, "keys: some 5,000, as Kubernetes and applications lay them out");
	result = demo_keys_load(channel, on_loaded, call->report, err);
	etcd_channel_free(channel);
	return result;
}

static void
report_demo(struct verb_call *call, const char *folder, const struct cluster *cluster)
{
	struct json_object *result = json_object_new_object(), *urls = json_object_new_array();

	for (size_t i = 0; i < cluster->member_count; i++)
		json_object_array_add(urls, json_object_new_string(cluster->members[i].client_urls[0]));
	json_put_str(result, "workspace", folder);
	json_put_object(result, "endpoints", urls);
	json_put_str(result, "etcd_version", cluster->etcd_version);
	json_put_int(result, "running", (int64_t)local_running(folder, cluster));
	report_result(call->report, result);
}

/* Asks the members' version, for cluster.json. */
static int
note_version(struct verb_call *call, const char *folder, struct cluster *cluster, struct err *err)
{
	struct etcd_channel *channel = open_channel(call, folder, cluster, err);
	Etcd__StatusRequest request = ETCD__STATUS_REQUEST__INIT;
	Etcd__StatusResponse *status = NULL;
	int result = channel ? etcd_status(channel, &request, &status, err) : -1;

	if (result == 0) {
		free(cluster->etcd_version);
		cluster->etcd_version = xstrdup(status->version);
		cluster->cluster_id = status->header ? status->header->cluster_id : 0;
		etcd__status_response__free_unpacked(status, NULL);
		result = cluster_write(folder, cluster, err);
	}
	etcd_channel_free(channel);
	return result;
}

static int
take_backup(struct verb_call *call, const char *folder, struct err *err)
{
	const char *const argv[] = { "backup", "create", "-C", folder, NULL };
	struct json_object *result = NULL;

	report_words(call->report, "backup: the first one, read back");
	if (verb_within(call, argv, &result, err) != 0)
		return -1;
	report_words(call->report, "backup %s: %s", json_str(result, "id", "?"),
	    json_flag(result, "verified", false) ? "verified" : "not verified");
	json_object_put(result);
	return 0;
}

static int
build_demo(struct verb_call *call, const char *folder, size_t members, const char *etcd,
    struct err *err)
{
	struct cluster *cluster = NULL;
	int result = -1;

	if (access(folder, F_OK) == 0)
		report_words(call->report, "the ended demo in %s is replaced by a new one", folder);
	if (fs_remove_tree(folder, err) != 0 || fs_mkdirs(folder, 0700, err) != 0)
		return -1;
	cluster = new_cluster(members, err);
	if (!cluster || cluster_write(folder, cluster, err) != 0 ||
	    make_certificates(call, folder, cluster, err) != 0)
		goto out;
	report_words(call->report, "members: %zu by %s", members, etcd);
	if (local_start(folder, cluster, etcd, err) != 0 ||
	    wait_ready(call, folder, cluster, err) != 0 ||
	    note_version(call, folder, cluster, err) != 0 ||
	    load_keys(call, folder, cluster, err) != 0 || take_backup(call, folder, err) != 0) {
		local_stop(folder, cluster, NULL);
		goto out;
	}
	report_text(call->report, "workspace %s\n", folder);
	report_words(call->report, "look: vetch -C %s     end: vetch demo stop", folder);
	report_demo(call, folder, cluster);
	result = 0;
out:
	cluster_free(cluster);
	return result;
}

static int
refuse_running(const char *folder, struct err *err)
{
	struct cluster *cluster = read_demo(folder, err);
	size_t running = cluster ? local_running(folder, cluster) : 0;

	cluster_free(cluster);
	if (err->code)
		return -1;
	if (!running)
		return 0;
	err_set(err, ERR_BUSY, "the demo runs already in %s", folder);
	return err_cure(err, "look: vetch -C %.100s   end it: vetch demo stop", folder);
}

static int
start(struct verb_call *call, struct err *err)
{
	int64_t members = args_int(call->args, "members", 3);
	char *folder = NULL, *etcd = NULL;
	int result = -1;

	if (args_expect(call, 0, 0, err) != 0)
		return -1;
	if (members < 1 || members > MAX_MEMBERS)
		return err_set(err, ERR_USAGE, "--members: from 1 to %d", MAX_MEMBERS);
	folder = demo_folder(err);
	etcd = folder ? local_find_etcd(args_str(call->args, "version-dir"), err) : NULL;
	if (folder && etcd && refuse_running(folder, err) == 0)
		result = build_demo(call, folder, (size_t)members, etcd, err);
	free(folder);
	free(etcd);
	return result;
}

static int
stop(struct verb_call *call, struct err *err)
{
	char *folder = demo_folder(err);
	struct cluster *cluster = folder ? read_demo(folder, err) : NULL;
	int result = folder && !err->code ? 0 : -1;

	if (cluster) {
		result = local_stop(folder, cluster, err);
		report_words(call->report, result == 0 ? "the demo's members are gone" :
		    "not all of the demo's members are gone");
		report_demo(call, folder, cluster);
	} else if (result == 0) {
		report_words(call->report, "there is no demo");
	}
	cluster_free(cluster);
	free(folder);
	return result;
}

static int
status(struct verb_call *call, struct err *err)
{
	char *folder = demo_folder(err);
	struct cluster *cluster = folder ? read_demo(folder, err) : NULL;
	int result = -1;

	if (cluster) {
		report_text(call->report, "%zu of %zu members run; workspace %s\n",
		    local_running(folder, cluster), cluster->member_count, folder);
		report_demo(call, folder, cluster);
		result = 0;
	} else if (folder && !err->code) {
		err_set(err, ERR_NOT_FOUND, "there is no demo in %s", folder);
		err_cure(err, "vetch demo start");
	}
	cluster_free(cluster);
	free(folder);
	return result;
}

static const struct flag start_flags[] = {
	{ "members", 0, FLAG_INT, "N", "how many members (3)" },
	{ "version-dir", 0, FLAG_STR, "DIR", "folder of the etcd to use" },
	{ NULL },
};

const struct verb_ops ops_demo_start = { .flags = start_flags, .run = start };
const struct verb_ops ops_demo_stop = { .run = stop };
const struct verb_ops ops_demo_status = { .run = status, .reads = true };
