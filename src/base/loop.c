/* SPDX-License-Identifier: Apache-2.0 */
#include "base/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

struct loop_fd {
	struct loop *loop;
	int fd;
	unsigned events;
	bool dead;
	void (*ready)(void *context, unsigned events);
	void *context;
};

struct loop_timer {
	struct loop *loop;
	int64_t due;
	uint64_t order;
	void (*fire)(void *context);
	void *context;
};

struct loop_child {
	struct loop *loop;
	pid_t pid;
	bool dead;
	void (*ended)(void *context, int status);
	void *context;
};

struct loop_hook {
	struct loop *loop;
	bool dead;
	void (*run)(void *context);
	void *context;
};

struct transfer {
	CURL *easy;
	void (*done)(void *context, CURLcode result);
	void *context;
};

struct signal_handler {
	void (*caught)(void *context, int number);
	void *context;
};

struct loop {
	CURLM *multi;
	struct loop_fd **fds;
	struct loop_timer **timers; /* a heap: the one due first is [0] */
	struct loop_child **children;
	struct loop_hook **hooks;
	struct transfer **transfers;
	struct curl_waitfd *waits;
	struct loop_fd **waiting;
	size_t fd_len, fd_cap, timer_len, timer_cap, child_len, child_cap, hook_len, hook_cap;
	size_t transfer_len, transfer_cap, wait_cap;
	uint64_t order;
	struct signal_handler handlers[NSIG];
	bool caught[NSIG];
	bool hurry, cancelled, kick;
	struct loop_fd *signal_watch;
};

/* Signals are the process's, so their pipe is too: written by the handler, read by the loop. */
static int signal_pipe[2] = { -1, -1 };

static void
on_signal(int number)
{
	unsigned char byte = (unsigned char)number;
	int saved = errno;
	ssize_t n = write(signal_pipe[1], &byte, 1);

	(void)n;
	errno = saved;
}

static void
catch_signal(int number)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };

	sigemptyset(&action.sa_mask);
	sigaction(number, &action, NULL);
}

static void
read_signals(void *context, unsigned events)
{
	struct loop *loop = context;
	unsigned char bytes[64];
	ssize_t n;

	(void)events;
	while ((n = read(signal_pipe[0], bytes, sizeof bytes)) > 0)
		for (ssize_t i = 0; i < n; i++)
			if (bytes[i] < NSIG)
				loop->caught[bytes[i]] = true;
}

struct loop *
loop_new(void)
{
	struct loop *loop = xcalloc(1, sizeof *loop);

	curl_global_init(CURL_GLOBAL_DEFAULT);
	loop->multi = curl_multi_init();
	if (!loop->multi)
		abort();
	if (signal_pipe[0] < 0 && pipe2(signal_pipe, O_NONBLOCK | O_CLOEXEC) != 0)
		abort();
	loop->signal_watch = loop_fd_add(loop, signal_pipe[0], LOOP_READ, read_signals, loop);
	catch_signal(SIGCHLD);
	catch_signal(SIGTERM);
	catch_signal(SIGINT);
	signal(SIGPIPE, SIG_IGN);
	return loop;
}

void
loop_free(struct loop *loop)
{
	if (!loop)
		return;
	while (loop->transfer_len)
		loop_easy_remove(loop, loop->transfers[0]->easy);
	for (size_t i = 0; i < loop->fd_len; i++)
		free(loop->fds[i]);
	for (size_t i = 0; i < loop->timer_len; i++)
		free(loop->timers[i]);
	for (size_t i = 0; i < loop->child_len; i++)
		free(loop->children[i]);
	for (size_t i = 0; i < loop->hook_len; i++)
		free(loop->hooks[i]);
	free(loop->fds);
	free(loop->timers);
	free(loop->children);
	free(loop->hooks);
	free(loop->transfers);
	free(loop->waits);
	free(loop->waiting);
	curl_multi_cleanup(loop->multi);
	free(loop);
}

struct loop_fd *
loop_fd_add(struct loop *loop, int fd, unsigned events, void (*ready)(void *, unsigned),
	void *context)
{
	struct loop_fd *watch = xcalloc(1, sizeof *watch);

	*watch = (struct loop_fd){ loop, fd, events, false, ready, context };
	GROW(loop->fds, loop->fd_len, loop->fd_cap);
	loop->fds[loop->fd_len++] = watch;
	return watch;
}

void
loop_fd_want(struct loop_fd *watch, unsigned events)
{
	watch->events = events;
}

void
loop_fd_remove(struct loop_fd *watch)
{
	if (watch)
		watch->dead = true;
}

static bool
timer_before(const struct loop_timer *a, const struct loop_timer *b)
{
	return a->due < b->due || (a->due == b->due && a->order < b->order);
}

static void
timer_swap(struct loop_timer **heap, size_t a, size_t b)
{
	struct loop_timer *t = heap[a];

	heap[a] = heap[b];
	heap[b] = t;
}

