/* SPDX-License-Identifier: Apache-2.0 */
#include "base/tls_explain.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"

enum { NAMES_SHOWN = 4, NAME_MAX_LEN = 64 };

bool
tls_ip_of(const char *host, unsigned char ip[16], size_t *len)
{
	if (inet_pton(AF_INET, host, ip) == 1)
		*len = 4;
	else if (inet_pton(AF_INET6, host, ip) == 1)
		*len = 16;
	else
		return false;
	return true;
}

static gnutls_x509_crt_t
peer_leaf(gnutls_session_t session)
{
	unsigned count = 0;
	const gnutls_datum_t *chain = gnutls_certificate_get_peers(session, &count);
	gnutls_x509_crt_t leaf;

	if (!chain || !count || gnutls_x509_crt_init(&leaf) < 0)
		return NULL;
	if (gnutls_x509_crt_import(leaf, &chain[0], GNUTLS_X509_FMT_DER) == 0)
		return leaf;
	gnutls_x509_crt_deinit(leaf);
	return NULL;
}

static void
add_san(struct buf *out, unsigned type, const unsigned char *name, size_t len)
{
	char ip[INET6_ADDRSTRLEN] = "";

	if (type == GNUTLS_SAN_IPADDRESS && (len == 4 || len == 16))
		buf_add_str(out, inet_ntop(len == 4 ? AF_INET : AF_INET6, name, ip, sizeof ip));
	else
		text_escape(out, (const char *)name, len < NAME_MAX_LEN ? len : NAME_MAX_LEN);
}

/* "etcd1, 10.0.0.1 and 3 more"; `as_dns` is set where `host` stands there as a DNS name. */
static void
list_sans(struct buf *out, gnutls_x509_crt_t leaf, const char *host, bool *as_dns)
{
	unsigned char name[512];
	unsigned type;
	int i;

	for (i = 0; i < 1000; i++) {
		size_t len = sizeof name - 1;
		int rc = gnutls_x509_crt_get_subject_alt_name2(leaf, (unsigned)i, name, &len, &type, NULL);

		if (rc == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
			break;
		if (rc < 0 || len >= sizeof name)
			continue;
		name[len] = 0;
		if (type == GNUTLS_SAN_DNSNAME && strcmp((char *)name, host) == 0)
			*as_dns = true;
		if (i < NAMES_SHOWN) {
			buf_add_str(out, i ? ", " : "");
			add_san(out, type, name, len);
		}
	}
	if (i > NAMES_SHOWN)
		buf_printf(out, " and %d more", i - NAMES_SHOWN);
}

static void
common_name(gnutls_x509_crt_t crt, bool of_issuer, struct buf *out)
{
	char text[256];
	size_t len = sizeof text;
	int rc = of_issuer
	    ? gnutls_x509_crt_get_issuer_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, 0, text, &len)
	    : gnutls_x509_crt_get_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, 0, text, &len);

	if (rc == 0)
		text_escape(out, text, len < NAME_MAX_LEN ? len : NAME_MAX_LEN);
	if (!out->len)
		buf_add_str(out, "no name");
}

