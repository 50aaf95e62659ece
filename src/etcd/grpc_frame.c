/* SPDX-License-Identifier: Apache-2.0 */
#include "etcd/grpc_frame.h"

#include <string.h>

void
grpc_reader_init(struct grpc_reader *reader, size_t max)
{
	*reader = (struct grpc_reader){ .message = BUF_INIT(max) };
}

void
grpc_reader_release(struct grpc_reader *reader)
{
	buf_release(&reader->message);
}

bool
grpc_reader_inside(const struct grpc_reader *reader)
{
	return reader->head_len > 0;
}

const uint8_t *
grpc_reader_message(const struct grpc_reader *reader, size_t *len)
{
	*len = reader->message.len;
	return (const uint8_t *)buf_str(&reader->message);
}

static int
read_head(struct grpc_reader *reader, struct err *err)
{
	const unsigned char *head = reader->head;

	reader->need = (size_t)head[1] << 24 | (size_t)head[2] << 16 | (size_t)head[3] << 8 | head[4];
	buf_reset(&reader->message);
	if (head[0])
		return err_set(err, ERR_SERVER, "the answer is compressed, which was not asked for");
	if (reader->need > reader->message.max) {
		err_set(err, ERR_TOO_BIG, "the answer is one message of %zu bytes, more than the %zu allowed",
		    reader->need, reader->message.max);
		return err_cure(err, "Ask for less at once (--limit), or raise --max-recv-bytes.");
	}
	return 0;
}

/* A message whose length is a lie must not make us allocate it: the buffer grows as bytes come. */
static int
read_body(struct grpc_reader *reader, const uint8_t *data, size_t len, size_t *used)
{
	size_t missing = reader->need - reader->message.len;
	size_t n = len < missing ? len : missing;

	buf_add(&reader->message, data, n);
	*used += n;
	if (n < missing)
		return 0;
	reader->head_len = 0;
	return 1;
}

int
grpc_reader_feed(struct grpc_reader *reader, const uint8_t *data, size_t len, size_t *used,
    struct err *err)
{
	*used = 0;
	if (reader->head_len < GRPC_HEAD) {
		size_t n = GRPC_HEAD - reader->head_len;

		if (n > len)
			n = len;
		memcpy(reader->head + reader->head_len, data, n);
		reader->head_len += n;
		*used = n;
		if (reader->head_len < GRPC_HEAD)
			return 0;
		if (read_head(reader, err) < 0)
			return -1;
	}
	return read_body(reader, data + *used, len - *used, used);
}

void
grpc_frame(struct buf *out, const void *message, size_t len)
{
	unsigned char head[GRPC_HEAD] = { 0, (unsigned char)(len >> 24), (unsigned char)(len >> 16),
		(unsigned char)(len >> 8), (unsigned char)len };

	buf_add(out, head, sizeof head);
	buf_add(out, message, len);
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

void
grpc_percent_decode(struct buf *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		int high = i + 2 < len && text[i] == '%' ? hex_digit(text[i + 1]) : -1;
		int low = high >= 0 ? hex_digit(text[i + 2]) : -1;

		if (low < 0) {
			buf_add_byte(out, text[i]);
			continue;
		}
		buf_add_byte(out, high << 4 | low);
		i += 2;
	}
}
