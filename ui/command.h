/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UI_COMMAND_H
#define UI_COMMAND_H

#include "ui/app.h"

/* The command line: a pane's name, quit, help, or any verb with its arguments. */
extern const struct prompt_ops command_ops;

void command_run(struct app *app, const char *text);
/* Writes what the list on top shows to a file. */
void command_export(struct app *app, const char *path);

#endif
