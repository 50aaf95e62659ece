/* SPDX-License-Identifier: Apache-2.0
 * The detail of pane CA, and what a row of it is. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/text.h"
#include "ui/ca.h"
#include "ui/result.h"

enum { MAX_CHAIN = 8 };
enum { SAN_ROOM = 150 };	/* beyond it names are counted: there is more to be seen below them */

static const char stranger_name[] = "(not in pki/)";

const struct inventory *
ca_inventory(const struct pane *pane)
{
	return certs_inventory(pane->app->models.certs);
}

const struct served_points *
ca_points(const struct pane *pane)
{
	return serving_points(pane->app->models.serving);
}

struct ca_row
ca_row(const struct pane *pane, size_t index)
{
	const struct served_join *join = serving_join(pane->app->models.serving);
	const struct served_row *served;

	if (index < ca_inventory(pane)->len)
		return (struct ca_row){ &ca_inventory(pane)->entries[index].cert,
			&ca_inventory(pane)->entries[index], &join->rows[index] };
	served = &join->strangers[index - ca_inventory(pane)->len];
	return (struct ca_row){ &ca_points(pane)->items[served->first]->cert, NULL, served };
}

/* Where there is no pki/ to miss it in, the member that serves it is all the name it has. */
void
ca_name(const struct pane *pane, size_t index, struct buf *out)
{
	struct ca_row row = ca_row(pane, index);
	const struct served_point *point = row.entry ? NULL : ca_points(pane)->items[row.served->first];

	if (row.entry)
		buf_add_str(out, row.entry->name);
	else if (app_no_workspace(pane->app))
		buf_printf(out, "%s%s", point->member, point->peer ? "-peer" : "");
	else
		buf_add_str(out, stranger_name);
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
served_text(const struct pane *pane, const struct ca_row *shown, struct buf *out)
{
	const struct served_points *all = ca_points(pane);

	for (size_t i = 0; i < all->len; i++)
		if (all->items[i]->has_cert &&
		    strcmp(all->items[i]->cert.fingerprint, shown->cert->fingerprint) == 0)
			add_server(all->items[i], out);
	if (shown->served->console)
		buf_printf(out, "%sby this console to the members", out->len ? "; " : "");
	if (shown->served->state == SERVED_REPLACED)
		buf_add_str(out, "by nobody: its member shows another certificate. Was it replaced?");
	else if (shown->served->state == SERVED_NOBODY)
		buf_add_str(out, "by nobody: all members show other certificates");
	else if (shown->served->state == SERVED_UNKNOWN && !out->len)
		buf_add_str(out, "not known: who might serve it does not answer");
}

static void
chain_text(const struct pane *pane, size_t index, struct buf *out)
{
	size_t chain[MAX_CHAIN], len = inventory_chain(ca_inventory(pane), index, chain, MAX_CHAIN);

	for (size_t i = 1; i < len; i++)
		buf_printf(out, "%s%s", i > 1 ? ", by " : "", ca_row(pane, chain[i]).entry->name);
	if (ca_row(pane, chain[len - 1]).entry->issuer == SIZE_MAX)
		buf_printf(out, "%s\"%s\", which is not in pki/", len > 1 ? ", by " : "",
		    ca_row(pane, chain[len - 1]).cert->issuer_text);
	else if (len == 1)
		buf_add_str(out, "itself: a root");
}

static void
paint_stranger(const struct pane *pane, const struct ca_row *shown, struct grid *grid, int *row)
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

/* What is known only where it lies: in pki/, or at the servers. */
static void
paint_origin(const struct pane *pane, size_t index, struct grid *grid, int *row)
{
	struct ca_row shown = ca_row(pane, index);
	struct buf text = BUF_INIT(1 << 16);

	if (shown.entry) {
		paint_files(shown.entry, grid, row);
		chain_text(pane, index, &text);
		detail_line(grid, row, "issuer", buf_str(&text));
		buf_reset(&text);
	}
	served_text(pane, &shown, &text);
	if (text.len)
		detail_line(grid, row, "served", buf_str(&text));
	if (!shown.entry)
		paint_stranger(pane, &shown, grid, row);
	buf_release(&text);
}

void
ca_paint(const struct pane *pane, struct grid *grid)
{
	struct buf name = BUF_INIT(1 << 16);
	struct ca_row shown;
	size_t index;
	int row = 1;

	if (!pane_row(pane, &index))
		return;
	shown = ca_row(pane, index);
	ca_name(pane, index, &name);
	grid_rule(grid, 0, buf_str(&name));
	buf_release(&name);
	paint_findings(shown.entry, true, grid, &row);
	detail_line(grid, &row, "serial", shown.cert->serial);
	paint_dates(shown.cert, grid, &row);
	paint_usages(shown.cert, grid, &row);
	paint_origin(pane, index, grid, &row);
	paint_findings(shown.entry, false, grid, &row);
}

/* ---- all of it, as text */

static void
put(struct buf *out, const char *label, const char *text)
{
	buf_printf(out, "%-9s", label);
	text_escape(out, text, strlen(text));
	buf_add_byte(out, '\n');
}

static void
put_id(struct buf *out, const char *label, const unsigned char *id, size_t len)
{
	char hex[2 * CERT_ID_MAX + 1];

	if (len)
		put(out, label, hex_encode(id, len, hex));
}

static void
put_facts(const struct cert *cert, struct buf *out)
{
	char from[CLOCK_RFC3339_SIZE], to[CLOCK_RFC3339_SIZE];

	put(out, "subject", cert->subject_text);
	put(out, "issuer", cert->issuer_text);
	put(out, "serial", cert->serial);
	buf_printf(out, "valid    %s to %s UTC\nkey      %s, signed by %s\n",
	    clock_minute(cert->not_before, from), clock_minute(cert->not_after, to), cert->key,
	    cert->signature);
	for (size_t i = 0; i < cert->usage_count; i++)
		put(out, i ? "" : "usages", cert->usages[i]);
	for (size_t i = 0; i < cert->sans.len; i++) {
		char *san = cert_san_text(&cert->sans.items[i]);

		put(out, i ? "" : "SAN", san);
		free(san);
	}
	put(out, "sha256", cert->fingerprint);
	put_id(out, "ski", cert->subject_id, cert->subject_id_len);
	put_id(out, "aki", cert->issuer_id, cert->issuer_id_len);
}

static void
put_entry(const struct pane *pane, size_t index, struct buf *out)
{
	const struct cert_entry *entry = ca_row(pane, index).entry;
	struct buf text = BUF_INIT(8192);

	put(out, "file", entry->path);
	put(out, "key file", entry->key_path ? entry->key_path : "not here");
	chain_text(pane, index, &text);
	put(out, "chain", buf_str(&text));
	for (size_t i = 0; i < entry->findings.len; i++)
		put(out, finding_word(entry->findings.items[i].level), entry->findings.items[i].text);
	buf_release(&text);
}

void
ca_show(struct pane *pane, size_t index)
{
	struct ca_row shown = ca_row(pane, index);
	struct buf text = BUF_INIT(1 << 20), name = BUF_INIT(1 << 16), served = BUF_INIT(1 << 16);

	put_facts(shown.cert, &text);
	if (shown.entry)
		put_entry(pane, index, &text);
	served_text(pane, &shown, &served);
	if (served.len)
		put(&text, "served", buf_str(&served));
	ca_name(pane, index, &name);
	result_value(pane->app, buf_str(&name), buf_str(&text), text.len);
	buf_release(&served);
	buf_release(&name);
	buf_release(&text);
}
