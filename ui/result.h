/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UI_RESULT_H
#define UI_RESULT_H

#include "base/json.h"
#include "ui/app.h"

/* What a verb from the command line gave, on top of the panes; a short result is said on row 23.
 * `rows` are its lists, may be NULL. */
void result_show(struct app *app, const char *title, struct json_object *result,
    struct json_object *rows);
/* Any bytes on top of the panes, to look at in all forms; copied. */
void result_value(struct app *app, const char *title, const char *data, size_t len);

#endif
