/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERB_DEL_H
#define VERB_DEL_H

#include "verb/range.h"

/* del's arguments as a request; `range` is lent to it. */
void del_request(const struct verb_call *call, const struct key_range *range,
    Etcd__DeleteRangeRequest *request);

#endif
