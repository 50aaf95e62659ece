/* SPDX-License-Identifier: Apache-2.0
 * The console with three keys more, each of which crashes it: F10 by a stack without end, F11 by
 * abort(), F12 by a bad address. Linked from vetch's own objects, app_key being wrapped. */
#include <stdint.h>
#include <stdlib.h>

#include "ui/key.h"

struct app;

void __real_app_key(struct app *app, uint32_t key);
void __wrap_app_key(struct app *app, uint32_t key);

static unsigned
without_end(volatile unsigned *depth)
{
	volatile char room[4096] = { 0 };

	room[*depth % sizeof room] = 1;
	return ++*depth ? without_end(depth) + (unsigned)room[0] : 0;
}

void
__wrap_app_key(struct app *app, uint32_t key)
{
	volatile uintptr_t nowhere = 8;
	volatile unsigned depth = 0;

	if (key == SYM_f10)
		without_end(&depth);
	if (key == SYM_f11)
		abort();
	if (key == SYM_f12)
		*(volatile int *)nowhere = 1;
	__real_app_key(app, key);
}
