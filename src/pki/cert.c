/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/cert.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "base/mem.h"
#include "pki/name.h"
#include "pki/pem.h"
#include "pki/usage.h"

void
cert_release(struct cert *cert)
{
	buf_release(&cert->der);
	free(cert->subject_text);
	free(cert->issuer_text);
	free(cert->cn);
	free(cert->serial);
	san_list_release(&cert->sans);
	strv_free(cert->usages);
	*cert = (struct cert){ 0 };
}

/* Decimal digits of a big-endian number. */
static char *
decimal(const unsigned char *bytes, size_t len)
{
	unsigned char rest[64];
	char digits[200], *text;
	size_t count = 0;
	bool more = true;

	if (len > sizeof rest)
		len = sizeof rest;
	memcpy(rest, bytes, len);
	while (more && count < sizeof digits - 1) {
		unsigned carry = 0;

		more = false;
		for (size_t i = 0; i < len; i++) {
			carry = carry << 8 | rest[i];
			rest[i] = (unsigned char)(carry / 10);
			carry %= 10;
			more |= rest[i] != 0;
		}
		digits[count++] = (char)('0' + carry);
	}
	text = xcalloc(count + 1, 1);
	for (size_t i = 0; i < count; i++)
		text[i] = digits[count - 1 - i];
	return text;
}

/* Version, serial and algorithm come first; then issuer, validity, subject and key. */
static int
read_raw(struct cert *cert)
{
	struct der at = { (const unsigned char *)cert->der.data, cert->der.len };
	struct der_value value, tbs;

	if (!der_expect(&at, DER_SEQUENCE, &value) || !der_expect(&value.body, DER_SEQUENCE, &tbs))
		return -1;
	der_expect(&tbs.body, DER_CONTEXT_BOX, &value);
	if (!der_expect(&tbs.body, DER_INTEGER, &value))
		return -1;
	cert->serial = decimal(value.body.data, value.body.len);
	if (!der_next(&tbs.body, &value) || !der_expect(&tbs.body, DER_SEQUENCE, &value))
		return -1;
	cert->issuer = value.whole;
	if (!der_next(&tbs.body, &value) || !der_expect(&tbs.body, DER_SEQUENCE, &value))
		return -1;
	cert->subject = value.whole;
	if (!der_expect(&tbs.body, DER_SEQUENCE, &value))
		return -1;
	cert->public_key = value.whole;
	cert->self_issued = cert->subject.len == cert->issuer.len &&
	    memcmp(cert->subject.data, cert->issuer.data, cert->issuer.len) == 0;
	return 0;
}

static void
read_names(struct cert *cert)
{
	struct buf text = BUF_INIT(1 << 16);
	struct der at = cert->subject;
	struct der_value outer, value;
	char oid[128];

	name_text(cert->subject, &text);
	cert->subject_text = buf_steal(&text);
	name_text(cert->issuer, &text);
	cert->issuer_text = buf_steal(&text);
	if (der_expect(&at, DER_SEQUENCE, &outer))
		for (size_t n = 0; name_attribute(outer.body, n, oid, &value); n++)
			if (strcmp(oid, "2.5.4.3") == 0) {
				free(cert->cn);
				cert->cn = xstrndup((const char *)value.body.data, value.body.len);
			}
	if (!cert->cn)
		cert->cn = xstrdup("");
}

static void
add_usage(struct cert *cert, const char *word)
{
	GROW(cert->usages, cert->usage_count + 1, cert->usage_cap);
	cert->usages[cert->usage_count++] = xstrdup(word);
	cert->usages[cert->usage_count] = NULL;
}

/* GnuTLS keeps the bits in the order of the encoding. */
static const struct {
	unsigned gnutls, bit;
} bits[] = {
	{ GNUTLS_KEY_DIGITAL_SIGNATURE, USAGE_DIGITAL_SIGNATURE },
	{ GNUTLS_KEY_NON_REPUDIATION, USAGE_CONTENT_COMMITMENT },
	{ GNUTLS_KEY_KEY_ENCIPHERMENT, USAGE_KEY_ENCIPHERMENT },
	{ GNUTLS_KEY_DATA_ENCIPHERMENT, USAGE_DATA_ENCIPHERMENT },
	{ GNUTLS_KEY_KEY_AGREEMENT, USAGE_KEY_AGREEMENT },
	{ GNUTLS_KEY_KEY_CERT_SIGN, USAGE_CERT_SIGN },
	{ GNUTLS_KEY_CRL_SIGN, USAGE_CRL_SIGN },
	{ GNUTLS_KEY_ENCIPHER_ONLY, USAGE_ENCIPHER_ONLY },
	{ GNUTLS_KEY_DECIPHER_ONLY, USAGE_DECIPHER_ONLY },
};

