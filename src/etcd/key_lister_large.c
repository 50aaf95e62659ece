/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "etcd/key_lister_state.h"

/* A level with too many keys to read: piece by piece, each Txn as many as it holds. Of a piece the
 * first key is known, so its first child; what follows that child is asked for, at once where it is
 * a small range, else in ranges that split it further (key_split.h). */

enum {
	ROWS_MAX = 10000,
	SMALL_KEYS = 5000,	/* a range that costs nothing to walk */
	PAGE_KEYS = 500,
	OPS_MAX = 120,		/* of etcd's 128 in one Txn */
};

/* ---- what is asked */

static bool
is_direct(const struct key_piece *piece)
{
	return piece->count == 1;
}

static void
plan(const struct key_lister *lister, const struct key_piece *piece, struct piece_ask *ask)
{
	size_t len = key_lister_folder_of(lister, piece->first, piece->first_len);
	bool folder = len > 0;

	ask->page = false;
	ask->ranges.len = 0;
	if (is_direct(piece))
		return;
	key_split(piece, folder ? len : piece->first_len, folder, &ask->ranges);
	if (piece->count > SMALL_KEYS)
		return;
	/* One range for all of it: small enough. */
	for (size_t i = 1; i < ask->ranges.len; i++)
		free(ask->ranges.starts[i].data);
	if (ask->ranges.len > 1)
		ask->ranges.len = 1;
	if (ask->ranges.len)
		ask->ranges.starts[0].common = piece->common;
	ask->page = !folder;
}

static struct key_piece *
front(const struct key_lister *lister, size_t index)
{
	return lister->pieces[lister->piece_count - 1 - index];
}

static void
forget_asked(struct key_lister *lister)
{
	for (size_t i = 0; i < lister->asked_count; i++)
		key_ranges_release(&lister->asked[i].ranges);
	lister->asked_count = 0;
}

/* As many pieces from the front as one Txn holds; returns how many ranges that makes. */
static size_t
plan_batch(struct key_lister *lister)
{
	size_t ops = 0;
	bool paged = false;

	forget_asked(lister);
	while (lister->asked_count < lister->piece_count) {
		struct piece_ask ask;

		plan(lister, front(lister, lister->asked_count), &ask);
		if (lister->asked_count && (ops + ask.ranges.len > OPS_MAX || (ask.page && paged))) {
			key_ranges_release(&ask.ranges);
			break;
		}
		GROW(lister->asked, lister->asked_count, lister->asked_cap);
		lister->asked[lister->asked_count++] = ask;
		ops += ask.ranges.len;
		paged = paged || ask.page;
	}
	return ops;
}

static ProtobufCBinaryData
lent(const char *data, size_t len)
{
	return (ProtobufCBinaryData){ .data = (uint8_t *)(uintptr_t)data, .len = len };
}

static void
fill_range(const struct key_lister *lister, const struct piece_ask *ask,
    const struct key_piece *piece, size_t index, Etcd__RangeRequest *range)
{
	const struct key_ranges *ranges = &ask->ranges;
	bool last = index + 1 == ranges->len;

	etcd__range_request__init(range);
	range->key = lent(ranges->starts[index].data, ranges->starts[index].len);
	range->range_end = last ? lent(piece->end, piece->end_len) :
	    lent(ranges->starts[index + 1].data, ranges->starts[index + 1].len);
	range->limit = ask->page ? PAGE_KEYS : 1;
	range->keys_only = true;
	range->revision = lister->found.revision;
	range->serializable = lister->spec.serializable;
}

static void on_pieces(void *context, const Etcd__TxnResponse *response);