static void
timer_sift(struct loop *loop, size_t i)
{
	struct loop_timer **heap = loop->timers;

	while (i && timer_before(heap[i], heap[(i - 1) / 2])) {
		timer_swap(heap, i, (i - 1) / 2);
		i = (i - 1) / 2;
	}
	for (;;) {
		size_t least = i;

		for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < loop->timer_len; child++)
			if (timer_before(heap[child], heap[least]))
				least = child;
		if (least == i)
			return;
		timer_swap(heap, i, least);
		i = least;
	}
}

struct loop_timer *
loop_timer_add(struct loop *loop, int64_t ms, void (*fire)(void *), void *context)
{
	struct loop_timer *timer = xcalloc(1, sizeof *timer);

	*timer = (struct loop_timer){ loop, clock_ms() + ms, loop->order++, fire, context };
	GROW(loop->timers, loop->timer_len, loop->timer_cap);
	loop->timers[loop->timer_len++] = timer;
	timer_sift(loop, loop->timer_len - 1);
	return timer;
}

struct loop_timer *
loop_soon(struct loop *loop, void (*fire)(void *), void *context)
{
	return loop_timer_add(loop, 0, fire, context);
}

static void
timer_take(struct loop *loop, size_t i)
{
	loop->timers[i] = loop->timers[--loop->timer_len];
	if (i < loop->timer_len)
		timer_sift(loop, i);
}

void
loop_timer_cancel(struct loop_timer *timer)
{
	struct loop *loop;

	if (!timer)
		return;
	loop = timer->loop;
	for (size_t i = 0; i < loop->timer_len; i++)
		if (loop->timers[i] == timer) {
			timer_take(loop, i);
			free(timer);
			return;
		}
}

struct loop_child *
loop_child_add(struct loop *loop, pid_t pid, void (*ended)(void *, int), void *context)
{
	struct loop_child *child = xcalloc(1, sizeof *child);

	*child = (struct loop_child){ loop, pid, false, ended, context };
	GROW(loop->children, loop->child_len, loop->child_cap);
	loop->children[loop->child_len++] = child;
	loop->caught[SIGCHLD] = true; /* it may have ended before anybody watched */
	loop_hurry(loop);
	return child;
}

void
loop_child_remove(struct loop_child *child)
{
	if (child)
		child->dead = true;
}

struct loop_hook *
loop_before_wait(struct loop *loop, void (*run)(void *), void *context)
{
	struct loop_hook *hook = xcalloc(1, sizeof *hook);

	*hook = (struct loop_hook){ loop, false, run, context };
	GROW(loop->hooks, loop->hook_len, loop->hook_cap);
	loop->hooks[loop->hook_len++] = hook;
	return hook;
}

void
loop_hook_remove(struct loop_hook *hook)
{
	if (hook)
		hook->dead = true;
}

void
loop_easy_add(struct loop *loop, CURL *easy, void (*done)(void *, CURLcode), void *context)
{
	struct transfer *transfer = xcalloc(1, sizeof *transfer);

	*transfer = (struct transfer){ easy, done, context };
	GROW(loop->transfers, loop->transfer_len, loop->transfer_cap);
	loop->transfers[loop->transfer_len++] = transfer;
	curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
	curl_multi_add_handle(loop->multi, easy);
	loop->kick = true;
}

static struct transfer *
transfer_take(struct loop *loop, CURL *easy)
{
	for (size_t i = 0; i < loop->transfer_len; i++) {
		struct transfer *transfer = loop->transfers[i];

		if (transfer->easy == easy) {
			loop->transfers[i] = loop->transfers[--loop->transfer_len];
			curl_multi_remove_handle(loop->multi, easy);
			return transfer;
		}
	}
	return NULL;
}

void
loop_easy_remove(struct loop *loop, CURL *easy)
{
	free(transfer_take(loop, easy));
}

void
loop_easy_kick(struct loop *loop)
{
	loop->kick = true;
}

void
loop_signal(struct loop *loop, int number, void (*caught)(void *, int), void *context)
{
	loop->handlers[number] = (struct signal_handler){ caught, context };
	catch_signal(number);
}

void
loop_hurry(struct loop *loop)
{
	loop->hurry = true;
}

bool
loop_cancelled(const struct loop *loop)
{
	return loop->cancelled;
}

static void
reap_children(struct loop *loop)
{
	for (size_t i = 0; i < loop->child_len; i++) {
		struct loop_child *child = loop->children[i];
		int status;

		if (!child->dead && waitpid(child->pid, &status, WNOHANG) == child->pid) {
			child->dead = true;
			child->ended(child->context, status);
		}
	}
}

