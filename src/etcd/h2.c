/* SPDX-License-Identifier: Apache-2.0 */
#include "etcd/h2.h"

#include <stdlib.h>
#include <string.h>

#include <nghttp2/nghttp2.h>

#include "base/buf.h"
#include "base/mem.h"

enum { HEADERS_MAX = 16, OUT_MAX = 1 << 30, COMPACT_MIN = 64 << 10, DATA_MAX = 64 << 10,
	FRAME_HEAD = 9, TYPE_AT = 3 };

struct h2_stream {
	struct h2 *h2;
	struct h2_stream *prev, *next;		/* of h2->first */
	struct h2_stream *next_news;
	int32_t id;
	struct buf out, in;
	size_t out_at, in_at;
	bool out_end, out_waits;		/* waits: nghttp2 must be told of more */
	bool sent, ended, closed, unprocessed;	/* closed: nghttp2 has forgotten it */
	bool has_news, cancelled;
	uint32_t error_code;
	const struct h2_handler *handler;
	void *context;
};

struct h2 {
	nghttp2_session *session;
	struct h2_stream *first;
	struct h2_stream *news, *last_news;
	size_t open;
	struct buf data;		/* DATA frames on their way out, never inside nghttp2's memory */
	const uint8_t *behind;		/* what nghttp2 gave to follow them */
	size_t behind_len;
	size_t heard;			/* bytes so far, until the first frame's type is known */
	bool settled, leaving, broken;
};

static void
add_news(struct h2_stream *stream)
{
	struct h2 *h2 = stream->h2;

	if (stream->has_news || stream->cancelled)
		return;
	stream->has_news = true;
	stream->next_news = NULL;
	if (h2->last_news)
		h2->last_news->next_news = stream;
	else
		h2->news = stream;
	h2->last_news = stream;
}

static struct h2_stream *
next_news(struct h2 *h2)
{
	struct h2_stream *stream = h2->news;

	if (!stream)
		return NULL;
	h2->news = stream->next_news;
	if (!h2->news)
		h2->last_news = NULL;
	stream->has_news = false;
	return stream;
}

static void
stream_end(struct h2_stream *stream, uint32_t error_code)
{
	if (stream->ended)
		return;
	stream->ended = true;
	stream->error_code = error_code;
	stream->h2->open--;
	add_news(stream);
}

static struct h2_stream *
find(nghttp2_session *session, int32_t id)
{
	return nghttp2_session_get_stream_user_data(session, id);
}

static int
on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
    size_t name_len, const uint8_t *value, size_t value_len, uint8_t flags, void *context)
{
	struct h2_stream *stream = find(session, frame->hd.stream_id);

	(void)flags;
	(void)context;
	if (stream && !stream->cancelled)
		stream->handler->header(stream->context, (const char *)name, name_len,
		    (const char *)value, value_len);
	return 0;
}

/* Moves what is left to the front where that costs little against what was taken. */
static void
compact(struct h2_stream *stream)
{
	size_t left = stream->in.len - stream->in_at;

	if (stream->in_at < COMPACT_MIN || stream->in_at < left / 4)
		return;
	buf_consume(&stream->in, stream->in_at);
	stream->in_at = 0;
}

static int
on_data(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *data, size_t len,
    void *context)
{
	struct h2_stream *stream = find(session, id);

	(void)flags;
	(void)context;
	nghttp2_session_consume_connection(session, len);
	if (stream)
		compact(stream);
	if (!stream || stream->cancelled || !buf_add(&stream->in, data, len)) {
		nghttp2_session_consume_stream(session, id, len);
		return 0;
	}
	add_news(stream);
	return 0;
}

