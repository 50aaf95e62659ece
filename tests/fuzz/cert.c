/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/cert.h"
#include "pki/pem.h"
#include "tests/fuzz/fuzz.h"

/* A pki/ folder may hold anything: text around blocks, blocks around nothing. */
static void
blocks(const char *data, size_t len)
{
	struct pem_block block;
	struct buf der = BUF_INIT(1 << 20), again = BUF_INIT(1 << 21);
	size_t at = 0, before = 0;

	while (pem_next(data, len, &at, &block)) {
		MUST(at > before && at <= len && block.text >= data && block.text + block.text_len <= data + len);
		before = at;
		buf_reset(&der);
		if (pem_decode(&block, &der))
			pem_write(&again, block.label, buf_str(&der), der.len);
	}
	buf_release(&der);
	buf_release(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct cert cert = { 0 };
	struct buf pem = BUF_INIT(1 << 20);
	struct err err = { 0 };

	buf_add(&pem, data, len);
	blocks(buf_str(&pem), pem.len);
	if (cert_parse_pem(&cert, &pem, "input", &err) != 0)
		MUST(err.text[0]);
	cert_release(&cert);
	if (cert_parse(&cert, data, len, "input", &err) == 0) {
		cert_matches(&cert, "10.0.0.1");
		cert_matches(&cert, "a.example");
		cert_signed_by(&cert, &cert);
	}
	cert_release(&cert);
	buf_release(&pem);
	return 0;
}