static void
ask_batch(struct key_lister *lister, size_t count)
{
	static const struct etcd_txn_handler handler = { on_pieces, key_lister_failed };
	const struct etcd_call_options options = { .only_reads = true };
	Etcd__TxnRequest request = ETCD__TXN_REQUEST__INIT;
	Etcd__RangeRequest *ranges = xcalloc(count, sizeof *ranges);
	Etcd__RequestOp *ops = xcalloc(count, sizeof *ops), **pointers = xcalloc(count, sizeof *pointers);
	size_t n = 0;

	for (size_t i = 0; i < lister->asked_count; i++)
		for (size_t k = 0; k < lister->asked[i].ranges.len; k++, n++) {
			fill_range(lister, &lister->asked[i], front(lister, i), k, &ranges[n]);
			etcd__request_op__init(&ops[n]);
			ops[n].request_case = ETCD__REQUEST_OP__REQUEST_REQUEST_RANGE;
			ops[n].request_range = &ranges[n];
			pointers[n] = &ops[n];
		}
	request.n_success = n;
	request.success = pointers;
	lister->asked_ms = clock_ms();
	lister->call = etcd_txn_start_with(lister->channel, &request, &options, &handler, lister);
	free(ranges);
	free(ops);
	free(pointers);
}

/* ---- what comes back */

static void
push(struct key_lister *lister, struct key_piece *piece)
{
	GROW(lister->pieces, lister->piece_count, lister->piece_cap);
	lister->pieces[lister->piece_count++] = piece;
}

static void
add_first(struct key_lister *lister, const struct key_piece *piece, int64_t count)
{
	size_t len = key_lister_folder_of(lister, piece->first, piece->first_len);
	Etcd__KeyValue kv = ETCD__KEY_VALUE__INIT;
	struct keyspace_row *row;

	if (len) {
		row = key_rows_put(&lister->found.rows, piece->first, len, lister->spec.prefix_len);
		row->folder = true;
		row->count = count;
		return;
	}
	kv.key = lent(piece->first, piece->first_len);
	kv.version = piece->version;
	kv.create_revision = piece->create_revision;
	kv.mod_revision = piece->mod_revision;
	kv.lease = piece->lease;
	key_lister_add_leaf(lister, &kv);
}

/* What a range holds, as a piece of its own; NULL where it holds nothing. */
static struct key_piece *
piece_of(const struct key_ranges *ranges, size_t index, const struct key_piece *piece,
    const Etcd__RangeResponse *page)
{
	bool last = index + 1 == ranges->len;
	struct key_piece *found;

	if (!page->n_kvs)
		return NULL;
	found = last ? key_piece_new(page->kvs[0], piece->end, piece->end_len) :
	    key_piece_new(page->kvs[0], ranges->starts[index + 1].data, ranges->starts[index + 1].len);
	found->count = page->count > 0 ? page->count : 1;
	found->common = ranges->starts[index].common;
	return found;
}

/* Leaves one after the other, until a folder or the page's end: there a piece begins again. */
static struct key_piece *
take_leaves(struct key_lister *lister, struct key_piece *rest, const Etcd__RangeResponse *page)
{
	size_t i = 0, most = page->more ? page->n_kvs - 1 : page->n_kvs;
	struct key_piece *left;

	while (i < most && !key_lister_folder_of(lister, (char *)page->kvs[i]->key.data,
	    page->kvs[i]->key.len))
		key_lister_add_leaf(lister, page->kvs[i++]);
	if (i == page->n_kvs) {
		key_piece_free(rest);
		return NULL;
	}
	left = key_piece_new(page->kvs[i], rest->end, rest->end_len);
	left->count = rest->count > (int64_t)i ? rest->count - (int64_t)i : 1;
	left->common = rest->common;
	key_piece_free(rest);
	return left;
}

static bool
is_ours(const struct key_ranges *ranges, size_t index, const struct key_piece *piece,
    const Etcd__RangeResponse *page)
{
	const char *from = ranges->starts[index].data;
	size_t from_len = ranges->starts[index].len;

	for (size_t i = 0; i < page->n_kvs; i++) {
		const ProtobufCBinaryData *key = &page->kvs[i]->key;

		if (key_compare((char *)key->data, key->len, from, from_len) < (i > 0) ||
		    !key_before_end((char *)key->data, key->len, piece->end, piece->end_len))
			return false;
		from = (char *)key->data;
		from_len = key->len;
	}
	return true;
}