static int
on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *context)
{
	struct h2 *h2 = context;
	struct h2_stream *stream;

	if (frame->hd.type == NGHTTP2_SETTINGS && !(frame->hd.flags & NGHTTP2_FLAG_ACK))
		h2->settled = true;
	else if (frame->hd.type == NGHTTP2_GOAWAY)
		h2->leaving = true;
	else if ((frame->hd.type == NGHTTP2_DATA || frame->hd.type == NGHTTP2_HEADERS) &&
	    frame->hd.flags & NGHTTP2_FLAG_END_STREAM) {
		stream = find(session, frame->hd.stream_id);
		if (stream && !stream->out_end)
			nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, frame->hd.stream_id,
			    NGHTTP2_NO_ERROR);
		if (stream)
			stream_end(stream, 0);
	}
	return 0;
}

static int
on_close(nghttp2_session *session, int32_t id, uint32_t error_code, void *context)
{
	struct h2_stream *stream = find(session, id);

	(void)context;
	if (!stream)
		return 0;
	stream->closed = true;
	if (error_code == NGHTTP2_REFUSED_STREAM)
		stream->unprocessed = true;
	stream_end(stream, error_code);
	return 0;
}

static int
on_sent(nghttp2_session *session, const nghttp2_frame *frame, void *context)
{
	struct h2_stream *stream;

	(void)context;
	if (frame->hd.type == NGHTTP2_HEADERS && (stream = find(session, frame->hd.stream_id)))
		stream->sent = true;
	return 0;
}

/* A request that could not leave: GOAWAY came first, or the stream numbers are used up. */
static int
on_not_sent(nghttp2_session *session, const nghttp2_frame *frame, int code, void *context)
{
	struct h2 *h2 = context;

	(void)session;
	(void)code;
	if (frame->hd.type != NGHTTP2_HEADERS)
		return 0;
	for (struct h2_stream *stream = h2->first; stream; stream = stream->next)
		if (stream->id == frame->hd.stream_id && !stream->sent) {
			stream->closed = stream->unprocessed = true;
			stream_end(stream, NGHTTP2_REFUSED_STREAM);
		}
	return 0;
}

/* A buffer that may have held a login. */
static void
wipe(struct buf *buf)
{
	if (buf->len)
		explicit_bzero(buf->data, buf->len);
	buf_reset(buf);
}

/* Says how much goes into the next DATA frame; send_data then gives it. */
static ssize_t
give_data(nghttp2_session *session, int32_t id, uint8_t *out, size_t len, uint32_t *flags,
    nghttp2_data_source *source, void *context)
{
	struct h2_stream *stream = source->ptr;
	size_t left = stream->out.len - stream->out_at;

	(void)session;
	(void)id;
	(void)out;
	(void)context;
	if (len > left)
		len = left;
	if (len)
		*flags |= NGHTTP2_DATA_FLAG_NO_COPY;
	if (len == left && stream->out_end) {
		*flags |= NGHTTP2_DATA_FLAG_EOF;
	} else if (!len) {
		stream->out_waits = true;
		return NGHTTP2_ERR_DEFERRED;
	}
	return (ssize_t)len;
}

static int
send_data(nghttp2_session *session, nghttp2_frame *frame, const uint8_t *head, size_t len,
    nghttp2_data_source *source, void *context)
{
	struct h2 *h2 = context;
	struct h2_stream *stream = source->ptr;

	(void)session;
	(void)frame;
	if (h2->data.len && h2->data.len + FRAME_HEAD + len > DATA_MAX)
		return NGHTTP2_ERR_WOULDBLOCK;
	buf_add(&h2->data, head, FRAME_HEAD);
	buf_add(&h2->data, stream->out.data + stream->out_at, len);
	stream->out_at += len;
	if (stream->out_at == stream->out.len) {
		wipe(&stream->out);
		stream->out_at = 0;
	}
	return 0;
}

static nghttp2_session_callbacks *
callbacks_new(void)
{
	nghttp2_session_callbacks *callbacks;

	if (nghttp2_session_callbacks_new(&callbacks) != 0)
		abort();
	nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
	nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
	nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
	nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, on_sent);
	nghttp2_session_callbacks_set_on_frame_not_send_callback(callbacks, on_not_sent);
	nghttp2_session_callbacks_set_send_data_callback(callbacks, send_data);
	return callbacks;
}

