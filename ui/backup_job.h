/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UI_BACKUP_JOB_H
#define UI_BACKUP_JOB_H

#include "ui/app.h"

/* The running backup, verification or restore, from this row of the detail on: what each of its
 * steps is at. Paints nothing where none runs. */
void backup_job_paint(const struct app *app, struct grid *grid, int row);

#endif
