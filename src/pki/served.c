/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/served.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "base/connect.h"
#include "base/mem.h"

struct served {
	struct loop *loop;
	char *authority;
	const struct served_handler *handler;
	void *context;
	struct connect *connect;
	int fd;
	struct loop_fd *watch;
	struct loop_timer *timer;
	gnutls_session_t session;
	gnutls_certificate_credentials_t credentials;
	struct cert chain[SERVED_CHAIN_MAX];
	size_t chain_len;
};

static void
served_free(struct served *served)
{
	connect_cancel(served->connect);
	loop_fd_remove(served->watch);
	loop_timer_cancel(served->timer);
	if (served->session)
		gnutls_deinit(served->session);
	if (served->credentials)
		gnutls_certificate_free_credentials(served->credentials);
	if (served->fd >= 0)
		close(served->fd);
	for (size_t i = 0; i < served->chain_len; i++)
		cert_release(&served->chain[i]);
	free(served->authority);
	free(served);
}

void
served_cancel(struct served *served)
{
	if (served)
		served_free(served);
}

static void
fail(struct served *served, const struct err *err)
{
	const struct served_handler *handler = served->handler;
	void *context = served->context;
	struct err copy = *err;

	served_free(served);
	handler->failed(context, &copy);
}

/* What the server shows is all that was wanted: the handshake ends here. */
static int
capture(gnutls_session_t session)
{
	struct served *served = gnutls_session_get_ptr(session);
	unsigned count = 0;
	const gnutls_datum_t *shown = gnutls_certificate_get_peers(session, &count);

	for (unsigned i = 0; shown && i < count && served->chain_len < SERVED_CHAIN_MAX; i++)
		if (cert_parse(&served->chain[served->chain_len], shown[i].data, shown[i].size,
			served->authority, NULL) == 0)
			served->chain_len++;
	return GNUTLS_E_CERTIFICATE_ERROR;
}

static void
succeed(struct served *served)
{
	const struct served_handler *handler = served->handler;
	void *context = served->context;
	struct cert chain[SERVED_CHAIN_MAX];
	size_t len = served->chain_len;

	memcpy(chain, served->chain, len * sizeof *chain);
	served->chain_len = 0;
	served_free(served);
	handler->done(context, chain, len);
}

static void
handshake(void *context, unsigned events)
{
	struct served *served = context;
	struct err err = { 0 };
	int code = gnutls_handshake(served->session);

	(void)events;
	if (served->chain_len) {
		succeed(served);
	} else if (code == GNUTLS_E_AGAIN || code == GNUTLS_E_INTERRUPTED) {
		loop_fd_want(served->watch,
		    gnutls_record_get_direction(served->session) ? LOOP_WRITE : LOOP_READ);
	} else {
		if (code == GNUTLS_E_UNEXPECTED_PACKET || code == GNUTLS_E_UNSUPPORTED_VERSION_PACKET ||
		    code == GNUTLS_E_UNEXPECTED_PACKET_LENGTH)
			err_set(&err, ERR_TLS, "%s does not speak TLS", served->authority);
		else
			err_set(&err, ERR_TLS, "%s showed no certificate: %s", served->authority,
			    code < 0 ? gnutls_strerror(code) : "the handshake had none");
		err_cure(&err, "See that the port is one that serves https.");
		fail(served, &err);
	}
}

static void
timed_out(void *context)
{
	struct served *served = context;
	struct err err = { 0 };

	served->timer = NULL;
	err_set(&err, ERR_TIMEOUT, "%s accepts the connection but says nothing", served->authority);
	fail(served, &err);
}

/* The name to ask for: a virtual host may have its own certificate. */
static void
set_name(struct served *served)
{
	const char *colon = strrchr(served->authority, ':');
	size_t len = colon ? (size_t)(colon - served->authority) : strlen(served->authority);
	char *host = xstrndup(served->authority, len);

	if (strspn(host, "0123456789.:[]abcdefABCDEF") != len)
		gnutls_server_name_set(served->session, GNUTLS_NAME_DNS, host, len);
	free(host);
}

static void
connected(void *context, int fd)
{
	static const gnutls_datum_t h2 = { (unsigned char *)(uintptr_t)"h2", 2 };
	struct served *served = context;

	served->connect = NULL;
	served->fd = fd;
	if (gnutls_init(&served->session, GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL) != 0 ||
	    gnutls_certificate_allocate_credentials(&served->credentials) != 0)
		abort();
	gnutls_set_default_priority(served->session);
	gnutls_credentials_set(served->session, GNUTLS_CRD_CERTIFICATE, served->credentials);
	gnutls_alpn_set_protocols(served->session, &h2, 1, 0);
	gnutls_session_set_ptr(served->session, served);
	gnutls_session_set_verify_function(served->session, capture);
	gnutls_transport_set_int(served->session, fd);
	set_name(served);
	served->watch = loop_fd_add(served->loop, fd, LOOP_WRITE, handshake, served);
}

static void
not_connected(void *context, const struct err *err)
{
	struct served *served = context;

	served->connect = NULL;
	fail(served, err);
}

struct served *
served_start(struct loop *loop, const char *authority, int64_t timeout_ms,
    const struct served_handler *handler, void *context)
{
	static const struct connect_handler connects = { connected, not_connected };
	struct served *served = xcalloc(1, sizeof *served);
	struct connect_spec spec = { .authority = authority, .timeout_ms = timeout_ms };

	served->loop = loop;
	served->authority = xstrdup(authority);
	served->handler = handler;
	served->context = context;
	served->fd = -1;
	served->timer = loop_timer_add(loop, timeout_ms * 2, timed_out, served);
	served->connect = connect_start(loop, &spec, &connects, served);
	return served;
}
