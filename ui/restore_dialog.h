/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UI_RESTORE_DIALOG_H
#define UI_RESTORE_DIALOG_H

#include "ui/app.h"

/* A form over pane Backup: what a restored member is to be, then it is made by a job. `from` is the
 * target's name ("" for the workspace's own); both are copied. */
void restore_dialog_open(struct app *app, const char *id, const char *from);

#endif