/* A server may write into its certificate what it likes; a cure is pasted into a shell. */
static bool
is_plain_word(const char *text)
{
	return *text && *text != '-' && text[strspn(text, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,:_@%+-")] == '\0';
}

/* The cure of a server certificate: issued anew with the names it has, and `more` (may be NULL). */
static int
cure_reissue(struct err *err, const char *before, gnutls_x509_crt_t leaf, const char *more)
{
	struct buf who = BUF_INIT(100), hosts = BUF_INIT(90);
	unsigned char name[256];
	unsigned type;

	common_name(leaf, false, &who);
	for (unsigned i = 0; i < NAMES_SHOWN; i++) {
		size_t len = sizeof name - 1;

		if (gnutls_x509_crt_get_subject_alt_name2(leaf, i, name, &len, &type, NULL) < 0)
			break;
		name[len] = 0;
		if (more && strcmp((char *)name, more) == 0)
			continue;
		buf_add_str(&hosts, hosts.len ? "," : "");
		add_san(&hosts, type, name, len);
	}
	if (more)
		buf_printf(&hosts, "%s%s", hosts.len ? "," : "", more);
	if (!is_plain_word(buf_str(&who))) {
		buf_reset(&who);
		buf_add_str(&who, "NAME");
	}
	if (hosts.full || !is_plain_word(buf_str(&hosts)))
		err_cure(err, "%s: vetch cert issue %.40s --profile server --hosts %.60s,…", before,
		    buf_str(&who), more && is_plain_word(more) ? more : "NAME");
	else
		err_cure(err, "%s: vetch cert issue %.40s --profile server --hosts %s", before,
		    buf_str(&who), buf_str(&hosts));
	buf_release(&who);
	buf_release(&hosts);
	return -1;
}

static int
say_name(struct err *err, const struct tls_facts *facts, gnutls_x509_crt_t leaf)
{
	struct buf sans = BUF_INIT(300);
	unsigned char ip[16];
	size_t len;
	bool as_dns = false, is_ip = tls_ip_of(facts->host, ip, &len);

	list_sans(&sans, leaf, facts->host, &as_dns);
	if (is_ip && as_dns)
		err_set(err, ERR_TLS, "%s serves a certificate with %s in its SAN as a DNS name, "
		    "not as an IP address", facts->name, facts->host);
	else
		err_set(err, ERR_TLS, "%s serves a certificate without %s in its SAN (it has: %s)",
		    facts->name, facts->host, sans.len ? buf_str(&sans) : "none");
	buf_release(&sans);
	return cure_reissue(err, "Reissue it", leaf, facts->host);
}

static int
say_time(struct err *err, const struct tls_facts *facts, gnutls_x509_crt_t leaf, bool expired)
{
	char when[CLOCK_RFC3339_SIZE];

	if (expired)
		err_set(err, ERR_TLS, "%s serves a certificate that expired on %s UTC", facts->name,
		    clock_minute(gnutls_x509_crt_get_expiration_time(leaf), when));
	else
		err_set(err, ERR_TLS, "%s serves a certificate that is not valid before %s UTC",
		    facts->name, clock_minute(gnutls_x509_crt_get_activation_time(leaf), when));
	return cure_reissue(err, expired ? "Reissue it" : "Set this machine's clock, or reissue it",
	    leaf, NULL);
}

static int
say_issuer(struct err *err, const struct tls_facts *facts, gnutls_x509_crt_t leaf)
{
	struct buf issuer = BUF_INIT(100);

	common_name(leaf, true, &issuer);
	if (facts->cacert)
		err_set(err, ERR_TLS, "%s serves a certificate signed by \"%s\", not by a CA in %s",
		    facts->name, buf_str(&issuer), facts->cacert);
	else
		err_set(err, ERR_TLS, "%s serves a certificate signed by \"%s\", which this system does "
		    "not trust", facts->name, buf_str(&issuer));
	err_cure(err, "Name the CA that signed it: --cacert FILE (vetch cert check %.60s shows it)",
	    facts->name);
	buf_release(&issuer);
	return -1;
}

static int
say_usage(struct err *err, const struct tls_facts *facts)
{
	err_set(err, ERR_TLS, "%s serves a certificate whose usages lack \"server auth\"", facts->name);
	return err_cure(err, "Reissue it with the profile server: vetch cert issue NAME --profile server");
}

int
tls_explain_no_san(struct err *err, const struct tls_facts *facts)
{
	gnutls_x509_crt_t leaf = peer_leaf(facts->session);
	struct buf who = BUF_INIT(100);

	if (leaf)
		common_name(leaf, false, &who);
	err_set(err, ERR_TLS, "%s serves a certificate that names %s only as CN, without a SAN; etcd's "
	    "own clients refuse it", facts->name, facts->host);
	err_cure(err, "Reissue it: vetch cert issue %.40s --profile server --hosts %.80s", buf_str(&who),
	    facts->host);
	buf_release(&who);
	if (leaf)
		gnutls_x509_crt_deinit(leaf);
	return -1;
}

/* The statuses add up; the one said is the one whose cure must come first. */
int
tls_explain_status(struct err *err, const struct tls_facts *facts, unsigned status)
{
	gnutls_x509_crt_t leaf = peer_leaf(facts->session);
	gnutls_datum_t text = { NULL, 0 };
	int rc = -1;

	if (!leaf) {
		err_set(err, ERR_TLS, "%s serves no readable certificate", facts->name);
		return err_cure(err, "See what it serves: vetch cert check %.80s", facts->name);
	}
	if (status & (GNUTLS_CERT_SIGNER_NOT_FOUND | GNUTLS_CERT_SIGNER_NOT_CA |
	    GNUTLS_CERT_SIGNATURE_FAILURE))
		say_issuer(err, facts, leaf);
	else if (status & GNUTLS_CERT_EXPIRED)
		say_time(err, facts, leaf, true);
	else if (status & GNUTLS_CERT_NOT_ACTIVATED)
		say_time(err, facts, leaf, false);
	else if (status & GNUTLS_CERT_PURPOSE_MISMATCH)
		say_usage(err, facts);
	else if (status & GNUTLS_CERT_UNEXPECTED_OWNER)
		say_name(err, facts, leaf);
	else {
		gnutls_certificate_verification_status_print(status, GNUTLS_CRT_X509, &text, 0);
		err_set(err, ERR_TLS, "%s serves a certificate that does not hold: %.200s", facts->name,
		    text.data ? (char *)text.data : "unknown reason");
		err_cure(err, "See what it serves: vetch cert check %.80s", facts->name);
		gnutls_free(text.data);
	}
	gnutls_x509_crt_deinit(leaf);
	return rc;
}

static bool
own_lacks_client_auth(gnutls_x509_crt_t own)
{
	char oid[128];
	bool any = false;

	for (unsigned i = 0; i < 64; i++) {
		size_t len = sizeof oid;

		if (gnutls_x509_crt_get_key_purpose_oid(own, i, oid, &len, NULL) < 0)
			break;
		any = true;
		if (strcmp(oid, GNUTLS_KP_TLS_WWW_CLIENT) == 0 || strcmp(oid, GNUTLS_KP_ANY) == 0)
			return false;
	}
	return any;
}

static int
say_no_client(struct err *err, const struct tls_facts *facts)
{
	err_set(err, ERR_TLS, "%s wants a client certificate and none was given", facts->name);
	return err_cure(err,
	    "Give --cert and --key; vetch cert issue client --profile client makes them.");
}

static int
say_own_expired(struct err *err, const struct tls_facts *facts)
{
	char when[CLOCK_RFC3339_SIZE];

	err_set(err, ERR_TLS, "%s refuses the client certificate %s: it expired on %s UTC", facts->name,
	    facts->cert, clock_minute(gnutls_x509_crt_get_expiration_time(facts->own), when));
	return err_cure(err, "Issue a new one: vetch cert issue client --profile client");
}

static int
say_own_issuer(struct err *err, const struct tls_facts *facts)
{
	struct buf issuer = BUF_INIT(100);

	common_name(facts->own, true, &issuer);
	err_set(err, ERR_TLS, "%s refuses the client certificate %s: it was signed by \"%s\", "
	    "which is not a CA that the server takes%s%s", facts->name, facts->cert, buf_str(&issuer),
	    *facts->accepts ? ": it takes " : "", facts->accepts);
	buf_release(&issuer);
	return err_cure(err, "Give a certificate of the server's client CA with --cert and --key.");
}

static int
say_own_refused(struct err *err, const struct tls_facts *facts, gnutls_alert_description_t alert)
{
	if (gnutls_x509_crt_get_expiration_time(facts->own) < clock_wall_ms() / 1000)
		return say_own_expired(err, facts);
	if (alert == GNUTLS_A_UNKNOWN_CA)
		return say_own_issuer(err, facts);
	if (own_lacks_client_auth(facts->own)) {
		err_set(err, ERR_TLS, "%s refuses the client certificate %s: its usages lack \"client auth\"",
		    facts->name, facts->cert);
		return err_cure(err, "Issue one for it: vetch cert issue client --profile client");
	}
	if (facts->issuer_unknown) /* servers by an older Go say only "bad certificate" of it */
		return say_own_issuer(err, facts);
	err_set(err, ERR_TLS, "%s refuses the client certificate %s (TLS alert %d, %s)", facts->name,
	    facts->cert, (int)alert, gnutls_alert_get_name(alert));
	return err_cure(err, "See what is wrong with it: vetch cert check %.80s --for client",
	    facts->cert);
}

int
tls_explain_alert(struct err *err, const struct tls_facts *facts, gnutls_alert_description_t alert)
{
	bool asked = gnutls_certificate_client_get_request_status(facts->session) != 0;

	switch ((int)alert) {
	case GNUTLS_A_CERTIFICATE_REQUIRED:
	case GNUTLS_A_HANDSHAKE_FAILURE:
	case GNUTLS_A_BAD_CERTIFICATE:
	case GNUTLS_A_UNSUPPORTED_CERTIFICATE:
	case GNUTLS_A_CERTIFICATE_REVOKED:
	case GNUTLS_A_CERTIFICATE_EXPIRED:
	case GNUTLS_A_CERTIFICATE_UNKNOWN:
	case GNUTLS_A_UNKNOWN_CA:
	case GNUTLS_A_ACCESS_DENIED:
		if (asked || alert == GNUTLS_A_CERTIFICATE_REQUIRED)
			return facts->own ? say_own_refused(err, facts, alert) : say_no_client(err, facts);
		break;
	case GNUTLS_A_PROTOCOL_VERSION:
		err_set(err, ERR_TLS, "%s and vetch have no TLS version in common (vetch: 1.2 and 1.3)",
		    facts->name);
		return err_cure(err, "Let the server speak TLS 1.2 or 1.3 (etcd: --tls-min-version).");
	default:
		break;
	}
	err_set(err, ERR_TLS, "%s ended the TLS handshake: alert %d, %s", facts->name, (int)alert,
	    gnutls_alert_get_name(alert) ? gnutls_alert_get_name(alert) : "unknown");
	return err_cure(err, "See the server's log for the reason.");
}
