/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERB_PUT_H
#define VERB_PUT_H

#include "verb/range.h"

/* put's arguments as a request. The value comes from the argument, --value-file or stdin and is
 * allocated; put_release frees it. */
struct put_call {
	struct key_range range;
	Etcd__PutRequest request;	/* key lent from range */
	char *value;
	size_t value_len;
};

/* `from_stdin` false: a missing value is ERR_USAGE. */
int put_of_args(const struct verb_call *call, bool from_stdin, struct put_call *put,
    struct err *err);
void put_release(struct put_call *put);

#endif
