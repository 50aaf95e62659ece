/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_CHECK_H
#define PKI_CHECK_H

#include "pki/cert.h"
#include "pki/csr.h"
#include "pki/finding.h"
#include "pki/profile.h"

/* What there is to say before a certificate is signed; cfssl says none of it. An ERROR means that
 * vetch's own verbs refuse. */

struct check_issue {
	const char *name;		/* of the files; "" or NULL: not yet known */
	const struct profiles *profiles;	/* with one chosen */
	const struct csr *csr;		/* subject, hosts and key asked for */
	const struct cert *ca;		/* NULL: there is none */
	int64_t now;			/* seconds since 1970 */
};

void check_issue(const struct check_issue *what, struct findings *findings);
/* Names that can be file names beside ca.pem; the reason in `err` else. */
int check_name(const char *name, struct err *err);
/* Each host by itself and all together: blanks, ports, twice, none. */
void check_hosts(char *const *hosts, struct findings *findings);
/* Whether the hosts cover the host of a URL; `label` says whose URL it is. */
void check_covers(char *const *hosts, const char *url, const char *label,
    struct findings *findings);
/* What there is to say of a certificate that exists; `issuer` is NULL where it is not known. */
void check_cert(const struct cert *cert, const struct cert *issuer, int64_t now,
    struct findings *findings);

/* Splits at commas and cuts blanks at both ends of each host; empty ones are left out. */
char **check_split_hosts(const char *text);

#endif
