/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UI_SCREEN_H
#define UI_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "ui/grid.h"
#include "ui/theme.h"

/* The terminal, by ncursesw: shows a grid, and leaves the terminal as it was found, whatever
 * happens. One a process. */

/* Takes the terminal over. ERR_USAGE naming TERM where it cannot be drawn on; nothing was sent
 * then. */
int screen_open(const struct theme *theme, struct err *err);
void screen_close(void);
/* Gives the terminal back for a while (Ctrl-Z, an editor) and takes it again. */
void screen_suspend(void);
void screen_resume(void);

void screen_size(int *cols, int *rows);
/* Asks the terminal for its size after SIGWINCH. */
void screen_resized(void);
/* The next screen_show sends every cell again. */
void screen_redraw(void);
/* Only ASCII may be shown (the locale is not UTF-8). */
bool screen_ascii(void);

/* Sends what differs from the last one. The cursor stands at row, col; it is hidden for row < 0. */
void screen_show(const struct grid *grid, int row, int col);

/* Puts text on the terminal's clipboard (OSC 52); false where the terminal is not known to have
 * one. */
bool screen_copy(const char *text, size_t len);

#endif
