/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/frame.h"

#include <string.h>

#include "base/text.h"

/* Row 1: which cluster, which endpoint, who, how it is, and how old the last proof of a backup. */

static void
paint_who(const struct app *app, struct pen *pen)
{
	const struct connection *connection = &app->connection;

	if (connection->cluster && connection->cluster->name) {
		pen_text(pen, connection->cluster->name);
	} else if (connection->workspace) {
		pen_text(pen, "no cluster yet");
	} else {
		pen_text(pen, "(no workspace)");
	}
	pen_text(pen, "  ");
	if (connection->endpoints && connection->endpoints[0]) {
		const char *url = connection->endpoints[0], *host = strstr(url, "://");

		pen_text(pen, host ? host + 3 : url);
		pen_text(pen, "  ");
	}
	if (connection->user) {
		pen_text(pen, connection->user);
		pen_text(pen, "  ");
	}
	if (app_read_only(app))
		pen_as(pen, ROLE_warn, "READ ONLY  ");
}

void
frame_state(const struct app *app, struct grid *line)
{
	struct pen pen = grid_pen(line, 0, 1, ROLE_state);

	pen.end = line->cols - 1;
	paint_who(app, &pen);
}

void
frame_job(const struct app *app, struct pen *pen)
{
	(void)app;
	(void)pen;
}
