/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/secret.h"

void
buf_init(struct buf *buf, size_t max)
{
	*buf = BUF_INIT(max);
}

void
buf_release(struct buf *buf)
{
	if (buf->locked)
		secret_free(buf->data);
	else
		free(buf->data);
	*buf = (struct buf){ .max = buf->max, .locked = buf->locked };
}

void
buf_release_secret(struct buf *buf)
{
	if (buf->data)
		explicit_bzero(buf->data, buf->cap);
	buf_release(buf);
}

void
buf_reset(struct buf *buf)
{
	if (buf->data && buf->locked)
		explicit_bzero(buf->data, buf->cap);
	buf->len = 0;
	buf->full = false;
	if (buf->data)
		buf->data[0] = '\0';
}

char *
buf_steal(struct buf *buf)
{
	char *data = buf->data;

	if (!data)
		data = buf->locked ? secret_dup("") : xstrdup("");

	buf->data = NULL;
	buf_release(buf);
	return data;
}

const char *
buf_str(const struct buf *buf)
{
	return buf->data ? buf->data : "";
}

void *
buf_reserve(struct buf *buf, size_t len)
{
	size_t need;

	if (buf->full || len > buf->max || buf->len > buf->max - len) {
		buf->full = true;
		return NULL;
	}
	need = buf->len + len + 1;
	if (need > buf->cap) {
		size_t cap = buf->cap ? buf->cap : 64;

		while (cap < need)
			cap *= 2;
		buf->data = buf->locked ? secret_realloc(buf->data, buf->len + 1, cap)
			: xrealloc(buf->data, cap, 1);
		buf->cap = cap;
		buf->data[buf->len] = '\0';
	}
	return buf->data + buf->len;
}

void
buf_commit(struct buf *buf, size_t len)
{
	buf->len += len;
	if (buf->data)
		buf->data[buf->len] = '\0';
}

bool
buf_add(struct buf *buf, const void *data, size_t len)
{
	char *at = buf_reserve(buf, len);

	if (!at)
		return false;
	if (len)
		memcpy(at, data, len);
	buf_commit(buf, len);
	return true;
}

bool
buf_add_str(struct buf *buf, const char *text)
{
	return buf_add(buf, text, strlen(text));
}

bool
buf_add_byte(struct buf *buf, int byte)
{
	char c = (char)byte;

	return buf_add(buf, &c, 1);
}

bool
buf_add_fill(struct buf *buf, int byte, size_t count)
{
	char *at = buf_reserve(buf, count);

	if (!at)
		return false;
	memset(at, byte, count);
	buf_commit(buf, count);
	return true;
}

bool
buf_printf(struct buf *buf, const char *format, ...)
{
	bool ok;
	va_list ap;

	va_start(ap, format);
	ok = buf_vprintf(buf, format, ap);
	va_end(ap);
	return ok;
}

bool
buf_vprintf(struct buf *buf, const char *format, va_list ap)
{
	va_list copy;
	int len;
	char *at;

	va_copy(copy, ap);
	len = vsnprintf(NULL, 0, format, copy);
	va_end(copy);
	if (len < 0)
		return false;
	at = buf_reserve(buf, (size_t)len);
	if (!at)
		return false;
	vsnprintf(at, (size_t)len + 1, format, ap);
	buf_commit(buf, (size_t)len);
	return true;
}

void
buf_consume(struct buf *buf, size_t len)
{
	if (len >= buf->len) {
		buf_reset(buf);
		return;
	}
	memmove(buf->data, buf->data + len, buf->len - len + 1);
	buf->len -= len;
}
