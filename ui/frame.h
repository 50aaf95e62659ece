/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UI_FRAME_H
#define UI_FRAME_H

#include "ui/app.h"
#include "ui/layout.h"

/* The rows around a pane, and the pane itself, into the app's grid. */

struct layout frame_layout(const struct app *app);
/* Paints all; row and col get the cursor's place (row -1: hidden). */
void frame_paint(struct app *app, int *row, int *col);
/* The pane whose name on row 2 covers this column, or -1. */
int frame_pane_at(const struct app *app, int col);
/* Row 1's parts, from what the models know. */
void frame_state(const struct app *app, struct grid *line);
/* The job to show on row 23, at the pen's end; shortens the pen by what it took. */
void frame_job(const struct app *app, struct pen *pen);

#endif
