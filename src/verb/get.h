/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERB_GET_H
#define VERB_GET_H

#include "verb/range.h"

/* get's arguments as a request; `range` is lent to it. */
int get_request(const struct verb_call *call, const struct key_range *range,
    Etcd__RangeRequest *request, struct err *err);

/* --consistency l or s. */
int consistency_of_args(const struct args *args, bool *serializable, struct err *err);

#endif
