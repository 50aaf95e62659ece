/* SPDX-License-Identifier: Apache-2.0
 * cert list: the certificates in pki/, the soonest to expire first; with --served beside what each
 * URL of each member shows. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "pki/served_by.h"
#include "verb/pki_folder.h"
#include "verb/served_members.h"

struct listing {
	struct verb_call *call;
	struct inventory inventory;
	bool served;		/* what follows was asked for */
	struct served_points points;
	struct served_join join;
};

static void
listing_release(struct listing *listing)
{
	inventory_release(&listing->inventory);
	served_points_release(&listing->points);
	served_join_release(&listing->join);
}

/* ---- text */

static void
put_head(struct listing *listing)
{
	report_text(listing->call->report, "%-24s %-8s %-24s %8s  %-10s  %-7s  SERVED BY\n", "NAME",
	    "PROFILE", "CN", "LEFT", "TO", "STATUS");
}

/* `row` is NULL where nobody was asked. */
static void
put_line(struct listing *listing, const char *name, const struct cert *cert, const char *status,
    const struct served_row *row)
{
	int64_t now = clock_wall_ms() / 1000, left = cert->not_after - now;
	char day[CLOCK_RFC3339_SIZE];
	struct buf by = BUF_INIT(4096), cn = BUF_INIT(4096);

	text_escape(&cn, cert->cn, strlen(cert->cn));
	report_text(listing->call->report, "%-24s %-8s %-24s %6lld d  %s  ", name, cert_profile(cert),
	    buf_str(&cn), (long long)(left / 86400 - (left % 86400 < 0)), clock_day(cert->not_after, day));
	if (row) {
		served_row_text(row, &listing->points, now, &by);
		report_text(listing->call->report, "%-7s  %s\n", status, buf_str(&by));
	} else {
		report_text(listing->call->report, "%s\n", status);
	}
	buf_release(&by);
	buf_release(&cn);
}

/* ---- JSON */

static void
put_served(struct listing *listing, const struct cert *cert, const struct served_row *row,
    struct json_object *object)
{
	static const char *const states[] = { "not", "now", "silent", "unknown", "nobody", "replaced" };
	struct json_object *urls = json_object_new_array();

	for (size_t i = 0; i < listing->points.len; i++) {
		const struct served_point *point = listing->points.items[i];

		if (point->has_cert && strcmp(point->cert.fingerprint, cert->fingerprint) == 0)
			json_object_array_add(urls, json_object_new_string(point->url));
	}
	json_put_object(object, "served_by", urls);
	json_put_str(object, "served", states[row->state]);
}

static void
put_url(struct listing *listing, const struct served_point *point)
{
	struct json_object *object = json_object_new_object();

	json_put_str(object, "member", point->member);
	json_put_str(object, "url", point->url);
	json_put_bool(object, "peer", point->peer);
	if (point->answers)
		json_put_str(object, "fingerprint_sha256", point->cert.fingerprint);
	else
		json_put_str(object, "error", point->why.text);
	report_row(listing->call->report, "urls", object);
	if (!point->answers)
		report_warn(listing->call->report, "%s: %s", point->label, point->why.text);
}

/* ---- the list */

static void
put_entry(struct listing *listing, size_t index)
{
	const struct cert_entry *entry = &listing->inventory.entries[index];
	const struct served_row *row = listing->served ? &listing->join.rows[index] : NULL;
	struct json_object *object = pki_entry_json(entry);

	put_line(listing, entry->name, &entry->cert, cert_status_name(entry->status), row);
	for (size_t i = 0; i < entry->findings.len; i++)
		report_text(listing->call->report, "    %s\n", entry->findings.items[i].text);
	if (row && row->state == SERVED_REPLACED)
		report_text(listing->call->report, "    its member serves another certificate\n");
	if (row)
		put_served(listing, &entry->cert, row, object);
	report_row(listing->call->report, "certs", object);
}

static void
put_stranger(struct listing *listing, const struct served_row *row)
{
	const struct cert *cert = &listing->points.items[row->first]->cert;
	struct json_object *object = pki_cert_json(cert);

	put_line(listing, "(not in pki/)", cert, "unknown", row);
	put_served(listing, cert, row, object);
	report_row(listing->call->report, "not_in_pki", object);
}

static int
ask_members(struct listing *listing, struct err *err)
{
	char *own = NULL;

	report_list(listing->call->report, "not_in_pki");
	report_list(listing->call->report, "urls");
	if (served_members(listing->call, &listing->points, &own, err) != 0)
		return -1;
	served_join_make(&listing->join, &listing->inventory, &listing->points, own);
	free(own);
	listing->served = true;
	put_head(listing);
	return 0;
}

static int
list(struct listing *listing, struct err *err)
{
	struct verb_call *call = listing->call;
	const struct inventory *inventory = &listing->inventory;

	for (size_t i = 0; i < inventory->findings.len; i++)
		report_warn(call->report, "%s", inventory->findings.items[i].text);
	if (args_bool(call->args, "served") && ask_members(listing, err) != 0)
		return -1;
	for (size_t i = 0; i < inventory->len; i++)
		put_entry(listing, i);
	for (size_t i = 0; i < listing->join.stranger_count; i++)
		put_stranger(listing, &listing->join.strangers[i]);
	for (size_t i = 0; i < listing->points.len; i++)
		put_url(listing, listing->points.items[i]);
	return 0;
}

static int
run(struct verb_call *call, struct err *err)
{
	struct listing listing = { .call = call };
	char *dir;
	int result;

	if (args_expect(call, 0, 0, err) != 0)
		return -1;
	dir = pki_folder(call);
	report_list(call->report, "certs");
	result = inventory_read(&listing.inventory, dir, clock_wall_ms() / 1000, err);
	if (result == 0)
		result = list(&listing, err);
	if (result == 0 && !listing.inventory.len)
		report_words(call->report, "no certificate in %s; vetch ca init makes a CA there", dir);
	listing_release(&listing);
	free(dir);
	return result;
}

static const struct flag flags[] = {
	{ "served", 0, FLAG_BOOL, NULL, "join it with what every URL of every member serves now" },
	{ NULL },
};

const struct verb_ops ops_cert_list = { .flags = flags, .run = run, .reads = true };
