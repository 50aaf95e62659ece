/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERB_JOB_JOURNAL_H
#define VERB_JOB_JOURNAL_H

#include <stddef.h>

/* A job's own record of what it says, so that it outlives the console that started it. The file is
 * named by the job's line ("journal") and stays locked as long as the process lives: that is how
 * another console knows a running job from an interrupted one. */

/* Opens it and writes the first line {"begin":{"title","pid","started"}}. -1 where the line names
 * none or it cannot be written, which stops no job. */
int job_journal_open(const char *line, size_t len);

#endif
