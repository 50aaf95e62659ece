/* SPDX-License-Identifier: Apache-2.0 */
#include "verb/guard.h"

#include <inttypes.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "etcd/call.h"

int
guard_plan_key(struct etcd_channel *channel, const struct key_range *range, struct plan *plan,
    Etcd__RangeResponse **current, struct err *err)
{
	Etcd__RangeRequest request = ETCD__RANGE_REQUEST__INIT;
	Etcd__RangeResponse *response;
	struct json_object *guard = plan_guard(plan);
	const Etcd__KeyValue *kv;

	request.key = range->key;
	if (etcd_range(channel, &request, &response, err) != 0)
		return -1;
	kv = response->n_kvs ? response->kvs[0] : NULL;
	json_put_bool(guard, "exists", kv != NULL);
	json_put_int(guard, "mod_revision", kv ? kv->mod_revision : 0);
	json_put_int(guard, "revision", response->header ? response->header->revision : 0);
	if (current)
		*current = response;
	else
		etcd__range_response__free_unpacked(response, NULL);
	return 0;
}

void
guard_of_call(const struct verb_call *call, const struct key_range *range, struct guard *guard)
{
	struct json_object *planned = call->plan ? plan_guard(call->plan) : NULL;

	*guard = (struct guard){ .range = range };
	if (json_get(planned, "revision")) {
		guard->on = true;
		guard->mod_revision = json_int(planned, "mod_revision", 0);
		guard->revision = json_int(planned, "revision", 0);
	} else if (args_given(call->args, "if-mod-rev")) {
		guard->on = true;
		guard->mod_revision = args_int(call->args, "if-mod-rev", 0);
	}
}

static void
set_compare(const struct guard *guard, Etcd__Compare *compare)
{
	const struct key_range *range = guard->range;

	etcd__compare__init(compare);
	compare->key = range->key;
	compare->target = ETCD__COMPARE__TARGET__MOD;
	compare->target_union_case = ETCD__COMPARE__TARGET_UNION_MOD_REVISION;
	compare->mod_revision = guard->mod_revision;
	if (!range_is_wide(range))
		return;
	compare->range_end = range->end;
	compare->result = ETCD__COMPARE__RESULT__LESS;
	compare->mod_revision = guard->revision + 1;
}

static const Etcd__KeyValue *
current_key(const Etcd__TxnResponse *response)
{
	const Etcd__ResponseOp *op = response->n_responses ? response->responses[0] : NULL;

	if (!op || op->response_case != ETCD__RESPONSE_OP__RESPONSE_RESPONSE_RANGE)
		return NULL;
	return op->response_range->n_kvs ? op->response_range->kvs[0] : NULL;
}

static int
refused(const struct guard *guard, const Etcd__TxnResponse *response, struct err *err)
{
	const Etcd__KeyValue *kv = current_key(response);
	char now[32], then[32];

	text_grouped(kv ? kv->mod_revision : 0, now, sizeof now);
	text_grouped(guard->mod_revision, then, sizeof then);
	if (range_is_wide(guard->range))
		err_set(err, ERR_GUARD, "not written: keys below changed since they were counted");
	else if (!kv)
		err_set(err, ERR_GUARD, "not written: the key was deleted since you read %s", then);
	else if (guard->mod_revision == 0)
		err_set(err, ERR_GUARD, "not written: the key exists now, made at rev %s", now);
	else
		err_set(err, ERR_GUARD, "not written: key changed at rev %s since you read %s", now,
		    then);
	return err_cure(err, "read it again, then decide afresh");
}

int
guard_txn(struct etcd_channel *channel, const struct guard *guard, const Etcd__RequestOp *op,
    Etcd__TxnResponse **response, struct err *err)
{
	Etcd__TxnRequest request = ETCD__TXN_REQUEST__INIT;
	Etcd__RequestOp look = ETCD__REQUEST_OP__INIT, change = *op;
	Etcd__RangeRequest range_request = ETCD__RANGE_REQUEST__INIT;
	Etcd__Compare compare, *compares[] = { &compare };
	Etcd__RequestOp *changes[] = { &change }, *looks[] = { &look };

	set_compare(guard, &compare);
	range_request.key = guard->range->key;
	range_request.keys_only = true;
	look.request_case = ETCD__REQUEST_OP__REQUEST_REQUEST_RANGE;
	look.request_range = &range_request;
	request.compare = compares;
	request.success = changes;
	request.failure = looks;
	request.n_compare = request.n_success = request.n_failure = 1;
	if (etcd_txn(channel, &request, response, err) != 0)
		return -1;
	if ((*response)->succeeded)
		return 0;
	refused(guard, *response, err);
	etcd__txn_response__free_unpacked(*response, NULL);
	*response = NULL;
	return -1;
}
