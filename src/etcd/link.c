/* SPDX-License-Identifier: Apache-2.0 */
#include "etcd/link.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/connect.h"
#include "base/mem.h"
#include "etcd/probe.h"
#include "etcd/sniff.h"

enum {
	READ_SIZE = 32 << 10,
	READ_BUDGET = 512 << 10,	/* in one turn of the loop: some 1.5 ms */
	SEND_SIZE = 64 << 10,
	SNIFF_MS = 500,
};

enum link_state { CONNECTING, HANDSHAKE, SETTLING, READY, SNIFFING, FAILED };

struct link {
	struct loop *loop;
	struct link_spec spec;
	const struct link_handler *handler;
	void *context;
	enum link_state state;
	struct connect *connect;
	struct sniff *sniff;
	struct loop_timer *dial;
	struct loop_fd *watch;
	struct loop_hook *hook;
	int fd;
	struct tls *tls;
	struct h2 *h2;
	struct probe *probe;
	struct buf out;
	size_t out_at;
	bool heard, blocked, more;	/* blocked: the socket takes no more; more: read on next turn */
	bool told_leaving, dead;
	int busy;			/* callbacks under way: nothing is freed meanwhile */
	struct err why;
};

static void
link_destroy(struct link *link)
{
	connect_cancel(link->connect);
	sniff_cancel(link->sniff);
	probe_free(link->probe);
	loop_timer_cancel(link->dial);
	loop_fd_remove(link->watch);
	loop_hook_remove(link->hook);
	h2_free(link->h2);
	tls_free(link->tls);
	if (link->fd >= 0)
		close(link->fd);
	buf_release_secret(&link->out);
	free(link);
}

static void
enter(struct link *link)
{
	link->busy++;
}

static void
leave(struct link *link)
{
	if (--link->busy > 0)
		return;
	if (link->dead)
		link_destroy(link);
	else if (link->h2)
		h2_sweep(link->h2);
}

void
link_free(struct link *link)
{
	if (!link || link->dead)
		return;
	link->dead = true;
	if (!link->busy)
		link_destroy(link);
}

bool
link_usable(const struct link *link)
{
	return link && link->state == READY && !link->dead && !h2_leaving(link->h2);
}

bool
link_idle(const struct link *link)
{
	return !link->h2 || h2_open_streams(link->h2) == 0;
}

const struct err *
link_why(const struct link *link)
{
	return &link->why;
}

/* Tells the owner, then ends every stream. The link itself lives until the owner frees it. */
static void
link_fail(struct link *link, const struct err *err)
{
	if (link->state == FAILED || link->dead)
		return;
	link->state = FAILED;
	link->why = *err;
	loop_fd_remove(link->watch);
	link->watch = NULL;
	loop_timer_cancel(link->dial);
	link->dial = NULL;
	probe_stop(link->probe);
	enter(link);
	link->handler->failed(link->context, &link->why);
	if (link->h2 && !link->dead) {
		h2_fail(link->h2);
		h2_dispatch(link->h2, &link->dead);
	}
	leave(link);
}

static void
on_sniffed(void *context, bool speaks)
{
	struct link *link = context;
	const char *name = link->spec.address->authority;
	struct err why;

	link->sniff = NULL;
	if (speaks && link->spec.address->tls) {
		err_set(&link->why, ERR_TLS, "%s serves plain HTTP, not TLS", name);
		err_cure(&link->why, "Write http://%.80s in --endpoints, or give etcd its certificates.", name);
	} else if (speaks) {
		err_set(&link->why, ERR_TLS, "%s serves TLS, not plain HTTP", name);
		err_cure(&link->why, "Write https://%.80s in --endpoints and give --cacert, --cert and --key.",
		    name);
	}
	why = link->why;
	link_fail(link, &why);
}

/* Something hung up before it said a word: the other protocol is tried once. */
static void
fail_early(struct link *link, const struct err *err)
{
	link->state = SNIFFING;
	link->why = *err;
	loop_fd_remove(link->watch);
	link->watch = NULL;
	loop_timer_cancel(link->dial);
	link->dial = NULL;
	link->sniff = sniff_start(link->loop, link->spec.address, SNIFF_MS, on_sniffed, link);
}

static void
say_no_http2(const struct link *link, struct err *err)
{
	err_set(err, ERR_CONNECT, "%s does not speak HTTP/2, so it is not etcd's client port",
	    link->spec.address->authority);
	err_cure(err, "Correct the port in --endpoints: etcd's clients go to 2379.");
}

