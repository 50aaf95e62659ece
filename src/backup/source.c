/* SPDX-License-Identifier: Apache-2.0 */
#include "backup/source.h"

#include <stdlib.h>

#include "base/mem.h"
#include "etcd/call.h"

enum { COUNT_BELOW = 64 << 20 };

static void
replace(char **text, const char *with)
{
	free(*text);
	*text = xstrdup(with ? with : "");
}

static int
refuse(const Etcd__StatusResponse *status, const char *url, struct err *err)
{
	if (status->is_learner) {
		err_set(err, ERR_GUARD, "%s is a learner: its copy may be old", url);
		return err_cure(err, "name an endpoint of a full member with --endpoints");
	}
	return 0;
}

static int
ask_status(struct snapshot_source *source, struct manifest *manifest, struct err *err)
{
	Etcd__StatusRequest request = ETCD__STATUS_REQUEST__INIT;
	const char *url = etcd_channel_serving(source->channel)->url;
	Etcd__StatusResponse *status;
	int result;

	if (etcd_status(source->channel, &request, &status, err) != 0)
		return -1;
	result = refuse(status, url, err);
	replace(&manifest->endpoint, url);
	replace(&manifest->etcd_version, status->version);
	if (status->header) {
		manifest->cluster_id = status->header->cluster_id;
		manifest->member_id = status->header->member_id;
		source->revision = status->header->revision;
	}
	source->db_size = (uint64_t)status->db_size;
	source->db_in_use = (uint64_t)status->db_size_in_use;
	etcd__status_response__free_unpacked(status, NULL);
	return result;
}

/* The member's name is a courtesy: without the list there is still its id. */
static void
ask_name(struct snapshot_source *source, struct manifest *manifest)
{
	Etcd__MemberListRequest request = ETCD__MEMBER_LIST_REQUEST__INIT;
	Etcd__MemberListResponse *list;
	struct err err;

	replace(&manifest->member, "");
	if (etcd_member_list(source->channel, &request, &list, &err) != 0)
		return;
	for (size_t i = 0; i < list->n_members; i++)
		if (list->members[i]->id == manifest->member_id)
			replace(&manifest->member, list->members[i]->name);
	etcd__member_list_response__free_unpacked(list, NULL);
}

int
source_open(struct etcd_channel *channel, struct snapshot_source *source,
    struct manifest *manifest, struct err *err)
{
	size_t count = etcd_channel_endpoint_count(channel);

	*source = (struct snapshot_source){ 0 };
	for (size_t i = 0; i < count; i++) {
		source->channel = etcd_channel_for_endpoint(channel, i);
		if (ask_status(source, manifest, err) == 0) {
			ask_name(source, manifest);
			return 0;
		}
		source_close(source);
		if (err->code == ERR_CANCELLED)
			break;
	}
	return -1;
}

void
source_close(struct snapshot_source *source)
{
	etcd_channel_free(source->channel);
	source->channel = NULL;
}

int64_t
source_keys(const struct snapshot_source *source, int64_t revision)
{
	Etcd__RangeRequest request = ETCD__RANGE_REQUEST__INIT;
	uint8_t all[1] = { 0 };
	Etcd__RangeResponse *range;
	int64_t keys;
	struct err err;

	if ((source->db_in_use ? source->db_in_use : source->db_size) > COUNT_BELOW)
		return -1;
	request.key = request.range_end = (ProtobufCBinaryData){ sizeof all, all };
	request.revision = revision;
	request.count_only = true;
	request.serializable = true;
	if (etcd_range(source->channel, &request, &range, &err) != 0)
		return -1;
	keys = range->count;
	etcd__range_response__free_unpacked(range, NULL);
	return keys;
}
