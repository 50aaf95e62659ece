/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/decode.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "ui/key.h"

static const char paste_end[] = "\033[201~";

void
decoder_init(struct decoder *decoder, const struct decode_handler *handler, void *context)
{
	*decoder = (struct decoder){ .handler = handler, .context = context };
	decoder->paste = BUF_LOCKED(PASTE_MAX);
}

void
decoder_release(struct decoder *decoder)
{
	buf_release(&decoder->paste);
}

static void
key(struct decoder *decoder, uint32_t code)
{
	decoder->handler->key(decoder->context, code == '\n' ? '\r' : code == 8 ? 127 : code);
}

/* CSI number ~ (VT220 and its heirs). */
static uint32_t
tilde_key(int number)
{
	static const uint32_t keys[] = { [1] = SYM_home, [2] = SYM_insert, [3] = SYM_delete,
		[4] = SYM_end, [5] = SYM_page_up, [6] = SYM_page_down, [7] = SYM_home, [8] = SYM_end,
		[11] = SYM_f1, [12] = SYM_f2, [13] = SYM_f3, [14] = SYM_f4, [15] = SYM_f5, [17] = SYM_f6,
		[18] = SYM_f7, [19] = SYM_f8, [20] = SYM_f9, [21] = SYM_f10, [23] = SYM_f11,
		[24] = SYM_f12 };

	return number > 0 && (size_t)number < ARRAY_LEN(keys) ? keys[number] : 0;
}

/* The final byte of CSI and SS3 sequences. */
static uint32_t
letter_key(unsigned char letter)
{
	static const struct {
		unsigned char letter;
		uint32_t key;
	} keys[] = { { 'A', SYM_up }, { 'B', SYM_down }, { 'C', SYM_right }, { 'D', SYM_left },
		{ 'H', SYM_home }, { 'F', SYM_end }, { 'P', SYM_f1 }, { 'Q', SYM_f2 }, { 'R', SYM_f3 },
		{ 'S', SYM_f4 }, { 'Z', SYM_back_tab }, { 'M', '\r' } };

	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (keys[i].letter == letter)
			return keys[i].key;
	return 0;
}

static void
mouse(struct decoder *decoder, const char *text, unsigned char final)
{
	struct mouse_event event = { .release = final == 'm' };
	char *end;
	long button = strtol(text, &end, 10), col, row;

	if (*end != ';')
		return;
	col = strtol(end + 1, &end, 10);
	if (*end != ';')
		return;
	row = strtol(end + 1, &end, 10);
	if (row < 1 || row > 10000 || col < 1 || col > 10000 || button < 0 || button > 255)
		return;
	event.button = (int)button;
	event.row = (int)row - 1;
	event.col = (int)col - 1;
	decoder->handler->mouse(decoder->context, &event);
}

static void
csi(struct decoder *decoder, const char *parameters, unsigned char final)
{
	uint32_t code = 0;
	int number = (int)strtol(parameters, NULL, 10);

	if (*parameters == '<' && (final == 'M' || final == 'm')) {
		mouse(decoder, parameters + 1, final);
	} else if (final == '~' && number == 200) {
		decoder->pasting = true;
		buf_reset(&decoder->paste);
		decoder->paste.full = false;
	} else if (final == '~') {
		code = tilde_key(number);
	} else if (final != 'M') {
		code = letter_key(final);
	}
	if (code)
		key(decoder, code);
}

/* Length of the whole sequence at the start of pending (an ESC), 0 while it is not complete. */
static size_t
sequence_len(const unsigned char *data, size_t len)
{
	size_t i = 2;

	if (len < 2)
		return 0;
	if (data[1] == 'O')
		return len < 3 ? 0 : 3;
	if (data[1] != '[')
		return 1;
	if (len > 2 && data[2] == '[') /* the Linux console's F1 to F5 */
		return len < 4 ? 0 : 4;
	while (i < len && data[i] >= 0x20 && data[i] <= 0x3f)
		i++;
	if (i < len)
		return i + 1;
	return len == sizeof ((struct decoder *)0)->pending ? 1 : 0;
}

