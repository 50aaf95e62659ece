/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/layout.h"

enum { OVERLAY_WHOLE = 8 };

static struct area
line(int row, int cols, bool there)
{
	return (struct area){ row, 0, there ? 1 : 0, cols };
}

/* List above, detail below: at 24 lines the detail has what it asks, of more lines half. */
static void
stack(struct layout *out, struct area body, const struct layout_want *want)
{
	int detail = want->detail;

	if (body.rows > 19)
		detail += (body.rows - 19) / 2;
	if (body.rows - detail < 5)
		detail = body.rows - 5;
	if (detail < 3)
		detail = 0;
	if (want->fit >= 0 && detail && body.rows - detail > want->fit)
		detail = body.rows - (want->fit < 4 ? 4 : want->fit);
	out->list = (struct area){ body.row, 0, body.rows - detail, body.cols };
	out->detail = (struct area){ body.row + body.rows - detail, 0, detail, body.cols };
}

static void
beside(struct layout *out, struct area body)
{
	int list = body.cols / 2 < 80 ? body.cols / 2 : 80;

	out->list = (struct area){ body.row, 0, body.rows, list };
	out->detail = (struct area){ body.row, list + 1, body.rows, body.cols - list - 1 };
}

struct layout
layout_split(int cols, int rows, const struct layout_want *want)
{
	struct layout out = { .state = line(0, cols, true) };
	bool whole = want->overlay && rows < OVERLAY_WHOLE;
	struct area body;

	out.bar = line(1, cols, rows >= 3 && !whole);
	out.title = line(2, cols, rows >= 6 && !whole);
	out.message = line(rows - 2, cols, rows >= 5);
	out.hint = line(rows - 1, cols, rows >= 2);
	body.row = out.state.rows + out.bar.rows + out.title.rows;
	body.col = 0;
	body.rows = rows - body.row - out.message.rows - out.hint.rows;
	body.cols = cols;
	if (body.rows < 0)
		body.rows = 0;
	if (!want->rows)
		out.detail = body;
	else if (!want->detail)
		out.list = body;
	else if (cols >= LAYOUT_BESIDE)
		beside(&out, body);
	else
		stack(&out, body, want);
	return out;
}
