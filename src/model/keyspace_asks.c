/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/keyspace_state.h"

/* The single questions: a value, the first key after a text, what lies below a folder. */

enum {
	BELOW_CALLS_MAX = 200,
	BELOW_KEYS_MAX = 2000000,
};

static ProtobufCBinaryData
bytes_of(const struct buf *buf)
{
	return (ProtobufCBinaryData){ .data = (uint8_t *)(uintptr_t)buf_str(buf), .len = buf->len };
}

/* ---- the value of the opened key */

static void
set_value_state(struct keyspace *keyspace, enum keyspace_value_state state)
{
	keyspace->value.state = state;
	keyspace->value.key = buf_str(&keyspace->value_key);
	keyspace->value.key_len = keyspace->value_key.len;
	keyspace->value.data = buf_str(&keyspace->value_data);
	keyspace->value.len = keyspace->value_data.len;
	keyspace_note(keyspace, KEYSPACE_VALUE);
}

static void
take_value(struct keyspace *keyspace, const Etcd__KeyValue *kv)
{
	buf_reset(&keyspace->value_data);
	buf_add(&keyspace->value_data, kv->value.data, kv->value.len);
	keyspace->value.create_revision = kv->create_revision;
	keyspace->value.mod_revision = kv->mod_revision;
	keyspace->value.version = kv->version;
	keyspace->value.lease = kv->lease;
	err_clear(&keyspace->value.why);
	set_value_state(keyspace, VALUE_HERE);
}

static void
on_value(void *context, const Etcd__RangeResponse *response)
{
	struct keyspace *keyspace = context;

	keyspace->value_call = NULL;
	if (response->n_kvs)
		take_value(keyspace, response->kvs[0]);
	else
		set_value_state(keyspace, VALUE_GONE);
}

static void ask_value(struct keyspace *keyspace, bool copy);

static void
on_value_error(void *context, const struct err *err)
{
	struct keyspace *keyspace = context;

	keyspace->value_call = NULL;
	if (!keyspace->value_copy && keyspace_lacks_quorum(err)) {
		ask_value(keyspace, true);
		return;
	}
	keyspace->value.why = *err;
	set_value_state(keyspace, VALUE_FAILED);
}

static void
ask_value(struct keyspace *keyspace, bool copy)
{
	static const struct etcd_range_handler handler = { on_value, on_value_error };
	Etcd__RangeRequest request = ETCD__RANGE_REQUEST__INIT;

	request.key = bytes_of(&keyspace->value_key);
	request.revision = keyspace->value.at_revision;
	request.serializable = keyspace->value_copy = copy;
	keyspace->value_call = etcd_range_start(keyspace->channel, &request, &handler, keyspace);
	set_value_state(keyspace, VALUE_LOADING);
}

void
keyspace_reload_value(struct keyspace *keyspace)
{
	etcd_call_cancel(keyspace->value_call);
	keyspace->value_call = NULL;
	if (!keyspace->value_key.len || !keyspace->channel) {
		if (keyspace->value.state == VALUE_LOADING)
			set_value_state(keyspace, VALUE_NONE);
		return;
	}
	ask_value(keyspace, keyspace_reads_copy(keyspace));
}

void
keyspace_open_value(struct keyspace *keyspace, const char *key, size_t len, int64_t revision)
{
	bool same = key && len == keyspace->value_key.len &&
	    memcmp(buf_str(&keyspace->value_key), key, len) == 0;

	if (same && keyspace->value.state == VALUE_HERE && keyspace->value.at_revision == revision)
		return;
	if (!same) {
		buf_reset(&keyspace->value_data);
		buf_reset(&keyspace->value_key);
		buf_add(&keyspace->value_key, key ? key : "", key ? len : 0);
	}
	keyspace->value.at_revision = revision;
	keyspace_reload_value(keyspace);
	if (!keyspace->value_key.len)
		set_value_state(keyspace, VALUE_NONE);
}

void
keyspace_value_event(struct keyspace *keyspace, const Etcd__Event *event)
{
	const ProtobufCBinaryData *key = &event->kv->key;

	if (keyspace->value.at_revision || !key->len || key->len != keyspace->value_key.len ||
	    memcmp(key->data, buf_str(&keyspace->value_key), key->len) != 0)
		return;
	etcd_call_cancel(keyspace->value_call);
	keyspace->value_call = NULL;
	if (event->type == ETCD__EVENT__TYPE__DELETE)
		set_value_state(keyspace, VALUE_GONE);
	else
		take_value(keyspace, event->kv);
}

