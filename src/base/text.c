/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/mem.h"

/* Reads one UTF-8 sequence (RFC 3629: shortest form, no surrogates, to U+10FFFF); 0 where none. */
static int
utf8_decode(const unsigned char *s, size_t len, uint32_t *code)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	int n = s[0] < 0x80 ? 1 : s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : s[0] >= 0xc2 ? 2 : 0;
	uint32_t c;

	if (n == 0 || s[0] > 0xf4 || (size_t)n > len)
		return 0;
	c = n == 1 ? s[0] : s[0] & (0x7fu >> n);
	for (int i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	if (c < least[n] || (c >= 0xd800 && c <= 0xdfff) || c > 0x10ffff)
		return 0;
	*code = c;
	return n;
}

/* Controls that reorder or hide text, line and paragraph separators, tags, private
 * use, specials. */
static bool
is_hidden(uint32_t c)
{
	static const struct {
		uint32_t from, to;
	} hidden[] = {
		{ 0x00, 0x1f }, { 0x7f, 0x9f }, { 0xad, 0xad }, { 0x61c, 0x61c }, { 0x180e, 0x180e },
		{ 0x200b, 0x200f }, { 0x2028, 0x202e }, { 0x2060, 0x206f }, { 0xe000, 0xf8ff },
		{ 0xfe00, 0xfe0f }, { 0xfeff, 0xfeff }, { 0xfff0, 0xfffb }, { 0xfffe, 0xffff },
		{ 0xe0000, 0x10ffff },
	};

	for (size_t i = 0; i < ARRAY_LEN(hidden); i++)
		if (c >= hidden[i].from && c <= hidden[i].to)
			return true;
	return false;
}

/* East Asian wide and emoji ranges (Unicode 15 EastAsianWidth W and F), and combining marks: own
 * tables, since wcwidth() knows nothing in the C locale and a grid must not depend on it. */
static int
code_width(uint32_t c)
{
	static const struct {
		uint32_t from, to;
	} wide[] = {
		{ 0x1100, 0x115f }, { 0x231a, 0x231b }, { 0x2329, 0x232a }, { 0x23e9, 0x23ec },
		{ 0x23f0, 0x23f0 }, { 0x23f3, 0x23f3 }, { 0x25fd, 0x25fe }, { 0x2614, 0x2615 },
		{ 0x2648, 0x2653 }, { 0x267f, 0x267f }, { 0x2693, 0x2693 }, { 0x26a1, 0x26a1 },
		{ 0x26aa, 0x26ab }, { 0x26bd, 0x26be }, { 0x26c4, 0x26c5 }, { 0x26ce, 0x26ce },
		{ 0x26d4, 0x26d4 }, { 0x26ea, 0x26ea }, { 0x26f2, 0x26f3 }, { 0x26f5, 0x26f5 },
		{ 0x26fa, 0x26fa }, { 0x26fd, 0x26fd }, { 0x2705, 0x2705 }, { 0x270a, 0x270b },
		{ 0x2728, 0x2728 }, { 0x274c, 0x274c }, { 0x274e, 0x274e }, { 0x2753, 0x2755 },
		{ 0x2757, 0x2757 }, { 0x2795, 0x2797 }, { 0x27b0, 0x27b0 }, { 0x27bf, 0x27bf },
		{ 0x2b1b, 0x2b1c }, { 0x2b50, 0x2b50 }, { 0x2b55, 0x2b55 }, { 0x2e80, 0x303e },
		{ 0x3041, 0x33ff }, { 0x3400, 0x4dbf }, { 0x4e00, 0x9fff }, { 0xa000, 0xa4cf },
		{ 0xa960, 0xa97c }, { 0xac00, 0xd7a3 }, { 0xf900, 0xfaff }, { 0xfe10, 0xfe19 },
		{ 0xfe30, 0xfe6b }, { 0xff01, 0xff60 }, { 0xffe0, 0xffe6 }, { 0x16fe0, 0x18cff },
		{ 0x1b000, 0x1b2ff }, { 0x1f004, 0x1f004 }, { 0x1f0cf, 0x1f0cf }, { 0x1f18e, 0x1f18e },
		{ 0x1f191, 0x1f19a }, { 0x1f200, 0x1f320 }, { 0x1f32d, 0x1f335 }, { 0x1f337, 0x1f37c },
		{ 0x1f37e, 0x1f393 }, { 0x1f3a0, 0x1f3ca }, { 0x1f3cf, 0x1f3d3 }, { 0x1f3e0, 0x1f3f0 },
		{ 0x1f3f4, 0x1f3f4 }, { 0x1f3f8, 0x1f43e }, { 0x1f440, 0x1f440 }, { 0x1f442, 0x1f4fc },
		{ 0x1f4ff, 0x1f53d }, { 0x1f54b, 0x1f54e }, { 0x1f550, 0x1f567 }, { 0x1f57a, 0x1f57a },
		{ 0x1f595, 0x1f596 }, { 0x1f5a4, 0x1f5a4 }, { 0x1f5fb, 0x1f64f }, { 0x1f680, 0x1f6c5 },
		{ 0x1f6cc, 0x1f6cc }, { 0x1f6d0, 0x1f6d2 }, { 0x1f6d5, 0x1f6d7 }, { 0x1f6dc, 0x1f6df },
		{ 0x1f6eb, 0x1f6ec }, { 0x1f6f4, 0x1f6fc }, { 0x1f7e0, 0x1f7eb }, { 0x1f90c, 0x1f93a },
		{ 0x1f93c, 0x1f945 }, { 0x1f947, 0x1f9ff }, { 0x1fa70, 0x1faff }, { 0x20000, 0x3fffd },
	}, none[] = {
		{ 0x300, 0x36f }, { 0x483, 0x489 }, { 0x591, 0x5bd }, { 0x5bf, 0x5bf }, { 0x5c1, 0x5c2 },
		{ 0x5c4, 0x5c5 }, { 0x610, 0x61a }, { 0x64b, 0x65f }, { 0x670, 0x670 }, { 0x6d6, 0x6dc },
		{ 0x6df, 0x6e4 }, { 0x6e7, 0x6e8 }, { 0x6ea, 0x6ed }, { 0x900, 0x902 }, { 0x93a, 0x93a },
		{ 0x93c, 0x93c }, { 0x941, 0x948 }, { 0x94d, 0x94d }, { 0xe31, 0xe31 }, { 0xe34, 0xe3a },
		{ 0xe47, 0xe4e }, { 0x1ab0, 0x1aff }, { 0x1dc0, 0x1dff }, { 0x20d0, 0x20f0 },
		{ 0xfe20, 0xfe2f },
	};

	if (c < 0x300)
		return 1;
	for (size_t i = 0; i < ARRAY_LEN(none); i++)
		if (c >= none[i].from && c <= none[i].to)
			return 0;
	for (size_t i = 0; i < ARRAY_LEN(wide); i++)
		if (c >= wide[i].from && c <= wide[i].to)
			return 2;
	return 1;
}

