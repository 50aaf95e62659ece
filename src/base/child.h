/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_CHILD_H
#define BASE_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/loop.h"

/* A child process whose output arrives as loop events. It gets only the three standard
 * descriptors, a process group of its own, default signals, and SIGHUP and SIGPIPE ignored. */

struct child;

struct child_handler {
	/* One line of stdout without its newline, at most CHILD_LINE_MAX bytes (a longer one is
	 * reported by `ended` with overlong = true, and the child is killed). */
	void (*line)(void *context, const char *line, size_t len);
	/* Once, after the last line. `status` is waitpid's. The child frees itself afterwards. */
	void (*ended)(void *context, int status, bool overlong, const char *stderr_tail);
};

enum { CHILD_LINE_MAX = 1 << 20 };

struct child_spec {
	const char *const *argv;	/* argv[0] is the path to run */
	const char *const *env;		/* NULL: this process's */
	const char *input;		/* what its stdin holds (copied; wiped after it was written) */
	size_t input_len;
	const char *secret;		/* what follows that, copied into locked memory (base/secret.h) */
	size_t secret_len;
	const struct child_handler *handler;
	void *context;
};

/* NULL and err where the program cannot be started. */
struct child *child_start(struct loop *loop, const struct child_spec *spec, struct err *err);
pid_t child_pid(const struct child *child);
/* Sends a signal to the child's process group. */
void child_signal(struct child *child, int number);
/* Forgets a running child: no more callbacks; the process goes on and is reaped by nobody. */
void child_detach(struct child *child);

#endif
