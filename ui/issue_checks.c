/* SPDX-License-Identifier: Apache-2.0
 * What pane Issue says of the fields as they stand: checks, expiry, the cfssl line. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "pki/check.h"
#include "pki/issue.h"
#include "pki/usage.h"
#include "ui/issue.h"

static void
fields_csr(const struct issue_pane *issue, struct csr *csr)
{
	const char *cn = field_text(&issue->fields[FIELD_CN]);
	const char *key = field_text(&issue->fields[FIELD_KEY]);
	char **hosts = check_split_hosts(field_text(&issue->fields[FIELD_HOSTS]));
	size_t len = strcspn(key, "-");

	csr_init(csr);
	name_add(&csr->name, NAME_CN, *cn ? cn : field_text(&issue->fields[FIELD_NAME]));
	csr_set_hosts(csr, hosts);
	free(csr->algo);
	csr->algo = xstrndup(key, len);
	if (!key[len] || !text_int(key + len + 1, 0, 100000, &csr->size))
		csr->size = 0;
	strv_free(hosts);
}

const struct member_spec *
issue_member(const struct issue_pane *issue)
{
	const struct cluster *cluster = issue->pane.app->connection.cluster;
	size_t choice = issue->fields[FIELD_FOR].choice;

	return cluster && choice && choice <= cluster->member_count ? &cluster->members[choice - 1] :
								      NULL;
}

bool
issue_for_peers(const struct issue_pane *issue)
{
	return strcmp(field_text(&issue->fields[FIELD_PROFILE]), "peer") == 0;
}

/* The URLs of a member that this certificate will be served on. */
char **
issue_urls(const struct issue_pane *issue, const struct member_spec *member)
{
	return issue_for_peers(issue) ? member->peer_urls : member->client_urls;
}

const struct cert_entry *
issue_ca(const struct issue_pane *issue)
{
	return inventory_find(certs_inventory(issue_certs(issue)), "ca");
}

/* The warning of a server profile without client auth gets its cure at the end. */
static void
offer_client_auth(struct issue_pane *issue, const struct profile *profile)
{
	if (!profile_has_usage(profile, USAGE_SERVER_AUTH) ||
	    profile_has_usage(profile, USAGE_CLIENT_AUTH))
		return;
	for (size_t i = 0; i < issue->findings.len; i++) {
		struct finding *finding = &issue->findings.items[i];
		char *longer;

		if (finding->level != FINDING_WARN || !strstr(finding->text, "lacks \"client auth\""))
			continue;
		longer = xasprintf("%s. ^A adds it to this one", finding->text);
		free(finding->text);
		finding->text = longer;
	}
}

/* What runs on the member's own host dials it by that name. */
static void
note_localhost(const struct csr *csr, struct findings *findings)
{
	struct finding *last = findings->len ? &findings->items[findings->len - 1] : NULL;
	char *longer;

	for (size_t i = 0; csr->hosts[i] && last && last->level == FINDING_OK; i++)
		if (strcmp(csr->hosts[i], "localhost") == 0) {
			longer = xasprintf("%s, and localhost", last->text);
			free(last->text);
			last->text = longer;
			return;
		}
}

/* Whether who dials the member will find its own word for it in the certificate. */
static void
judge_member(struct issue_pane *issue, const struct csr *csr, const struct member_spec *member)
{
	char *label;

	if (!member)
		return;
	label = xasprintf("%s URL of %s", issue_for_peers(issue) ? "peer" : "client", member->name);
	for (char **url = issue_urls(issue, member); url && *url; url++)
		check_covers(csr->hosts, *url, label, &issue->findings);
	note_localhost(csr, &issue->findings);
	free(label);
}

/* The profile's own expiry stands there until another is typed. */
static void
follow_profile(struct issue_pane *issue)
{
	const char *own = profiles_expiry(certs_profiles(issue_certs(issue)));
	struct field *field = &issue->fields[FIELD_EXPIRY];

	if (strcmp(buf_str(&issue->expiry), own) == 0)
		return;
	if (!issue_own_expiry(issue))
		field_set(field, own);
	buf_reset(&issue->expiry);
	buf_add_str(&issue->expiry, own);
}

bool
issue_own_expiry(const struct issue_pane *issue)
{
	return strcmp(field_text(&issue->fields[FIELD_EXPIRY]), buf_str(&issue->expiry)) != 0;
}

/* What is asked for beside the profile, for this one certificate. */
static void
change_profile(struct issue_pane *issue)
{
	struct profiles *profiles = certs_profiles(issue_certs(issue));
	struct err err = { 0 };

	if (issue->client_auth && !profile_has_usage(profiles->chosen, USAGE_CLIENT_AUTH))
		profiles_add_usage(profiles, "client auth", NULL);
	if (issue_own_expiry(issue) &&
	    profiles_set_expiry(profiles, field_text(&issue->fields[FIELD_EXPIRY]), &err) != 0)
		finding_add(&issue->findings, FINDING_ERROR, "%s: %s", err.text, err.cure);
}

