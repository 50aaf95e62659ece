/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ETCD_PROBE_H
#define ETCD_PROBE_H

#include "base/loop.h"

/* Notices within 3 s that a connection's other side is frozen or cut off, while calls are open on
 * it: after 0.8 s of silence a Health call asks, and 2 s more of silence end the link. */

struct link;
struct probe;

struct probe *probe_new(struct loop *loop, struct link *link);
void probe_free(struct probe *probe);

/* A call was opened: watch, until nothing is in flight. */
void probe_start(struct probe *probe);
void probe_stop(struct probe *probe);
/* Bytes came. */
void probe_heard(struct probe *probe);

#endif
