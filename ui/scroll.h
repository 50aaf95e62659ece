/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UI_SCROLL_H
#define UI_SCROLL_H

#include "ui/actions.h"
#include "ui/grid.h"

/* Lines that somebody paints, on a grid that may be too low for them: then a part is shown, and the
 * last row says which. */

struct scroll {
	int top;		/* lines above what is in sight */
	int page, lines;	/* as last painted */
};

struct scroll_what {
	int head;		/* rows on top that stay where they are: a rule */
	const char *keys;	/* how the person moves it, for the last row */
	void (*paint)(const void *context, struct grid *grid);
	const void *context;
};

/* `paint` gets a grid of as many rows as it may need; blank rows at its end do not count. */
void scroll_paint(struct scroll *scroll, struct grid *grid, const struct scroll_what *what);
/* The actions of the group pager; false for others, and where all is in sight. */
bool scroll_act(struct scroll *scroll, enum action action);

#endif
