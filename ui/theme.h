/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UI_THEME_H
#define UI_THEME_H

#include <stdbool.h>

#include "base/err.h"
#include "ui/grid.h"

/* How roles look. A theme is a text file, a role a line:
 *     NAME  COLOUR [on COLOUR] [bold] [dim] [underline] [reverse]
 * COLOUR is default, black, red, green, yellow, blue, magenta, cyan, white, with "bright-" before
 * it, or a number to 255. A `#` at the beginning of a word starts a comment. */

enum { ATTR_BOLD = 1, ATTR_DIM = 2, ATTR_UNDERLINE = 4, ATTR_REVERSE = 8 };

struct look {
	short fg, bg;	/* -1: the terminal's own */
	unsigned attr;
	bool set;
};

struct theme {
	struct look looks[ROLE_COUNT];
};

/* Reads a theme's text over what `theme` holds; `what` names it in the error. */
int theme_parse(struct theme *theme, const char *text, const char *what, struct err *err);
/* An embedded theme ("default", "mono") or a file: themes/NAME.theme beside the user's config, or a
 * path with a slash. */
int theme_load(struct theme *theme, const char *name, struct err *err);
/* The look of a role, its parents' where the theme does not name it. */
struct look theme_look(const struct theme *theme, enum role role);
/* The attribute of a role where there are no colours. */
unsigned theme_mono(enum role role);

#endif
