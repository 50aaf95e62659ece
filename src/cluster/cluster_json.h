/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLUSTER_CLUSTER_JSON_H
#define CLUSTER_CLUSTER_JSON_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* cluster.json of a workspace: the cluster as intended, made to be edited by hand; no secrets. */

struct member_spec {
	char *name;
	char **client_urls, **peer_urls; /* NULL-ended */
};

struct target_spec {
	char *name, *url;
	char *endpoint, *region, *ca, *addressing, *profile; /* S3; NULL where not given */
};

struct cluster {
	char *name, *token, *etcd_version;
	char *client;		/* the certificate this console uses, pki/NAME.pem; "client" by default */
	uint64_t cluster_id;	/* 0 before the first contact */
	struct member_spec *members;
	size_t member_count;
	struct target_spec *targets;
	size_t target_count;
};

/* Reads DIR/cluster.json (at most 1 MiB). NULL on failure: ERR_INPUT names the field, ERR_IO the
 * file. The caller frees with cluster_free. */
struct cluster *cluster_read(const char *dir, struct err *err);
void cluster_free(struct cluster *cluster);

/* Writes DIR/cluster.json, mode 0600. */
int cluster_write(const char *dir, const struct cluster *cluster, struct err *err);

/* The target of this name, or NULL. */
const struct target_spec *cluster_target(const struct cluster *cluster, const char *name);

#endif
