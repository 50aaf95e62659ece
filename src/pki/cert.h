/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_CERT_H
#define PKI_CERT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "pki/der.h"
#include "pki/privkey.h"
#include "pki/san.h"

/* The facts of one certificate. */

enum { CERT_MAX = 1 << 20, CERT_ID_MAX = 64 };

struct cert {
	struct buf der;
	struct der subject, issuer, public_key;	/* raw DER inside `der` */
	char *subject_text, *issuer_text, *cn;	/* cn is "" where there is none */
	char *serial;				/* decimal */
	struct san_list sans;
	char **usages;				/* cfssl's words, else OIDs; NULL-ended */
	size_t usage_count, usage_cap;
	unsigned usage_bits;			/* 0 where there is no keyUsage */
	bool has_ext_usages, server_auth, client_auth;	/* both true where there are none */
	int64_t not_before, not_after;		/* seconds since 1970 */
	char key[PRIVKEY_NAME_SIZE];		/* "ecdsa-256" */
	char signature[32];			/* GnuTLS's name of the algorithm */
	char fingerprint[SHA256_HEX_SIZE];
	bool is_ca;
	int path_len;				/* -1: none */
	unsigned char subject_id[CERT_ID_MAX], issuer_id[CERT_ID_MAX];
	size_t subject_id_len, issuer_id_len;	/* 0: no such extension */
	bool self_issued;			/* subject and issuer are the same bytes */
};

/* Reads one DER certificate; on failure the struct is empty again. */
int cert_parse(struct cert *cert, const void *der, size_t len, const char *what, struct err *err);
/* The first certificate of PEM text. */
int cert_parse_pem(struct cert *cert, const struct buf *pem, const char *what, struct err *err);
void cert_release(struct cert *cert);

/* True where `issuer`'s key made the signature of `cert`. */
bool cert_signed_by(const struct cert *cert, const struct cert *issuer);
/* True where the file's private key is the certificate's; looks at public halves only after the
 * key was opened, so only verbs call it. */
bool cert_has_key(const struct cert *cert, const struct privkey *key);

/* "DNS:a", "IP:10.0.0.1"; the caller frees. */
char *cert_san_text(const struct san *san);
/* Whether a name or address that is dialled matches a SAN (wildcards: RFC 6125). */
bool cert_matches(const struct cert *cert, const char *host);

#endif
