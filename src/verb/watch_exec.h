/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERB_WATCH_EXEC_H
#define VERB_WATCH_EXEC_H

#include "etcd/rpc.pb-c.h"
#include "verb/verb.h"

/* `watch KEY -- command`: after each answer was printed, the command once for each of its events,
 * one after another, with etcdctl's ETCD_WATCH_* variables and our stdout and stderr. Answers wait
 * meanwhile, in order. */

struct watch_exec;

struct watch_exec_handler {
	void (*idle)(void *context);	/* all that was given is printed and done */
	/* It ended badly; `why` is etcdctl's sentence. Nothing more is run. */
	void (*failed)(void *context, const char *why);
};

/* `argv` NULL-ended, borrowed. */
struct watch_exec *watch_exec_new(struct verb_call *call, char *const *argv,
    const struct watch_exec_handler *handler, void *context);
void watch_exec_free(struct watch_exec *exec);

/* One answer as it is to be printed (the bytes are taken out of `text`), and its events. */
void watch_exec_add(struct watch_exec *exec, struct buf *text, Etcd__Event *const *events,
    size_t count, int64_t revision);

#endif
