/* SPDX-License-Identifier: Apache-2.0 */
#include "etcd/call.h"
#include "verb/channel.h"
#include "verb/get.h"
#include "verb/print.h"

static const struct flag flags[] = {
	{ "consistency", 0, FLAG_STR, "l|s", "linearizable (l) or one member's copy (s)" },
	{ NULL },
};

static int
run(struct verb_call *call, struct err *err)
{
	Etcd__MemberListRequest request = ETCD__MEMBER_LIST_REQUEST__INIT;
	Etcd__MemberListResponse *response = NULL;
	struct etcd_channel *channel = NULL;
	struct print print;
	bool serializable;
	int result = -1;

	if (args_expect(call, 0, 0, err) != 0 ||
	    consistency_of_args(call->args, &serializable, err) != 0 ||
	    print_open(&print, call, err) != 0)
		return -1;
	request.linearizable = !serializable;
	if (call_channel(call, &channel, err) == 0 &&
	    etcd_member_list(channel, &request, &response, err) == 0)
		result = print_answer(&print, PRINT_KIND_MEMBERS, response, err);
	print_close(&print);
	etcd__member_list_response__free_unpacked(response, NULL);
	etcd_channel_free(channel);
	return result;
}

const struct verb_ops ops_member_list = { .flags = flags, .run = run, .reads = true };
