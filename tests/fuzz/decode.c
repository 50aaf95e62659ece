/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz.h"
#include "ui/decode.h"
#include "ui/key.h"

static void
on_key(void *context, uint32_t key)
{
	(void)context;
	MUST(key > 0 && key < SYM_LAST);
}

static void
on_paste(void *context, const char *data, size_t len, bool cut)
{
	(void)context;
	(void)cut;
	MUST(len <= PASTE_MAX && strlen(data) <= len);
}

static void
on_mouse(void *context, const struct mouse_event *event)
{
	(void)context;
	MUST(event->row >= 0 && event->col >= 0 && event->button >= 0);
}

/* Whatever a terminal sends, cut into reads anywhere: keys are keys, and nothing is left over. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct decode_handler handler = { on_key, on_paste, on_mouse };
	struct decoder decoder;
	size_t step = len ? data[0] % 7 + 1 : 1;

	decoder_init(&decoder, &handler, NULL);
	for (size_t i = 0; i < len; i += step)
		decoder_feed(&decoder, (const char *)data + i, i + step > len ? len - i : step);
	decoder_flush(&decoder);
	MUST(!decoder_waits(&decoder));
	decoder_release(&decoder);
	return 0;
}
