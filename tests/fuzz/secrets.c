/* SPDX-License-Identifier: Apache-2.0 */
#include "base/secret.h"
#include "tests/fuzz/fuzz.h"

/* What was taken is written, and taken again the same; nothing of it stays where it stood. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *text = malloc(len + 1);
	struct secrets first = { 0 }, second = { 0 };
	struct buf line = BUF_INIT(1 << 20);
	const char *taken;
	struct err err = { 0 };

	memcpy(text, data, len);
	text[len] = '\0';
	if (secrets_take(text, len, &first, &err) != 0)
		MUST(err.text[0]);
	taken = secrets_get(&first, "a");
	if (taken) {
		buf_add_str(&line, "{\"secrets\":");
		secrets_write(&first, &line);
		buf_add_str(&line, "}");
		MUST(secrets_take(line.data, line.len, &second, &err) == 0);
		MUST(secrets_get(&second, "a") && strcmp(secrets_get(&second, "a"), taken) == 0);
		MUST(strspn(line.data + 12, " }") == line.len - 12);
	}
	secrets_release(&first);
	secrets_release(&second);
	buf_release(&line);
	free(text);
	return 0;
}
