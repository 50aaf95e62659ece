/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERB_REPORT_H
#define VERB_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"

/* What a verb says, in one of three modes. Verbs call everything; the mode decides what is heard:
 *   text  report_text and report_bytes to stdout, steps and warnings to stderr;
 *   json  one object on stdout: the result, with the rows gathered in their lists;
 *   job   one JSON object a line on stdout, for the console: {"step":…} {"row":…} {"warn":…}
 *         {"hold":…}, last {"result":…} or {"error":…}. */

enum report_mode { REPORT_TEXT, REPORT_JSON, REPORT_JOB };

struct report_sink {
	void (*out)(void *context, const void *data, size_t len);
	void (*words)(void *context, const void *data, size_t len); /* stderr */
	void *context;
	bool terminal; /* words go to a terminal: progress may be drawn in place */
	void (*flush)(void *context); /* what went to `out` is to be seen now; may be NULL */
};

struct report;

struct report *report_new(enum report_mode mode, const struct report_sink *sink);
void report_free(struct report *report);
enum report_mode report_mode(const struct report *report);
void report_set_mode(struct report *report, enum report_mode mode);

/* Progress of a step; `total` 0 where it is not known. At most ten a second are heard. */
void report_step(struct report *report, const char *name, int64_t done, int64_t total,
    const char *unit);
/* Declares a list of the result, so that it is there even when empty. */
void report_list(struct report *report, const char *list);
/* One element of a list; takes the reference over. */
void report_row(struct report *report, const char *list, struct json_object *row);
void report_warn(struct report *report, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* While on, the console does not kill this job. */
void report_hold(struct report *report, bool on);
/* The result object; takes the reference over. Once, at the end; fields of lists are added. */
void report_result(struct report *report, struct json_object *result);
/* Plain output on stdout; heard in text mode only. */
void report_text(struct report *report, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void report_bytes(struct report *report, const void *data, size_t len);
/* For output that somebody waits for: what was said so far is handed on at once. */
void report_flush(struct report *report);
/* Bytes on stdout whatever the mode, for output whose form is another tool's. */
void report_raw(struct report *report, const void *data, size_t len);
/* A line of words on stderr; heard in text mode only. */
void report_words(struct report *report, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The last line of a job that failed (job mode), or nothing. */
void report_error(struct report *report, const struct err *err);
/* The result of a verb that ran unheard, with its lists; the caller puts it. Never NULL. */
struct json_object *report_take(struct report *report);
/* Ends the output: writes the JSON object (json mode; lists without a result make one), or the
 * result line (job mode). */
void report_end(struct report *report);

#endif
