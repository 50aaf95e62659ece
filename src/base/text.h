/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* One character of foreign bytes, as it may be shown. */
struct text_char {
	uint32_t code;	/* the code point; where !plain, the byte or code point to escape */
	int bytes;	/* how many bytes it took */
	int width;	/* columns: 0 (combining), 1 or 2; of the escape where !plain */
	bool plain;	/* may be sent to a terminal as it is */
};

/* Decodes the first character of data[0..len), len > 0. Invalid UTF-8, surrogates, C0, C1, DEL and
 * bidirectional controls come back with plain = false, one byte (or one code point) at a time. */
struct text_char text_next(const char *data, size_t len);

/* Appends `data` so that it is safe on a terminal and of known width: what is not plain becomes
 * `\n`, `\t`, `\r`, `\xNN` for bytes and C0/C1, `\u{NNNN}` for other code points. */
void text_escape(struct buf *out, const char *data, size_t len);

/* Likewise for whole lines: newline and tab stay as they are. */
void text_escape_lines(struct buf *out, const char *data, size_t len);

/* Columns that `text` (valid UTF-8, already escaped) takes. */
size_t text_width(const char *text);

/* True where every byte is valid UTF-8 and nothing but newline and tab needs an escape. */
bool text_is_plain(const char *data, size_t len);

/* Takes a character that was cut short off the end of `text`. */
void text_cut(char *text);

/* "48,211,904" */
char *text_grouped(int64_t number, char *out, size_t size);

/* "9.1 KB", "412 KiB", "1.9 GiB": binary steps. `out` is returned. */
char *text_size(int64_t bytes, char *out, size_t size);

/* The shortest age: "4s", "42m", "7h", "3d" (seconds may be negative: "0s"). */
char *text_age(int64_t seconds, char *out, size_t size);

/* Likewise, but never in seconds: "0m", "1m". */
char *text_age_minutes(int64_t seconds, char *out, size_t size);

/* Whole decimal number of the whole text; false where it is none or passes the limits. */
bool text_int(const char *text, int64_t min, int64_t max, int64_t *out);

/* Whole unsigned number in hex, without 0x. */
bool text_hex64(const char *text, uint64_t *out);

/* A Go duration ("5s", "1h30m", "200ms", "-1h") in nanoseconds; units ns us µs ms s m h. */
bool text_duration(const char *text, int64_t *ns);

/* Splits at every `separator` into a NULL-ended vector (strv_free); empty parts are kept. */
char **text_split(const char *text, char separator);

/* Go's %q of a byte string (strconv.Quote), as etcdctl's `-w fields` prints keys and values. */
void text_go_quote(struct buf *out, const char *data, size_t len);

#endif
