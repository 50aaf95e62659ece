/* SPDX-License-Identifier: Apache-2.0 */
#include "etcd/key_lister.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "etcd/key_lister_state.h"

enum {
	FIRST_BYTE = 0x21, LAST_BYTE = 0x7e,
	PIECES = LAST_BYTE - FIRST_BYTE + 3,	/* below, each printable byte, above */
	ROWS_BYTES = 16 << 20,
	PAGE_MIN = 10, PAGE_MAX = 1000,
	PAGE_BYTES = 512 << 10,
};

static ProtobufCBinaryData
bytes_of(const struct buf *buf)
{
	return (ProtobufCBinaryData){ .data = (uint8_t *)(uintptr_t)buf_str(buf), .len = buf->len };
}

static void
set(struct buf *buf, const void *data, size_t len)
{
	buf_reset(buf);
	buf_add(buf, data, len);
}

static void
set_prefix_end(struct buf *buf, const char *prefix, size_t len)
{
	size_t end_len;
	char *end = key_prefix_end(prefix, len, &end_len);

	set(buf, end, end_len);
	free(end);
}

/* Where piece i begins: the prefix itself (or the smallest key), then the prefix and one byte. */
static void
piece_start(const struct key_lister *lister, size_t piece, struct buf *out)
{
	set(out, lister->prefix, lister->spec.prefix_len);
	if (piece || !lister->spec.prefix_len)
		buf_add_byte(out, piece ? (int)(FIRST_BYTE + piece - 1) : 0);
}

static void
piece_end(const struct key_lister *lister, size_t piece, struct buf *out)
{
	if (piece + 1 < PIECES)
		piece_start(lister, piece + 1, out);
	else
		set_prefix_end(out, lister->prefix, lister->spec.prefix_len);
}

static void ask_next(struct key_lister *lister);

void
key_lister_note_call(struct key_lister *lister)
{
	lister->call = NULL;
	lister->found.calls++;
	lister->found.ms += clock_ms() - lister->asked_ms;
}

void
key_lister_end(struct key_lister *lister, const struct err *err)
{
	lister->handler->done(lister->context, err);
}

void
key_lister_failed(void *context, const struct err *err)
{
	struct key_lister *lister = context;

	key_lister_note_call(lister);
	key_lister_end(lister, err);
}

/* ---- rows */

static struct keyspace_row *
last_row(struct key_lister *lister)
{
	return lister->found.rows.len ? &lister->found.rows.items[lister->found.rows.len - 1] : NULL;
}

static bool
lies_in(const struct keyspace_row *row, const ProtobufCBinaryData *key)
{
	return row && row->folder && key->len >= row->key_len &&
	    memcmp(row->key, key->data, row->key_len) == 0;
}

static void
close_below(struct key_lister *lister)
{
	struct below *below = &lister->below;

	if (below->count > below->biggest_count) {
		set(&below->biggest, buf_str(&below->name), below->name.len);
		below->biggest_count = below->count;
	}
	below->count = 0;
}

/* The folder's row is whole: its largest child folder is known. */
static void
close_folder(struct key_lister *lister)
{
	struct keyspace_row *row = last_row(lister);

	close_below(lister);
	if (row && row->folder && lister->below.biggest_count)
		key_rows_set_biggest(row, buf_str(&lister->below.biggest), lister->below.biggest.len,
		    lister->below.biggest_count);
	lister->below.biggest_count = 0;
}

static void
count_below(struct key_lister *lister, const ProtobufCBinaryData *key, size_t folder_len)
{
	struct below *below = &lister->below;
	const char *data = (const char *)key->data;
	size_t len = key_folder_len(data, key->len, folder_len, lister->spec.separator);

	if (!len)
		return;
	if (!below->count || below->name.len != len - folder_len ||
	    memcmp(buf_str(&below->name), data + folder_len, below->name.len) != 0) {
		close_below(lister);
		set(&below->name, data + folder_len, len - folder_len);
	}
	below->count++;
}

void
key_lister_add_leaf(struct key_lister *lister, const Etcd__KeyValue *kv)
{
	struct keyspace_row *row = key_rows_put(&lister->found.rows, (char *)kv->key.data, kv->key.len,
	    lister->spec.prefix_len);

	row->version = kv->version;
	row->create_revision = kv->create_revision;
	row->mod_revision = kv->mod_revision;
	row->lease = kv->lease;
	row->size = lister->keys_only ? -1 : (int64_t)kv->value.len;
	if (!lister->keys_only)
		lister->found.bytes += (int64_t)kv->value.len;
}

static struct keyspace_row *
add_folder(struct key_lister *lister, const char *key, size_t len)
{
	struct keyspace_row *row = key_rows_put(&lister->found.rows, key, len, lister->spec.prefix_len);

	row->folder = true;
	return row;
}

