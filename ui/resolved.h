/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UI_RESOLVED_H
#define UI_RESOLVED_H

#include "pki/finding.h"
#include "ui/app.h"

/* Which host names resolve on this machine, asked of a child (`cert resolve`): a resolver may hang,
 * this console never. What was once asked is known until resolved_forget. */

struct resolved;

/* `changed` runs from the loop when an answer came. */
struct resolved *resolved_new(struct app *app, void (*changed)(void *context), void *context);
void resolved_free(struct resolved *resolved);

/* Asks for the names among these hosts that are not known yet, once no more come for a moment. */
void resolved_want(struct resolved *resolved, char *const *hosts);
/* The next resolved_want asks for all of them again. */
void resolved_forget(struct resolved *resolved);
bool resolved_busy(const struct resolved *resolved);

/* A finding for each of these hosts whose answer is known. `own` is a name that need not resolve,
 * or NULL: a member's. */
void resolved_judge(const struct resolved *resolved, char *const *hosts, const char *own,
    struct findings *findings);

#endif
