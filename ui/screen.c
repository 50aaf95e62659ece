/* SPDX-License-Identifier: Apache-2.0 */
#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <term.h>

#include "ui/screen.h"

#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#include "base/hash.h"
#include "base/mem.h"

static struct {
	SCREEN *screen;
	bool open, colour, extras, ascii, redraw;
	attr_t attrs[ROLE_COUNT];
	short pairs[ROLE_COUNT];
	struct grid shown;
} self;

/* What a signal handler may use: made before the terminal is changed. */
static struct {
	struct termios saved;
	char bytes[512];
	size_t len;
	volatile sig_atomic_t armed;
} rescue;

static const char extras_on[] = "\033[?2004h\033[?1000h\033[?1006h";
static const char extras_off[] = "\033[?1006l\033[?1000l\033[?2004l";

/* Adds a terminfo string without its padding ("$<5>"). */
static void
rescue_add(const char *text)
{
	if (!text || text == (char *)-1)
		return;
	for (; *text && rescue.len < sizeof rescue.bytes; text++) {
		if (text[0] == '$' && text[1] == '<') {
			const char *close = strchr(text, '>');

			if (!close)
				return;
			text = close;
			continue;
		}
		rescue.bytes[rescue.len++] = *text;
	}
}

static char *
capability(const char *name)
{
	char buffer[16];

	snprintf(buffer, sizeof buffer, "%s", name);
	return tigetstr(buffer);
}

static void
rescue_prepare(void)
{
	rescue.len = 0;
	if (self.extras)
		rescue_add(extras_off);
	rescue_add(capability("sgr0"));
	rescue_add(capability("rmkx"));
	rescue_add(capability("cnorm"));
	rescue_add(capability("rmcup"));
	rescue_add("\r\n");
}

/* Only what is safe in a signal handler: the program is broken, the terminal must not be. */
static void
on_crash(int number)
{
	static const char words[] = "vetch crashed; the cluster was not touched by the console itself\r\n";
	ssize_t n;

	if (rescue.armed) {
		rescue.armed = 0;
		n = write(STDOUT_FILENO, rescue.bytes, rescue.len);
		n = write(STDERR_FILENO, words, sizeof words - 1);
		(void)n;
		tcsetattr(STDIN_FILENO, TCSANOW, &rescue.saved);
	}
	signal(number, SIG_DFL);
	raise(number);
}

static void
catch_crashes(void)
{
	static const int numbers[] = { SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL };
	static char alternate[32768];
	stack_t stack = { .ss_sp = alternate, .ss_size = sizeof alternate };
	struct sigaction action = { .sa_handler = on_crash, .sa_flags = SA_ONSTACK };

	sigaltstack(&stack, NULL);
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		sigaction(numbers[i], &action, NULL);
}

/* A terminal that can place the cursor and clear, or an error that names TERM. */
static int
check_terminal(struct err *err)
{
	const char *term = getenv("TERM");
	int status = 0;
	bool able;

	if (!term || !*term)
		return err_set(err, ERR_USAGE, "TERM is not set: how this terminal is drawn on is unknown");
	if (setupterm(term, STDOUT_FILENO, &status) != OK)
		return err_set(err, ERR_USAGE, "TERM=%s is not in this machine's terminfo", term);
	able = capability("cup") && capability("cup") != (char *)-1 && capability("clear") &&
	    capability("clear") != (char *)-1;
	/* newterm reads a description of its own. */
	del_curterm(cur_term);
	if (!able)
		return err_set(err, ERR_USAGE, "TERM=%s cannot place the cursor, the console needs that", term);
	return 0;
}

static attr_t
curses_attr(unsigned attr)
{
	attr_t out = A_NORMAL;

	out |= attr & ATTR_BOLD ? A_BOLD : 0;
	out |= attr & ATTR_DIM ? A_DIM : 0;
	out |= attr & ATTR_UNDERLINE ? A_UNDERLINE : 0;
	out |= attr & ATTR_REVERSE ? A_REVERSE : 0;
	return out;
}

static void
apply_theme(const struct theme *theme)
{
	for (int role = 0; role < ROLE_COUNT; role++) {
		struct look look = theme_look(theme, (enum role)role);

		self.pairs[role] = 0;
		self.attrs[role] = curses_attr(self.colour ? look.attr : theme_mono((enum role)role));
		if (!self.colour || (look.fg < 0 && look.bg < 0))
			continue;
		self.pairs[role] = (short)(role + 1);
		if (look.fg >= COLORS)
			look.fg = (short)(look.fg % COLORS);
		if (look.bg >= COLORS)
			look.bg = (short)(look.bg % COLORS);
		init_pair(self.pairs[role], look.fg, look.bg);
	}
}

static void
send_extras(const char *text)
{
	if (!self.extras)
		return;
	fputs(text, stdout);
	fflush(stdout);
}

