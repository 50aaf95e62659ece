/* SPDX-License-Identifier: Apache-2.0
 * CA: every certificate of pki/, the soonest to expire first, and what there is to say of the one
 * under the cursor. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "ui/app.h"
#include "ui/pane.h"

enum { SOON_DAYS = 30, MAX_CHAIN = 8, YEARS_FROM = 10000 };
enum { SAN_ROOM = 150 };	/* what is wrong with it stands below its names, and must be seen */

static const char stranger_name[] = "(not in pki/)";

/* One row: a certificate of pki/, or one that is served and lies elsewhere (entry is NULL). */
struct shown {
	const struct cert *cert;
	const struct cert_entry *entry;
	const struct served_row *served;
};

static const struct inventory *
inventory(const struct pane *pane)
{
	return certs_inventory(pane->app->models.certs);
}

static const struct served_points *
points(const struct pane *pane)
{
	return serving_points(pane->app->models.serving);
}

static struct shown
at(const struct pane *pane, size_t index)
{
	const struct served_join *join = serving_join(pane->app->models.serving);
	const struct served_row *served;

	if (index < inventory(pane)->len)
		return (struct shown){ &inventory(pane)->entries[index].cert,
			&inventory(pane)->entries[index], &join->rows[index] };
	served = &join->strangers[index - inventory(pane)->len];
	return (struct shown){ &points(pane)->items[served->first]->cert, NULL, served };
}

static int64_t
days_left(const struct cert *cert)
{
	int64_t left = cert->not_after - clock_wall_ms() / 1000;

	return left / 86400 - (left % 86400 < 0);
}

/* ---- columns */

/* Where there is no pki/ to miss it in, the member that serves it is all the name it has. */
static void
name_text(const struct pane *pane, size_t index, struct buf *out)
{
	struct shown row = at(pane, index);
	const struct served_point *point = row.entry ? NULL : points(pane)->items[row.served->first];

	if (row.entry)
		buf_add_str(out, row.entry->name);
	else if (app_no_workspace(pane->app))
		buf_printf(out, "%s%s", point->member, point->peer ? "-peer" : "");
	else
		buf_add_str(out, stranger_name);
}

/* What tells the row from others: strangers have a name in common. */
static void
key_text(const struct pane *pane, size_t index, struct buf *out)
{
	name_text(pane, index, out);
	if (!at(pane, index).entry)
		buf_printf(out, " %s", at(pane, index).cert->fingerprint);
}

static void
profile_text(const struct pane *pane, size_t index, struct buf *out)
{
	buf_add_str(out, cert_profile(at(pane, index).cert));
}

static void
cn_text(const struct pane *pane, size_t index, struct buf *out)
{
	buf_add_str(out, at(pane, index).cert->cn);
}

static void
left_text(const struct pane *pane, size_t index, struct buf *out)
{
	int64_t days = days_left(at(pane, index).cert);

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
	served_row_text(at(pane, index).served, points(pane), clock_wall_ms() / 1000, out);
}

static const char *
state_word(const struct pane *pane, const struct shown *row)
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
	struct shown row = at(pane, index);

	buf_add_str(out, state_word(pane, &row));
}

static enum role
state_role(const struct pane *pane, size_t index)
{
	struct shown row = at(pane, index);

	if (strcmp(state_word(pane, &row), "expired") == 0)
		return ROLE_alert;
	return strcmp(state_word(pane, &row), "valid") == 0 ? ROLE_good : ROLE_warn;
}

static int
by_name(const struct pane *pane, size_t a, size_t b)
{
	struct shown x = at(pane, a), y = at(pane, b);

	return strcmp(x.entry ? x.entry->name : stranger_name, y.entry ? y.entry->name : stranger_name);
}

static int
by_profile(const struct pane *pane, size_t a, size_t b)
{
	return strcmp(cert_profile(at(pane, a).cert), cert_profile(at(pane, b).cert));
}

static int
by_cn(const struct pane *pane, size_t a, size_t b)
{
	return strcmp(at(pane, a).cert->cn, at(pane, b).cert->cn);
}

static int
by_left(const struct pane *pane, size_t a, size_t b)
{
	int64_t x = at(pane, a).cert->not_after, y = at(pane, b).cert->not_after;

	return (x > y) - (x < y);
}

/* Who serves it, by member and port; those that nobody serves come last. */
static int
by_served(const struct pane *pane, size_t a, size_t b)
{
	const struct served_row *x = at(pane, a).served, *y = at(pane, b).served;
	size_t left = x->count ? x->first : SIZE_MAX, right = y->count ? y->first : SIZE_MAX;

	return (left > right) - (left < right);
}

