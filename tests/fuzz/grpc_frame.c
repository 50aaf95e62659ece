/* SPDX-License-Identifier: Apache-2.0 */
#include "etcd/grpc_frame.h"
#include "tests/fuzz/fuzz.h"

/* The same messages come out, however the bytes are cut. The first byte says where. */
static int
read_all(const uint8_t *data, size_t len, size_t step, struct buf *out)
{
	struct grpc_reader reader;
	struct err err = { 0 };
	size_t at = 0, used, part, size;
	int got = 0;

	grpc_reader_init(&reader, 4096);
	while (at < len && got >= 0) {
		part = len - at < step ? len - at : step;
		got = grpc_reader_feed(&reader, data + at, part, &used, &err);
		MUST(got < 0 || (used <= part && (used > 0 || got == 1)));
		at += used;
		if (got == 1) {
			const uint8_t *message = grpc_reader_message(&reader, &size);

			MUST(size <= 4096);
			grpc_frame(out, message, size);
		}
	}
	MUST(got >= 0 || err.text[0]);
	grpc_reader_release(&reader);
	return got < 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct buf whole = BUF_INIT(1 << 20), cut = BUF_INIT(1 << 20), text = BUF_INIT(1 << 20);

	if (!len)
		return 0;
	MUST(read_all(data + 1, len - 1, len, &whole) ==
	    read_all(data + 1, len - 1, 1 + data[0] % 16, &cut));
	MUST(whole.len == cut.len && !memcmp(buf_str(&whole), buf_str(&cut), whole.len));
	grpc_percent_decode(&text, (const char *)data, len);
	MUST(text.len <= len);
	buf_release(&whole);
	buf_release(&cut);
	buf_release(&text);
	return 0;
}
