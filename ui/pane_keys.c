/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "ui/keys.h"
#include "ui/places.h"
#include "ui/quorum.h"
#include "ui/result.h"

/* The keys as folders, one level at a time, live where that is cheap. */

enum { SEPARATOR = '/', NAME_MAX_BYTES = 1 << 21 };

const struct keyspace_row *
keys_row(const struct keys *keys)
{
	size_t index;

	return pane_row(&keys->pane, &index) ? keyspace_row(keys->space, index) : NULL;
}

size_t
keys_parent(const char *key, size_t len)
{
	while (len > 0 && key[len - 1] != SEPARATOR)
		len--;
	return len == 1 ? 0 : len; /* a leading separator belongs to the first name */
}

size_t
keys_child(const char *key, size_t len, size_t prefix_len)
{
	size_t from = prefix_len == 0 && len > 0 && key[0] == SEPARATOR ? 1 : prefix_len;
	const char *end = from < len ? memchr(key + from, SEPARATOR, len - from) : NULL;

	return end ? (size_t)(end - key) + 1 : len;
}

void
keys_open(struct keys *keys, const char *prefix, size_t len, const struct buf *name)
{
	struct buf copy = BUF_INIT(NAME_MAX_BYTES), wanted = BUF_INIT(NAME_MAX_BYTES);

	buf_add(&copy, prefix, len);
	if (name)
		buf_add(&wanted, buf_str(name), name->len);
	keys->seeking = false; /* who opens a folder meanwhile has gone on */
	keys_value_forget(keys);
	buf_reset(&keys->looked);
	keyspace_open_value(keys->space, NULL, 0, 0);
	list_filter(&keys->pane, NULL);
	buf_reset(&keys->want);
	buf_add(&keys->want, buf_str(&wanted), wanted.len);
	buf_reset(&keys->pane.list.at);
	keys->pane.list.cursor = keys->pane.list.top = 0;
	keys->pane.seen[3] = SIZE_MAX; /* other rows, even where as many stand in the same place */
	keyspace_open(keys->space, buf_str(&copy), copy.len);
	pane_reload(&keys->pane);
	buf_release(&copy);
	buf_release(&wanted);
}

static int
open(struct pane *pane, struct err *err)
{
	struct keys *keys = (struct keys *)pane;

	(void)err;
	keys->space = pane->app->models.keyspace;
	buf_init(&keys->want, NAME_MAX_BYTES);
	buf_init(&keys->looked, NAME_MAX_BYTES);
	return 0;
}

static void
close(struct pane *pane)
{
	struct keys *keys = (struct keys *)pane;

	loop_timer_cancel(keys->look);
	value_view_free(keys->view);
	buf_release(&keys->want);
	buf_release(&keys->looked);
}

static void
enter(struct pane *pane)
{
	struct keys *keys = (struct keys *)pane;

	if (!keys->opened_top && pane->app->models.channel) {
		keys->opened_top = true;
		keyspace_open(keys->space, "", 0);
	}
}

/* The folder of what is sought: "/a/b/" is a row of "/a/". */
static size_t
sought_parent(const char *text)
{
	size_t len = strlen(text);

	return keys_parent(text, len && text[len - 1] == SEPARATOR ? len - 1 : len);
}

/* At the top, "a/b" most likely means "/a/b". */
static void
seek_again_absolute(struct keys *keys)
{
	char *text = xasprintf("%c%s", SEPARATOR, keys->pane.list.search);

	free(keys->pane.list.search);
	keys->pane.list.search = text;
	keys->seeking = true;
	keyspace_seek(keys->space, text, strlen(text));
}

/* No key begins so: a loaded row may still hold the text. */
static void
search_loaded(struct keys *keys)
{
	const struct keyspace_folder *folder = keyspace_folder(keys->space);
	const char *sought = keys->pane.list.search;
	size_t len = strlen(sought);
	char *text = xstrdup(len > folder->prefix_len && memcmp(sought, folder->prefix,
	    folder->prefix_len) == 0 ? sought + folder->prefix_len : sought);

	if (!list_search(&keys->pane, text))
		app_message(keys->pane.app, "no key begins with %s", text);
	free(text);
}

