/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "model/keyspace_state.h"

/* Above these a watch costs more than it shows. */
enum { EVENTS_MAX = 2000, BYTES_MAX = 4 << 20, SECOND_MS = 1000, MISSED_MAX_S = 10 };
/* Deletions before the rows they left are looked through, without waiting for the timer. */
enum { DELETED_HELD = 250 };

/* ---- how fast it changes */

static void on_second(void *context);

static void
roll(struct keyspace *keyspace, int64_t now)
{
	int64_t passed = now - keyspace->rate_ms;

	if (passed < SECOND_MS)
		return;
	keyspace->rate_before = passed < 2 * SECOND_MS ? keyspace->rate_events : 0;
	keyspace->rate_events = 0;
	keyspace->rate_bytes = 0;
	keyspace->rate_ms = now;
	keyspace->missed_s = 0;
}

/* What was missed comes in one burst: that is no rate to give a watch up for. */
static void
expect_burst(struct keyspace *keyspace)
{
	int64_t now = clock_ms(), missed = (now - keyspace->heard_ms) / SECOND_MS + 1;

	keyspace->rate_events = 0;
	keyspace->rate_bytes = 0;
	keyspace->rate_ms = now;
	keyspace->missed_s = missed < MISSED_MAX_S ? missed : MISSED_MAX_S;
}

static void
show_rate(struct keyspace *keyspace)
{
	int rate = (keyspace->rate_before + keyspace->rate_events + 1) / 2;

	if (rate != keyspace->open->seen.events_per_second)
		keyspace_note(keyspace, KEYSPACE_STATE);
	keyspace->open->seen.events_per_second = rate;
	if (rate && !keyspace->rate_timer)
		keyspace->rate_timer = loop_timer_add(keyspace->loop, SECOND_MS, on_second, keyspace);
}

static void
on_second(void *context)
{
	struct keyspace *keyspace = context;

	keyspace->rate_timer = NULL;
	roll(keyspace, clock_ms());
	show_rate(keyspace);
}

static bool
too_fast(struct keyspace *keyspace, Etcd__Event *const *events, size_t count)
{
	int64_t seconds = 1 + keyspace->missed_s;

	keyspace->heard_ms = clock_ms();
	roll(keyspace, keyspace->heard_ms);
	keyspace->rate_events += (int)count;
	for (size_t i = 0; i < count; i++)
		keyspace->rate_bytes += events[i]->kv->value.len + events[i]->kv->key.len;
	return keyspace->rate_events > EVENTS_MAX * seconds ||
	    keyspace->rate_bytes > (size_t)(BYTES_MAX * seconds);
}

/* ---- one event */

static void
mark(struct keyspace_row *row, bool fresh)
{
	row->mark = fresh || row->mark == KEY_ADDED ? KEY_ADDED : KEY_CHANGED;
	row->seen_ms = clock_ms();
}

static void
put_leaf(struct key_folder *folder, const Etcd__KeyValue *kv)
{
	bool found;
	size_t at = key_rows_find(&folder->rows, (char *)kv->key.data, kv->key.len, &found);
	struct keyspace_row *row = found ? &folder->rows.items[at] : NULL;
	bool fresh = !row || row->mark == KEY_DELETED;

	if (!row)
		row = key_rows_put(&folder->rows, (char *)kv->key.data, kv->key.len,
		    folder->seen.prefix_len);
	if (fresh) {
		folder->seen.leaves++;
		folder->seen.keys++;
		row->size = 0;
	}
	if (folder->seen.bytes >= 0)
		folder->seen.bytes += (int64_t)kv->value.len - (row->size > 0 ? row->size : 0);
	mark(row, fresh);
	row->size = (int64_t)kv->value.len;
	row->version = kv->version;
	row->create_revision = kv->create_revision;
	row->mod_revision = kv->mod_revision;
	row->lease = kv->lease;
}

static void
delete_leaf(struct key_folder *folder, const Etcd__KeyValue *kv)
{
	bool found;
	size_t at = key_rows_find(&folder->rows, (char *)kv->key.data, kv->key.len, &found);
	struct keyspace_row *row = found ? &folder->rows.items[at] : NULL;

	if (!row || row->mark == KEY_DELETED)
		return;
	folder->seen.leaves--;
	folder->seen.keys--;
	if (folder->seen.bytes >= 0)
		folder->seen.bytes -= row->size > 0 ? row->size : 0;
	row->mark = KEY_DELETED;
	row->mod_revision = kv->mod_revision;
	row->seen_ms = clock_ms();
}

static void
change_folder(struct key_folder *folder, const Etcd__Event *event, size_t len)
{
	int step = event->type == ETCD__EVENT__TYPE__DELETE ? -1 : event->kv->version == 1;
	bool found;
	size_t at = key_rows_find(&folder->rows, (char *)event->kv->key.data, len, &found);
	struct keyspace_row *row;

	if (!found && step <= 0)
		return;
	row = found ? &folder->rows.items[at]
	    : key_rows_put(&folder->rows, (char *)event->kv->key.data, len, folder->seen.prefix_len);
	if (!found || row->mark == KEY_DELETED) {
		row->folder = true;
		row->count = 0;
		folder->seen.folders++;
		mark(row, true);
	}
	row->count += step;
	folder->seen.keys += step;
	row->seen_ms = clock_ms();
	if (row->count > 0) {
		mark(row, false);
		return;
	}
	row->mark = KEY_DELETED;
	folder->seen.folders--;
}

