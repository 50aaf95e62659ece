/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ETCD_GRPC_H
#define ETCD_GRPC_H

#include "base/err.h"
#include "etcd/h2.h"

/* One gRPC call on an HTTP/2 session: messages out, messages in, a status. */

enum grpc_code {
	GRPC_OK = 0, GRPC_CANCELLED = 1, GRPC_UNKNOWN = 2, GRPC_INVALID = 3, GRPC_DEADLINE = 4,
	GRPC_NOT_FOUND = 5, GRPC_DENIED = 7, GRPC_EXHAUSTED = 8, GRPC_FAILED_PRECONDITION = 9,
	GRPC_OUT_OF_RANGE = 11, GRPC_UNIMPLEMENTED = 12, GRPC_INTERNAL = 13, GRPC_UNAVAILABLE = 14,
	GRPC_DATA_LOSS = 15, GRPC_UNAUTHENTICATED = 16,
};

struct grpc_stream;

struct grpc_status {
	int code;
	const char *message;	/* grpc-message, decoded; "" where there was none */
	bool told;		/* the server said so; false: the stream ended without a status */
	bool unprocessed;	/* the server cannot have acted on the call */
};

struct grpc_handler {
	void (*message)(void *context, const uint8_t *data, size_t len);
	/* Once, last; the stream is then gone. */
	void (*closed)(void *context, const struct grpc_status *status);
};

struct grpc_target {
	const char *path, *scheme, *authority;
	const char *token;	/* or NULL */
	bool has_leader;	/* end with code 14 while the member has no leader */
	int64_t timeout_ms;	/* 0: none */
	size_t max_recv;
};

/* Handlers run from h2_dispatch. NULL where the session takes no more streams. */
struct grpc_stream *grpc_open(struct h2 *h2, const struct grpc_target *target,
    const struct grpc_handler *handler, void *context);
void grpc_send(struct grpc_stream *stream, const void *message, size_t len);
void grpc_finish(struct grpc_stream *stream);
/* No callback comes afterwards. */
void grpc_cancel(struct grpc_stream *stream);
/* While paused no messages are read and the server's window stays used. */
void grpc_pause(struct grpc_stream *stream, bool paused);

#endif
