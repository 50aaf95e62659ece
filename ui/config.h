/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UI_CONFIG_H
#define UI_CONFIG_H

#include "base/err.h"
#include "ui/theme.h"

/* The user's config, $XDG_CONFIG_HOME/vetch/config, a setting a line:
 *     bind ACTION KEY…     replaces the keys of an action ("bind keys.delete D <Delete>")
 *     theme NAME           default, mono, or themes/NAME.theme beside it
 * A missing file is none. `theme` gets the one named, else the default. On failure what was read
 * before the faulty line counts, and err names file and line. */
int config_load(struct theme *theme, struct err *err);

#endif