void
keyspace_apply(struct keyspace *keyspace, const Etcd__Event *event)
{
	struct key_folder *folder = keyspace->open;
	const ProtobufCBinaryData *key = &event->kv->key;
	size_t len = key_folder_len((char *)key->data, key->len, folder->seen.prefix_len,
	    keyspace->separator);

	if (key->len < folder->seen.prefix_len ||
	    memcmp(key->data, folder->prefix, folder->seen.prefix_len) != 0)
		return;
	if (event->type == ETCD__EVENT__TYPE__DELETE) {
		keyspace->deleted++;
		keyspace_sweep_soon(keyspace);
	}
	if (len)
		change_folder(folder, event, len);
	else if (event->type == ETCD__EVENT__TYPE__DELETE)
		delete_leaf(folder, event->kv);
	else
		put_leaf(folder, event->kv);
	if (keyspace->watch)
		folder->seen.revision = event->kv->mod_revision;
	keyspace_value_event(keyspace, event);
}

/* ---- the watch */

/* What is watched is held whole: a folder that grows past what a listing would hold is not. */
static bool
grown(struct keyspace *keyspace)
{
	const struct keyspace_folder *seen = &keyspace->open->seen;

	return seen->keys > KEY_WHOLE_KEYS || seen->bytes > KEY_WHOLE_BYTES ||
	    keyspace->open->rows.memory > KEY_WHOLE_BYTES;
}

static void
stop_grown(struct keyspace *keyspace)
{
	struct keyspace_folder *seen = &keyspace->open->seen;
	char keys[32], bytes[32];
	struct err why;

	err_set(&why, ERR_TOO_BIG, "too large for live: %s keys, %s; these are counts, r recounts",
	    text_grouped(seen->keys, keys, sizeof keys),
	    text_size(seen->bytes > 0 ? seen->bytes : 0, bytes, sizeof bytes));
	keyspace_unwatch(keyspace);
	seen->whole = false;
	seen->counted_ms = clock_ms();
	keyspace_fail(keyspace, KEYSPACE_COUNTED, &why);
}

static void
give_up(struct keyspace *keyspace)
{
	char size[32];
	struct err why;

	if (keyspace->rate_events > EVENTS_MAX)
		err_set(&why, ERR_TOO_BIG, "live off: more than %d events/s", EVENTS_MAX);
	else
		err_set(&why, ERR_TOO_BIG, "live off: more than %s/s",
		    text_size(BYTES_MAX, size, sizeof size));
	err_cure(&why, "L resumes.");
	keyspace->live_off = true;
	keyspace_list(keyspace, true);
	keyspace->open->seen.why = why;
}

static void
on_events(void *context, Etcd__Event *const *events, size_t count,
    const Etcd__ResponseHeader *header)
{
	struct keyspace *keyspace = context;

	(void)header;
	if (too_fast(keyspace, events, count)) {
		give_up(keyspace);
		return;
	}
	for (size_t i = 0; i < count; i++)
		keyspace_apply(keyspace, events[i]);
	show_rate(keyspace);
	keyspace_note(keyspace, KEYSPACE_ROWS | KEYSPACE_STATE);
	if (keyspace->deleted > DELETED_HELD)
		keyspace_sweep(keyspace);
	if (grown(keyspace))
		stop_grown(keyspace);
}

/* Until now the rows were right. */
static void
no_more_live(struct keyspace *keyspace)
{
	if (keyspace->open->seen.state == KEYSPACE_LIVE)
		keyspace->open->seen.counted_ms = clock_ms();
}

static void
on_state(void *context, enum etcd_watch_state state, const struct err *why)
{
	struct keyspace *keyspace = context;
	struct err none = { 0 };

	if (state == ETCD_WATCH_LIVE && keyspace->open->seen.state == KEYSPACE_RECONNECTING)
		expect_burst(keyspace);
	if (state == ETCD_WATCH_LIVE) {
		keyspace_fail(keyspace, KEYSPACE_LIVE, &none);
	} else {
		no_more_live(keyspace);
		keyspace_fail(keyspace, KEYSPACE_RECONNECTING, why);
	}
}

static void
on_compacted(void *context, int64_t revision)
{
	struct keyspace *keyspace = context;

	(void)revision;
	keyspace->watch = NULL;
	keyspace_list(keyspace, true);
}

static void
on_error(void *context, const struct err *err)
{
	struct keyspace *keyspace = context;

	keyspace->watch = NULL;
	keyspace_fail(keyspace, KEYSPACE_LIVE_OFF, err);
}

void
keyspace_watch(struct keyspace *keyspace)
{
	static const struct etcd_watch_handler handler = { .events = on_events, .state = on_state,
		.compacted = on_compacted, .error = on_error };
	struct key_folder *folder = keyspace->open;
	struct etcd_watch_spec spec = { .start_revision = folder->seen.revision + 1 };
	size_t end_len;
	char *end = key_prefix_end(folder->prefix, folder->seen.prefix_len, &end_len);

	spec.key = folder->seen.prefix_len ? folder->prefix : "\0";
	spec.key_len = folder->seen.prefix_len ? folder->seen.prefix_len : 1;
	spec.range_end = end;
	spec.range_end_len = end_len;
	keyspace->rate_ms = keyspace->heard_ms = clock_ms();
	keyspace->missed_s = 0;
	keyspace->rate_events = keyspace->rate_before = 0;
	keyspace->rate_bytes = 0;
	keyspace->watch = etcd_watch_start(keyspace->channel, &spec, &handler, keyspace);
	free(end);
}

void
keyspace_unwatch(struct keyspace *keyspace)
{
	etcd_watch_cancel(keyspace->watch);
	keyspace->watch = NULL;
	loop_timer_cancel(keyspace->rate_timer);
	keyspace->rate_timer = NULL;
	if (keyspace->open) {
		no_more_live(keyspace);
		keyspace->open->seen.events_per_second = 0;
	}
}
