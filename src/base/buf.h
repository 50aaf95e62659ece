/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/* A growing run of bytes that knows its maximum. `data` always ends in a 0 byte that `len` does
 * not count (NULL while nothing was ever added: use buf_str). An append that would pass `max`
 * adds nothing, sets `full`, and every later append is refused too: test `full` once at the end. */
struct buf {
	char *data;
	size_t len, cap, max;
	bool full;
	bool locked;	/* its bytes are secrets: they lie in memory of base/secret.h */
};

#define BUF_INIT(max_bytes) ((struct buf){ .max = (max_bytes) })
#define BUF_LOCKED(max_bytes) ((struct buf){ .max = (max_bytes), .locked = true })

void buf_init(struct buf *buf, size_t max);
/* Frees the bytes; the buffer may be used again with the same maximum. */
void buf_release(struct buf *buf);
/* Overwrites the bytes with zeros before freeing them: for secrets. */
void buf_release_secret(struct buf *buf);
/* Forgets the bytes but keeps the memory. */
void buf_reset(struct buf *buf);
/* Hands the bytes over (never NULL; the caller frees; with secret_free what a locked buffer held)
 * and leaves the buffer empty. */
char *buf_steal(struct buf *buf);
/* The bytes as a C string, "" when empty; valid until the next change. */
const char *buf_str(const struct buf *buf);

/* Each returns false where the maximum refuses it. */
bool buf_add(struct buf *buf, const void *data, size_t len);
bool buf_add_str(struct buf *buf, const char *text);
bool buf_add_byte(struct buf *buf, int byte);
bool buf_add_fill(struct buf *buf, int byte, size_t count);
bool buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool buf_vprintf(struct buf *buf, const char *format, va_list ap)
	__attribute__((format(printf, 2, 0)));
/* Makes room for `len` more bytes and returns where to write them (NULL where the maximum refuses);
 * buf_commit then says how many were written. */
void *buf_reserve(struct buf *buf, size_t len);
void buf_commit(struct buf *buf, size_t len);
/* Removes the first `len` bytes (all of them where there are fewer). */
void buf_consume(struct buf *buf, size_t len);

#endif
