/* SPDX-License-Identifier: Apache-2.0 */
#include "verb/print.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

enum { FLUSH_AT = 1 << 20, LINES_MAX = 50000 };
#define OUT_MAX ((size_t)1 << 32)

static const char *const formats[] = {
	[PRINT_SIMPLE] = "simple", [PRINT_FIELDS] = "fields", [PRINT_JSON] = "json",
	[PRINT_PROTOBUF] = "protobuf", [PRINT_TABLE] = "table",
};

struct forms {
	void (*of[PRINT_TABLE + 1])(struct print *print, const void *message);
};

static void
print_packed(struct print *print, const void *message)
{
	size_t len = protobuf_c_message_get_packed_size(message);
	uint8_t *room = buf_reserve(&print->out, len);

	if (room)
		buf_commit(&print->out, protobuf_c_message_pack(message, room));
}

static const struct forms kinds[] = {
#define PRINT(kind, simple, fields, json, table) \
	{ { simple, fields, json, print_packed, table } },
#include "verb/prints.def"
#undef PRINT
};

static bool
packs(enum print_kind kind)
{
	return kind != PRINT_KIND_HEALTH && kind != PRINT_KIND_STATUS && kind != PRINT_KIND_GRANT &&
	    kind != PRINT_KIND_WATCH;
}

int
print_open(struct print *print, const struct verb_call *call, struct err *err)
{
	const char *format = call->settings->format, *hex = getenv("ETCDCTL_HEX");

	*print = (struct print){ .out = BUF_INIT(OUT_MAX), .report = call->report };
	print->hex = call->settings->hex || (hex && strcmp(hex, "true") == 0);
	if (!format)
		format = getenv("ETCDCTL_WRITE_OUT");
	if (!format || !*format)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(formats); i++)
		if (strcmp(formats[i], format) == 0) {
			print->format = (enum print_format)i;
			return 0;
		}
	if (call->etcdctl)
		return err_set(err, ERR_UNSUPPORTED, "unsupported output format");
	err_set(err, ERR_USAGE, "--write-out: \"%.60s\" is no output format", format);
	return err_cure(err, "use simple, fields, json, protobuf or table");
}

/* A job's stdout carries JSON lines only, so its output becomes rows. */
static void
flush_rows(struct print *print, bool last)
{
	size_t start = 0;
	struct buf line = BUF_INIT(CHAR_MAX + (1 << 20));

	while (start < print->out.len && print->lines < LINES_MAX) {
		const char *from = print->out.data + start;
		const char *end = memchr(from, '\n', print->out.len - start);
		size_t len = end ? (size_t)(end - from) : print->out.len - start;

		if (!end && !last)
			break;
		buf_reset(&line);
		text_escape(&line, from, len < 60000 ? len : 60000);
		report_row(print->report, "output", json_object_new_string(buf_str(&line)));
		print->lines++;
		start += len + (end != NULL);
	}
	if (start < print->out.len && print->lines == LINES_MAX) {
		report_warn(print->report, "only the first %d lines are shown", LINES_MAX);
		print->lines++;
	}
	buf_consume(&print->out, print->lines > LINES_MAX ? print->out.len : start);
	buf_release(&line);
}

void
print_flush(struct print *print)
{
	if (!print->report || print->out.len == 0)
		return;
	if (report_mode(print->report) == REPORT_JOB) {
		flush_rows(print, false);
		return;
	}
	report_raw(print->report, print->out.data, print->out.len);
	buf_reset(&print->out);
}

void
print_close(struct print *print)
{
	if (print->report && report_mode(print->report) == REPORT_JOB)
		flush_rows(print, true);
	print_flush(print);
	buf_release(&print->out);
}

void
print_line(struct print *print)
{
	buf_add_byte(&print->out, '\n');
	if (print->out.len > FLUSH_AT)
		print_flush(print);
}

int
print_answer(struct print *print, enum print_kind kind, const void *message, struct err *err)
{
	void (*form)(struct print *, const void *) = kinds[kind].of[print->format];

	if (!form || (print->format == PRINT_PROTOBUF && !packs(kind)))
		return err_set(err, ERR_UNSUPPORTED, "%s not supported as output format",
		    formats[print->format]);
	form(print, message);
	return 0;
}
