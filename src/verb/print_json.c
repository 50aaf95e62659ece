/* SPDX-License-Identifier: Apache-2.0
 * Messages as Go's encoding/json writes them: members in the order of their field numbers, zero
 * values left out, bytes in base64, enumerations as numbers, no blanks. */
#include <inttypes.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/text.h"
#include "verb/print.h"

/* Fields whose name in etcd's JSON is not their name in rpc.proto. */
static const struct {
	const char *message, *field, *json;
} renamed[] = {
	{ "Member", "id", "ID" },
	{ "Member", "peer_urls", "peerURLs" },
	{ "Member", "client_urls", "clientURLs" },
	{ "Member", "is_learner", "isLearner" },
	{ "AlarmMember", "member_id", "memberID" },
	{ "StatusResponse", "db_size", "dbSize" },
	{ "StatusResponse", "raft_index", "raftIndex" },
	{ "StatusResponse", "raft_term", "raftTerm" },
	{ "StatusResponse", "raft_applied_index", "raftAppliedIndex" },
	{ "StatusResponse", "db_size_in_use", "dbSizeInUse" },
	{ "StatusResponse", "is_learner", "isLearner" },
	{ "StatusResponse", "storage_version", "storageVersion" },
	{ "StatusResponse", "db_size_quota", "dbSizeQuota" },
	{ "StatusResponse", "downgrade_info", "downgradeInfo" },
	{ "DowngradeInfo", "target_version", "targetVersion" },
};

static const char *
json_name(const ProtobufCMessageDescriptor *message, const char *field)
{
	for (size_t i = 0; i < ARRAY_LEN(renamed); i++)
		if (strcmp(renamed[i].message, message->short_name) == 0 &&
		    strcmp(renamed[i].field, field) == 0)
			return renamed[i].json;
	return field;
}

static void
add_escaped(struct buf *out, const struct text_char *c, const char *bytes)
{
	static const char shorts[] = "\b\f\n\r\t\"\\", names[] = "bfnrt\"\\";
	const char *found = c->bytes == 1 && *bytes ? strchr(shorts, *bytes) : NULL;
	unsigned char byte = (unsigned char)*bytes;

	if (found)
		buf_printf(out, "\\%c", names[found - shorts]);
	else if (c->bytes == 1 && byte >= 0x80)
		buf_add_str(out, "\\ufffd");
	else if (byte < 0x20 || byte == '<' || byte == '>' || byte == '&')
		buf_printf(out, "\\u%04x", byte);
	else if (c->code == 0x2028 || c->code == 0x2029)
		buf_printf(out, "\\u%04x", c->code);
	else
		buf_add(out, bytes, (size_t)c->bytes);
}

void
print_json_string(struct buf *out, const char *text, size_t len)
{
	buf_add_byte(out, '"');
	for (size_t at = 0; at < len;) {
		struct text_char c = text_next(text + at, len - at);

		add_escaped(out, &c, text + at);
		at += (size_t)c.bytes;
	}
	buf_add_byte(out, '"');
}

static void
add_bytes(struct buf *out, const ProtobufCBinaryData *bytes)
{
	buf_add_byte(out, '"');
	base64_encode(out, bytes->data, bytes->len);
	buf_add_byte(out, '"');
}

static bool
is_zero(const ProtobufCFieldDescriptor *field, const void *value)
{
	switch (field->type) {
	case PROTOBUF_C_TYPE_STRING:
		return !*(const char *const *)value || !**(const char *const *)value;
	case PROTOBUF_C_TYPE_BYTES:
		return ((const ProtobufCBinaryData *)value)->len == 0;
	case PROTOBUF_C_TYPE_MESSAGE:
		return !*(const void *const *)value;
	case PROTOBUF_C_TYPE_BOOL:
		return !*(const protobuf_c_boolean *)value;
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_UINT64:
		return *(const uint64_t *)value == 0;
	default:
		return *(const uint32_t *)value == 0;
	}
}

