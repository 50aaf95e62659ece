/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERB_WATCHING_H
#define VERB_WATCHING_H

#include "etcd/watch.h"
#include "verb/print.h"
#include "verb/watch_exec.h"

/* One watch of the verb: `watch KEY`, or one of the lines of `watch -i`. */

struct watching {
	struct watching *next;
	struct verb_call *call;
	const struct args *args;	/* its own: of the call, or of its line */
	struct print print;
	struct etcd_watch *watch;
	struct watch_exec *exec;	/* NULL: no command was given */
	int64_t left;			/* events until it ends; -1: never */
	bool *done, *failed;
	struct err *err;
};

/* Begins what `args` say. ERR_USAGE. */
int watching_start(struct watching *w, struct etcd_channel *channel, struct err *err);
void watching_release(struct watching *w);

/* Keys and command of a command line, checked as etcdctl does: ERR_USAGE. Where no key is given it
 * is $ETCDCTL_WATCH_KEY with $ETCDCTL_WATCH_RANGE_END. */
int watching_check(const struct verb_call *call, struct args *args, struct err *err);

/* `watch -i`: every line of stdin is a watch, or "progress"; until stdin ends, which is ERR_INPUT
 * as etcdctl has it. */
int watch_lines(struct verb_call *call, struct err *err);

#endif
