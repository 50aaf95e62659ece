/* SPDX-License-Identifier: Apache-2.0 */
#include "model/keyspace.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "model/keyspace_state.h"

enum {
	MEMORY_MAX = 64 << 20,
	AGAIN_MS = 2000,	/* before a listing that failed is tried again */
	STALE_AGAIN_MS = 5000,	/* before a copy without quorum is asked for afresh */
	SWEEP_MS = 5000,
	DELETED_MS = 60000,	/* how long what was deleted is shown */
	DELETED_MAX = 500,
	FRESH_MS = 10000,	/* how long counts of a height are taken as they are */
	CHEAP_CALLS = 8, CHEAP_MS = 200,	/* a listing that may be repeated unasked */
	HIDDEN_MS = 60000,	/* before the watch of what nobody sees is dropped */
	TRIES_MAX = 3,
	KEY_MAX = 2 << 20, VALUE_MAX = 64 << 20,
};

/* ---- news, once a turn */

static void
report(void *context)
{
	struct keyspace *keyspace = context;
	unsigned mask = keyspace->pending;

	keyspace->report = NULL;
	keyspace->pending = 0;
	if (keyspace->changed)
		keyspace->changed(keyspace->context, mask);
}

void
keyspace_note(struct keyspace *keyspace, unsigned mask)
{
	keyspace->pending |= mask;
	if (!keyspace->report)
		keyspace->report = loop_soon(keyspace->loop, report, keyspace);
}

/* ---- the folders known */

static void
folder_free(struct key_folder *folder)
{
	key_rows_release(&folder->rows);
	free(folder->prefix);
	free(folder);
}

static struct key_folder *
folder_known(const struct keyspace *keyspace, const char *prefix, size_t len)
{
	for (size_t i = 0; i < keyspace->folder_count; i++) {
		struct key_folder *folder = keyspace->folders[i];

		if (folder->seen.prefix_len == len && memcmp(folder->prefix, prefix, len) == 0)
			return folder;
	}
	return NULL;
}

static struct key_folder *
folder_new(struct keyspace *keyspace, const char *prefix, size_t len)
{
	struct key_folder *folder = xcalloc(1, sizeof *folder);

	folder->prefix = xmalloc(len + 1);
	memcpy(folder->prefix, prefix, len);
	folder->prefix[len] = '\0';
	folder->seen = (struct keyspace_folder){ .prefix = folder->prefix, .prefix_len = len,
		.keys = -1, .bytes = -1 };
	GROW(keyspace->folders, keyspace->folder_count, keyspace->folder_cap);
	keyspace->folders[keyspace->folder_count++] = folder;
	return folder;
}

/* The oldest folders go first; the open one never. */
static void
keep_memory(struct keyspace *keyspace)
{
	for (;;) {
		size_t memory = 0, oldest = keyspace->folder_count;

		for (size_t i = 0; i < keyspace->folder_count; i++) {
			struct key_folder *folder = keyspace->folders[i];

			memory += folder->rows.memory + sizeof *folder;
			if (folder != keyspace->open && (oldest == keyspace->folder_count ||
			    folder->used < keyspace->folders[oldest]->used))
				oldest = i;
		}
		if (memory <= MEMORY_MAX || oldest == keyspace->folder_count)
			return;
		folder_free(keyspace->folders[oldest]);
		keyspace->folders[oldest] = keyspace->folders[--keyspace->folder_count];
	}
}

static void
on_sweep(void *context)
{
	struct keyspace *keyspace = context;

	keyspace->sweep = NULL;
	keyspace_sweep(keyspace);
}

void
keyspace_sweep_soon(struct keyspace *keyspace)
{
	if (!keyspace->sweep)
		keyspace->sweep = loop_timer_add(keyspace->loop, SWEEP_MS, on_sweep, keyspace);
}

void
keyspace_sweep(struct keyspace *keyspace)
{
	struct key_rows *rows = &keyspace->open->rows;
	size_t before = rows->len;

	keyspace->deleted = 0;
	if (key_rows_drop_deleted(rows, clock_ms() - DELETED_MS, DELETED_MAX))
		keyspace_sweep_soon(keyspace);
	if (rows->len != before)
		keyspace_note(keyspace, KEYSPACE_ROWS);
	keep_memory(keyspace);
}

/* ---- listing */

static void
set_state(struct keyspace *keyspace, enum keyspace_state state)
{
	keyspace->open->seen.state = state;
	keyspace_note(keyspace, KEYSPACE_STATE);
}