static void
run_sequence(struct decoder *decoder, size_t len)
{
	const unsigned char *data = decoder->pending;
	char parameters[sizeof decoder->pending];

	if (len == 1) {
		key(decoder, 27);
	} else if (data[1] == 'O') {
		if (letter_key(data[2]))
			key(decoder, letter_key(data[2]));
	} else if (data[2] == '[') {
		if (data[3] >= 'A' && data[3] <= 'E')
			key(decoder, (uint32_t)SYM_f1 + data[3] - 'A');
	} else {
		memcpy(parameters, data + 2, len - 3);
		parameters[len - 3] = '\0';
		csi(decoder, parameters, data[len - 1]);
	}
}

/* How many bytes the UTF-8 sequence beginning here wants; 1 for what begins none. */
static size_t
utf8_want(unsigned char c)
{
	return c >= 0xf0 && c < 0xf5 ? 4 : c >= 0xe0 ? (c < 0xf0 ? 3 : 1) : c >= 0xc2 ? 2 : 1;
}

static void
consume(struct decoder *decoder, size_t len)
{
	decoder->pending_len -= len;
	memmove(decoder->pending, decoder->pending + len, decoder->pending_len);
}

/* Takes one key or sequence off pending; false where more bytes are needed. */
static bool
take(struct decoder *decoder, bool final)
{
	unsigned char first = decoder->pending[0];
	size_t len;

	if (first == 27) {
		len = sequence_len(decoder->pending, decoder->pending_len);
		if (len == 0 && !final)
			return false;
		if (len == 0)
			len = 1;
		run_sequence(decoder, len);
	} else {
		struct text_char c = text_next((const char *)decoder->pending, decoder->pending_len);

		if (utf8_want(first) > decoder->pending_len && !final)
			return false;
		len = (size_t)c.bytes;
		if (c.plain || (c.code > 0 && c.code < 32) || c.code == 127)
			key(decoder, c.code);
	}
	consume(decoder, len);
	return true;
}

static void
end_paste(struct decoder *decoder)
{
	size_t len = decoder->paste.len;

	decoder->pasting = false;
	decoder->handler->paste(decoder->context, buf_str(&decoder->paste), len, decoder->paste.full);
	buf_release(&decoder->paste);
}

/* Pasted bytes up to the end mark, which may be split over reads. Returns how many were taken. */
static size_t
feed_paste(struct decoder *decoder, const char *data, size_t len)
{
	size_t mark = sizeof paste_end - 1, taken = 0;

	while (taken < len) {
		unsigned char byte = (unsigned char)data[taken++];

		if (byte == (unsigned char)paste_end[decoder->pending_len]) {
			decoder->pending[decoder->pending_len++] = byte;
			if (decoder->pending_len < mark)
				continue;
			decoder->pending_len = 0;
			end_paste(decoder);
			break;
		}
		buf_add(&decoder->paste, decoder->pending, decoder->pending_len);
		decoder->pending_len = 0;
		if (byte == 27)
			decoder->pending[decoder->pending_len++] = byte;
		else
			buf_add_byte(&decoder->paste, byte);
	}
	return taken;
}

void
decoder_feed(struct decoder *decoder, const char *data, size_t len)
{
	while (len > 0) {
		size_t n;

		if (decoder->pasting) {
			n = feed_paste(decoder, data, len);
			data += n;
			len -= n;
			continue;
		}
		decoder->pending[decoder->pending_len++] = (unsigned char)*data++;
		len--;
		while (decoder->pending_len > 0 && !decoder->pasting && take(decoder, false))
			;
	}
}

bool
decoder_waits(const struct decoder *decoder)
{
	return decoder->pending_len > 0 && !decoder->pasting;
}

void
decoder_flush(struct decoder *decoder)
{
	while (decoder_waits(decoder) && take(decoder, true))
		;
}
