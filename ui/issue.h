/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UI_ISSUE_H
#define UI_ISSUE_H

#include "pki/csr.h"
#include "ui/app.h"
#include "ui/form.h"
#include "ui/resolved.h"

/* What the files of pane Issue share. */

enum issue_field {
	FIELD_PROFILE, FIELD_FOR, FIELD_NAME, FIELD_CN, FIELD_HOSTS, FIELD_KEY, FIELD_EXPIRY,
	FIELDS
};

struct issue_pane {
	struct pane pane;
	struct form form;
	struct field fields[FIELDS];
	struct findings findings;
	struct buf expiry;	/* the profile's, as it was filled in */
	struct buf cfssl;	/* the line that does the same */
	size_t last_for, last_profile;	/* to see a new choice */
	unsigned generation;
	bool client_auth;	/* added to this one certificate */
	struct resolved *resolved;
	struct scroll checks;
};

static inline struct certs *
issue_certs(const struct issue_pane *issue)
{
	return issue->pane.app->models.certs;
}

/* The CA that signs, or NULL. */
const struct cert_entry *issue_ca(const struct issue_pane *issue);
/* The member chosen, or NULL. */
const struct member_spec *issue_member(const struct issue_pane *issue);
/* The URLs of a member that this certificate will be served on, and whether its peers dial them. */
char **issue_urls(const struct issue_pane *issue, const struct member_spec *member);
bool issue_for_peers(const struct issue_pane *issue);

/* Another expiry than the profile's was typed. */
bool issue_own_expiry(const struct issue_pane *issue);

/* Judges what stands in the fields, and notes what follows from it: after each change. */
void issue_recheck(struct issue_pane *issue);

#endif
