/* SPDX-License-Identifier: Apache-2.0 */
#include "base/tls.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "base/buf.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/tls_explain.h"

enum { PEM_MAX = 4 << 20, AHEAD = 64 << 10, CHAIN_MAX = 16 };

struct tls_credentials {
	int refs;
	gnutls_certificate_credentials_t creds;
	char *cacert, *cert;
	bool skip_verify;
	gnutls_pcert_st chain[CHAIN_MAX];
	unsigned chain_len;
	gnutls_privkey_t key;
	gnutls_x509_crt_t own;
};

struct tls {
	gnutls_session_t session;
	struct tls_credentials *credentials;
	int fd;
	char *host, *name;
	bool heard, speaks, verified_badly;
	int last_errno;		/* of the last read that failed */
	struct err why;		/* of verified_badly */
	struct buf accepts;
	bool issuer_unknown;
	unsigned char *ahead;	/* read from the socket, not yet asked for by GnuTLS */
	size_t ahead_at, ahead_len;
};

static int
read_pem(const char *what, const char *path, struct buf *out, struct err *err)
{
	buf_init(out, PEM_MAX);
	if (fs_read(path, out, err) == 0)
		return 0;
	err_prefix(err, "the %s cannot be read", what);
	if (err)
		err->code = ERR_INPUT;
	return err_cure(err, "Correct the path, or see that this user may read the file.");
}

static gnutls_datum_t
datum(const struct buf *buf)
{
	return (gnutls_datum_t){ .data = (unsigned char *)buf->data, .size = (unsigned)buf->len };
}

static int
load_trust(struct tls_credentials *credentials, const char *cacert, struct err *err)
{
	struct buf pem;
	gnutls_datum_t data;
	int count;

	if (!cacert) {
		gnutls_certificate_set_x509_system_trust(credentials->creds);
		return 0;
	}
	credentials->cacert = xstrdup(cacert);
	if (read_pem("CA certificate", cacert, &pem, err) < 0)
		return -1;
	data = datum(&pem);
	count = gnutls_certificate_set_x509_trust_mem(credentials->creds, &data, GNUTLS_X509_FMT_PEM);
	buf_release(&pem);
	if (count > 0)
		return 0;
	err_set(err, ERR_INPUT, "%s holds no CA certificate in PEM", cacert);
	return err_cure(err, "Name the CA's certificate file with --cacert (cfssl calls it ca.pem).");
}

static int
key_error(struct err *err, const char *cert, const char *key, int rc)
{
	switch (rc) {
	case GNUTLS_E_CERTIFICATE_KEY_MISMATCH:
		err_set(err, ERR_INPUT, "the certificate %s and the key %s do not belong together", cert,
		    key);
		return err_cure(err, "Give the key that was made with it (cfssl: NAME.pem and NAME-key.pem).");
	case GNUTLS_E_DECRYPTION_FAILED:
	case GNUTLS_E_PK_INVALID_PUBKEY:
	case GNUTLS_E_PKCS1_WRONG_PAD:
		err_set(err, ERR_INPUT, "the key %s is encrypted or not readable: %s", key,
		    gnutls_strerror(rc));
		return err_cure(err, "Give a key without a pass phrase.");
	default:
		err_set(err, ERR_INPUT, "the certificate %s or the key %s is not usable: %s", cert, key,
		    gnutls_strerror(rc));
		return err_cure(err, "Both must be PEM files; see vetch cert show %.80s", cert);
	}
}

/* Keeps the chain in a form that the retrieve callback can always send: by itself GnuTLS would
 * silently send none where the server's list of CAs does not name the issuer. */
static int
parse_pair(struct tls_credentials *credentials, const gnutls_datum_t *cert,
    const gnutls_datum_t *key)
{
	int rc;

	credentials->chain_len = CHAIN_MAX;
	rc = gnutls_pcert_list_import_x509_raw(credentials->chain, &credentials->chain_len, cert,
	    GNUTLS_X509_FMT_PEM, 0);
	if (rc < 0) {
		credentials->chain_len = 0;
		return rc;
	}
	rc = gnutls_pcert_export_x509(&credentials->chain[0], &credentials->own);
	if (rc == 0)
		rc = gnutls_privkey_init(&credentials->key);
	if (rc == 0)
		rc = gnutls_privkey_import_x509_raw(credentials->key, key, GNUTLS_X509_FMT_PEM, NULL, 0);
	return rc;
}

