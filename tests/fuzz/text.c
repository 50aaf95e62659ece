/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "tests/fuzz/fuzz.h"

/* Nothing escaped can steer a terminal, and its width is what its characters say. */
static void
escape(const char *data, size_t len)
{
	struct buf out = BUF_INIT(64 << 20);
	struct text_char c;
	size_t at;

	text_escape(&out, data, len);
	MUST(!out.full);
	for (at = 0; at < out.len; at += (size_t)c.bytes) {
		c = text_next(out.data + at, out.len - at);
		MUST(c.bytes > 0 && c.plain && c.code >= 0x20);
	}
	text_width(buf_str(&out));
	buf_release(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct buf quoted = BUF_INIT(64 << 20);
	char *text = malloc(len + 1);
	int64_t number, ns;
	uint64_t id;

	MUST(text);
	memcpy(text, data, len);
	text[len] = 0;
	escape(text, len);
	text_is_plain(text, len);
	text_go_quote(&quoted, text, len);
	MUST(!quoted.full);
	if (text_int(text, -100, 100, &number))
		MUST(number >= -100 && number <= 100);
	text_hex64(text, &id);
	text_duration(text, &ns);
	buf_release(&quoted);
	free(text);
	return 0;
}
