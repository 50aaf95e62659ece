/* SPDX-License-Identifier: Apache-2.0 */
#include "etcd/grpc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "etcd/grpc_frame.h"

enum { SEND_MAX = 1 << 30, MESSAGE_MAX = 4096 };

struct grpc_stream {
	struct h2_stream *h2;
	struct grpc_reader reader;
	const struct grpc_handler *handler;
	void *context;
	bool paused, done, has_status;
	int code, http_status;
	struct buf message;
};

static bool
is_name(const char *name, size_t len, const char *wanted)
{
	return len == strlen(wanted) && memcmp(name, wanted, len) == 0;
}

static int
small_number(const char *text, size_t len)
{
	int number = 0;

	if (!len || len > 3)
		return -1;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		number = number * 10 + text[i] - '0';
	}
	return number;
}

static void
on_header(void *context, const char *name, size_t name_len, const char *value, size_t value_len)
{
	struct grpc_stream *stream = context;

	if (is_name(name, name_len, ":status")) {
		stream->http_status = small_number(value, value_len);
	} else if (is_name(name, name_len, "grpc-status")) {
		stream->code = small_number(value, value_len);
		stream->has_status = stream->code >= 0;
	} else if (is_name(name, name_len, "grpc-message")) {
		buf_reset(&stream->message);
		grpc_percent_decode(&stream->message, value,
		    value_len < MESSAGE_MAX ? value_len : MESSAGE_MAX);
	}
}

static void
close_with(struct grpc_stream *stream, const struct grpc_status *status)
{
	stream->done = true;
	stream->handler->closed(stream->context, status);
	h2_cancel(stream->h2);
}

static void
close_bad(struct grpc_stream *stream, int code, const char *text)
{
	struct grpc_status status = { .code = code, .message = text, .told = true };

	close_with(stream, &status);
}

/* Reads the messages that are whole. False once the stream was cancelled or has failed. */
static bool
read_messages(struct grpc_stream *stream)
{
	const uint8_t *data, *message;
	size_t len, used, message_len;
	struct err err;
	int got;

	while (!stream->paused && (data = h2_input(stream->h2, &len)) && len) {
		got = grpc_reader_feed(&stream->reader, data, len, &used, &err);
		h2_take(stream->h2, used);
		if (got < 0) {
			close_bad(stream, err.code == ERR_TOO_BIG ? GRPC_EXHAUSTED : GRPC_INTERNAL, err.text);
			return false;
		}
		if (!got)
			continue;
		message = grpc_reader_message(&stream->reader, &message_len);
		stream->handler->message(stream->context, message, message_len);
		if (stream->done)
			return false;
	}
	return true;
}

static void
finish(struct grpc_stream *stream)
{
	struct grpc_status status = { .code = stream->code, .message = buf_str(&stream->message),
		.told = stream->has_status };
	char text[160];

	if (!stream->has_status && stream->http_status && stream->http_status != 200) {
		snprintf(text, sizeof text, "HTTP status %d instead of an answer: no etcd client port?",
		    stream->http_status);
		status = (struct grpc_status){ GRPC_UNIMPLEMENTED, text, true, false };
	} else if (!stream->has_status) {
		snprintf(text, sizeof text, "the stream ended without a status (HTTP/2 error %u)",
		    h2_error_code(stream->h2));
		status = (struct grpc_status){ GRPC_UNAVAILABLE, text, false,
			h2_unprocessed(stream->h2) };
	} else if (status.code == GRPC_OK && grpc_reader_inside(&stream->reader)) {
		status = (struct grpc_status){ GRPC_INTERNAL, "the answer was cut off", true, false };
	}
	close_with(stream, &status);
}

static void
on_news(void *context)
{
	struct grpc_stream *stream = context;
	size_t left;

	if (stream->done || !read_messages(stream))
		return;
	h2_input(stream->h2, &left);
	if (h2_ended(stream->h2) && !left)
		finish(stream);
}

static void
on_release(void *context)
{
	struct grpc_stream *stream = context;

	grpc_reader_release(&stream->reader);
	buf_release(&stream->message);
	free(stream);
}

struct grpc_stream *
grpc_open(struct h2 *h2, const struct grpc_target *target, const struct grpc_handler *handler,
    void *context)
{
	static const struct h2_handler events = { on_header, on_news, on_release };
	struct grpc_stream *stream = xcalloc(1, sizeof *stream);
	struct h2_header headers[12] = {
		{ ":method", "POST" }, { ":scheme", target->scheme }, { ":path", target->path },
		{ ":authority", target->authority }, { "te", "trailers" },
		{ "content-type", "application/grpc" }, { "user-agent", "vetch/" PACKAGE_VERSION },
	};
	size_t count = 7;
	char timeout[32];

	if (target->timeout_ms > 0) {
		int64_t ms = target->timeout_ms < 99999999 ? target->timeout_ms : 99999999;

		snprintf(timeout, sizeof timeout, "%lldm", (long long)ms);
		headers[count++] = (struct h2_header){ "grpc-timeout", timeout };
	}
	if (target->token)
		headers[count++] = (struct h2_header){ "token", target->token };
	if (target->has_leader)
		headers[count++] = (struct h2_header){ "hasleader", "true" };
	stream->handler = handler;
	stream->context = context;
	grpc_reader_init(&stream->reader, target->max_recv);
	buf_init(&stream->message, MESSAGE_MAX);
	stream->h2 = h2_open(h2, headers, count, &events, stream);
	if (stream->h2)
		return stream;
	on_release(stream);
	return NULL;
}

void
grpc_send(struct grpc_stream *stream, const void *message, size_t len)
{
	struct buf frame = BUF_INIT(SEND_MAX);

	buf_reserve(&frame, len + GRPC_HEAD);
	grpc_frame(&frame, message, len);
	h2_send(stream->h2, frame.data, frame.len);
	buf_release_secret(&frame);
}

void
grpc_finish(struct grpc_stream *stream)
{
	h2_finish(stream->h2);
}

void
grpc_cancel(struct grpc_stream *stream)
{
	stream->done = true;
	h2_cancel(stream->h2);
}

void
grpc_pause(struct grpc_stream *stream, bool paused)
{
	stream->paused = paused;
	if (!paused)
		h2_poke(stream->h2);
}
