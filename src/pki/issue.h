/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_ISSUE_H
#define PKI_ISSUE_H

#include "pki/cert.h"
#include "pki/csr.h"
#include "pki/privkey.h"
#include "pki/profile.h"

/* Making requests and certificates, field by field as cfssl 1.6.5 does. Everything written here
 * is PEM with a final newline. */

/* A CA ready to sign. */
struct authority {
	struct cert cert;
	struct privkey *key;
};

/* Opens a CA from PEM. Fails where the two do not belong together and where the certificate's file
 * holds more than one PEM object. */
int authority_open(struct authority *ca, const struct buf *cert_pem, const struct buf *key_pem,
    const char *password, struct err *err);
void authority_close(struct authority *ca);

/* What a certificate is asked for with: from a CSR file and a new key, or from a PKCS#10. */
struct request {
	struct buf subject;	/* DER Name */
	struct buf public_key;	/* DER SubjectPublicKeyInfo */
	struct san_list sans;
	bool wants_ca;		/* basicConstraints CA:TRUE asked for */
	int path_len;		/* -1: none */
};

void request_release(struct request *request);
/* From a CSR file; a "ca" section is taken only for a root. */
int request_from_csr(struct request *request, const struct csr *csr, const struct privkey *key,
    struct err *err);
/* From PKCS#10 in PEM or DER, its own signature checked. */
int request_from_pkcs10(struct request *request, const struct buf *text, const char *what,
    struct err *err);
void request_set_hosts(struct request *request, char *const *hosts);
/* Puts the types that `name` has in place of the subject's own. */
int request_override(struct request *request, const struct name *name, struct err *err);
/* Appends the PKCS#10 as PEM, signed by the key itself. */
int request_write(const struct request *request, const struct privkey *key, struct buf *out,
    struct err *err);

/* Appends a root certificate for the request: cert sign and CRL sign, 43800h unless the CSR file's
 * "ca" says otherwise; only IP addresses of its hosts are kept. */
int issue_root(const struct request *request, const struct csr *csr, const struct privkey *key,
    struct buf *out, struct err *err);

/* Appends the CA's certificate anew: same key, names and length of life, another serial. */
int issue_renewed_root(const struct authority *ca, struct buf *out, struct err *err);

/* Appends a certificate by the chosen profile, signed by the CA. */
int issue_leaf(const struct request *request, const struct profiles *profiles,
    const struct authority *ca, struct buf *out, struct err *err);

/* Appends a certificate signed by its own key (cfssl selfsign): a short serial, no authority key
 * id, notBefore not rounded. */
int issue_self(const struct request *request, const struct profiles *profiles,
    const struct privkey *key, struct buf *out, struct err *err);

/* The time span that the chosen profile gives now, seconds since 1970. */
void issue_span(const struct profiles *profiles, int64_t *not_before, int64_t *not_after);

#endif
