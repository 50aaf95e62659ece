/* SPDX-License-Identifier: Apache-2.0
 * job show: all that one job said, from its journal. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/text.h"
#include "verb/job_files.h"

enum { JOURNAL_MAX = 64 << 20 };

/* Steps are told by the last one alone. */
static void
put_said(struct verb_call *call, struct json_object *said)
{
	struct json_object *row = json_get(said, "row");
	const char *warning = json_str(json_get(said, "warn"), "text", NULL);
	struct buf text = BUF_INIT(4 << 20);

	if (!row && !warning) {
		json_object_put(said);
		return;
	}
	if (warning) {
		buf_add_str(&text, "warning: ");
		text_escape(&text, warning, strlen(warning));
	} else {
		buf_add_str(&text, json_line(row));
	}
	report_text(call->report, "%s\n", buf_str(&text));
	buf_release(&text);
	report_row(call->report, "said", said);
}

static int
put_journal(struct verb_call *call, const struct job_file *file, struct err *err)
{
	struct buf bytes = BUF_INIT(JOURNAL_MAX);
	char *newline;
	int result = fs_read(file->path, &bytes, err);

	for (size_t at = 0; result == 0 && at < bytes.len &&
	    (newline = memchr(bytes.data + at, '\n', bytes.len - at));) {
		size_t len = (size_t)(newline - bytes.data) - at;

		put_said(call, json_parse(bytes.data + at, len, "a journal", NULL));
		at += len + 1;
	}
	buf_release(&bytes);
	return result;
}

static void
put_head(struct verb_call *call, const struct job_file *file)
{
	char when[CLOCK_RFC3339_SIZE];

	report_text(call->report, "job %u  %s\n%s", file->id, file->title, job_file_state(file));
	report_text(call->report, ", started %s UTC", clock_minute(file->started_ms / 1000, when));
	if (file->ended_ms)
		report_text(call->report, ", ended %s UTC", clock_minute(file->ended_ms / 1000, when));
	else
		report_text(call->report, ", process %d", (int)file->pid);
	report_text(call->report, "\n");
}

static void
put_end(struct verb_call *call, const struct job_file *file)
{
	struct json_object *result = json_get(file->last, "result");
	const char *cure = json_str(json_get(file->last, "error"), "cure", "");
	struct buf words = BUF_INIT(4096);

	job_file_words(file, &words);
	if (result)
		report_text(call->report, "%s\n", json_line(result));
	else if (words.len)
		report_text(call->report, "%s\n", buf_str(&words));
	if (*cure)
		report_text(call->report, "cure: %s\n", cure);
	buf_release(&words);
}

static int
run(struct verb_call *call, struct err *err)
{
	struct job_file file = { 0 };
	char *folder = NULL;
	int result = -1;

	if (args_expect(call, 1, 1, err) == 0)
		folder = job_folder(call, err);
	if (folder && job_file_find(folder, args_at(call->args, 0), &file, err) == 0) {
		report_list(call->report, "said");
		put_head(call, &file);
		result = put_journal(call, &file, err);
		put_end(call, &file);
		report_result(call->report, job_file_json(&file));
	}
	job_file_release(&file);
	free(folder);
	return result;
}

const struct verb_ops ops_job_show = { .run = run, .reads = true };
