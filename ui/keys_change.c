/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/text.h"
#include "ui/keys.h"
#include "ui/verbs_run.h"

/* Changes of pane Keys: each is the verb put or del with its plan, guarded by the revision that was
 * on the screen. */

enum { VALUE_MAX = 2 << 20, TYPED_MAX = 4096 };

/* One change on its way; lives until its verb or its editor ended. */
struct change {
	struct app *app;
	char *key;
	char *path;		/* the editor's file, or NULL */
	char *before;		/* the value that was edited */
	size_t before_len;
	int64_t revision;	/* mod_revision on the screen; 0: the key must not exist */
};

static void
change_free(struct change *change)
{
	if (change->path)
		unlink(change->path);
	free(change->path);
	free(change->before);
	free(change->key);
	free(change);
}

/* A key travels in argv, where a 0 byte cannot. */
static struct change *
change_new(struct keys *keys, const char *key, size_t len, int64_t revision)
{
	struct change *change;

	if (memchr(key, '\0', len)) {
		app_message(keys->pane.app, "a key that holds a 0 byte cannot be changed from here");
		return NULL;
	}
	change = xcalloc(1, sizeof *change);
	change->app = keys->pane.app;
	change->key = xstrndup(key, len);
	change->revision = revision;
	return change;
}

static bool
same_revision(void *context, struct json_object *plan)
{
	struct change *change = context;
	int64_t now = json_int(json_get(plan, "guard"), "mod_revision", change->revision);
	char was_text[32], now_text[32];
	struct err err;

	if (now == change->revision)
		return true;
	text_grouped(change->revision, was_text, sizeof was_text);
	text_grouped(now, now_text, sizeof now_text);
	if (now == 0)
		err_set(&err, ERR_GUARD, "not written: the key was deleted since you read %s", was_text);
	else if (change->revision == 0)
		err_set(&err, ERR_GUARD, "not written: the key exists already, at rev %s", now_text);
	else
		err_set(&err, ERR_GUARD, "not written: key changed at rev %s since you read %s", now_text,
		    was_text);
	app_error(change->app, &err);
	return false;
}

static void
on_done(void *context, struct json_object *result, const struct err *err)
{
	struct change *change = context;
	struct buf key = BUF_INIT(1 << 20);

	if (!err && result) {
		text_escape(&key, change->key, strlen(change->key));
		app_message(change->app, "%s: done", buf_str(&key));
	}
	buf_release(&key);
	change_free(change);
}

static void
on_left(void *context)
{
	change_free(context);
}

static void
start(struct change *change, const char *const *argv, const char *verb, const char *button)
{
	struct buf title = BUF_INIT(1 << 20);
	struct verb_start what = { .argv = argv, .button = button, .planned = same_revision,
		.done = on_done, .left = on_left, .context = change };

	buf_printf(&title, "%s ", verb);
	text_escape(&title, change->key, strlen(change->key));
	what.title = buf_str(&title);
	verbs_start(change->app, &what);
	buf_release(&title);
}

void
keys_delete(struct keys *keys)
{
	const struct keyspace_row *row = keys_row(keys);
	struct change *change;

	if (row->mark == KEY_DELETED) {
		app_message(keys->pane.app, "this key is gone already");
	} else if (row->folder) {
		struct buf line = BUF_INIT(1 << 20);

		buf_add_str(&line, "del --prefix ");
		text_escape(&line, row->key, row->key_len);
		app_command(keys->pane.app, buf_str(&line));
		buf_release(&line);
	} else if ((change = change_new(keys, row->key, row->key_len, row->mod_revision))) {
		const char *argv[] = { "del", "--", change->key, NULL };

		start(change, argv, "Delete", "Delete");
	}
}

/* ---- put */

static void
put(struct change *change, const char *value, size_t len)
{
	struct buf copy = BUF_INIT(VALUE_MAX);
	const char *argv[] = { "put", "--", change->key, NULL, NULL };

	if (memchr(value, '\0', len)) {
		app_message(change->app, "a value that holds a 0 byte: vetch put KEY <FILE writes it");
		change_free(change);
		return;
	}
	buf_add(&copy, value, len);
	argv[3] = buf_str(&copy);
	start(change, argv, "Put", "Put");
	buf_release(&copy);
}

static void
on_typed(void *context, const char *text)
{
	struct change *change = context;

	change->app->dirty = true;
	if (!text) {
		change_free(change);
	} else if (change->before && strlen(text) == change->before_len &&
	    memcmp(text, change->before, change->before_len) == 0) {
		app_message(change->app, "unchanged: nothing is written");
		change_free(change);
	} else {
		put(change, text, strlen(text));
	}
}

static const struct prompt_ops typed_ops = {
	.done = on_typed, .hint = "the new value   Enter shows the plan   Esc leaves it as it is",
};

