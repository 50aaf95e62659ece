/* SPDX-License-Identifier: Apache-2.0 */
#include "store/aws_config.h"
#include "tests/fuzz/fuzz.h"

/* AWS's shared files: a value found is one line of the text, without outer blanks. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char *const names[] = { "aws_access_key_id", "endpoint_url", "services" };
	char *text = malloc(len + 1), *value;

	MUST(text);
	memcpy(text, data, len);
	text[len] = '\0';
	for (size_t i = 0; i < 3; i++) {
		value = aws_ini_find(text, "default", NULL, names[i]);
		if (value)
			MUST(!strchr(value, '\n') && strlen(value) < len && strstr(text, value));
		free(value);
		free(aws_ini_find(text, "services x", "s3", names[i]));
	}
	free(text);
	return 0;
}
