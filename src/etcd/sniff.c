/* SPDX-License-Identifier: Apache-2.0 */
#include "etcd/sniff.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/connect.h"
#include "base/mem.h"

struct sniff {
	struct loop *loop;
	const struct etcd_address *address;
	struct connect *connect;
	struct loop_fd *watch;
	struct loop_timer *timer;
	struct tls *tls;	/* where TLS is tried, because the endpoint is written as plain */
	int fd;
	unsigned char got[16];
	size_t len;
	void (*done)(void *context, bool speaks);
	void *context;
};

void
sniff_cancel(struct sniff *sniff)
{
	if (!sniff)
		return;
	connect_cancel(sniff->connect);
	loop_fd_remove(sniff->watch);
	loop_timer_cancel(sniff->timer);
	tls_free(sniff->tls);
	if (sniff->fd >= 0)
		close(sniff->fd);
	free(sniff);
}

static void
end(struct sniff *sniff, bool speaks)
{
	void (*done)(void *, bool) = sniff->done;
	void *context = sniff->context;

	sniff_cancel(sniff);
	done(context, speaks);
}

static void
on_timeout(void *context)
{
	struct sniff *sniff = context;

	sniff->timer = NULL;
	end(sniff, false);
}

/* Whatever a server of TLS answers to a ClientHello is a record: even its refusal is an alert. */
static void
try_tls(struct sniff *sniff)
{
	enum tls_result result = tls_handshake(sniff->tls, NULL);

	if (tls_heard(sniff->tls) || result != TLS_AGAIN)
		end(sniff, tls_speaks(sniff->tls));
	else
		loop_fd_want(sniff->watch, tls_wants_write(sniff->tls) ? LOOP_WRITE : LOOP_READ);
}

/* An HTTP/2 server's first frame is SETTINGS, type 4 (RFC 9113, 3.4). */
static void
try_plain(struct sniff *sniff)
{
	ssize_t n = recv(sniff->fd, sniff->got + sniff->len, 9 - sniff->len, 0);

	if (n <= 0) {
		end(sniff, false);
		return;
	}
	sniff->len += (size_t)n;
	if (sniff->len == 9)
		end(sniff, sniff->got[3] == 4);
}

static void
on_ready(void *context, unsigned events)
{
	struct sniff *sniff = context;

	(void)events;
	if (sniff->tls)
		try_tls(sniff);
	else
		try_plain(sniff);
}

static void
on_connected(void *context, int fd)
{
	static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0";
	struct sniff *sniff = context;
	struct tls_files nothing = { .skip_verify = true };

	sniff->connect = NULL;
	sniff->fd = fd;
	sniff->watch = loop_fd_add(sniff->loop, fd, LOOP_READ, on_ready, sniff);
	if (sniff->address->tls) {
		if (send(fd, preface, sizeof preface - 1, MSG_NOSIGNAL) < 0)
			end(sniff, false);
	} else {
		struct tls_credentials *credentials = tls_credentials_new(&nothing, NULL);

		sniff->tls = tls_new(credentials, fd, sniff->address->host, sniff->address->authority);
		tls_credentials_unref(credentials);
		try_tls(sniff);
	}
}

static void
on_failed(void *context, const struct err *err)
{
	struct sniff *sniff = context;

	(void)err;
	sniff->connect = NULL;
	end(sniff, false);
}

struct sniff *
sniff_start(struct loop *loop, const struct etcd_address *address, int64_t ms,
    void (*done)(void *, bool), void *context)
{
	static const struct connect_handler handler = { on_connected, on_failed };
	struct connect_spec spec = { .authority = address->authority, .unix_path = address->unix_path,
		.timeout_ms = ms };
	struct sniff *sniff = xcalloc(1, sizeof *sniff);

	*sniff = (struct sniff){ .loop = loop, .address = address, .fd = -1, .done = done,
		.context = context };
	sniff->timer = loop_timer_add(loop, ms, on_timeout, sniff);
	sniff->connect = connect_start(loop, &spec, &handler, sniff);
	return sniff;
}
