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

enum { SOON_DAYS = 30, MAX_CHAIN = 8 };

static const struct inventory *
inventory(const struct pane *pane)
{
	return certs_inventory(pane->app->models.certs);
}

static const struct cert_entry *
at(const struct pane *pane, size_t index)
{
	return &inventory(pane)->entries[index];
}

/* ---- columns */

static void
name_text(const struct pane *pane, size_t index, struct buf *out)
{
	buf_add_str(out, at(pane, index)->name);
}

static void
profile_text(const struct pane *pane, size_t index, struct buf *out)
{
	buf_add_str(out, cert_entry_profile(at(pane, index)));
}

static void
cn_text(const struct pane *pane, size_t index, struct buf *out)
{
	buf_add_str(out, at(pane, index)->cert.cn);
}

static void
left_text(const struct pane *pane, size_t index, struct buf *out)
{
	const struct cert_entry *entry = at(pane, index);

	if (entry->status == CERT_EXPIRED)
		buf_add_byte(out, '-');
	else
		buf_printf(out, "%lld d", (long long)entry->days_left);
}

/* What is known without asking the members: the certificate that this console shows them. */
static void
used_text(const struct pane *pane, size_t index, struct buf *out)
{
	const char *cert = pane->app->connection.cert;

	buf_add_str(out, cert && strcmp(cert, at(pane, index)->path) == 0 ? "this console" : "-");
}

static bool
soon(const struct cert_entry *entry)
{
	return entry->status == CERT_GOOD && entry->days_left < SOON_DAYS;
}

static void
state_text(const struct pane *pane, size_t index, struct buf *out)
{
	const struct cert_entry *entry = at(pane, index);

	if (entry->status == CERT_EXPIRED)
		buf_add_str(out, "expired");
	else if (entry->status == CERT_NOT_YET)
		buf_add_str(out, "not yet");
	else
		buf_add_str(out, soon(entry) ? "expires" : "valid");
}

static enum role
state_role(const struct pane *pane, size_t index)
{
	const struct cert_entry *entry = at(pane, index);

	if (entry->status == CERT_EXPIRED)
		return ROLE_alert;
	return entry->status == CERT_NOT_YET || soon(entry) ? ROLE_warn : ROLE_good;
}

static int
by_name(const struct pane *pane, size_t a, size_t b)
{
	return strcmp(at(pane, a)->name, at(pane, b)->name);
}

static int
by_profile(const struct pane *pane, size_t a, size_t b)
{
	return strcmp(cert_entry_profile(at(pane, a)), cert_entry_profile(at(pane, b)));
}

static int
by_cn(const struct pane *pane, size_t a, size_t b)
{
	return strcmp(at(pane, a)->cert.cn, at(pane, b)->cert.cn);
}

static int
by_left(const struct pane *pane, size_t a, size_t b)
{
	int64_t x = at(pane, a)->cert.not_after, y = at(pane, b)->cert.not_after;

	return (x > y) - (x < y);
}

static const struct column columns[] = {
	{ "NAME", 0, 0, false, name_text, NULL, by_name },
	{ "PROFILE", 8, 3, false, profile_text, NULL, by_profile },
	{ "CN", 18, 4, false, cn_text, NULL, by_cn },
	{ "LEFT", 7, 2, true, left_text, NULL, by_left },
	{ "USED BY", 12, 5, false, used_text, NULL, NULL },
	{ "STATE", 8, 1, false, state_text, state_role, NULL },
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
	return inventory(pane)->len;
}

static bool
needs_hand(const struct cert_entry *entry)
{
	return findings_count(&entry->findings, FINDING_WARN) ||
	    findings_count(&entry->findings, FINDING_ERROR);
}

static char
row_sign(const struct pane *pane, size_t index)
{
	return needs_hand(at(pane, index)) ? '!' : ' ';
}

static void
row_status(const struct pane *pane, struct buf *out)
{
	size_t count = 0;

	for (size_t i = 0; i < inventory(pane)->len; i++)
		count += needs_hand(at(pane, i));
	if (count)
		buf_printf(out, ", %zu need%s a hand (!)", count, count == 1 ? "s" : "");
}