void
keyspace_fail(struct keyspace *keyspace, enum keyspace_state state, const struct err *err)
{
	keyspace->open->seen.why = *err;
	set_state(keyspace, state);
}

static void
count_rows(struct key_folder *folder)
{
	folder->seen.folders = folder->seen.leaves = 0;
	for (size_t i = 0; i < folder->rows.len; i++) {
		if (folder->rows.items[i].mark == KEY_DELETED)
			continue;
		if (folder->rows.items[i].folder)
			folder->seen.folders++;
		else
			folder->seen.leaves++;
	}
}

static void
list_again(void *context)
{
	struct keyspace *keyspace = context;

	keyspace->again = NULL;
	keyspace->copy = keyspace->no_quorum;
	if (keyspace->visible && keyspace->open)
		keyspace_list(keyspace, true);
}

static void
again_in(struct keyspace *keyspace, int64_t ms)
{
	loop_timer_cancel(keyspace->again);
	keyspace->again = loop_timer_add(keyspace->loop, ms, list_again, keyspace);
}

static void
take_rows(struct keyspace *keyspace, struct key_listing *found)
{
	struct key_folder *folder = keyspace->open;
	struct key_rows old = folder->rows;

	folder->rows = found->rows;
	found->rows = (struct key_rows){ 0 };
	if (keyspace->merge && folder->listed)
		key_rows_merge(&folder->rows, &old, clock_ms());
	key_rows_release(&old);
	folder->listed = true;
	count_rows(folder);
	keyspace_note(keyspace, KEYSPACE_ROWS | KEYSPACE_STATE);
}

static void
take_facts(struct key_folder *folder, const struct key_listing *found)
{
	folder->seen.complete = found->complete;
	folder->seen.whole = found->whole;
	folder->seen.revision = found->revision;
	folder->seen.keys = found->keys;
	folder->seen.bytes = found->bytes;
	folder->seen.counted_ms = clock_ms();
	folder->seen.opened_calls = found->calls;
	folder->seen.opened_ms = found->ms;
}

static void
listed_well(struct keyspace *keyspace)
{
	struct key_folder *folder = keyspace->open;
	struct key_listing *found = key_lister_found(keyspace->lister);

	take_facts(folder, found);
	folder->seen.stale = keyspace->copy;
	take_rows(keyspace, found);
	key_lister_free(keyspace->lister);
	keyspace->lister = NULL;
	keyspace->tries = 0;
	keyspace_sweep(keyspace);
	if (keyspace->live_off) {
		set_state(keyspace, KEYSPACE_LIVE_OFF);
	} else if (folder->seen.stale) {
		if (keyspace->no_quorum)
			err_clear(&folder->seen.why);
		else
			again_in(keyspace, STALE_AGAIN_MS);
		set_state(keyspace, KEYSPACE_COUNTED);
	} else if (folder->seen.whole) {
		err_clear(&folder->seen.why);
		keyspace_watch(keyspace);
	} else {
		err_clear(&folder->seen.why);
		set_state(keyspace, KEYSPACE_COUNTED);
	}
	keyspace_look_on(keyspace);
}

bool
keyspace_lacks_quorum(const struct err *err)
{
	return err->code == ERR_TIMEOUT || etcd_error_code(err) == 4 || strstr(err->text, "no leader") ||
	    strstr(err->text, "request timed out");
}

bool
keyspace_reads_copy(const struct keyspace *keyspace)
{
	return keyspace->no_quorum || (keyspace->open && keyspace->open->seen.stale);
}

static bool
will_pass(const struct err *err)
{
	return err->code == ERR_CONNECT || err->code == ERR_TIMEOUT || err->code == ERR_UNKNOWN ||
	    err->code == ERR_TLS;
}

static void
on_listed(void *context, const struct err *err)
{
	struct keyspace *keyspace = context;
	struct key_folder *folder = keyspace->open;
	struct err why;

	if (!err) {
		listed_well(keyspace);
		return;
	}
	why = *err;
	key_lister_free(keyspace->lister);
	keyspace->lister = NULL;
	if (keyspace->tries++ < TRIES_MAX && strstr(why.text, "compacted")) {
		keyspace_list(keyspace, keyspace->merge);
	} else if (!keyspace->copy && keyspace_lacks_quorum(&why)) {
		err_prefix(&why, "no quorum answers, this is one member's copy");
		folder->seen.why = why;
		keyspace->copy = true;
		keyspace_list(keyspace, keyspace->merge);
	} else {
		keyspace->tries = 0;
		keyspace->copy = keyspace->no_quorum;
		keyspace_fail(keyspace, KEYSPACE_FAILED, &why);
		if (will_pass(&why))
			again_in(keyspace, AGAIN_MS);
	}
}

