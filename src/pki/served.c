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
	char *authority, *cert, *key;
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
	free(served->cert);
	free(served->key);
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

/* What the server shows is all that was wanted: without a certificate of one's own the handshake
 * ends here. */
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
	return served->cert && served->chain_len ? 0 : GNUTLS_E_CERTIFICATE_ERROR;
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
	if (served->cert)
		gnutls_bye(served->session, GNUTLS_SHUT_WR);
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
	if (served->chain_len && (!served->cert || code == 0 || gnutls_error_is_fatal(code))) {
		succeed(served);
	} else if (code < 0 && !gnutls_error_is_fatal(code)) {
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
	if (served->chain_len) {
		succeed(served);
		return;
	}
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
	/* Files that cannot be read are the connection's own fault, told where it is made. */
	if (served->cert)
		gnutls_certificate_set_x509_key_file(served->credentials, served->cert, served->key,
		    GNUTLS_X509_FMT_PEM);
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
served_start(struct loop *loop, const struct served_spec *spec,
    const struct served_handler *handler, void *context)
{
	static const struct connect_handler connects = { connected, not_connected };
	struct served *served = xcalloc(1, sizeof *served);
	struct connect_spec to = { .authority = spec->authority, .timeout_ms = spec->timeout_ms };

	served->loop = loop;
	served->authority = xstrdup(spec->authority);
	if (spec->cert && spec->key) {
		served->cert = xstrdup(spec->cert);
		served->key = xstrdup(spec->key);
	}
	served->handler = handler;
	served->context = context;
	served->fd = -1;
	served->timer = loop_timer_add(loop, spec->timeout_ms * 2, timed_out, served);
	served->connect = connect_start(loop, &to, &connects, served);
	return served;
}
