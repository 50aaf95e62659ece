/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UI_PROMPT_H
#define UI_PROMPT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "ui/grid.h"

/* The line on row 23 that takes text: the command line, search, filter, a typed confirmation, a
 * secret. The frame gives it keys first while it is open. */

struct prompt_ops {
	/* Each ends the prompt before it is called; `text` is NULL for Esc. */
	void (*done)(void *context, const char *text);
	/* After each change; NULL: none. */
	void (*changed)(void *context, const char *text);
	/* Candidates that begin with the text's last word, into a blank-separated list; NULL: none. */
	void (*complete)(void *context, const char *text, struct buf *out);
	/* Row 24. */
	const char *hint;
	bool secret;	/* shows stars; kept out of swap where the system lets us, wiped afterwards */
};

struct prompt {
	const struct prompt_ops *ops;	/* NULL: not open */
	void *context;
	struct buf label, text, candidates;
	size_t cursor;			/* a byte offset */
};

void prompt_init(struct prompt *prompt);
void prompt_release(struct prompt *prompt);
void prompt_open(struct prompt *prompt, const struct prompt_ops *ops, void *context,
    const char *label);
/* Sets what is in it; the cursor goes to the end. */
void prompt_set(struct prompt *prompt, const char *text);
/* True where the key was taken (always while open). */
bool prompt_key(struct prompt *prompt, uint32_t key);
void prompt_paste(struct prompt *prompt, const char *data, size_t len);
/* Paints rows 23 and 24; returns the cursor's column. */
int prompt_paint(const struct prompt *prompt, struct grid *line, struct grid *hint);

/* A line of text that is edited: shared with forms. */
bool edit_key(struct buf *text, size_t *cursor, uint32_t key);
void edit_insert(struct buf *text, size_t *cursor, const char *data, size_t len);

#endif