static void
fail_closed(struct link *link)
{
	struct err err;

	err_set(&err, ERR_CONNECT, "%s closed the connection%s", link->spec.address->authority,
	    link->state == READY ? "" : " without a word");
	err_cure(&err, link->state == READY ? "See that etcd runs there and read its log."
	    : "See that this is etcd's client port (2379) and read its log.");
	if (link->state == SETTLING && link->heard)
		say_no_http2(link, &err);
	if (link->state != READY && !link->heard && !(link->tls && tls_heard(link->tls)))
		fail_early(link, &err);
	else
		link_fail(link, &err);
}

/* As read and write: -1 again, -2 failed with err, 0 at the end. */
static ssize_t
raw_recv(struct link *link, void *data, size_t len, struct err *err)
{
	ssize_t n;

	if (link->tls)
		return tls_recv(link->tls, data, len, err);
	n = recv(link->fd, data, len, 0);
	if (n >= 0)
		return n;
	if (errno == EAGAIN || errno == EINTR)
		return -1;
	if (errno == ECONNRESET)
		return 0;
	err_errno(err, errno, "the connection to %s broke", link->spec.address->authority);
	err->code = ERR_CONNECT;
	err_cure(err, "See that the host is up and that the line to it holds.");
	return -2;
}

static ssize_t
raw_send(struct link *link, const void *data, size_t len, struct err *err)
{
	ssize_t n;

	if (link->tls)
		return tls_send(link->tls, data, len, err);
	n = send(link->fd, data, len, MSG_NOSIGNAL);
	if (n >= 0)
		return n;
	/* A broken pipe is left to the reader, who may find the reason before the end. */
	return errno == EAGAIN || errno == EINTR || errno == EPIPE || errno == ECONNRESET ? -1
	    : err_errno(err, errno, "sending to %s failed", link->spec.address->authority) - 1;
}

/* 0: nothing left or the socket is full; -1 with err. */
static int
send_out(struct link *link, struct err *err)
{
	while (link->out_at < link->out.len) {
		ssize_t n = raw_send(link, link->out.data + link->out_at, link->out.len - link->out_at, err);

		if (n == -2)
			return -1;
		link->blocked = n == -1;
		if (link->blocked)
			return 0;
		link->out_at += (size_t)n;
	}
	if (link->out.len) /* it may have been a login */
		explicit_bzero(link->out.data, link->out.len);
	buf_reset(&link->out);
	link->out_at = 0;
	return 0;
}

static void
flush(struct link *link)
{
	const uint8_t *data;
	struct err err;
	size_t len;

	do {
		if (send_out(link, &err) < 0) {
			link_fail(link, &err);
			return;
		}
		if (link->blocked)
			break;
		while (link->out.len < SEND_SIZE && (len = h2_output(link->h2, &data)))
			buf_add(&link->out, data, len);
	} while (link->out.len);
	loop_fd_want(link->watch, LOOP_READ | (link->blocked ? LOOP_WRITE : 0));
}

static bool
receive(struct link *link, const uint8_t *data, size_t len)
{
	struct err err;

	link->heard = true;
	probe_heard(link->probe);
	if (h2_receive(link->h2, data, len, &err) == 0)
		return true;
	err_prefix(&err, "%s", link->spec.address->authority);
	err_cure(&err, "See that this is etcd's client port (2379), not its peer port.");
	if (link->state == SETTLING)
		say_no_http2(link, &err);
	if (link->state == SETTLING && !link->tls)
		fail_early(link, &err);
	else
		link_fail(link, &err);
	return false;
}

static void
settle(struct link *link)
{
	if (link->state == SETTLING && h2_settled(link->h2)) {
		link->state = READY;
		loop_timer_cancel(link->dial);
		link->dial = NULL;
		link->handler->ready(link->context);
	}
	if (!link->dead && link->state == READY && h2_leaving(link->h2) && !link->told_leaving) {
		link->told_leaving = true;
		link->handler->leaving(link->context);
	}
}

static void
read_in(struct link *link)
{
	uint8_t data[READ_SIZE];
	struct err err;
	size_t total = 0;

	link->more = false;
	while (total < READ_BUDGET) {
		ssize_t n = raw_recv(link, data, sizeof data, &err);

		if (n == -1)
			break;
		if (n == 0) {
			h2_dispatch(link->h2, &link->dead);
			if (!link->dead)
				fail_closed(link);
			return;
		}
		if (n == -2) {
			link_fail(link, &err);
			return;
		}
		if (!receive(link, data, (size_t)n))
			return;
		total += (size_t)n;
	}
	if (total >= READ_BUDGET) {
		link->more = true;
		loop_hurry(link->loop);
	}
	h2_dispatch(link->h2, &link->dead);
	if (!link->dead)
		settle(link);
}

static void
begin_h2(struct link *link)
{
	link->state = SETTLING;
	link->h2 = h2_new();
	link->probe = probe_new(link->loop, link);
	flush(link);
}

