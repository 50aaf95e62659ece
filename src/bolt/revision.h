/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BOLT_REVISION_H
#define BOLT_REVISION_H

#include "bolt/read.h"

/* The revision an etcd that starts on this database would be at: the newest entry of the bucket
 * `key`, or the compaction scheduled last where that is newer; 1 for an empty one. Reads the few
 * pages down the right side of the tree. */
int bolt_revision(struct bolt *bolt, int64_t *revision, struct err *err);

#endif
