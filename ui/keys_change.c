/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/keys_change.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/text.h"
#include "ui/places.h"
#include "ui/verbs_run.h"

/* Changes of pane Keys: each is the verb put or del with its plan, guarded by the revision that was
 * on the screen. */

enum { KEY_TEXT_MAX = 1 << 20 };

void
change_free(struct change *change)
{
	if (change->path && !change->keep)
		unlink(change->path);
	free(change->path);
	free(change->given);
	free(change->before);
	free(change->mine);
	free(change->key);
	free(change);
}

static void
set_bytes(char **to, size_t *to_len, const char *data, size_t len)
{
	char *copy = xmalloc(len + 1);

	if (len)
		memcpy(copy, data, len);
	copy[len] = '\0';
	free(*to);
	*to = copy;
	*to_len = len;
}

struct change *
change_new(struct keys *keys, const char *key, size_t len, int64_t revision)
{
	struct change *change = xcalloc(1, sizeof *change);

	change->app = keys->pane.app;
	set_bytes(&change->key, &change->key_len, key, len);
	change->revision = revision;
	return change;
}

void
change_set_before(struct change *change, const char *data, size_t len)
{
	set_bytes(&change->before, &change->before_len, data, len);
	set_bytes(&change->given, &change->given_len, data, len);
}

void
change_leave(struct change *change, const char *what)
{
	if (change->path && change->keep)
		app_message(change->app, "%s; your text is kept in %s", what, change->path);
	else if (*what)
		app_message(change->app, "%s", what);
	change_free(change);
}

static bool
same_revision(void *context, struct json_object *plan)
{
	struct change *change = context;
	int64_t now = json_int(json_get(plan, "guard"), "mod_revision", change->revision);
	char was_text[32], now_text[32];

	if (now == change->revision)
		return true;
	text_grouped(change->revision, was_text, sizeof was_text);
	text_grouped(now, now_text, sizeof now_text);
	if (now == 0)
		err_set(&change->why, ERR_GUARD, "not written: the key was deleted since you read %s",
		    was_text);
	else if (change->revision == 0)
		err_set(&change->why, ERR_GUARD, "not written: the key exists already, at rev %s",
		    now_text);
	else
		err_set(&change->why, ERR_GUARD, "not written: key changed at rev %s since you read %s",
		    now_text, was_text);
	return false;
}

static void
fail(struct change *change, const struct err *why)
{
	if (change->mine) {
		change_refused(change, why);
		return;
	}
	app_error(change->app, why);
	change_free(change);
}

static void
on_done(void *context, struct json_object *result, const struct err *err)
{
	struct change *change = context;
	struct buf key = BUF_INIT(KEY_TEXT_MAX);

	if (err) {
		fail(change, err);
		return;
	}
	if (result) {
		text_escape(&key, change->key, change->key_len);
		app_message(change->app, "%s: done", buf_str(&key));
	}
	buf_release(&key);
	keyspace_touched(change->app->models.keyspace, change->key, change->key_len);
	change->keep = false;
	change_free(change);
}

static void
on_left(void *context)
{
	struct change *change = context;

	if (change->why.code)
		fail(change, &change->why);
	else if (change->mine)
		change_leave(change, "not written");
	else
		change_free(change);
}

/* The verb's words, then the key: one that holds a 0 byte cannot be an argument as it is. */
static void
start(struct change *change, const char *const *words, const char *verb, const char *button)
{
	struct buf title = BUF_INIT(KEY_TEXT_MAX), encoded = BUF_INIT(4 << 20);
	struct verb_start what = { .button = button, .planned = same_revision, .done = on_done,
		.left = on_left, .context = change };
	const char *argv[8] = { 0 };
	size_t n = 0;

	while (words[n]) {
		argv[n] = words[n];
		n++;
	}
	if (memchr(change->key, '\0', change->key_len)) {
		base64_encode(&encoded, change->key, change->key_len);
		argv[n] = "--key-base64";
		argv[n + 1] = buf_str(&encoded);
	} else {
		argv[n] = "--";
		argv[n + 1] = change->key;
	}
	buf_printf(&title, "%s ", verb);
	text_escape(&title, change->key, change->key_len);
	what.argv = argv;
	what.title = buf_str(&title);
	verbs_start(change->app, &what);
	buf_release(&title);
	buf_release(&encoded);
}

/* A folder goes by the command line, where its count is shown and its name typed. */
static void
delete_folder(struct app *app, const struct keyspace_row *row)
{
	struct buf line = BUF_INIT(4 << 20);

	if (text_is_plain(row->key, row->key_len) && !memchr(row->key, '\n', row->key_len)) {
		buf_add_str(&line, "del --prefix -- ");
		words_quote(&line, row->key, row->key_len);
	} else {
		buf_add_str(&line, "del --prefix --key-base64 ");
		base64_encode(&line, row->key, row->key_len);
	}
	app_command(app, buf_str(&line));
	buf_release(&line);
}

void
keys_delete(struct keys *keys)
{
	static const char *const words[] = { "del", NULL };
	const struct keyspace_row *row = keys_row(keys);

	if (row->mark == KEY_DELETED)
		app_message(keys->pane.app, "this key is gone already");
	else if (row->folder)
		delete_folder(keys->pane.app, row);
	else
		start(change_new(keys, row->key, row->key_len, row->mod_revision), words, "Delete",
		    "Delete");
}

/* The value goes by its file: any bytes, and no list of jobs shows it. A key keeps its lease. */
void
change_put(struct change *change)
{
	struct err err = { 0 };
	const char *words[] = { "put", "--value-file", NULL, NULL, NULL };

	change->keep = true;
	if (change_write(change, change->mine, change->mine_len, &err) != 0) {
		app_error(change->app, &err);
		change_free(change);
		return;
	}
	words[2] = change->path;
	words[3] = change->leased ? "--ignore-lease" : NULL;
	start(change, words, "Put", "Put");
}
