/* SPDX-License-Identifier: Apache-2.0
 * links: the names of other tools that vetch answers to, as symbolic links to it in a folder. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "verb/program.h"
#include "verb/verb.h"

enum link_state { LINK_MISSING, LINK_THERE, LINK_OLD, LINK_FOREIGN };

/* What a symbolic link says, or NULL where it is none. The caller frees. */
static char *
link_target(const char *path)
{
	char text[PATH_MAX];
	ssize_t len = readlink(path, text, sizeof text - 1);

	return len > 0 ? xstrndup(text, (size_t)len) : NULL;
}

static enum link_state
state_of(const char *path, const char *own)
{
	struct stat st;
	char *target = link_target(path);
	const char *base = target ? strrchr(target, '/') : NULL;
	enum link_state state = LINK_FOREIGN;

	if (lstat(path, &st) != 0)
		state = LINK_MISSING;
	else if (target && strcmp(target, own) == 0)
		state = LINK_THERE;
	else if (target && strcmp(base ? base + 1 : target, "vetch") == 0)
		state = LINK_OLD;
	free(target);
	return state;
}

static const char *
folder_of(const struct verb_call *call, struct err *err)
{
	const char *folder = args_at(call->args, 0);
	struct stat st;

	if (args_expect(call, 1, 1, err) != 0)
		return NULL;
	if (stat(folder, &st) == 0 && S_ISDIR(st.st_mode))
		return folder;
	err_set(err, ERR_NOT_FOUND, "%s is no folder", folder);
	err_cure(err, "Make it first, or name one that is in PATH.");
	return NULL;
}

/* All are looked at before the first is made. */
static int
check(const char *folder, const char *own, struct err *err)
{
	for (const struct program *program = programs; program->name; program++) {
		char *path = fs_join(folder, program->name);
		bool foreign = state_of(path, own) == LINK_FOREIGN;

		if (foreign) {
			err_set(err, ERR_GUARD, "nothing was changed: %s is there and is no link to vetch", path);
			err_cure(err, "Move it away first, or name another folder.");
		}
		free(path);
		if (foreign)
			return -1;
	}
	return 0;
}

static char *
own_path(struct err *err)
{
	char *own = link_target("/proc/self/exe");

	if (!own)
		err_errno(err, errno, "where this vetch lies is not known");
	return own;
}

static int
plan(struct verb_call *call, struct plan *plan, struct err *err)
{
	static const char *const words[] = { [LINK_MISSING] = "makes", [LINK_THERE] = "keeps",
		[LINK_OLD] = "replaces" };
	const char *folder = folder_of(call, err);
	char *own = folder ? own_path(err) : NULL;
	int result = own ? check(folder, own, err) : -1;

	for (const struct program *program = programs; result == 0 && program->name; program++) {
		char *path = fs_join(folder, program->name);
		enum link_state state = state_of(path, own);

		if (state != LINK_FOREIGN)
			plan_line(plan, "%s %s -> %s", words[state], path, own);
		free(path);
	}
	free(own);
	return result;
}

/* An old link is replaced in one step: the name never lacks. */
static int
make(const char *path, const char *own, enum link_state state, struct err *err)
{
	char *temp = xasprintf("%s.%d.new", path, (int)getpid());
	int failed = 0;

	if (state == LINK_MISSING)
		failed = symlink(own, path) != 0;
	else if (state == LINK_OLD)
		failed = symlink(own, temp) != 0 || rename(temp, path) != 0;
	if (failed) {
		err_errno(err, errno, "%s cannot be made", path);
		unlink(temp);
	}
	free(temp);
	return failed ? -1 : 0;
}

static int
make_one(struct verb_call *call, const char *path, const char *own, struct err *err)
{
	static const char *const words[] = { [LINK_MISSING] = "made", [LINK_THERE] = "there",
		[LINK_OLD] = "replaced" };
	enum link_state state = state_of(path, own);
	struct json_object *row;

	if (state == LINK_FOREIGN)
		return err_set(err, ERR_GUARD, "%s was made by another meanwhile", path);
	if (make(path, own, state, err) != 0)
		return -1;
	row = json_object_new_object();
	json_put_str(row, "path", path);
	json_put_str(row, "target", own);
	json_put_str(row, "state", words[state]);
	report_row(call->report, "links", row);
	report_text(call->report, "%s -> %s  %s\n", path, own, words[state]);
	return 0;
}

static int
run(struct verb_call *call, struct err *err)
{
	const char *folder = folder_of(call, err);
	char *own = folder ? own_path(err) : NULL;
	int result = own ? check(folder, own, err) : -1;

	report_list(call->report, "links");
	for (const struct program *program = programs; result == 0 && program->name; program++) {
		char *path = fs_join(folder, program->name);

		result = make_one(call, path, own, err);
		free(path);
	}
	free(own);
	return result;
}

const struct verb_ops ops_links = { .plan = plan, .run = run };