size_t
key_lister_folder_of(const struct key_lister *lister, const char *key, size_t len)
{
	return key_folder_len(key, len, lister->spec.prefix_len, lister->spec.separator);
}

/* ---- small folders: every key is read */

static void
read_key(struct key_lister *lister, const Etcd__KeyValue *kv)
{
	struct keyspace_row *row = last_row(lister);
	size_t len;

	if (!lies_in(row, &kv->key)) {
		close_folder(lister);
		len = key_lister_folder_of(lister, (char *)kv->key.data, kv->key.len);
		if (!len) {
			key_lister_add_leaf(lister, kv);
			return;
		}
		row = add_folder(lister, (char *)kv->key.data, len);
		row->count = 0;
	}
	row->count++;
	count_below(lister, &kv->key, row->key_len);
}

static void
size_page(struct key_lister *lister, size_t bytes)
{
	lister->bytes_read += bytes;
	if (lister->bytes_read > KEY_WHOLE_BYTES)
		lister->keys_only = lister->too_big = true;
	if (lister->keys_only || bytes < PAGE_BYTES / 2)
		lister->limit *= 2;
	else if (bytes > PAGE_BYTES)
		lister->limit /= 2;
	if (lister->limit > PAGE_MAX)
		lister->limit = PAGE_MAX;
	if (lister->limit < PAGE_MIN)
		lister->limit = PAGE_MIN;
}

bool
key_lister_too_long(const struct key_lister *lister)
{
	return !lister->spec.rows_max && lister->found.rows.memory > ROWS_BYTES;
}

/* False where it was the last page. */
static bool
read_page(struct key_lister *lister, const Etcd__RangeResponse *page)
{
	size_t bytes = 0;

	for (size_t i = 0; i < page->n_kvs; i++) {
		read_key(lister, page->kvs[i]);
		bytes += page->kvs[i]->value.len + page->kvs[i]->key.len;
	}
	size_page(lister, bytes);
	if (page->n_kvs && page->more) {
		const ProtobufCBinaryData *last = &page->kvs[page->n_kvs - 1]->key;

		set(&lister->cursor, last->data, last->len);
		buf_add_byte(&lister->cursor, 0);
		if (!key_lister_too_long(lister))
			return true;
		close_folder(lister);
		lister->found.bytes = -1;
		return false;
	}
	close_folder(lister);
	lister->found.whole = !lister->too_big;
	if (lister->too_big)
		lister->found.bytes = -1;
	lister->found.complete = true;
	return false;
}

void
key_lister_disbelieve(struct key_lister *lister)
{
	struct err err;

	err_set(&err, ERR_SERVER, "the server answered with keys outside of what was asked");
	key_lister_end(lister, &err);
}

static bool
is_ours(const struct key_lister *lister, const Etcd__RangeResponse *page)
{
	for (size_t i = 0; i < page->n_kvs; i++)
		if (page->kvs[i]->key.len < lister->spec.prefix_len ||
		    memcmp(page->kvs[i]->key.data, lister->prefix, lister->spec.prefix_len) != 0)
			return false;
	return true;
}

static void
on_page(void *context, const Etcd__RangeResponse *page)
{
	struct key_lister *lister = context;

	key_lister_note_call(lister);
	if (!is_ours(lister, page)) {
		key_lister_disbelieve(lister);
		return;
	}
	if (!read_page(lister, page)) {
		key_lister_end(lister, NULL);
		return;
	}
	ask_next(lister);
	if (lister->handler->grew)
		lister->handler->grew(lister->context);
}

static void
ask_next(struct key_lister *lister)
{
	static const struct etcd_range_handler handler = { on_page, key_lister_failed };
	Etcd__RangeRequest request = ETCD__RANGE_REQUEST__INIT;

	request.key = bytes_of(&lister->cursor);
	request.range_end = bytes_of(&lister->end);
	request.limit = lister->limit;
	request.revision = lister->found.revision;
	request.keys_only = lister->keys_only;
	request.serializable = lister->spec.serializable;
	lister->asked_ms = clock_ms();
	lister->call = etcd_range_start(lister->channel, &request, &handler, lister);
}

/* ---- the first look */

/* The pieces that hold keys, the first on top. */
static bool
take_pieces(struct key_lister *lister, const Etcd__TxnResponse *response)
{
	struct buf end = BUF_INIT(KEY_MAX);
	bool good = true;

	for (size_t i = PIECES; i-- > 0 && good;) {
		const Etcd__RangeResponse *range = response->responses[i]->response_range;
		struct key_piece *piece;

		if (!range->count || !range->n_kvs)
			continue;
		good = is_ours(lister, range);
		piece_end(lister, i, &end);
		piece = key_piece_new(range->kvs[0], buf_str(&end), end.len);
		piece->count = range->count;
		piece->common = lister->spec.prefix_len + (i > 0 && i + 1 < PIECES);
		if (piece->common > piece->first_len)
			piece->common = piece->first_len;
		GROW(lister->pieces, lister->piece_count, lister->piece_cap);
		lister->pieces[lister->piece_count++] = piece;
	}
	buf_release(&end);
	return good;
}

