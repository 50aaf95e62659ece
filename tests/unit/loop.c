/* SPDX-License-Identifier: Apache-2.0
 * Timers in order, children heard to their end, signals as cancellation. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/child.h"
#include "base/loop.h"
#include "base/mem.h"

static char order[16];

static void
note(void *context)
{
	size_t len = strlen(order);

	order[len] = *(const char *)context;
}

static void
finish(void *context)
{
	*(bool *)context = true;
}

static void
timers_run_in_order(void **state)
{
	struct loop *loop = loop_new();
	bool done = false;
	struct loop_timer *never;

	(void)state;
	loop_timer_add(loop, 20, finish, &done);
	loop_timer_add(loop, 10, note, (void *)(uintptr_t)"c");
	loop_soon(loop, note, (void *)(uintptr_t)"a");
	loop_soon(loop, note, (void *)(uintptr_t)"b");
	never = loop_timer_add(loop, 5, note, (void *)(uintptr_t)"x");
	loop_timer_cancel(never);
	assert_int_equal(loop_run_until(loop, &done, NULL), 0);
	assert_string_equal(order, "abc");
	loop_free(loop);
}

struct heard {
	struct buf lines;
	bool done;
	int status;
};

static void
on_line(void *context, const char *line, size_t len)
{
	struct heard *heard = context;

	buf_add(&heard->lines, line, len);
	buf_add_byte(&heard->lines, '|');
}

static void
on_ended(void *context, int status, bool overlong, const char *tail)
{
	struct heard *heard = context;

	assert_false(overlong);
	assert_string_equal(tail, "oops\n");
	heard->status = status;
	heard->done = true;
}

static void
a_child_is_heard_to_its_end(void **state)
{
	static const struct child_handler handler = { on_line, on_ended };
	const char *argv[] = { "/bin/sh", "-c", "cat; echo last; echo oops >&2; exit 3", NULL };
	struct loop *loop = loop_new();
	struct heard heard = { BUF_INIT(1000), false, 0 };
	struct child_spec spec = { .argv = argv, .input = "one\ntwo\n", .input_len = 8,
		.handler = &handler, .context = &heard };
	struct err err;

	(void)state;
	assert_non_null(child_start(loop, &spec, &err));
	assert_int_equal(loop_run_until(loop, &heard.done, &err), 0);
	assert_string_equal(buf_str(&heard.lines), "one|two|last|");
	assert_int_equal(WEXITSTATUS(heard.status), 3);
	buf_release(&heard.lines);
	loop_free(loop);
}

static void
sigterm_cancels(void **state)
{
	struct loop *loop = loop_new();
	struct err err;
	bool never = false;

	(void)state;
	raise(SIGTERM);
	assert_int_equal(loop_run_until(loop, &never, &err), -1);
	assert_int_equal(err.code, ERR_CANCELLED);
	loop_free(loop);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(timers_run_in_order),
		cmocka_unit_test(a_child_is_heard_to_its_end),
		cmocka_unit_test(sigterm_cancels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
