/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/input.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

/* Nobody types this much at once: it is a paste on a terminal that does not mark pastes, and must
 * not be taken for commands. */
enum { BURST = 256 };
/* The end of one may come in a read of its own; a single byte is a key again. */
enum { BURST_MS = 50 };

/* A terminal sends a sequence in one piece: an Esc alone for this long is the key. */
enum { ESC_MS = 8 };

struct input {
	struct loop *loop;
	struct loop_fd *watch;
	struct loop_timer *timer;
	struct decoder decoder;
	int64_t burst_ms;	/* when the last burst was read */
	void (*ended)(void *context);
	void *context;
};

static void
on_timer(void *context)
{
	struct input *input = context;

	input->timer = NULL;
	decoder_flush(&input->decoder);
}

static bool
is_burst(struct input *input, const char *data, size_t n)
{
	int64_t now = clock_ms();

	if (n < BURST && (n == 1 || now - input->burst_ms > BURST_MS))
		return false;
	if (memchr(data, 27, n) || input->decoder.pasting)
		return false;
	input->burst_ms = now;
	return true;
}

static void
on_ready(void *context, unsigned events)
{
	struct input *input = context;
	char data[16384];
	ssize_t n = read(STDIN_FILENO, data, sizeof data);

	(void)events;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		loop_fd_want(input->watch, 0);
		input->ended(input->context);
		return;
	}
	loop_timer_cancel(input->timer);
	input->timer = NULL;
	if (is_burst(input, data, (size_t)n))
		input->decoder.handler->paste(input->context, data, (size_t)n, false);
	else
		decoder_feed(&input->decoder, data, (size_t)n);
	explicit_bzero(data, (size_t)n); /* it may have been a password */
	if (decoder_waits(&input->decoder))
		input->timer = loop_timer_add(input->loop, ESC_MS, on_timer, input);
}

struct input *
input_open(struct loop *loop, const struct decode_handler *handler, void (*ended)(void *),
    void *context)
{
	struct input *input = xcalloc(1, sizeof *input);

	input->loop = loop;
	input->burst_ms = -BURST_MS;
	input->ended = ended;
	input->context = context;
	decoder_init(&input->decoder, handler, context);
	input->watch = loop_fd_add(loop, STDIN_FILENO, LOOP_READ, on_ready, input);
	return input;
}

void
input_pause(struct input *input, bool paused)
{
	loop_fd_want(input->watch, paused ? 0 : LOOP_READ);
}

void
input_close(struct input *input)
{
	if (!input)
		return;
	loop_timer_cancel(input->timer);
	loop_fd_remove(input->watch);
	decoder_release(&input->decoder);
	free(input);
}
