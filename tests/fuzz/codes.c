/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/hash.h"
#include "tests/fuzz/fuzz.h"

/* Base64, hex and times: what is read and written again means the same. */
static void
base64(const char *text, size_t len)
{
	struct buf first = BUF_INIT(1 << 20), line = BUF_INIT(1 << 21), second = BUF_INIT(1 << 20);

	if (base64_decode(&first, text, len)) {
		base64_encode(&line, buf_str(&first), first.len);
		MUST(base64_decode(&second, buf_str(&line), line.len));
		MUST(second.len == first.len && !memcmp(buf_str(&first), buf_str(&second), first.len));
	}
	buf_release(&first);
	buf_release(&line);
	buf_release(&second);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *text = malloc(len + 1), stamp[CLOCK_RFC3339_SIZE];
	unsigned char digest[SHA256_SIZE];
	char hex[SHA256_HEX_SIZE];
	int64_t seconds, again;

	MUST(text);
	memcpy(text, data, len);
	text[len] = 0;
	base64(text, len);
	if (hex_decode(text, digest, sizeof digest))
		MUST(strlen(hex_encode(digest, sizeof digest, hex)) == 64);
	if (clock_parse_rfc3339(text, &seconds)) {
		clock_rfc3339(seconds, stamp);
		MUST(clock_parse_rfc3339(stamp, &again) && again == seconds);
	}
	free(text);
	return 0;
}