struct h2 *
h2_new(void)
{
	static const nghttp2_settings_entry settings[] = {
		{ NGHTTP2_SETTINGS_ENABLE_PUSH, 0 },
		{ NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, H2_STREAM_WINDOW },
	};
	struct h2 *h2 = xcalloc(1, sizeof *h2);
	nghttp2_session_callbacks *callbacks = callbacks_new();
	nghttp2_option *option;

	buf_init(&h2->data, DATA_MAX);
	buf_reserve(&h2->data, DATA_MAX); /* it never moves, and so leaves no copies */
	if (nghttp2_option_new(&option) != 0)
		abort();
	nghttp2_option_set_no_auto_window_update(option, 1);
	if (nghttp2_session_client_new2(&h2->session, callbacks, h2, option) != 0)
		abort();
	nghttp2_option_del(option);
	nghttp2_session_callbacks_del(callbacks);
	nghttp2_submit_settings(h2->session, NGHTTP2_FLAG_NONE, settings, ARRAY_LEN(settings));
	nghttp2_session_set_local_window_size(h2->session, NGHTTP2_FLAG_NONE, 0, H2_CONNECTION_WINDOW);
	return h2;
}

static void
stream_free(struct h2_stream *stream)
{
	struct h2 *h2 = stream->h2;

	if (!stream->ended)
		h2->open--;
	if (stream->prev)
		stream->prev->next = stream->next;
	else
		h2->first = stream->next;
	if (stream->next)
		stream->next->prev = stream->prev;
	stream->handler->release(stream->context);
	buf_release(&stream->in);
	buf_release_secret(&stream->out);
	free(stream);
}

void
h2_free(struct h2 *h2)
{
	if (!h2)
		return;
	nghttp2_session_del(h2->session);
	while (h2->first)
		stream_free(h2->first);
	buf_release_secret(&h2->data);
	free(h2);
}

/* The first frame must be SETTINGS (RFC 9113, 3.4), whose type is the fourth byte. nghttp2 itself
 * waits for the rest of a frame, which may never come. */
static bool
begins_well(struct h2 *h2, const uint8_t *data, size_t len)
{
	size_t at = TYPE_AT - h2->heard;

	if (h2->heard > TYPE_AT)
		return true;
	h2->heard += len;
	return h2->heard <= TYPE_AT || data[at] == NGHTTP2_SETTINGS;
}

int
h2_receive(struct h2 *h2, const uint8_t *data, size_t len, struct err *err)
{
	ssize_t n = nghttp2_session_mem_recv(h2->session, data, len);

	if (n == (ssize_t)len && begins_well(h2, data, len))
		return 0;
	h2->broken = true;
	return err_set(err, ERR_CONNECT, "what came is not HTTP/2: %s",
	    n < 0 ? nghttp2_strerror((int)n) : "the session is over");
}

size_t
h2_output(struct h2 *h2, const uint8_t **data)
{
	size_t len = h2->behind_len;
	ssize_t n;

	*data = h2->behind;
	h2->behind_len = 0;
	if (h2->broken || len)
		return h2->broken ? 0 : len;
	wipe(&h2->data);
	n = nghttp2_session_mem_send(h2->session, data);
	if (n < 0)
		n = 0;
	if (!h2->data.len)
		return (size_t)n;
	h2->behind = *data;
	h2->behind_len = (size_t)n;
	*data = (const uint8_t *)h2->data.data;
	return h2->data.len;
}

bool
h2_wants_output(struct h2 *h2)
{
	return !h2->broken && (h2->behind_len || nghttp2_session_want_write(h2->session));
}

bool
h2_has_news(const struct h2 *h2)
{
	return h2->news != NULL;
}

void
h2_dispatch(struct h2 *h2, const bool *stop)
{
	struct h2_stream *stream;

	while (!*stop && (stream = next_news(h2)))
		if (!stream->cancelled)
			stream->handler->news(stream->context);
}

void
h2_fail(struct h2 *h2)
{
	h2->broken = true;
	for (struct h2_stream *stream = h2->first; stream; stream = stream->next) {
		stream->closed = true;
		if (!stream->sent)
			stream->unprocessed = true;
		stream_end(stream, NGHTTP2_INTERNAL_ERROR);
	}
}

