/* SPDX-License-Identifier: Apache-2.0 */
#include "value/protobuf.h"

struct pb
pb_of(const void *data, size_t len)
{
	const unsigned char *at = data;

	return (struct pb){ at, at + len, false };
}

static bool
varint(struct pb *pb, uint64_t *value)
{
	*value = 0;
	for (unsigned shift = 0; shift < 64 && pb->at < pb->end; shift += 7) {
		unsigned char byte = *pb->at++;

		*value |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return true;
	}
	pb->bad = true;
	return false;
}

static bool
fixed(struct pb *pb, size_t size, uint64_t *value)
{
	if ((size_t)(pb->end - pb->at) < size) {
		pb->bad = true;
		return false;
	}
	*value = 0;
	for (size_t i = size; i-- > 0;)
		*value = *value << 8 | pb->at[i];
	pb->at += size;
	return true;
}

static bool
bytes(struct pb *pb, struct pb_field *field)
{
	uint64_t len;

	if (!varint(pb, &len))
		return false;
	if (len > (uint64_t)(pb->end - pb->at)) {
		pb->bad = true;
		return false;
	}
	field->data = (const char *)pb->at;
	field->len = (size_t)len;
	pb->at += len;
	return true;
}

bool
pb_next(struct pb *pb, struct pb_field *field)
{
	uint64_t tag;

	if (pb->bad || pb->at == pb->end || !varint(pb, &tag))
		return false;
	*field = (struct pb_field){ .number = (unsigned)(tag >> 3), .wire = tag & 7 };
	if (tag >> 3 == 0 || tag >> 3 > 0x1fffffff) {
		pb->bad = true;
		return false;
	}
	switch (field->wire) {
	case 0:
		return varint(pb, &field->value);
	case 1:
		return fixed(pb, 8, &field->value);
	case 2:
		return bytes(pb, field);
	case 5:
		return fixed(pb, 4, &field->value);
	default:
		pb->bad = true;
		return false;
	}
}

bool
pb_find(const void *data, size_t len, unsigned number, struct pb_field *field)
{
	struct pb pb = pb_of(data, len);

	while (pb_next(&pb, field))
		if (field->number == number && field->wire == 2)
			return true;
	return false;
}

bool
pb_valid(const void *data, size_t len)
{
	struct pb pb = pb_of(data, len);
	struct pb_field field;

	while (pb_next(&pb, &field))
		;
	return !pb.bad;
}
