/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UI_EDIT_TEXT_H
#define UI_EDIT_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* A value as an editor gives it back, and two values line by line. */

/* How much of what the editor left is the value. Most editors end the last line of a file: where
 * the text they were given did not end so, one newline at the end is theirs. A text that did is
 * taken as it stands, with more newlines or fewer. */
size_t edit_value_len(const char *given, size_t given_len, const char *left, size_t left_len);

/* Appends the lines that differ, with three around them: "-" what only `a` has, "+" only `b`. Of
 * what is no text it says sizes and the first byte that differs. */
void edit_diff(struct buf *out, const char *a, size_t a_len, const char *b, size_t b_len);

#endif
