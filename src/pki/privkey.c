/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/privkey.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "base/mem.h"
#include "pki/pem.h"

struct privkey {
	gnutls_x509_privkey_t x509;
	gnutls_privkey_t sign;
	int algorithm;
	unsigned bits;
	char name[PRIVKEY_NAME_SIZE];
};

enum { RSA_MIN = 2048, RSA_MAX = 8192 };

static const struct {
	unsigned bits;
	gnutls_ecc_curve_t curve;
	const char *oid;
} curves[] = {
	{ 256, GNUTLS_ECC_CURVE_SECP256R1, "1.2.840.10045.3.1.7" },
	{ 384, GNUTLS_ECC_CURVE_SECP384R1, "1.3.132.0.34" },
	{ 521, GNUTLS_ECC_CURVE_SECP521R1, "1.3.132.0.35" },
};

void
privkey_guard_process(void)
{
	struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0);
}

int
privkey_check(const char *algo, int64_t bits, struct err *err)
{
	if (strcmp(algo, "rsa") == 0) {
		if (bits < RSA_MIN)
			return err_set(err, ERR_INPUT, "RSA key of %lld bits is too weak",
			    (long long)bits);
		if (bits > RSA_MAX)
			return err_set(err, ERR_INPUT, "RSA key of %lld bits is too large",
			    (long long)bits);
		return 0;
	}
	if (strcmp(algo, "ecdsa") == 0) {
		for (size_t i = 0; i < ARRAY_LEN(curves); i++)
			if (curves[i].bits == bits)
				return 0;
		return err_set(err, ERR_INPUT, "ecdsa has no curve of %lld bits: 256, 384 or 521",
		    (long long)bits);
	}
	if (strcmp(algo, "ed25519") == 0)
		return 0;
	err_set(err, ERR_INPUT, "invalid key algorithm \"%.40s\"", algo);
	return err_cure(err, "use rsa, ecdsa or ed25519, in lower case");
}

static int
gnutls_fault(struct err *err, const char *what, int code)
{
	return err_set(err, ERR_FAILED, "%s: %s", what, gnutls_strerror(code));
}

/* Takes x509 over; NULL and the key freed where it is of a kind that cannot sign here. */
static struct privkey *
privkey_wrap(gnutls_x509_privkey_t x509, const char *what, struct err *err)
{
	struct privkey *key = xcalloc(1, sizeof *key);
	int code;

	key->x509 = x509;
	key->algorithm = gnutls_x509_privkey_get_pk_algorithm2(x509, &key->bits);
	code = gnutls_privkey_init(&key->sign);
	if (code == 0)
		code = gnutls_privkey_import_x509(key->sign, x509, 0);
	if (code != 0) {
		gnutls_fault(err, what, code);
		privkey_free(key);
		return NULL;
	}
	switch (key->algorithm) {
	case GNUTLS_PK_RSA:
		snprintf(key->name, sizeof key->name, "rsa-%u", key->bits);
		return key;
	case GNUTLS_PK_ECDSA:
		snprintf(key->name, sizeof key->name, "ecdsa-%u", key->bits);
		return key;
	case GNUTLS_PK_EDDSA_ED25519:
		snprintf(key->name, sizeof key->name, "ed25519");
		return key;
	}
	err_set(err, ERR_UNSUPPORTED, "%s: keys of type %s cannot sign here", what,
	    gnutls_pk_get_name((gnutls_pk_algorithm_t)key->algorithm));
	privkey_free(key);
	return NULL;
}

struct privkey *
privkey_generate(const char *algo, int64_t bits, struct err *err)
{
	gnutls_x509_privkey_t x509;
	gnutls_pk_algorithm_t kind = GNUTLS_PK_EDDSA_ED25519;
	unsigned size = 0;
	int code;

	if (privkey_check(algo, bits, err) != 0)
		return NULL;
	if (strcmp(algo, "rsa") == 0) {
		kind = GNUTLS_PK_RSA;
		size = (unsigned)bits;
	} else if (strcmp(algo, "ecdsa") == 0) {
		kind = GNUTLS_PK_ECDSA;
		for (size_t i = 0; i < ARRAY_LEN(curves); i++)
			if (curves[i].bits == bits)
				size = GNUTLS_CURVE_TO_BITS(curves[i].curve);
	}
	code = gnutls_x509_privkey_init(&x509);
	if (code == 0)
		code = gnutls_x509_privkey_generate(x509, kind, size, 0);
	if (code != 0) {
		gnutls_fault(err, "key generation", code);
		return NULL;
	}
	return privkey_wrap(x509, "new key", err);
}

