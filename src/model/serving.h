/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_SERVING_H
#define MODEL_SERVING_H

#include "base/loop.h"
#include "cluster/cluster_json.h"
#include "model/members.h"
#include "pki/served_by.h"

/* The certificate that each member serves on each of its URLs, clients' and peers', joined with
 * what lies in pki/: asked when a pane that shows it is entered, every 60 s while one is visible,
 * and when a member comes or goes. */

struct serving;

/* `changed` runs from the loop whenever an answer came. */
struct serving *serving_new(struct loop *loop, void (*changed)(void *context), void *context);
void serving_free(struct serving *serving);

/* The client certificate in use and its key, or NULL; the paths are copied. */
void serving_set_client(struct serving *serving, const char *cert, const char *key);
/* The members as the cluster lists them, as `cluster` (may be NULL) has them until then. */
void serving_set_members(struct serving *serving, const struct members *members,
    const struct cluster *cluster);
/* The folder was read anew; the inventory is borrowed until the next call. */
void serving_set_inventory(struct serving *serving, const struct inventory *inventory);
void serving_set_visible(struct serving *serving, bool visible);
/* Asks all of them now. */
void serving_refresh(struct serving *serving);
/* True while a first answer is on its way. */
bool serving_busy(const struct serving *serving);

const struct served_points *serving_points(const struct serving *serving);
/* Row i is the inventory's entry i. */
const struct served_join *serving_join(const struct serving *serving);
/* The common name in the client certificate in use, or "". */
const char *serving_own_cn(const struct serving *serving);
/* What is known of a URL, or NULL. */
const struct served_point *serving_at(const struct serving *serving, const char *url);
/* When the first of the certificates that this member serves ends, in seconds since 1970; 0: none
 * was seen. */
int64_t serving_ends(const struct serving *serving, const struct member *member);

#endif
