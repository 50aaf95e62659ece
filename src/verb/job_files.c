/* SPDX-License-Identifier: Apache-2.0 */
#include "verb/job_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/child.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/text.h"

enum { FILES_MAX = 10000, HEAD_MAX = 64 << 10, TAIL_MAX = CHILD_LINE_MAX + HEAD_MAX,
	WORDS_MAX = 200 };

static const char *const states[] = {
	[JOB_FILE_RUNNING] = "running", [JOB_FILE_DONE] = "done", [JOB_FILE_FAILED] = "failed",
	[JOB_FILE_CANCELLED] = "cancelled", [JOB_FILE_INTERRUPTED] = "interrupted",
};

char *
job_folder(const struct verb_call *call, struct err *err)
{
	char *workspace = workspace_folder(call->settings, NULL), *folder = NULL;

	if (workspace && fs_exists(workspace))
		folder = fs_join(workspace, "journal/jobs");
	else if (workspace)
		err_set(err, ERR_NOT_FOUND, "there is no workspace %s", workspace);
	else
		err_set(err, ERR_NOT_FOUND, "no workspace is named, and there is no home to look in");
	if (!folder)
		err_cure(err, "Name a workspace with -C.");
	free(workspace);
	return folder;
}

void
job_file_release(struct job_file *file)
{
	free(file->path);
	free(file->title);
	json_object_put(file->last);
	*file = (struct job_file){ 0 };
}

/* A job holds its journal locked as long as it lives. */
static bool
is_held(int fd)
{
	bool held = flock(fd, LOCK_SH | LOCK_NB) != 0;

	if (!held)
		flock(fd, LOCK_UN);
	return held;
}

static void
take_begin(struct job_file *file, const char *line, size_t len)
{
	struct json_object *said = json_parse(line, len, "a journal", NULL);
	struct json_object *begin = json_get(said, "begin");
	int64_t pid = json_int(begin, "pid", 0);

	file->title = xstrdup(json_str(begin, "title", "a job"));
	file->pid = pid > 1 && pid <= INT32_MAX ? (pid_t)pid : 0;
	file->started_ms = json_int(begin, "started", 0);
	json_object_put(said);
}

static void
take_last(struct job_file *file, const char *line, size_t len)
{
	struct json_object *said = json_parse(line, len, "a journal", NULL);
	const char *code = json_str(json_get(said, "error"), "code", NULL);

	if (json_get(said, "result"))
		file->state = JOB_FILE_DONE;
	else if (code)
		file->state = strcmp(code, "cancelled") == 0 ? JOB_FILE_CANCELLED : JOB_FILE_FAILED;
	json_object_put(file->last);
	file->last = json_object_get(said);
	json_object_put(said);
}

/* The last whole line of a file. */
static void
read_last(struct job_file *file, int fd, off_t size)
{
	off_t from = size > TAIL_MAX ? size - TAIL_MAX : 0;
	struct buf tail = BUF_INIT(TAIL_MAX);
	char *at = buf_reserve(&tail, (size_t)(size - from));
	ssize_t n = at ? pread(fd, at, (size_t)(size - from), from) : 0;
	size_t end, start;

	for (end = n > 0 ? (size_t)n : 0; end && at[end - 1] != '\n'; end--)
		;
	for (start = end ? end - 1 : 0; start && at[start - 1] != '\n'; start--)
		;
	if (end)
		take_last(file, at + start, end - 1 - start);
	buf_release(&tail);
}

static void
read_first(struct job_file *file, int fd)
{
	char head[HEAD_MAX];
	ssize_t n = pread(fd, head, sizeof head, 0);
	char *newline = n > 0 ? memchr(head, '\n', (size_t)n) : NULL;

	take_begin(file, head, newline ? (size_t)(newline - head) : 0);
}

/* Whether it is held is asked first: what a process wrote last is then there. */
static bool
read_file(struct job_file *file, const char *folder, unsigned id)
{
	struct stat st;
	bool held;
	int fd;

	*file = (struct job_file){ .id = id, .path = xasprintf("%s/%u.jsonl", folder, id) };
	fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return false;
	held = is_held(fd);
	file->state = held ? JOB_FILE_RUNNING : JOB_FILE_INTERRUPTED;
	read_first(file, fd);
	if (fstat(fd, &st) != 0)
		memset(&st, 0, sizeof st);
	if (st.st_size > 0)
		read_last(file, fd, st.st_size);
	if (file->state != JOB_FILE_RUNNING)
		file->ended_ms = (int64_t)st.st_mtime * 1000;
	close(fd);
	return true;
}

