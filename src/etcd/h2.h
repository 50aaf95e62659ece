/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ETCD_H2_H
#define ETCD_H2_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

/* One HTTP/2 client session (RFC 9113, by nghttp2) over bytes that somebody else moves. What comes
 * in is only stored; handlers run from h2_dispatch. A stream holds at most its window, 1 MiB. */

struct h2;
struct h2_stream;

enum { H2_STREAM_WINDOW = 1 << 20, H2_CONNECTION_WINDOW = 16 << 20 };

struct h2_header {
	const char *name, *value;
};

struct h2_handler {
	/* A response header or trailer. Runs inside nghttp2: note it, do nothing else. */
	void (*header)(void *context, const char *name, size_t name_len, const char *value,
	    size_t value_len);
	/* From h2_dispatch: there is input, or the stream has ended. */
	void (*news)(void *context);
	/* The stream is freed: the context may go. */
	void (*release)(void *context);
};

struct h2 *h2_new(void);
/* Every stream's context is released; no news. Not from inside h2_dispatch. */
void h2_free(struct h2 *h2);

/* Takes received bytes; -1 with err where they are not HTTP/2. */
int h2_receive(struct h2 *h2, const uint8_t *data, size_t len, struct err *err);
/* The next bytes to send: their number, 0 where there are none. Valid until the next call. */
size_t h2_output(struct h2 *h2, const uint8_t **data);
bool h2_wants_output(struct h2 *h2);
/* h2_dispatch has something to do. */
bool h2_has_news(const struct h2 *h2);
/* Runs the handlers of the streams with news until none has any or *stop is true. */
void h2_dispatch(struct h2 *h2, const bool *stop);
/* Ends every stream as if reset: what the handlers then see. Follow with h2_dispatch. */
void h2_fail(struct h2 *h2);
/* Frees what was cancelled. Not from inside h2_dispatch. */
void h2_sweep(struct h2 *h2);

/* The server's first SETTINGS came. */
bool h2_settled(const struct h2 *h2);
/* It said GOAWAY: no new streams. */
bool h2_leaving(const struct h2 *h2);
/* Streams that have not ended. */
size_t h2_open_streams(const struct h2 *h2);

/* A new POST-like stream: `headers` (count of them) as they are. NULL where the session takes none
 * any more. */
struct h2_stream *h2_open(struct h2 *h2, const struct h2_header *headers, size_t count,
    const struct h2_handler *handler, void *context);
void h2_send(struct h2_stream *stream, const void *data, size_t len);
/* No more will be sent. */
void h2_finish(struct h2_stream *stream);
/* Ends the stream by RST_STREAM(CANCEL); no more news. */
void h2_cancel(struct h2_stream *stream);

/* What has come and was not taken; taking it lets the server send as much again. */
const uint8_t *h2_input(const struct h2_stream *stream, size_t *len);
void h2_take(struct h2_stream *stream, size_t len);
/* Asks for news again though nothing came. */
void h2_poke(struct h2_stream *stream);

/* The server has ended the stream, or it was reset. */
bool h2_ended(const struct h2_stream *stream);
/* RST_STREAM's code, 0 where it ended well. */
uint32_t h2_error_code(const struct h2_stream *stream);
/* The server cannot have acted on it: refused, beyond GOAWAY's last stream, or never sent. */
bool h2_unprocessed(const struct h2_stream *stream);

#endif
