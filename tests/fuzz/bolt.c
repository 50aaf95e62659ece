/* SPDX-License-Identifier: Apache-2.0 */
#include "bolt/revision.h"
#include "bolt/status.h"
#include "tests/fuzz/fuzz.h"

struct bytes {
	const uint8_t *data;
	size_t len;
};

static int
read_bytes(void *context, uint64_t offset, void *out, size_t len, struct err *err)
{
	const struct bytes *bytes = context;

	(void)err;
	MUST(offset <= bytes->len && len <= bytes->len - offset);
	memcpy(out, bytes->data + offset, len);
	return 0;
}

/* The metas of the seed carry checksums: what is cut and changed is mostly below them. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct bytes bytes = { data, len };
	struct bolt_source source = { .read = read_bytes, .context = &bytes, .size = len };
	struct bolt bolt = { 0 };
	struct err err = { 0 };
	struct bolt_status status;
	int64_t revision;

	if (bolt_open(&bolt, &source, &err) != 0 || bolt_revision(&bolt, &revision, &err) != 0)
		MUST(err.text[0]);
	else if (bolt_status(&bolt, &status, &err) != 0)
		MUST(err.text[0]);
	bolt_release(&bolt);
	return 0;
}
