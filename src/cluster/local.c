/* SPDX-License-Identifier: Apache-2.0 */
#include "cluster/local.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/text.h"
#include "cluster/settings.h"

enum {
	STOP_MS = 5000,
	MAX_ARGS = 48,
	LOG_TAIL = 600,
	PORT_FIRST = 10000,
	PORT_COUNT = 22000,
	PORT_TRIES = 200,
};

extern char **environ;

static char *
tool_in(const char *dir, const char *tool)
{
	char *path = fs_join(dir, tool);

	if (access(path, X_OK) == 0)
		return path;
	free(path);
	return NULL;
}

static char *
tool_in_path(const char *tool)
{
	const char *path = getenv("PATH");
	char **dirs = text_split(path ? path : "", ':'), *found = NULL;

	for (char **dir = dirs; *dir && !found; dir++)
		if (**dir == '/')
			found = tool_in(*dir, tool);
	strv_free(dirs);
	return found;
}

char *
local_find_tool(const char *dir, const char *tool, struct err *err)
{
	const char *env = getenv("VETCH_ETCD_DIR");
	char *home, *own, *found;

	if (dir) {
		found = tool_in(dir, tool);
		if (!found)
			err_set(err, ERR_NOT_FOUND, "there is no %s in %s", tool, dir);
		return found;
	}
	found = env && *env ? tool_in(env, tool) : NULL;
	if (!found)
		found = tool_in_path(tool);
	if (!found && (home = vetch_data_home())) {
		own = fs_join(home, "etcd/bin");
		found = tool_in(own, tool);
		free(own);
		free(home);
	}
	if (!found) {
		err_set(err, ERR_NOT_FOUND, "no %s found: not in $VETCH_ETCD_DIR, not in PATH", tool);
		err_cure(err, "install etcd, or set VETCH_ETCD_DIR to the folder that holds %s", tool);
	}
	return found;
}

char *
local_find_etcd(const char *dir, struct err *err)
{
	return local_find_tool(dir, "etcd", err);
}

/* Below 32768, where the kernel takes the ports of outgoing connections from: one that is free now
 * is not gone a moment later. */
static int
free_port(int *fd, int *port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	uint16_t random;

	*fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	for (int tries = 0; *fd >= 0 && tries < PORT_TRIES; tries++) {
		if (getrandom(&random, sizeof random, 0) != sizeof random)
			break;
		*port = PORT_FIRST + random % PORT_COUNT;
		address.sin_port = htons((uint16_t)*port);
		if (bind(*fd, (struct sockaddr *)&address, sizeof address) == 0)
			return 0;
	}
	return -1;
}

