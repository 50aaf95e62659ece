/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/edit_text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

enum { AROUND = 3, CELLS_MAX = 1 << 18 };

struct line {
	const char *data;
	size_t len;	/* without its newline */
};

struct lines {
	struct line *items;
	size_t len, cap;
	bool open;	/* the last one has no newline */
};

size_t
edit_value_len(const char *given, size_t given_len, const char *left, size_t left_len)
{
	bool ended = given_len && given[given_len - 1] == '\n';

	return left_len && left[left_len - 1] == '\n' && !ended ? left_len - 1 : left_len;
}

static void
split(struct lines *lines, const char *data, size_t len)
{
	while (len) {
		const char *end = memchr(data, '\n', len);
		size_t n = end ? (size_t)(end - data) : len;

		GROW(lines->items, lines->len, lines->cap);
		lines->items[lines->len++] = (struct line){ data, n };
		lines->open = !end;
		data += n + (end ? 1 : 0);
		len -= n + (end ? 1 : 0);
	}
}

/* The last line of one may lack its newline: that is a difference too. */
static bool
same(const struct lines *a, size_t i, const struct lines *b, size_t k)
{
	bool a_open = a->open && i + 1 == a->len, b_open = b->open && k + 1 == b->len;

	return a_open == b_open && a->items[i].len == b->items[k].len &&
	    memcmp(a->items[i].data, b->items[k].data, a->items[i].len) == 0;
}

/* What happens to each line: ops in order, ' ' both, '-' only a, '+' only b. */
struct script {
	char *ops;
	size_t len, cap;
};

static void
add(struct script *script, char op, size_t count)
{
	while (count--) {
		GROW(script->ops, script->len, script->cap);
		script->ops[script->len++] = op;
	}
}

/* Lengths of the longest common run of lines from (i, k) on, one more row and column than lines. */
static uint32_t *
table_of(const struct lines *a, const struct lines *b)
{
	size_t wide = b->len + 1;
	uint32_t *table = xcalloc((a->len + 1) * wide, sizeof *table);

	for (size_t i = a->len; i-- > 0;)
		for (size_t k = b->len; k-- > 0;) {
			uint32_t *at = &table[i * wide + k], down = at[wide], right = at[1];

			if (same(a, i, b, k))
				*at = at[wide + 1] + 1;
			else
				*at = down > right ? down : right;
		}
	return table;
}

static void
walk(struct script *script, const struct lines *a, const struct lines *b, const uint32_t *table)
{
	size_t i = 0, k = 0, wide = b->len + 1;

	while (i < a->len && k < b->len) {
		const uint32_t *at = &table[i * wide + k];

		if (same(a, i, b, k)) {
			add(script, ' ', 1);
			i++;
			k++;
		} else if (at[wide] >= at[1]) {
			add(script, '-', 1);
			i++;
		} else {
			add(script, '+', 1);
			k++;
		}
	}
	add(script, '-', a->len - i);
	add(script, '+', b->len - k);
}

/* Two that are too long to be compared line by line are told as all gone and all new. */
static void
compare_middle(struct script *script, const struct lines *a, const struct lines *b)
{
	uint32_t *table;

	if (a->len + 1 > CELLS_MAX / (b->len + 1)) {
		add(script, '-', a->len);
		add(script, '+', b->len);
		return;
	}
	table = table_of(a, b);
	walk(script, a, b, table);
	free(table);
}

static struct lines
part(const struct lines *lines, size_t start, size_t end)
{
	return (struct lines){ .items = lines->items + start, .len = lines->len - start - end,
		.open = lines->open && end == 0 };
}

static void
compare(struct script *script, const struct lines *a, const struct lines *b)
{
	size_t start = 0, end = 0;
	struct lines a_part, b_part;

	while (start < a->len && start < b->len && same(a, start, b, start))
		start++;
	while (end < a->len - start && end < b->len - start &&
	    same(a, a->len - 1 - end, b, b->len - 1 - end))
		end++;
	a_part = part(a, start, end);
	b_part = part(b, start, end);
	add(script, ' ', start);
	compare_middle(script, &a_part, &b_part);
	add(script, ' ', end);
}

static bool
near_change(const struct script *script, size_t at)
{
	size_t from = at > AROUND ? at - AROUND : 0;

	for (size_t i = from; i < script->len && i <= at + AROUND; i++)
		if (script->ops[i] != ' ')
			return true;
	return false;
}

static void
write_script(struct buf *out, const struct script *script, const struct lines *a,
    const struct lines *b)
{
	size_t i = 0, k = 0;
	bool cut = true;

	for (size_t at = 0; at < script->len; at++) {
		char op = script->ops[at];
		const struct lines *from = op == '+' ? b : a;
		size_t index = op == '+' ? k : i;
		bool shown = near_change(script, at);

		if (shown && cut)
			buf_printf(out, "@ line %zu of theirs, %zu of yours\n", i + 1, k + 1);
		cut = !shown;
		if (shown) {
			buf_add_byte(out, op);
			buf_add(out, from->items[index].data, from->items[index].len);
			buf_add_str(out, from->open && index + 1 == from->len
				? "\n (no newline at the end)\n" : "\n");
		}
		i += op != '+';
		k += op != '-';
	}
}

static void
diff_bytes(struct buf *out, const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t at = 0;

	while (at < a_len && at < b_len && a[at] == b[at])
		at++;
	buf_printf(out, "not text: theirs has %zu bytes, yours %zu; the first %zu are the same\n", a_len,
	    b_len, at);
}

void
edit_diff(struct buf *out, const char *a, size_t a_len, const char *b, size_t b_len)
{
	struct lines left = { 0 }, right = { 0 };
	struct script script = { 0 };

	if (a_len == b_len && (a_len == 0 || memcmp(a, b, a_len) == 0)) {
		buf_add_str(out, "theirs and yours are the same\n");
		return;
	}
	if (!text_is_plain(a, a_len) || !text_is_plain(b, b_len)) {
		diff_bytes(out, a, a_len, b, b_len);
		return;
	}
	split(&left, a, a_len);
	split(&right, b, b_len);
	compare(&script, &left, &right);
	write_script(out, &script, &left, &right);
	free(script.ops);
	free(left.items);
	free(right.items);
}
