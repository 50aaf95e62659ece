/* SPDX-License-Identifier: Apache-2.0
 * CA: every certificate of pki/, the soonest to expire first, and what there is to say of the one
 * under the cursor. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "ui/ca.h"

enum { SOON_DAYS = 30, YEARS_FROM = 10000 };

static int64_t
days_left(const struct cert *cert)
{
	int64_t left = cert->not_after - clock_wall_ms() / 1000;

	return left / 86400 - (left % 86400 < 0);
}

/* ---- columns */

/* What tells the row from others: strangers have a name in common. */
static void
key_text(const struct pane *pane, size_t index, struct buf *out)
{
	ca_name(pane, index, out);
	if (!ca_row(pane, index).entry)
		buf_printf(out, " %s", ca_row(pane, index).cert->fingerprint);
}

static void
profile_text(const struct pane *pane, size_t index, struct buf *out)
{
	buf_add_str(out, cert_profile(ca_row(pane, index).cert));
}

static void
cn_text(const struct pane *pane, size_t index, struct buf *out)
{
	buf_add_str(out, ca_row(pane, index).cert->cn);
}

static void
left_text(const struct pane *pane, size_t index, struct buf *out)
{
	int64_t days = days_left(ca_row(pane, index).cert);

	if (days < 0)
		buf_add_byte(out, '-');
	else if (days < YEARS_FROM)
		buf_printf(out, "%lld d", (long long)days);
	else
		buf_printf(out, "%lld y", (long long)days / 365);
}

static void
served_text(const struct pane *pane, size_t index, struct buf *out)
{
	served_row_text(ca_row(pane, index).served, ca_points(pane), clock_wall_ms() / 1000, out);
}

static const char *
state_word(const struct pane *pane, const struct ca_row *row)
{
	int64_t days = days_left(row->cert);

	if (!row->entry && app_no_workspace(pane->app))
		return days < 0 ? "expired" : days < SOON_DAYS ? "expires" : "valid";
	if (!row->entry)
		return "unknown here";
	if (row->entry->status == CERT_EXPIRED)
		return "expired";
	if (row->entry->status == CERT_NOT_YET)
		return "not yet";
	if (row->served->state == SERVED_REPLACED)
		return "replaced?";
	return row->entry->days_left < SOON_DAYS ? "expires" : "valid";
}

static void
state_text(const struct pane *pane, size_t index, struct buf *out)
{
	struct ca_row row = ca_row(pane, index);

	buf_add_str(out, state_word(pane, &row));
}

static enum role
state_role(const struct pane *pane, size_t index)
{
	struct ca_row row = ca_row(pane, index);

	if (strcmp(state_word(pane, &row), "expired") == 0)
		return ROLE_alert;
	return strcmp(state_word(pane, &row), "valid") == 0 ? ROLE_good : ROLE_warn;
}

static int
by_name(const struct pane *pane, size_t a, size_t b)
{
	struct buf x = BUF_INIT(1 << 16), y = BUF_INIT(1 << 16);
	int order;

	ca_name(pane, a, &x);
	ca_name(pane, b, &y);
	order = strcmp(buf_str(&x), buf_str(&y));
	buf_release(&x);
	buf_release(&y);
	return order;
}

static int
by_profile(const struct pane *pane, size_t a, size_t b)
{
	return strcmp(cert_profile(ca_row(pane, a).cert), cert_profile(ca_row(pane, b).cert));
}

static int
by_cn(const struct pane *pane, size_t a, size_t b)
{
	return strcmp(ca_row(pane, a).cert->cn, ca_row(pane, b).cert->cn);
}

static int
by_left(const struct pane *pane, size_t a, size_t b)
{
	int64_t x = ca_row(pane, a).cert->not_after, y = ca_row(pane, b).cert->not_after;

	return (x > y) - (x < y);
}

/* Who serves it, by member and port; those that nobody serves come last. */
static int
by_served(const struct pane *pane, size_t a, size_t b)
{
	const struct served_row *x = ca_row(pane, a).served, *y = ca_row(pane, b).served;
	size_t left = x->count ? x->first : SIZE_MAX, right = y->count ? y->first : SIZE_MAX;

	return (left > right) - (left < right);
}

static const struct column columns[] = {
	{ .title = "NAME", .keep = 0, .text = ca_name, .compare = by_name, .least = 13 },
	{ .title = "PROFILE", .width = 7, .keep = 4, .text = profile_text, .compare = by_profile },
	{ .title = "CN", .width = 10, .keep = 5, .text = cn_text, .compare = by_cn },
	{ .title = "LEFT", .width = 6, .keep = 2, .gap = 1, .right = true, .text = left_text,
	  .compare = by_left },
	{ .title = "SERVED BY", .width = 17, .keep = 3, .text = served_text, .compare = by_served },
	{ .title = "STATE", .width = 12, .keep = 1, .gap = 1, .text = state_text, .role = state_role },
};

static const struct column *
row_columns(const struct pane *pane, size_t *count)
{
	(void)pane;
	*count = ARRAY_LEN(columns);
	return columns;
}

static size_t
row_count(const struct pane *pane)
{
	return ca_inventory(pane)->len + serving_join(pane->app->models.serving)->stranger_count;
}

static bool
needs_hand(const struct pane *pane, const struct ca_row *row)
{
	if (!row->entry)
		return strcmp(state_word(pane, row), "valid") != 0;
	return row->served->state == SERVED_REPLACED ||
	    findings_count(&row->entry->findings, FINDING_WARN) ||
	    findings_count(&row->entry->findings, FINDING_ERROR);
}

