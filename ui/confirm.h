/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UI_CONFIRM_H
#define UI_CONFIRM_H

#include "base/json.h"
#include "ui/app.h"

/* Any plan, before it is carried out: what will happen, the etcdctl line, and then two buttons
 * (opens on Cancel) or a text to type, as the plan asks. */

struct confirm_spec {
	const char *title;	/* "Delete /a/b": escaped already */
	const char *question;	/* "Delete /a/b?" where there is no room for the plan, or NULL */
	const char *button;	/* "Delete" */
	struct json_object *plan;	/* a reference of its own is taken */
	/* Once: yes, or no (also when the dialog is taken off by anything else). */
	void (*answer)(void *context, bool yes);
	void *context;
};

void confirm_open(struct app *app, const struct confirm_spec *spec);

#endif
