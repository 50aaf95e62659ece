/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "tests/fuzz/fuzz.h"
#include "value/value.h"

/* Whatever the value, every line in every form is safe to show. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	for (int form = 0; form < VALUE_FORM_COUNT; form++) {
		struct value_view *view = value_view_new(data, len, (enum value_form)form);
		size_t count = value_view_lines(view);

		MUST(value_view_title(view));
		for (size_t i = 0; i < count; i += 1 + i / 64) {
			struct buf line = BUF_INIT(1 << 20);

			value_view_line(view, i, &line);
			MUST(text_is_plain(buf_str(&line), line.len) && !memchr(buf_str(&line), '\n', line.len));
			MUST(!memchr(buf_str(&line), '\t', line.len));
			buf_release(&line);
		}
		value_view_free(view);
	}
	return 0;
}
