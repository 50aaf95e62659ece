/* SPDX-License-Identifier: Apache-2.0 */
#include "etcd/snapshot_part.h"

struct wire {
	const uint8_t *at, *end;
};

static bool
read_varint(struct wire *wire, uint64_t *number)
{
	*number = 0;
	for (int shift = 0; shift < 64 && wire->at < wire->end; shift += 7) {
		uint8_t byte = *wire->at++;

		*number |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return true;
	}
	return false;
}

static bool
skip(struct wire *wire, size_t len)
{
	if ((size_t)(wire->end - wire->at) < len)
		return false;
	wire->at += len;
	return true;
}

static bool
read_bytes(struct wire *wire, const uint8_t **data, size_t *len)
{
	uint64_t number;

	if (!read_varint(wire, &number) || number > (uint64_t)(wire->end - wire->at))
		return false;
	*data = wire->at;
	*len = (size_t)number;
	wire->at += number;
	return true;
}

static bool
read_field(struct wire *wire, uint64_t tag, struct snapshot_part *part)
{
	const uint8_t *data;
	uint64_t number;
	size_t len;

	switch (tag & 7) {
	case 0:
		if (!read_varint(wire, &number))
			return false;
		if (tag >> 3 == 2)
			part->remaining = number;
		return true;
	case 1:
		return skip(wire, 8);
	case 2:
		if (!read_bytes(wire, &data, &len))
			return false;
		if (tag >> 3 == 3) {
			part->blob = data;
			part->blob_len = len;
		} else if (tag >> 3 == 4) {
			part->version = data;
			part->version_len = len;
		}
		return true;
	case 5:
		return skip(wire, 4);
	default:
		return false;
	}
}

bool
snapshot_part_read(struct snapshot_part *part, const uint8_t *data, size_t len)
{
	struct wire wire = { data, data + len };
	uint64_t tag;

	*part = (struct snapshot_part){ 0 };
	while (wire.at < wire.end)
		if (!read_varint(&wire, &tag) || !read_field(&wire, tag, part))
			return false;
	return true;
}
