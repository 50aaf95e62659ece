/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/csr.h"
#include "pki/profile.h"
#include "tests/fuzz/fuzz.h"

/* ca-csr.json and ca-config.json, written by hand or by nobody knows whom. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct buf text = BUF_INIT(1 << 20);
	struct csr csr = { 0 };
	struct profiles profiles = { 0 };
	struct findings found = { 0 };
	struct err err = { 0 };
	const char *oids[16];
	unsigned bits;

	buf_add(&text, data, len);
	if (csr_parse(&csr, &text, "input", &err) != 0)
		MUST(err.text[0]);
	csr_release(&csr);
	csr_check(&text, "input", &found);
	err_clear(&err);
	if (profiles_parse(&profiles, &text, "input", &err) != 0)
		MUST(err.text[0]);
	else
		MUST(profile_usages(profiles.chosen, &bits, oids, 16) <= 16);
	profiles_check(&text, "input", &found);
	profiles_release(&profiles);
	findings_release(&found);
	buf_release(&text);
	return 0;
}
