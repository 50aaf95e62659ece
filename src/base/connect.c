/* SPDX-License-Identifier: Apache-2.0 */
#include "base/connect.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"

/* Sent bytes that stay unanswered so long end the connection: a black hole is noticed. */
enum { UNANSWERED_MS = 2000 };

struct connect {
	struct loop *loop;
	CURL *easy;
	char *name;
	int64_t timeout_ms;
	int kept;	/* the last connected socket that libcurl wanted to close */
	struct connect_handler handler;
	void *context;
};

/* libcurl closes the winner when its handle leaves the multi handle, before the result is ours to
 * read; so a connected socket is kept here and the last one kept is the winner. */
static int
keep_socket(void *context, curl_socket_t fd)
{
	struct connect *connect = context;
	struct sockaddr_storage peer;
	socklen_t len = sizeof peer;

	if (getpeername(fd, (struct sockaddr *)&peer, &len) != 0)
		return close(fd);
	if (connect->kept >= 0)
		close(connect->kept);
	connect->kept = fd;
	return 0;
}

static int
tune_socket(void *context, curl_socket_t fd, curlsocktype purpose)
{
	int on = 1;
	unsigned unanswered = UNANSWERED_MS;

	(void)context;
	(void)purpose;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unanswered, sizeof unanswered);
	return CURL_SOCKOPT_OK;
}

static void
explain(struct err *err, const struct connect *connect, CURLcode result, long number)
{
	const char *name = connect->name;

	if (result == CURLE_OPERATION_TIMEDOUT) {
		err_set(err, ERR_TIMEOUT, "%s does not answer within %.3g s", name,
		    (double)connect->timeout_ms / 1000);
		err_cure(err, "See that the host is up and that no firewall drops the port.");
	} else if (result == CURLE_COULDNT_RESOLVE_HOST) {
		err_set(err, ERR_CONNECT, "%s: the host name does not resolve", name);
		err_cure(err, "Correct the name in --endpoints, or add it to DNS or /etc/hosts.");
	} else if (number == ECONNREFUSED) {
		err_set(err, ERR_CONNECT, "%s refuses the connection: nothing listens there", name);
		err_cure(err, "Start etcd on that host, or correct the port in --endpoints.");
	} else if (number) {
		err_set(err, ERR_CONNECT, "%s cannot be reached: %s", name, strerror((int)number));
		err_cure(err, "See that the host is up and that this machine has a route to it.");
	} else {
		err_set(err, ERR_CONNECT, "%s cannot be reached: %s", name, curl_easy_strerror(result));
		err_cure(err, "Correct the address in --endpoints or the proxy in HTTPS_PROXY.");
	}
}

/* Where a libcurl leaves the connection open at that point, a copy of its socket serves as well. */
static int
take_socket(struct connect *connect)
{
	curl_socket_t active = CURL_SOCKET_BAD;
	int fd = connect->kept;

	connect->kept = -1;
	if (fd < 0 && curl_easy_getinfo(connect->easy, CURLINFO_ACTIVESOCKET, &active) == CURLE_OK &&
	    active != CURL_SOCKET_BAD)
		fd = fcntl(active, F_DUPFD_CLOEXEC, 0);
	return fd;
}

static void
connect_free(struct connect *connect)
{
	curl_easy_cleanup(connect->easy);
	if (connect->kept >= 0)
		close(connect->kept);
	free(connect->name);
	free(connect);
}

static void
on_done(void *context, CURLcode result)
{
	struct connect *connect = context;
	long number = 0;
	struct err err;
	int fd = result == CURLE_OK ? take_socket(connect) : -1;

	curl_easy_getinfo(connect->easy, CURLINFO_OS_ERRNO, &number);
	if (fd < 0) {
		explain(&err, connect, result, number);
		connect->handler.failed(connect->context, &err);
		connect_free(connect);
		return;
	}
	connect->handler.done(connect->context, fd);
	connect_free(connect);
}

static bool
is_loopback(const char *authority)
{
	return strncmp(authority, "127.", 4) == 0 || strncmp(authority, "localhost:", 10) == 0 ||
	    strncmp(authority, "[::1]:", 6) == 0;
}

static const char *
proxy_of(const struct connect_spec *spec)
{
	const char *proxy = getenv("HTTPS_PROXY");

	if (spec->unix_path || is_loopback(spec->authority))
		return "";
	if (!proxy)
		proxy = getenv("https_proxy");
	return proxy ? proxy : "";
}

static void
set_target(CURL *easy, const struct connect_spec *spec)
{
	char *url = xasprintf("http://%s", spec->unix_path ? "localhost" : spec->authority);
	const char *proxy = proxy_of(spec);

	curl_easy_setopt(easy, CURLOPT_URL, url);
	if (spec->unix_path)
		curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, spec->unix_path);
	curl_easy_setopt(easy, CURLOPT_PROXY, proxy);
	if (*proxy)
		curl_easy_setopt(easy, CURLOPT_HTTPPROXYTUNNEL, 1L);
	free(url);
}

struct connect *
connect_start(struct loop *loop, const struct connect_spec *spec,
    const struct connect_handler *handler, void *context)
{
	struct connect *connect = xcalloc(1, sizeof *connect);
	CURL *easy = curl_easy_init();

	if (!easy)
		abort();
	*connect = (struct connect){ .loop = loop, .easy = easy, .timeout_ms = spec->timeout_ms,
		.name = xstrdup(spec->unix_path ? spec->unix_path : spec->authority), .kept = -1,
		.handler = *handler, .context = context };
	set_target(easy, spec);
	curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
	curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)spec->timeout_ms);
	curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, tune_socket);
	curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, keep_socket);
	curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, connect);
	loop_easy_add(loop, easy, on_done, connect);
	return connect;
}

void
connect_cancel(struct connect *connect)
{
	if (!connect)
		return;
	loop_easy_remove(connect->loop, connect->easy);
	connect_free(connect);
}
