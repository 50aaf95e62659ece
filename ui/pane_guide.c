/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/app.h"
#include "ui/pane.h"

/* What there is to do, before there is anything to look at. */

static void
guide_title(const struct pane *pane, struct buf *out)
{
	(void)pane;
	buf_add_str(out, "Guide\t? keys  : commands  q quit");
}

static void
guide_paint(const struct pane *pane, struct grid *grid)
{
	static const char *const lines[] = {
		"", "vetch looks after one TLS etcd cluster.", "",
		":   any verb, completed by Tab", "?   what keys do here", "q   leaves",
	};

	(void)pane;
	for (int i = 0; i < (int)(sizeof lines / sizeof *lines); i++) {
		struct pen pen = grid_pen(grid, i, 1, ROLE_text);

		pen_text(&pen, lines[i]);
	}
}

const struct pane_ops pane_guide_ops = {
	.size = sizeof(struct pane),
	.title = guide_title,
	.paint = guide_paint,
};
