/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/console.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "ui/app.h"
#include "ui/config.h"
#include "ui/input.h"
#include "ui/screen.h"
#include "ui/script.h"
#include "ui/theme.h"

/* The console on a real terminal: what the app does not know about. */

struct console {
	struct loop *loop;
	struct app *app;
	struct input *input;
	bool away;	/* the terminal is another program's */
	void (*ended)(void *context, int status);
	void *ended_context;
};

static void
on_key(void *context, uint32_t key)
{
	app_key(((struct console *)context)->app, key);
}

static void
on_paste(void *context, const char *data, size_t len, bool cut)
{
	app_paste(((struct console *)context)->app, data, len, cut);
}

static void
on_mouse(void *context, const struct mouse_event *event)
{
	if (!event->release)
		app_click(((struct console *)context)->app, event->row, event->col, event->button);
}

static const struct decode_handler keyboard = { on_key, on_paste, on_mouse };

static void
on_gone(void *context)
{
	struct app *app = ((struct console *)context)->app;

	app->quit = true;
	app->exit_status = err_status(ERR_CANCELLED);
}

static void
show(void *context, const struct grid *grid, int row, int col)
{
	struct console *console = context;

	if (!console->away)
		screen_show(grid, row, col);
}

static void
redraw(void *context)
{
	(void)context;
	screen_redraw();
}

static bool
copy(void *context, const char *text, size_t len)
{
	(void)context;
	return screen_copy(text, len);
}

static void
take_size(struct console *console)
{
	int cols, rows;

	screen_size(&cols, &rows);
	app_resize(console->app, cols, rows);
}

static void on_stop(void *context, int number);

/* Stops as a shell expects it, the terminal given back first; goes on here after SIGCONT. */
static void
stop_here(void *context)
{
	struct console *console = context;

	if (console->away)
		return;
	screen_suspend();
	signal(SIGTSTP, SIG_DFL);
	raise(SIGTSTP);
	loop_signal(console->loop, SIGTSTP, on_stop, console);
	screen_resume();
	take_size(console);
}

static void
on_stop(void *context, int number)
{
	(void)number;
	stop_here(context);
}

static void
on_resize(void *context, int number)
{
	struct console *console = context;

	(void)number;
	if (console->away)
		return;
	screen_resized();
	take_size(console);
}

static void
on_interrupt(void *context, int number)
{
	(void)number;
	app_key(((struct console *)context)->app, 3);
}

static void
on_end(void *context, int number)
{
	(void)number;
	on_gone(context);
}

static void
come_back(struct console *console)
{
	console->away = false;
	screen_resume();
	input_pause(console->input, false);
	take_size(console);
}

static void
on_program_end(void *context, int status)
{
	struct console *console = context;

	come_back(console);
	console->ended(console->ended_context, status);
}

static int
spawn(char *const *argv, pid_t *pid)
{
	static const int numbers[] = { SIGTSTP, SIGINT, SIGTERM, SIGHUP, SIGPIPE };
	posix_spawnattr_t attr;
	sigset_t defaults;
	int result;

	sigemptyset(&defaults);
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		sigaddset(&defaults, numbers[i]);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigdefault(&attr, &defaults);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF);
	result = posix_spawn(pid, argv[0], NULL, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	return result;
}

/* A program such as an editor has the terminal; the loop goes on meanwhile, unseen. */
static int
foreground(void *context, char *const *argv, void (*ended)(void *, int), void *ended_context)
{
	struct console *console = context;
	pid_t pid;
	int result;

	if (console->away)
		return -1;
	input_pause(console->input, true);
	console->away = true;
	console->ended = ended;
	console->ended_context = ended_context;
	screen_suspend();
	result = spawn(argv, &pid);
	if (result == 0) {
		loop_child_add(console->loop, pid, on_program_end, console);
		return 0;
	}
	come_back(console);
	errno = result;
	return -1;
}

static void
take_signals(struct console *console)
{
	loop_signal(console->loop, SIGTSTP, on_stop, console);
	loop_signal(console->loop, SIGWINCH, on_resize, console);
	loop_signal(console->loop, SIGINT, on_interrupt, console);
	loop_signal(console->loop, SIGTERM, on_end, console);
	loop_signal(console->loop, SIGHUP, on_end, console);
}

static int
check_terminal(struct err *err)
{
	if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
		return 0;
	err_set(err, ERR_USAGE, "the console needs a terminal on stdin and stdout");
	return err_cure(err, "vetch --dump-panes");
}

static int
open_terminal(struct console *console, struct err *err)
{
	struct theme theme = { 0 };
	struct err wrong = { 0 };
	int result = config_load(&theme, &wrong);

	take_signals(console);
	if (screen_open(&theme, err) != 0)
		return -1;
	if (result != 0) /* a fault in the user's file keeps nobody from the cluster */
		app_error(console->app, &wrong);
	return 0;
}

static int
run_terminal(struct console_options *options, struct err *err)
{
	struct console console = { .loop = loop_new() };
	struct app *app = console.app = app_new(console.loop, options->settings, 80, 24);
	int result = check_terminal(err);

	if (result == 0)
		result = open_terminal(&console, err);
	if (result == 0) {
		app->show = show;
		app->redraw = redraw;
		app->copy = copy;
		app->suspend = stop_here;
		app->foreground = foreground;
		app->terminal = &console;
		app->grid.ascii = screen_ascii();
		take_size(&console);
		console.input = input_open(console.loop, &keyboard, on_gone, &console);
		app_paint(app); /* the frame stands before anything is connected to */
		app_start(app);
		if (options->pane)
			app_show_pane(app, app_find_pane(options->pane));
		while (!app->quit)
			loop_turn(console.loop, -1);
		result = app->exit_status ? err_set(err, ERR_CANCELLED, "ended by a signal") : 0;
	}
	input_close(console.input);
	screen_close();
	app_free(app);
	loop_free(console.loop);
	return result;
}

int
console_main(struct console_options *options, struct err *err)
{
	if (options->pane && app_find_pane(options->pane) < 0)
		return err_set(err, ERR_USAGE, "no pane is called \"%s\"", options->pane);
	if (options->script || options->dump_panes)
		return script_main(options, err);
	return run_terminal(options, err);
}