int
local_free_ports(int *ports, size_t count, struct err *err)
{
	int *fds = xcalloc(count, sizeof *fds), result = 0;
	size_t made = 0;

	/* All are held until the last is had, so that none comes twice. */
	while (made < count && result == 0) {
		fds[made] = -1;
		if (free_port(&fds[made], &ports[made]) != 0)
			result = err_errno(err, errno, "no free port on 127.0.0.1");
		made++;
	}
	for (size_t i = 0; i < made; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	free(fds);
	return result;
}

/* Field 22 of /proc/PID/stat: when the process began, in clock ticks since boot; 0 where it is gone
 * or a zombie. */
static uint64_t
start_time(pid_t pid)
{
	char path[64], *at, state;
	struct buf text = BUF_INIT(4096);
	uint64_t value = 0;
	int field = 2;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	if (fs_read(path, &text, NULL) != 0)
		goto out;
	at = strrchr(text.data, ')');
	state = at && at[1] ? at[2] : 'Z';
	while (at && field < 22 && (at = strchr(at + 1, ' ')))
		field++;
	if (at && state != 'Z')
		value = strtoull(at + 1, NULL, 10);
out:
	buf_release(&text);
	return value;
}

static char *
member_path(const char *workspace, const char *member, const char *suffix)
{
	return xasprintf("%s/members/%s%s", workspace, member, suffix);
}

/* The number of a running member, or 0. */
static pid_t
member_pid(const char *workspace, const char *member)
{
	char *path = member_path(workspace, member, ".pid"), *space;
	struct buf text = BUF_INIT(100);
	pid_t pid = 0;

	if (fs_read(path, &text, NULL) == 0 && (space = strchr(text.data, ' '))) {
		pid = (pid_t)strtol(text.data, NULL, 10);
		if (pid <= 0 || start_time(pid) == 0 || start_time(pid) != strtoull(space, NULL, 10))
			pid = 0;
	}
	buf_release(&text);
	free(path);
	return pid;
}

static int
note_pid(const char *workspace, const char *member, pid_t pid, struct err *err)
{
	char *path = member_path(workspace, member, ".pid"), text[64];
	int len = snprintf(text, sizeof text, "%d %" PRIu64 "\n", (int)pid, start_time(pid));
	int result = fs_write(path, text, (size_t)len, 0600, err);

	free(path);
	return result;
}

struct arguments {
	char *list[MAX_ARGS];
	size_t len;
};

static void
add(struct arguments *a, const char *flag, char *value)
{
	a->list[a->len++] = xstrdup(flag);
	if (value)
		a->list[a->len++] = value;
}

static char *
initial_cluster(const struct cluster *cluster)
{
	struct buf text = BUF_INIT(1 << 16);

	for (size_t i = 0; i < cluster->member_count; i++)
		buf_printf(&text, "%s%s=%s", i ? "," : "", cluster->members[i].name,
		    cluster->members[i].peer_urls[0]);
	return buf_steal(&text);
}

static void
member_arguments(struct arguments *a, const char *workspace, const struct cluster *cluster,
    size_t i)
{
	const struct member_spec *m = &cluster->members[i];

	add(a, "--name", xstrdup(m->name));
	add(a, "--data-dir", member_path(workspace, m->name, ""));
	add(a, "--listen-client-urls", xstrdup(m->client_urls[0]));
	add(a, "--advertise-client-urls", xstrdup(m->client_urls[0]));
	add(a, "--listen-peer-urls", xstrdup(m->peer_urls[0]));
	add(a, "--initial-advertise-peer-urls", xstrdup(m->peer_urls[0]));
	add(a, "--initial-cluster", initial_cluster(cluster));
	add(a, "--initial-cluster-token", xstrdup(cluster->token));
	add(a, "--initial-cluster-state", xstrdup("new"));
	add(a, "--client-cert-auth", NULL);
	add(a, "--trusted-ca-file", xasprintf("%s/pki/ca.pem", workspace));
	add(a, "--cert-file", xasprintf("%s/pki/%s.pem", workspace, m->name));
	add(a, "--key-file", xasprintf("%s/pki/%s-key.pem", workspace, m->name));
	add(a, "--peer-client-cert-auth", NULL);
	add(a, "--peer-trusted-ca-file", xasprintf("%s/pki/ca.pem", workspace));
	add(a, "--peer-cert-file", xasprintf("%s/pki/%s-peer.pem", workspace, m->name));
	add(a, "--peer-key-file", xasprintf("%s/pki/%s-peer-key.pem", workspace, m->name));
}

/* Own process group, default signals, output to the log: nothing that ends vetch or its terminal
 * reaches the member. */
static int
spawn_member(const char *etcd, char *const *argv, const char *log, pid_t *pid)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none, all;
	int result;

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&files, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0600);
	posix_spawn_file_actions_adddup2(&files, 1, 2);
	posix_spawn_file_actions_addclosefrom_np(&files, 3);
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawnattr_setflags(&attr,
	    POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
	result = posix_spawn(pid, etcd, &files, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	return result;
}

static int
start_member(const char *workspace, const struct cluster *cluster, size_t i, const char *etcd,
    struct err *err)
{
	const char *name = cluster->members[i].name;
	char *log = member_path(workspace, name, ".log"), *data = member_path(workspace, name, "");
	struct arguments a = { { xstrdup(etcd) }, 1 };
	int result = -1, failed;
	pid_t pid;

	member_arguments(&a, workspace, cluster, i);
	if (fs_mkdirs(data, 0700, err) == 0) {
		failed = spawn_member(etcd, a.list, log, &pid);
		if (failed)
			err_errno(err, failed, "cannot start %s", etcd);
		else
			result = note_pid(workspace, name, pid, err);
	}
	for (size_t k = 0; k < a.len; k++)
		free(a.list[k]);
	free(log);
	free(data);
	return result;
}

int
local_start(const char *workspace, const struct cluster *cluster, const char *etcd, struct err *err)
{
	for (size_t i = 0; i < cluster->member_count; i++)
		if (member_pid(workspace, cluster->members[i].name) == 0 &&
		    start_member(workspace, cluster, i, etcd, err) != 0)
			return -1;
	return 0;
}

/* A descriptor that becomes readable when the process is gone; -1 where it is gone already. */
static int
process_fd(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

static int
wait_gone(int fd, int ms)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };

	return poll(&wait, 1, ms);
}

static int
stop_one(pid_t pid, const char *name, struct err *err)
{
	int fd = process_fd(pid), gone = 1;

	if (fd < 0)
		return 0;
	kill(pid, SIGCONT);
	kill(pid, SIGTERM);
	if (wait_gone(fd, STOP_MS) == 0) {
		kill(pid, SIGKILL);
		gone = wait_gone(fd, STOP_MS);
	}
	close(fd);
	return gone > 0 ? 0 : err_set(err, ERR_FAILED, "%s (process %d) does not end", name, (int)pid);
}

int
local_stop(const char *workspace, const struct cluster *cluster, struct err *err)
{
	int result = 0;

	for (size_t i = 0; i < cluster->member_count; i++) {
		pid_t pid = member_pid(workspace, cluster->members[i].name);

		if (pid)
			kill(pid, SIGTERM);
	}
	for (size_t i = 0; i < cluster->member_count; i++) {
		const char *name = cluster->members[i].name;
		pid_t pid = member_pid(workspace, name);
		char *file = member_path(workspace, name, ".pid");

		if (pid && stop_one(pid, name, err) != 0)
			result = -1;
		else
			unlink(file);
		free(file);
	}
	return result;
}

size_t
local_running(const char *workspace, const struct cluster *cluster)
{
	size_t running = 0;

	for (size_t i = 0; i < cluster->member_count; i++)
		running += member_pid(workspace, cluster->members[i].name) != 0;
	return running;
}

char *
local_log_tail(const char *workspace, const char *member)
{
	char *path = member_path(workspace, member, ".log"), text[LOG_TAIL + 1];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = 0;

	if (fd >= 0) {
		if (lseek(fd, -LOG_TAIL, SEEK_END) < 0)
			lseek(fd, 0, SEEK_SET);
		n = read(fd, text, LOG_TAIL);
		close(fd);
	}
	text[n > 0 ? n : 0] = '\0';
	free(path);
	return xstrdup(text);
}
