/* SPDX-License-Identifier: Apache-2.0
 * etcdctl's form "fields": one `"Name" : value` a line, keys and values quoted as Go quotes. */
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "verb/print.h"

static void
add_quoted(struct print *print, const char *prefix, const char *name, const char *data, size_t len)
{
	buf_printf(&print->out, "\"%s%s\" : ", prefix, name);
	text_go_quote(&print->out, data, len);
	print_line(print);
}

static void
add_text(struct print *print, const char *name, const char *text)
{
	add_quoted(print, "", name, text, strlen(text));
}

static void
add_number(struct print *print, const char *prefix, const char *name, int64_t number)
{
	buf_printf(&print->out, "\"%s%s\" : %" PRId64 "\n", prefix, name, number);
}

static void
add_unsigned(struct print *print, const char *name, uint64_t number)
{
	buf_printf(&print->out, "\"%s\" : %" PRIu64 "\n", name, number);
}

static void
add_id(struct print *print, const char *name, uint64_t id)
{
	if (print->hex)
		buf_printf(&print->out, "\"%s\" : %" PRIx64 "\n", name, id);
	else
		add_unsigned(print, name, id);
}

static void
add_flag(struct print *print, const char *name, bool on)
{
	buf_printf(&print->out, "\"%s\" : %s\n", name, on ? "true" : "false");
}

static void
add_header(struct print *print, const Etcd__ResponseHeader *header)
{
	static const Etcd__ResponseHeader none = ETCD__RESPONSE_HEADER__INIT;

	if (!header)
		header = &none;
	add_id(print, "ClusterID", header->cluster_id);
	add_id(print, "MemberID", header->member_id);
	if (header->revision > 0)
		add_number(print, "", "Revision", header->revision);
	add_unsigned(print, "RaftTerm", header->raft_term);
}

static void
add_lease(struct print *print, const char *prefix, const char *name, int64_t lease)
{
	if (print->hex)
		buf_printf(&print->out, "\"%s%s\" : %016" PRIx64 "\n", prefix, name, (uint64_t)lease);
	else
		add_number(print, prefix, name, lease);
}

static void
add_pair(struct print *print, const char *prefix, const Etcd__KeyValue *kv)
{
	add_quoted(print, prefix, "Key", (const char *)kv->key.data, kv->key.len);
	add_number(print, prefix, "CreateRevision", kv->create_revision);
	add_number(print, prefix, "ModRevision", kv->mod_revision);
	add_number(print, prefix, "Version", kv->version);
	add_quoted(print, prefix, "Value", (const char *)kv->value.data, kv->value.len);
	add_lease(print, prefix, "Lease", kv->lease);
}

void
print_fields_range(struct print *print, const void *message)
{
	const Etcd__RangeResponse *range = message;

	add_header(print, range->header);
	for (size_t i = 0; i < range->n_kvs; i++)
		add_pair(print, "", range->kvs[i]);
	add_flag(print, "More", range->more);
	add_number(print, "", "Count", range->count);
}

void
print_fields_put(struct print *print, const void *message)
{
	const Etcd__PutResponse *put = message;

	add_header(print, put->header);
	if (put->prev_kv)
		add_pair(print, "Prev", put->prev_kv);
}

void
print_fields_delete(struct print *print, const void *message)
{
	const Etcd__DeleteRangeResponse *gone = message;

	add_header(print, gone->header);
	add_number(print, "", "Deleted", gone->deleted);
	for (size_t i = 0; i < gone->n_prev_kvs; i++)
		add_pair(print, "Prev", gone->prev_kvs[i]);
}

void
print_fields_txn(struct print *print, const void *message)
{
	const Etcd__TxnResponse *txn = message;

	add_header(print, txn->header);
	add_flag(print, "Succeeded", txn->succeeded);
	for (size_t i = 0; i < txn->n_responses; i++) {
		const Etcd__ResponseOp *op = txn->responses[i];

		if (op->response_case == ETCD__RESPONSE_OP__RESPONSE_RESPONSE_RANGE)
			print_fields_range(print, op->response_range);
		else if (op->response_case == ETCD__RESPONSE_OP__RESPONSE_RESPONSE_PUT)
			print_fields_put(print, op->response_put);
		else if (op->response_case == ETCD__RESPONSE_OP__RESPONSE_RESPONSE_DELETE_RANGE)
			print_fields_delete(print, op->response_delete_range);
	}
}

