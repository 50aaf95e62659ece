/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERB_ENDPOINTS_H
#define VERB_ENDPOINTS_H

#include "etcd/channel.h"
#include "verb/verb.h"

/* The endpoints that `endpoint …` asks one by one: those given, or with --cluster every client URL
 * of the member list. */

#define ENDPOINTS_FLAG \
	{ "cluster", 0, FLAG_BOOL, NULL, "every client URL of the member list" }

struct endpoint_list {
	struct etcd_channel *channel;	/* to the cluster; lends its credentials */
	struct endpoint {
		char *name;			/* as it was given */
		struct etcd_channel *channel;	/* to this one only */
	} *rows;
	size_t count;
};

int endpoints_of_call(struct verb_call *call, struct endpoint_list *list, struct err *err);
void endpoints_release(struct endpoint_list *list);

#endif