static void
row_empty(const struct pane *pane, struct buf *out)
{
	const struct certs *certs = pane->app->models.certs;

	if (!certs_folder(certs))
		buf_add_str(out, "There is no workspace: HOME is not set. Start vetch with -C DIR.");
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
	.name = name_text,
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

	if (!ca) {
		buf_add_str(out, certs_busy(pane->app->models.certs) ? "CA" : "no CA in pki/");
		return;
	}
	buf_add_str(out, "CA \"");
	text_escape(out, ca->cert.cn, strlen(ca->cert.cn));
	buf_printf(out, "\"  %s%s\tto %s", ca->cert.key, ca->has_key ? "" : ", its key is not here",
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
paint_dates(const struct cert_entry *entry, struct grid *grid, int *row)
{
	char from[CLOCK_RFC3339_SIZE], to[CLOCK_RFC3339_SIZE];
	struct buf text = BUF_INIT(512);

	buf_printf(&text, "%s to %s UTC    key %s", clock_minute(entry->cert.not_before, from),
	    clock_minute(entry->cert.not_after, to), entry->cert.key);
	detail_line(grid, row, "valid", buf_str(&text));
	buf_release(&text);
}

static void
paint_usages(const struct cert_entry *entry, struct grid *grid, int *row)
{
	struct buf text = BUF_INIT(1 << 16);

	join(entry->cert.usages, entry->cert.usage_count, &text);
	detail_line(grid, row, "usages", text.len ? buf_str(&text) : "any: the certificate names none");
	buf_reset(&text);
	for (size_t i = 0; i < entry->cert.sans.len; i++) {
		char *san = cert_san_text(&entry->cert.sans.items[i]);

		buf_printf(&text, "%s%s", i ? ", " : "", san);
		free(san);
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
paint_files(const struct cert_entry *entry, struct grid *grid, int *row)
{
	struct buf text = BUF_INIT(8192);
	const char *print = entry->cert.fingerprint;

	buf_printf(&text, "pki/%s", file_name(entry->path));
	if (entry->key_path)
		buf_printf(&text, "  pki/%s %04o", file_name(entry->key_path), entry->key_mode);
	else
		buf_add_str(&text, "  no key here");
	buf_printf(&text, "   sha256 %.4s %.4s %.4s ...", print, print + 4, print + 8);
	detail_line(grid, row, "files", buf_str(&text));
	buf_release(&text);
}

static void
paint_chain(const struct pane *pane, size_t index, struct grid *grid, int *row)
{
	size_t chain[MAX_CHAIN], len = inventory_chain(inventory(pane), index, chain, MAX_CHAIN);
	struct buf text = BUF_INIT(8192);

	for (size_t i = 1; i < len; i++)
		buf_printf(&text, "%s%s", i > 1 ? ", by " : "", at(pane, chain[i])->name);
	if (at(pane, chain[len - 1])->issuer == SIZE_MAX)
		buf_printf(&text, "%s\"%s\", which is not in pki/", len > 1 ? ", by " : "",
		    at(pane, chain[len - 1])->cert.issuer_text);
	else if (len == 1)
		buf_add_str(&text, "itself: a root");
	detail_line(grid, row, "issuer", buf_str(&text));
	buf_release(&text);
}

static void
paint(const struct pane *pane, struct grid *grid)
{
	const struct cert_entry *entry;
	size_t index;
	int row = 1;

	if (!pane_row(pane, &index))
		return;
	entry = at(pane, index);
	grid_rule(grid, 0, entry->name);
	detail_line(grid, &row, "serial", entry->cert.serial);
	paint_dates(entry, grid, &row);
	paint_usages(entry, grid, &row);
	paint_files(entry, grid, &row);
	paint_chain(pane, index, grid, &row);
	for (size_t i = 0; i < entry->findings.len; i++)
		detail_line(grid, &row, entry->findings.items[i].level >= FINDING_WARN ? "!" : "note",
		    entry->findings.items[i].text);
}

static void
status(const struct pane *pane, struct buf *out)
{
	const struct findings *findings = &inventory(pane)->findings;

	if (findings->len)
		text_escape(out, findings->items[0].text, strlen(findings->items[0].text));
	else if (*certs_profile_error(pane->app->models.certs))
		text_escape(out, certs_profile_error(pane->app->models.certs),
		    strlen(certs_profile_error(pane->app->models.certs)));
}

/* ---- actions */

static void
copy_command(struct pane *pane, const struct cert_entry *entry)
{
	char *text = xasprintf("cfssl certinfo -cert %s", entry->path);

	app_copy(pane->app, text, strlen(text), "the cfssl command");
	free(text);
}

static bool
act(struct pane *pane, enum action action)
{
	char init[][8] = { "ca", "init" }, *words[] = { init[0], init[1], NULL };
	char show[][8] = { "cert", "show" }, *shown[] = { show[0], show[1], NULL, NULL };
	struct pane *form;
	size_t index;

	switch (action) {
	case ACT_ca_issue:
		app_show_pane(pane->app, PANE_issue);
		form = pane->app->panes[PANE_issue];
		form->ops->act(form, ACT_issue_fill);
		return true;
	case ACT_ca_init:
		app_run_words(pane->app, words);
		return true;
	case ACT_ca_copy:
		if (pane_row(pane, &index))
			copy_command(pane, at(pane, index));
		return true;
	case ACT_list_open:
		if (!pane_row(pane, &index))
			return true;
		shown[2] = at(pane, index)->name;
		app_run_words(pane->app, shown);
		return true;
	default:
		return false;
	}
}

static void
enter(struct pane *pane)
{
	certs_refresh(pane->app->models.certs);
}

static void
update(struct pane *pane, unsigned changed)
{
	if (changed & WANT_INVENTORY)
		pane_reload(pane);
}

static bool
busy(const struct pane *pane)
{
	return certs_busy(pane->app->models.certs);
}

const struct pane_ops pane_ca_ops = {
	.size = sizeof(struct pane),
	.wants = WANT_INVENTORY | WANT_CHANNEL,
	.enter = enter,
	.update = update,
	.paint = paint,
	.act = act,
	.title = title,
	.rows = &rows,
	.detail = 10,
	.open_label = "show",
	.status = status,
	.busy = busy,
};
