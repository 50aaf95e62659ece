/* SPDX-License-Identifier: Apache-2.0
 * snapshot save: etcdctl's words, with what etcd's trailer says compared before the file
 * appears. */
#include <stdlib.h>
#include <string.h>

#include "backup/source.h"
#include "base/clock.h"
#include "base/text.h"
#include "verb/channel.h"
#include "verb/target.h"

/* etcdctl wants one endpoint named; vetch takes the first member that is whole. */
static int
choose_source(struct verb_call *call, struct etcd_channel *channel, struct snapshot_source *source,
    struct err *err)
{
	struct manifest facts = { 0 };
	int result;

	*source = (struct snapshot_source){ 0 };
	if (etcd_channel_endpoint_count(channel) == 1) {
		source->channel = etcd_channel_for_endpoint(channel, 0);
		return 0;
	}
	if (call->etcdctl)
		return err_set(err, ERR_USAGE, "snapshot must be requested to one selected node, not "
		    "multiple: a snapshot is one member's view");
	result = source_open(channel, source, &facts, err);
	manifest_release(&facts);
	return result;
}

static void
report_saved(struct verb_call *call, const char *path, const struct copied *copied, int64_t began)
{
	struct json_object *result = json_object_new_object();
	char sha256[SHA256_HEX_SIZE];

	report_text(call->report, "Snapshot saved at %s\n", path);
	if (*copied->version)
		report_text(call->report, "Server version %s\n", copied->version);
	json_put_str(result, "file", path);
	json_put_uint(result, "size", copied->sums.bytes);
	json_put_str(result, "sha256", hex_encode(copied->sums.whole, SHA256_SIZE, sha256));
	json_put_str(result, "version", copied->version);
	json_put_object(result, "seconds", seconds_since(began));
	report_result(call->report, result);
}

static int
save(struct verb_call *call, struct etcd_channel *channel, const char *path, struct err *err)
{
	struct step_progress step = { call->report, "stream" };
	struct copy copy = { .loop = call->loop, .channel = channel, .progress = step_progress(&step) };
	int64_t began = clock_ms();
	struct copied copied;

	copy.write = store_file_write(path, err);
	if (!copy.write)
		return -1;
	if (snapshot_copy(&copy, &copied, err) != 0)
		return -1;
	report_saved(call, path, &copied, began);
	return 0;
}

static int
run(struct verb_call *call, struct err *err)
{
	struct etcd_channel *channel = NULL;
	struct snapshot_source source = { 0 };
	int result;

	if (args_expect(call, 1, 1, err) != 0 || call_channel(call, &channel, err) != 0)
		return -1;
	result = choose_source(call, channel, &source, err);
	if (result == 0)
		result = save(call, source.channel, args_at(call->args, 0), err);
	source_close(&source);
	etcd_channel_free(channel);
	return result;
}

const struct verb_ops ops_snapshot_save = { .run = run };