static int
newest_first(const void *a, const void *b)
{
	const struct job_file *x = a, *y = b;

	return x->id < y->id ? 1 : x->id > y->id ? -1 : 0;
}

size_t
job_files_list(const char *folder, struct job_file **files)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	size_t len = 0, cap = 0;

	*files = NULL;
	while (dir && (entry = readdir(dir)) && len < FILES_MAX) {
		char *end;
		unsigned long id = strtoul(entry->d_name, &end, 10);

		if (end == entry->d_name || strcmp(end, ".jsonl") != 0 || id > 1000000000)
			continue;
		GROW(*files, len, cap);
		if (read_file(&(*files)[len], folder, (unsigned)id))
			len++;
		else
			job_file_release(&(*files)[len]);
	}
	if (dir)
		closedir(dir);
	if (len)
		qsort(*files, len, sizeof **files, newest_first);
	return len;
}

void
job_files_free(struct job_file *files, size_t count)
{
	for (size_t i = 0; i < count; i++)
		job_file_release(&files[i]);
	free(files);
}

int
job_file_find(const char *folder, const char *text, struct job_file *file, struct err *err)
{
	int64_t id;

	if (!text_int(text, 1, 1000000000, &id))
		return err_set(err, ERR_USAGE, "\"%.40s\" is no number of a job", text);
	if (read_file(file, folder, (unsigned)id))
		return 0;
	err_set(err, ERR_NOT_FOUND, "there is no job %u in %s", (unsigned)id, folder);
	return err_cure(err, "See which there are: vetch job list");
}

const char *
job_file_state(const struct job_file *file)
{
	return states[file->state];
}

static void
add_escaped(struct buf *out, const char *text)
{
	size_t len = strlen(text);

	text_escape(out, text, len < WORDS_MAX ? len : WORDS_MAX);
}

void
job_file_words(const struct job_file *file, struct buf *out)
{
	struct json_object *step = json_get(file->last, "step");

	if (file->state == JOB_FILE_INTERRUPTED)
		buf_add_str(out, "its process ended without a word");
	else if (json_get(file->last, "error"))
		add_escaped(out, json_str(json_get(file->last, "error"), "text", ""));
	else if (json_get(file->last, "warn"))
		add_escaped(out, json_str(json_get(file->last, "warn"), "text", ""));
	else if (step) {
		add_escaped(out, json_str(step, "name", ""));
		buf_printf(out, " %lld", (long long)json_int(step, "done", 0));
		if (json_int(step, "total", 0))
			buf_printf(out, " of %lld", (long long)json_int(step, "total", 0));
		buf_add_str(out, " ");
		add_escaped(out, json_str(step, "unit", ""));
	}
}

struct json_object *
job_file_json(const struct job_file *file)
{
	static const char *const parts[] = { "step", "error", "result" };
	struct json_object *object = json_object_new_object();

	json_put_int(object, "id", file->id);
	json_put_str(object, "title", file->title);
	json_put_str(object, "state", job_file_state(file));
	json_put_time(object, "started", file->started_ms / 1000);
	json_put_time(object, "ended", file->ended_ms / 1000);
	json_put_int(object, "pid", file->pid);
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		if (json_get(file->last, parts[i]))
			json_put_object(object, parts[i],
			    json_object_get(json_get(file->last, parts[i])));
	return object;
}

bool
job_file_runs(const struct job_file *file)
{
	char *folder = xasprintf("/proc/%d/fd", (int)file->pid), *path;
	struct stat journal, st;
	DIR *dir = file->pid > 1 && getpgid(file->pid) == file->pid ? opendir(folder) : NULL;
	struct dirent *entry;
	bool found = false;

	if (stat(file->path, &journal) != 0)
		journal.st_ino = 0;
	while (dir && !found && (entry = readdir(dir))) {
		path = fs_join(folder, entry->d_name);
		found = journal.st_ino && stat(path, &st) == 0 && st.st_dev == journal.st_dev &&
		    st.st_ino == journal.st_ino;
		free(path);
	}
	if (dir)
		closedir(dir);
	free(folder);
	return found;
}
