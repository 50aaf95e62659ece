/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UI_PAGER_H
#define UI_PAGER_H

#include "ui/actions.h"
#include "ui/grid.h"
#include "value/value.h"

/* A value's lines on a grid, long ones wrapped. Owns where it stands, never the lines. */
struct pager {
	size_t line;	/* the first line in sight */
	int skip;	/* rows of it that are above */
	int page;	/* rows as last painted */
	int cols;
	bool at_end;
};

/* Paints the lines and, on the grid's last row, which they are. */
void pager_paint(struct pager *pager, const struct value_view *view, struct grid *grid);
/* Scrolling (groups pager and list); false for other actions. */
bool pager_act(struct pager *pager, const struct value_view *view, enum action action);

#endif