const struct keyspace_value *
keyspace_value(const struct keyspace *keyspace)
{
	return &keyspace->value;
}

/* ---- seeking */

static void
end_seek(struct keyspace *keyspace)
{
	keyspace->seek_call = NULL;
	keyspace->seek.key = buf_str(&keyspace->seek_key);
	keyspace->seek.key_len = keyspace->seek_key.len;
	keyspace_note(keyspace, KEYSPACE_SEEK);
}

static void
on_sought(void *context, const Etcd__RangeResponse *response)
{
	struct keyspace *keyspace = context;

	keyspace->seek.found = response->n_kvs > 0;
	buf_reset(&keyspace->seek_key);
	if (response->n_kvs)
		buf_add(&keyspace->seek_key, response->kvs[0]->key.data, response->kvs[0]->key.len);
	end_seek(keyspace);
}

static void ask_seek(struct keyspace *keyspace, bool copy);

static void
on_seek_error(void *context, const struct err *err)
{
	struct keyspace *keyspace = context;

	keyspace->seek_call = NULL;
	if (!keyspace->seek_copy && keyspace_lacks_quorum(err)) {
		ask_seek(keyspace, true);
		return;
	}
	keyspace->seek.why = *err;
	end_seek(keyspace);
}

static void
ask_seek(struct keyspace *keyspace, bool copy)
{
	static const struct etcd_range_handler handler = { on_sought, on_seek_error };
	Etcd__RangeRequest request = ETCD__RANGE_REQUEST__INIT;
	size_t end_len;
	char *end = key_prefix_end(buf_str(&keyspace->seek_text), keyspace->seek_text.len, &end_len);

	request.key = bytes_of(&keyspace->seek_text);
	request.range_end = (ProtobufCBinaryData){ .data = (uint8_t *)end, .len = end_len };
	request.limit = 1;
	request.keys_only = true;
	request.serializable = keyspace->seek_copy = copy;
	keyspace->seek_call = etcd_range_start(keyspace->channel, &request, &handler, keyspace);
	free(end);
}

void
keyspace_seek(struct keyspace *keyspace, const char *text, size_t len)
{
	etcd_call_cancel(keyspace->seek_call);
	keyspace->seek_call = NULL;
	keyspace->seek = (struct keyspace_seek){ 0 };
	if (!keyspace->channel || !len) {
		end_seek(keyspace);
		return;
	}
	buf_reset(&keyspace->seek_text);
	buf_add(&keyspace->seek_text, text, len);
	ask_seek(keyspace, keyspace_reads_copy(keyspace));
}

bool
keyspace_seeking(const struct keyspace *keyspace)
{
	return keyspace->seek_call;
}

const struct keyspace_seek *
keyspace_seek_result(const struct keyspace *keyspace)
{
	return &keyspace->seek;
}

/* ---- what this console wrote itself */

static void
on_touched(void *context, const Etcd__RangeResponse *response)
{
	struct keyspace *keyspace = context;
	Etcd__Event event = ETCD__EVENT__INIT;
	Etcd__KeyValue gone = ETCD__KEY_VALUE__INIT;

	keyspace->touched_call = NULL;
	if (!keyspace->open || keyspace->watch || keyspace->lister)
		return;
	gone.key = bytes_of(&keyspace->touched_key);
	gone.mod_revision = response->header->revision;
	event.kv = response->n_kvs ? response->kvs[0] : &gone;
	event.type = response->n_kvs ? ETCD__EVENT__TYPE__PUT : ETCD__EVENT__TYPE__DELETE;
	keyspace_apply(keyspace, &event);
	keyspace_note(keyspace, KEYSPACE_ROWS | KEYSPACE_STATE);
}

/* What cannot be read now is seen at the next listing. */
static void
on_touched_error(void *context, const struct err *err)
{
	(void)err;
	((struct keyspace *)context)->touched_call = NULL;
}

