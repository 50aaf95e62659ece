/* SPDX-License-Identifier: Apache-2.0
 * Issue: a form for a new certificate, judged as it is typed, with the cfssl line that does the
 * same; then the plan, then it is signed. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "pki/check.h"
#include "pki/issue.h"
#include "pki/usage.h"
#include "ui/issue.h"
#include "ui/key.h"
#include "ui/verbs_run.h"

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
	const struct member_spec *member = issue_member(issue);
	struct buf hosts = BUF_INIT(4096);
	char *name;

	if (!member)
		return;
	name = xasprintf("%s%s", member->name, issue_for_peers(issue) ? "-peer" : "");
	for (char **url = issue_urls(issue, member); url && *url; url++)
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
	const struct profiles *profiles = certs_profiles(issue_certs(issue));
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
	issue_recheck(issue);
}

static void
reset(struct issue_pane *issue)
{
	for (size_t i = 0; i < FIELDS; i++) {
		issue->fields[i].choice = 0;
		if (!issue->fields[i].choices)
			field_set(&issue->fields[i], "");
	}
	buf_reset(&issue->expiry);
	issue->form.at = 0;
	issue->client_auth = false;
	load(issue);
}

static void
on_resolved(void *context)
{
	issue_recheck(context);
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
	issue->fields[FIELD_EXPIRY] = (struct field){ .label = "Expiry", .width = 10 };
	form_init(&issue->form, issue->fields, FIELDS);
	field_set_choices(&issue->fields[FIELD_KEY], keys, NULL);
	buf_add_str(&issue->fields[FIELD_KEY].note, "new key");
	buf_add_str(&issue->fields[FIELD_FOR].note, "a member fills name, CN and hosts");
	buf_add_str(&issue->fields[FIELD_CN].note, "etcd's user where auth is on; or NAME");
	buf_init(&issue->expiry, 512);
	buf_init(&issue->cfssl, 16384);
	issue->resolved = resolved_new(pane->app, on_resolved, issue);
	load(issue);
	return 0;
}

static void
close_pane(struct pane *pane)
{
	struct issue_pane *issue = self(pane);

	resolved_free(issue->resolved);
	form_release(&issue->form);
	findings_release(&issue->findings);
	buf_release(&issue->expiry);
	buf_release(&issue->cfssl);
}

/* ---- painting */

