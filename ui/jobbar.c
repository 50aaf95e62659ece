/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/clock.h"
#include "base/text.h"
#include "model/jobs.h"
#include "ui/frame.h"

/* The running job at the end of row 23: what it is, how far, and how long it may still take. */

static void
add_progress(const struct job_facts *facts, struct buf *out)
{
	int64_t spent = clock_wall_ms() - facts->started_ms;
	char age[32];

	if (facts->total > 0 && facts->done > 0) {
		int64_t left = facts->done < facts->total
			? spent * (facts->total - facts->done) / facts->done / 1000 : 0;

		buf_printf(out, " %d%%", (int)(facts->done * 100 / facts->total));
		if (spent > 1000)
			buf_printf(out, " %s", text_age(left, age, sizeof age));
	} else {
		buf_printf(out, " %s", text_age(spent / 1000, age, sizeof age));
	}
}

void
frame_job(const struct app *app, struct pen *pen)
{
	struct job *job = app->models.jobs ? jobs_foremost(app->models.jobs) : NULL;
	const struct job_facts *facts;
	struct buf text = BUF_INIT(256);
	struct pen end = *pen;

	if (!job)
		return;
	facts = job_facts(job);
	buf_printf(&text, "job %u %.30s", facts->number, facts->title);
	add_progress(facts, &text);
	buf_add_str(&text, " (J)");
	end.role = ROLE_warn;
	pen_right(&end, buf_str(&text));
	if (end.col == end.end)
		pen->end -= grid_width(pen->grid, buf_str(&text), text.len) + 1;
	buf_release(&text);
}
