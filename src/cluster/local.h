/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLUSTER_LOCAL_H
#define CLUSTER_LOCAL_H

#include <stdbool.h>

#include "base/err.h"
#include "cluster/cluster_json.h"

/* Members that run on this machine as plain processes of this user: their data, logs and process
 * numbers lie in WORKSPACE/members. They are known by number and start time, never by name. */

/* The etcd program: DIR/etcd where dir is given, else $VETCH_ETCD_DIR, PATH, then
 * $XDG_DATA_HOME/vetch/etcd/bin. The caller frees; NULL with a cure where there is none. */
char *local_find_etcd(const char *dir, struct err *err);
/* The same search for another program of etcd's ("etcdutl"). */
char *local_find_tool(const char *dir, const char *tool, struct err *err);

/* `count` ports of 127.0.0.1 that nobody listens on now. */
int local_free_ports(int *ports, size_t count, struct err *err);

/* Starts every member of `cluster` that does not run yet, with pki/NAME.pem for its clients and
 * pki/NAME-peer.pem among members; returns once the processes are there, not once they answer. */
int local_start(const char *workspace, const struct cluster *cluster, const char *etcd,
    struct err *err);

/* Ends them (SIGTERM, SIGKILL after 5 s) and waits until they are gone. */
int local_stop(const char *workspace, const struct cluster *cluster, struct err *err);

/* How many of them run. */
size_t local_running(const char *workspace, const struct cluster *cluster);

/* The end of a member's log, to say why it did not come up; "" where there is none. The caller
 * frees. */
char *local_log_tail(const char *workspace, const char *member);

#endif