static const struct column columns[] = {
	{ .title = "NAME", .keep = 0, .text = name_text, .compare = by_name },
	{ .title = "PROFILE", .width = 7, .keep = 3, .text = profile_text, .compare = by_profile },
	{ .title = "CN", .width = 10, .keep = 4, .text = cn_text, .compare = by_cn },
	{ .title = "LEFT", .width = 6, .keep = 2, .gap = 1, .right = true, .text = left_text,
	  .compare = by_left },
	{ .title = "SERVED BY", .width = 17, .keep = 5, .text = served_text, .compare = by_served },
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
	return inventory(pane)->len + serving_join(pane->app->models.serving)->stranger_count;
}

static bool
needs_hand(const struct pane *pane, const struct shown *row)
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
	struct shown row = at(pane, index);

	return needs_hand(pane, &row) ? '!' : ' ';
}

static void
row_status(const struct pane *pane, struct buf *out)
{
	size_t count = 0;

	for (size_t i = 0; i < row_count(pane); i++)
		count += row_sign(pane, i) == '!';
	if (count)
		buf_printf(out, ", %zu need%s a hand (!)", count, count == 1 ? "s" : "");
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
	.status = row_status,
	.empty = row_empty,
};

/* ---- title and detail */

static void
title(const struct pane *pane, struct buf *out)
{
	const struct cert_entry *ca = inventory_ca(inventory(pane));
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
	    ca->key_encrypted ? ", key encrypted" : ca->has_key ? "" : ", its key is not here",
	    clock_day(ca->cert.not_after, day));
}

static void
detail_line(struct grid *grid, int *row, const char *label, const char *text)
{
	if (*row >= grid->rows)
		return;
	pen_as(&(struct pen){ grid, *row, 1, grid->cols, ROLE_label }, ROLE_label, label);
	grid_wrap(grid, row, 10, ROLE_text, text);
}

static void
join(char *const *words, size_t len, struct buf *out)
{
	for (size_t i = 0; i < len; i++)
		buf_printf(out, "%s%s", i ? ", " : "", words[i]);
}

static void
paint_dates(const struct cert *cert, struct grid *grid, int *row)
{
	char from[CLOCK_RFC3339_SIZE], to[CLOCK_RFC3339_SIZE];
	struct buf text = BUF_INIT(512);

	buf_printf(&text, "%s to %s UTC    key %s", clock_minute(cert->not_before, from),
	    clock_minute(cert->not_after, to), cert->key);
	detail_line(grid, row, "valid", buf_str(&text));
	buf_release(&text);
}

static void
paint_usages(const struct cert *cert, struct grid *grid, int *row)
{
	struct buf text = BUF_INIT(1 << 16);

	join(cert->usages, cert->usage_count, &text);
	detail_line(grid, row, "usages", text.len ? buf_str(&text) : "any: the certificate names none");
	buf_reset(&text);
	for (size_t i = 0; i < cert->sans.len && text.len < SAN_ROOM; i++) {
		char *san = cert_san_text(&cert->sans.items[i]);

		buf_printf(&text, "%s%s", i ? ", " : "", san);
		free(san);
		if (text.len >= SAN_ROOM && i + 1 < cert->sans.len)
			buf_printf(&text, " and %zu more: Enter shows all", cert->sans.len - i - 1);
	}
	detail_line(grid, row, "SAN", text.len ? buf_str(&text) : "none");
	buf_release(&text);
}

static const char *
file_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void
add_print(const struct cert *cert, struct buf *out)
{
	const char *print = cert->fingerprint;

	buf_printf(out, "sha256 %.4s %.4s %.4s ...", print, print + 4, print + 8);
}

static void
paint_files(const struct cert_entry *entry, struct grid *grid, int *row)
{
	struct buf text = BUF_INIT(8192);

	buf_printf(&text, "pki/%s", file_name(entry->path));
	if (entry->key_path)
		buf_printf(&text, "  pki/%s %04o   ", file_name(entry->key_path), entry->key_mode);
	else
		buf_add_str(&text, "  no key here   ");
	add_print(&entry->cert, &text);
	detail_line(grid, row, "files", buf_str(&text));
	buf_release(&text);
}

static void
add_server(const struct served_point *point, struct buf *out)
{
	char age[24];

	buf_printf(out, "%s%s", out->len ? ", " : "by ", point->label);
	if (!point->answers)
		buf_printf(out, " (seen %s ago, silent now)",
		    text_age(clock_wall_ms() / 1000 - point->seen, age, sizeof age));
}