static int
load_pair(struct tls_credentials *credentials, const struct tls_files *files, struct err *err)
{
	struct buf cert = BUF_INIT(PEM_MAX), key = BUF_INIT(PEM_MAX);
	gnutls_datum_t cert_data, key_data;
	int rc = -1, code;

	if (!files->cert && !files->key)
		return 0;
	if (!files->cert || !files->key) {
		err_set(err, ERR_USAGE, "a client certificate needs its key too: %s is missing",
		    files->cert ? "--key" : "--cert");
		return err_cure(err, "Give both --cert and --key.");
	}
	credentials->cert = xstrdup(files->cert);
	if (read_pem("client certificate", files->cert, &cert, err) < 0 ||
	    read_pem("client key", files->key, &key, err) < 0)
		goto out;
	cert_data = datum(&cert);
	key_data = datum(&key);
	code = parse_pair(credentials, &cert_data, &key_data);
	if (code == 0) /* compares the two */
		code = gnutls_certificate_set_x509_key_mem2(credentials->creds, &cert_data, &key_data,
		    GNUTLS_X509_FMT_PEM, NULL, 0);
	rc = code < 0 ? key_error(err, files->cert, files->key, code) : 0;
out:
	buf_release(&cert);
	buf_release_secret(&key);
	return rc;
}

static void
note_accepted(struct buf *out, const gnutls_datum_t *names, int count)
{
	buf_reset(out);
	for (int i = 0; i < count && i < 3; i++) {
		gnutls_datum_t text = { NULL, 0 };

		if (gnutls_x509_rdn_get2(&names[i], &text, 0) < 0)
			continue;
		buf_add_str(out, i ? ", " : "");
		text_escape(out, (char *)text.data, text.size < 80 ? text.size : 80);
		gnutls_free(text.data);
	}
}

/* Only where our chain is the one certificate: else an issuer in between may be taken. */
static bool
is_issuer_unknown(const struct tls_credentials *credentials, const gnutls_datum_t *names, int count)
{
	gnutls_datum_t issuer = { NULL, 0 };
	bool found = false;

	if (!count || credentials->chain_len != 1 ||
	    gnutls_x509_crt_get_raw_issuer_dn(credentials->own, &issuer) < 0)
		return false;
	for (int i = 0; i < count; i++)
		found |= names[i].size == issuer.size &&
		    memcmp(names[i].data, issuer.data, issuer.size) == 0;
	gnutls_free(issuer.data);
	return !found;
}

static int
send_always(gnutls_session_t session, const gnutls_datum_t *accepted, int count,
    const gnutls_pk_algorithm_t *algorithms, int algorithm_count, gnutls_pcert_st **chain,
    unsigned *chain_len, gnutls_privkey_t *key)
{
	struct tls *tls = gnutls_session_get_ptr(session);

	(void)algorithms;
	(void)algorithm_count;
	note_accepted(&tls->accepts, accepted, count);
	tls->issuer_unknown = is_issuer_unknown(tls->credentials, accepted, count);
	*chain = tls->credentials->chain;
	*chain_len = tls->credentials->chain_len;
	*key = tls->credentials->key;
	return 0;
}

struct tls_credentials *
tls_credentials_new(const struct tls_files *files, struct err *err)
{
	struct tls_credentials *credentials = xcalloc(1, sizeof *credentials);

	credentials->refs = 1;
	credentials->skip_verify = files->skip_verify;
	if (gnutls_certificate_allocate_credentials(&credentials->creds) < 0)
		abort();
	if (load_trust(credentials, files->cacert, err) < 0 || load_pair(credentials, files, err) < 0) {
		tls_credentials_unref(credentials);
		return NULL;
	}
	if (credentials->chain_len)
		gnutls_certificate_set_retrieve_function2(credentials->creds, send_always);
	return credentials;
}

struct tls_credentials *
tls_credentials_ref(struct tls_credentials *credentials)
{
	if (credentials)
		credentials->refs++;
	return credentials;
}

void
tls_credentials_unref(struct tls_credentials *credentials)
{
	if (!credentials || --credentials->refs > 0)
		return;
	for (unsigned i = 0; i < credentials->chain_len; i++)
		gnutls_pcert_deinit(&credentials->chain[i]);
	if (credentials->own)
		gnutls_x509_crt_deinit(credentials->own);
	if (credentials->key)
		gnutls_privkey_deinit(credentials->key);
	gnutls_certificate_free_credentials(credentials->creds);
	free(credentials->cacert);
	free(credentials->cert);
	free(credentials);
}

static struct tls_facts
facts_of(struct tls *tls)
{
	return (struct tls_facts){ .session = tls->session, .name = tls->name, .host = tls->host,
		.cacert = tls->credentials->cacert, .cert = tls->credentials->cert,
		.own = tls->credentials->own, .accepts = buf_str(&tls->accepts),
		.issuer_unknown = tls->issuer_unknown };
}

