/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_LOOP_H
#define BASE_LOOP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <curl/curl.h>

#include "base/err.h"

/* The one wait: descriptors, timers, children, signals and libcurl transfers in one
 * curl_multi_poll. No threads and no nested loops. Callbacks run from loop_turn, one at a time; a
 * callback may add or remove anything, itself included, but may not free the loop. */

struct loop;
struct loop_fd;
struct loop_timer;
struct loop_child;

struct loop *loop_new(void);
void loop_free(struct loop *loop);

enum loop_events { LOOP_READ = 1, LOOP_WRITE = 2 };

/* Watches a descriptor (not owned). `ready` gets LOOP_READ for data, end or error. */
struct loop_fd *loop_fd_add(struct loop *loop, int fd, unsigned events,
    void (*ready)(void *context, unsigned events), void *context);
void loop_fd_want(struct loop_fd *watch, unsigned events);
/* NULL is allowed in the three removers. */
void loop_fd_remove(struct loop_fd *watch);

/* Runs `fire` once, `ms` milliseconds from now; the timer frees itself then. */
struct loop_timer *loop_timer_add(struct loop *loop, int64_t ms, void (*fire)(void *context),
    void *context);
void loop_timer_cancel(struct loop_timer *timer);

/* Runs `fire` in the next turn, before any wait: how a started call reports a failure that is known
 * at once. Cancelled with loop_timer_cancel. */
struct loop_timer *loop_soon(struct loop *loop, void (*fire)(void *context), void *context);

/* Reports the end of a child process by waitpid's status. */
struct loop_child *loop_child_add(struct loop *loop, pid_t pid,
    void (*ended)(void *context, int status), void *context);
void loop_child_remove(struct loop_child *child);

/* Runs a libcurl transfer; `done` gets its result after it was taken off the multi handle. The easy
 * handle stays the caller's. loop_easy_remove cancels (no `done`). Only base/http and base/connect
 * call these. The easy handle's CURLOPT_PRIVATE belongs to the loop. */
void loop_easy_add(struct loop *loop, CURL *easy, void (*done)(void *context, CURLcode result),
    void *context);
void loop_easy_remove(struct loop *loop, CURL *easy);
/* After un-pausing a transfer from outside a libcurl callback. */
void loop_easy_kick(struct loop *loop);

/* Runs before every wait: where what is stale is painted or flushed. */
struct loop_hook;
struct loop_hook *loop_before_wait(struct loop *loop, void (*hook)(void *context), void *context);
void loop_hook_remove(struct loop_hook *hook);

/* Turns a signal into a callback from the loop (self-pipe); one handler a signal, for the process.
 * SIGTERM and SIGINT without one make loop_run_until fail with ERR_CANCELLED. */
void loop_signal(struct loop *loop, int number, void (*caught)(void *context, int number),
    void *context);

/* The next wait does not block: for sources with data that poll cannot see. */
void loop_hurry(struct loop *loop);

/* One wait of at most `max_ms` (-1: until something happens) and the callbacks due. */
void loop_turn(struct loop *loop, int max_ms);

/* Turns until *done is true: the blocking form for verbs. Fails only with ERR_CANCELLED. */
int loop_run_until(struct loop *loop, const bool *done, struct err *err);

/* True once SIGTERM or SIGINT was caught without a handler. */
bool loop_cancelled(const struct loop *loop);

#endif
