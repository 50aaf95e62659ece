/* SPDX-License-Identifier: Apache-2.0
 * A terminal's bytes become keys however they are cut into reads, and a paste is never typed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "ui/decode.h"
#include "ui/key.h"

static void
on_key(void *context, uint32_t key)
{
	char name[KEY_NAME_SIZE];

	buf_printf(context, "%s ", key_name(key, name));
}

static void
on_paste(void *context, const char *data, size_t len, bool cut)
{
	buf_printf(context, "paste(%zu%s,%.3s) ", len, cut ? ",cut" : "", len ? data : "");
}

static void
on_mouse(void *context, const struct mouse_event *event)
{
	buf_printf(context, "mouse(%d,%d,%d%s) ", event->button, event->row, event->col,
	    event->release ? ",up" : "");
}

static const struct decode_handler handler = { on_key, on_paste, on_mouse };

/* The same bytes whole, and one at a time. */
static void
expect(const char *bytes, const char *want)
{
	for (size_t step = 1; step <= strlen(bytes); step += strlen(bytes) > 1 ? strlen(bytes) - 1 : 1) {
		struct buf got = BUF_INIT(4096);
		struct decoder decoder;
		size_t len = strlen(bytes);

		decoder_init(&decoder, &handler, &got);
		for (size_t i = 0; i < len; i += step)
			decoder_feed(&decoder, bytes + i, i + step > len ? len - i : step);
		decoder_flush(&decoder);
		assert_string_equal(buf_str(&got), want);
		decoder_release(&decoder);
		buf_release(&got);
	}
}

static void
keys(void **state)
{
	(void)state;
	expect("ab\r", "a b Enter ");
	expect("\x1b", "Esc ");
	expect("\x1bx", "Esc x ");
	expect("\x1b[A\x1bOB\x1b[5~\x1b[Z", "Up Down PgUp S-Tab ");
	expect("\x1b[1;5C\x1b[[A\x1b[24~", "Right F1 F12 ");
	expect("\t\x7f\x08\x0e", "Tab BS BS ^N ");
	expect("\xc3\xa9", "U+00E9 ");
	expect("\xff\xfe", "");
	expect("\x1b[?1;2c", "");
}

static void
mouse(void **state)
{
	(void)state;
	expect("\x1b[<0;3;4M\x1b[<64;1;1M\x1b[<0;3;4m", "mouse(0,3,2) mouse(64,0,0) mouse(0,3,2,up) ");
	expect("\x1b[<0;3M", "");
}

static void
paste(void **state)
{
	(void)state;
	expect("\x1b[200~qd\r\x1b[A\x1b[201~j", "paste(6,qd\r) j ");
	expect("\x1b[200~\x1b[201\x1b[201~k", "paste(5,\x1b[2) k ");
}

static void
long_paste(void **state)
{
	struct buf got = BUF_INIT(4096);
	struct decoder decoder;
	char block[1024];

	(void)state;
	memset(block, 'q', sizeof block);
	decoder_init(&decoder, &handler, &got);
	decoder_feed(&decoder, "\x1b[200~", 6);
	for (int i = 0; i < 2000; i++)
		decoder_feed(&decoder, block, sizeof block);
	decoder_feed(&decoder, "\x1b[201~z", 7);
	assert_string_equal(buf_str(&got), "paste(1048576,cut,qqq) z ");
	decoder_release(&decoder);
	buf_release(&got);
}

static void
names(void **state)
{
	static const char *const same[] = { "a", "<Enter>", "<Esc>", "<PgDn>", "^N", "<C-n>", "<F1>",
		"<Space>", "<" };
	uint32_t key;
	size_t used;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(same); i++) {
		assert_true(key_parse(same[i], strlen(same[i]), &key, &used));
		assert_int_equal(used, strlen(same[i]));
	}
	assert_true(key_parse("<C-n>", 5, &key, &used));
	assert_int_equal(key, 14);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys), cmocka_unit_test(mouse), cmocka_unit_test(paste),
		cmocka_unit_test(long_paste), cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