static void
run_signals(struct loop *loop)
{
	for (int number = 1; number < NSIG; number++) {
		if (!loop->caught[number])
			continue;
		loop->caught[number] = false;
		if (number == SIGCHLD)
			reap_children(loop);
		if (loop->handlers[number].caught)
			loop->handlers[number].caught(loop->handlers[number].context, number);
		else if (number == SIGTERM || number == SIGINT)
			loop->cancelled = true;
	}
}

static void
run_timers(struct loop *loop)
{
	int64_t now = clock_ms();
	uint64_t last = loop->order; /* those added by a timer wait for the next turn */

	while (loop->timer_len && loop->timers[0]->due <= now && loop->timers[0]->order < last) {
		struct loop_timer *timer = loop->timers[0];

		timer_take(loop, 0);
		timer->fire(timer->context);
		free(timer);
	}
}

static void
run_hooks(struct loop *loop)
{
	for (size_t i = 0; i < loop->hook_len; i++)
		if (!loop->hooks[i]->dead)
			loop->hooks[i]->run(loop->hooks[i]->context);
}

static void
run_transfers(struct loop *loop)
{
	CURLMsg *message;
	int running, left;

	loop->kick = false;
	curl_multi_perform(loop->multi, &running);
	while ((message = curl_multi_info_read(loop->multi, &left))) {
		CURLcode result = message->data.result;
		struct transfer *transfer;

		if (message->msg != CURLMSG_DONE)
			continue;
		transfer = transfer_take(loop, message->easy_handle);
		if (transfer)
			transfer->done(transfer->context, result);
		free(transfer);
	}
}

#define SWEEP(array, len) do { \
	size_t kept = 0; \
	for (size_t i = 0; i < (len); i++) \
		if ((array)[i]->dead) \
			free((array)[i]); \
		else \
			(array)[kept++] = (array)[i]; \
	(len) = kept; \
} while (0)

/* What was removed in a callback is freed only here, where nobody walks the arrays. */
static void
sweep(struct loop *loop)
{
	SWEEP(loop->fds, loop->fd_len);
	SWEEP(loop->children, loop->child_len);
	SWEEP(loop->hooks, loop->hook_len);
}

static unsigned
fill_waits(struct loop *loop)
{
	unsigned n = 0;

	if (loop->wait_cap < loop->fd_len) {
		loop->wait_cap = loop->fd_len * 2;
		loop->waits = xrealloc(loop->waits, loop->wait_cap, sizeof *loop->waits);
		loop->waiting = xrealloc(loop->waiting, loop->wait_cap, sizeof *loop->waiting);
	}
	for (size_t i = 0; i < loop->fd_len; i++) {
		struct loop_fd *watch = loop->fds[i];

		if (!watch->events)
			continue;
		loop->waits[n] = (struct curl_waitfd){ .fd = watch->fd };
		if (watch->events & LOOP_READ)
			loop->waits[n].events |= CURL_WAIT_POLLIN;
		if (watch->events & LOOP_WRITE)
			loop->waits[n].events |= CURL_WAIT_POLLOUT;
		loop->waiting[n++] = watch;
	}
	return n;
}

static int
wait_ms(struct loop *loop, int max_ms)
{
	int64_t ms = max_ms < 0 ? 60000 : max_ms;

	if (loop->hurry || loop->kick)
		return 0;
	if (loop->timer_len) {
		int64_t left = loop->timers[0]->due - clock_ms();

		if (left < ms)
			ms = left < 0 ? 0 : left;
	}
	return (int)ms;
}

static void
run_ready(struct loop *loop, unsigned waits)
{
	for (unsigned i = 0; i < waits; i++) {
		struct loop_fd *watch = loop->waiting[i];
		short got = loop->waits[i].revents;
		unsigned events = 0;

		if (watch->dead || !got)
			continue;
		if (got & CURL_WAIT_POLLOUT && watch->events & LOOP_WRITE)
			events |= LOOP_WRITE;
		if (got & ~CURL_WAIT_POLLOUT)
			events |= LOOP_READ;
		if (events)
			watch->ready(watch->context, events);
	}
}

void
loop_turn(struct loop *loop, int max_ms)
{
	unsigned waits;
	int ms, ready;

	run_hooks(loop);
	sweep(loop);
	if (loop->transfer_len || loop->kick)
		run_transfers(loop);
	waits = fill_waits(loop);
	ms = wait_ms(loop, max_ms);
	loop->hurry = false;
	curl_multi_poll(loop->multi, loop->waits, waits, ms, &ready);
	run_ready(loop, waits);
	run_signals(loop);
	if (loop->transfer_len || loop->kick)
		run_transfers(loop);
	run_timers(loop);
	sweep(loop);
}

int
loop_run_until(struct loop *loop, const bool *done, struct err *err)
{
	while (!*done) {
		if (loop->cancelled)
			return err_set(err, ERR_CANCELLED, "interrupted");
		loop_turn(loop, -1);
	}
	return 0;
}
