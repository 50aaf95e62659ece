/* SPDX-License-Identifier: Apache-2.0 */
#include "etcd/call.h"
#include "verb/channel.h"
#include "verb/print.h"

/* Below 3.5 the answer has no header, and etcdctl prints none. */
static void
drop_empty_header(Etcd__AlarmResponse *response)
{
	if (!response->header || etcd__response_header__get_packed_size(response->header) != 0)
		return;
	etcd__response_header__free_unpacked(response->header, NULL);
	response->header = NULL;
}

static int
run(struct verb_call *call, struct err *err)
{
	Etcd__AlarmRequest request = ETCD__ALARM_REQUEST__INIT;
	Etcd__AlarmResponse *response = NULL;
	struct etcd_channel *channel = NULL;
	struct print print;
	int result = -1;

	if (args_expect(call, 0, 0, err) != 0 || print_open(&print, call, err) != 0)
		return -1;
	if (call_channel(call, &channel, err) == 0 &&
	    etcd_alarm(channel, &request, &response, err) == 0) {
		drop_empty_header(response);
		result = print_answer(&print, PRINT_KIND_ALARMS, response, err);
	}
	print_close(&print);
	etcd__alarm_response__free_unpacked(response, NULL);
	etcd_channel_free(channel);
	return result;
}

const struct verb_ops ops_alarm_list = { .run = run, .reads = true };