/* Imports one block; GnuTLS knows Ed25519 only under the standard label. */
static int
import_block(gnutls_x509_privkey_t x509, const struct pem_block *block, const char *password)
{
	gnutls_datum_t text = { (unsigned char *)xstrndup(block->text, block->text_len),
		(unsigned)block->text_len };
	struct buf der = BUF_INIT(1 << 16);
	int code;

	if (pem_is(block, "Ed25519 PRIVATE KEY") && pem_decode(block, &der)) {
		gnutls_datum_t inner = { (unsigned char *)der.data, (unsigned)der.len };

		code = gnutls_x509_privkey_import_pkcs8(x509, &inner, GNUTLS_X509_FMT_DER, NULL,
		    GNUTLS_PKCS_PLAIN);
	} else {
		code = gnutls_x509_privkey_import2(x509, &text, GNUTLS_X509_FMT_PEM, password, 0);
	}
	gnutls_memset(text.data, 0, text.size);
	free(text.data);
	buf_release_secret(&der);
	return code;
}

static bool
block_encrypted(const struct pem_block *block)
{
	return pem_is(block, "ENCRYPTED PRIVATE KEY") ||
	    memmem(block->body, block->body_len, "Proc-Type: 4,ENCRYPTED", 22);
}

static bool
next_key_block(const struct buf *pem, struct pem_block *block)
{
	size_t at = 0;

	while (pem_next(buf_str(pem), pem->len, &at, block)) {
		size_t len = strlen(block->label);

		if (len >= 11 && strcmp(block->label + len - 11, "PRIVATE KEY") == 0)
			return true;
	}
	return false;
}

struct privkey *
privkey_parse(const struct buf *pem, const char *what, const char *password, struct err *err)
{
	gnutls_x509_privkey_t x509;
	struct pem_block block;
	int code;

	if (!next_key_block(pem, &block)) {
		err_set(err, ERR_INPUT, "%s holds no private key in PEM", what);
		return NULL;
	}
	if (block_encrypted(&block) && !password) {
		err_set(err, ERR_NEED, "%s is encrypted", what);
		if (err)
			snprintf(err->need, sizeof err->need, "ca_passphrase");
		return NULL;
	}
	if (gnutls_x509_privkey_init(&x509) != 0)
		abort();
	code = import_block(x509, &block, block_encrypted(&block) ? password : NULL);
	if (code == 0)
		return privkey_wrap(x509, what, err);
	gnutls_x509_privkey_deinit(x509);
	if (code == GNUTLS_E_DECRYPTION_FAILED)
		err_set(err, ERR_DENIED, "%s: the passphrase is wrong", what);
	else
		err_set(err, ERR_INPUT, "%s: not a private key: %s", what, gnutls_strerror(code));
	return NULL;
}

void
privkey_free(struct privkey *key)
{
	if (!key)
		return;
	if (key->sign)
		gnutls_privkey_deinit(key->sign);
	gnutls_x509_privkey_deinit(key->x509);
	free(key);
}

const char *
privkey_name(const struct privkey *key)
{
	return key->name;
}

/* Appends exactly `size` bytes of a big-endian number, whatever leading zeros it came with. */
static void
add_fixed(struct buf *out, const gnutls_datum_t *number, size_t size)
{
	const unsigned char *data = number->data;
	size_t len = number->size;

	while (len > size) {
		data++;
		len--;
	}
	buf_add_fill(out, 0, size - len);
	buf_add(out, data, len);
}

static void
wipe(gnutls_datum_t *datum)
{
	if (datum->data)
		gnutls_memset(datum->data, 0, datum->size);
	gnutls_free(datum->data);
}

static int
write_sec1(const struct privkey *key, struct buf *out, struct err *err)
{
	gnutls_datum_t x = { 0 }, y = { 0 }, k = { 0 };
	gnutls_ecc_curve_t curve;
	struct buf der = BUF_INIT(1024);
	size_t size = (key->bits + 7) / 8, mark;
	int code = gnutls_x509_privkey_export_ecc_raw(key->x509, &curve, &x, &y, &k);

	if (code != 0)
		return gnutls_fault(err, "EC key", code);
	der_put_small(&der, 1);
	mark = der.len;
	add_fixed(&der, &k, size);
	der_close(&der, mark, DER_OCTET_STRING);
	mark = der.len;
	der_put_oid(&der, gnutls_ecc_curve_get_oid(curve));
	der_close(&der, mark, DER_CONTEXT_BOX | 0);
	mark = der.len;
	buf_add(&der, "\0\4", 2);
	add_fixed(&der, &x, size);
	add_fixed(&der, &y, size);
	der_close(&der, mark, DER_BIT_STRING);
	der_close(&der, mark, DER_CONTEXT_BOX | 1);
	der_close(&der, 0, DER_SEQUENCE);
	pem_write(out, "EC PRIVATE KEY", der.data, der.len);
	buf_release_secret(&der);
	wipe(&k);
	gnutls_free(x.data);
	gnutls_free(y.data);
	return 0;
}

