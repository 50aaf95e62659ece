/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UI_FORM_H
#define UI_FORM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "ui/grid.h"

/* Fields one below the other, each with a label, a box and a note. A field is a line of text or one
 * of a list of choices. While the form has the focus all letters type. */

struct field {
	const char *label;
	int width;		/* columns of the box; 0: up to the right edge */
	char **choices;		/* NULL-ended, owned; NULL: a line of text */
	size_t choice;
	struct buf text;
	size_t cursor;
	struct buf note;	/* beside the box; foreign text is allowed */
};

struct form {
	struct field *fields;
	size_t count, at;
	bool focused;
};

/* `fields` is the caller's array; the texts start empty. */
void form_init(struct form *form, struct field *fields, size_t count);
void form_release(struct form *form);

/* True where the key was taken: letters, editing, Tab and Shift-Tab round the fields, Up and Down,
 * Space to choose, Esc to leave. Nothing is taken without the focus. */
bool form_key(struct form *form, uint32_t key);
void form_paste(struct form *form, const char *data, size_t len);
/* Paints a row for each field from `row` on; returns the first row left. */
int form_paint(const struct form *form, struct grid *grid, int row);

const char *field_text(const struct field *field);
void field_set(struct field *field, const char *text);
/* Takes over the vector; stands on `choice` where it is one of them, else on the first. */
void field_set_choices(struct field *field, char **choices, const char *choice);

#endif