/* The key is there, but its folder has more rows than are loaded. */
static void
tell_beyond(struct keys *keys, const struct keyspace_seek *seek)
{
	struct buf key = BUF_INIT(NAME_MAX_BYTES * 4), word = BUF_INIT(NAME_MAX_BYTES * 4);
	struct err err;

	text_escape(&key, seek->key, seek->key_len);
	words_quote(&word, seek->key, seek->key_len);
	err_set(&err, ERR_TOO_BIG, "%.300s is there, beyond the %zu rows that are loaded of its folder",
	    buf_str(&key), keyspace_row_count(keys->space));
	if (word.len < sizeof err.cure - 32 && text_is_plain(seek->key, seek->key_len))
		err_cure(&err, "vetch get -- %s", buf_str(&word));
	app_error(keys->pane.app, &err);
	buf_release(&key);
	buf_release(&word);
}

/* Stands on the row, once it is loaded. */
static void
go_to(struct keys *keys, const struct buf *name)
{
	const struct keyspace_folder *folder = keyspace_folder(keys->space);

	if (list_find(&keys->pane, buf_str(name), name->len))
		return;
	if (folder->state != KEYSPACE_LISTING && !folder->complete)
		tell_beyond(keys, keyspace_seek_result(keys->space));
	else
		buf_add(&keys->want, buf_str(name), name->len);
}

/* The first row that begins with what was sought, in the folder it lies in. */
static void
take_seek(struct keys *keys)
{
	const struct keyspace_seek *seek = keyspace_seek_result(keys->space);
	const struct keyspace_folder *folder = keyspace_folder(keys->space);
	size_t parent = sought_parent(keys->pane.list.search), child;
	struct buf name = BUF_INIT(NAME_MAX_BYTES);

	if (seek->why.code) {
		app_error(keys->pane.app, &seek->why);
	} else if (!seek->found && folder->prefix_len == 0 && *keys->pane.list.search != SEPARATOR) {
		seek_again_absolute(keys);
	} else if (!seek->found) {
		search_loaded(keys);
	} else {
		child = keys_child(seek->key, seek->key_len, parent);
		buf_add(&name, seek->key + parent, child - parent);
		if (parent != folder->prefix_len || memcmp(folder->prefix, seek->key, parent) != 0)
			keys_open(keys, seek->key, parent, &name);
		else
			go_to(keys, &name);
	}
	buf_release(&name);
}

static void
take_wanted(struct keys *keys)
{
	const struct keyspace_folder *folder = keyspace_folder(keys->space);
	const struct keyspace_seek *seek = keyspace_seek_result(keys->space);

	if (!keys->want.len)
		return;
	if (list_find(&keys->pane, buf_str(&keys->want), keys->want.len)) {
		buf_reset(&keys->want);
	} else if (folder->state != KEYSPACE_LISTING && !folder->complete && folder->revision) {
		if (seek->found && !keyspace_seeking(keys->space) && seek->key_len > folder->prefix_len)
			tell_beyond(keys, seek);
		buf_reset(&keys->want);
	}
}

static void
update(struct pane *pane, unsigned changed)
{
	struct keys *keys = (struct keys *)pane;

	enter(pane); /* the connection may have come just now, with a login */
	(void)changed;
	pane_reload(pane);
	take_wanted(keys);
	if (keys->seeking && !keyspace_seeking(keys->space)) {
		keys->seeking = false;
		if (pane->list.search) /* Esc drops it */
			take_seek(keys);
	}
	keys_value_update(keys);
}

/* Other rows are in sight, or another is under the cursor. */
static void
moved(struct pane *pane)
{
	struct keys *keys = (struct keys *)pane;

	if (!pane->list.filter && !pane->list.sort)
		keyspace_look_below(keys->space, pane->list.top, pane->list.page);
	keys_look_soon(keys);
}

static void
seek(struct pane *pane, const char *text, bool final)
{
	struct keys *keys = (struct keys *)pane;
	const struct keyspace_folder *folder = keyspace_folder(keys->space);
	struct buf whole = BUF_INIT(NAME_MAX_BYTES);
	bool here = text[0] != SEPARATOR || folder->prefix_len == 0;

	/* Of a folder that is not all here the server knows better what begins so. */
	if ((here && (folder->complete || !final) && list_search(pane, text)) || !final)
		return;
	if (text[0] != SEPARATOR)
		buf_add(&whole, folder->prefix, folder->prefix_len);
	buf_add_str(&whole, text);
	free(pane->list.search);
	pane->list.search = xstrndup(buf_str(&whole), whole.len);
	keys->seeking = true;
	keyspace_seek(keys->space, buf_str(&whole), whole.len);
	buf_release(&whole);
}