static void
type_value(struct change *change)
{
	struct app *app = change->app;

	if (change->before_len > TYPED_MAX || !text_is_plain(change->before, change->before_len) ||
	    memchr(change->before, '\n', change->before_len)) {
		app_message(app, "this value is no single line of text: set $EDITOR to edit it");
		change_free(change);
		return;
	}
	prompt_open(&app->prompt, &typed_ops, change, "value: ");
	prompt_set(&app->prompt, change->before);
	app->dirty = true;
}

static const char *
editor(void)
{
	const char *visual = getenv("VISUAL"), *plain = getenv("EDITOR");

	return visual && *visual ? visual : plain && *plain ? plain : NULL;
}

static void
on_edited(void *context, int status)
{
	struct change *change = context;
	struct buf after = BUF_INIT(VALUE_MAX);
	struct err err = { 0 };
	size_t len;

	change->app->dirty = true;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		err_set(&err, ERR_FAILED, "the editor failed: nothing is written");
	else
		fs_read(change->path, &after, &err);
	len = after.len;
	/* Most editors end the last line; a value that did not end so keeps its end. */
	if (len == change->before_len + 1 && after.data[len - 1] == '\n')
		len--;
	else if (len && after.data[len - 1] == '\n' &&
	    (!change->before_len || change->before[change->before_len - 1] != '\n'))
		len--;
	if (err.code) {
		app_error(change->app, &err);
		change_free(change);
	} else if (len == change->before_len && memcmp(buf_str(&after), change->before, len) == 0) {
		app_message(change->app, "unchanged: nothing is written");
		change_free(change);
	} else {
		put(change, buf_str(&after), len);
	}
	buf_release(&after);
}

/* journal/ of the workspace, else of the user's state folder. */
static char *
journal_path(const struct app *app)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	unsigned char name[8];
	char hex[17];
	static uint64_t count;
	uint64_t seed = (uint64_t)getpid() << 20 | count++;

	memcpy(name, &seed, sizeof name);
	hex_encode(name, sizeof name, hex);
	if (app->connection.workspace)
		return xasprintf("%s/journal/edit-%s", app->connection.workspace, hex);
	if (state && *state == '/')
		return xasprintf("%s/vetch/journal/edit-%s", state, hex);
	return xasprintf("%s/.local/state/vetch/journal/edit-%s", home ? home : "", hex);
}

static int
write_file(struct change *change, struct err *err)
{
	char *folder;
	int result;

	change->path = journal_path(change->app);
	folder = xstrdup(change->path);
	*strrchr(folder, '/') = '\0';
	result = fs_mkdirs(folder, 0700, err);
	if (result == 0)
		result = fs_write(change->path, change->before, change->before_len, 0600, err);
	free(folder);
	return result;
}

static void
edit_value(struct change *change)
{
	struct app *app = change->app;
	struct err err = { 0 };
	char *command, *argv[] = { NULL, NULL, NULL, NULL, NULL, NULL };

	if (!editor() || !app->foreground) {
		type_value(change);
		return;
	}
	if (write_file(change, &err) != 0) {
		app_error(app, &err);
		change_free(change);
		return;
	}
	command = xasprintf("%s \"$1\"", editor()); /* $EDITOR may hold arguments */
	argv[0] = (char[]){ "/bin/sh" };
	argv[1] = (char[]){ "-c" };
	argv[2] = command;
	argv[3] = (char[]){ "editor" };
	argv[4] = change->path;
	if (app->foreground(app->terminal, argv, on_edited, change) != 0) {
		app_message(app, "the editor cannot be started: %s", strerror(errno));
		change_free(change);
	}
	free(command);
}

void
keys_edit(struct keys *keys)
{
	const struct keyspace_row *row = keys_row(keys);
	const struct keyspace_value *value = keyspace_value(keys->space);
	struct change *change;

	if (row->folder || row->mark == KEY_DELETED || value->state != VALUE_HERE ||
	    !keys_value_of(keys, row)) {
		app_message(keys->pane.app, "only a key whose value is shown can be edited");
		return;
	}
	change = change_new(keys, value->key, value->key_len, value->mod_revision);
	if (!change)
		return;
	change->before = xcalloc(1, value->len + 1);
	memcpy(change->before, value->data, value->len);
	change->before_len = value->len;
	edit_value(change);
}

static void
on_key_typed(void *context, const char *text)
{
	struct keys *keys = context;
	struct change *change;

	keys->pane.app->dirty = true;
	if (!text || !*text)
		return;
	change = change_new(keys, text, strlen(text), 0);
	if (!change)
		return;
	change->before = xstrdup("");
	edit_value(change);
}

static const struct prompt_ops key_ops = {
	.done = on_key_typed, .hint = "the whole key   Enter goes on to its value   Esc leaves",
};

void
keys_new(struct keys *keys)
{
	const struct keyspace_folder *folder = keyspace_folder(keys->space);
	struct app *app = keys->pane.app;
	char *prefix = xstrndup(folder->prefix, folder->prefix_len);

	prompt_open(&app->prompt, &key_ops, keys, "new key: ");
	prompt_set(&app->prompt, prefix);
	app->dirty = true;
	free(prefix);
}
