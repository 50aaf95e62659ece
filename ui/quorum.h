/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UI_QUORUM_H
#define UI_QUORUM_H

#include "ui/app.h"

/* What the console says and refuses while the cluster has no quorum. */

/* No member answers that knows a leader, and too few answer at all. */
bool quorum_lost(const struct app *app);
/* The member whose copy is shown then; NULL where none answers. */
const char *quorum_copy(const struct app *app);
/* Which members are down, and the cure. */
void quorum_explain(const struct app *app, struct err *err);
/* True where nothing can be changed in the cluster, which rows 23 and 24 then say: `what` was asked
 * for. */
bool quorum_refuses(struct app *app, const char *what);
/* What a verb failed with: where it is the want of a quorum, that is said. */
void quorum_blame(const struct app *app, const char *what, struct err *err);
/* The members have news: quorum gone, or back. Tells the models and row 23, once. */
void quorum_update(struct app *app);

#endif
