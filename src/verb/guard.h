/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERB_GUARD_H
#define VERB_GUARD_H

#include "etcd/channel.h"
#include "verb/range.h"

/* What must still be true of the keys that a change touches: kept in the plan, checked by etcd in
 * the same transaction as the change. */
struct guard {
	const struct key_range *range;
	bool on;
	int64_t mod_revision;	/* of the one key; 0: it does not exist */
	int64_t revision;	/* wide ranges: no key changed after this; else when it was read */
};

/* Reads the one key as it is now into the plan's guard {"mod_revision","exists","revision"};
 * `*current` (may be NULL) gets the answer, to be freed. */
int guard_plan_key(struct etcd_channel *channel, const struct key_range *range, struct plan *plan,
    Etcd__RangeResponse **current, struct err *err);

/* The guard of the plan that is carried out, or of --if-mod-rev; off where there is neither. */
#define GUARD_FLAG \
	{ "if-mod-rev", 0, FLAG_INT, "N", "only if the key's mod revision is N (0: no such key)" }
void guard_of_call(const struct verb_call *call, const struct key_range *range,
    struct guard *guard);

/* Sends `op` guarded: ERR_GUARD, with nothing written, where the guard no longer holds. The answer
 * is the caller's to free. */
int guard_txn(struct etcd_channel *channel, const struct guard *guard, const Etcd__RequestOp *op,
    Etcd__TxnResponse **response, struct err *err);

#endif
