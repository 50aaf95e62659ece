/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ETCD_GRPC_FRAME_H
#define ETCD_GRPC_FRAME_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/* gRPC's frames (gRPC over HTTP/2, "Length-Prefixed-Message"): a flag byte that must be 0, four
 * bytes of length, the message. */

enum { GRPC_HEAD = 5 };

struct grpc_reader {
	unsigned char head[GRPC_HEAD];
	size_t head_len;
	struct buf message;	/* gathered so far; its maximum is the largest message taken */
	size_t need;		/* of the message begun */
};

void grpc_reader_init(struct grpc_reader *reader, size_t max);
void grpc_reader_release(struct grpc_reader *reader);

/* Reads on in data[0..len); *used says how much. 1: a message is whole (grpc_reader_message),
  * until the next call; 0: more is needed; -1: err. */
int grpc_reader_feed(struct grpc_reader *reader, const uint8_t *data, size_t len, size_t *used,
    struct err *err);
const uint8_t *grpc_reader_message(const struct grpc_reader *reader, size_t *len);

/* True in the middle of a message. */
bool grpc_reader_inside(const struct grpc_reader *reader);

/* Appends one message with its frame. */
void grpc_frame(struct buf *out, const void *message, size_t len);

/* Decodes grpc-message: %XX becomes a byte, what is not that stays as it is. */
void grpc_percent_decode(struct buf *out, const char *text, size_t len);

#endif