static void
judge(struct issue_pane *issue, const struct csr *csr)
{
	const char *name = field_text(&issue->fields[FIELD_NAME]);
	struct certs *certs = issue_certs(issue);
	const struct cert_entry *ca = issue_ca(issue);
	const struct member_spec *member = issue_member(issue);
	struct check_issue what = { .name = name, .profiles = certs_profiles(certs), .csr = csr,
		.ca = ca ? &ca->cert : NULL, .now = clock_wall_ms() / 1000 };

	findings_release(&issue->findings);
	change_profile(issue);
	if (app_no_workspace(issue->pane.app)) {
		finding_add(&issue->findings, FINDING_ERROR, "there is no workspace, so no CA to sign with and "
		    "no pki/ to write into: start vetch with -C DIR");
		return;
	}
	if (*certs_profile_error(certs))
		finding_add(&issue->findings, FINDING_ERROR, "%s", certs_profile_error(certs));
	if (!*name)
		finding_add(&issue->findings, FINDING_ERROR, "the name is missing: it becomes the files' name");
	if (inventory_find(certs_inventory(certs), name))
		finding_add(&issue->findings, FINDING_ERROR, "pki/%s.pem exists, and nothing is overwritten: "
		    "choose another name", name);
	check_issue(&what, &issue->findings);
	offer_client_auth(issue, certs_profiles(certs)->chosen);
	judge_member(issue, csr, member);
	resolved_judge(issue->resolved, csr->hosts, member ? member->name : NULL, &issue->findings);
	resolved_want(issue->resolved, csr->hosts);
}

static void
note_expiry(struct issue_pane *issue)
{
	const struct profiles *profiles = certs_profiles(issue_certs(issue));
	const struct cert_entry *ca = issue_ca(issue);
	struct buf *note = &issue->fields[FIELD_EXPIRY].note;
	char day[CLOCK_RFC3339_SIZE], end[CLOCK_RFC3339_SIZE];
	int64_t from, to;

	issue_span(profiles, &from, &to);
	buf_reset(note);
	buf_printf(note, "to %s", clock_day(to, day));
	if (ca)
		buf_printf(note, "; the CA ends %s", clock_day(ca->cert.not_after, end));
}

static void
note_cfssl(struct issue_pane *issue, const struct csr *csr)
{
	const char *name = field_text(&issue->fields[FIELD_NAME]);
	const struct profiles *profiles = certs_profiles(issue_certs(issue));
	const char *profile = profiles_changed(profiles) ? profiles_equal(profiles) :
		field_text(&issue->fields[FIELD_PROFILE]);

	buf_reset(&issue->cfssl);
	if (!profile) {
		buf_add_str(&issue->cfssl, "cfssl has no flag for what is not the profile's: write it "
		    "into a profile of ca-config.json, and name that one");
		return;
	}
	buf_printf(&issue->cfssl, "cat %s.json | cfssl gencert -ca=ca.pem -ca-key=ca-key.pem "
	    "-config=ca-config.json -profile=%s", *name ? name : "NAME", profile);
	for (size_t i = 0; csr->hosts[i]; i++)
		buf_printf(&issue->cfssl, "%s%s", i ? "," : " -hostname=", csr->hosts[i]);
	buf_printf(&issue->cfssl, " - | cfssljson -bare %s", *name ? name : "NAME");
}

static void
note_fields(struct issue_pane *issue)
{
	const char *name = field_text(&issue->fields[FIELD_NAME]);
	struct buf *note = &issue->fields[FIELD_PROFILE].note;
	char **profile = issue->fields[FIELD_PROFILE].choices;

	buf_reset(note);
	buf_add_str(note, certs_has_config(issue_certs(issue)) ? "from pki/ca-config.json: " :
								    "cfssl's own, no ca-config.json: ");
	for (size_t i = 0; profile[i]; i++)
		buf_printf(note, "%s%s", i ? ", " : "", profile[i]);
	note = &issue->fields[FIELD_NAME].note;
	buf_reset(note);
	if (*name)
		buf_printf(note, "-> %s.pem, %s-key.pem, %s.csr", name, name, name);
}

void
issue_recheck(struct issue_pane *issue)
{
	struct profiles *profiles = certs_profiles(issue_certs(issue));
	struct csr csr;

	profiles_choose(profiles, field_text(&issue->fields[FIELD_PROFILE]));
	follow_profile(issue);
	fields_csr(issue, &csr);
	judge(issue, &csr);
	note_fields(issue);
	note_expiry(issue);
	note_cfssl(issue, &csr);
	csr_release(&csr);
	pane_dirty(&issue->pane);
}
