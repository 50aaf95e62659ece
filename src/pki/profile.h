/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_PROFILE_H
#define PKI_PROFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "pki/finding.h"

/* cfssl's ca-config.json: what a certificate of a profile is good for and for how long. */

struct profile {
	char *name;		/* NULL for the default */
	char *expiry_text;	/* as written; may be NULL */
	int64_t expiry;		/* nanoseconds; 0: the default profile's */
	int64_t backdate;	/* nanoseconds; 0: five minutes */
	bool has_not_before, has_not_after;
	int64_t not_before, not_after;	/* seconds since 1970 */
	char **usages;		/* cfssl's words as written, NULL-ended; may be NULL */
	bool is_ca, max_path_len_zero;
	int64_t max_path_len;
	char **issuer_urls;
	char *ocsp_url, *crl_url;
	bool ocsp_no_check;
	const char *unsupported;	/* a member that vetch cannot honour, or NULL */
};

struct profiles {
	struct profile fallback;	/* signing.default */
	struct profile *items;
	size_t len, cap;
	const struct profile *chosen;	/* what certificates are made by */
	/* The chosen one as changed for one certificate; usages and expiry_text are its own, all else
	 * is borrowed. */
	struct profile changed;
	const char *added;	/* the usage that was added, or NULL */
	bool other_expiry;
};

/* Reads the text of a config file; `what` names it in errors. The list is empty again after a
 * failure, and has the default profile chosen else. */
int profiles_parse(struct profiles *list, const struct buf *text, const char *what,
    struct err *err);
int profiles_read(struct profiles *list, const char *path, struct err *err);
/* What cfssl uses without a file: 8760h, signing, key encipherment, server auth, client auth. */
void profiles_default(struct profiles *list);
void profiles_release(struct profiles *list);
/* What `ca init` writes where there is no ca-config.json: server (with client auth, which etcd's
 * gateway needs), client and peer, 43800h each. */
extern const char profiles_template[];

/* Chooses a profile by name; false, and the default chosen, where there is none of that name (which
 * cfssl does without a word). NULL, "" and "default" mean the default. */
bool profiles_choose(struct profiles *list, const char *name);

/* Adds one of cfssl's usages to what is chosen, for this one certificate: the next choice forgets
 * it. ERR_USAGE where it is no such word. */
int profiles_add_usage(struct profiles *list, const char *word, struct err *err);
/* Another time to live, in Go's form, for this one certificate. ERR_USAGE where it is none, or is
 * not above 0. */
int profiles_set_expiry(struct profiles *list, const char *text, struct err *err);
/* True where the chosen profile was changed so. */
bool profiles_changed(const struct profiles *list);
/* The expiry of what is chosen, as written. */
const char *profiles_expiry(const struct profiles *list);
/* The name of a profile that gives the same as what is chosen, or NULL. */
const char *profiles_equal(const struct profiles *list);

/* Key usage bits and OIDs (at most `max`, not owned) of a profile's words; unknown words are left
 * out. Returns the number of OIDs. */
size_t profile_usages(const struct profile *profile, unsigned *bits, const char **oids,
    size_t max);
bool profile_has_usage(const struct profile *profile, const char *oid);

/* Adds what cfssl would ignore silently: unknown members and usages, names that stand twice. */
void profiles_check(const struct buf *text, const char *what, struct findings *findings);

#endif
