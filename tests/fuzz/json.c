/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"
#include "tests/fuzz/fuzz.h"

/* What parses is written as one line, which parses again to the same line. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct err err = { 0 };
	struct json_object *first, *second;
	char *line;

	first = json_parse((const char *)data, len, "input", &err);
	if (!first) {
		MUST(err.text[0]);
		return 0;
	}
	line = strdup(json_line(first));
	json_object_put(first);
	MUST(line && !strchr(line, '\n'));
	second = json_parse(line, strlen(line), "line", &err);
	if (second) {
		MUST(!strcmp(line, json_line(second)));
		json_object_put(second);
	}
	free(line);
	return 0;
}
