/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "pki/check.h"
#include "pki/inventory.h"
#include "pki/issue.h"
#include "tests/fuzz/fuzz.h"

/* A file of anything beside certificates: each entry has all its facts, none is read twice. The
 * same bytes as DER and as a request must only be refused or taken. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct buf text = BUF_INIT(1 << 20);
	struct inventory inventory = { 0 };
	struct request request = { 0 };
	struct cert cert;

	buf_add(&text, data, len);
	inventory_add(&inventory, "folder/input.pem", &text);
	for (size_t i = 0; i < inventory.len; i++) {
		const struct cert_entry *entry = &inventory.entries[i];

		MUST(entry->cert.subject_text && entry->cert.serial && entry->cert.cn && entry->cert.usages);
		MUST(strlen(entry->cert.fingerprint) == 64);
		check_cert(&entry->cert, NULL, 1700000000, &inventory.entries[i].findings);
	}
	inventory_release(&inventory);
	if (len && cert_parse(&cert, data, len, "input", NULL) == 0)
		cert_release(&cert);
	if (request_from_pkcs10(&request, &text, "input", NULL) == 0)
		request_release(&request);
	buf_release(&text);
	return 0;
}
