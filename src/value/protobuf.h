/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALUE_PROTOBUF_H
#define VALUE_PROTOBUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reading protobuf without a schema, field by field (protobuf encoding, proto3). */

struct pb {
	const unsigned char *at, *end;
	bool bad;	/* the bytes are no protobuf */
};

struct pb_field {
	unsigned number;
	unsigned wire;		/* 0 varint, 1 fixed 64, 2 bytes, 5 fixed 32 */
	uint64_t value;		/* varint and fixed */
	const char *data;	/* bytes; inside the message */
	size_t len;
};

struct pb pb_of(const void *data, size_t len);
/* The next field; false at the end and where the bytes are bad. */
bool pb_next(struct pb *pb, struct pb_field *field);
/* The first field of this number that holds bytes; false where there is none. */
bool pb_find(const void *data, size_t len, unsigned number, struct pb_field *field);
/* True where all of it reads as protobuf. */
bool pb_valid(const void *data, size_t len);

#endif
