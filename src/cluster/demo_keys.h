/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLUSTER_DEMO_KEYS_H
#define CLUSTER_DEMO_KEYS_H

#include <stdint.h>

#include "base/err.h"
#include "etcd/channel.h"

/* Fills an empty cluster with a keyspace worth looking at: some 5,000 keys under /registry/ as
 * Kubernetes lays them out, application settings, keys with leases, keys with a history, deleted
 * keys. The same every time. `progress` (may be NULL) hears how many puts are done. */
int demo_keys_load(struct etcd_channel *channel,
    void (*progress)(void *context, int64_t done, int64_t total), void *context, struct err *err);

#endif
