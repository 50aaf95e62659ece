/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UI_DECODE_H
#define UI_DECODE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

/* A terminal's bytes to keys, pastes and mouse events: UTF-8, CSI and SS3 sequences (ECMA-48,
 * xterm's control sequences), bracketed paste, SGR mouse. Knows no terminal and no terminfo. */

struct mouse_event {
	int button;	/* 0 left, 64 wheel up, 65 wheel down */
	int row, col;	/* from 0 */
	bool release;
};

struct decode_handler {
	void (*key)(void *context, uint32_t key);
	/* A whole paste; `cut` where it was longer than PASTE_MAX. */
	void (*paste)(void *context, const char *data, size_t len, bool cut);
	void (*mouse)(void *context, const struct mouse_event *event);
};

enum { PASTE_MAX = 1 << 20 };

struct decoder {
	const struct decode_handler *handler;
	void *context;
	unsigned char pending[64];
	size_t pending_len;
	bool pasting;
	struct buf paste;
};

void decoder_init(struct decoder *decoder, const struct decode_handler *handler, void *context);
void decoder_release(struct decoder *decoder);
void decoder_feed(struct decoder *decoder, const char *data, size_t len);
/* True while bytes wait for more (an Esc that may begin a sequence). */
bool decoder_waits(const struct decoder *decoder);
/* No more bytes came in time: what waits is taken as it is. */
void decoder_flush(struct decoder *decoder);

#endif