static void
add_value(struct buf *out, const ProtobufCFieldDescriptor *field, const void *value)
{
	const char *text;

	switch (field->type) {
	case PROTOBUF_C_TYPE_STRING:
		text = *(const char *const *)value;
		print_json_string(out, text, strlen(text));
		break;
	case PROTOBUF_C_TYPE_BYTES:
		add_bytes(out, value);
		break;
	case PROTOBUF_C_TYPE_MESSAGE:
		print_json_message(out, *(const ProtobufCMessage *const *)value);
		break;
	case PROTOBUF_C_TYPE_BOOL:
		buf_add_str(out, *(const protobuf_c_boolean *)value ? "true" : "false");
		break;
	case PROTOBUF_C_TYPE_INT64:
		buf_printf(out, "%" PRId64, *(const int64_t *)value);
		break;
	case PROTOBUF_C_TYPE_UINT64:
		buf_printf(out, "%" PRIu64, *(const uint64_t *)value);
		break;
	default:
		buf_printf(out, "%" PRId32, *(const int32_t *)value);
	}
}

static size_t
value_size(const ProtobufCFieldDescriptor *field)
{
	switch (field->type) {
	case PROTOBUF_C_TYPE_STRING:
	case PROTOBUF_C_TYPE_MESSAGE:
		return sizeof(void *);
	case PROTOBUF_C_TYPE_BYTES:
		return sizeof(ProtobufCBinaryData);
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_UINT64:
		return 8;
	case PROTOBUF_C_TYPE_BOOL:
		return sizeof(protobuf_c_boolean);
	default:
		return 4;
	}
}

static void
add_name(struct buf *out, const char *name, bool *first)
{
	if (!*first)
		buf_add_byte(out, ',');
	*first = false;
	buf_printf(out, "\"%s\":", name);
}

static void
add_list(struct buf *out, const ProtobufCFieldDescriptor *field, const char *elements, size_t count)
{
	buf_add_byte(out, '[');
	for (size_t i = 0; i < count; i++) {
		if (i)
			buf_add_byte(out, ',');
		add_value(out, field, elements + i * value_size(field));
	}
	buf_add_byte(out, ']');
}

/* Go wraps the chosen member of a oneof in an object called by the oneof's own name. */
static void
add_oneof(struct buf *out, const ProtobufCFieldDescriptor *field, const void *value, bool *first)
{
	add_name(out, "Response", first);
	buf_printf(out, "{\"%s\":", field->name);
	add_value(out, field, value);
	buf_add_byte(out, '}');
}

static void
add_field(struct buf *out, const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field,
    bool *first)
{
	const char *base = (const char *)message, *value = base + field->offset;
	const char *name = json_name(message->descriptor, field->name);

	if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) {
		if (*(const uint32_t *)(const void *)(base + field->quantifier_offset) == field->id)
			add_oneof(out, field, value, first);
	} else if (field->label == PROTOBUF_C_LABEL_REPEATED) {
		size_t count = *(const size_t *)(const void *)(base + field->quantifier_offset);

		if (count == 0)
			return;
		add_name(out, name, first);
		add_list(out, field, *(const char *const *)(const void *)value, count);
	} else if (!is_zero(field, value)) {
		add_name(out, name, first);
		add_value(out, field, value);
	}
}

void
print_json_message(struct buf *out, const ProtobufCMessage *message)
{
	bool first = true;

	buf_add_byte(out, '{');
	for (unsigned i = 0; i < message->descriptor->n_fields; i++)
		add_field(out, message, &message->descriptor->fields[i], &first);
	buf_add_byte(out, '}');
}

void
print_by_descriptor(struct print *print, const void *message)
{
	print_json_message(&print->out, message);
	print_line(print);
}

/* etcdctl's library hands a watch's answer over as a struct without JSON names. */
void
print_json_watch(struct print *print, const void *message)
{
	const struct print_watch *watch = message;
	struct buf *out = &print->out;

	buf_add_str(out, "{\"Header\":");
	print_json_message(out, &watch->header->base);
	buf_add_str(out, ",\"Events\":[");
	for (size_t i = 0; i < watch->count; i++) {
		if (i)
			buf_add_byte(out, ',');
		print_json_message(out, &watch->events[i]->base);
	}
	buf_printf(out, "],\"CompactRevision\":%" PRId64 ",\"Canceled\":%s,\"Created\":%s}",
	    watch->compact_revision, watch->canceled ? "true" : "false",
	    watch->created ? "true" : "false");
	print_line(print);
}