void
print_fields_watch(struct print *print, const void *message)
{
	const struct print_watch *watch = message;

	add_header(print, watch->header);
	for (size_t i = 0; i < watch->count; i++) {
		const Etcd__Event *event = watch->events[i];

		buf_printf(&print->out, "\"Type\" : %s\n",
		    event->type == ETCD__EVENT__TYPE__PUT ? "PUT" : "DELETE");
		if (event->prev_kv)
			add_pair(print, "Prev", event->prev_kv);
		if (event->kv)
			add_pair(print, "", event->kv);
	}
}

void
print_fields_grant(struct print *print, const void *message)
{
	const Etcd__LeaseGrantResponse *grant = message;

	add_header(print, grant->header);
	add_lease(print, "", "ID", grant->id);
	add_number(print, "", "TTL", grant->ttl);
}

void
print_fields_members(struct print *print, const void *message)
{
	const Etcd__MemberListResponse *list = message;

	add_header(print, list->header);
	for (size_t i = 0; i < list->n_members; i++) {
		const Etcd__Member *member = list->members[i];

		add_id(print, "ID", member->id);
		add_text(print, "Name", member->name);
		for (size_t k = 0; k < member->n_peer_urls; k++)
			add_text(print, "PeerURL", member->peer_urls[k]);
		for (size_t k = 0; k < member->n_client_urls; k++)
			add_text(print, "ClientURL", member->client_urls[k]);
		add_flag(print, "IsLearner", member->is_learner);
		print_line(print);
	}
}

void
print_fields_alarms(struct print *print, const void *message)
{
	const Etcd__AlarmResponse *list = message;

	add_header(print, list->header);
	for (size_t i = 0; i < list->n_alarms; i++) {
		add_id(print, "MemberID", list->alarms[i]->member_id);
		buf_printf(&print->out, "\"AlarmType\" : %s\n\n",
		    print_alarm_name(list->alarms[i]->alarm));
	}
}

void
print_fields_health(struct print *print, const void *message)
{
	const struct print_health_list *list = message;

	for (size_t i = 0; i < list->count; i++) {
		const struct print_health *row = &list->rows[i];

		add_text(print, "Endpoint", row->endpoint);
		add_flag(print, "Health", row->healthy);
		buf_add_str(&print->out, "\"Took\" : ");
		if (row->took_ns)
			print_duration(&print->out, row->took_ns);
		buf_printf(&print->out, "\n\"Error\" : %s\n\n", row->error ? row->error : "");
	}
}

static void
add_errors(struct print *print, char *const *errors, size_t count)
{
	buf_add_str(&print->out, "\"Errors\" : [");
	for (size_t i = 0; i < count; i++)
		buf_printf(&print->out, "%s%s", i ? " " : "", errors[i]);
	buf_add_str(&print->out, "]\n");
}

void
print_fields_status(struct print *print, const void *message)
{
	const struct print_status_list *list = message;

	for (size_t i = 0; i < list->count; i++) {
		const Etcd__StatusResponse *status = list->rows[i].status;
		const Etcd__DowngradeInfo *downgrade = status->downgrade_info;

		add_header(print, status->header);
		add_text(print, "Version", status->version);
		add_text(print, "StorageVersion", status->storage_version);
		add_number(print, "", "DBSize", status->db_size);
		add_number(print, "", "DBSizeInUse", status->db_size_in_use);
		add_number(print, "", "DBSizeQuota", status->db_size_quota);
		add_unsigned(print, "Leader", status->leader);
		add_flag(print, "IsLearner", status->is_learner);
		add_unsigned(print, "RaftIndex", status->raft_index);
		add_unsigned(print, "RaftAppliedIndex", status->raft_applied_index);
		add_errors(print, status->errors, status->n_errors);
		add_text(print, "Endpoint", list->rows[i].endpoint);
		add_text(print, "DowngradeTargetVersion", downgrade ? downgrade->target_version : "");
		add_flag(print, "DowngradeEnabled", downgrade && downgrade->enabled);
		print_line(print);
	}
}
