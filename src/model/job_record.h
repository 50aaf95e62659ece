/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_JOB_RECORD_H
#define MODEL_JOB_RECORD_H

#include "base/child.h"
#include "model/jobs.h"

/* One job: what it has said so far, from its pipe or from its journal. */
struct job {
	struct jobs *jobs;
	struct job_facts facts;
	char *title, *step, *unit, *warning;
	const struct job_handler *handler;
	void *context;
	struct child *child;		/* NULL: ended, or of an earlier console */
	struct loop_timer *kill_timer;
	char *journal;			/* path, or NULL */
	off_t read_to;			/* of a journal that is followed */
	bool cancelled;			/* by job_cancel */
	bool ended;			/* its last line came */
};

struct job *job_new(struct jobs *jobs);
void job_free(struct job *job);

/* Takes one line that a job said; true where it changed more than the progress. */
bool job_take_line(struct job *job, const char *line, size_t len);
/* It is gone without a last line: `why` names how. */
void job_lost(struct job *job, enum job_state state, const char *why);

/* The last words of a job that begin with its verb: "backup create", "put /a/b". */
char *job_title(const char *const *argv);

/* Reads what its journal holds beyond what was read; a job of an earlier console. */
void job_follow(struct job *job);
/* True while a process holds the journal. */
bool job_journal_held(const char *path);

#endif