static void
title(const struct pane *pane, struct buf *out)
{
	const struct cert_entry *ca = issue_ca(self_const(pane));

	buf_add_str(out, "Issue a certificate\t");
	if (!ca) {
		buf_add_str(out, app_no_workspace(pane->app) ? "no workspace: -C DIR" :
				"no CA in pki/: i in CA makes one");
		return;
	}
	buf_add_str(out, "signed by \"");
	text_escape(out, ca->cert.cn, strlen(ca->cert.cn));
	buf_printf(out, "\"%s", ca->has_key ? "" : ", its key is not here");
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
paint_findings(const void *context, struct grid *grid)
{
	const struct issue_pane *issue = context;
	int row = 0;

	for (int level = FINDING_ERROR; level >= FINDING_OK; level--)
		for (size_t i = 0; i < issue->findings.len && row < grid->rows; i++) {
			const struct finding *finding = &issue->findings.items[i];
			struct pen pen = grid_pen(grid, row, 1, finding_role(finding->level));

			if (finding->level != (enum finding_level)level)
				continue;
			pen_text(&pen, finding_word(finding->level));
			grid_wrap(grid, &row, 7, ROLE_text, finding->text);
		}
	if (!issue->findings.len && row < grid->rows) {
		struct pen pen = grid_pen(grid, row++, 1, ROLE_good);

		pen_text(&pen, "ok    nothing stands against it");
	}
}

static void
paint(const struct pane *pane, struct grid *grid)
{
	const struct issue_pane *issue = self_const(pane);
	int row = form_paint(&issue->form, grid, 0), cfssl = grid->rows - 4;
	struct grid checks;

	if (row >= grid->rows)
		return;
	grid_rule(grid, row++, "Checks (as you type)");
	if (cfssl <= row + 2)
		cfssl = grid->rows;
	checks = grid_sub(grid, row, 0, cfssl - row, grid->cols);
	scroll_paint((struct scroll *)(uintptr_t)&issue->checks, &checks,
	    &(struct scroll_what){ 0, "PgDn PgUp scroll", paint_findings, issue });
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
	const struct issue_pane *issue = self_const(pane);
	const struct findings *findings = &issue->findings;

	if (app_no_workspace(pane->app)) {
		buf_add_str(out, "no workspace: nothing can be signed here");
		return;
	}
	if (!issue->form.focused && !*field_text(&issue->fields[FIELD_NAME])) {
		buf_add_str(out, "Enter goes into the form; a member chosen under For fills in the rest");
		return;
	}
	count_text(findings_count(findings, FINDING_WARN), "warning", out);
	buf_add_str(out, ", ");
	count_text(findings_count(findings, FINDING_ERROR), "error", out);
}

static void
hint(const struct pane *pane, struct buf *out)
{
	buf_add_str(out, self_const(pane)->form.focused ?
		"Tab next  Space choose  ^N review, then sign  ^R defaults  Esc leave  F1 help" :
		"Enter into the form  ^N review, then sign  ^R defaults  ^Y copy  q quit  ?");
}

/* ---- what it does */

static void
signed_it(void *context, struct json_object *result, const struct err *err)
{
	struct issue_pane *issue = context;

	if (!err) {
		app_message(issue->pane.app, "issued pki/%s.pem, valid to %.10s; 3 shows it",
		    json_str(result, "name", "?"), json_str(result, "not_after", ""));
		reset(issue);
		issue->form.focused = false;
	}
}

static const char *
first_error(const struct findings *findings)
{
	for (size_t i = 0; i < findings->len; i++)
		if (findings->items[i].level == FINDING_ERROR)
			return findings->items[i].text;
	return "";
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
		field_text(&issue->fields[FIELD_KEY]), "--hosts", NULL, NULL, NULL, NULL, NULL, NULL };
	size_t argc = 11;
	struct verb_start start = { .argv = argv, .title = "Issue a certificate", .button = "Sign",
		.done = signed_it, .context = issue };

	for (size_t i = 0; hosts[i]; i++)
		buf_printf(&joined, "%s%s", i ? "," : "", hosts[i]);
	argv[10] = buf_str(&joined);
	if (issue->client_auth) {
		argv[argc++] = "--add-usage";
		argv[argc++] = "client auth";
	}
	if (issue_own_expiry(issue)) {
		argv[argc++] = "--expiry";
		argv[argc++] = field_text(&issue->fields[FIELD_EXPIRY]);
	}
	if (findings_count(&issue->findings, FINDING_ERROR))
		app_message(issue->pane.app, "nothing was signed: %s", first_error(&issue->findings));
	else
		verbs_start(issue->pane.app, &start);
	buf_release(&joined);
	strv_free(hosts);
}

static void
add_client_auth(struct issue_pane *issue)
{
	const struct profiles *profiles = certs_profiles(issue_certs(issue));

	issue->client_auth = !issue->client_auth;
	issue_recheck(issue);
	if (issue->client_auth && !(profiles_changed(profiles) && profiles->added))
		app_message(issue->pane.app, "profile \"%s\" gives client auth already",
		    field_text(&issue->fields[FIELD_PROFILE]));
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
	case ACT_issue_client_auth:
		add_client_auth(issue);
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

	if (key == SYM_page_down || key == SYM_page_up)
		return scroll_act(&issue->checks, key == SYM_page_up ? ACT_pager_page_up :
				ACT_pager_page_down) || issue->form.focused;
	if (action_of_key(GROUP_issue, key) == ACT_issue_client_auth ||
	    !form_key(&issue->form, key))
		return false;
	follow_choices(issue);
	issue_recheck(issue);
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
	issue_recheck(self(pane));
}

static void
enter(struct pane *pane)
{
	certs_refresh(pane->app->models.certs);
	resolved_forget(self(pane)->resolved);
}

static void
update(struct pane *pane, unsigned changed)
{
	struct issue_pane *issue = self(pane);

	if (!(changed & (WANT_INVENTORY | WANT_CHANNEL)))
		return;
	if (issue->generation != certs_generation(pane->app->models.certs) || changed & WANT_CHANNEL)
		load(issue);
	issue->generation = certs_generation(pane->app->models.certs);
}

static bool
busy(const struct pane *pane)
{
	return certs_busy(pane->app->models.certs) || resolved_busy(self_const(pane)->resolved);
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
