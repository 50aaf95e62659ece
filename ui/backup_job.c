/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/backup_job.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "model/jobs.h"

enum { BAR = 30 };

static bool
is_ours(const struct job_facts *facts)
{
	return facts->state == JOB_RUNNING && (strncmp(facts->title, "backup", 6) == 0 ||
	    strncmp(facts->title, "restore", 7) == 0);
}

static const struct job_facts *
find_job(const struct app *app)
{
	for (size_t i = 0; i < jobs_count(app->models.jobs); i++) {
		const struct job_facts *facts = job_facts(jobs_at(app->models.jobs, i));

		if (is_ours(facts))
			return facts;
	}
	return NULL;
}

/* "[######......] 63 %  1.2 of 1.9 GiB  6s left" */
static void
paint_bar(struct pen *pen, const struct job_facts *facts)
{
	int full = (int)(facts->done * BAR / facts->total);
	int64_t spent = clock_wall_ms() - facts->started_ms;
	char bar[BAR + 1], done[32], total[32], left[24];

	memset(bar, '.', BAR);
	memset(bar, '#', (size_t)(full < 0 ? 0 : full > BAR ? BAR : full));
	bar[BAR] = '\0';
	pen_printf(pen, "[%s] %d %%  %s of %s", bar, (int)(facts->done * 100 / facts->total),
	    text_size(facts->done, done, sizeof done), text_size(facts->total, total, sizeof total));
	if (facts->done && facts->done < facts->total && spent > 1000)
		pen_printf(pen, "  %s left", text_age(spent * (facts->total - facts->done) / facts->done /
		    1000, left, sizeof left));
}

static void
paint_step(struct grid *grid, int row, const struct job_facts *facts)
{
	struct pen pen = grid_pen(grid, row, 1, ROLE_text);

	pen_printf(&pen, "%-9s", *facts->step ? facts->step : "begins");
	if (facts->total > 0)
		paint_bar(&pen, facts);
	else if (*facts->step)
		pen_text(&pen, "goes on");
}

void
backup_job_paint(const struct app *app, struct grid *grid, int row)
{
	const struct job_facts *facts = find_job(app);
	char head[120];
	struct pen pen;

	if (!facts || row + 1 >= grid->rows)
		return;
	snprintf(head, sizeof head, "Job %u: %.80s", facts->number, facts->title);
	grid_rule(grid, row, head);
	paint_step(grid, row + 1, facts);
	if (row + 2 >= grid->rows || strcmp(facts->step, "stream") != 0)
		return;
	pen = grid_pen(grid, row + 2, 1, ROLE_text);
	pen_printf(&pen, "%-9s%s", "verify", "waits: reads the object back");
}
