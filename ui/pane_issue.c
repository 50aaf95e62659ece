/* SPDX-License-Identifier: Apache-2.0
 * Issue: a form for a new certificate, judged as it is typed, with the cfssl line that does the
 * same; then the plan, then it is signed. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "pki/check.h"
#include "pki/issue.h"
#include "ui/app.h"
#include "ui/form.h"
#include "ui/pane.h"
#include "ui/verbs_run.h"

enum { FIELD_PROFILE, FIELD_FOR, FIELD_NAME, FIELD_CN, FIELD_HOSTS, FIELD_KEY, FIELDS };

struct issue_pane {
	struct pane pane;
	struct form form;
	struct field fields[FIELDS];
	struct findings findings;
	struct buf expiry;	/* what the profile's expiry leads to */
	struct buf cfssl;	/* the line that does the same */
	size_t last_for, last_profile;	/* to see a new choice */
	unsigned generation;
};

static struct issue_pane *
self(struct pane *pane)
{
	return (struct issue_pane *)pane;
}

static const struct issue_pane *
self_const(const struct pane *pane)
{
	return (const struct issue_pane *)pane;
}

static struct certs *
certs_of(const struct pane *pane)
{
	return pane->app->models.certs;
}

/* ---- from fields to a request */

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

static const struct member_spec *
chosen_member(const struct issue_pane *issue)
{
	const struct cluster *cluster = issue->pane.app->connection.cluster;
	size_t choice = issue->fields[FIELD_FOR].choice;

	return cluster && choice && choice <= cluster->member_count ? &cluster->members[choice - 1] :
								      NULL;
}

static bool
for_peers(const struct issue_pane *issue)
{
	return strcmp(field_text(&issue->fields[FIELD_PROFILE]), "peer") == 0;
}

/* The URLs of a member that this certificate will be served on. */
static char **
served_urls(const struct issue_pane *issue, const struct member_spec *member)
{
	return for_peers(issue) ? member->peer_urls : member->client_urls;
}

static void
add_host(struct buf *hosts, const char *host, size_t len)
{
	char **known = check_split_hosts(buf_str(hosts));
	bool twice = false;

	for (size_t i = 0; known[i]; i++)
		twice |= strlen(known[i]) == len && strncmp(known[i], host, len) == 0;
	if (len && !twice) {
		buf_add_str(hosts, hosts->len ? "," : "");
		buf_add(hosts, host, len);
	}
	strv_free(known);
}

static void
add_url_host(struct buf *hosts, const char *url)
{
	const char *at = strstr(url, "://");

	at = at ? at + 3 : url;
	if (*at == '[')
		add_host(hosts, at + 1, strcspn(at + 1, "]"));
	else
		add_host(hosts, at, strcspn(at, ":/"));
}

/* A member fills name, CN and hosts: its addresses, its name, this machine for etcdctl there. */
static void
fill_from_member(struct issue_pane *issue)
{
	const struct member_spec *member = chosen_member(issue);
	struct buf hosts = BUF_INIT(4096);
	char *name;

	if (!member)
		return;
	name = xasprintf("%s%s", member->name, for_peers(issue) ? "-peer" : "");
	for (char **url = served_urls(issue, member); url && *url; url++)
		add_url_host(&hosts, *url);
	add_host(&hosts, member->name, strlen(member->name));
	add_host(&hosts, "localhost", 9);
	add_host(&hosts, "127.0.0.1", 9);
	field_set(&issue->fields[FIELD_NAME], name);
	field_set(&issue->fields[FIELD_CN], member->name);
	field_set(&issue->fields[FIELD_HOSTS], buf_str(&hosts));
	buf_release(&hosts);
	free(name);
}

/* ---- checks and notes, after each change */

static const struct cert *
ca_cert(const struct issue_pane *issue)
{
	const struct cert_entry *ca = inventory_find(certs_inventory(certs_of(&issue->pane)), "ca");

	return ca ? &ca->cert : NULL;
}

static void
judge(struct issue_pane *issue, const struct csr *csr)
{
	const char *name = field_text(&issue->fields[FIELD_NAME]);
	struct certs *certs = certs_of(&issue->pane);
	const struct member_spec *member = chosen_member(issue);
	struct check_issue what = { .name = name, .profiles = certs_profiles(certs), .csr = csr,
		.ca = ca_cert(issue), .now = clock_wall_ms() / 1000 };

	findings_release(&issue->findings);
	if (*certs_profile_error(certs))
		finding_add(&issue->findings, FINDING_ERROR, "%s", certs_profile_error(certs));
	if (!*name)
		finding_add(&issue->findings, FINDING_ERROR, "the name is missing: it becomes the files' name");
	if (inventory_find(certs_inventory(certs), name))
		finding_add(&issue->findings, FINDING_ERROR, "pki/%s.pem exists, and nothing is overwritten: "
		    "choose another name", name);
	check_issue(&what, &issue->findings);
	for (char **url = member ? served_urls(issue, member) : NULL; url && *url; url++)
		check_covers(csr->hosts, *url, member->name, &issue->findings);
}

