/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UI_PLACES_H
#define UI_PLACES_H

#include "base/buf.h"

/* The user's own files: $XDG_CONFIG_HOME/vetch, else ~/.config/vetch. Allocated. */
char *places_config(const char *name);

/* Splits a line of a config or theme file into words; `#` at the beginning of a word ends it.
 * Double quotes keep blanks together and a backslash takes the next character as it is. A
 * NULL-ended vector (strv_free). */
char **words_split(const char *line);
/* Appends a word so that words_split gives it back. */
void words_quote(struct buf *out, const char *word, size_t len);

#endif