static int
hex_digits(uint32_t code)
{
	int n = 1;

	while (code >>= 4)
		n++;
	return n;
}

static int
escape_width(uint32_t code)
{
	if (code == '\n' || code == '\t' || code == '\r')
		return 2;
	return code < 0x100 ? 4 : 4 + hex_digits(code);
}

struct text_char
text_next(const char *data, size_t len)
{
	struct text_char c = { .bytes = 1 };
	int n = utf8_decode((const unsigned char *)data, len, &c.code);

	if (n == 0)
		c.code = (unsigned char)data[0];
	else
		c.bytes = n;
	c.plain = n != 0 && !is_hidden(c.code);
	c.width = c.plain ? code_width(c.code) : escape_width(c.code);
	return c;
}

static void
escape_one(struct buf *out, uint32_t code)
{
	if (code == '\n')
		buf_add_str(out, "\\n");
	else if (code == '\t')
		buf_add_str(out, "\\t");
	else if (code == '\r')
		buf_add_str(out, "\\r");
	else
		buf_printf(out, code < 0x100 ? "\\x%02x" : "\\u{%x}", code);
}

/* `keep`: what is not plain and stays all the same. */
static void
escape_but(struct buf *out, const char *data, size_t len, const char *keep)
{
	for (size_t i = 0; i < len;) {
		struct text_char c = text_next(data + i, len - i);

		if (c.plain || (c.bytes == 1 && data[i] && strchr(keep, data[i])))
			buf_add(out, data + i, (size_t)c.bytes);
		else
			escape_one(out, c.code);
		i += (size_t)c.bytes;
	}
}

void
text_escape(struct buf *out, const char *data, size_t len)
{
	escape_but(out, data, len, "");
}

void
text_escape_lines(struct buf *out, const char *data, size_t len)
{
	escape_but(out, data, len, "\n\t");
}

size_t
text_width(const char *text)
{
	size_t width = 0, len = strlen(text);

	for (size_t i = 0; i < len;) {
		struct text_char c = text_next(text + i, len - i);

		width += (size_t)c.width;
		i += (size_t)c.bytes;
	}
	return width;
}

bool
text_is_plain(const char *data, size_t len)
{
	for (size_t i = 0; i < len;) {
		struct text_char c = text_next(data + i, len - i);

		if (!c.plain && c.code != '\n' && c.code != '\t')
			return false;
		i += (size_t)c.bytes;
	}
	return true;
}

void
text_cut(char *text)
{
	size_t len = strlen(text), lead = len;
	unsigned char first;

	while (lead > 0 && len - lead < 3 && ((unsigned char)text[lead - 1] & 0xc0) == 0x80)
		lead--;
	if (lead == 0)
		return;
	first = (unsigned char)text[lead - 1];
	if (first >= 0xc0 && len - lead < (first < 0xe0 ? 1u : first < 0xf0 ? 2u : 3u))
		text[lead - 1] = '\0';
}

