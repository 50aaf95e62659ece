/* SPDX-License-Identifier: Apache-2.0
 * backup list: the backups of a target, newest first. */
#include "backup/listing.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/text.h"
#include "verb/target.h"

static void
put_manifest(struct json_object *row, const struct store *store, const struct manifest *manifest)
{
	char *path = store_path(store, manifest->data);

	json_put_time(row, "created", manifest->created);
	json_put_int(row, "revision", manifest->revision);
	json_put_object(row, "keys",
	    manifest->keys < 0 ? NULL : json_object_new_int64(manifest->keys));
	json_put_uint(row, "size", manifest->size);
	json_put_uint(row, "stored_size", manifest->stored_size);
	json_put_str(row, "etcd_version", manifest->etcd_version);
	json_put_hex(row, "cluster_id", manifest->cluster_id);
	json_put_hex(row, "member_id", manifest->member_id);
	json_put_str(row, "member", manifest->member);
	json_put_str(row, "sha256", manifest->sha256);
	json_put_str(row, "object", path);
	json_put_str(row, "by", manifest->by);
	json_put_str(row, "host", manifest->host);
	free(path);
}

static struct json_object *
row_json(const struct store *store, const struct backup_row *found)
{
	struct json_object *row = json_object_new_object();

	json_put_str(row, "id", found->id);
	if (found->sound)
		put_manifest(row, store, &found->manifest);
	json_put_time(row, "verified_at", found->proof.verified_at);
	json_put_time(row, "failed_at", found->proof.failed_at);
	json_put_object(row, "drilled_at", NULL);
	json_put_bool(row, "encrypted", false);
	json_put_str(row, "problem", found->problem);
	return row;
}

static void
row_text(struct report *report, const struct backup_row *row)
{
	char taken[CLOCK_RFC3339_SIZE] = "", proven[CLOCK_RFC3339_SIZE], size[16], revision[32];

	if (!row->sound) {
		report_text(report, "%-40s %s\n", row->id, row->problem);
		return;
	}
	report_text(report, "%-40s %s %12s %14s  ", row->id, clock_minute(row->manifest.created, taken),
	    text_size((int64_t)row->manifest.size, size, sizeof size),
	    text_grouped(row->manifest.revision, revision, sizeof revision));
	if (row->problem)
		report_text(report, "%s\n", row->problem);
	else if (row->proof.verified_at)
		report_text(report, "verified %s\n", clock_minute(row->proof.verified_at, proven));
	else
		report_text(report, "uploaded only\n");
}

static int
run(struct verb_call *call, struct err *err)
{
	struct backup_listing listing = { 0 };
	struct json_object *result;
	struct store *store;
	int status = -1;

	if (args_expect(call, 0, 0, err) != 0)
		return -1;
	store = call_target(call, args_str(call->args, "from"), err);
	if (!store || backup_list(store, &listing, err) != 0)
		goto out;
	report_list(call->report, "backups");
	if (listing.count)
		report_text(call->report, "%-40s %-16s %12s %14s  %s\n", "ID", "TAKEN (UTC)", "SIZE",
		    "REVISION", "PROOF");
	for (size_t i = 0; i < listing.count; i++) {
		report_row(call->report, "backups", row_json(store, &listing.rows[i]));
		row_text(call->report, &listing.rows[i]);
	}
	if (listing.strays)
		report_warn(call->report, "%zu data objects in %s have no manifest: interrupted runs left "
		    "them, they are no backups", listing.strays, store->title);
	result = json_object_new_object();
	json_put_str(result, "target", store->title);
	report_result(call->report, result);
	status = 0;
out:
	backup_listing_release(&listing);
	store_close(store);
	return status;
}

static const struct flag flags[] = {
	{ "from", 0, FLAG_STR, "TARGET", "folder, s3://bucket/prefix or a target of cluster.json" },
	{ 0 },
};

const struct verb_ops ops_backup_list = { .flags = flags, .run = run, .reads = true };