static char
row_sign(const struct pane *pane, size_t index)
{
	struct ca_row row = ca_row(pane, index);

	return needs_hand(pane, &row) ? '!' : ' ';
}

static void
row_aside(const struct pane *pane, struct buf *out)
{
	size_t count = 0;

	for (size_t i = 0; i < row_count(pane); i++)
		count += row_sign(pane, i) == '!';
	if (count)
		buf_printf(out, "   %zu need%s a hand (!)", count, count == 1 ? "s" : "");
}

static void
no_workspace(const struct pane *pane, struct buf *out)
{
	if (app_no_workspace(pane->app))
		buf_add_str(out, "There is no workspace, so there is no pki/ to look at.\n"
		    "A folder that holds one, or shall: vetch -C DIR, with the flags that you gave.\n"
		    "vetch -C DIR ca init makes a certificate authority in it.");
	else
		buf_add_str(out, "There is no workspace: HOME is not set. Start vetch with -C DIR.");
}

static void
row_empty(const struct pane *pane, struct buf *out)
{
	const struct certs *certs = pane->app->models.certs;

	if (!certs_folder(certs))
		no_workspace(pane, out);
	else if (certs_busy(certs))
		buf_printf(out, "reading %s", certs_folder(certs));
	else if (*certs_error(certs))
		buf_printf(out, "%s", certs_error(certs));
	else
		buf_printf(out, "No certificate in %s yet.\ni makes a certificate authority there; a folder of "
		    "cfssl's files is read as it is.", certs_folder(certs));
}

static const struct list_ops rows = {
	.count = row_count,
	.name = key_text,
	.columns = row_columns,
	.sign = row_sign,
	.order = "days left",
	.aside = row_aside,
	.empty = row_empty,
};

/* ---- title and detail */

static void
title(const struct pane *pane, struct buf *out)
{
	const struct cert_entry *ca = inventory_ca(ca_inventory(pane));
	char day[CLOCK_RFC3339_SIZE];

	if (app_no_workspace(pane->app)) {
		buf_add_str(out, "No workspace: what the members serve\t-C DIR names one");
		return;
	}
	if (!ca) {
		buf_add_str(out, certs_busy(pane->app->models.certs) ? "CA" : "no CA in pki/");
		return;
	}
	buf_add_str(out, "CA \"");
	text_escape(out, ca->cert.cn, strlen(ca->cert.cn));
	buf_printf(out, "\"  %s%s\tto %s", ca->cert.key,
	    ca->has_key ? "" : ", its key is not here",
	    clock_day(ca->cert.not_after, day));
}

/* The first member that shows what pki/ does not hold. */
static void
stranger_status(const struct pane *pane, struct buf *out)
{
	const struct served_join *join = serving_join(pane->app->models.serving);
	const struct served_point *point;

	if (!join->stranger_count || app_no_workspace(pane->app))
		return;
	point = ca_points(pane)->items[join->strangers[0].first];
	text_escape(out, point->label, strlen(point->label));
	buf_add_str(out, " serves a certificate that is not in pki/");
}

static void
status(const struct pane *pane, struct buf *out)
{
	const struct findings *findings = &ca_inventory(pane)->findings;
	const char *profile_error = certs_profile_error(pane->app->models.certs);

	if (findings->len)
		text_escape(out, findings->items[0].text, strlen(findings->items[0].text));
	else if (*profile_error)
		text_escape(out, profile_error, strlen(profile_error));
	else
		stranger_status(pane, out);
}

/* ---- actions */

static void
copy_command(struct pane *pane, const struct cert_entry *entry)
{
	char *text;

	if (!entry)
		return;
	text = xasprintf("cfssl certinfo -cert %s", entry->path);

	app_copy(pane->app, text, strlen(text), "the cfssl command");
	free(text);
}

static bool
act(struct pane *pane, enum action action)
{
	char init[][8] = { "ca", "init" }, *words[] = { init[0], init[1], NULL };
	struct pane *form;
	size_t index;

	switch (action) {
	case ACT_ca_issue:
		app_show_pane(pane->app, PANE_issue);
		form = pane->app->panes[PANE_issue];
		form->ops->act(form, ACT_issue_fill);
		return true;
	case ACT_ca_init:
		if (app_no_workspace(pane->app))
			app_message(pane->app, "there is no workspace to make a CA in: start vetch with -C DIR");
		else
			app_run_words(pane->app, words);
		return true;
	case ACT_ca_copy:
		if (pane_row(pane, &index))
			copy_command(pane, ca_row(pane, index).entry);
		return true;
	case ACT_list_open:
		if (pane_row(pane, &index))
			ca_show(pane, index);
		return true;
	default:
		return false;
	}
}

static void
enter(struct pane *pane)
{
	certs_refresh(pane->app->models.certs);
	serving_refresh(pane->app->models.serving);
}

static void
update(struct pane *pane, unsigned changed)
{
	if (changed & WANT_SECOND)
		pane_dirty(pane); /* ages */
	if (changed & (WANT_INVENTORY | WANT_SERVED))
		pane_reload(pane);
}

static bool
busy(const struct pane *pane)
{
	return certs_busy(pane->app->models.certs);
}

const struct pane_ops pane_ca_ops = {
	.size = sizeof(struct pane),
	.wants = WANT_INVENTORY | WANT_SERVED | WANT_CHANNEL | WANT_SECOND,
	.enter = enter,
	.update = update,
	.paint = ca_paint,
	.act = act,
	.title = title,
	.rows = &rows,
	.scrolls = true,
	.detail = 10,
	.open_label = "show",
	.status = status,
	.busy = busy,
};
