/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLUSTER_DEMO_VALUES_H
#define CLUSTER_DEMO_VALUES_H

#include "base/buf.h"

/* Values such as a Kubernetes API server writes: the 4 bytes "k8s" and 0, then runtime.Unknown in
 * protobuf (etcd facts: field 1 typeMeta, 2 raw, 4 contentType), the object inside raw. Field
 * numbers are those of k8s.io/api v1. */

struct demo_object {
	const char *api_version, *kind;
	const char *name, *space;	/* namespace, or NULL */
	const char *app;		/* label app, or NULL */
	int number;			/* makes it differ from its like */
};

/* An object with its metadata only. */
void demo_object(struct buf *out, const struct demo_object *object);
/* A pod with a container, a node and a phase. */
void demo_pod(struct buf *out, const struct demo_object *object);

#endif
