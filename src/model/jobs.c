/* SPDX-License-Identifier: Apache-2.0 */
#include "model/jobs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/text.h"
#include "model/job_record.h"

enum { KILL_MS = 3000, FOLLOW_MS = 1000, LINE_MAX_BYTES = 8 << 20, KEEP_DAYS = 7, LIST_MAX = 200 };

struct jobs {
	struct loop *loop;
	char *program;
	void (*changed)(void *context, unsigned mask);
	void *context;
	void (*on_end)(void *context, const struct job *job);
	void *end_context;
	char *folder;			/* journal/jobs of the workspace, or NULL */
	char **flags;
	struct secrets secrets;
	struct job **list;		/* oldest first; quiet ones too */
	size_t len, cap;
	unsigned last_number;
	struct loop_timer *follow;
};

struct jobs *
jobs_new(struct loop *loop, const char *program, void (*changed)(void *context, unsigned mask),
    void *context)
{
	struct jobs *jobs = xcalloc(1, sizeof *jobs);

	jobs->loop = loop;
	jobs->program = xstrdup(program);
	jobs->changed = changed;
	jobs->context = context;
	return jobs;
}

void
jobs_on_end(struct jobs *jobs, void (*ended)(void *context, const struct job *job), void *context)
{
	jobs->on_end = ended;
	jobs->end_context = context;
}

void
jobs_free(struct jobs *jobs)
{
	if (!jobs)
		return;
	for (size_t i = 0; i < jobs->len; i++)
		job_free(jobs->list[i]);
	free(jobs->list);
	loop_timer_cancel(jobs->follow);
	strv_free(jobs->flags);
	secrets_release(&jobs->secrets);
	free(jobs->folder);
	free(jobs->program);
	free(jobs);
}

static void
tell(struct jobs *jobs, unsigned mask)
{
	if (jobs->changed)
		jobs->changed(jobs->context, mask);
}

void
jobs_set_flags(struct jobs *jobs, const char *const *flags)
{
	size_t count = 0;

	while (flags && flags[count])
		count++;
	strv_free(jobs->flags);
	jobs->flags = xcalloc(count + 1, sizeof *jobs->flags);
	for (size_t i = 0; i < count; i++)
		jobs->flags[i] = xstrdup(flags[i]);
}

void
jobs_set_secret(struct jobs *jobs, const char *name, const char *text)
{
	secrets_set(&jobs->secrets, name, text);
}

/* ---- the journal */

static struct job *
add_job(struct jobs *jobs)
{
	struct job *job = job_new(jobs);

	GROW(jobs->list, jobs->len, jobs->cap);
	jobs->list[jobs->len++] = job;
	return job;
}

static void
remove_job(struct jobs *jobs, struct job *job)
{
	for (size_t i = 0; i < jobs->len; i++)
		if (jobs->list[i] == job) {
			memmove(jobs->list + i, jobs->list + i + 1,
			    (jobs->len - i - 1) * sizeof *jobs->list);
			jobs->len--;
			break;
		}
	job_free(job);
}

static void
ended(struct job *job)
{
	struct jobs *jobs = job->jobs;

	if (jobs->on_end)
		jobs->on_end(jobs->end_context, job);
	if (!job->facts.quiet)
		tell(jobs, JOBS_LIST);
}

static void
follow_all(void *context)
{
	struct jobs *jobs = context;
	bool any = false;

	jobs->follow = NULL;
	for (size_t i = 0; i < jobs->len; i++) {
		struct job *job = jobs->list[i];

		if (!job->facts.taken_up || job->ended)
			continue;
		job_follow(job);
		if (job->ended)
			ended(job);
		any |= !job->ended;
	}
	tell(jobs, JOBS_PROGRESS);
	if (any)
		jobs->follow = loop_timer_add(jobs->loop, FOLLOW_MS, follow_all, jobs);
}

static void
take_up(struct jobs *jobs, const char *path, unsigned number)
{
	struct job *job = add_job(jobs);
	struct stat st;

	job->facts.number = number;
	job->facts.taken_up = true;
	job->journal = xstrdup(path);
	job_follow(job);
	if (job->ended && stat(path, &st) == 0)
		job->facts.ended_ms = (int64_t)st.st_mtime * 1000;
	else if (!jobs->follow)
		jobs->follow = loop_timer_add(jobs->loop, FOLLOW_MS, follow_all, jobs);
}

static bool
too_old(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !job_journal_held(path) &&
	    clock_wall_ms() / 1000 - st.st_mtime > KEEP_DAYS * 86400;
}

static int
by_number(const void *a, const void *b)
{
	const struct job *x = *(const struct job *const *)a, *y = *(const struct job *const *)b;

	return x->facts.number < y->facts.number ? -1 : x->facts.number > y->facts.number;
}