static bool
go_up(struct keys *keys)
{
	const struct keyspace_folder *folder = keyspace_folder(keys->space);
	struct buf name = BUF_INIT(NAME_MAX_BYTES);
	size_t parent;

	if (folder->prefix_len == 0)
		return false;
	parent = keys_parent(folder->prefix, folder->prefix_len - 1);
	buf_add(&name, folder->prefix + parent, folder->prefix_len - parent);
	keys_open(keys, folder->prefix, parent, &name);
	buf_release(&name);
	return true;
}

static void
go_in(struct keys *keys)
{
	const struct keyspace_row *row = keys_row(keys);
	const struct keyspace_value *value = keyspace_value(keys->space);
	struct buf title = BUF_INIT(NAME_MAX_BYTES);

	if (row->folder) {
		/* What was sought was of the folder left: Esc goes up at once. */
		free(keys->pane.list.search);
		keys->pane.list.search = NULL;
		keys_open(keys, row->key, row->key_len, NULL);
	} else if (keys->view && value->state == VALUE_HERE && keys_value_of(keys, row)) {
		text_escape(&title, row->key, row->key_len);
		result_value(keys->pane.app, buf_str(&title), value->data, value->len);
	} else {
		keys_look_now(keys);
	}
	buf_release(&title);
}

void
keys_quote(struct buf *out, const char *data, size_t len)
{
	bool plain = text_is_plain(data, len) && !memchr(data, '\n', len) && !memchr(data, '\t', len) &&
	    !memchr(data, '\'', len);

	buf_add_str(out, plain ? "'" : "$'");
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)data[i];

		if (plain || (c >= 32 && c < 127 && c != '\'' && c != '\\'))
			buf_add_byte(out, c);
		else
			buf_printf(out, "\\x%02x", c);
	}
	buf_add_byte(out, '\'');
}

static void
copy(struct keys *keys)
{
	const struct keyspace_row *row = keys_row(keys);
	struct buf line = BUF_INIT(NAME_MAX_BYTES * 4);

	buf_add_str(&line, row->folder ? "etcdctl get --prefix --keys-only " : "etcdctl get ");
	keys_quote(&line, row->key, row->key_len);
	app_copy(keys->pane.app, buf_str(&line), line.len, "the etcdctl line");
	buf_release(&line);
}

static void
next_form(struct keys *keys)
{
	keys->form = (keys->form + 1) % VALUE_FORM_COUNT;
	keys_value_forget(keys);
	keys_value_update(keys);
}

static bool
act(struct pane *pane, enum action action)
{
	struct keys *keys = (struct keys *)pane;

	switch (action) {
	case ACT_list_open: go_in(keys); break;
	case ACT_app_back: return go_up(keys);
	case ACT_keys_edit: keys_edit(keys); break;
	case ACT_keys_new: keys_new(keys); break;
	case ACT_keys_delete: keys_delete(keys); break;
	case ACT_keys_reload: keyspace_reload(keys->space); break;
	case ACT_keys_live: keyspace_resume(keys->space); break;
	case ACT_keys_copy: copy(keys); break;
	case ACT_keys_view: next_form(keys); break;
	default:
		return action_info(action)->group == GROUP_pager && pager_act(&keys->pager, keys->view, action);
	}
	return true;
}

static void
add_state(const struct keyspace_folder *folder, struct buf *out)
{
	char age[32];

	switch (folder->state) {
	case KEYSPACE_CLOSED: buf_add_str(out, "not connected"); break;
	case KEYSPACE_LISTING: buf_add_str(out, "listing"); break;
	case KEYSPACE_COUNTED:
		text_age((clock_ms() - folder->counted_ms) / 1000, age, sizeof age);
		buf_printf(out, folder->stale ? "!copy of %s ago" : "counted %s", age);
		break;
	case KEYSPACE_LIVE:
		buf_add_str(out, "live");
		if (folder->events_per_second)
			buf_printf(out, ", %d ev/s", folder->events_per_second);
		break;
	case KEYSPACE_RECONNECTING: buf_add_str(out, "!reconnecting"); break;
	case KEYSPACE_LIVE_OFF: buf_add_str(out, "!live off, L resumes"); break;
	case KEYSPACE_FAILED:
		text_age((clock_ms() - folder->counted_ms) / 1000, age, sizeof age);
		buf_printf(out, folder->counted_ms ? "!as of %s ago" : "!failed", age);
		break;
	}
}

