/* SPDX-License-Identifier: Apache-2.0
 * job list: what the workspace's jobs are doing, or how they ended. */
#include <stdlib.h>

#include "base/clock.h"
#include "verb/job_files.h"

static void
put_line(struct verb_call *call, const struct job_file *file)
{
	char started[CLOCK_RFC3339_SIZE];
	struct buf words = BUF_INIT(4096);

	job_file_words(file, &words);
	report_text(call->report, "%5u  %-11s  %-16s  %-30s  %s\n", file->id, job_file_state(file),
	    clock_minute(file->started_ms / 1000, started), file->title, buf_str(&words));
	buf_release(&words);
}

static int
run(struct verb_call *call, struct err *err)
{
	struct job_file *files;
	char *folder;
	size_t count;

	if (args_expect(call, 0, 0, err) != 0)
		return -1;
	folder = job_folder(call, err);
	if (!folder)
		return -1;
	report_list(call->report, "jobs");
	count = job_files_list(folder, &files);
	if (count)
		report_text(call->report, "%5s  %-11s  %-16s  %-30s  %s\n", "ID", "STATE",
		    "STARTED (UTC)", "JOB", "LAST WORDS");
	else
		report_words(call->report, "no job in %s; the console's long work leaves them there", folder);
	for (size_t i = 0; i < count; i++) {
		put_line(call, &files[i]);
		report_row(call->report, "jobs", job_file_json(&files[i]));
	}
	job_files_free(files, count);
	free(folder);
	return 0;
}

const struct verb_ops ops_job_list = { .run = run, .reads = true };