static void
note_expiry(struct issue_pane *issue)
{
	const struct profiles *profiles = certs_profiles(certs_of(&issue->pane));
	const struct cert *ca = ca_cert(issue);
	const char *span = profiles->chosen->expiry_text;
	char day[CLOCK_RFC3339_SIZE], end[CLOCK_RFC3339_SIZE];
	int64_t from, to;

	issue_span(profiles, &from, &to);
	buf_reset(&issue->expiry);
	buf_printf(&issue->expiry, "%s   to %s", span && *span ? span : profiles->fallback.expiry_text,
	    clock_day(to, day));
	if (ca)
		buf_printf(&issue->expiry, "; the CA ends %s", clock_day(ca->not_after, end));
}

static void
note_cfssl(struct issue_pane *issue, const struct csr *csr)
{
	const char *name = field_text(&issue->fields[FIELD_NAME]);

	buf_reset(&issue->cfssl);
	buf_printf(&issue->cfssl, "cat %s.json | cfssl gencert -ca=ca.pem -ca-key=ca-key.pem "
	    "-config=ca-config.json -profile=%s", *name ? name : "NAME",
	    field_text(&issue->fields[FIELD_PROFILE]));
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
	buf_add_str(note, certs_has_config(certs_of(&issue->pane)) ? "from pki/ca-config.json: " :
								    "cfssl's own, no ca-config.json: ");
	for (size_t i = 0; profile[i]; i++)
		buf_printf(note, "%s%s", i ? ", " : "", profile[i]);
	note = &issue->fields[FIELD_NAME].note;
	buf_reset(note);
	if (*name)
		buf_printf(note, "-> %s.pem, %s-key.pem, %s.csr", name, name, name);
}

static void
recheck(struct issue_pane *issue)
{
	struct profiles *profiles = certs_profiles(certs_of(&issue->pane));
	struct csr csr;

	profiles_choose(profiles, field_text(&issue->fields[FIELD_PROFILE]));
	fields_csr(issue, &csr);
	judge(issue, &csr);
	note_fields(issue);
	note_expiry(issue);
	note_cfssl(issue, &csr);
	csr_release(&csr);
	pane_dirty(&issue->pane);
}

/* A new choice of member, or of server or peer side, fills the other fields. */
static void
follow_choices(struct issue_pane *issue)
{
	size_t member = issue->fields[FIELD_FOR].choice;
	size_t profile = issue->fields[FIELD_PROFILE].choice;

	if (member != issue->last_for || (member && profile != issue->last_profile))
		fill_from_member(issue);
	issue->last_for = member;
	issue->last_profile = profile;
}

/* ---- choices, from the model */

static void
load_profiles(struct issue_pane *issue)
{
	const struct profiles *profiles = certs_profiles(certs_of(&issue->pane));
	struct field *field = &issue->fields[FIELD_PROFILE];
	char **choices = xcalloc(profiles->len + 2, sizeof *choices);
	char *was = xstrdup(field->choices ? field_text(field) : "");

	for (size_t i = 0; i < profiles->len; i++)
		choices[i] = xstrdup(profiles->items[i].name);
	if (!profiles->len)
		choices[0] = xstrdup("default");
	field_set_choices(field, choices, was);
	free(was);
}

static void
load_members(struct issue_pane *issue)
{
	const struct cluster *cluster = issue->pane.app->connection.cluster;
	size_t count = cluster ? cluster->member_count : 0;
	char **choices = xcalloc(count + 2, sizeof *choices);
	char *was = xstrdup(issue->fields[FIELD_FOR].choices ?
		field_text(&issue->fields[FIELD_FOR]) : "");

	choices[0] = xstrdup("");
	for (size_t i = 0; i < count; i++)
		choices[i + 1] = xstrdup(cluster->members[i].name);
	field_set_choices(&issue->fields[FIELD_FOR], choices, was);
	free(was);
}

