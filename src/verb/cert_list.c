/* SPDX-License-Identifier: Apache-2.0
 * cert list: the certificates in pki/, the soonest to expire first. */
#include <stdlib.h>

#include "base/clock.h"
#include "verb/pki_folder.h"

static void
put_line(struct verb_call *call, const struct cert_entry *entry)
{
	char day[CLOCK_RFC3339_SIZE];

	report_text(call->report, "%-24s %-8s %-24s %6lld d  %s  %s\n", entry->name,
	    cert_profile(&entry->cert), entry->cert.cn, (long long)entry->days_left,
	    clock_day(entry->cert.not_after, day), cert_status_name(entry->status));
	for (size_t i = 0; i < entry->findings.len; i++)
		report_text(call->report, "    %s\n", entry->findings.items[i].text);
}

static int
run(struct verb_call *call, struct err *err)
{
	struct inventory inventory;
	char *dir;
	int result;

	if (args_expect(call, 0, 0, err) != 0)
		return -1;
	dir = pki_folder(call);
	report_list(call->report, "certs");
	result = inventory_read(&inventory, dir, clock_wall_ms() / 1000, err);
	for (size_t i = 0; i < inventory.findings.len; i++)
		report_warn(call->report, "%s", inventory.findings.items[i].text);
	for (size_t i = 0; i < inventory.len; i++) {
		put_line(call, &inventory.entries[i]);
		report_row(call->report, "certs", pki_entry_json(&inventory.entries[i]));
	}
	if (result == 0 && !inventory.len)
		report_words(call->report, "no certificate in %s; vetch ca init makes a CA there", dir);
	inventory_release(&inventory);
	free(dir);
	return result;
}

const struct verb_ops ops_cert_list = { .run = run, .reads = true };
