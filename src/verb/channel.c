/* SPDX-License-Identifier: Apache-2.0 */
#include "verb/channel.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "etcd/call.h"

struct etcd_channel *
channel_of_connection(struct loop *loop, const struct connection *connection, struct err *err)
{
	const struct etcd_config config = {
		.endpoints = connection->endpoints,
		.cacert = connection->cacert,
		.cert = connection->cert,
		.key = connection->key,
		.user = connection->user,
		.password = connection->password,
		.insecure_transport = connection->insecure_transport,
		.insecure_skip_verify = connection->insecure_skip_verify,
		.dial_ms = connection->dial_ms,
		.call_ms = connection->call_ms,
		.max_recv = connection->max_recv,
	};

	if (connection->endpoints)
		return etcd_channel_new(loop, &config, err);
	err_set(err, ERR_USAGE, "no etcd endpoint is named");
	err_cure(err, "give --endpoints URL,… or -C WORKSPACE, or try: vetch demo start");
	return NULL;
}

/* A folder that was named and is no workspace was perhaps mistyped: what is found elsewhere in its
 * place is told, and never changed. */
static int
check_workspace(struct verb_call *call, const struct connection *connection, struct err *err)
{
	const char *source = connection->endpoint_source;

	if (!connection->workspace || connection->cluster ||
	    (source && strcmp(source, "--endpoints") == 0))
		return 0;
	if (!source) {
		err_set(err, ERR_USAGE, "no etcd endpoint is named, and workspace %s holds no"
		    " cluster.json", connection->workspace);
		return err_cure(err, "Correct -C, or give --endpoints URL,…");
	}
	if (call->verb->touches & (TOUCH_KEYS | TOUCH_MEMBERS)) {
		err_set(err, ERR_GUARD, "nothing was changed: workspace %s holds no cluster.json, and"
		    " %s may be of another cluster", connection->workspace, source);
		return err_cure(err, "Correct -C, or give --endpoints URL,… if that cluster is meant.");
	}
	report_warn(call->report, "workspace %s holds no cluster.json; the endpoints are those of %s",
	    connection->workspace, source);
	return 0;
}

static int
need_password(struct verb_call *call, struct connection *connection, struct err *err)
{
	char *prompt;

	if (!connection->user || connection->password)
		return 0;
	prompt = call->etcdctl ? xstrdup("Password") :
	    xasprintf("etcd password of %s", connection->user);
	connection->password = call_secret(call, "etcd_password", prompt, err);
	free(prompt);
	return connection->password ? 0 : -1;
}

/* A workspace that only lies at the default place says nothing of endpoints given elsewhere. */
static bool
speaks_for_workspace(const struct verb_call *call, const struct connection *connection)
{
	bool named;

	if (!connection->cluster || call->verb->ops->reads)
		return false;
	free(workspace_folder(call->settings, &named));
	return named || strcmp(connection->endpoint_source, "workspace") == 0;
}

static int
check_id(struct connection *connection, uint64_t id, struct err *err)
{
	struct cluster *cluster = connection->cluster;

	if (cluster->cluster_id == id)
		return 0;
	if (cluster->cluster_id == 0) {
		cluster->cluster_id = id;
		return cluster_write(connection->workspace, cluster, err);
	}
	err_set(err, ERR_GUARD, "nothing was changed: %s is cluster %" PRIx64 ", and workspace %s is of"
	    " cluster %" PRIx64, connection->endpoints[0], id, connection->workspace,
	    cluster->cluster_id);
	return err_cure(err, "take the right workspace with -C, or --endpoints of that cluster");
}

/* Who may not even read the member list is told nothing of the cluster's id, and is not held up. */
static int
guard_cluster(struct etcd_channel *channel, struct connection *connection, struct err *err)
{
	Etcd__MemberListRequest request = ETCD__MEMBER_LIST_REQUEST__INIT;
	Etcd__MemberListResponse *response;
	int result = 0;

	if (etcd_member_list(channel, &request, &response, err) != 0) {
		if (err->code != ERR_DENIED)
			return -1;
		err_clear(err);
		return 0;
	}
	if (response->header)
		result = check_id(connection, response->header->cluster_id, err);
	etcd__member_list_response__free_unpacked(response, NULL);
	return result;
}

int
call_channel(struct verb_call *call, struct etcd_channel **channel, struct err *err)
{
	struct connection connection;
	int result = -1;

	*channel = NULL;
	if (connection_resolve(call->settings, &connection, err) != 0)
		return -1;
	if (check_workspace(call, &connection, err) != 0 ||
	    need_password(call, &connection, err) != 0)
		goto out;
	*channel = channel_of_connection(call->loop, &connection, err);
	if (!*channel)
		goto out;
	result = 0;
	if (speaks_for_workspace(call, &connection))
		result = guard_cluster(*channel, &connection, err);
	if (result != 0) {
		etcd_channel_free(*channel);
		*channel = NULL;
	}
out:
	connection_release(&connection);
	return result;
}