void
keyspace_touched(struct keyspace *keyspace, const char *key, size_t len)
{
	static const struct etcd_range_handler handler = { on_touched, on_touched_error };
	Etcd__RangeRequest request = ETCD__RANGE_REQUEST__INIT;
	const struct key_folder *folder = keyspace->open;

	if (!folder || !folder->listed || keyspace->watch || keyspace->lister || !keyspace->channel)
		return;
	if (!key) {
		keyspace_list_cheap(keyspace);
		return;
	}
	if (len < folder->seen.prefix_len || memcmp(key, folder->prefix, folder->seen.prefix_len) != 0)
		return;
	etcd_call_cancel(keyspace->touched_call);
	buf_reset(&keyspace->touched_key);
	buf_add(&keyspace->touched_key, key, len);
	request.key = bytes_of(&keyspace->touched_key);
	keyspace->touched_call = etcd_range_start(keyspace->channel, &request, &handler, keyspace);
}

/* ---- below the folders on the screen, one after the other */

static const struct keyspace_row *
biggest_of(const struct key_rows *rows)
{
	const struct keyspace_row *biggest = NULL;

	for (size_t i = 0; i < rows->len; i++)
		if (rows->items[i].folder && (!biggest || rows->items[i].count > biggest->count))
			biggest = &rows->items[i];
	return biggest;
}

/* An empty name says: looked, and found none. */
static void
on_below(void *context, const struct err *err)
{
	struct keyspace *keyspace = context;
	struct key_listing *found = key_lister_found(keyspace->below);
	const struct keyspace_row *biggest = !err && found->complete ? biggest_of(&found->rows) : NULL;
	bool here;
	size_t at = key_rows_find(&keyspace->open->rows, buf_str(&keyspace->below_key),
	    keyspace->below_key.len, &here);

	if (here && biggest)
		key_rows_set_biggest(&keyspace->open->rows.items[at], biggest->key + biggest->name_at,
		    biggest->key_len - biggest->name_at, biggest->count);
	else if (here)
		key_rows_set_biggest(&keyspace->open->rows.items[at], "", 0, 0);
	key_lister_free(keyspace->below);
	keyspace->below = NULL;
	keyspace_note(keyspace, KEYSPACE_ROWS);
	keyspace_look_on(keyspace);
}

static void
look_into(struct keyspace *keyspace, const struct keyspace_row *row)
{
	static const struct key_lister_handler handler = { NULL, on_below };
	const struct key_lister_spec spec = { .channel = keyspace->channel, .prefix = row->key,
		.prefix_len = row->key_len, .separator = keyspace->separator,
		.serializable = keyspace->open->seen.stale, .calls_max = BELOW_CALLS_MAX };

	buf_reset(&keyspace->below_key);
	buf_add(&keyspace->below_key, row->key, row->key_len);
	keyspace->below = key_lister_start(&spec, &handler, keyspace);
}

void
keyspace_look_on(struct keyspace *keyspace)
{
	struct key_folder *folder = keyspace->open;

	if (!folder || !folder->listed || folder->seen.whole || keyspace->lister || keyspace->below ||
	    !keyspace->channel || !keyspace->visible)
		return;
	for (size_t i = 0; i < keyspace->below_count; i++) {
		size_t at = keyspace->below_first + i;

		if (at < folder->rows.len && folder->rows.items[at].folder &&
		    !folder->rows.items[at].biggest && folder->rows.items[at].count > 1 &&
		    folder->rows.items[at].count <= BELOW_KEYS_MAX) {
			look_into(keyspace, &folder->rows.items[at]);
			return;
		}
	}
}

void
keyspace_look_below(struct keyspace *keyspace, size_t first, size_t count)
{
	keyspace->below_first = first;
	keyspace->below_count = count;
	keyspace_look_on(keyspace);
}

void
keyspace_stop_below(struct keyspace *keyspace)
{
	key_lister_free(keyspace->below);
	keyspace->below = NULL;
}

void
keyspace_ask_again(struct keyspace *keyspace)
{
	if (keyspace->value.state == VALUE_LOADING || keyspace->value.state == VALUE_FAILED ||
	    (!keyspace->no_quorum && keyspace->value_copy))
		keyspace_reload_value(keyspace);
	if (keyspace->seek_call) {
		etcd_call_cancel(keyspace->seek_call);
		ask_seek(keyspace, keyspace->no_quorum);
	}
}

void
keyspace_stop_asks(struct keyspace *keyspace)
{
	etcd_call_cancel(keyspace->value_call);
	etcd_call_cancel(keyspace->seek_call);
	etcd_call_cancel(keyspace->touched_call);
	keyspace->value_call = keyspace->seek_call = keyspace->touched_call = NULL;
	keyspace_stop_below(keyspace);
}