static void
on_grew(void *context)
{
	struct keyspace *keyspace = context;

	if (!keyspace->open->listed)
		keyspace_note(keyspace, KEYSPACE_ROWS);
}

void
keyspace_list(struct keyspace *keyspace, bool merge)
{
	static const struct key_lister_handler handler = { on_grew, on_listed };
	struct key_folder *folder = keyspace->open;
	struct key_lister_spec spec = { .channel = keyspace->channel, .prefix = folder->prefix,
		.prefix_len = folder->seen.prefix_len, .separator = keyspace->separator,
		.serializable = keyspace->copy, .whole = true };

	keyspace_unwatch(keyspace);
	key_lister_free(keyspace->lister);
	keyspace->lister = NULL;
	loop_timer_cancel(keyspace->again);
	keyspace->again = NULL;
	keyspace->merge = merge;
	if (!keyspace->channel) {
		set_state(keyspace, KEYSPACE_CLOSED);
		return;
	}
	keyspace->lister = key_lister_start(&spec, &handler, keyspace);
	set_state(keyspace, KEYSPACE_LISTING);
}

/* ---- the outside */

struct keyspace *
keyspace_new(struct loop *loop, void (*changed)(void *, unsigned), void *context)
{
	struct keyspace *keyspace = xcalloc(1, sizeof *keyspace);

	keyspace->loop = loop;
	keyspace->changed = changed;
	keyspace->context = context;
	keyspace->separator = '/';
	buf_init(&keyspace->value_key, KEY_MAX);
	buf_init(&keyspace->value_data, VALUE_MAX);
	buf_init(&keyspace->seek_key, KEY_MAX);
	buf_init(&keyspace->seek_text, KEY_MAX);
	buf_init(&keyspace->below_key, KEY_MAX);
	buf_init(&keyspace->touched_key, KEY_MAX);
	return keyspace;
}

/* All that belongs to the open folder. */
static void
stop_folder(struct keyspace *keyspace)
{
	keyspace_stop_below(keyspace);
	keyspace_unwatch(keyspace);
	etcd_call_cancel(keyspace->touched_call);
	keyspace->touched_call = NULL;
	key_lister_free(keyspace->lister);
	keyspace->lister = NULL;
	loop_timer_cancel(keyspace->again);
	loop_timer_cancel(keyspace->hide);
	loop_timer_cancel(keyspace->sweep);
	keyspace->again = keyspace->hide = keyspace->sweep = NULL;
}

void
keyspace_free(struct keyspace *keyspace)
{
	if (!keyspace)
		return;
	keyspace_stop_asks(keyspace);
	stop_folder(keyspace);
	loop_timer_cancel(keyspace->report);
	for (size_t i = 0; i < keyspace->folder_count; i++)
		folder_free(keyspace->folders[i]);
	free(keyspace->folders);
	buf_release(&keyspace->value_key);
	buf_release(&keyspace->value_data);
	buf_release(&keyspace->seek_key);
	buf_release(&keyspace->seek_text);
	buf_release(&keyspace->below_key);
	buf_release(&keyspace->touched_key);
	free(keyspace);
}

void
keyspace_set_channel(struct keyspace *keyspace, struct etcd_channel *channel)
{
	keyspace_stop_asks(keyspace);
	stop_folder(keyspace);
	keyspace->channel = channel;
	keyspace_reload_value(keyspace);
	if (keyspace->open && (keyspace->visible || !channel))
		keyspace_list(keyspace, false);
}

static bool
is_dear(const struct keyspace_folder *seen)
{
	return seen->opened_calls > CHEAP_CALLS || seen->opened_ms > CHEAP_MS;
}

void
keyspace_list_cheap(struct keyspace *keyspace)
{
	if (keyspace->visible && !is_dear(&keyspace->open->seen))
		keyspace_list(keyspace, true);
}

/* Counts at a height say how old they are: coming back asks again only where they are older than a
 * moment and were cheap. `r` always asks. */
static bool
still_good(const struct key_folder *folder)
{
	const struct keyspace_folder *seen = &folder->seen;

	if (!folder->listed || seen->state != KEYSPACE_COUNTED || seen->whole || seen->stale)
		return false;
	return clock_ms() - seen->counted_ms < FRESH_MS || is_dear(seen);
}

static void
on_hidden(void *context)
{
	struct keyspace *keyspace = context;

	keyspace->hide = NULL;
	keyspace_unwatch(keyspace);
	if (keyspace->open && keyspace->open->seen.state != KEYSPACE_FAILED)
		set_state(keyspace, KEYSPACE_COUNTED);
}

