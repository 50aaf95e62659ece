/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/form.h"

#include <string.h>

#include "base/mem.h"
#include "ui/key.h"
#include "ui/prompt.h"

enum { TEXT_LIMIT = 4096, LABEL_COL = 3, BOX_COL = 11, LEAST_BOX = 6, EDGE = 7 };

void
form_init(struct form *form, struct field *fields, size_t count)
{
	*form = (struct form){ .fields = fields, .count = count };
	for (size_t i = 0; i < count; i++) {
		buf_init(&fields[i].text, TEXT_LIMIT);
		buf_init(&fields[i].note, TEXT_LIMIT);
	}
}

void
form_release(struct form *form)
{
	for (size_t i = 0; i < form->count; i++) {
		buf_release(&form->fields[i].text);
		buf_release(&form->fields[i].note);
		strv_free(form->fields[i].choices);
		form->fields[i].choices = NULL;
	}
	form->count = 0;
}

const char *
field_text(const struct field *field)
{
	if (!field->choices)
		return buf_str(&field->text);
	return field->choices[field->choice] ? field->choices[field->choice] : "";
}

void
field_set(struct field *field, const char *text)
{
	buf_reset(&field->text);
	field->text.full = false;
	buf_add_str(&field->text, text);
	field->cursor = field->text.len;
}

void
field_set_choices(struct field *field, char **choices, const char *choice)
{
	char **old = field->choices;

	field->choices = choices;
	field->choice = 0;
	for (size_t i = 0; choices[i] && choice; i++)
		if (strcmp(choices[i], choice) == 0)
			field->choice = i;
	strv_free(old);
}

static void
choose(struct field *field, int step)
{
	size_t count = 0;

	while (field->choices[count])
		count++;
	if (count)
		field->choice = (field->choice + count + (size_t)step) % count;
}

static void
move(struct form *form, int step)
{
	form->at = (form->at + form->count + (size_t)step) % form->count;
}

static bool
field_key(struct field *field, uint32_t key)
{
	if (!field->choices) {
		field->text.full = false;
		return edit_key(&field->text, &field->cursor, key);
	}
	if (key == ' ' || key == SYM_right)
		choose(field, 1);
	else if (key == SYM_left)
		choose(field, -1);
	/* Letters do nothing in a choice, but they are not commands either. */
	return key >= ' ' && key != SYM_f1;
}

bool
form_key(struct form *form, uint32_t key)
{
	if (!form->focused)
		return false;
	if (key == 27)
		form->focused = false;
	else if (key == '\t' || key == SYM_down || key == '\r')
		move(form, 1);
	else if (key == SYM_back_tab || key == SYM_up)
		move(form, -1);
	else
		return field_key(&form->fields[form->at], key);
	return true;
}

void
form_paste(struct form *form, const char *data, size_t len)
{
	struct field *field = &form->fields[form->at];

	if (!form->focused || field->choices)
		return;
	field->text.full = false;
	/* A field is one line: what was copied from a page may be several. */
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)data[i] >= ' ' && data[i] != 127)
			edit_insert(&field->text, &field->cursor, data + i, 1);
}

/* The part of the text that is shown keeps the cursor in sight. */
static const char *
visible_part(const struct field *field, int width, int *cursor)
{
	const char *text = field_text(field);
	size_t from = 0;

	while (field->cursor - from >= (size_t)width)
		from++;
	while (from && ((unsigned char)text[from] & 0xc0) == 0x80)
		from++;
	*cursor = (int)(field->cursor - from);
	return text + from;
}

static void
paint_box(const struct field *field, bool focus, struct pen *pen, int width)
{
	struct grid box = grid_sub(pen->grid, pen->row, pen->col, 1, width);
	struct pen in = grid_pen(&box, 0, 0, focus ? ROLE_field_focus : ROLE_field);
	int cursor = 0;
	const char *text = field->choices ? field_text(field) : visible_part(field, width, &cursor);

	grid_row_role(&box, 0, in.role);
	pen_text(&in, text);
	if (focus && !field->choices && cursor < box.cols)
		box.cells[cursor].role = ROLE_field;
	pen->col += width;
}

static void
paint_field(const struct form *form, size_t index, struct grid *grid, int row)
{
	const struct field *field = &form->fields[index];
	bool focus = form->focused && form->at == index;
	struct pen pen = grid_pen(grid, row, 0, ROLE_label);
	int width = field->width ? field->width : grid->cols;

	if (width > grid->cols - BOX_COL - EDGE)
		width = grid->cols - BOX_COL - EDGE;
	if (focus)
		pen_text(&pen, " >");
	pen.col = LABEL_COL;
	pen_text(&pen, field->label);
	if (width < LEAST_BOX)
		return;
	pen.col = BOX_COL;
	pen_text(&pen, "[");
	paint_box(field, focus, &pen, width);
	pen_text(&pen, "]");
	pen.col += 3;
	pen_as(&pen, ROLE_dim, buf_str(&field->note));
}

int
form_paint(const struct form *form, struct grid *grid, int row)
{
	for (size_t i = 0; i < form->count && row < grid->rows; i++)
		paint_field(form, i, grid, row++);
	return row;
}