static void
handshake(struct link *link)
{
	struct err err;
	enum tls_result result = tls_handshake(link->tls, &err);

	if (result == TLS_AGAIN) {
		loop_fd_want(link->watch, tls_wants_write(link->tls) ? LOOP_WRITE : LOOP_READ);
	} else if (result == TLS_OK && !tls_is_h2(link->tls)) {
		err_set(&err, ERR_TLS, "%s speaks TLS but not HTTP/2", link->spec.address->authority);
		err_cure(&err, "Correct the port in --endpoints: etcd's clients go to 2379.");
		link_fail(link, &err);
	} else if (result == TLS_OK) {
		begin_h2(link);
	} else if (!tls_heard(link->tls)) {
		fail_early(link, &err);
	} else {
		link_fail(link, &err);
	}
}

static void
on_ready(void *context, unsigned events)
{
	struct link *link = context;

	enter(link);
	if (link->state == HANDSHAKE) {
		handshake(link);
	} else if (link->h2) {
		if (events & LOOP_WRITE)
			link->blocked = false;
		read_in(link);
	}
	leave(link);
}

/* Before every wait: read on where poll cannot see, and send what calls have queued. */
static void
on_before_wait(void *context)
{
	struct link *link = context;

	if (!link->h2 || link->state == FAILED || link->state == SNIFFING)
		return;
	enter(link);
	if (link->more)
		read_in(link);
	/* A stream that was resumed has its bytes here already. */
	h2_dispatch(link->h2, &link->dead);
	if (!link->dead && link->watch && !link->blocked && h2_wants_output(link->h2))
		flush(link);
	/* What GOAWAY kept from leaving is told in the next turn. */
	if (!link->dead && h2_has_news(link->h2))
		loop_hurry(link->loop);
	leave(link);
}

static void
on_dial_timeout(void *context)
{
	struct link *link = context;
	struct err err;

	link->dial = NULL;
	err_set(&err, ERR_TIMEOUT, "%s takes the connection and then says nothing for %.3g s",
	    link->spec.address->authority, (double)link->spec.dial_ms / 1000);
	err_cure(&err, "See whether etcd hangs there (its log, its disk), or whether it is etcd at all.");
	enter(link);
	link_fail(link, &err);
	leave(link);
}

static void
on_connected(void *context, int fd)
{
	struct link *link = context;

	link->connect = NULL;
	link->fd = fd;
	link->watch = loop_fd_add(link->loop, fd, LOOP_READ, on_ready, link);
	enter(link);
	if (link->spec.address->tls) {
		link->state = HANDSHAKE;
		link->tls = tls_new(link->spec.credentials, fd, link->spec.address->host,
		    link->spec.address->authority);
		handshake(link);
	} else {
		begin_h2(link);
	}
	leave(link);
}

static void
on_connect_failed(void *context, const struct err *err)
{
	struct link *link = context;

	link->connect = NULL;
	enter(link);
	link_fail(link, err);
	leave(link);
}

struct link *
link_start(struct loop *loop, const struct link_spec *spec, const struct link_handler *handler,
    void *context)
{
	static const struct connect_handler connected = { on_connected, on_connect_failed };
	struct connect_spec where = { .authority = spec->address->authority,
		.unix_path = spec->address->unix_path, .timeout_ms = spec->dial_ms };
	struct link *link = xcalloc(1, sizeof *link);

	*link = (struct link){ .loop = loop, .spec = *spec, .handler = handler, .context = context,
		.fd = -1, .out = BUF_INIT(1 << 20) };
	buf_reserve(&link->out, 4 * SEND_SIZE); /* it never moves, and so leaves no copies */
	link->dial = loop_timer_add(loop, spec->dial_ms + 50, on_dial_timeout, link);
	link->hook = loop_before_wait(loop, on_before_wait, link);
	link->connect = connect_start(loop, &where, &connected, link);
	return link;
}

struct grpc_stream *
link_open(struct link *link, struct grpc_target *target, const struct grpc_handler *handler,
    void *context)
{
	struct grpc_stream *stream;

	if (!link_usable(link))
		return NULL;
	target->scheme = link->spec.address->tls ? "https" : "http";
	target->authority = link->spec.address->authority;
	stream = grpc_open(link->h2, target, handler, context);
	if (stream)
		probe_start(link->probe);
	return stream;
}

void
link_frozen(struct link *link, int64_t silent_ms)
{
	struct err err;

	err_set(&err, ERR_TIMEOUT, "%s has not answered for %.2g s: frozen, or the line is cut",
	    link->spec.address->authority, (double)silent_ms / 1000);
	err_cure(&err, "See that the host is up and that etcd runs there and is not stopped.");
	enter(link);
	link_fail(link, &err);
	leave(link);
}
