/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/keys.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"

/* The list of pane Keys: a level's folders and leaves, and what each says of itself. */

static const struct keyspace_row *
row_at(const struct pane *pane, size_t index)
{
	return keyspace_row(((const struct keys *)pane)->space, index);
}

static size_t
count(const struct pane *pane)
{
	return keyspace_row_count(((const struct keys *)pane)->space);
}

static void
name(const struct pane *pane, size_t index, struct buf *out)
{
	const struct keyspace_row *row = row_at(pane, index);

	buf_add(out, row->key + row->name_at, row->key_len - row->name_at);
}

static char
sign(const struct pane *pane, size_t index)
{
	static const char signs[] = { [KEY_SAME] = ' ', [KEY_ADDED] = '+', [KEY_CHANGED] = '~',
		[KEY_DELETED] = '-' };

	return signs[row_at(pane, index)->mark];
}

static enum role
row_role(const struct pane *pane, size_t index)
{
	static const enum role roles[] = { [KEY_SAME] = ROLE_row, [KEY_ADDED] = ROLE_added,
		[KEY_CHANGED] = ROLE_changed, [KEY_DELETED] = ROLE_gone };

	return roles[row_at(pane, index)->mark];
}

static void
add_number(struct buf *out, int64_t number)
{
	char text[32];

	if (number < 1000000000)
		buf_add_str(out, text_grouped(number, text, sizeof text));
	else
		buf_printf(out, "%" PRId64, number);
}

static void
keys_text(const struct pane *pane, size_t index, struct buf *out)
{
	const struct keyspace_row *row = row_at(pane, index);
	const struct keyspace_folder *folder = keyspace_folder(((const struct keys *)pane)->space);

	if (row->mark == KEY_DELETED && !folder->leaves) /* else the size says it */
		buf_add_str(out, "deleted");
	else if (row->folder && row->count < 0)
		buf_add_str(out, "?");
	else if (row->folder)
		add_number(out, row->count);
}

static void
below_text(const struct pane *pane, size_t index, struct buf *out)
{
	const struct keyspace_row *row = row_at(pane, index);

	if (row->folder && row->biggest)
		buf_add_str(out, row->biggest);
}

static void
size_text(const struct pane *pane, size_t index, struct buf *out)
{
	const struct keyspace_row *row = row_at(pane, index);
	char text[32];

	if (row->mark == KEY_DELETED)
		buf_add_str(out, "deleted");
	else if (!row->folder && row->size >= 0)
		buf_add_str(out, text_size(row->size, text, sizeof text));
}

static void
version_text(const struct pane *pane, size_t index, struct buf *out)
{
	const struct keyspace_row *row = row_at(pane, index);

	if (row->version && row->mark != KEY_DELETED)
		buf_printf(out, "%" PRId64, row->version);
}

static void
revision_text(const struct pane *pane, size_t index, struct buf *out)
{
	const struct keyspace_row *row = row_at(pane, index);

	if (row->mod_revision)
		add_number(out, row->mod_revision);
}

/* Enough of a lease to tell two apart; the detail has all of it. */
static void
lease_text(const struct pane *pane, size_t index, struct buf *out)
{
	const struct keyspace_row *row = row_at(pane, index);

	if (row->lease)
		buf_printf(out, "%05" PRIx64, (uint64_t)row->lease & 0xfffff);
}

static void
seen_text(const struct pane *pane, size_t index, struct buf *out)
{
	const struct keyspace_row *row = row_at(pane, index);
	char text[32];

	if (row->seen_ms)
		buf_add_str(out, text_age((clock_ms() - row->seen_ms) / 1000, text, sizeof text));
}

#define COMPARE(name, field) \
	static int \
	compare_##name(const struct pane *pane, size_t a, size_t b) \
	{ \
		int64_t left = row_at(pane, a)->field, right = row_at(pane, b)->field; \
		return left < right ? 1 : left > right ? -1 : 0; \
	}
COMPARE(count, count)
COMPARE(size, size)
COMPARE(version, version)
COMPARE(revision, mod_revision)
COMPARE(seen, seen_ms)
#undef COMPARE

