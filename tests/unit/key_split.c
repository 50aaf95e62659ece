/* SPDX-License-Identifier: Apache-2.0
 * The ranges after a child: one after the other, whatever bytes names are made of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "etcd/key_rows.h"
#include "etcd/key_split.h"

static struct key_piece *
piece_of(const char *first, size_t len, const char *end, size_t end_len, size_t common)
{
	Etcd__KeyValue kv = ETCD__KEY_VALUE__INIT;
	struct key_piece *piece;

	kv.key = (ProtobufCBinaryData){ .data = (uint8_t *)(uintptr_t)first, .len = len };
	piece = key_piece_new(&kv, end, end_len);
	piece->common = common;
	return piece;
}

static void
join(const struct key_ranges *ranges, struct buf *out)
{
	for (size_t i = 0; i < ranges->len; i++)
		buf_printf(out, "%s%.*s", i ? " " : "", (int)ranges->starts[i].len,
		    ranges->starts[i].data);
}

static void
assert_split(const char *first, const char *end, size_t common, size_t child_len,
    const char *wanted)
{
	struct key_piece *piece = piece_of(first, strlen(first), end, strlen(end), common);
	struct key_ranges ranges;
	struct buf got = BUF_INIT(1 << 16);

	key_split(piece, child_len, true, &ranges);
	join(&ranges, &got);
	assert_string_equal(buf_str(&got), wanted);
	buf_release(&got);
	key_ranges_release(&ranges);
	key_piece_free(piece);
}

static void
siblings_come_by_the_bytes_they_differ_in(void **state)
{
	(void)state;
	assert_split("r/k-8/a", "r/k.", 4, 6,
	    "r/k-80 r/k-9 r/k-: r/k-a r/k-b r/k-c r/k-d r/k-e r/k-f r/k-g r/k-h r/k-i r/k-j r/k-k r/k-l"
	    " r/k-m r/k-n r/k-o r/k-p r/k-q r/k-r r/k-s r/k-t r/k-u r/k-v r/k-w r/k-x r/k-y r/k-z r/k-{"
	    " r/k-\x7f");
	assert_split("r/k-8/a", "r/k-9", 4, 6, "r/k-80");
	assert_split("r/ab/x", "r/ae", 2, 5, "r/ab0 r/ac r/ad");
}

static unsigned
next(unsigned *seed)
{
	*seed = *seed * 1103515245u + 12345u;
	return *seed >> 16 & 0x7fff;
}

static size_t
random_name(char *out, size_t most, unsigned *seed)
{
	static const char bytes[] = "/019azA-\x7f\xff\0";
	size_t len = 1 + next(seed) % most;

	for (size_t i = 0; i < len; i++)
		out[i] = bytes[next(seed) % (sizeof bytes - 1)];
	return len;
}

static void
ranges_never_turn_back(void **state)
{
	unsigned seed = 1;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		char first[60], end[60];
		size_t len = random_name(first, 50, &seed), end_len = random_name(end, 8, &seed);
		size_t child = key_folder_len(first, len, 0, '/'), common = next(&seed) % (len + 1);
		struct key_piece *piece;
		struct key_ranges ranges;

		if (!key_before_end(first, len, end, end_len))
			continue;
		piece = piece_of(first, len, end, end_len, common);
		key_split(piece, child ? child : len, child > 0, &ranges);
		assert_true(ranges.len <= KEY_RANGES_MAX);
		for (size_t k = 0; k < ranges.len; k++) {
			const char *before = k ? ranges.starts[k - 1].data : first;
			size_t before_len = k ? ranges.starts[k - 1].len : child ? child : len;

			assert_true(key_compare(before, before_len, ranges.starts[k].data,
			    ranges.starts[k].len) < 0);
			assert_true(key_before_end(ranges.starts[k].data, ranges.starts[k].len, end,
			    end_len));
		}
		key_ranges_release(&ranges);
		key_piece_free(piece);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(siblings_come_by_the_bytes_they_differ_in),
		cmocka_unit_test(ranges_never_turn_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
