/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERB_PKI_FOLDER_H
#define VERB_PKI_FOLDER_H

#include "pki/check.h"
#include "pki/inventory.h"
#include "pki/issue.h"
#include "verb/verb.h"

/* The workspace's pki/ folder, as the verbs of certificates use it. */

/* The folder's path, allocated. */
char *pki_folder(const struct verb_call *call);
/* The workspace's cluster name, allocated, or NULL where it has no cluster.json. */
char *pki_cluster_name(const struct verb_call *call);

/* Reads DIR/ca-config.json, or cfssl's built-in default where there is none; adds to `findings`
 * what cfssl would ignore silently. */
int pki_profiles(const char *dir, struct profiles *profiles, struct findings *findings,
    struct err *err);
/* Reads DIR/ca.pem. */
int pki_ca_cert(const char *dir, struct cert *cert, struct err *err);
/* Opens the CA to sign; asks for the passphrase of an encrypted key. */
int pki_ca_open(struct verb_call *call, const char *dir, struct authority *ca, struct err *err);

/* One certificate as cli.md's `cert list` shows it. */
struct json_object *pki_entry_json(const struct cert_entry *entry);
/* The facts of a certificate alone, without a folder. */
struct json_object *pki_cert_json(const struct cert *cert);
/* [{"level","text"}] */
struct json_object *pki_findings_json(const struct findings *findings);

/* The first ERROR of the findings as a refusal; 0 where there is none. The others are told as
 * warnings. */
int pki_refuse(struct verb_call *call, const struct findings *findings, struct err *err);

#endif
