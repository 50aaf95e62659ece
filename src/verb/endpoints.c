/* SPDX-License-Identifier: Apache-2.0 */
#include "verb/endpoints.h"

#include <stdlib.h>

#include "base/mem.h"
#include "etcd/call.h"
#include "verb/channel.h"

static void
add(struct endpoint_list *list, size_t *cap, const char *name, struct etcd_channel *channel)
{
	GROW(list->rows, list->count, *cap);
	list->rows[list->count++] = (struct endpoint){ xstrdup(name), channel };
}

static int
add_members(struct endpoint_list *list, struct err *err)
{
	Etcd__MemberListRequest request = ETCD__MEMBER_LIST_REQUEST__INIT;
	Etcd__MemberListResponse *response;
	struct etcd_channel *channel = NULL;
	size_t cap = 0;
	int result = 0;

	request.linearizable = true;
	if (etcd_member_list(list->channel, &request, &response, err) != 0)
		return err_prefix(err, "the member list");
	for (size_t i = 0; i < response->n_members && result == 0; i++)
		for (size_t k = 0; k < response->members[i]->n_client_urls && result == 0; k++) {
			const char *url = response->members[i]->client_urls[k];

			channel = etcd_channel_for_url(list->channel, url, err);
			result = channel ? 0 : -1;
			if (channel)
				add(list, &cap, url, channel);
		}
	etcd__member_list_response__free_unpacked(response, NULL);
	return result;
}

static int
add_given(struct verb_call *call, struct endpoint_list *list, struct err *err)
{
	struct connection connection;
	size_t cap = 0;

	if (connection_resolve(call->settings, &connection, err) != 0)
		return -1;
	for (size_t i = 0; connection.endpoints && connection.endpoints[i]; i++)
		add(list, &cap, connection.endpoints[i],
		    etcd_channel_for_endpoint(list->channel, i));
	connection_release(&connection);
	return 0;
}

int
endpoints_of_call(struct verb_call *call, struct endpoint_list *list, struct err *err)
{
	int result;

	*list = (struct endpoint_list){ 0 };
	if (call_channel(call, &list->channel, err) != 0)
		return -1;
	result = args_bool(call->args, "cluster") ? add_members(list, err) :
	    add_given(call, list, err);
	if (result != 0)
		endpoints_release(list);
	return result;
}

void
endpoints_release(struct endpoint_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		etcd_channel_free(list->rows[i].channel);
		free(list->rows[i].name);
	}
	free(list->rows);
	etcd_channel_free(list->channel);
	*list = (struct endpoint_list){ 0 };
}