int
privkey_write(const struct privkey *key, struct buf *out, struct err *err)
{
	gnutls_datum_t der = { 0 };
	int code;

	if (key->algorithm == GNUTLS_PK_ECDSA)
		return write_sec1(key, out, err);
	if (key->algorithm == GNUTLS_PK_RSA)
		code = gnutls_x509_privkey_export2(key->x509, GNUTLS_X509_FMT_DER, &der);
	else
		code = gnutls_x509_privkey_export2_pkcs8(key->x509, GNUTLS_X509_FMT_DER, NULL,
		    GNUTLS_PKCS_PLAIN, &der);
	if (code != 0)
		return gnutls_fault(err, "private key", code);
	pem_write(out, key->algorithm == GNUTLS_PK_RSA ? "RSA PRIVATE KEY" : "Ed25519 PRIVATE KEY",
	    der.data, der.size);
	wipe(&der);
	return 0;
}

int
privkey_write_public(const struct privkey *key, struct buf *out, struct err *err)
{
	gnutls_pubkey_t public;
	gnutls_datum_t der = { 0 };
	int code = gnutls_pubkey_init(&public);

	if (code != 0)
		return gnutls_fault(err, "public key", code);
	code = gnutls_pubkey_import_privkey(public, key->sign, 0, 0);
	if (code == 0)
		code = gnutls_pubkey_export2(public, GNUTLS_X509_FMT_DER, &der);
	gnutls_pubkey_deinit(public);
	if (code != 0)
		return gnutls_fault(err, "public key", code);
	buf_add(out, der.data, der.size);
	gnutls_free(der.data);
	return 0;
}

/* cfssl's rule: RSA from 4096 bits SHA-512, from 3072 SHA-384, else SHA-256; EC by the curve. */
static gnutls_sign_algorithm_t
sign_algorithm(const struct privkey *key, const char **oid)
{
	if (key->algorithm == GNUTLS_PK_EDDSA_ED25519) {
		*oid = "1.3.101.112";
		return GNUTLS_SIGN_EDDSA_ED25519;
	}
	if (key->algorithm == GNUTLS_PK_RSA) {
		*oid = key->bits >= 4096 ? "1.2.840.113549.1.1.13" :
		    key->bits >= 3072    ? "1.2.840.113549.1.1.12" :
					   "1.2.840.113549.1.1.11";
		return key->bits >= 4096 ? GNUTLS_SIGN_RSA_SHA512 :
		    key->bits >= 3072    ? GNUTLS_SIGN_RSA_SHA384 :
					   GNUTLS_SIGN_RSA_SHA256;
	}
	*oid = key->bits >= 521 ? "1.2.840.10045.4.3.4" :
	    key->bits >= 384    ? "1.2.840.10045.4.3.3" :
				  "1.2.840.10045.4.3.2";
	return key->bits >= 521 ? GNUTLS_SIGN_ECDSA_SHA512 :
	    key->bits >= 384    ? GNUTLS_SIGN_ECDSA_SHA384 :
				  GNUTLS_SIGN_ECDSA_SHA256;
}

void
privkey_write_algorithm(const struct privkey *key, struct buf *out)
{
	const char *oid;
	size_t mark = out->len;

	sign_algorithm(key, &oid);
	der_put_oid(out, oid);
	if (key->algorithm == GNUTLS_PK_RSA)
		der_put(out, DER_NULL, "", 0);
	der_close(out, mark, DER_SEQUENCE);
}

int
privkey_sign(const struct privkey *key, const void *data, size_t len, struct buf *out,
    struct err *err)
{
	const char *oid;
	unsigned char *copy = xmemdup(data, len);
	gnutls_datum_t in = { copy, (unsigned)len }, signature = { 0 };
	int code = gnutls_privkey_sign_data2(key->sign, sign_algorithm(key, &oid), 0, &in,
	    &signature);

	free(copy);
	if (code != 0)
		return gnutls_fault(err, "signing", code);
	der_put_bits(out, signature.data, signature.size);
	gnutls_free(signature.data);
	return 0;
}

int
public_key_id(struct der public_key, unsigned char id[PRIVKEY_ID_SIZE], struct err *err)
{
	struct der_value outer, algorithm, bits;

	if (!der_expect(&public_key, DER_SEQUENCE, &outer) ||
	    !der_expect(&outer.body, DER_SEQUENCE, &algorithm) ||
	    !der_expect(&outer.body, DER_BIT_STRING, &bits) || bits.body.len < 2)
		return err_set(err, ERR_INPUT, "the public key is not DER");
	if (gnutls_hash_fast(GNUTLS_DIG_SHA1, bits.body.data + 1, bits.body.len - 1, id) != 0)
		return err_set(err, ERR_FAILED, "SHA-1 is switched off in GnuTLS");
	return 0;
}
