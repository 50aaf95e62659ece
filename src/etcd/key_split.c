/* SPDX-License-Identifier: Apache-2.0 */
#include "etcd/key_split.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "etcd/key_rows.h"

enum { RINGS_MAX = 24, SINGLE_MAX = 40, LAST_BYTE = 0x7e };

static char *
copy_of(const void *data, size_t len)
{
	char *copy = xmalloc(len + 1);

	memcpy(copy, data, len);
	copy[len] = '\0';
	return copy;
}

struct key_piece *
key_piece_new(const Etcd__KeyValue *first, const char *end, size_t end_len)
{
	struct key_piece *piece = xcalloc(1, sizeof *piece);

	piece->first = copy_of(first->key.data, first->key.len);
	piece->first_len = first->key.len;
	piece->version = first->version;
	piece->create_revision = first->create_revision;
	piece->mod_revision = first->mod_revision;
	piece->lease = first->lease;
	piece->end = copy_of(end, end_len);
	piece->end_len = end_len;
	return piece;
}

void
key_piece_free(struct key_piece *piece)
{
	if (!piece)
		return;
	free(piece->first);
	free(piece->end);
	free(piece);
}

bool
key_before_end(const char *key, size_t len, const char *end, size_t end_len)
{
	return (end_len == 1 && !*end) || key_compare(key, len, end, end_len) < 0;
}

void
key_ranges_release(struct key_ranges *ranges)
{
	for (size_t i = 0; i < ranges->len; i++)
		free(ranges->starts[i].data);
	ranges->len = 0;
}

/* Takes `data` over. What is no step forward in the piece is left out, so that the ranges are one
 * after the other whatever bytes names are made of. */
static void
add_start(struct key_ranges *out, const struct key_piece *piece, char *data, size_t len,
    size_t common)
{
	size_t last = out->len - 1;
	int order = out->len ? key_compare(out->starts[last].data, out->starts[last].len, data, len) : -1;

	if (order == 0)
		out->starts[last].common = common;
	if (order >= 0 || out->len == KEY_RANGES_MAX ||
	    !key_before_end(data, len, piece->end, piece->end_len)) {
		free(data);
		return;
	}
	out->starts[out->len].data = data;
	out->starts[out->len].len = len;
	out->starts[out->len++].common = common;
}

/* Digits and small letters for themselves, where all would be too many. */
static bool
starts_range(unsigned byte, unsigned first)
{
	return byte == first || (byte >= '0' && byte <= ':') || (byte >= 'a' && byte <= '{') ||
	    byte > LAST_BYTE;
}

static bool
is_single(unsigned byte)
{
	return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z');
}

/* Names that are as the first up to `depth`, by their next byte. */
static void
split_by_byte(struct key_ranges *out, const struct key_piece *piece, size_t depth)
{
	unsigned first = (unsigned char)piece->first[depth] + 1u, last = LAST_BYTE;
	bool few;

	if (depth < piece->end_len && memcmp(piece->first, piece->end, depth) == 0)
		last = (unsigned char)piece->end[depth];
	if (last > LAST_BYTE)
		last = LAST_BYTE;
	few = last < first + SINGLE_MAX;
	for (unsigned byte = first; byte <= last + 1 && byte < 256; byte++) {
		char *start;

		if (!few && !starts_range(byte, first))
			continue;
		start = copy_of(piece->first, depth + 1);
		start[depth] = (char)byte;
		add_start(out, piece, start, depth + 1,
		    depth + ((few && byte <= LAST_BYTE) || is_single(byte)));
	}
}

void
key_split(const struct key_piece *piece, size_t child_len, bool folder, struct key_ranges *out)
{
	size_t depth = child_len, rings = 0, end_len, innermost = child_len - (folder ? 2 : 1);
	char *end = folder ? key_prefix_end(piece->first, child_len, &end_len) :
	    copy_of(piece->first, child_len);

	out->len = 0;
	if (!folder)
		end_len = child_len + 1; /* the 0 byte after the key */
	else if (end_len == 1 && !*end) {
		free(end);
		return;
	}
	add_start(out, piece, end, end_len, depth);
	while (depth > piece->common) {
		if (++rings == RINGS_MAX)
			depth = piece->common + 1;
		end = key_prefix_end(piece->first, depth--, &end_len);
		if (end_len == 1 && !*end)
			free(end);
		else
			add_start(out, piece, end, end_len, depth);
		if (depth == innermost || depth == piece->common)
			split_by_byte(out, piece, depth);
	}
}
