/* SPDX-License-Identifier: Apache-2.0 */
#include "value/value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

enum {
	SHOWN_MAX = 256 << 10,
	LINES_MAX = 8 << 20,
	LINE_MAX = 2048,
	HEX_ROW = 16,
	FIELD_WIDTH = 11,
};

#define DECODER(name) \
	extern bool value_##name(const char *data, size_t len, const char **title, struct buf *lines);
#include "value/decoders.def"
#undef DECODER

static const struct value_decoder decoders[] = {
#define DECODER(name) { #name, value_##name },
#include "value/decoders.def"
#undef DECODER
};

struct value_view {
	const char *data;
	size_t len;
	const char *title;
	bool hex;
	struct buf lines;
	size_t *starts, count, cap;
};

void
value_line(struct buf *lines, const char *text, size_t len)
{
	text_escape(lines, text, len);
	buf_add_byte(lines, '\n');
}

void
value_field(struct buf *lines, const char *name, const char *text, size_t len)
{
	size_t start = lines->len, width;

	buf_add_str(lines, name);
	width = lines->len - start;
	buf_add_fill(lines, ' ', width < FIELD_WIDTH ? FIELD_WIDTH - width : 1);
	value_line(lines, text, len);
}

/* A line of text may be a megabyte long: it is broken where no character is cut. */
static void
raw_line(struct buf *lines, const char *text, size_t len)
{
	while (len > LINE_MAX) {
		size_t cut = LINE_MAX;

		while (cut > LINE_MAX - 4 && ((unsigned char)text[cut] & 0xc0) == 0x80)
			cut--;
		value_line(lines, text, cut);
		text += cut;
		len -= cut;
	}
	value_line(lines, text, len);
}

static void
raw_lines(struct value_view *view)
{
	const char *at = view->data, *end = at + (view->len < SHOWN_MAX ? view->len : SHOWN_MAX);

	view->title = text_is_plain(at, (size_t)(end - at)) ? "text" : "bytes, escaped";
	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t len = (size_t)((newline ? newline : end) - at);

		raw_line(&view->lines, at, len);
		at += len + (newline != NULL);
	}
}

static bool
decode_fields(struct value_view *view)
{
	if (view->len > SHOWN_MAX)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(decoders); i++) {
		if (decoders[i].decode(view->data, view->len, &view->title, &view->lines))
			return true;
		buf_reset(&view->lines);
	}
	return false;
}

static void
find_starts(struct value_view *view)
{
	for (size_t at = 0; at < view->lines.len;) {
		char *newline = memchr(view->lines.data + at, '\n', view->lines.len - at);

		GROW(view->starts, view->count, view->cap);
		view->starts[view->count++] = at;
		at = newline ? (size_t)(newline - view->lines.data) + 1 : view->lines.len;
	}
}

static void
say_what_is_missing(struct value_view *view)
{
	char shown[32], whole[32];

	if (view->len <= SHOWN_MAX)
		return;
	buf_printf(&view->lines, "-- %s of %s shown; as hex all of it --\n",
	    text_size(SHOWN_MAX, shown, sizeof shown),
	    text_size((int64_t)view->len, whole, sizeof whole));
}

struct value_view *
value_view_new(const void *data, size_t len, enum value_form form)
{
	struct value_view *view = xcalloc(1, sizeof *view);

	view->data = data;
	view->len = len;
	buf_init(&view->lines, LINES_MAX);
	if (form == VALUE_HEX) {
		view->hex = true;
		view->title = "hex";
		view->count = (len + HEX_ROW - 1) / HEX_ROW;
		return view;
	}
	if (len == 0)
		view->title = "empty";
	else if (form == VALUE_RAW || !decode_fields(view)) {
		raw_lines(view);
		say_what_is_missing(view);
	}
	find_starts(view);
	return view;
}

void
value_view_free(struct value_view *view)
{
	if (!view)
		return;
	buf_release(&view->lines);
	free(view->starts);
	free(view);
}

const char *
value_view_title(const struct value_view *view)
{
	return view->title;
}

size_t
value_view_lines(const struct value_view *view)
{
	return view->count;
}

static void
hex_line(const struct value_view *view, size_t index, struct buf *out)
{
	size_t at = index * HEX_ROW, len = view->len - at < HEX_ROW ? view->len - at : HEX_ROW;

	buf_printf(out, "%08zx ", at);
	for (size_t i = 0; i < HEX_ROW; i++) {
		if (i == HEX_ROW / 2)
			buf_add_byte(out, ' ');
		if (i < len)
			buf_printf(out, " %02x", (unsigned char)view->data[at + i]);
		else
			buf_add_str(out, "   ");
	}
	buf_add_str(out, "  ");
	for (size_t i = 0; i < len; i++) {
		char c = view->data[at + i];

		buf_add_byte(out, c >= ' ' && c < 0x7f ? c : '.');
	}
}

void
value_view_line(const struct value_view *view, size_t index, struct buf *out)
{
	size_t start, end;

	if (index >= view->count)
		return;
	if (view->hex) {
		hex_line(view, index, out);
		return;
	}
	start = view->starts[index];
	end = index + 1 < view->count ? view->starts[index + 1] : view->lines.len;
	while (end > start && view->lines.data[end - 1] == '\n')
		end--;
	buf_add(out, view->lines.data + start, end - start);
}
