/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "pki/check.h"
#include "pki/csr.h"
#include "pki/san.h"
#include "tests/fuzz/fuzz.h"

/* A subject that is written is read back; hosts are told apart without end or overrun. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct buf text = BUF_INIT(1 << 20), der = BUF_INIT(1 << 20), shown = BUF_INIT(1 << 22);
	struct san_list sans = { 0 };
	struct findings findings = { 0 };
	struct name again = { 0 };
	struct err err = { 0 };
	struct csr csr;

	buf_add(&text, data, len);
	csr_check(&text, "input", &findings);
	if (csr_parse(&csr, &text, "input", &err) == 0) {
		struct der raw;

		if (name_write(&csr.name, &der, &err) == 0 && !der.full) {
			raw = (struct der){ (const unsigned char *)der.data, der.len };
			MUST(name_read(&again, raw, &err) == 0);
			name_text(raw, &shown);
		}
		san_list_add_all(&sans, csr.hosts);
		san_list_write(&sans, &shown, &err);
		check_hosts(csr.hosts, &findings);
		csr_release(&csr);
	} else {
		MUST(err.text[0]);
	}
	name_release(&again);
	san_list_release(&sans);
	findings_release(&findings);
	buf_release(&text);
	buf_release(&der);
	buf_release(&shown);
	return 0;
}
