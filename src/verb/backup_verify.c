/* SPDX-License-Identifier: Apache-2.0
 * backup verify: the object read back from where it lies. */
#include "backup/verify.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "verb/target.h"

static void
put_checked(struct json_object *result, bool manifest)
{
	struct json_object *list = json_object_new_array();

	if (manifest) {
		json_object_array_add(list, json_object_new_string("manifest"));
		json_object_array_add(list, json_object_new_string("size"));
		json_object_array_add(list, json_object_new_string("sha256"));
	}
	json_object_array_add(list, json_object_new_string("trailer"));
	json_put_object(result, "checked", list);
}

static void
report_held(struct verb_call *call, const char *path, struct json_object *result, uint64_t bytes)
{
	char size[16];

	json_put_uint(result, "size", bytes);
	json_put_object(result, "hashkv", NULL);
	json_put_bool(result, "verified", true);
	report_text(call->report, "%s: verified: %s read back, %s\n", path,
	    text_size((int64_t)bytes, size, sizeof size), json_get(result, "id")
	    ? "SHA-256 as the manifest and etcd's trailer say" : "SHA-256 as etcd's trailer says");
	report_result(call->report, result);
}

static int
verify_backup(struct verb_call *call, const struct backup_ref *ref,
    const struct copy_progress *progress, struct err *err)
{
	int64_t began = clock_ms();
	struct json_object *result;
	struct manifest manifest;
	char *path;

	if (backup_verify(ref->store, ref->id, progress, &manifest, err) != 0) {
		manifest_release(&manifest);
		return -1;
	}
	result = json_object_new_object();
	path = store_path(ref->store, manifest.data);
	json_put_str(result, "id", manifest.id);
	json_put_str(result, "target", ref->store->title);
	json_put_int(result, "revision", manifest.revision);
	json_put_str(result, "sha256", manifest.sha256);
	json_put_object(result, "seconds", seconds_since(began));
	put_checked(result, true);
	report_held(call, path, result, manifest.stored_size);
	free(path);
	manifest_release(&manifest);
	return 0;
}

static int
verify_file(struct verb_call *call, const struct backup_ref *ref,
    const struct copy_progress *progress, struct err *err)
{
	int64_t began = clock_ms();
	char sha256[SHA256_HEX_SIZE];
	struct snapshot_sums sums;
	struct json_object *result;
	char *path;

	if (snapshot_verify(ref->store, ref->object, progress, &sums, err) != 0)
		return -1;
	result = json_object_new_object();
	path = store_path(ref->store, ref->object);
	json_put_str(result, "file", path);
	json_put_str(result, "sha256", hex_encode(sums.whole, SHA256_SIZE, sha256));
	json_put_object(result, "seconds", seconds_since(began));
	put_checked(result, false);
	report_held(call, path, result, sums.bytes);
	free(path);
	return 0;
}

static int
run(struct verb_call *call, struct err *err)
{
	struct step_progress step = { call->report, "verify" };
	struct copy_progress progress = step_progress(&step);
	struct backup_ref ref = { 0 };
	int result;

	if (args_expect(call, 1, 1, err) != 0)
		return -1;
	result = call_backup(call, args_at(call->args, 0), args_str(call->args, "from"), &ref, err);
	if (result == 0)
		result = ref.id ? verify_backup(call, &ref, &progress, err)
		    : verify_file(call, &ref, &progress, err);
	backup_ref_release(&ref);
	return result;
}

static const struct flag flags[] = {
	{ "from", 0, FLAG_STR, "TARGET", "where the id lies" },
	{ 0 },
};

const struct verb_ops ops_backup_verify = { .flags = flags, .run = run };