static void
read_usages(struct cert *cert, gnutls_x509_crt_t crt)
{
	unsigned usage = 0, critical;
	char oid[128];
	size_t size;

	cert->usages = xcalloc(1, sizeof *cert->usages);
	cert->usage_cap = 1;
	if (gnutls_x509_crt_get_key_usage(crt, &usage, &critical) < 0)
		usage = 0;
	for (size_t i = 0; i < ARRAY_LEN(bits); i++)
		if (usage & bits[i].gnutls) {
			cert->usage_bits |= bits[i].bit;
			add_usage(cert, usage_bit_word(bits[i].bit));
		}
	for (unsigned i = 0; i < 64; i++) {
		const char *word;

		size = sizeof oid;
		if (gnutls_x509_crt_get_key_purpose_oid(crt, i, oid, &size, &critical) < 0)
			break;
		word = usage_oid_word(oid);
		add_usage(cert, word ? word : oid);
		cert->has_ext_usages = true;
		cert->server_auth |= strcmp(oid, USAGE_SERVER_AUTH) == 0 ||
		    strcmp(oid, "2.5.29.37.0") == 0;
		cert->client_auth |= strcmp(oid, USAGE_CLIENT_AUTH) == 0 ||
		    strcmp(oid, "2.5.29.37.0") == 0;
	}
	if (!cert->has_ext_usages)
		cert->server_auth = cert->client_auth = true;
}

static bool
san_kind_of(unsigned type, enum san_kind *kind)
{
	static const struct {
		unsigned type;
		enum san_kind kind;
	} kinds[] = { { GNUTLS_SAN_DNSNAME, SAN_DNS }, { GNUTLS_SAN_RFC822NAME, SAN_EMAIL },
		{ GNUTLS_SAN_IPADDRESS, SAN_IP }, { GNUTLS_SAN_URI, SAN_URI } };

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (kinds[i].type == type) {
			*kind = kinds[i].kind;
			return true;
		}
	return false;
}