/* Go demands a SAN; GnuTLS would fall back on the CN. */
static bool
has_san(gnutls_session_t session)
{
	unsigned count = 0, type;
	const gnutls_datum_t *chain = gnutls_certificate_get_peers(session, &count);
	gnutls_x509_crt_t leaf;
	char name[512];
	bool found = false;

	if (!count || gnutls_x509_crt_init(&leaf) < 0)
		return false;
	if (gnutls_x509_crt_import(leaf, chain, GNUTLS_X509_FMT_DER) == 0)
		for (unsigned i = 0; i < 1000 && !found; i++) {
			size_t len = sizeof name;
			int rc = gnutls_x509_crt_get_subject_alt_name2(leaf, i, name, &len, &type, NULL);

			if (rc == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
				break;
			found = type == GNUTLS_SAN_DNSNAME || type == GNUTLS_SAN_IPADDRESS;
		}
	gnutls_x509_crt_deinit(leaf);
	return found;
}

static int
verify_peer(gnutls_session_t session)
{
	struct tls *tls = gnutls_session_get_ptr(session);
	struct tls_facts facts = facts_of(tls);
	unsigned char ip[16], purpose[] = GNUTLS_KP_TLS_WWW_SERVER;
	gnutls_typed_vdata_st data[2] = {
		{ .type = GNUTLS_DT_DNS_HOSTNAME, .data = (unsigned char *)tls->host },
		{ .type = GNUTLS_DT_KEY_PURPOSE_OID, .data = purpose },
	};
	size_t len;
	unsigned status = 0;

	if (tls->credentials->skip_verify)
		return 0;
	if (tls_ip_of(tls->host, ip, &len))
		data[0] = (gnutls_typed_vdata_st){ .type = GNUTLS_DT_IP_ADDRESS, .data = ip,
			.size = (unsigned)len };
	if (gnutls_certificate_verify_peers(session, data, 2, &status) < 0)
		status = GNUTLS_CERT_INVALID;
	if (status)
		tls_explain_status(&tls->why, &facts, status);
	else if (!has_san(session))
		tls_explain_no_san(&tls->why, &facts);
	else
		return 0;
	tls->verified_badly = true;
	return GNUTLS_E_CERTIFICATE_ERROR;
}

static ssize_t
pull_bytes(gnutls_transport_ptr_t context, void *data, size_t len)
{
	struct tls *tls = context;
	ssize_t n;

	if (tls->ahead_at == tls->ahead_len) {
		n = recv(tls->fd, tls->ahead, AHEAD, 0);
		if (n <= 0) {
			tls->last_errno = n ? errno : 0;
			gnutls_transport_set_errno(tls->session, errno);
			return n;
		}
		if (!tls->heard) /* alert or handshake (RFC 8446, 5.1) */
			tls->speaks = tls->ahead[0] == 21 || tls->ahead[0] == 22;
		tls->heard = true;
		tls->ahead_at = 0;
		tls->ahead_len = (size_t)n;
	}
	if (len > tls->ahead_len - tls->ahead_at)
		len = tls->ahead_len - tls->ahead_at;
	memcpy(data, tls->ahead + tls->ahead_at, len);
	tls->ahead_at += len;
	return (ssize_t)len;
}

/* One sendmsg a flight. A broken pipe counts as sent, so that the alert behind it is read. */
static ssize_t
push_bytes(gnutls_transport_ptr_t context, const giovec_t *pieces, int count)
{
	struct tls *tls = context;
	struct msghdr message = { .msg_iov = (struct iovec *)(uintptr_t)pieces,
		.msg_iovlen = (size_t)count };
	ssize_t n = sendmsg(tls->fd, &message, MSG_NOSIGNAL);

	if (n >= 0)
		return n;
	if (errno == EPIPE || errno == ECONNRESET) {
		n = 0;
		for (int i = 0; i < count; i++)
			n += (ssize_t)pieces[i].iov_len;
		return n;
	}
	gnutls_transport_set_errno(tls->session, errno);
	return -1;
}

static int
never_wait(gnutls_transport_ptr_t context, unsigned ms)
{
	struct tls *tls = context;

	(void)ms;
	return tls->ahead_at < tls->ahead_len;
}

struct tls *
tls_new(struct tls_credentials *credentials, int fd, const char *host, const char *name)
{
	struct tls *tls = xcalloc(1, sizeof *tls);
	unsigned char protocol[] = "h2", ip[16];
	gnutls_datum_t alpn = { .data = protocol, .size = 2 };
	size_t len;

	tls->credentials = tls_credentials_ref(credentials);
	tls->fd = fd;
	tls->host = xstrdup(host);
	tls->name = xstrdup(name);
	tls->ahead = xmalloc(AHEAD);
	buf_init(&tls->accepts, 400);
	if (gnutls_init(&tls->session, GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL) < 0)
		abort();
	gnutls_priority_set_direct(tls->session, "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2", NULL);
	gnutls_credentials_set(tls->session, GNUTLS_CRD_CERTIFICATE, credentials->creds);
	gnutls_alpn_set_protocols(tls->session, &alpn, 1, 0);
	if (!tls_ip_of(host, ip, &len))
		gnutls_server_name_set(tls->session, GNUTLS_NAME_DNS, host, strlen(host));
	gnutls_session_set_ptr(tls->session, tls);
	gnutls_session_set_verify_function(tls->session, verify_peer);
	gnutls_transport_set_ptr(tls->session, tls);
	gnutls_transport_set_pull_function(tls->session, pull_bytes);
	gnutls_transport_set_vec_push_function(tls->session, push_bytes);
	gnutls_transport_set_pull_timeout_function(tls->session, never_wait);
	return tls;
}

void
tls_free(struct tls *tls)
{
	if (!tls)
		return;
	gnutls_deinit(tls->session);
	tls_credentials_unref(tls->credentials);
	buf_release(&tls->accepts);
	free(tls->ahead);
	free(tls->host);
	free(tls->name);
	free(tls);
}

static int
explain(struct tls *tls, int code, struct err *err)
{
	struct tls_facts facts = facts_of(tls);

	if (tls->verified_badly) {
		*err = tls->why;
		return -1;
	}
	if (code == GNUTLS_E_FATAL_ALERT_RECEIVED)
		return tls_explain_alert(err, &facts, gnutls_alert_get(tls->session));
	if (code == GNUTLS_E_PULL_ERROR && tls->last_errno == ETIMEDOUT) {
		err_set(err, ERR_TIMEOUT, "%s has not answered for 2 s: the line is cut, or the host is down",
		    tls->name);
		return err_cure(err, "See that the host is up and that no firewall drops the port.");
	}
	if (code == GNUTLS_E_PULL_ERROR || code == GNUTLS_E_PUSH_ERROR ||
	    code == GNUTLS_E_PREMATURE_TERMINATION) {
		err_set(err, ERR_CONNECT, "%s closed the connection", tls->name);
		return err_cure(err, "See that etcd runs there and read its log.");
	}
	if (code == GNUTLS_E_UNEXPECTED_PACKET_LENGTH || code == GNUTLS_E_UNEXPECTED_PACKET ||
	    code == GNUTLS_E_UNSUPPORTED_VERSION_PACKET) {
		err_set(err, ERR_TLS, "%s does not speak TLS", tls->name);
		return err_cure(err, "Write http:// before it in --endpoints, or correct the port.");
	}
	err_set(err, ERR_TLS, "TLS with %s failed: %s", tls->name, gnutls_strerror(code));
	return err_cure(err, "See the server's log for the reason.");
}

static bool
must_wait(const struct tls *tls)
{
	return tls->ahead_at == tls->ahead_len || tls_wants_write(tls);
}

enum tls_result
tls_handshake(struct tls *tls, struct err *err)
{
	int code;

	for (;;) {
		code = gnutls_handshake(tls->session);
		if (code == GNUTLS_E_SUCCESS)
			return TLS_OK;
		if (code == GNUTLS_E_AGAIN && must_wait(tls))
			return TLS_AGAIN;
		if (gnutls_error_is_fatal(code)) {
			explain(tls, code, err);
			return TLS_FAILED;
		}
	}
}

bool
tls_wants_write(const struct tls *tls)
{
	return gnutls_record_get_direction(tls->session) == 1;
}

bool
tls_is_h2(const struct tls *tls)
{
	gnutls_datum_t chosen;

	return gnutls_alpn_get_selected_protocol(tls->session, &chosen) == 0 && chosen.size == 2 &&
	    memcmp(chosen.data, "h2", 2) == 0;
}

bool
tls_heard(const struct tls *tls)
{
	return tls->heard;
}

bool
tls_speaks(const struct tls *tls)
{
	return tls->speaks;
}

ssize_t
tls_recv(struct tls *tls, void *data, size_t len, struct err *err)
{
	for (;;) {
		ssize_t n = gnutls_record_recv(tls->session, data, len);

		if (n >= 0)
			return n;
		/* After a TLS 1.3 ticket E_AGAIN comes although more records are read ahead. */
		if (n == GNUTLS_E_AGAIN && must_wait(tls))
			return -1;
		if (n == GNUTLS_E_PREMATURE_TERMINATION)
			return 0;
		if (gnutls_error_is_fatal((int)n)) {
			explain(tls, (int)n, err);
			return -2;
		}
	}
}

ssize_t
tls_send(struct tls *tls, const void *data, size_t len, struct err *err)
{
	for (;;) {
		ssize_t n = gnutls_record_send(tls->session, data, len);

		if (n >= 0)
			return n;
		if (n == GNUTLS_E_AGAIN)
			return -1;
		if (gnutls_error_is_fatal((int)n)) {
			explain(tls, (int)n, err);
			return -2;
		}
	}
}
