/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/text.h"
#include "ui/app.h"
#include "ui/key.h"

enum { SCRIPT_MAX = 1 << 20, WAIT_MS = 10000, PAINT_MAX = 1 << 22 };

struct script {
	struct loop *loop;
	struct app *app;
	const char *name;
	size_t line;
};

static void
grid_dump(const struct grid *grid, bool roles, struct buf *out)
{
	for (int row = 0; row < grid->rows; row++) {
		if (roles)
			grid_row_roles(grid, row, out);
		else
			grid_row_text(grid, row, out);
		buf_add_byte(out, '\n');
	}
}

static bool
on_screen(const struct app *app, const char *text)
{
	struct buf all = BUF_INIT(PAINT_MAX);
	bool found;

	grid_dump(&app->grid, false, &all);
	found = strstr(buf_str(&all), text) != NULL;
	buf_release(&all);
	return found;
}

static void
tick(void *context)
{
	(void)context;
}

/* Turns the loop at most until the deadline; a timer keeps a turn from waiting longer. */
static void
turn(struct script *script, int64_t deadline)
{
	int64_t left = deadline - clock_ms();
	struct loop_timer *timer = loop_timer_add(script->loop, 60000, tick, NULL);

	loop_turn(script->loop, left < 0 ? 0 : left > 50 ? 50 : (int)left);
	loop_timer_cancel(timer);
}

static bool
wait_idle(struct script *script)
{
	int64_t deadline = clock_ms() + WAIT_MS;

	do {
		app_paint(script->app);
		loop_turn(script->loop, 0);
		app_paint(script->app);
		if (app_idle(script->app))
			return true;
		turn(script, deadline);
	} while (clock_ms() < deadline && !script->app->quit);
	return app_idle(script->app) || script->app->quit;
}

static int
fail(struct script *script, struct err *err, const char *what, const char *text)
{
	return err_set(err, ERR_FAILED, "%s, line %zu: %s%s%s", script->name, script->line, what,
	    *text ? ": " : "", text);
}

static int
wait_text(struct script *script, const char *text, bool there, struct err *err)
{
	int64_t deadline = clock_ms() + WAIT_MS;

	while (on_screen(script->app, text) != there) {
		if (clock_ms() >= deadline || script->app->quit)
			return fail(script, err, there ? "not seen within 10 s" : "still there after 10 s", text);
		turn(script, deadline);
		app_paint(script->app);
	}
	return wait_idle(script) ? 0 : fail(script, err, "not idle within 10 s", "");
}

static int
write_screen(struct script *script, const char *name, bool roles, struct err *err)
{
	struct buf text = BUF_INIT(PAINT_MAX);
	char *path = xasprintf("%s.%s", name, roles ? "roles" : "text");
	int result;

	grid_dump(&script->app->grid, roles, &text);
	result = fs_write(path, buf_str(&text), text.len, 0644, err);
	buf_release(&text);
	free(path);
	return result;
}

static int
parse_size(const char *text, int *cols, int *rows, struct err *err)
{
	char **parts = text_split(text, 'x');
	int64_t wide = 0, high = 0;
	bool good = parts[0] && parts[1] && !parts[2] && text_int(parts[0], 1, 1000, &wide) &&
	    text_int(parts[1], 1, 1000, &high);

	strv_free(parts);
	if (!good)
		return err_set(err, ERR_USAGE, "--size %s: columns and rows are meant, as in 80x24", text);
	*cols = (int)wide;
	*rows = (int)high;
	return 0;
}

static int
press_keys(struct script *script, const char *line, struct err *err)
{
	size_t len = strlen(line), used;

	for (size_t i = 0; i < len; i += used) {
		uint32_t key;

		if (line[i] == ' ' || line[i] == '\t') {
			used = 1;
			continue;
		}
		if (!key_parse(line + i, len - i, &key, &used))
			return fail(script, err, "this is no key", line + i);
		app_key(script->app, key);
		if (!wait_idle(script))
			return fail(script, err, "not idle within 10 s after a key of", line);
	}
	return 0;
}

static int
run_line(struct script *script, const char *line, struct err *err)
{
	const char *word = strchr(line, ' ') ? strchr(line, ' ') + 1 : "";
	int cols, rows;

	if (!*line || *line == '#')
		return 0;
	if (strncmp(line, ":screen ", 8) == 0)
		return write_screen(script, word, false, err) || write_screen(script, word, true, err) ? -1 : 0;
	if (strncmp(line, ":wait ", 6) == 0)
		return wait_text(script, word, true, err);
	if (strncmp(line, ":gone ", 6) == 0)
		return wait_text(script, word, false, err);
	if (strncmp(line, ":paste ", 7) == 0) {
		app_paste(script->app, word, strlen(word), false);
		return wait_idle(script) ? 0 : fail(script, err, "not idle within 10 s", "");
	}
	if (strncmp(line, ":size ", 6) != 0)
		return press_keys(script, line, err);
	if (parse_size(word, &cols, &rows, err) != 0)
		return -1;
	app_resize(script->app, cols, rows);
	return wait_idle(script) ? 0 : fail(script, err, "not idle within 10 s", "");
}

static int
run_script(struct script *script, struct err *err)
{
	struct buf text = BUF_INIT(SCRIPT_MAX);
	char **lines;
	int result = fs_read(script->name, &text, err);

	if (result != 0)
		return -1;
	lines = text_split(buf_str(&text), '\n');
	for (size_t i = 0; lines[i] && result == 0 && !script->app->quit; i++) {
		script->line = i + 1;
		result = run_line(script, lines[i], err);
	}
	strv_free(lines);
	buf_release(&text);
	return result;
}

static void
print_screen(const struct app *app, bool roles)
{
	struct buf text = BUF_INIT(PAINT_MAX);

	grid_dump(&app->grid, roles, &text);
	fwrite(buf_str(&text), 1, text.len, stdout);
	buf_release(&text);
}

/* Every pane once; one that does not come to rest in time is shown as it is. */
static int
dump_panes(struct script *script)
{
	for (int i = 0; i < PANE_COUNT; i++) {
		app_show_pane(script->app, i);
		wait_idle(script);
		print_screen(script->app, false);
	}
	return 0;
}

int
script_main(struct console_options *options, struct err *err)
{
	struct script script = { .name = options->script };
	int cols = 80, rows = 24, result;

	if (options->size && parse_size(options->size, &cols, &rows, err) != 0)
		return -1;
	if (options->dump && strcmp(options->dump, "text") != 0 && strcmp(options->dump, "roles") != 0)
		return err_set(err, ERR_USAGE, "--dump %s: text or roles is meant", options->dump);
	script.loop = loop_new();
	script.app = app_new(script.loop, options->settings, cols, rows);
	app_start(script.app);
	if (options->pane)
		app_show_pane(script.app, app_find_pane(options->pane));
	wait_idle(&script);
	result = options->script ? run_script(&script, err) : dump_panes(&script);
	if (options->dump && options->script)
		print_screen(script.app, strcmp(options->dump, "roles") == 0);
	app_free(script.app);
	loop_free(script.loop);
	return result;
}
