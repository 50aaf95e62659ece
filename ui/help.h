/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UI_HELP_H
#define UI_HELP_H

#include "ui/app.h"

/* Help for where one is, on top of it. */
void help_open(struct app *app);

#endif