static void
read_sans(struct cert *cert, gnutls_x509_crt_t crt)
{
	char data[4096], text[64];

	for (unsigned i = 0; i < 4096; i++) {
		size_t size = sizeof data;
		unsigned type, critical;
		struct san san = { 0 };
		int code = gnutls_x509_crt_get_subject_alt_name2(crt, i, data, &size, &type, &critical);

		if (code == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
			break;
		if (code < 0 || !san_kind_of(type, &san.kind))
			continue;
		if (san.kind == SAN_IP) {
			san.ip_len = size == 4 || size == 16 ? size : 0;
			memcpy(san.ip, data, san.ip_len);
			san.text = xstrdup(san_ip_text(san.ip, san.ip_len, text));
		} else {
			san.text = xstrndup(data, size);
		}
		GROW(cert->sans.items, cert->sans.len, cert->sans.cap);
		cert->sans.items[cert->sans.len++] = san;
	}
}

static void
read_key(struct cert *cert, gnutls_x509_crt_t crt)
{
	unsigned size = 0;
	int kind = gnutls_x509_crt_get_pk_algorithm(crt, &size);
	const char *name;

	if (kind == GNUTLS_PK_RSA)
		snprintf(cert->key, sizeof cert->key, "rsa-%u", size);
	else if (kind == GNUTLS_PK_ECDSA)
		snprintf(cert->key, sizeof cert->key, "ecdsa-%u", size);
	else if (kind == GNUTLS_PK_EDDSA_ED25519)
		snprintf(cert->key, sizeof cert->key, "ed25519");
	else
		snprintf(cert->key, sizeof cert->key, "%s", gnutls_pk_get_name(kind < 0 ? 0 :
		    (gnutls_pk_algorithm_t)kind));
	name = gnutls_sign_get_name((gnutls_sign_algorithm_t)
	    gnutls_x509_crt_get_signature_algorithm(crt));
	snprintf(cert->signature, sizeof cert->signature, "%s", name ? name : "unknown");
}

static void
read_rest(struct cert *cert, gnutls_x509_crt_t crt)
{
	unsigned char digest[SHA256_SIZE];
	unsigned critical, ca = 0;

	cert->not_before = gnutls_x509_crt_get_activation_time(crt);
	cert->not_after = gnutls_x509_crt_get_expiration_time(crt);
	cert->path_len = -1;
	if (gnutls_x509_crt_get_basic_constraints(crt, &critical, &ca, &cert->path_len) >= 0)
		cert->is_ca = ca != 0;
	cert->subject_id_len = sizeof cert->subject_id;
	if (gnutls_x509_crt_get_subject_key_id(crt, cert->subject_id, &cert->subject_id_len,
		&critical) < 0)
		cert->subject_id_len = 0;
	cert->issuer_id_len = sizeof cert->issuer_id;
	if (gnutls_x509_crt_get_authority_key_id(crt, cert->issuer_id, &cert->issuer_id_len,
		&critical) < 0)
		cert->issuer_id_len = 0;
	sha256_once(cert->der.data, cert->der.len, digest);
	hex_encode(digest, sizeof digest, cert->fingerprint);
}

static gnutls_x509_crt_t
import(const void *data, size_t len)
{
	unsigned char *copy = xmemdup(data, len);
	gnutls_datum_t der = { copy, (unsigned)len };
	gnutls_x509_crt_t crt;

	if (gnutls_x509_crt_init(&crt) != 0)
		abort();
	if (gnutls_x509_crt_import(crt, &der, GNUTLS_X509_FMT_DER) != 0) {
		gnutls_x509_crt_deinit(crt);
		crt = NULL;
	}
	free(copy);
	return crt;
}

int
cert_parse(struct cert *cert, const void *der, size_t len, const char *what, struct err *err)
{
	gnutls_x509_crt_t crt = len <= CERT_MAX && len > 0 ? import(der, len) : NULL;
	int result;

	*cert = (struct cert){ .der = BUF_INIT(CERT_MAX) };
	if (!crt)
		return err_set(err, ERR_INPUT, "%s: not a certificate", what);
	buf_add(&cert->der, der, len);
	result = read_raw(cert);
	if (result == 0) {
		read_names(cert);
		read_usages(cert, crt);
		read_sans(cert, crt);
		read_key(cert, crt);
		read_rest(cert, crt);
	} else {
		err_set(err, ERR_INPUT, "%s: not a certificate", what);
		cert_release(cert);
	}
	gnutls_x509_crt_deinit(crt);
	return result;
}

int
cert_parse_pem(struct cert *cert, const struct buf *pem, const char *what, struct err *err)
{
	struct pem_block block;
	struct buf der = BUF_INIT(CERT_MAX);
	size_t at = 0;
	bool found = false;
	int result = -1;

	*cert = (struct cert){ 0 };
	while (!found && pem_next(buf_str(pem), pem->len, &at, &block))
		found = pem_is_certificate(&block);
	if (!found)
		err_set(err, ERR_INPUT, "%s holds no certificate in PEM", what);
	else if (!pem_decode(&block, &der))
		err_set(err, ERR_INPUT, "%s: the PEM of its certificate is damaged", what);
	else
		result = cert_parse(cert, der.data, der.len, what, err);
	buf_release(&der);
	return result;
}

bool
cert_signed_by(const struct cert *cert, const struct cert *issuer)
{
	gnutls_x509_crt_t child = import(cert->der.data, cert->der.len);
	gnutls_x509_crt_t parent = import(issuer->der.data, issuer->der.len);
	unsigned status = 1;
	bool good = false;

	if (child && parent && cert->issuer.len == issuer->subject.len &&
	    memcmp(cert->issuer.data, issuer->subject.data, cert->issuer.len) == 0)
		good = gnutls_x509_crt_verify(child, &parent, 1,
			   GNUTLS_VERIFY_DISABLE_TIME_CHECKS | GNUTLS_VERIFY_ALLOW_ANY_X509_V1_CA_CRT |
			       GNUTLS_VERIFY_DISABLE_CA_SIGN, &status) == 0 &&
		    !(status & (GNUTLS_CERT_SIGNATURE_FAILURE | GNUTLS_CERT_SIGNER_NOT_FOUND |
			  GNUTLS_CERT_SIGNER_NOT_CA));
	if (child)
		gnutls_x509_crt_deinit(child);
	if (parent)
		gnutls_x509_crt_deinit(parent);
	return good;
}

bool
cert_has_key(const struct cert *cert, const struct privkey *key)
{
	struct buf public = BUF_INIT(1 << 16);
	bool same = privkey_write_public(key, &public, NULL) == 0 && public.len == cert->public_key.len &&
	    memcmp(public.data, cert->public_key.data, public.len) == 0;

	buf_release(&public);
	return same;
}

char *
cert_san_text(const struct san *san)
{
	return xasprintf("%s:%s", san_kind_name(san->kind), san->text);
}

bool
cert_matches(const struct cert *cert, const char *host)
{
	gnutls_x509_crt_t crt = import(cert->der.data, cert->der.len);
	bool match = crt && gnutls_x509_crt_check_hostname(crt, host);

	if (crt)
		gnutls_x509_crt_deinit(crt);
	return match;
}