static void
title(const struct pane *pane, struct buf *out)
{
	const struct keyspace_folder *folder = keyspace_folder(((const struct keys *)pane)->space);
	char text[32];

	if (folder->prefix_len)
		text_escape(out, folder->prefix, folder->prefix_len);
	else
		buf_add_str(out, "(top)");
	buf_add_byte(out, '\t');
	if (folder->folders)
		buf_printf(out, "%zu folder%s  ", folder->folders, folder->folders == 1 ? "" : "s");
	if (folder->keys >= 0)
		buf_printf(out, "%s key%s", text_grouped(folder->keys, text, sizeof text),
		    folder->keys == 1 ? "" : "s");
	if (folder->bytes >= 0 && folder->leaves)
		buf_printf(out, " %s", text_size(folder->bytes, text, sizeof text));
	if (folder->revision)
		buf_printf(out, "  rev %s", text_grouped(folder->revision, text, sizeof text));
	buf_add_str(out, "  ");
	/* asked again and again while nobody answers: what is shown is as old as it was */
	if (folder->state == KEYSPACE_LISTING && folder->counted_ms && quorum_lost(pane->app))
		buf_printf(out, "!as of %s ago", text_age((clock_ms() - folder->counted_ms) / 1000, text,
		    sizeof text));
	else
		add_state(folder, out);
}

static void
copy_status(const struct app *app, const struct keyspace_folder *folder, struct buf *out)
{
	const char *copy = quorum_copy(app);

	if (copy && folder->stale)
		buf_printf(out, "no quorum: this is what %.60s has; changes are refused (pane 2: why)", copy);
	else
		buf_add_str(out, "no quorum: changes are refused; pane 2 says why");
}

/* On a screen without a title row: where one is. */
static void
add_place(const struct pane *pane, struct buf *out)
{
	const struct keyspace_folder *folder = keyspace_folder(((const struct keys *)pane)->space);
	struct buf place = BUF_INIT(NAME_MAX_BYTES * 4);
	size_t room = pane->app->grid.cols > 8 ? (size_t)pane->app->grid.cols - 5 : 3, from = 0;

	if (pane->list.filter)
		buf_printf(out, "%zu match ", list_count(pane));
	room -= out->len < room ? out->len : room;
	text_escape(&place, folder->prefix, folder->prefix_len);
	if (place.len > room)
		from = place.len - room;
	while (from < place.len && ((unsigned char)place.data[from] & 0xc0) == 0x80)
		from++;
	buf_printf(out, "%s%s", from ? "..." : place.len ? "" : "(top)", buf_str(&place) + from);
	buf_release(&place);
}

static void
status(const struct pane *pane, struct buf *out)
{
	const struct keyspace_folder *folder = keyspace_folder(((const struct keys *)pane)->space);

	if (((const struct keys *)pane)->seeking)
		buf_add_str(out, "seeking on the server ...");
	else if (quorum_lost(pane->app))
		copy_status(pane->app, folder, out);
	else if (folder->why.code && keyspace_row_count(((const struct keys *)pane)->space))
		text_escape(out, folder->why.text, strlen(folder->why.text));
	else if (pane->app->grid.rows < 6)
		add_place(pane, out);
	else if (folder->state == KEYSPACE_LIVE)
		buf_add_str(out, "watching this folder only");
}

static void
paint(const struct pane *pane, struct grid *grid)
{
	keys_value_paint((const struct keys *)pane, grid);
}

static bool
busy(const struct pane *pane)
{
	const struct keys *keys = (const struct keys *)pane;

	return keys->look || keyspace_busy(keys->space);
}

const struct pane_ops pane_keys_ops = {
	.size = sizeof(struct keys),
	.open = open,
	.close = close,
	.enter = enter,
	.wants = WANT_KEYSPACE | WANT_SECOND,
	.update = update,
	.moved = moved,
	.paint = paint,
	.act = act,
	.seek = seek,
	.title = title,
	.status = status,
	.busy = busy,
	.rows = &keys_rows,
	.detail = 8,
	.open_label = "open",
};
