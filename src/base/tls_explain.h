/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_TLS_EXPLAIN_H
#define BASE_TLS_EXPLAIN_H

#include <stdbool.h>

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "base/err.h"

/* Turns what GnuTLS reports into thing, cause and cure. */

struct tls_facts {
	gnutls_session_t session;
	const char *name;		/* the peer, for the text */
	const char *host;		/* what the certificate must name */
	const char *cacert;		/* path or NULL */
	const char *cert;		/* our own, path or NULL */
	gnutls_x509_crt_t own;		/* or NULL */
	const char *accepts;		/* names of the CAs the server takes, or "" */
	bool issuer_unknown;		/* the one that signed our own is not among them */
};

/* A verification status of the peer's certificate (gnutls_certificate_status_t). */
int tls_explain_status(struct err *err, const struct tls_facts *facts, unsigned status);
/* The certificate has no subject alternative name at all. */
int tls_explain_no_san(struct err *err, const struct tls_facts *facts);
/* An alert from the peer. */
int tls_explain_alert(struct err *err, const struct tls_facts *facts,
    gnutls_alert_description_t alert);

/* True where `host` is an IP address; its 4 or 16 bytes go to `ip`. */
bool tls_ip_of(const char *host, unsigned char ip[16], size_t *len);

#endif
