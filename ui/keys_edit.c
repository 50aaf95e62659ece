/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/text.h"
#include "ui/edit_text.h"
#include "ui/keys_change.h"

/* A value in the user's editor, on a private file of journal/, or in the line on row 23. */

enum { VALUE_MAX = 64 << 20, TYPED_MAX = 4096, KEEP_SECONDS = 7 * 24 * 3600 };

/* ---- the file */

/* journal/ of the workspace, else of what belongs to this cluster; NULL where neither is known. */
static char *
journal_folder(const struct app *app)
{
	uint64_t id = members_summary(app->models.members)->cluster_id;
	char *state, *folder;

	if (app->connection.workspace)
		return xasprintf("%s/journal", app->connection.workspace);
	state = state_folder(id);
	folder = state ? xasprintf("%s/journal", state) : NULL;
	free(state);
	return folder;
}

/* Texts nobody came back for. */
static void
drop_old(const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	struct stat about;

	while (dir && (entry = readdir(dir)))
		if (strncmp(entry->d_name, "edit-", 5) == 0 &&
		    fstatat(dirfd(dir), entry->d_name, &about, AT_SYMLINK_NOFOLLOW) == 0 &&
		    about.st_mtime < time(NULL) - KEEP_SECONDS)
			unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir)
		closedir(dir);
}

static char *
new_path(const char *folder)
{
	static unsigned count;
	char stamp[32];
	time_t now = time(NULL);
	struct tm utc;

	strftime(stamp, sizeof stamp, "%Y%m%d-%H%M%S", gmtime_r(&now, &utc));
	return xasprintf("%s/edit-%s-%ld-%u", folder, stamp, (long)getpid(), ++count);
}

int
change_write(struct change *change, const char *data, size_t len, struct err *err)
{
	char *folder = journal_folder(change->app);
	int result = folder ? fs_mkdirs(folder, 0700, err)
			    : err_set(err, ERR_FAILED, "there is no folder to keep the text in: HOME is not set");

	if (result == 0 && !change->path) {
		drop_old(folder);
		change->path = new_path(folder);
	}
	if (result == 0)
		result = fs_write(change->path, data, len, 0600, err);
	free(folder);
	return result;
}

/* ---- what came of it */

static bool
unchanged(const struct change *change, const char *text, size_t len)
{
	return len == change->before_len && memcmp(text, change->before, len) == 0;
}

static void
take_text(struct change *change, const char *text, size_t len)
{
	if (unchanged(change, text, len)) {
		change->keep = false;
		change_leave(change, change->revision ? "unchanged: nothing is written"
						      : "nothing was written: no key is made");
		return;
	}
	free(change->mine);
	change->mine = xmalloc(len + 1);
	memcpy(change->mine, text, len);
	change->mine[len] = '\0';
	change->mine_len = len;
	change_put(change);
}

/* ---- the line on row 23 */

static void
on_typed(void *context, const char *text)
{
	struct change *change = context;

	change->app->dirty = true;
	if (text)
		take_text(change, text, strlen(text));
	else
		change_leave(change, change->mine ? "not written" : "");
}

static const struct prompt_ops typed_ops = {
	.done = on_typed, .hint = "the new value   Enter shows the plan   Esc leaves it as it is",
};

static void
type_value(struct change *change)
{
	struct app *app = change->app;
	struct err err;

	if (change->given_len > TYPED_MAX || !text_is_plain(change->given, change->given_len) ||
	    memchr(change->given, '\n', change->given_len)) {
		err_set(&err, ERR_USAGE, "this value is no single line of text, and neither VISUAL nor EDITOR"
		    " names an editor");
		err_cure(&err, "leave with q, set EDITOR, start vetch again");
		app_error(app, &err);
		change_free(change);
		return;
	}
	prompt_open(&app->prompt, &typed_ops, change, "value: ");
	prompt_set(&app->prompt, change->given);
	app->dirty = true;
}

/* ---- the editor */

static const char *
editor(void)
{
	const char *visual = getenv("VISUAL"), *plain = getenv("EDITOR");

	return visual && *visual ? visual : plain && *plain ? plain : NULL;
}