void
h2_sweep(struct h2 *h2)
{
	struct h2_stream *stream = h2->first, *next;

	for (; stream; stream = next) {
		next = stream->next;
		if (stream->cancelled && stream->closed && !stream->has_news)
			stream_free(stream);
	}
}

bool
h2_settled(const struct h2 *h2)
{
	return h2->settled;
}

bool
h2_leaving(const struct h2 *h2)
{
	return h2->leaving;
}

size_t
h2_open_streams(const struct h2 *h2)
{
	return h2->open;
}

struct h2_stream *
h2_open(struct h2 *h2, const struct h2_header *headers, size_t count,
    const struct h2_handler *handler, void *context)
{
	struct h2_stream *stream;
	nghttp2_nv pairs[HEADERS_MAX];
	nghttp2_data_provider provider = { .read_callback = give_data };

	if (h2->leaving || h2->broken || count > HEADERS_MAX)
		return NULL;
	for (size_t i = 0; i < count; i++)
		pairs[i] = (nghttp2_nv){ .name = (uint8_t *)(uintptr_t)headers[i].name,
			.value = (uint8_t *)(uintptr_t)headers[i].value,
			.namelen = strlen(headers[i].name), .valuelen = strlen(headers[i].value),
			.flags = NGHTTP2_NV_FLAG_NONE };
	stream = xcalloc(1, sizeof *stream);
	provider.source.ptr = stream;
	stream->id = nghttp2_submit_request(h2->session, NULL, pairs, count, &provider, stream);
	if (stream->id < 0) {
		free(stream);
		return NULL;
	}
	stream->h2 = h2;
	stream->handler = handler;
	stream->context = context;
	buf_init(&stream->out, OUT_MAX);
	buf_init(&stream->in, 2 * H2_STREAM_WINDOW);
	stream->next = h2->first;
	if (h2->first)
		h2->first->prev = stream;
	h2->first = stream;
	h2->open++;
	return stream;
}

static void
wake_output(struct h2_stream *stream)
{
	if (!stream->out_waits || stream->closed)
		return;
	stream->out_waits = false;
	nghttp2_session_resume_data(stream->h2->session, stream->id);
}

void
h2_send(struct h2_stream *stream, const void *data, size_t len)
{
	buf_add(&stream->out, data, len);
	wake_output(stream);
}

void
h2_finish(struct h2_stream *stream)
{
	stream->out_end = true;
	wake_output(stream);
}

void
h2_cancel(struct h2_stream *stream)
{
	if (stream->cancelled)
		return;
	if (!stream->closed && !stream->ended && !stream->h2->broken)
		nghttp2_submit_rst_stream(stream->h2->session, NGHTTP2_FLAG_NONE, stream->id,
		    NGHTTP2_CANCEL);
	if (!stream->ended) {
		stream->ended = true;
		stream->h2->open--;
	}
	stream->cancelled = true;
	buf_release(&stream->in);
	stream->in_at = 0;
}

const uint8_t *
h2_input(const struct h2_stream *stream, size_t *len)
{
	*len = stream->in.len - stream->in_at;
	return (const uint8_t *)buf_str(&stream->in) + stream->in_at;
}

void
h2_take(struct h2_stream *stream, size_t len)
{
	if (stream->cancelled || !len)
		return;
	stream->in_at += len;
	if (!stream->closed && !stream->h2->broken)
		nghttp2_session_consume_stream(stream->h2->session, stream->id, len);
	if (stream->in_at < stream->in.len)
		return;
	buf_reset(&stream->in);
	stream->in_at = 0;
}

void
h2_poke(struct h2_stream *stream)
{
	add_news(stream);
}

bool
h2_ended(const struct h2_stream *stream)
{
	return stream->ended;
}

uint32_t
h2_error_code(const struct h2_stream *stream)
{
	return stream->error_code;
}

bool
h2_unprocessed(const struct h2_stream *stream)
{
	return stream->unprocessed;
}
