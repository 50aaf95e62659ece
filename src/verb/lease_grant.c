/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "etcd/call.h"
#include "verb/channel.h"
#include "verb/print.h"

static int
run(struct verb_call *call, struct err *err)
{
	Etcd__LeaseGrantRequest request = ETCD__LEASE_GRANT_REQUEST__INIT;
	Etcd__LeaseGrantResponse *response = NULL;
	struct etcd_channel *channel = NULL;
	struct print print;
	int result = -1;

	if (args_expect(call, 1, 1, err) != 0)
		return -1;
	if (!text_int(args_at(call->args, 0), INT64_MIN, INT64_MAX, &request.ttl))
		return err_set(err, ERR_USAGE, "\"%.40s\" is no number of seconds",
		    args_at(call->args, 0));
	if (print_open(&print, call, err) != 0)
		return -1;
	if (call_channel(call, &channel, err) == 0) {
		result = etcd_lease_grant(channel, &request, &response, err);
		if (result == 0)
			result = print_answer(&print, PRINT_KIND_GRANT, response, err);
		else if (call->etcdctl)
			err_set(err, err->code, "failed to grant lease (%.400s)", err->text);
	}
	print_close(&print);
	etcd__lease_grant_response__free_unpacked(response, NULL);
	etcd_channel_free(channel);
	return result;
}

const struct verb_ops ops_lease_grant = { .run = run };
