/* SPDX-License-Identifier: Apache-2.0
 * backup create: one pass from a member into a target, then read back. */
#include "backup/create.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "backup/verify.h"
#include "base/clock.h"
#include "base/text.h"
#include "verb/channel.h"
#include "verb/target.h"

static void
hold(void *context, bool on)
{
	report_hold(context, on);
}

/* verified_at stays what it was; the backup is there, and its text says that it is not proven. */
static int
read_back(struct verb_call *call, struct store *store, const char *id, struct err *err)
{
	struct step_progress step = { call->report, "verify" };
	struct copy_progress progress = step_progress(&step);
	struct manifest manifest;
	int result = backup_verify(store, id, &progress, &manifest, err);

	manifest_release(&manifest);
	return result == 0 ? 0 : err_prefix(err, "written, but not verified");
}

static void
report_made(struct verb_call *call, const struct store *store, const struct manifest *manifest,
    bool verified, int64_t began)
{
	struct json_object *result = json_object_new_object();
	char *path = store_path(store, manifest->data), size[16], number[32];

	json_put_str(result, "id", manifest->id);
	json_put_str(result, "target", store->title);
	json_put_str(result, "object", path);
	json_put_int(result, "revision", manifest->revision);
	json_put_object(result, "keys",
	    manifest->keys < 0 ? NULL : json_object_new_int64(manifest->keys));
	json_put_uint(result, "size", manifest->size);
	json_put_uint(result, "stored_size", manifest->stored_size);
	json_put_str(result, "sha256", manifest->sha256);
	json_put_object(result, "hashkv", NULL);
	json_put_bool(result, "verified", verified);
	json_put_object(result, "seconds", seconds_since(began));
	report_text(call->report, "%s\n%s at revision %s, %s\n", path,
	    text_size((int64_t)manifest->size, size, sizeof size),
	    text_grouped(manifest->revision, number, sizeof number),
	    verified ? "verified: read back, SHA-256 as etcd sent it" : "uploaded, not verified");
	report_result(call->report, result);
	free(path);
}

static int
create(struct verb_call *call, struct store *store, struct etcd_channel *channel, struct err *err)
{
	struct step_progress step = { call->report, "stream" };
	struct backup_create work = { .store = store, .channel = channel,
		.progress = step_progress(&step), .hold = hold, .context = call->report };
	bool verify = !args_bool(call->args, "no-verify");
	int64_t began = clock_ms();
	struct manifest manifest;
	int result = backup_create(&work, &manifest, err);

	if (result == 0 && verify)
		result = read_back(call, store, manifest.id, err);
	if (result == 0)
		report_made(call, store, &manifest, verify, began);
	manifest_release(&manifest);
	return result;
}

static int
run(struct verb_call *call, struct err *err)
{
	struct etcd_channel *channel = NULL;
	struct store *store = NULL;
	int result = -1;

	if (args_expect(call, 0, 0, err) != 0)
		return -1;
	store = call_target(call, args_str(call->args, "to"), err);
	if (store && call_channel(call, &channel, err) == 0)
		result = create(call, store, channel, err);
	etcd_channel_free(channel);
	store_close(store);
	return result;
}

static const struct flag flags[] = {
	{ "to", 0, FLAG_STR, "TARGET", "folder, s3://bucket/prefix or a target of cluster.json" },
	{ "no-verify", 0, FLAG_BOOL, NULL, "do not read the backup back" },
	{ 0 },
};

const struct verb_ops ops_backup_create = { .flags = flags, .run = run };