static void
load(struct issue_pane *issue)
{
	load_profiles(issue);
	load_members(issue);
	issue->last_for = issue->fields[FIELD_FOR].choice;
	issue->last_profile = issue->fields[FIELD_PROFILE].choice;
	recheck(issue);
}

static void
reset(struct issue_pane *issue)
{
	for (size_t i = 0; i < FIELDS; i++) {
		issue->fields[i].choice = 0;
		if (!issue->fields[i].choices)
			field_set(&issue->fields[i], "");
	}
	issue->form.at = 0;
	load(issue);
}

static int
open_pane(struct pane *pane, struct err *err)
{
	struct issue_pane *issue = self(pane);
	char **keys = text_split("ecdsa-256 ecdsa-384 ecdsa-521 rsa-2048 rsa-4096", ' ');

	(void)err;
	issue->fields[FIELD_PROFILE] = (struct field){ .label = "Profile", .width = 8 };
	issue->fields[FIELD_FOR] = (struct field){ .label = "For", .width = 18 };
	issue->fields[FIELD_NAME] = (struct field){ .label = "Name", .width = 18 };
	issue->fields[FIELD_CN] = (struct field){ .label = "CN", .width = 18 };
	issue->fields[FIELD_HOSTS] = (struct field){ .label = "Hosts" };
	issue->fields[FIELD_KEY] = (struct field){ .label = "Key", .width = 10 };
	form_init(&issue->form, issue->fields, FIELDS);
	field_set_choices(&issue->fields[FIELD_KEY], keys, NULL);
	buf_add_str(&issue->fields[FIELD_KEY].note, "new key");
	buf_add_str(&issue->fields[FIELD_FOR].note, "a member fills name, CN and hosts");
	buf_add_str(&issue->fields[FIELD_CN].note, "etcd's user where auth is on; or NAME");
	buf_init(&issue->expiry, 512);
	buf_init(&issue->cfssl, 16384);
	load(issue);
	return 0;
}

static void
close_pane(struct pane *pane)
{
	struct issue_pane *issue = self(pane);

	form_release(&issue->form);
	findings_release(&issue->findings);
	buf_release(&issue->expiry);
	buf_release(&issue->cfssl);
}

/* ---- painting */

static void
title(const struct pane *pane, struct buf *out)
{
	const struct cert *ca = ca_cert(self_const(pane));

	buf_add_str(out, "Issue a certificate\t");
	if (!ca) {
		buf_add_str(out, "no CA in pki/");
		return;
	}
	buf_add_str(out, "signed by \"");
	text_escape(out, ca->cn, strlen(ca->cn));
	buf_add_byte(out, '"');
}

static enum role
finding_role(enum finding_level level)
{
	return level == FINDING_ERROR ? ROLE_alert :
	    level == FINDING_WARN	  ? ROLE_warn :
	    level == FINDING_OK		  ? ROLE_good :
					    ROLE_dim;
}

/* Worst first: on a small screen the errors are what must be seen. */
static void
paint_findings(const struct issue_pane *issue, struct grid *grid, int *row)
{
	for (int level = FINDING_ERROR; level >= FINDING_OK; level--)
		for (size_t i = 0; i < issue->findings.len && *row < grid->rows; i++) {
			const struct finding *finding = &issue->findings.items[i];
			struct pen pen = grid_pen(grid, *row, 1, finding_role(finding->level));

			if (finding->level != (enum finding_level)level)
				continue;
			pen_text(&pen, finding_word(finding->level));
			grid_wrap(grid, row, 7, ROLE_text, finding->text);
		}
	if (!issue->findings.len && *row < grid->rows) {
		struct pen pen = grid_pen(grid, (*row)++, 1, ROLE_good);

		pen_text(&pen, "ok    nothing stands against it");
	}
}

static void
paint(const struct pane *pane, struct grid *grid)
{
	const struct issue_pane *issue = self_const(pane);
	int row = form_paint(&issue->form, grid, 0), cfssl = grid->rows - 4;
	struct pen pen = grid_pen(grid, row++, 3, ROLE_label);
	struct grid checks;
	int at = 0;

	pen_text(&pen, "Expiry");
	pen.col = 12;
	pen_as(&pen, ROLE_text, buf_str(&issue->expiry));
	if (row >= grid->rows)
		return;
	grid_rule(grid, row++, "Checks (as you type)");
	if (cfssl <= row + 2)
		cfssl = grid->rows;
	checks = grid_sub(grid, row, 0, cfssl - row, grid->cols);
	paint_findings(issue, &checks, &at);
	if (cfssl >= grid->rows)
		return;
	grid_rule(grid, cfssl++, "As cfssl would (^Y copies the whole line)");
	grid_wrap(grid, &cfssl, 1, ROLE_text, buf_str(&issue->cfssl));
}

