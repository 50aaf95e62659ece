/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERB_CHANNEL_H
#define VERB_CHANNEL_H

#include "cluster/settings.h"
#include "etcd/channel.h"
#include "verb/verb.h"

/* The cluster that a verb's flags, workspace and environment lead to. Nothing is connected yet,
 * except that a verb which changes something in a workspace first asks the cluster for its id:
 * another one than cluster.json's is ERR_GUARD, and the first one met is written there. ERR_USAGE
 * where nothing names an endpoint; ERR_NEED "etcd_password" where a user came without password.
 * The caller frees the channel. */
int call_channel(struct verb_call *call, struct etcd_channel **channel, struct err *err);

/* The same from a connection that was resolved already, without the guard; for the console too. */
struct etcd_channel *channel_of_connection(struct loop *loop, const struct connection *connection,
    struct err *err);

#endif
