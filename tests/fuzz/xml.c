/* SPDX-License-Identifier: Apache-2.0 */
#include "base/xml.h"
#include "tests/fuzz/fuzz.h"

static void
seen(void *context, const char *path, const char *text)
{
	size_t *elements = context;

	MUST(path && strlen(text) <= 64 << 10);
	(*elements)++;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct err err = { 0 };
	size_t elements = 0;

	if (xml_read((const char *)data, len, seen, &elements, &err) == 0)
		MUST(elements > 0);
	else
		MUST(err.text[0]);
	return 0;
}
