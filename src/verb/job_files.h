/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERB_JOB_FILES_H
#define VERB_JOB_FILES_H

#include <stdint.h>
#include <sys/types.h>

#include "verb/verb.h"

/* The jobs of a workspace as journal/jobs/ID.jsonl tells of them (verb/job_journal.h writes it). */

enum job_file_state {
	JOB_FILE_RUNNING,
	JOB_FILE_DONE,
	JOB_FILE_FAILED,
	JOB_FILE_CANCELLED,
	JOB_FILE_INTERRUPTED,	/* no last word, and its process is gone */
};

struct job_file {
	unsigned id;
	char *path, *title;
	pid_t pid;
	int64_t started_ms, ended_ms;	/* since 1970; ended 0 while it runs */
	enum job_file_state state;
	struct json_object *last;	/* its result or error, else its last step or warning; or NULL */
};

/* WORKSPACE/journal/jobs; the caller frees. ERR_NOT_FOUND where there is no workspace folder. */
char *job_folder(const struct verb_call *call, struct err *err);

/* Every job there, newest first; frees with job_files_free. No folder: none. */
size_t job_files_list(const char *folder, struct job_file **files);
void job_files_free(struct job_file *files, size_t count);

/* The one whose id is `text`: ERR_USAGE, ERR_NOT_FOUND. job_file_release in any case. */
int job_file_find(const char *folder, const char *text, struct job_file *file, struct err *err);
void job_file_release(struct job_file *file);

/* {"id","title","state","started","ended","pid","step","error"}: what of it is known. */
struct json_object *job_file_json(const struct job_file *file);
const char *job_file_state(const struct job_file *file);
/* What it said last, one line of words; "" where it said nothing. */
void job_file_words(const struct job_file *file, struct buf *out);

/* True while its process is there, and is that of this job: it holds the journal open. */
bool job_file_runs(const struct job_file *file);

#endif
