/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_JOBS_H
#define MODEL_JOBS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/json.h"
#include "base/loop.h"
#include "base/secret.h"

/* Verbs run as children of this process, each in a process group of its own: vetch itself with
 * `--job`. What a job says is kept in journal/jobs/ID.jsonl where there is a workspace, by the job
 * itself, so that it outlives this console; the next console finds it there. */

struct jobs;
struct job;

enum jobs_change {
	JOBS_LIST = 1,		/* a job began, ended or was found */
	JOBS_PROGRESS = 2,	/* a step of a running one */
};

enum job_phase {
	JOB_RUN,		/* a verb as the command line runs it, nothing asked */
	JOB_PLAN,		/* what it would do; the result is the plan */
	JOB_APPLY,		/* carry a plan out */
};

enum job_state {
	JOB_RUNNING,
	JOB_DONE,
	JOB_FAILED,		/* see error */
	JOB_CANCELLED,
	JOB_INTERRUPTED,	/* found in the journal without an end, and its process is gone */
};

/* What is told of a job as it goes. Any may be NULL. `row` and `result` belong to the caller of the
 * callback and live until it returns. Exactly one of result and error comes, last; the job then
 * stays in the list, but a quiet one or a plan is gone after it. */
struct job_handler {
	void (*step)(void *context, const struct job *job);
	void (*row)(void *context, const char *list, struct json_object *row);
	void (*warn)(void *context, const char *text);
	void (*result)(void *context, struct json_object *result);
	void (*error)(void *context, const struct err *err);
};

struct job_spec {
	/* The verb's words, then flags and arguments; NULL-ended. Any bytes but 0. The connection's
	 * global flags are put before them (jobs_set_flags). */
	const char *const *argv;
	enum job_phase phase;
	struct json_object *plan;	/* JOB_APPLY: the result of JOB_PLAN; not taken over */
	const struct secrets *secrets;	/* or NULL; copied; never written down */
	const struct job_handler *handler;	/* NULL: nobody listens */
	void *context;
	bool quiet;	/* a listing for a pane: no entry in the list and none in the journal */
};

struct job_facts {
	unsigned number;	/* "job 7" */
	const char *title;	/* the words of its verb and its positions: "backup create" */
	enum job_phase phase;
	enum job_state state;
	pid_t pid;
	int64_t started_ms, ended_ms;	/* clock_wall_ms(); ended_ms 0 while running */
	const char *step;	/* name of the last step, "" before the first */
	int64_t done, total;	/* of that step; total 0 where not known */
	const char *unit;
	bool hold;		/* it must not be killed now */
	bool quiet;
	bool taken_up;		/* of an earlier console: known from the journal only */
	struct json_object *result;	/* JOB_DONE, else NULL */
	struct err error;	/* JOB_FAILED, JOB_CANCELLED, JOB_INTERRUPTED */
	const char *last_warning;	/* or NULL */
};

/* `program` is the binary to run, normally /proc/self/exe. `changed` runs from the loop with a mask
 * of enum jobs_change. */
struct jobs *jobs_new(struct loop *loop, const char *program,
    void (*changed)(void *context, unsigned mask), void *context);
/* Told of every job that ends, quiet ones and those of earlier consoles too, after its handler. */
void jobs_on_end(struct jobs *jobs, void (*ended)(void *context, const struct job *job),
    void *context);
/* Running jobs go on; their callbacks do not come. */
void jobs_free(struct jobs *jobs);

/* Where jobs write their lines (a workspace folder; NULL: nowhere), and what is found there is
 * listed. */
void jobs_set_workspace(struct jobs *jobs, const char *folder);
/* Global flags of this console for every job, NULL-ended: ["-C", dir, "--endpoints", …]; copied. */
void jobs_set_flags(struct jobs *jobs, const char *const *flags);
/* A secret typed once for the session ("etcd_password"), given to every job; NULL forgets it. */
void jobs_set_secret(struct jobs *jobs, const char *name, const char *text);

/* NULL with err where it could not be started. The job belongs to `jobs`. No callback comes from
 * inside. */
struct job *jobs_start(struct jobs *jobs, const struct job_spec *spec, struct err *err);
/* SIGTERM to its group, SIGKILL after 3 s unless it holds. Its end is told as any other. */
void job_cancel(struct job *job);
/* The handler is told nothing more (its pane has gone); the job runs on. NULL is allowed. */
void job_forget_handler(struct job *job);

/* Newest first, quiet ones not counted. Pointers live until the loop turns. */
size_t jobs_count(const struct jobs *jobs);
struct job *jobs_at(const struct jobs *jobs, size_t index);
size_t jobs_running(const struct jobs *jobs);
/* The one to show on row 23: the newest that runs, or NULL. */
struct job *jobs_foremost(const struct jobs *jobs);
const struct job_facts *job_facts(const struct job *job);

/* How many quiet jobs and plans run: what "idle" waits for. */
size_t jobs_quiet(const struct jobs *jobs);

#endif
