/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UI_JOBS_LIST_H
#define UI_JOBS_LIST_H

#include "ui/app.h"

/* Every job of this console and those found in the workspace's journal, on top of the panes. */
void jobs_list_open(struct app *app);

#endif