void
print_json_grant(struct print *print, const void *message)
{
	const Etcd__LeaseGrantResponse *grant = message;
	struct buf *out = &print->out, header = BUF_INIT(1000);

	if (grant->header)
		print_json_message(&header, &grant->header->base);
	buf_add_byte(out, '{');
	if (header.len > 2) {
		buf_add(out, header.data + 1, header.len - 2);
		buf_add_byte(out, ',');
	}
	buf_release(&header);
	buf_printf(out, "\"ID\":%" PRId64 ",\"TTL\":%" PRId64 ",\"Error\":", grant->id, grant->ttl);
	print_json_string(out, grant->error, strlen(grant->error));
	buf_add_byte(out, '}');
	print_line(print);
}

static void
add_urls(struct buf *out, const char *name, char *const *urls, size_t count)
{
	buf_printf(out, ",\"%s\":%s", name, count ? "[" : "null");
	for (size_t i = 0; i < count; i++) {
		if (i)
			buf_add_byte(out, ',');
		print_json_string(out, urls[i], strlen(urls[i]));
	}
	if (count)
		buf_add_byte(out, ']');
}

/* With --hex, etcdctl writes the member list by hand: hex ids as strings, no isLearner. */
static void
hex_members(struct buf *out, const Etcd__MemberListResponse *list)
{
	buf_printf(out, "{\"header\":{\"cluster_id\":\"%" PRIx64 "\",\"member_id\":\"%" PRIx64
	    "\",\"raft_term\":%" PRIu64 "}", list->header->cluster_id, list->header->member_id,
	    list->header->raft_term);
	for (size_t i = 0; i < list->n_members; i++) {
		const Etcd__Member *member = list->members[i];

		buf_printf(out, "%s{\"ID\":\"%" PRIx64 "\",\"name\":\"%s\"", i ? "," : ",\"members\":[",
		    member->id, member->name);
		add_urls(out, "peerURLs", member->peer_urls, member->n_peer_urls);
		add_urls(out, "clientURLs", member->client_urls, member->n_client_urls);
		buf_add_byte(out, '}');
	}
	buf_add_str(out, list->n_members ? "]}" : "}");
}

void
print_json_members(struct print *print, const void *message)
{
	const Etcd__MemberListResponse *list = message;

	if (print->hex && list->header)
		hex_members(&print->out, list);
	else
		print_json_message(&print->out, &list->base);
	print_line(print);
}

void
print_json_health(struct print *print, const void *message)
{
	const struct print_health_list *list = message;
	struct buf *out = &print->out;

	buf_add_byte(out, '[');
	for (size_t i = 0; i < list->count; i++) {
		const struct print_health *row = &list->rows[i];

		buf_printf(out, "%s{\"endpoint\":", i ? "," : "");
		print_json_string(out, row->endpoint, strlen(row->endpoint));
		buf_printf(out, ",\"health\":%s,\"took\":\"", row->healthy ? "true" : "false");
		if (row->took_ns)
			print_duration(out, row->took_ns);
		buf_add_byte(out, '"');
		if (row->error) {
			buf_add_str(out, ",\"error\":");
			print_json_string(out, row->error, strlen(row->error));
		}
		buf_add_byte(out, '}');
	}
	buf_add_byte(out, ']');
	print_line(print);
}

void
print_json_status(struct print *print, const void *message)
{
	const struct print_status_list *list = message;
	struct buf *out = &print->out;

	if (list->count == 0)
		buf_add_str(out, "null");
	for (size_t i = 0; i < list->count; i++) {
		buf_printf(out, "%s{\"Endpoint\":", i ? "," : "[");
		print_json_string(out, list->rows[i].endpoint, strlen(list->rows[i].endpoint));
		buf_add_str(out, ",\"Status\":");
		print_json_message(out, &list->rows[i].status->base);
		buf_add_byte(out, '}');
	}
	if (list->count)
		buf_add_byte(out, ']');
	print_line(print);
}
