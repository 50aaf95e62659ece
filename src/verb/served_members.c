/* SPDX-License-Identifier: Apache-2.0 */
#include "verb/served_members.h"

#include <stdlib.h>

#include "base/fs.h"
#include "base/mem.h"
#include "etcd/call.h"
#include "verb/channel.h"

enum { ANSWER_MS = 2000, CERT_FILE_MAX = 1 << 20 };

struct asking {
	struct served_points *points;
	bool done;
};

static void
add_urls(struct served_points *points, const char *member, size_t count, char *const *urls,
    bool peer)
{
	for (size_t i = 0; i < count && urls[i]; i++)
		served_points_add(points, NULL, &(struct served_whose){ member, urls[i], peer });
}

static int
from_cluster(struct verb_call *call, struct served_points *points, struct err *err)
{
	Etcd__MemberListRequest request = ETCD__MEMBER_LIST_REQUEST__INIT;
	Etcd__MemberListResponse *response = NULL;
	struct etcd_channel *channel = NULL;
	int result = -1;

	if (call_channel(call, &channel, err) == 0)
		result = etcd_member_list(channel, &request, &response, err);
	for (size_t i = 0; result == 0 && i < response->n_members; i++) {
		const Etcd__Member *m = response->members[i];

		add_urls(points, m->name, m->n_client_urls, m->client_urls, false);
		add_urls(points, m->name, m->n_peer_urls, m->peer_urls, true);
	}
	etcd__member_list_response__free_unpacked(response, NULL);
	etcd_channel_free(channel);
	return result;
}

static void
from_workspace(const struct connection *connection, struct served_points *points)
{
	for (size_t i = 0; connection->cluster && i < connection->cluster->member_count; i++) {
		const struct member_spec *m = &connection->cluster->members[i];

		add_urls(points, m->name, SIZE_MAX, m->client_urls, false);
		add_urls(points, m->name, SIZE_MAX, m->peer_urls, true);
	}
}

static char *
own_print(const struct connection *connection)
{
	struct buf pem = BUF_INIT(CERT_FILE_MAX);
	struct cert cert = { 0 };
	char *print;

	if (connection->cert && fs_read(connection->cert, &pem, NULL) == 0)
		cert_parse_pem(&cert, &pem, connection->cert, NULL);
	print = xstrdup(cert.fingerprint);
	cert_release(&cert);
	buf_release(&pem);
	return print;
}

static void
told(void *context)
{
	struct asking *asking = context;

	asking->done = served_points_waiting(asking->points) == 0;
}

static int
ask(struct verb_call *call, const struct connection *connection, struct served_points *points,
    struct err *err)
{
	struct asking asking = { .points = points, .done = points->len == 0 };
	struct served_spec spec = { .cert = connection->cert, .key = connection->key,
		.timeout_ms = ANSWER_MS };

	for (size_t i = 0; i < points->len; i++)
		served_point_ask(points->items[i], call->loop, &spec, told, &asking);
	return loop_run_until(call->loop, &asking.done, err);
}

int
served_members(struct verb_call *call, struct served_points *points, char **own, struct err *err)
{
	struct connection connection = { 0 };
	struct err why = { 0 };
	int result = connection_resolve(call->settings, &connection, err);

	if (result == 0 && from_cluster(call, points, &why) != 0) {
		from_workspace(&connection, points);
		if (points->len)
			report_warn(call->report, "%s; the members are cluster.json's", why.text);
		else {
			result = -1;
			*err = why;
		}
	}
	if (result == 0)
		result = ask(call, &connection, points, err);
	if (result == 0)
		*own = own_print(&connection);
	connection_release(&connection);
	return result;
}
