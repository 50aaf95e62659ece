/* SPDX-License-Identifier: Apache-2.0 */
#include "verb/watch_exec.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"

extern char **environ;

enum { VARIABLES = 4, QUOTED_MAX = 16 << 20, QUEUED_MAX = 64 << 20 };

struct variables {
	char *text[VARIABLES];
};

struct answer {
	struct answer *next;
	char *text;
	size_t len, count, at, held;	/* held: bytes of all its texts */
	struct variables events[];
};

struct watch_exec {
	struct verb_call *call;
	char *const *argv;
	const struct watch_exec_handler *handler;
	void *context;
	struct answer *first, *last;
	size_t queued;	/* bytes that wait for the command */
	struct loop_child *running;
	bool failed;
};

static void step(struct watch_exec *exec);

struct watch_exec *
watch_exec_new(struct verb_call *call, char *const *argv, const struct watch_exec_handler *handler,
    void *context)
{
	struct watch_exec *exec = xcalloc(1, sizeof *exec);

	*exec = (struct watch_exec){ .call = call, .argv = argv, .handler = handler,
		.context = context };
	return exec;
}

static void
drop_first(struct watch_exec *exec)
{
	struct answer *answer = exec->first;

	exec->first = answer->next;
	exec->queued -= answer->held;
	for (size_t i = 0; i < answer->count; i++)
		for (size_t k = 0; k < VARIABLES; k++)
			free(answer->events[i].text[k]);
	free(answer->text);
	free(answer);
}

void
watch_exec_free(struct watch_exec *exec)
{
	if (!exec)
		return;
	while (exec->first)
		drop_first(exec);
	loop_child_remove(exec->running);
	free(exec);
}

/* ---- what is waiting */

/* An environment cannot hold a 0 byte, which Go's quoted form writes as \x00. */
static char *
quoted(const char *name, const ProtobufCBinaryData *bytes)
{
	struct buf text = BUF_INIT(QUOTED_MAX);

	buf_printf(&text, "%s=", name);
	text_go_quote(&text, (const char *)bytes->data, bytes->len);
	return buf_steal(&text);
}

static void
set_variables(struct variables *v, const Etcd__Event *event, int64_t revision)
{
	bool deleted = event->type == ETCD__EVENT__TYPE__DELETE;

	v->text[0] = xasprintf("ETCD_WATCH_REVISION=%" PRId64, revision);
	v->text[1] = xasprintf("ETCD_WATCH_EVENT_TYPE=\"%s\"", deleted ? "DELETE" : "PUT");
	v->text[2] = quoted("ETCD_WATCH_KEY", &event->kv->key);
	v->text[3] = quoted("ETCD_WATCH_VALUE", &event->kv->value);
}

static void
fail(struct watch_exec *exec, const char *why)
{
	struct buf text = BUF_INIT(1 << 20);

	exec->failed = true;
	buf_add_str(&text, "command [");
	for (char *const *word = exec->argv; *word; word++) {
		buf_add_str(&text, word == exec->argv ? "" : " ");
		text_go_quote(&text, *word, strlen(*word));
	}
	buf_printf(&text, "] error (%s)", why);
	exec->handler->failed(exec->context, buf_str(&text));
	buf_release(&text);
}

void
watch_exec_add(struct watch_exec *exec, struct buf *text, Etcd__Event *const *events, size_t count,
    int64_t revision)
{
	struct answer *answer = xcalloc(1, sizeof *answer + count * sizeof answer->events[0]);

	answer->len = answer->held = text->len;
	answer->text = buf_steal(text);
	answer->count = count;
	for (size_t i = 0; i < count; i++) {
		set_variables(&answer->events[i], events[i], revision);
		answer->held += strlen(answer->events[i].text[2]) + strlen(answer->events[i].text[3]);
	}
	exec->queued += answer->held;
	if (exec->first)
		exec->last->next = answer;
	else
		exec->first = answer;
	exec->last = answer;
	if (!exec->running)
		step(exec);
	else if (exec->queued > QUEUED_MAX && !exec->failed)
		fail(exec, "more than 64 MiB of events wait for it");
}

/* ---- the command */

static void
fail_status(struct watch_exec *exec, int status)
{
	char why[100];
	size_t len;
	struct buf text = BUF_INIT(sizeof why);

	if (WIFSIGNALED(status)) {
		buf_printf(&text, "signal: %s", strsignal(WTERMSIG(status)));
		if (text.len > 8) /* Go writes them small */
			text.data[8] |= 0x20;
	} else {
		buf_printf(&text, "exit status %d", WEXITSTATUS(status));
	}
	len = text.len < sizeof why ? text.len : sizeof why - 1;
	memcpy(why, buf_str(&text), len);
	why[len] = '\0';
	buf_release(&text);
	fail(exec, why);
}

static void
on_ended(void *context, int status)
{
	struct watch_exec *exec = context;

	exec->running = NULL;
	if (status != 0) {
		fail_status(exec, status);
		return;
	}
	exec->first->at++;
	step(exec);
}

static int
spawn(const char *const *argv, const char *const *env, pid_t *pid)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none, all;
	int result;

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addclosefrom_np(&files, 3);
	posix_spawnattr_init(&attr);
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	result = posix_spawnp(pid, argv[0], &files, &attr, (char *const *)(uintptr_t)argv,
	    (char *const *)(uintptr_t)env);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	return result;
}

/* What another watch left in the environment is not told again: the first of a name would win. */
static bool
is_ours(const char *variable, const struct variables *variables)
{
	for (size_t i = 0; i < VARIABLES; i++) {
		size_t len = strcspn(variables->text[i], "=") + 1;

		if (strncmp(variable, variables->text[i], len) == 0)
			return true;
	}
	return false;
}

static void
run_command(struct watch_exec *exec, const struct variables *variables)
{
	size_t count = 0, kept = 0;
	const char **env;
	char *why;
	pid_t pid;
	int failed;

	while (environ[count])
		count++;
	env = xcalloc(count + VARIABLES + 1, sizeof *env);
	for (size_t i = 0; i < count; i++)
		if (!is_ours(environ[i], variables))
			env[kept++] = environ[i];
	for (size_t i = 0; i < VARIABLES; i++)
		env[kept + i] = variables->text[i];
	failed = spawn((const char *const *)exec->argv, env, &pid);
	free(env);
	if (!failed) {
		exec->running = loop_child_add(exec->call->loop, pid, on_ended, exec);
		return;
	}
	why = failed == ENOENT ? xasprintf("exec: \"%s\": executable file not found in $PATH",
	    exec->argv[0]) : xasprintf("fork/exec %s: %s", exec->argv[0], strerror(failed));
	fail(exec, why);
	free(why);
}

/* Prints the next answer, or runs the command for its next event. */
static void
step(struct watch_exec *exec)
{
	struct answer *answer;

	while ((answer = exec->first) && !exec->failed) {
		if (answer->text) {
			report_raw(exec->call->report, answer->text, answer->len);
			report_flush(exec->call->report);
			free(answer->text);
			answer->text = NULL;
		}
		if (answer->at < answer->count) {
			run_command(exec, &answer->events[answer->at]);
			return;
		}
		drop_first(exec);
	}
	if (!exec->failed)
		exec->handler->idle(exec->context);
}