static void
scan(struct jobs *jobs)
{
	DIR *dir = opendir(jobs->folder);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)) && jobs->len < LIST_MAX) {
		char *end, *path;
		unsigned long number = strtoul(entry->d_name, &end, 10);

		if (end == entry->d_name || strcmp(end, ".jsonl") != 0 || number > 1000000000)
			continue;
		path = fs_join(jobs->folder, entry->d_name);
		if (number > jobs->last_number)
			jobs->last_number = (unsigned)number;
		if (too_old(path))
			unlink(path);
		else
			take_up(jobs, path, (unsigned)number);
		free(path);
	}
	if (dir)
		closedir(dir);
	if (jobs->len)
		qsort(jobs->list, jobs->len, sizeof *jobs->list, by_number);
}

void
jobs_set_workspace(struct jobs *jobs, const char *folder)
{
	free(jobs->folder);
	jobs->folder = folder ? fs_join(folder, "journal/jobs") : NULL;
	if (jobs->folder)
		scan(jobs);
	tell(jobs, JOBS_LIST);
}

/* Takes the next number by making its file; a journal that cannot be written stops no job. */
static void
reserve(struct jobs *jobs, struct job *job)
{
	int fd = -1;

	job->facts.number = ++jobs->last_number;
	if (!jobs->folder || fs_mkdirs(jobs->folder, 0700, NULL) != 0)
		return;
	for (int tries = 0; tries < 1000 && fd < 0; tries++) {
		free(job->journal);
		job->journal = xasprintf("%s/%u.jsonl", jobs->folder, job->facts.number);
		fd = open(job->journal, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (fd < 0 && errno == EEXIST)
			job->facts.number = ++jobs->last_number;
		else if (fd < 0)
			break;
	}
	if (fd >= 0) {
		close(fd);
		return;
	}
	free(job->journal);
	job->journal = NULL;
}

/* ---- children */

static void
on_line(void *context, const char *line, size_t len)
{
	struct job *job = context;
	struct jobs *jobs = job->jobs;
	bool was = job->ended, more = job_take_line(job, line, len);

	if (job->ended && !was)
		ended(job);
	else if (!job->facts.quiet)
		tell(jobs, more ? JOBS_LIST : JOBS_PROGRESS);
}

static char *
how_it_ended(int status, bool overlong, const char *stderr_tail)
{
	size_t len = strcspn(stderr_tail, "\n");
	struct buf tail = BUF_INIT(1000);
	char *why;

	text_escape(&tail, stderr_tail, len < 200 ? len : 200);
	if (overlong)
		why = xstrdup("said a line above 1 MiB and was ended");
	else if (WIFSIGNALED(status))
		why = xasprintf("was ended by signal %d (%s)", WTERMSIG(status),
		    strsignal(WTERMSIG(status)));
	else
		why = xasprintf("ended with status %d and no last word%s%s", WEXITSTATUS(status),
		    tail.len ? ": " : "", buf_str(&tail));
	buf_release(&tail);
	return why;
}

static void
on_ended(void *context, int status, bool overlong, const char *stderr_tail)
{
	struct job *job = context;
	struct jobs *jobs = job->jobs;

	job->child = NULL;
	loop_timer_cancel(job->kill_timer);
	if (!job->ended) {
		char *why = how_it_ended(status, overlong, stderr_tail);

		job_lost(job, job->cancelled ? JOB_CANCELLED : JOB_FAILED, why);
		free(why);
		job->kill_timer = NULL;
		ended(job);
	}
	job->kill_timer = NULL;
	if (job->facts.quiet)
		remove_job(jobs, job);
	else
		tell(jobs, JOBS_LIST);
}

/* JSON text is UTF-8; a word that may not be goes in base64. */
static struct json_object *
word(const char *text)
{
	struct json_object *encoded;
	struct buf base64 = BUF_INIT(LINE_MAX_BYTES);
	bool ascii = true;

	for (const char *c = text; *c; c++)
		ascii &= (unsigned char)*c < 0x80;
	if (ascii)
		return json_object_new_string(text);
	base64_encode(&base64, text, strlen(text));
	encoded = json_object_new_object();
	json_put_str(encoded, "b64", buf_str(&base64));
	buf_release(&base64);
	return encoded;
}

/* The end of a job's line, which json-c never sees: it would keep copies. */
static void
add_secrets(const struct jobs *jobs, const struct job_spec *spec, struct buf *out)
{
	struct secrets all = { 0 };

	secrets_add_all(&all, &jobs->secrets);
	secrets_add_all(&all, spec->secrets);
	buf_add_str(out, ",\"secrets\":");
	secrets_write(&all, out);
	buf_add_byte(out, '}');
	secrets_release(&all);
}

static struct json_object *
line_of(const struct jobs *jobs, const struct job *job, const struct job_spec *spec)
{
	static const char *const phases[] = {
		[JOB_RUN] = "run", [JOB_PLAN] = "plan", [JOB_APPLY] = "apply" };
	struct json_object *line = json_object_new_object(), *argv = json_object_new_array();

	for (char **flag = jobs->flags; flag && *flag; flag++)
		json_object_array_add(argv, word(*flag));
	for (const char *const *text = spec->argv; *text; text++)
		json_object_array_add(argv, word(*text));
	json_put_object(line, "argv", argv);
	json_put_str(line, "phase", phases[spec->phase]);
	if (spec->plan)
		json_put_object(line, "plan", json_object_get(spec->plan));
	if (job->journal)
		json_put_str(line, "journal", job->journal);
	json_put_str(line, "title", job->title);
	return line;
}

static struct child *
spawn(struct jobs *jobs, struct job *job, const struct job_spec *spec, struct err *err)
{
	static const struct child_handler handler = { on_line, on_ended };
	const char *argv[] = { jobs->program, "--job", NULL };
	struct json_object *line = line_of(jobs, job, spec);
	const char *text = json_line(line);
	struct buf end = BUF_LOCKED(LINE_MAX_BYTES);
	struct child_spec child = { .argv = argv, .input = text, .input_len = strlen(text) - 1,
		.handler = &handler, .context = job };
	struct child *started;

	add_secrets(jobs, spec, &end);
	child.secret = end.data;
	child.secret_len = end.len;
	started = child_start(jobs->loop, &child, err);
	buf_release(&end);
	json_object_put(line);
	return started;
}

struct job *
jobs_start(struct jobs *jobs, const struct job_spec *spec, struct err *err)
{
	struct job *job = add_job(jobs);

	free(job->title);
	job->title = job_title(spec->argv);
	job->facts.title = job->title;
	job->facts.phase = spec->phase;
	job->facts.quiet = spec->quiet || spec->phase == JOB_PLAN;
	job->facts.started_ms = clock_wall_ms();
	job->handler = spec->handler;
	job->context = spec->context;
	if (!job->facts.quiet)
		reserve(jobs, job);
	job->child = spawn(jobs, job, spec, err);
	if (!job->child) {
		if (job->journal)
			unlink(job->journal);
		remove_job(jobs, job);
		return NULL;
	}
	job->facts.pid = child_pid(job->child);
	if (!job->facts.quiet)
		tell(jobs, JOBS_LIST);
	return job;
}

static void
kill_now(void *context)
{
	struct job *job = context;

	job->kill_timer = NULL;
	if (!job->child && !(job->facts.taken_up && !job->ended))
		return;
	if (job->facts.hold)
		job->kill_timer = loop_timer_add(job->jobs->loop, KILL_MS, kill_now, job);
	else if (job->child)
		child_signal(job->child, SIGKILL);
	else if (job_journal_held(job->journal) && job->facts.pid > 1)
		kill(-job->facts.pid, SIGKILL);
}

void
job_cancel(struct job *job)
{
	if (job->kill_timer || job->ended)
		return;
	if (job->child)
		child_signal(job->child, SIGTERM);
	else if (job->journal && job_journal_held(job->journal) && job->facts.pid > 1)
		kill(-job->facts.pid, SIGTERM);
	else
		return;
	job->cancelled = true;
	job->kill_timer = loop_timer_add(job->jobs->loop, KILL_MS, kill_now, job);
}

void
job_forget_handler(struct job *job)
{
	if (job)
		job->handler = NULL;
}

/* ---- the list */

size_t
jobs_count(const struct jobs *jobs)
{
	size_t count = 0;

	for (size_t i = 0; i < jobs->len; i++)
		count += !jobs->list[i]->facts.quiet;
	return count;
}

struct job *
jobs_at(const struct jobs *jobs, size_t index)
{
	for (size_t i = jobs->len; i-- > 0;)
		if (!jobs->list[i]->facts.quiet && index-- == 0)
			return jobs->list[i];
	return NULL;
}

size_t
jobs_running(const struct jobs *jobs)
{
	size_t count = 0;

	for (size_t i = 0; i < jobs->len; i++)
		count += !jobs->list[i]->facts.quiet && !jobs->list[i]->ended;
	return count;
}

struct job *
jobs_foremost(const struct jobs *jobs)
{
	for (size_t i = jobs->len; i-- > 0;)
		if (!jobs->list[i]->facts.quiet && !jobs->list[i]->ended)
			return jobs->list[i];
	return NULL;
}

const struct job_facts *
job_facts(const struct job *job)
{
	return &job->facts;
}

size_t
jobs_quiet(const struct jobs *jobs)
{
	size_t count = 0;

	for (size_t i = 0; i < jobs->len; i++)
		count += jobs->list[i]->facts.quiet && jobs->list[i]->child;
	return count;
}