void
keyspace_set_visible(struct keyspace *keyspace, bool visible)
{
	if (keyspace->visible == visible)
		return;
	keyspace->visible = visible;
	loop_timer_cancel(keyspace->hide);
	keyspace->hide = NULL;
	if (!visible) {
		if (keyspace->watch)
			keyspace->hide = loop_timer_add(keyspace->loop, HIDDEN_MS, on_hidden, keyspace);
	} else if (keyspace->open && !keyspace->watch && !keyspace->lister &&
	    !still_good(keyspace->open)) {
		keyspace_list(keyspace, true);
	}
}

/* Counts that cost much say their age; they are not counted again for this. */
static bool
may_stay(const struct keyspace *keyspace)
{
	const struct keyspace_folder *seen = &keyspace->open->seen;

	return seen->state == KEYSPACE_COUNTED && is_dear(seen) && !seen->stale && !keyspace->lister;
}

void
keyspace_set_quorum(struct keyspace *keyspace, bool holds)
{
	if (keyspace->no_quorum == !holds)
		return;
	keyspace->no_quorum = keyspace->copy = !holds;
	keyspace->tries = 0;
	if (!keyspace->channel)
		return;
	if (keyspace->open && keyspace->visible && !may_stay(keyspace))
		keyspace_list(keyspace, true);
	else if (!holds && !keyspace->visible) {
		loop_timer_cancel(keyspace->hide);
		on_hidden(keyspace);
	}
	keyspace_ask_again(keyspace);
}

void
keyspace_set_separator(struct keyspace *keyspace, char separator)
{
	keyspace->separator = separator;
}

static void
forget_marks(struct key_folder *folder)
{
	key_rows_drop_deleted(&folder->rows, INT64_MAX, 0);
	for (size_t i = 0; i < folder->rows.len; i++)
		folder->rows.items[i].mark = KEY_SAME;
}

void
keyspace_open(struct keyspace *keyspace, const char *prefix, size_t len)
{
	struct key_folder *folder = folder_known(keyspace, prefix, len);

	if (folder && folder == keyspace->open && (keyspace->watch || keyspace->lister))
		return;
	if (!folder)
		folder = folder_new(keyspace, prefix, len);
	stop_folder(keyspace);
	keyspace->open = folder;
	keyspace->live_off = false;
	keyspace->below_count = 0;
	keyspace->tries = 0;
	folder->used = ++keyspace->used;
	keyspace->copy = keyspace->no_quorum;
	forget_marks(folder);
	keyspace_note(keyspace, KEYSPACE_ROWS | KEYSPACE_STATE);
	if (still_good(folder))
		return;
	err_clear(&folder->seen.why);
	keyspace_list(keyspace, false);
}

void
keyspace_reload(struct keyspace *keyspace)
{
	if (!keyspace->open)
		return;
	keyspace->copy = keyspace->no_quorum;
	forget_marks(keyspace->open);
	keyspace_list(keyspace, false);
	keyspace_reload_value(keyspace);
}

void
keyspace_resume(struct keyspace *keyspace)
{
	keyspace->live_off = false;
	keyspace->copy = keyspace->no_quorum;
	if (keyspace->open)
		keyspace_list(keyspace, true);
}

const struct keyspace_folder *
keyspace_folder(const struct keyspace *keyspace)
{
	static const struct keyspace_folder none = { .prefix = "", .keys = -1, .bytes = -1 };

	return keyspace->open ? &keyspace->open->seen : &none;
}

static const struct key_rows *
rows_of(const struct keyspace *keyspace)
{
	static const struct key_rows none;

	if (!keyspace->open)
		return &none;
	if (!keyspace->open->listed && keyspace->lister)
		return &key_lister_found(keyspace->lister)->rows;
	return &keyspace->open->rows;
}

size_t
keyspace_row_count(const struct keyspace *keyspace)
{
	return rows_of(keyspace)->len;
}

const struct keyspace_row *
keyspace_row(const struct keyspace *keyspace, size_t index)
{
	const struct key_rows *rows = rows_of(keyspace);

	return index < rows->len ? &rows->items[index] : NULL;
}

size_t
keyspace_find(const struct keyspace *keyspace, const char *key, size_t len)
{
	bool found;

	return key_rows_find(rows_of(keyspace), key, len, &found);
}

bool
keyspace_busy(const struct keyspace *keyspace)
{
	return keyspace->lister || keyspace->value_call || keyspace->seek_call ||
	    keyspace->touched_call || keyspace->below || keyspace->report;
}
