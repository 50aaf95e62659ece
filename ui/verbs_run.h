/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UI_VERBS_RUN_H
#define UI_VERBS_RUN_H

#include "base/json.h"
#include "ui/app.h"

/* A verb as a job of the console: where it has a plan, the plan first, shown and confirmed, then
 * carried out. A secret it lacks is asked for on row 23. */

struct verb_start {
	const char *const *argv;	/* words, flags, arguments; NULL-ended; copied */
	const char *title;		/* of the dialog; NULL: the words */
	const char *button;		/* "Delete"; NULL: "Do it" */
	/* NULL: go on. False: the plan is not to be carried out (`planned` says why itself). */
	bool (*planned)(void *context, struct json_object *plan);
	/* Its end: NULL result with the error of a failure (which row 23 says). NULL: the result is
	 * shown, or said on row 23. */
	void (*done)(void *context, struct json_object *result, const struct err *err);
	/* Instead of `done`, where the verb never ran to its end: the person left its dialog, or this
	 * console may not run it. NULL: nothing to free. */
	void (*left)(void *context);
	void *context;
};

void verbs_start(struct app *app, const struct verb_start *start);
/* The console ends: jobs go on, `left` is told for all. */
void verbs_forget_all(struct app *app);

#endif