char *
text_grouped(int64_t number, char *out, size_t size)
{
	char digits[24];
	int len = snprintf(digits, sizeof digits, "%" PRId64, number);
	size_t at = 0;

	for (int i = 0; i < len && at + 2 < size; i++) {
		out[at++] = digits[i];
		if (i + 1 < len && (len - 1 - i) % 3 == 0 && digits[i] != '-')
			out[at++] = ',';
	}
	out[at] = '\0';
	return out;
}

char *
text_size(int64_t bytes, char *out, size_t size)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB" };
	double value = (double)bytes;
	size_t unit = 0;

	while (value >= 1000 && unit + 1 < ARRAY_LEN(units)) {
		value /= 1024;
		unit++;
	}
	snprintf(out, size, unit && value < 10 ? "%.1f %s" : "%.0f %s", value, units[unit]);
	return out;
}

char *
text_age(int64_t seconds, char *out, size_t size)
{
	if (seconds < 0)
		seconds = 0;
	if (seconds < 100)
		snprintf(out, size, "%ds", (int)seconds);
	else if (seconds < 100 * 60)
		snprintf(out, size, "%dm", (int)(seconds / 60));
	else if (seconds < 48 * 3600)
		snprintf(out, size, "%dh", (int)(seconds / 3600));
	else
		snprintf(out, size, "%" PRId64 "d", seconds / 86400);
	return out;
}

char *
text_age_minutes(int64_t seconds, char *out, size_t size)
{
	if (seconds >= 100)
		return text_age(seconds, out, size);
	snprintf(out, size, "%dm", seconds < 60 ? 0 : 1);
	return out;
}

bool
text_int(const char *text, int64_t min, int64_t max, int64_t *out)
{
	char *end;
	long long value;

	if (!isdigit((unsigned char)text[0]) && text[0] != '-')
		return false;
	errno = 0;
	value = strtoll(text, &end, 10);
	if (errno || *end || end == text || value < min || value > max)
		return false;
	*out = value;
	return true;
}

bool
text_hex64(const char *text, uint64_t *out)
{
	size_t len = strlen(text);

	if (len == 0 || len > 16 || strspn(text, "0123456789abcdefABCDEF") != len)
		return false;
	*out = strtoull(text, NULL, 16);
	return true;
}

static bool
duration_unit(const char **text, double *ns)
{
	static const struct {
		const char *name;
		double ns;
	} units[] = { { "ns", 1 }, { "us", 1e3 }, { "µs", 1e3 }, { "ms", 1e6 }, { "s", 1e9 },
		{ "m", 6e10 }, { "h", 3.6e12 } };

	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		size_t len = strlen(units[i].name);

		if (strncmp(*text, units[i].name, len) == 0) {
			*text += len;
			*ns = units[i].ns;
			return true;
		}
	}
	return false;
}

bool
text_duration(const char *text, int64_t *ns)
{
	double total = 0;
	bool negative = *text == '-';

	if (*text == '-' || *text == '+')
		text++;
	if (strcmp(text, "0") == 0) {
		*ns = 0;
		return true;
	}
	if (!*text)
		return false;
	while (*text) {
		size_t digits = strspn(text, "0123456789.");
		double unit, value;
		char *end;

		if (digits == 0 || digits > 20)
			return false;
		value = strtod(text, &end);
		if (end != text + digits)
			return false;
		text = end;
		if (!duration_unit(&text, &unit))
			return false;
		total += value * unit;
	}
	if (total > 9.2e18)
		return false;
	*ns = (int64_t)(negative ? -total : total);
	return true;
}

char **
text_split(const char *text, char separator)
{
	char **parts = NULL;
	size_t len = 0, cap = 0;

	for (;;) {
		const char *end = strchr(text, separator);

		GROW(parts, len, cap);
		parts[len++] = end ? xstrndup(text, (size_t)(end - text)) : xstrdup(text);
		if (!end)
			break;
		text = end + 1;
	}
	GROW(parts, len, cap);
	parts[len] = NULL;
	return parts;
}

static void
go_quote_one(struct buf *out, const char *data, const struct text_char *c)
{
	static const char from[] = "\a\b\f\n\r\t\v\\\"", to[] = "abfnrtv\\\"";
	const char *at = c->code && c->code < 128 ? strchr(from, (int)c->code) : NULL;

	if (at)
		buf_printf(out, "\\%c", to[at - from]);
	else if (c->plain)
		buf_add(out, data, (size_t)c->bytes);
	else if (c->bytes == 1)
		buf_printf(out, "\\x%02x", c->code);
	else
		buf_printf(out, c->code > 0xffff ? "\\U%08x" : "\\u%04x", c->code);
}

void
text_go_quote(struct buf *out, const char *data, size_t len)
{
	buf_add_byte(out, '"');
	for (size_t i = 0; i < len;) {
		struct text_char c = text_next(data + i, len - i);

		go_quote_one(out, data + i, &c);
		i += (size_t)c.bytes;
	}
	buf_add_byte(out, '"');
}