/* One piece's answers: its first child is a row, what follows are pieces, the last one first. */
static bool
take_piece(struct key_lister *lister, const struct key_piece *piece, const struct piece_ask *ask,
    Etcd__ResponseOp **ops, struct key_piece **found)
{
	int64_t after = 0;

	for (size_t i = 0; i < ask->ranges.len; i++) {
		const Etcd__RangeResponse *page = ops[i]->response_range;

		if (ops[i]->response_case != ETCD__RESPONSE_OP__RESPONSE_RESPONSE_RANGE ||
		    !is_ours(&ask->ranges, i, piece, page))
			return false;
		found[i] = piece_of(&ask->ranges, i, piece, page);
		after += found[i] ? found[i]->count : 0;
	}
	add_first(lister, piece, piece->count > after ? piece->count - after : 1);
	if (ask->page && ask->ranges.len && found[0])
		found[0] = take_leaves(lister, found[0], ops[0]->response_range);
	return true;
}

/* Replaces the pieces that were asked for by those found in them, in order. */
static bool
take_batch(struct key_lister *lister, const Etcd__TxnResponse *response)
{
	size_t count = lister->asked_count, op = 0, n = 0, ops = 0;
	struct key_piece **found;
	bool good = true;

	for (size_t i = 0; i < count; i++)
		ops += lister->asked[i].ranges.len;
	if (response ? response->n_responses != ops : ops)
		return false;
	found = xcalloc(ops + 1, sizeof *found);
	for (size_t i = 0; i < count && good; i++) {
		good = take_piece(lister, front(lister, i), &lister->asked[i],
		    response ? response->responses + op : NULL, found + op);
		op += lister->asked[i].ranges.len;
	}
	for (size_t i = 0; i < count; i++)
		key_piece_free(lister->pieces[--lister->piece_count]);
	for (n = ops; n-- > 0;)
		if (found[n])
			push(lister, found[n]);
	free(found);
	return good;
}

/* Rows that nothing can come in between any more: those before the first piece that is left. */
static size_t
settled(const struct key_lister *lister)
{
	bool found;

	return lister->piece_count ? key_rows_find(&lister->found.rows, front(lister, 0)->first,
	    front(lister, 0)->first_len, &found) : lister->found.rows.len;
}

static bool
given_up(const struct key_lister *lister)
{
	size_t most = lister->spec.rows_max ? lister->spec.rows_max : ROWS_MAX;

	return settled(lister) >= most || key_lister_too_long(lister) ||
	    (lister->spec.calls_max && lister->found.calls >= lister->spec.calls_max);
}

static void
give_up(struct key_lister *lister)
{
	size_t good = settled(lister);

	while (lister->found.rows.len > good)
		key_rows_remove(&lister->found.rows, lister->found.rows.len - 1);
	key_lister_end(lister, NULL);
}

static void
on_pieces(void *context, const Etcd__TxnResponse *response)
{
	struct key_lister *lister = context;

	key_lister_note_call(lister);
	if (!take_batch(lister, response)) {
		key_lister_disbelieve(lister);
		return;
	}
	key_lister_next_pieces(lister);
}

void
key_lister_next_pieces(struct key_lister *lister)
{
	while (lister->piece_count && !given_up(lister)) {
		size_t ops = plan_batch(lister);

		if (ops) {
			ask_batch(lister, ops);
			if (lister->handler->grew)
				lister->handler->grew(lister->context);
			return;
		}
		take_batch(lister, NULL); /* keys of their own: nothing to ask */
	}
	lister->found.complete = !lister->piece_count;
	if (lister->found.complete)
		key_lister_end(lister, NULL);
	else
		give_up(lister);
}

void
key_lister_drop_pieces(struct key_lister *lister)
{
	forget_asked(lister);
	free(lister->asked);
	while (lister->piece_count)
		key_piece_free(lister->pieces[--lister->piece_count]);
	free(lister->pieces);
}
