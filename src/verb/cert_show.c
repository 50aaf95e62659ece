/* SPDX-License-Identifier: Apache-2.0
 * cert show: all that is known of one certificate of pki/, and its chain. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/mem.h"
#include "verb/pki_folder.h"

enum { MAX_CHAIN = 16 };

static void
join(struct json_object *list, struct buf *out)
{
	for (size_t i = 0; i < json_len(list); i++)
		buf_printf(out, "%s%s", i ? ", " : "", json_object_get_string(json_at(list, i)));
	if (!out->len)
		buf_add_str(out, "none");
}

static void
print_list(struct verb_call *call, const char *label, struct json_object *list)
{
	struct buf text = BUF_INIT(1 << 16);

	join(list, &text);
	report_text(call->report, "%-9s%s\n", label, buf_str(&text));
	buf_release(&text);
}

static void
print_id(struct verb_call *call, const char *label, const unsigned char *id, size_t len)
{
	char hex[2 * CERT_ID_MAX + 1];

	if (len)
		report_text(call->report, "%-9s%s\n", label, hex_encode(id, len, hex));
}

static void
print_entry(struct verb_call *call, const struct cert_entry *entry, struct json_object *json)
{
	const struct cert *cert = &entry->cert;
	char from[CLOCK_RFC3339_SIZE], to[CLOCK_RFC3339_SIZE];

	report_text(call->report, "name     %s\nsubject  %s\nissuer   %s\nserial   %s\n", entry->name,
	    cert->subject_text, cert->issuer_text, cert->serial);
	report_text(call->report, "valid    %s to %s UTC, %s, %lld days left\n",
	    clock_minute(cert->not_before, from), clock_minute(cert->not_after, to),
	    cert_status_name(entry->status), (long long)entry->days_left);
	print_list(call, "usages", json_get(json, "usages"));
	print_list(call, "sans", json_get(json, "sans"));
	report_text(call->report, "key      %s, %s\nsha256   %s\nfile     %s\n", cert->key,
	    entry->has_key ? entry->key_path : "its private key is not here", cert->fingerprint,
	    entry->path);
	print_id(call, "ski", cert->subject_id, cert->subject_id_len);
	print_id(call, "aki", cert->issuer_id, cert->issuer_id_len);
	for (size_t i = 0; i < entry->findings.len; i++)
		report_text(call->report, "%-9s%s\n", finding_word(entry->findings.items[i].level),
		    entry->findings.items[i].text);
}

static struct json_object *
chain_json(struct verb_call *call, const struct inventory *inventory, size_t from)
{
	struct json_object *list = json_object_new_array();
	size_t chain[MAX_CHAIN], len = inventory_chain(inventory, from, chain, MAX_CHAIN);

	for (size_t i = 0; i < len; i++) {
		json_object_array_add(list, json_object_new_string(inventory->entries[chain[i]].name));
		if (i)
			report_text(call->report, "%-9s %s (%s)\n", "signed by",
			    inventory->entries[chain[i]].name, inventory->entries[chain[i]].cert.subject_text);
	}
	return list;
}

static int
run(struct verb_call *call, struct err *err)
{
	struct inventory inventory;
	const struct cert_entry *entry;
	char *dir;
	int result;

	if (args_expect(call, 1, 1, err) != 0)
		return -1;
	dir = pki_folder(call);
	result = inventory_read(&inventory, dir, clock_wall_ms() / 1000, err);
	entry = result == 0 ? inventory_find(&inventory, args_at(call->args, 0)) : NULL;
	if (result == 0 && !entry) {
		result = err_set(err, ERR_NOT_FOUND, "%s holds no certificate \"%.80s\"", dir,
		    args_at(call->args, 0));
		err_cure(err, "vetch cert list names them");
	}
	if (entry) {
		struct json_object *json = pki_entry_json(entry);

		print_entry(call, entry, json);
		json_put_object(json, "chain",
		    chain_json(call, &inventory, (size_t)(entry - inventory.entries)));
		report_result(call->report, json);
	}
	inventory_release(&inventory);
	free(dir);
	return result;
}

const struct verb_ops ops_cert_show = { .run = run, .reads = true };
