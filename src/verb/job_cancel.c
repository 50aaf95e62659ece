/* SPDX-License-Identifier: Apache-2.0
 * job cancel: asks a running job to end, and waits for its last word. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include "verb/job_files.h"

enum { LOOK_MS = 50, WAIT_MS = 10000 };

struct waiting {
	struct loop *loop;
	const struct job_file *file;
	int64_t left_ms;
	bool over;
};

static void
look(void *context)
{
	struct waiting *waiting = context;

	waiting->left_ms -= LOOK_MS;
	waiting->over = waiting->left_ms <= 0 || !job_file_runs(waiting->file);
	if (!waiting->over)
		loop_timer_add(waiting->loop, LOOK_MS, look, waiting);
}

static int
refuse(const struct job_file *file, struct err *err)
{
	err_set(err, ERR_GUARD, "job %u (%s) does not run: it is %s", file->id, file->title,
	    file->state == JOB_FILE_RUNNING ? "held by another process than its own"
	    : job_file_state(file));
	return err_cure(err, "See what it said: vetch job show %u", file->id);
}

/* The number in the journal may be another process's by now: only one that has the journal open
 * is that job. */
static int
cancel(struct verb_call *call, const struct job_file *file, struct err *err)
{
	struct waiting waiting = { call->loop, file, WAIT_MS, false };

	if (file->state != JOB_FILE_RUNNING || !job_file_runs(file))
		return refuse(file, err);
	if (kill(-file->pid, SIGTERM) != 0)
		return err_errno(err, errno, "job %u cannot be asked to end", file->id);
	look(&waiting);
	return loop_run_until(call->loop, &waiting.over, err);
}

static int
run(struct verb_call *call, struct err *err)
{
	struct job_file file = { 0 }, after = { 0 };
	char *folder = NULL;
	int result = -1;

	if (args_expect(call, 1, 1, err) == 0)
		folder = job_folder(call, err);
	if (folder && job_file_find(folder, args_at(call->args, 0), &file, err) == 0)
		result = cancel(call, &file, err);
	if (result == 0)
		result = job_file_find(folder, args_at(call->args, 0), &after, err);
	if (result == 0) {
		if (after.state == JOB_FILE_RUNNING) {
			result = err_set(err, ERR_FAILED, "job %u was asked to end 10 s ago and still works",
			    after.id);
			err_cure(err, "Look again: vetch job show %u", after.id);
		}
		report_text(call->report, "job %u  %s  %s\n", after.id, after.title,
		    job_file_state(&after));
		report_result(call->report, job_file_json(&after));
	}
	job_file_release(&file);
	job_file_release(&after);
	free(folder);
	return result;
}

const struct verb_ops ops_job_cancel = { .run = run };