static const struct column folder_columns[] = {
	{ "NAME", 0, 0, false, name, row_role, NULL },
	{ "KEYS", 13, 1, true, keys_text, NULL, compare_count },
	{ "BIGGEST BELOW", 20, 2, false, below_text, NULL, NULL },
	{ "SEEN", 4, 3, true, seen_text, NULL, compare_seen },
};

static const struct column leaf_columns[] = {
	{ "NAME", 0, 0, false, name, row_role, NULL },
	{ "SIZE", 8, 2, true, size_text, NULL, compare_size },
	{ "VER", 5, 4, true, version_text, NULL, compare_version },
	{ "MOD REV", 11, 1, true, revision_text, NULL, compare_revision },
	{ "LEASE", 5, 5, false, lease_text, NULL, NULL },
	{ "SEEN", 4, 3, true, seen_text, NULL, compare_seen },
};

static const struct column mixed_columns[] = {
	{ "NAME", 0, 0, false, name, row_role, NULL },
	{ "KEYS", 9, 1, true, keys_text, NULL, compare_count },
	{ "SIZE", 8, 1, true, size_text, NULL, compare_size },
	{ "VER", 5, 4, true, version_text, NULL, compare_version },
	{ "MOD REV", 11, 2, true, revision_text, NULL, compare_revision },
	{ "SEEN", 4, 3, true, seen_text, NULL, compare_seen },
};

static const struct column *
columns(const struct pane *pane, size_t *number)
{
	const struct keyspace_folder *folder = keyspace_folder(((const struct keys *)pane)->space);

	if (folder->folders && folder->leaves) {
		*number = ARRAY_LEN(mixed_columns);
		return mixed_columns;
	}
	*number = folder->folders ? ARRAY_LEN(folder_columns) : ARRAY_LEN(leaf_columns);
	return folder->folders ? folder_columns : leaf_columns;
}

static void
status(const struct pane *pane, struct buf *out)
{
	const struct keyspace_folder *folder = keyspace_folder(((const struct keys *)pane)->space);

	if (folder->state == KEYSPACE_LISTING)
		buf_add_str(out, ", listing");
	else if (folder->state == KEYSPACE_FAILED && folder->counted_ms)
		buf_add_str(out, " as last seen; nobody answers, r tries again");
	else if (folder->stale)
		buf_add_str(out, " from one member's copy; no watch without quorum");
	else if (folder->state == KEYSPACE_COUNTED && folder->complete && !folder->whole)
		buf_add_str(out, "; no watch at this height (it would carry every value)");
	else if (folder->complete)
		buf_printf(out, ", all %zu loaded", folder->folders + folder->leaves);
	else if (folder->folders + folder->leaves)
		buf_printf(out, ", the first %zu only: / finds the others",
		    folder->folders + folder->leaves);
}

static void
empty(const struct pane *pane, struct buf *out)
{
	const struct keys *keys = (const struct keys *)pane;
	const struct keyspace_folder *folder = keyspace_folder(keys->space);
	const struct err *why = folder->why.code ? &folder->why : &pane->app->models.why;

	if (folder->state == KEYSPACE_LISTING) {
		buf_add_str(out, "asking the cluster ...");
	} else if (why->code) {
		text_escape(out, why->text, strlen(why->text));
		if (*why->cure)
			buf_printf(out, "\ncure: %s", why->cure);
		buf_add_str(out, "\nr tries again   2 shows every endpoint");
	} else if (folder->state == KEYSPACE_CLOSED) {
		buf_add_str(out, "not connected\nvetch demo start   makes a cluster to try vetch on");
	} else if (folder->prefix_len) {
		buf_add_str(out, "no key begins with this any more\nq goes up   n makes a key");
	} else {
		buf_add_str(out, "this cluster holds no key\nn makes the first one");
	}
}

const struct list_ops keys_rows = {
	.count = count,
	.name = name,
	.columns = columns,
	.sign = sign,
	.status = status,
	.empty = empty,
};
