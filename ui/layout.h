/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UI_LAYOUT_H
#define UI_LAYOUT_H

#include <stdbool.h>

/* Where things stand on a screen of any size: arithmetic only. */

struct area {
	int row, col, rows, cols;
};

struct layout {
	struct area state, bar, title, list, detail, message, hint;
};

struct layout_want {
	int detail;	/* rows of the detail at 80x24; 0: none */
	bool rows;	/* there is a list; else all of the body is the detail's */
	int fit;	/* >= 0: the list takes no more than this many rows */
	bool overlay;	/* on a small screen it has the rows of the panes' names and the title too */
};

enum { LAYOUT_BESIDE = 120 };

/* Areas that have no room come back with rows = 0. */
struct layout layout_split(int cols, int rows, const struct layout_want *want);

#endif
