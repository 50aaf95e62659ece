/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALUE_VALUE_H
#define VALUE_VALUE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* A value of any bytes as lines to show. Every line is safe on a terminal (base/text escapes). */

enum value_form {
	VALUE_FIELDS,	/* what the first decoder that knows the value makes of it */
	VALUE_RAW,	/* its text, one line a line, what is not plain escaped */
	VALUE_HEX,	/* offset, 16 bytes, and their printable ASCII */
	VALUE_FORM_COUNT
};

struct value_view;

/* Looks at `data`, which must outlive the view. Of a value over 256 KiB the forms other than hex
 * show the beginning and say so in a last line. Never NULL; free with value_view_free. */
struct value_view *value_view_new(const void *data, size_t len, enum value_form form);
void value_view_free(struct value_view *view);

/* What is shown: "Kubernetes protobuf, as fields", "JSON", "text", "hex". */
const char *value_view_title(const struct value_view *view);
size_t value_view_lines(const struct value_view *view);
/* Appends line `index` without a newline. */
void value_view_line(const struct value_view *view, size_t index, struct buf *out);

/* One kind of value: a file, and a row of decoders.def. */
struct value_decoder {
	const char *name;
	/* True where it knows this value; then `title` is set and lines are appended, each ended by
	 * value_line_end or written by value_line. */
	bool (*decode)(const char *data, size_t len, const char **title, struct buf *lines);
};

/* Helpers of decoders: a whole line from text that may hold anything, and "name       text". */
void value_line(struct buf *lines, const char *text, size_t len);
void value_field(struct buf *lines, const char *name, const char *text, size_t len);

#endif
