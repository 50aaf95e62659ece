/* SPDX-License-Identifier: Apache-2.0 */
#include "base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"

enum { STDERR_TAIL = 4096 };

extern char **environ;

struct child {
	struct loop *loop;
	pid_t pid;
	const struct child_handler *handler;
	void *context;
	struct loop_child *watch;
	struct loop_fd *in, *out, *errors;
	int in_fd, out_fd, err_fd;
	struct buf input, secret, lines, tail;
	size_t written;
	int status;
	bool ended, overlong, detached;
};

static void
close_fd(struct loop_fd **watch, int *fd)
{
	loop_fd_remove(*watch);
	*watch = NULL;
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void
child_free(struct child *child)
{
	close_fd(&child->in, &child->in_fd);
	close_fd(&child->out, &child->out_fd);
	close_fd(&child->errors, &child->err_fd);
	loop_child_remove(child->watch);
	buf_release_secret(&child->input);
	buf_release(&child->secret);
	buf_release(&child->lines);
	buf_release(&child->tail);
	free(child);
}

/* The end is told once the process is gone and its output was read to the end. */
static void
finish(struct child *child)
{
	if (!child->ended || child->out_fd >= 0)
		return;
	if (!child->detached)
		child->handler->ended(child->context, child->status, child->overlong,
		    buf_str(&child->tail));
	child_free(child);
}

static void
hand_over_lines(struct child *child)
{
	size_t start = 0;
	char *newline;

	while (start < child->lines.len &&
	    (newline = memchr(child->lines.data + start, '\n', child->lines.len - start))) {
		size_t len = (size_t)(newline - child->lines.data) - start;

		*newline = '\0';
		if (!child->detached)
			child->handler->line(child->context, child->lines.data + start, len);
		start += len + 1;
	}
	buf_consume(&child->lines, start);
}

static void
read_output(void *context, unsigned events)
{
	struct child *child = context;
	char bytes[65536];
	ssize_t n = read(child->out_fd, bytes, sizeof bytes);

	(void)events;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0) {
		if (!child->overlong && !buf_add(&child->lines, bytes, (size_t)n)) {
			child->overlong = true;
			child_signal(child, SIGKILL);
		}
		if (!child->overlong)
			hand_over_lines(child);
		return;
	}
	close_fd(&child->out, &child->out_fd);
	finish(child);
}

static void
read_errors(void *context, unsigned events)
{
	struct child *child = context;
	char bytes[STDERR_TAIL];
	ssize_t n = read(child->err_fd, bytes, sizeof bytes);

	(void)events;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		close_fd(&child->errors, &child->err_fd);
		return;
	}
	if (child->tail.len + (size_t)n > STDERR_TAIL)
		buf_consume(&child->tail, child->tail.len + (size_t)n - STDERR_TAIL);
	buf_add(&child->tail, bytes, (size_t)n);
}

static void
write_input(void *context, unsigned events)
{
	struct child *child = context;
	struct buf *from = child->written < child->input.len ? &child->input : &child->secret;
	size_t at = child->written - (from == &child->secret ? child->input.len : 0);
	size_t left = from->len - at;
	ssize_t n = left ? write(child->in_fd, from->data + at, left) : 0;

	(void)events;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0)
		child->written += (size_t)n;
	if (n < 0 || child->written == child->input.len + child->secret.len) {
		close_fd(&child->in, &child->in_fd);
		buf_release_secret(&child->input);
		buf_release(&child->secret);
	}
}

static void
on_ended(void *context, int status)
{
	struct child *child = context;

	child->watch = NULL;
	child->ended = true;
	child->status = status;
	finish(child);
}

static int
spawn(pid_t *pid, const struct child_spec *spec, const int ends[3])
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none, defaults;
	int result;

	posix_spawn_file_actions_init(&files);
	for (int i = 0; i < 3; i++)
		posix_spawn_file_actions_adddup2(&files, ends[i], i);
	posix_spawn_file_actions_addclosefrom_np(&files, 3);
	posix_spawnattr_init(&attr);
	sigemptyset(&none);
	sigfillset(&defaults);
	sigdelset(&defaults, SIGHUP);
	sigdelset(&defaults, SIGPIPE);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &defaults);
	posix_spawnattr_setpgroup(&attr, 0);
	posix_spawnattr_setflags(&attr,
	    POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
	result = posix_spawn(pid, spec->argv[0], &files, &attr, (char *const *)(uintptr_t)spec->argv,
	    spec->env ? (char *const *)(uintptr_t)spec->env : environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	return result;
}

static void
watch_child(struct child *child)
{
	fcntl(child->in_fd, F_SETFL, O_NONBLOCK);
	fcntl(child->out_fd, F_SETFL, O_NONBLOCK);
	fcntl(child->err_fd, F_SETFL, O_NONBLOCK);
	child->in = loop_fd_add(child->loop, child->in_fd, LOOP_WRITE, write_input, child);
	child->out = loop_fd_add(child->loop, child->out_fd, LOOP_READ, read_output, child);
	child->errors = loop_fd_add(child->loop, child->err_fd, LOOP_READ, read_errors, child);
	child->watch = loop_child_add(child->loop, child->pid, on_ended, child);
}

static struct child *
child_new(struct loop *loop, const struct child_spec *spec)
{
	struct child *child = xcalloc(1, sizeof *child);

	child->loop = loop;
	child->handler = spec->handler;
	child->context = spec->context;
	buf_init(&child->input, spec->input_len);
	buf_add(&child->input, spec->input, spec->input_len);
	child->secret = BUF_LOCKED(spec->secret_len);
	buf_add(&child->secret, spec->secret, spec->secret_len);
	buf_init(&child->lines, CHILD_LINE_MAX + 65536);
	buf_init(&child->tail, STDERR_TAIL + 1);
	return child;
}

struct child *
child_start(struct loop *loop, const struct child_spec *spec, struct err *err)
{
	int in[2] = { -1, -1 }, out[2] = { -1, -1 }, errors[2] = { -1, -1 }, failed;
	struct child *child = NULL;
	pid_t pid;

	if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0 || pipe2(errors, O_CLOEXEC) != 0) {
		failed = errno;
	} else {
		const int ends[3] = { in[0], out[1], errors[1] };

		failed = spawn(&pid, spec, ends);
	}
	if (failed) {
		err_errno(err, failed, "cannot start %s", spec->argv[0]);
		if (in[1] >= 0)
			close(in[1]);
		if (out[0] >= 0)
			close(out[0]);
		if (errors[0] >= 0)
			close(errors[0]);
	} else {
		child = child_new(loop, spec);
		child->pid = pid;
		child->in_fd = in[1];
		child->out_fd = out[0];
		child->err_fd = errors[0];
		watch_child(child);
	}
	if (in[0] >= 0)
		close(in[0]);
	if (out[1] >= 0)
		close(out[1]);
	if (errors[1] >= 0)
		close(errors[1]);
	return child;
}

pid_t
child_pid(const struct child *child)
{
	return child->pid;
}

void
child_signal(struct child *child, int number)
{
	if (!child->ended)
		kill(-child->pid, number);
}

void
child_detach(struct child *child)
{
	child_free(child);
}
