/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_CSR_H
#define PKI_CSR_H

#include "pki/finding.h"
#include "pki/name.h"

/* cfssl's CSR JSON file: who a certificate is for and which key it gets. */

struct csr {
	struct name name;
	char **hosts;		/* NULL-ended; may be NULL */
	char *algo;		/* "ecdsa" and 256 where the file has no "key" */
	int64_t size;
	bool has_ca;		/* a "ca" section, for roots only */
	int64_t ca_expiry, ca_backdate;	/* nanoseconds; 0: not given */
	int64_t ca_path_len;
	bool ca_path_len_zero;
	char *crl_url;
	const char *unsupported;	/* a member that vetch cannot honour, or NULL */
};

/* A request of nothing but the default key; csr_release frees. */
void csr_init(struct csr *csr);
int csr_parse(struct csr *csr, const struct buf *text, const char *what, struct err *err);
int csr_read(struct csr *csr, const char *path, struct err *err);
void csr_release(struct csr *csr);
void csr_set_hosts(struct csr *csr, char *const *hosts);

/* Adds what cfssl would ignore silently: unknown members, names that stand twice. */
void csr_check(const struct buf *text, const char *what, struct findings *findings);

#endif