static void
set_modes(void)
{
	raw();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	scrollok(stdscr, FALSE);
	leaveok(stdscr, FALSE);
	curs_set(0); /* vt100 has no invisible cursor: an error here is none */
	send_extras(extras_on);
}

int
screen_open(const struct theme *theme, struct err *err)
{
	const char *no_colour = getenv("NO_COLOR");

	setlocale(LC_ALL, "");
	setlocale(LC_NUMERIC, "C");
	self.ascii = strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
	if (check_terminal(err) != 0)
		return -1;
	tcgetattr(STDIN_FILENO, &rescue.saved);
	use_tioctl(TRUE);
	self.screen = newterm(NULL, stdout, stdin);
	if (!self.screen)
		return err_set(err, ERR_USAGE, "TERM=%s: ncurses refuses this terminal", getenv("TERM"));
	self.extras = capability("kmous") && capability("kmous") != (char *)-1;
	rescue_prepare();
	rescue.armed = 1;
	self.open = true;
	catch_crashes();
	self.colour = !(no_colour && *no_colour) && has_colors();
	if (self.colour) {
		start_color();
		use_default_colors();
	}
	apply_theme(theme);
	set_modes();
	return 0;
}

void
screen_close(void)
{
	if (!self.open)
		return;
	self.open = false;
	send_extras(extras_off);
	curs_set(1);
	endwin();
	rescue.armed = 0;
	delscreen(self.screen);
	grid_release(&self.shown);
}

void
screen_suspend(void)
{
	send_extras(extras_off);
	curs_set(1);
	endwin();
	fflush(stdout);
	rescue.armed = 0;
}

void
screen_resume(void)
{
	rescue.armed = 1;
	set_modes();
	screen_resized();
	screen_redraw();
}

void
screen_size(int *cols, int *rows)
{
	*cols = COLS;
	*rows = LINES;
}

void
screen_resized(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0)
		resizeterm(size.ws_row, size.ws_col);
	screen_redraw();
}

void
screen_redraw(void)
{
	self.redraw = true;
}

bool
screen_ascii(void)
{
	return self.ascii;
}

/* What the C library and we measure alike is sent; any other character becomes "?" of our width,
 * so that a terminal's grid and ours never part. */
static void
put_cell(const struct cell *cell, bool wide)
{
	wchar_t text[CELL_MARKS + 2] = { (wchar_t)cell->code };
	cchar_t out;
	int len = 1;

	if (cell->code > 126 && wcwidth((wchar_t)cell->code) != (wide ? 2 : 1))
		text[0] = L'?';
	else
		for (int i = 0; i < CELL_MARKS && cell->marks[i]; i++)
			if (wcwidth((wchar_t)cell->marks[i]) == 0)
				text[len++] = (wchar_t)cell->marks[i];
	setcchar(&out, text, self.attrs[cell->role], self.pairs[cell->role], NULL);
	add_wch(&out);
	if (wide && text[0] == L'?')
		add_wch(&out);
}

static void
show_row(const struct grid *grid, int row)
{
	const struct cell *cells = &grid->cells[row * grid->stride];

	move(row, 0);
	for (int col = 0; col < grid->cols; col++)
		if (cells[col].code)
			put_cell(&cells[col], col + 1 < grid->cols && cells[col + 1].code == 0);
}

static bool
same_row(const struct grid *grid, int row)
{
	return memcmp(&grid->cells[row * grid->stride], &self.shown.cells[row * self.shown.stride],
	    sizeof *grid->cells * (size_t)grid->cols) == 0;
}

void
screen_show(const struct grid *grid, int row, int col)
{
	bool all = self.redraw || self.shown.cols != grid->cols || self.shown.rows != grid->rows;

	if (all) {
		grid_release(&self.shown);
		grid_init(&self.shown, grid->cols, grid->rows);
		clearok(curscr, self.redraw);
		self.redraw = false;
	}
	for (int i = 0; i < grid->rows; i++)
		if (all || !same_row(grid, i)) {
			show_row(grid, i);
			memcpy(&self.shown.cells[i * self.shown.stride], &grid->cells[i * grid->stride],
			    sizeof *grid->cells * (size_t)grid->cols);
		}
	curs_set(row >= 0 ? 1 : 0);
	if (row >= 0)
		move(row, col < grid->cols ? col : grid->cols - 1);
	else
		move(grid->rows - 1, grid->cols - 1);
	refresh();
}

bool
screen_copy(const char *text, size_t len)
{
	struct buf coded = BUF_INIT(1 << 20);
	bool done = self.extras;

	if (done) {
		base64_encode(&coded, text, len);
		done = !coded.full;
	}
	if (done) {
		printf("\033]52;c;%s\a", buf_str(&coded));
		fflush(stdout);
	}
	buf_release(&coded);
	return done;
}
