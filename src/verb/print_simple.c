/* SPDX-License-Identifier: Apache-2.0
 * etcdctl's plain form: keys and values line by line, raw or as \xNN. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "verb/print.h"

static void
add_hex(struct buf *out, const ProtobufCBinaryData *bytes)
{
	static const char digits[] = "0123456789abcdef";
	char *room = buf_reserve(out, bytes->len * 4);

	if (!room)
		return;
	for (size_t i = 0; i < bytes->len; i++) {
		room[i * 4] = '\\';
		room[i * 4 + 1] = 'x';
		room[i * 4 + 2] = digits[bytes->data[i] >> 4];
		room[i * 4 + 3] = digits[bytes->data[i] & 15];
	}
	buf_commit(out, bytes->len * 4);
}

static void
add_bytes(struct print *print, const ProtobufCBinaryData *bytes)
{
	if (print->hex)
		add_hex(&print->out, bytes);
	else
		buf_add(&print->out, bytes->data, bytes->len);
	print_line(print);
}

static void
add_pair(struct print *print, const Etcd__KeyValue *kv)
{
	if (!print->value_only)
		add_bytes(print, &kv->key);
	add_bytes(print, &kv->value);
}

void
print_simple_range(struct print *print, const void *message)
{
	const Etcd__RangeResponse *range = message;

	for (size_t i = 0; i < range->n_kvs; i++)
		add_pair(print, range->kvs[i]);
}

void
print_simple_put(struct print *print, const void *message)
{
	const Etcd__PutResponse *put = message;

	buf_add_str(&print->out, "OK\n");
	if (put->prev_kv)
		add_pair(print, put->prev_kv);
}

void
print_simple_delete(struct print *print, const void *message)
{
	const Etcd__DeleteRangeResponse *gone = message;

	buf_printf(&print->out, "%" PRId64 "\n", gone->deleted);
	for (size_t i = 0; i < gone->n_prev_kvs; i++)
		add_pair(print, gone->prev_kvs[i]);
}

static void
add_response(struct print *print, const Etcd__ResponseOp *op)
{
	if (op->response_case == ETCD__RESPONSE_OP__RESPONSE_RESPONSE_RANGE)
		print_simple_range(print, op->response_range);
	else if (op->response_case == ETCD__RESPONSE_OP__RESPONSE_RESPONSE_PUT)
		print_simple_put(print, op->response_put);
	else if (op->response_case == ETCD__RESPONSE_OP__RESPONSE_RESPONSE_DELETE_RANGE)
		print_simple_delete(print, op->response_delete_range);
}

void
print_simple_txn(struct print *print, const void *message)
{
	const Etcd__TxnResponse *txn = message;

	buf_add_str(&print->out, txn->succeeded ? "SUCCESS\n" : "FAILURE\n");
	for (size_t i = 0; i < txn->n_responses; i++) {
		print_line(print);
		add_response(print, txn->responses[i]);
	}
}

void
print_simple_watch(struct print *print, const void *message)
{
	const struct print_watch *watch = message;

	for (size_t i = 0; i < watch->count; i++) {
		const Etcd__Event *event = watch->events[i];

		buf_add_str(&print->out, event->type == ETCD__EVENT__TYPE__PUT ? "PUT\n" : "DELETE\n");
		if (event->prev_kv)
			add_pair(print, event->prev_kv);
		if (event->kv)
			add_pair(print, event->kv);
	}
}

void
print_simple_grant(struct print *print, const void *message)
{
	const Etcd__LeaseGrantResponse *grant = message;

	buf_printf(&print->out, "lease %016" PRIx64 " granted with TTL(%" PRId64 "s)\n",
	    (uint64_t)grant->id, grant->ttl);
}

static void
add_joined(struct buf *out, char **cells, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		buf_printf(out, "%s%s", i ? ", " : "", cells[i]);
		free(cells[i]);
	}
	buf_add_byte(out, '\n');
}

void
print_simple_members(struct print *print, const void *message)
{
	const Etcd__MemberListResponse *list = message;
	char *cells[PRINT_MEMBER_COLUMNS];

	for (size_t i = 0; i < list->n_members; i++) {
		print_member_cells(list->members[i], cells);
		add_joined(&print->out, cells, PRINT_MEMBER_COLUMNS);
	}
}

void
print_simple_status(struct print *print, const void *message)
{
	const struct print_status_list *list = message;
	char *cells[PRINT_STATUS_COLUMNS];

	for (size_t i = 0; i < list->count; i++) {
		print_status_cells(&list->rows[i], cells);
		add_joined(&print->out, cells, PRINT_STATUS_COLUMNS);
	}
}

/* The text form of a protobuf message: a blank after each field, the last one too. */
void
print_simple_alarms(struct print *print, const void *message)
{
	const Etcd__AlarmResponse *list = message;

	for (size_t i = 0; i < list->n_alarms; i++) {
		const Etcd__AlarmMember *alarm = list->alarms[i];
		const char *name = print_alarm_name(alarm->alarm);

		if (alarm->member_id)
			buf_printf(&print->out, "memberID:%" PRIu64 " ", alarm->member_id);
		if (alarm->alarm)
			buf_printf(&print->out, "alarm:%s ", name);
		print_line(print);
	}
}

/* The sick ones are words, for stderr. */
void
print_simple_health(struct print *print, const void *message)
{
	const struct print_health_list *list = message;

	for (size_t i = 0; i < list->count; i++) {
		const struct print_health *row = &list->rows[i];

		if (row->error) {
			if (print->report)
				report_words(print->report,
				    "%s is unhealthy: failed to commit proposal: %s",
				    row->endpoint, row->error);
			continue;
		}
		buf_printf(&print->out,
		    "%s is healthy: successfully committed proposal: took = ", row->endpoint);
		print_duration(&print->out, row->took_ns);
		print_line(print);
	}
}
