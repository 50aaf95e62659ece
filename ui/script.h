/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UI_SCRIPT_H
#define UI_SCRIPT_H

#include "ui/console.h"

/* The console without a terminal. A script is lines:
 *     # words              nothing
 *     :screen NAME         writes the screen to NAME.text and its roles to NAME.roles
 *     :wait TEXT           waits until TEXT is on the screen
 *     :gone TEXT           waits until it is not
 *     :size 80x24          resizes
 *     :paste TEXT          pastes
 *     anything else        keys, blanks between them left out: dd <Enter> <Tab> <C-n> <Space>
 * After each key it waits until nothing is on its way. What does not come within 10 s fails. */
int script_main(struct console_options *options, struct err *err);

#endif
