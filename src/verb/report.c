/* SPDX-License-Identifier: Apache-2.0 */
#include "verb/report.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"

enum { STEP_EVERY_MS = 100 };

struct report {
	enum report_mode mode;
	struct report_sink sink;
	struct json_object *lists;	/* rows by list, json mode */
	struct json_object *result;
	int64_t last_step_ms;
	char step_name[64];
	bool step_shown;
};

struct report *
report_new(enum report_mode mode, const struct report_sink *sink)
{
	struct report *report = xcalloc(1, sizeof *report);

	report->mode = mode;
	report->sink = *sink;
	report->lists = json_object_new_object();
	return report;
}

void
report_free(struct report *report)
{
	if (!report)
		return;
	json_object_put(report->lists);
	json_object_put(report->result);
	free(report);
}

enum report_mode
report_mode(const struct report *report)
{
	return report->mode;
}

void
report_set_mode(struct report *report, enum report_mode mode)
{
	report->mode = mode;
}

void
report_raw(struct report *report, const void *data, size_t len)
{
	report->sink.out(report->sink.context, data, len);
}

void
report_flush(struct report *report)
{
	if (report->sink.flush)
		report->sink.flush(report->sink.context);
}

static void
job_line(struct report *report, const char *kind, struct json_object *value)
{
	struct json_object *line = json_object_new_object();
	const char *text;

	json_put_object(line, kind, value);
	text = json_line(line);
	report_raw(report, text, strlen(text));
	report_raw(report, "\n", 1);
	json_object_put(line);
}

static void
words(struct report *report, const char *text)
{
	report->sink.words(report->sink.context, text, strlen(text));
}

/* A progress line drawn in place is wiped before other words follow. */
static void
wipe_step(struct report *report)
{
	if (report->step_shown)
		words(report, "\r\033[K");
	report->step_shown = false;
}

static void
draw_step(struct report *report, const char *name, int64_t done, int64_t total, const char *unit)
{
	struct buf line = BUF_INIT(400);
	char a[32], b[32];
	bool bytes = strcmp(unit, "bytes") == 0;

	if (bytes)
		text_size(done, a, sizeof a), text_size(total, b, sizeof b);
	else
		text_grouped(done, a, sizeof a), text_grouped(total, b, sizeof b);
	buf_printf(&line, "\r\033[K%s  %s", name, a);
	if (total > 0)
		buf_printf(&line, " of %s  %d %%", b, (int)(done * 100 / total));
	if (!bytes)
		buf_printf(&line, " %s", unit);
	words(report, buf_str(&line));
	report->step_shown = true;
	buf_release(&line);
}

void
report_step(struct report *report, const char *name, int64_t done, int64_t total, const char *unit)
{
	struct json_object *step;
	int64_t now = clock_ms();
	bool same = strncmp(name, report->step_name, sizeof report->step_name - 1) == 0;

	if (same && now - report->last_step_ms < STEP_EVERY_MS && (total == 0 || done < total))
		return;
	report->last_step_ms = now;
	memset(report->step_name, 0, sizeof report->step_name);
	memcpy(report->step_name, name, strnlen(name, sizeof report->step_name - 1));
	if (report->mode == REPORT_TEXT && report->sink.terminal)
		draw_step(report, name, done, total, unit);
	if (report->mode != REPORT_JOB)
		return;
	step = json_object_new_object();
	json_put_str(step, "name", name);
	json_put_int(step, "done", done);
	json_put_int(step, "total", total);
	json_put_str(step, "unit", unit);
	job_line(report, "step", step);
}

void
report_list(struct report *report, const char *list)
{
	if (report->mode == REPORT_JSON && !json_get(report->lists, list))
		json_put_object(report->lists, list, json_object_new_array());
}

void
report_row(struct report *report, const char *list, struct json_object *row)
{
	struct json_object *object;

	if (report->mode == REPORT_JSON) {
		report_list(report, list);
		json_object_array_add(json_get(report->lists, list), row);
	} else if (report->mode == REPORT_JOB) {
		object = json_object_new_object();
		json_put_object(object, list, row);
		job_line(report, "row", object);
	} else {
		json_object_put(row);
	}
}

/* What is printed may name what stands in a certificate or a bucket: it moves no cursor. */
static char *
shown(const char *format, va_list ap)
{
	char *text = xvasprintf(format, ap);
	struct buf out = BUF_INIT(SIZE_MAX);

	text_escape_lines(&out, text, strlen(text));
	free(text);
	return buf_steal(&out);
}

void
report_warn(struct report *report, const char *format, ...)
{
	va_list ap;
	char *text;

	va_start(ap, format);
	text = shown(format, ap);
	va_end(ap);
	if (report->mode == REPORT_JOB) {
		struct json_object *warn = json_object_new_object();

		json_put_str(warn, "text", text);
		job_line(report, "warn", warn);
	} else {
		wipe_step(report);
		words(report, "warning: ");
		words(report, text);
		words(report, "\n");
	}
	free(text);
}

void
report_hold(struct report *report, bool on)
{
	struct json_object *hold;

	if (report->mode != REPORT_JOB)
		return;
	hold = json_object_new_object();
	json_put_bool(hold, "on", on);
	job_line(report, "hold", hold);
}

void
report_result(struct report *report, struct json_object *result)
{
	json_object_put(report->result);
	report->result = result;
}

void
report_bytes(struct report *report, const void *data, size_t len)
{
	if (report->mode != REPORT_TEXT)
		return;
	wipe_step(report);
	report_raw(report, data, len);
}

void
report_text(struct report *report, const char *format, ...)
{
	va_list ap;
	char *text;

	if (report->mode != REPORT_TEXT)
		return;
	va_start(ap, format);
	text = shown(format, ap);
	va_end(ap);
	report_bytes(report, text, strlen(text));
	free(text);
}

void
report_words(struct report *report, const char *format, ...)
{
	va_list ap;
	char *text;

	if (report->mode != REPORT_TEXT)
		return;
	va_start(ap, format);
	text = shown(format, ap);
	va_end(ap);
	wipe_step(report);
	words(report, text);
	words(report, "\n");
	free(text);
}

void
report_error(struct report *report, const struct err *err)
{
	struct json_object *error;

	wipe_step(report);
	if (report->mode != REPORT_JOB)
		return;
	error = json_object_new_object();
	json_put_str(error, "code", err_name(err->code));
	json_put_int(error, "exit", err_status(err->code));
	json_put_str(error, "text", err->text);
	json_put_str(error, "cure", err->cure);
	if (*err->need)
		json_put_str(error, "need", err->need);
	job_line(report, "error", error);
}

static void
add_lists(struct report *report)
{
	json_object_object_foreach(report->lists, name, rows) {
		json_put_object(report->result, name, json_object_get(rows));
	}
}

struct json_object *
report_take(struct report *report)
{
	if (!report->result)
		report->result = json_object_new_object();
	add_lists(report);
	return json_object_get(report->result);
}

void
report_end(struct report *report)
{
	const char *text;

	wipe_step(report);
	if (report->mode == REPORT_TEXT)
		return;
	if (report->mode == REPORT_JOB) {
		job_line(report, "result",
		    report->result ? json_object_get(report->result) : json_object_new_object());
		return;
	}
	if (!report->result && json_object_object_length(report->lists) == 0)
		return;
	json_object_put(report_take(report));
	text = json_line(report->result);
	report_raw(report, text, strlen(text));
	report_raw(report, "\n", 1);
}