static bool
take_counts(struct key_lister *lister, const Etcd__TxnResponse *response)
{
	if (response->n_responses != PIECES)
		return false;
	lister->found.revision = response->header ? response->header->revision : 0;
	lister->found.keys = 0;
	for (size_t i = 0; i < PIECES; i++) {
		const Etcd__ResponseOp *op = response->responses[i];

		if (op->response_case != ETCD__RESPONSE_OP__RESPONSE_RESPONSE_RANGE)
			return false;
		lister->found.keys += op->response_range->count;
	}
	return true;
}

static void
on_counted(void *context, const Etcd__TxnResponse *response)
{
	struct key_lister *lister = context;

	key_lister_note_call(lister);
	if (!take_counts(lister, response)) {
		key_lister_disbelieve(lister);
		return;
	}
	lister->keys_only = true;
	if (lister->spec.whole && lister->found.keys <= KEY_WHOLE_KEYS) {
		lister->keys_only = false;
		lister->limit = PAGE_MIN;
		piece_start(lister, 0, &lister->cursor);
		piece_end(lister, PIECES - 1, &lister->end);
		ask_next(lister);
		return;
	}
	lister->found.bytes = -1;
	if (take_pieces(lister, response))
		key_lister_next_pieces(lister);
	else
		key_lister_disbelieve(lister);
}

static void
ask_counts(struct key_lister *lister)
{
	static const struct etcd_txn_handler handler = { on_counted, key_lister_failed };
	const struct etcd_call_options options = { .only_reads = true };
	Etcd__TxnRequest request = ETCD__TXN_REQUEST__INIT;
	Etcd__RangeRequest ranges[PIECES];
	Etcd__RequestOp ops[PIECES], *pointers[PIECES];
	struct buf bounds[PIECES + 1];

	for (size_t i = 0; i <= PIECES; i++) {
		buf_init(&bounds[i], KEY_MAX);
		if (i < PIECES)
			piece_start(lister, i, &bounds[i]);
		else
			piece_end(lister, PIECES - 1, &bounds[i]);
	}
	for (size_t i = 0; i < PIECES; i++) {
		etcd__range_request__init(&ranges[i]);
		etcd__request_op__init(&ops[i]);
		ranges[i].key = bytes_of(&bounds[i]);
		ranges[i].range_end = bytes_of(&bounds[i + 1]);
		ranges[i].limit = 1;
		ranges[i].keys_only = true;
		ranges[i].serializable = lister->spec.serializable;
		ops[i].request_case = ETCD__REQUEST_OP__REQUEST_REQUEST_RANGE;
		ops[i].request_range = &ranges[i];
		pointers[i] = &ops[i];
	}
	request.n_success = PIECES;
	request.success = pointers;
	lister->asked_ms = clock_ms();
	lister->call = etcd_txn_start_with(lister->channel, &request, &options, &handler, lister);
	for (size_t i = 0; i <= PIECES; i++)
		buf_release(&bounds[i]);
}

struct key_lister *
key_lister_start(const struct key_lister_spec *spec, const struct key_lister_handler *handler,
    void *context)
{
	struct key_lister *lister = xcalloc(1, sizeof *lister);

	lister->channel = spec->channel;
	lister->spec = *spec;
	lister->prefix = xmalloc(spec->prefix_len + 1);
	memcpy(lister->prefix, spec->prefix, spec->prefix_len);
	lister->handler = handler;
	lister->context = context;
	lister->found.keys = -1;
	buf_init(&lister->cursor, KEY_MAX);
	buf_init(&lister->end, KEY_MAX);
	buf_init(&lister->below.name, KEY_MAX);
	buf_init(&lister->below.biggest, KEY_MAX);
	ask_counts(lister);
	return lister;
}

void
key_lister_free(struct key_lister *lister)
{
	if (!lister)
		return;
	etcd_call_cancel(lister->call);
	key_rows_release(&lister->found.rows);
	key_lister_drop_pieces(lister);
	buf_release(&lister->cursor);
	buf_release(&lister->end);
	buf_release(&lister->below.name);
	buf_release(&lister->below.biggest);
	free(lister->prefix);
	free(lister);
}

struct key_listing *
key_lister_found(struct key_lister *lister)
{
	return &lister->found;
}
