/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/prompt.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/secret.h"
#include "base/text.h"
#include "ui/key.h"

enum { TEXT_MAX = 1 << 16 };

void
prompt_init(struct prompt *prompt)
{
	*prompt = (struct prompt){ 0 };
	buf_init(&prompt->label, TEXT_MAX);
	prompt->text = BUF_LOCKED(TEXT_MAX);
	buf_init(&prompt->candidates, 1 << 20);
}

void
prompt_release(struct prompt *prompt)
{
	buf_release(&prompt->label);
	buf_release_secret(&prompt->text);
	buf_release(&prompt->candidates);
}

void
prompt_open(struct prompt *prompt, const struct prompt_ops *ops, void *context, const char *label)
{
	prompt->ops = ops;
	prompt->context = context;
	prompt->cursor = 0;
	buf_reset(&prompt->label);
	buf_add_str(&prompt->label, label);
	buf_reset(&prompt->text);
	buf_reset(&prompt->candidates);
}

void
prompt_set(struct prompt *prompt, const char *text)
{
	buf_reset(&prompt->text);
	buf_add_str(&prompt->text, text);
	prompt->cursor = prompt->text.len;
}

/* Replaces the bytes [from, to) of the text by others. */
static void
splice(struct buf *text, size_t from, size_t to, const char *data, size_t len)
{
	struct buf tail = text->locked ? BUF_LOCKED(TEXT_MAX) : BUF_INIT(TEXT_MAX);

	buf_add(&tail, buf_str(text) + to, text->len - to);
	text->len = from;
	buf_add(text, data, len);
	buf_add(text, buf_str(&tail), tail.len);
	buf_add_str(text, "");
	if (text->data)
		text->data[text->len] = '\0';
	text->full = false;
	buf_release_secret(&tail);
}

void
edit_insert(struct buf *text, size_t *cursor, const char *data, size_t len)
{
	if (text->len + len > text->max)
		return;
	splice(text, *cursor, *cursor, data, len);
	*cursor += len;
}

static size_t
before(const struct buf *text, size_t cursor)
{
	if (cursor > 0)
		cursor--;
	while (cursor > 0 && ((unsigned char)text->data[cursor] & 0xc0) == 0x80)
		cursor--;
	return cursor;
}

static size_t
after(const struct buf *text, size_t cursor)
{
	if (cursor < text->len)
		cursor++;
	while (cursor < text->len && ((unsigned char)text->data[cursor] & 0xc0) == 0x80)
		cursor++;
	return cursor;
}

static size_t
word_before(const struct buf *text, size_t cursor)
{
	while (cursor > 0 && text->data[cursor - 1] == ' ')
		cursor--;
	while (cursor > 0 && text->data[cursor - 1] != ' ')
		cursor--;
	return cursor;
}

static void
cut(struct buf *text, size_t *cursor, size_t from, size_t to)
{
	splice(text, from, to, "", 0);
	*cursor = from;
}

static void
insert_code(struct buf *text, size_t *cursor, uint32_t c)
{
	char data[4];
	size_t n = 0;

	if (c < 0x80) {
		data[n++] = (char)c;
	} else if (c < 0x800) {
		data[n++] = (char)(0xc0 | c >> 6);
		data[n++] = (char)(0x80 | (c & 0x3f));
	} else if (c < 0x10000) {
		data[n++] = (char)(0xe0 | c >> 12);
		data[n++] = (char)(0x80 | (c >> 6 & 0x3f));
		data[n++] = (char)(0x80 | (c & 0x3f));
	} else {
		data[n++] = (char)(0xf0 | c >> 18);
		data[n++] = (char)(0x80 | (c >> 12 & 0x3f));
		data[n++] = (char)(0x80 | (c >> 6 & 0x3f));
		data[n++] = (char)(0x80 | (c & 0x3f));
	}
	edit_insert(text, cursor, data, n);
}

bool
edit_key(struct buf *text, size_t *cursor, uint32_t key)
{
	if (key == SYM_left)
		*cursor = before(text, *cursor);
	else if (key == SYM_right)
		*cursor = after(text, *cursor);
	else if (key == SYM_home || key == CTRL('a'))
		*cursor = 0;
	else if (key == SYM_end || key == CTRL('e'))
		*cursor = text->len;
	else if (key == 127)
		cut(text, cursor, before(text, *cursor), *cursor);
	else if (key == SYM_delete || key == CTRL('d'))
		cut(text, cursor, *cursor, after(text, *cursor));
	else if (key == CTRL('u'))
		cut(text, cursor, 0, *cursor);
	else if (key == CTRL('k'))
		cut(text, cursor, *cursor, text->len);
	else if (key == CTRL('w'))
		cut(text, cursor, word_before(text, *cursor), *cursor);
	else if (key >= 32 && key < SYM_FIRST)
		insert_code(text, cursor, key);
	else
		return false;
	return true;
}