static void
count_text(size_t count, const char *word, struct buf *out)
{
	if (count)
		buf_printf(out, "%zu %s%s", count, word, count == 1 ? "" : "s");
	else
		buf_printf(out, "no %s", word);
}

static void
status(const struct pane *pane, struct buf *out)
{
	const struct findings *findings = &self_const(pane)->findings;

	count_text(findings_count(findings, FINDING_WARN), "warning", out);
	buf_add_str(out, ", ");
	count_text(findings_count(findings, FINDING_ERROR), "error", out);
}

static void
hint(const struct pane *pane, struct buf *out)
{
	buf_add_str(out, self_const(pane)->form.focused ?
		"Tab next  Space choose  ^N review, then sign  ^R defaults  Esc leave  F1 help" :
		"Enter fill in  ^N review, then sign  ^R defaults  ^Y copy  q quit  ? help");
}

/* ---- what it does */

static void
signed_it(void *context, struct json_object *result, const struct err *err)
{
	struct issue_pane *issue = context;

	if (!err) {
		app_message(issue->pane.app, "issued pki/%s.pem, valid to %.10s", json_str(result, "name", "?"),
		    json_str(result, "not_after", ""));
		reset(issue);
	}
}

static void
review(struct issue_pane *issue)
{
	const char *cn = field_text(&issue->fields[FIELD_CN]);
	const char *name = field_text(&issue->fields[FIELD_NAME]);
	char **hosts = check_split_hosts(field_text(&issue->fields[FIELD_HOSTS]));
	struct buf joined = BUF_INIT(8192);
	const char *argv[] = { "cert", "issue", name, "--profile",
		field_text(&issue->fields[FIELD_PROFILE]), "--cn", *cn ? cn : name, "--key",
		field_text(&issue->fields[FIELD_KEY]), "--hosts", NULL, NULL };
	struct verb_start start = { .argv = argv, .title = "Issue a certificate", .button = "Sign",
		.done = signed_it, .context = issue };

	for (size_t i = 0; hosts[i]; i++)
		buf_printf(&joined, "%s%s", i ? "," : "", hosts[i]);
	argv[10] = buf_str(&joined);
	if (findings_count(&issue->findings, FINDING_ERROR))
		app_message(issue->pane.app, "mend the error first: nothing was signed");
	else
		verbs_start(issue->pane.app, &start);
	buf_release(&joined);
	strv_free(hosts);
}

static bool
act(struct pane *pane, enum action action)
{
	struct issue_pane *issue = self(pane);

	switch (action) {
	case ACT_issue_fill:
		issue->form.focused = true;
		return true;
	case ACT_issue_review:
		review(issue);
		return true;
	case ACT_issue_reset:
		reset(issue);
		return true;
	case ACT_issue_copy:
		app_copy(pane->app, issue->cfssl.data, issue->cfssl.len, "the cfssl line");
		return true;
	default:
		return false;
	}
}

static bool
typed(struct pane *pane, uint32_t key)
{
	struct issue_pane *issue = self(pane);

	if (!form_key(&issue->form, key))
		return false;
	follow_choices(issue);
	recheck(issue);
	return true;
}

static bool
typing(const struct pane *pane)
{
	return self_const(pane)->form.focused;
}

static void
pasted(struct pane *pane, const char *data, size_t len)
{
	form_paste(&self(pane)->form, data, len);
	recheck(self(pane));
}

static void
enter(struct pane *pane)
{
	certs_refresh(certs_of(pane));
}

static void
update(struct pane *pane, unsigned changed)
{
	struct issue_pane *issue = self(pane);

	if (!(changed & (WANT_INVENTORY | WANT_CHANNEL)))
		return;
	if (issue->generation != certs_generation(certs_of(pane)) || changed & WANT_CHANNEL)
		load(issue);
	issue->generation = certs_generation(certs_of(pane));
}

static bool
busy(const struct pane *pane)
{
	return certs_busy(certs_of(pane));
}

const struct pane_ops pane_issue_ops = {
	.size = sizeof(struct issue_pane),
	.open = open_pane,
	.close = close_pane,
	.enter = enter,
	.wants = WANT_INVENTORY | WANT_CHANNEL,
	.update = update,
	.paint = paint,
	.act = act,
	.typed = typed,
	.typing = typing,
	.pasted = pasted,
	.title = title,
	.status = status,
	.hint = hint,
	.busy = busy,
};
