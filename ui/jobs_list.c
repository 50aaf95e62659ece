/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/jobs_list.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "ui/result.h"

static const struct job_facts *
facts_at(const struct pane *pane, size_t index)
{
	return job_facts(jobs_at(pane->app->models.jobs, index));
}

static size_t
count(const struct pane *pane)
{
	return jobs_count(pane->app->models.jobs);
}

static void
number_text(const struct pane *pane, size_t index, struct buf *out)
{
	buf_printf(out, "%u", facts_at(pane, index)->number);
}

static void
title_text(const struct pane *pane, size_t index, struct buf *out)
{
	buf_add_str(out, facts_at(pane, index)->title);
}

static void
state_text(const struct pane *pane, size_t index, struct buf *out)
{
	static const char *const words[] = { [JOB_RUNNING] = "running", [JOB_DONE] = "done",
		[JOB_FAILED] = "failed", [JOB_CANCELLED] = "cancelled",
		[JOB_INTERRUPTED] = "interrupted" };

	buf_add_str(out, words[facts_at(pane, index)->state]);
}

static enum role
state_role(const struct pane *pane, size_t index)
{
	enum job_state state = facts_at(pane, index)->state;

	return state == JOB_FAILED || state == JOB_INTERRUPTED ? ROLE_alert :
	    state == JOB_DONE ? ROLE_good : ROLE_row;
}

static void
progress_text(const struct pane *pane, size_t index, struct buf *out)
{
	const struct job_facts *facts = facts_at(pane, index);

	if (facts->state != JOB_RUNNING)
		buf_add_str(out, facts->error.text);
	else if (facts->total > 0)
		buf_printf(out, "%s %d %%", facts->step, (int)(facts->done * 100 / facts->total));
	else
		buf_add_str(out, facts->step);
}

static void
began_text(const struct pane *pane, size_t index, struct buf *out)
{
	char age[32];
	int64_t began = facts_at(pane, index)->started_ms;

	buf_printf(out, "%s ago", text_age((clock_wall_ms() - began) / 1000, age, sizeof age));
}

static const struct column *
columns(const struct pane *pane, size_t *columns_count)
{
	static const struct column list[] = {
		{ .title = "JOB", .width = 5, .right = true, .text = number_text },
		{ .title = "WHAT", .width = 24, .text = title_text },
		{ .title = "STATE", .width = 11, .text = state_text, .role = state_role },
		{ .title = "BEGAN", .width = 8, .right = true, .keep = 1, .text = began_text },
		{ .title = "HOW FAR, OR WHY", .text = progress_text },
	};

	(void)pane;
	*columns_count = sizeof list / sizeof *list;
	return list;
}

static void
empty(const struct pane *pane, struct buf *out)
{
	(void)pane;
	buf_add_str(out, "No job ran here yet. What a pane changes, and every verb typed after \":\","
	    "\nruns as a job.");
}

static void
title(const struct pane *pane, struct buf *out)
{
	struct jobs *jobs = pane->app->models.jobs;

	buf_printf(out, "Jobs\t%zu of %zu running", jobs_running(jobs), jobs_count(jobs));
}

static void
hint(const struct pane *pane, struct buf *out)
{
	(void)pane;
	buf_add_str(out, "Enter what came of it  x end it  Esc back");
}

static void
open_job(struct pane *pane, size_t index)
{
	const struct job_facts *facts = facts_at(pane, index);

	if (facts->state == JOB_DONE && facts->result)
		result_show(pane->app, facts->title, facts->result, NULL);
	else if (facts->error.code)
		app_error(pane->app, &facts->error);
	else
		app_message(pane->app, "job %u still runs", facts->number);
}

static void
end_job(struct pane *pane, size_t index)
{
	struct job *job = jobs_at(pane->app->models.jobs, index);

	if (job_facts(job)->state != JOB_RUNNING) {
		app_message(pane->app, "job %u runs no more", job_facts(job)->number);
		return;
	}
	app_message(pane->app, "job %u is asked to end%s", job_facts(job)->number,
	    job_facts(job)->hold ? " once it may" : "");
	job_cancel(job);
}

static bool
act(struct pane *pane, enum action action)
{
	size_t row;

	if (action == ACT_app_jobs) {
		app_pop(pane->app, pane);
		return true;
	}
	if ((action != ACT_list_open && action != ACT_dialog_end_job) || !pane_row(pane, &row))
		return false;
	if (action == ACT_list_open)
		open_job(pane, row);
	else
		end_job(pane, row);
	return true;
}

static void
update(struct pane *pane, unsigned changed)
{
	(void)changed;
	pane_reload(pane);
}

static const struct list_ops rows = {
	.count = count, .name = number_text, .columns = columns, .empty = empty,
};

static const struct pane_ops jobs_list_ops = {
	.size = sizeof(struct pane),
	.wants = WANT_JOBS | WANT_SECOND,
	.update = update,
	.act = act,
	.title = title,
	.hint = hint,
	.rows = &rows,
};

void
jobs_list_open(struct app *app)
{
	if (app_top(app)->ops != &jobs_list_ops)
		app_push(app, &jobs_list_ops);
}
