/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/der.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static size_t
length_bytes(size_t len, unsigned char out[9])
{
	size_t n = 0;

	if (len < 128) {
		out[0] = (unsigned char)len;
		return 1;
	}
	for (size_t rest = len; rest; rest >>= 8)
		n++;
	out[0] = (unsigned char)(0x80 | n);
	for (size_t i = 0; i < n; i++)
		out[1 + i] = (unsigned char)(len >> 8 * (n - 1 - i));
	return 1 + n;
}

void
der_close(struct buf *out, size_t mark, int tag)
{
	size_t len = out->len - mark, head;
	unsigned char bytes[10];
	char *room;

	bytes[0] = (unsigned char)tag;
	head = 1 + length_bytes(len, bytes + 1);
	room = buf_reserve(out, head);
	if (!room)
		return;
	buf_commit(out, head);
	memmove(out->data + mark + head, out->data + mark, len);
	memcpy(out->data + mark, bytes, head);
}

void
der_put(struct buf *out, int tag, const void *data, size_t len)
{
	size_t mark = out->len;

	buf_add(out, data, len);
	der_close(out, mark, tag);
}

void
der_put_str(struct buf *out, int tag, const char *text)
{
	der_put(out, tag, text, strlen(text));
}

void
der_put_uint(struct buf *out, const void *data, size_t len)
{
	const unsigned char *bytes = data;
	size_t mark = out->len;

	while (len > 1 && *bytes == 0) {
		bytes++;
		len--;
	}
	if (len == 0 || *bytes & 0x80)
		buf_add_byte(out, 0);
	buf_add(out, bytes, len);
	der_close(out, mark, DER_INTEGER);
}

void
der_put_small(struct buf *out, unsigned value)
{
	unsigned char bytes[4] = { (unsigned char)(value >> 24), (unsigned char)(value >> 16),
		(unsigned char)(value >> 8), (unsigned char)value };

	der_put_uint(out, bytes, sizeof bytes);
}

void
der_put_bits(struct buf *out, const void *data, size_t len)
{
	size_t mark = out->len;

	buf_add_byte(out, 0);
	buf_add(out, data, len);
	der_close(out, mark, DER_BIT_STRING);
}

static void
put_base128(struct buf *out, uint64_t value)
{
	int shift = 63;

	while (shift > 0 && value >> shift == 0)
		shift -= 7;
	for (; shift > 0; shift -= 7)
		buf_add_byte(out, (int)(0x80 | (value >> shift & 0x7f)));
	buf_add_byte(out, (int)(value & 0x7f));
}

/* One number of a dotted OID and what follows it; false where there is none. */
static bool
oid_number(const char **text, uint64_t *value)
{
	char *end;

	if (**text < '0' || **text > '9' || strspn(*text, "0123456789") > 18)
		return false;
	*value = strtoull(*text, &end, 10);
	if (*end == '.' && end[1])
		end++;
	else if (*end)
		return false;
	*text = end;
	return true;
}

bool
der_put_oid(struct buf *out, const char *dotted)
{
	struct buf body = BUF_INIT(256);
	const char *at = dotted;
	uint64_t first, second, next;
	bool good = oid_number(&at, &first) && *at && oid_number(&at, &second) && first <= 2 &&
	    (first == 2 || second < 40);

	if (good)
		put_base128(&body, first * 40 + second);
	while (good && *at) {
		good = oid_number(&at, &next);
		if (good)
			put_base128(&body, next);
	}
	if (good)
		der_put(out, DER_OID, buf_str(&body), body.len);
	buf_release(&body);
	return good;
}

void
der_put_time(struct buf *out, int64_t seconds)
{
	time_t when = (time_t)seconds;
	struct tm tm;
	char text[64];
	bool utc;

	gmtime_r(&when, &tm);
	utc = tm.tm_year >= 50 && tm.tm_year < 150;

	snprintf(text, sizeof text, "%04d%02d%02d%02d%02d%02dZ", tm.tm_year + 1900, tm.tm_mon + 1,
	    tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
	der_put_str(out, utc ? DER_UTC_TIME : DER_GENERALIZED_TIME, utc ? text + 2 : text);
}

bool
der_next(struct der *from, struct der_value *value)
{
	const unsigned char *at = from->data;
	size_t left = from->len, len, bytes;

	if (left < 2 || (at[0] & 0x1f) == 0x1f)
		return false;
	len = at[1];
	bytes = 2;
	if (len & 0x80) {
		size_t count = len & 0x7f;

		if (count == 0 || count > 4 || left < 2 + count)
			return false;
		len = 0;
		for (size_t i = 0; i < count; i++)
			len = len << 8 | at[2 + i];
		bytes += count;
	}
	if (len > left - bytes)
		return false;
	*value = (struct der_value){ .tag = at[0], .body = { at + bytes, len },
		.whole = { at, bytes + len } };
	*from = (struct der){ at + bytes + len, left - bytes - len };
	return true;
}

bool
der_expect(struct der *from, int tag, struct der_value *value)
{
	struct der ahead = *from;

	if (!der_next(&ahead, value) || value->tag != tag)
		return false;
	*from = ahead;
	return true;
}

bool
der_oid_text(struct der body, char out[128])
{
	uint64_t value = 0;
	size_t used = 0;
	bool first = true;

	out[0] = '\0';
	for (size_t i = 0; i < body.len; i++) {
		if (value >> 56)
			return false;
		value = value << 7 | (body.data[i] & 0x7f);
		if (body.data[i] & 0x80)
			continue;
		if (first) {
			unsigned top = value < 80 ? (unsigned)value / 40 : 2;

			used = (size_t)snprintf(out, 120, "%u.%llu", top,
			    (unsigned long long)(value - top * 40));
		} else {
			used += (size_t)snprintf(out + used, 120 - used, ".%llu",
			    (unsigned long long)value);
		}
		if (used >= 119)
			return false;
		first = false;
		value = 0;
	}
	return !first;
}
