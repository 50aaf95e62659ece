/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UI_LIST_H
#define UI_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "ui/actions.h"
#include "ui/grid.h"

/* Rows with columns. Owns cursor, scroll, sort and filter, never the data: all of that comes by
 * index from the pane. */

struct pane;

struct column {
	const char *title;
	int width;	/* 0: takes what the others leave */
	int keep;	/* on a narrow screen columns with a lower number are taken first; 0: always */
	bool right;
	void (*text)(const struct pane *, size_t index, struct buf *out);
	/* NULL: list.row */
	enum role (*role)(const struct pane *, size_t index);
	/* Less than, equal to or greater than 0; NULL: not sorted by this column. */
	int (*compare)(const struct pane *, size_t a, size_t b);
	int gap;	/* blanks before it; 0: two */
	int least;	/* of a width of 0: what it needs at least; 0: 8 */
};

struct list_ops {
	size_t (*count)(const struct pane *);
	/* What tells a row from all others, raw bytes; also what `/` and `f` look at. */
	void (*name)(const struct pane *, size_t index, struct buf *out);
	/* The columns now; they may differ by what is listed. */
	const struct column *(*columns)(const struct pane *, size_t *count);
	/* ' ', '!', '+', '~' or '-'; NULL: always ' '. */
	char (*sign)(const struct pane *, size_t index);
	/* After "9 of 38 rows shown", with its own comma or blank before it; NULL: nothing. */
	void (*status)(const struct pane *, struct buf *out);
	/* How rows come while no column sorts them: "days left"; NULL: not told. */
	const char *order;
	/* At the line's end, after the order; NULL: nothing. */
	void (*aside)(const struct pane *, struct buf *out);
	/* Words for an empty list, what to do next; a line each. */
	void (*empty)(const struct pane *, struct buf *out);
};

struct list {
	size_t cursor, top, page;	/* positions among the shown rows; page as last painted */
	struct buf at;			/* the name of the cursor's row */
	char *filter;			/* NULL: all rows are shown */
	char *search;			/* what ^N and ^P look for */
	size_t sort;			/* a column + 1; 0: as the pane gives them */
	bool backwards;
	size_t *map;			/* shown row -> the pane's index; NULL: the same */
	size_t map_len, map_cap;
};

void list_init(struct list *list);
void list_release(struct list *list);

size_t list_count(const struct pane *pane);
/* The pane's index of the cursor's row. */
bool list_current(const struct pane *pane, size_t *index);
/* The data changed: sorts, filters, and stands on the row it stood on. */
void list_sync(struct pane *pane);
/* Puts the cursor on the row of that name; false where it is not shown. */
bool list_find(struct pane *pane, const char *name, size_t len);
/* Movement, sort, next and previous match; false for other actions. */
bool list_act(struct pane *pane, enum action action);
void list_filter(struct pane *pane, const char *text);
/* To the first row whose name begins with or else holds `text`, from the cursor on and round. */
bool list_search(struct pane *pane, const char *text);
/* Stands on the row painted at `row` of list_paint's grid; false where there is none. */
bool list_click(struct pane *pane, int row);

/* Scrolls for a height of `rows` (header and last line included): called before list_paint. */
void list_layout(struct pane *pane, int rows);
/* Header, rows and the line that says what is not shown. */
void list_paint(const struct pane *pane, struct grid *grid);
/* All shown rows as text, a line each, columns as wide as needed. */
void list_export(const struct pane *pane, struct buf *out);

#endif