/* All who serve it: the column has room for one. */
static void
paint_served(const struct pane *pane, const struct shown *shown, struct grid *grid, int *row)
{
	const struct served_points *all = points(pane);
	struct buf text = BUF_INIT(1 << 16);

	for (size_t i = 0; i < all->len; i++)
		if (all->items[i]->has_cert &&
		    strcmp(all->items[i]->cert.fingerprint, shown->cert->fingerprint) == 0)
			add_server(all->items[i], &text);
	if (shown->served->console)
		buf_printf(&text, "%sby this console to the members", text.len ? "; " : "");
	if (shown->served->state == SERVED_REPLACED)
		buf_add_str(&text, "by nobody: its member shows another certificate. Was it replaced?");
	else if (shown->served->state == SERVED_NOBODY)
		buf_add_str(&text, "by nobody: all members show other certificates");
	else if (shown->served->state == SERVED_UNKNOWN && !text.len)
		buf_add_str(&text, "not known: who might serve it does not answer");
	if (text.len)
		detail_line(grid, row, "served", buf_str(&text));
	buf_release(&text);
}

static void
paint_chain(const struct pane *pane, size_t index, struct grid *grid, int *row)
{
	size_t chain[MAX_CHAIN], len = inventory_chain(inventory(pane), index, chain, MAX_CHAIN);
	struct buf text = BUF_INIT(8192);

	for (size_t i = 1; i < len; i++)
		buf_printf(&text, "%s%s", i > 1 ? ", by " : "", at(pane, chain[i]).entry->name);
	if (at(pane, chain[len - 1]).entry->issuer == SIZE_MAX)
		buf_printf(&text, "%s\"%s\", which is not in pki/", len > 1 ? ", by " : "",
		    at(pane, chain[len - 1]).cert->issuer_text);
	else if (len == 1)
		buf_add_str(&text, "itself: a root");
	detail_line(grid, row, "issuer", buf_str(&text));
	buf_release(&text);
}

static void
paint_stranger(const struct pane *pane, const struct shown *shown, struct grid *grid, int *row)
{
	struct buf text = BUF_INIT(8192);

	add_print(shown->cert, &text);
	detail_line(grid, row, "print", buf_str(&text));
	detail_line(grid, row, "issuer", shown->cert->issuer_text);
	if (!app_no_workspace(pane->app))
		detail_line(grid, row, "!", "it is served, but does not lie in pki/: it was made elsewhere, or "
		    "its file was lost here");
	buf_release(&text);
}

/* What wants a hand stands on top of the facts, what is good to know below them. */
static void
paint_findings(const struct cert_entry *entry, bool wrong, struct grid *grid, int *row)
{
	for (size_t i = 0; entry && i < entry->findings.len; i++) {
		const struct finding *finding = &entry->findings.items[i];

		if ((finding->level >= FINDING_WARN) == wrong)
			detail_line(grid, row, wrong ? "!" : "note", finding->text);
	}
}

static void
paint(const struct pane *pane, struct grid *grid)
{
	struct buf name = BUF_INIT(1 << 16);
	struct shown shown;
	size_t index;
	int row = 1;

	if (!pane_row(pane, &index))
		return;
	shown = at(pane, index);
	name_text(pane, index, &name);
	grid_rule(grid, 0, buf_str(&name));
	buf_release(&name);
	paint_findings(shown.entry, true, grid, &row);
	detail_line(grid, &row, "serial", shown.cert->serial);
	paint_dates(shown.cert, grid, &row);
	paint_usages(shown.cert, grid, &row);
	if (shown.entry) {
		paint_files(shown.entry, grid, &row);
		paint_chain(pane, index, grid, &row);
	}
	paint_served(pane, &shown, grid, &row);
	if (!shown.entry)
		paint_stranger(pane, &shown, grid, &row);
	paint_findings(shown.entry, false, grid, &row);
}

/* The first member that shows what pki/ does not hold. */
static void
stranger_status(const struct pane *pane, struct buf *out)
{
	const struct served_join *join = serving_join(pane->app->models.serving);
	const struct served_point *point;

	if (!join->stranger_count || app_no_workspace(pane->app))
		return;
	point = points(pane)->items[join->strangers[0].first];
	text_escape(out, point->label, strlen(point->label));
	buf_add_str(out, " serves a certificate that is not in pki/");
}

static void
status(const struct pane *pane, struct buf *out)
{
	const struct findings *findings = &inventory(pane)->findings;
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

/* One of pki/ with its chain; another as its server shows it. */
static void
show(struct pane *pane, size_t index)
{
	struct shown row = at(pane, index);
	char words[][8] = { "cert", "show", "check" };
	char *argv[] = { words[0], row.entry ? words[1] : words[2],
		row.entry ? row.entry->name : points(pane)->items[row.served->first]->url, NULL };

	app_run_words(pane->app, argv);
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
			copy_command(pane, at(pane, index).entry);
		return true;
	case ACT_list_open:
		if (pane_row(pane, &index))
			show(pane, index);
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
	.paint = paint,
	.act = act,
	.title = title,
	.rows = &rows,
	.scrolls = true,
	.detail = 10,
	.open_label = "show",
	.status = status,
	.busy = busy,
};