/* A shell tells of a signal by a code above 128. */
static void
explain(const char *name, int status, struct err *err)
{
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
	int number = WIFSIGNALED(status) ? WTERMSIG(status) : code > 128 ? code - 128 : 0;

	if (number)
		err_set(err, ERR_FAILED, "the editor \"%s\" was ended by signal %d (%s)", name, number,
		    strsignal(number));
	else if (code == 127)
		err_set(err, ERR_FAILED, "the editor \"%s\" was not found", name);
	else if (code == 126)
		err_set(err, ERR_FAILED, "the editor \"%s\" cannot be run", name);
	else
		err_set(err, ERR_FAILED, "the editor \"%s\" ended with exit code %d", name, code);
	if (code == 126 || code == 127)
		err_cure(err, "set VISUAL or EDITOR to an editor that is here, start vetch again");
	else
		err_cure(err, "e opens it again; VISUAL or EDITOR names another one");
}

static void
add_text(struct err *err, const char *text, const char *more)
{
	size_t len = strlen(err->text);

	snprintf(err->text + len, sizeof err->text - len, "%s%s", text, more);
}

/* The command that writes what was kept, where its words need no quotes and fit. */
static void
cure_by_put(const struct change *change, struct err *err)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
		"/._:@%+=,-";
	char *line = xasprintf("vetch put %s--value-file %s -- %s", change->leased
		? "--ignore-lease " : "", change->path, change->key);

	if (strlen(line) < sizeof err->cure && strspn(change->path, plain) == strlen(change->path) &&
	    strspn(change->key, plain) == change->key_len)
		err_cure(err, "%s", line);
	free(line);
}

static void
editor_failed(struct change *change, int status, const struct buf *left)
{
	const char *name = editor();
	struct err err;

	explain(name ? name : "", status, &err);
	change->keep = left && !unchanged(change, buf_str(left), edit_value_len(change->given,
	    change->given_len, buf_str(left), left->len));
	add_text(&err, ": nothing is written", "");
	if (change->keep) {
		add_text(&err, "; your text is kept in ", change->path);
		cure_by_put(change, &err);
	}
	app_error(change->app, &err);
	change_free(change);
}

static void
on_edited(void *context, int status)
{
	struct change *change = context;
	struct buf left = BUF_INIT(VALUE_MAX);
	struct err err = { 0 };
	bool there = fs_read(change->path, &left, &err) == 0;

	change->app->dirty = true;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		editor_failed(change, status, there ? &left : NULL);
	} else if (!there) {
		change->keep = err.code == ERR_TOO_BIG;
		app_error(change->app, &err);
		change_free(change);
	} else {
		take_text(change, buf_str(&left), edit_value_len(change->given, change->given_len,
		    buf_str(&left), left.len));
	}
	buf_release(&left);
}

static int
open_editor(struct change *change, struct err *err)
{
	char *command, *argv[] = { NULL, NULL, NULL, NULL, NULL, NULL };
	int result;

	if (change_write(change, change->given, change->given_len, err) != 0)
		return -1;
	command = xasprintf("%s \"$1\"", editor()); /* $EDITOR may hold arguments */
	argv[0] = (char[]){ "/bin/sh" };
	argv[1] = (char[]){ "-c" };
	argv[2] = command;
	argv[3] = (char[]){ "editor" };
	argv[4] = change->path;
	result = change->app->foreground(change->app->terminal, argv, on_edited, change);
	if (result != 0)
		err_errno(err, errno, "the editor \"%s\" cannot be started", editor());
	free(command);
	return result;
}

void
change_edit(struct change *change)
{
	struct err err = { 0 };

	if (!editor() || !change->app->foreground) {
		type_value(change);
	} else if (open_editor(change, &err) != 0) {
		app_error(change->app, &err);
		change_free(change);
	}
}

/* ---- what the pane's keys begin */

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
	change->leased = value->lease != 0;
	change_set_before(change, value->data, value->len);
	change_edit(change);
}

/* Of those in sight; the guard knows of the others. */
static bool
is_taken(const struct keys *keys, const char *key)
{
	const struct keyspace_row *row = keyspace_row(keys->space,
	    keyspace_find(keys->space, key, strlen(key)));

	return row && !row->folder && row->mark != KEY_DELETED && row->key_len == strlen(key) &&
	    memcmp(row->key, key, row->key_len) == 0;
}

static void
on_key_typed(void *context, const char *text)
{
	struct keys *keys = context;
	struct change *change;

	keys->pane.app->dirty = true;
	if (!text || !*text)
		return;
	if (is_taken(keys, text)) {
		app_message(keys->pane.app, "this key is there already: e on its row edits it");
		return;
	}
	change = change_new(keys, text, strlen(text), 0);
	change_set_before(change, "", 0);
	change_edit(change);
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
