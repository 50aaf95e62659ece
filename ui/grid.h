/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UI_GRID_H
#define UI_GRID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* What all panes paint into: cells of a character and a role. Nothing here knows a terminal. Every
 * text, ours or foreign, passes base/text on its way in, so that each row keeps its width and no
 * control byte ever reaches a cell. */

enum role {
#define ROLE(id, letter, name, parent, mono) ROLE_##id,
#include "ui/roles.def"
#undef ROLE
	ROLE_COUNT
};

enum { CELL_MARKS = 2 };

struct cell {
	uint32_t code;			/* 0: the right half of the wide character before it */
	uint32_t marks[CELL_MARKS];	/* combining marks on it, 0 where none */
	uint32_t role;
};

/* A rectangle of cells. A sub-grid shares its parent's cells; painting outside is cut off. */
struct grid {
	struct cell *cells;
	int stride, cols, rows;
	bool ascii;	/* only ASCII may be shown: other characters become \u{NN} */
};

/* A grid of its own, all blank; grid_release frees it. Sizes below 1 count as 1. */
void grid_init(struct grid *grid, int cols, int rows);
void grid_release(struct grid *grid);
void grid_clear(struct grid *grid);

/* Rows [row, row + rows) and columns [col, col + cols), cut to the parent; owns nothing. */
struct grid grid_sub(const struct grid *grid, int row, int col, int rows, int cols);

/* Gives every cell of a row this role (the cursor's row). */
void grid_row_role(struct grid *grid, int row, enum role role);

/* "-- title ------" over a whole row. */
void grid_rule(struct grid *grid, int row, const char *title);

/* One row's text without its trailing blanks, and its roles as letters. */
void grid_row_text(const struct grid *grid, int row, struct buf *out);
void grid_row_roles(const struct grid *grid, int row, struct buf *out);

/* Writes text from `col` on row *row and, broken at blanks, on the rows below; *row is then the
 * first one left. A word wider than a row goes on in the next. What does not fit on the grid is cut
 * like any text. */
void grid_wrap(struct grid *grid, int *row, int col, enum role role, const char *text);

/* The same, broken wherever a row is full: for paths and commands, of which nothing is left out. */
void grid_fold(struct grid *grid, int *row, int col, enum role role, const char *text);

/* A place to write at. `end` is the first column that may not be written to. */
struct pen {
	struct grid *grid;
	int row, col, end;
	enum role role;
};

struct pen grid_pen(struct grid *grid, int row, int col, enum role role);
/* A pen over `width` columns from `col`. */
struct pen grid_field(struct grid *grid, int row, int col, int width);

/* Columns left. */
int pen_left(const struct pen *pen);
/* Each writes at the pen and moves it. What does not fit ends in "...". */
void pen_bytes(struct pen *pen, const char *data, size_t len);
void pen_text(struct pen *pen, const char *text);
/* What does not fit loses its middle: names that begin alike are told apart by their ends. */
void pen_ends(struct pen *pen, const char *data, size_t len);
void pen_printf(struct pen *pen, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* With another role for this text. */
void pen_as(struct pen *pen, enum role role, const char *text);
/* Writes so that the text ends at the pen's end; nothing where it would not fit. */
void pen_right(struct pen *pen, const char *text);

/* Columns that the bytes take in this grid. */
int grid_width(const struct grid *grid, const char *data, size_t len);

#endif
