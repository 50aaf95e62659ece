/* SPDX-License-Identifier: Apache-2.0 */
#include "model/job_record.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"

enum { TITLE_WORDS = 2, TITLE_MAX = 60, FOLLOW_MAX = 8 << 20 };

struct job *
job_new(struct jobs *jobs)
{
	struct job *job = xcalloc(1, sizeof *job);

	job->jobs = jobs;
	job->title = xstrdup("");
	job->step = xstrdup("");
	job->unit = xstrdup("");
	job->facts.title = job->title;
	job->facts.step = job->step;
	job->facts.unit = job->unit;
	return job;
}

void
job_free(struct job *job)
{
	if (job->child)
		child_detach(job->child);
	loop_timer_cancel(job->kill_timer);
	json_object_put(job->facts.result);
	free(job->title);
	free(job->step);
	free(job->unit);
	free(job->warning);
	free(job->journal);
	free(job);
}

static void
replace(char **field, const char **shown, const char *text)
{
	if (strcmp(*field, text) == 0)
		return;
	free(*field);
	*field = xstrdup(text);
	*shown = *field;
}

static void
take_step(struct job *job, struct json_object *step)
{
	replace(&job->step, &job->facts.step, json_str(step, "name", ""));
	replace(&job->unit, &job->facts.unit, json_str(step, "unit", ""));
	job->facts.done = json_int(step, "done", 0);
	job->facts.total = json_int(step, "total", 0);
	if (job->handler && job->handler->step)
		job->handler->step(job->context, job);
}

static void
take_row(struct job *job, struct json_object *row)
{
	if (!job->handler || !job->handler->row || !json_object_is_type(row, json_type_object))
		return;
	json_object_object_foreach(row, list, value) {
		job->handler->row(job->context, list, value);
		return;
	}
}

static void
take_warning(struct job *job, const char *text)
{
	free(job->warning);
	job->warning = xstrdup(text);
	job->facts.last_warning = job->warning;
	if (job->handler && job->handler->warn)
		job->handler->warn(job->context, text);
}

static void
end(struct job *job, enum job_state state)
{
	job->ended = true;
	job->facts.state = state;
	job->facts.hold = false;
	job->facts.ended_ms = clock_wall_ms();
}

static void
take_error(struct job *job, struct json_object *error)
{
	struct err *err = &job->facts.error;
	const char *need = json_str(error, "need", "");

	err_set(err, err_code_of(json_str(error, "code", "failed")), "%s",
	    json_str(error, "text", "it failed without a reason"));
	if (*json_str(error, "cure", ""))
		err_cure(err, "%s", json_str(error, "cure", ""));
	memset(err->need, 0, sizeof err->need);
	memcpy(err->need, need, strnlen(need, sizeof err->need - 1));
	end(job, err->code == ERR_CANCELLED ? JOB_CANCELLED : JOB_FAILED);
	if (job->handler && job->handler->error)
		job->handler->error(job->context, err);
}

static void
take_result(struct job *job, struct json_object *result)
{
	job->facts.result = json_object_get(result);
	end(job, JOB_DONE);
	if (job->handler && job->handler->result)
		job->handler->result(job->context, result);
}

static void
take_begin(struct job *job, struct json_object *begin)
{
	replace(&job->title, &job->facts.title, json_str(begin, "title", "a job"));
	job->facts.pid = (pid_t)json_int(begin, "pid", 0);
	job->facts.started_ms = json_int(begin, "started", 0);
}

bool
job_take_line(struct job *job, const char *line, size_t len)
{
	struct json_object *said = json_parse(line, len, "a job's line", NULL), *part;
	bool more = true;

	if (!said || job->ended) {
		json_object_put(said);
		return false;
	}
	if ((part = json_get(said, "step"))) {
		take_step(job, part);
		more = false;
	} else if ((part = json_get(said, "row"))) {
		take_row(job, part);
		more = false;
	} else if ((part = json_get(said, "warn"))) {
		take_warning(job, json_str(part, "text", ""));
	} else if ((part = json_get(said, "hold"))) {
		job->facts.hold = json_flag(part, "on", false);
	} else if ((part = json_get(said, "result"))) {
		take_result(job, part);
	} else if ((part = json_get(said, "error"))) {
		take_error(job, part);
	} else if ((part = json_get(said, "begin"))) {
		take_begin(job, part);
	}
	json_object_put(said);
	return more;
}

void
job_lost(struct job *job, enum job_state state, const char *why)
{
	if (job->ended)
		return;
	err_set(&job->facts.error, state == JOB_CANCELLED ? ERR_CANCELLED : ERR_FAILED, "%s %s",
	    *job->title ? job->title : "the job", why);
	end(job, state);
	if (job->handler && job->handler->error)
		job->handler->error(job->context, &job->facts.error);
}

char *
job_title(const char *const *argv)
{
	struct buf title = BUF_INIT(4096);

	for (size_t i = 0; i < TITLE_WORDS && argv[i] && argv[i][0] != '-'; i++) {
		size_t len = strlen(argv[i]);

		if (i)
			buf_add_byte(&title, ' ');
		text_escape(&title, argv[i], len < TITLE_MAX ? len : TITLE_MAX);
	}
	return buf_steal(&title);
}

bool
job_journal_held(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool held;

	if (fd < 0)
		return false;
	held = flock(fd, LOCK_SH | LOCK_NB) != 0;
	close(fd);
	return held;
}

static void
take_lines(struct job *job, struct buf *bytes)
{
	size_t start = 0;
	char *newline;

	while (start < bytes->len &&
	    (newline = memchr(bytes->data + start, '\n', bytes->len - start))) {
		size_t len = (size_t)(newline - bytes->data) - start;

		job_take_line(job, bytes->data + start, len);
		start += len + 1;
	}
	job->read_to += (off_t)start;
}

/* Whether it is held is asked before reading: what a process wrote last is then there. */
void
job_follow(struct job *job)
{
	bool held = job_journal_held(job->journal);
	struct buf bytes = BUF_INIT(FOLLOW_MAX);
	int fd = open(job->journal, O_RDONLY | O_CLOEXEC);
	char part[65536];
	ssize_t n;

	while (fd >= 0 && !bytes.full &&
	    (n = pread(fd, part, sizeof part, job->read_to + (off_t)bytes.len)) > 0)
		buf_add(&bytes, part, (size_t)n);
	if (fd >= 0)
		close(fd);
	if (bytes.len)
		take_lines(job, &bytes);
	buf_release(&bytes);
	if (!held && !job->ended)
		job_lost(job, JOB_INTERRUPTED, "was interrupted: its process ended without a word");
}