/* The last word becomes the only candidate and a blank, or what all candidates share. */
static void
complete(struct prompt *prompt)
{
	char **words;
	size_t count = 0, share = 0, start;

	buf_reset(&prompt->candidates);
	if (!prompt->ops->complete)
		return;
	prompt->ops->complete(prompt->context, buf_str(&prompt->text), &prompt->candidates);
	words = text_split(buf_str(&prompt->candidates), ' ');
	for (; words[count] && *words[count]; count++) {
		size_t same = 0;

		if (count == 0)
			share = strlen(words[0]);
		while (same < share && words[count][same] == words[0][same])
			same++;
		share = same;
	}
	start = prompt->text.len;
	while (start > 0 && prompt->text.data[start - 1] != ' ')
		start--;
	if (count && share >= prompt->text.len - start) {
		splice(&prompt->text, start, prompt->text.len, words[0], share);
		if (count == 1)
			buf_add_byte(&prompt->text, ' ');
		prompt->cursor = prompt->text.len;
	}
	if (count <= 1)
		buf_reset(&prompt->candidates);
	strv_free(words);
}

static void
finish(struct prompt *prompt, bool take)
{
	const struct prompt_ops *ops = prompt->ops;
	void *context = prompt->context;
	char *text = secret_dup(buf_str(&prompt->text));

	prompt->ops = NULL;
	buf_release_secret(&prompt->text);
	ops->done(context, take ? text : NULL);
	secret_free(text);
}

bool
prompt_key(struct prompt *prompt, uint32_t key)
{
	const struct prompt_ops *ops = prompt->ops;
	bool changed;

	if (key == '\r' || key == 27 || key == CTRL('c')) {
		finish(prompt, key == '\r');
		return true;
	}
	if (key == '\t') {
		complete(prompt);
		return true;
	}
	buf_reset(&prompt->candidates);
	if (key == 127 && prompt->text.len == 0) {
		finish(prompt, false);
		return true;
	}
	changed = edit_key(&prompt->text, &prompt->cursor, key);
	if (changed && ops->changed)
		ops->changed(prompt->context, buf_str(&prompt->text));
	return true;
}

void
prompt_paste(struct prompt *prompt, const char *data, size_t len)
{
	edit_insert(&prompt->text, &prompt->cursor, data, len);
	for (size_t i = 0; i < prompt->text.len; i++)
		if ((unsigned char)prompt->text.data[i] < 32)
			prompt->text.data[i] = ' ';
	if (prompt->ops->changed)
		prompt->ops->changed(prompt->context, buf_str(&prompt->text));
}

/* Where the part of the text begins that fits before the cursor; *width is its width. */
static size_t
first_shown(const struct prompt *prompt, const struct grid *line, int room, int *width)
{
	size_t from = prompt->cursor;

	for (*width = 0; from > 0;) {
		size_t back = before(&prompt->text, from);
		int more = grid_width(line, buf_str(&prompt->text) + back, from - back);

		if (*width + more > room)
			break;
		*width += more;
		from = back;
	}
	return from;
}

int
prompt_paint(const struct prompt *prompt, struct grid *line, struct grid *hint)
{
	struct pen pen = grid_pen(line, 0, 1, ROLE_prompt), under = grid_pen(hint, 0, 1, ROLE_hint);
	const char *text = buf_str(&prompt->text);
	size_t from;
	int room, col, width;

	grid_clear(line);
	grid_clear(hint);
	pen_text(&pen, buf_str(&prompt->label));
	room = line->cols - pen.col - 1;
	from = first_shown(prompt, line, room > 1 ? room - 1 : 0, &width);
	col = pen.col + (prompt->ops->secret ? (int)prompt->text.len : width);
	if (prompt->ops->secret)
		for (size_t i = 0; i < prompt->text.len && pen_left(&pen) > 1; i++)
			pen_text(&pen, "*");
	else
		pen_bytes(&pen, text + from, prompt->text.len - from);
	if (prompt->candidates.len) {
		pen_text(&under, " ");
		pen_text(&under, buf_str(&prompt->candidates));
	} else {
		pen_text(&under, prompt->ops->hint ? prompt->ops->hint : "Enter takes it  Esc leaves");
	}
	return col;
}
