/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UI_INPUT_H
#define UI_INPUT_H

#include "base/loop.h"
#include "ui/decode.h"

/* The keyboard: stdin's bytes through the decoder, from the loop. */

struct input;

/* `ended` is called once when stdin ends (the terminal is gone). */
struct input *input_open(struct loop *loop, const struct decode_handler *handler,
    void (*ended)(void *context), void *context);
void input_close(struct input *input);
/* While paused the keys are another program's. May be called from a handler. */
void input_pause(struct input *input, bool paused);

#endif
