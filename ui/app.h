/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UI_APP_H
#define UI_APP_H

#include <stdbool.h>

#include "base/err.h"
#include "base/loop.h"
#include "cluster/settings.h"
#include "ui/grid.h"
#include "ui/models.h"
#include "ui/pane.h"
#include "ui/prompt.h"

/* The console without a terminal: the panes, what lies on top of them, the frame around them. Keys
 * come in by app_key, a grid comes out before each wait of the loop. Panes borrow what is here. */

struct message {
	struct buf text, cure;
	bool error, shown;
};

enum { OVERLAYS_MAX = 4 };

struct app {
	struct loop *loop;
	struct settings *settings;
	struct connection connection;
	struct models models;

	struct pane *panes[PANE_COUNT];
	int current;
	struct pane *overlays[OVERLAYS_MAX];	/* help, a plan to confirm: the last has the keys */
	int overlay_count;
	struct pane *gone;	/* taken off; freed before the next painting */
	struct prompt prompt;
	struct message message;

	struct grid grid;
	struct verb_running *verbs;	/* ui/verbs_run.h */
	unsigned changed;	/* WANT_ bits since the last wait */
	bool dirty;		/* the frame itself */
	bool quit;
	bool no_quorum;		/* as ui/quorum.h last told it */
	int exit_status;
	unsigned seconds;
	int64_t started_ms;
	struct loop_hook *hook;
	struct loop_timer *second;

	/* The terminal's part; any may be NULL (scripts have none). */
	void (*show)(void *context, const struct grid *grid, int row, int col);
	void (*redraw)(void *context);
	void (*suspend)(void *context);
	bool (*copy)(void *context, const char *text, size_t len);
	/* Runs a program on the terminal; `ended` comes from the loop. */
	int (*foreground)(void *context, char *const *argv,
	    void (*ended)(void *context, int status), void *ended_context);
	void *terminal;
};

struct app *app_new(struct loop *loop, struct settings *settings, int cols, int rows);
void app_free(struct app *app);
/* Resolves where to connect, starts what the panes look at, enters the current pane. */
void app_start(struct app *app);

void app_resize(struct app *app, int cols, int rows);
void app_key(struct app *app, uint32_t key);
void app_paste(struct app *app, const char *data, size_t len, bool cut);
void app_click(struct app *app, int row, int col, int button);
/* Nothing is on its way and all is painted: what scripts wait for. */
bool app_idle(const struct app *app);
/* Brings the grid up to date (also done before each wait). */
void app_paint(struct app *app);

/* ---- for panes */

/* The actions of the pane, or of what lies on top of it. */
enum action_group app_group(const struct app *app);

/* A model has news: its WANT_ bit. */
void app_changed(struct app *app, unsigned bits);
void app_show_pane(struct app *app, int index);
/* The pane by its name on row 2, any case; -1 where there is none. */
int app_find_pane(const char *name);
/* The pane or overlay that has the keys. */
struct pane *app_top(const struct app *app);

/* Row 23 until the next key. */
void app_message(struct app *app, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Row 23 and its cure on row 24, until the next key. */
void app_error(struct app *app, const struct err *err);

/* Puts a pane on top; it is opened (and closed when popped). NULL where too many are open. */
struct pane *app_push(struct app *app, const struct pane_ops *ops);
/* Takes the topmost off, and those above it. */
void app_pop(struct app *app, struct pane *pane);

/* The clipboard of the terminal; says so on row 23. `what` names it. */
void app_copy(struct app *app, const char *text, size_t len, const char *what);
/* A verb ended: the models of what it touches (TOUCH_ of verb/verb.h) are read again. */
void app_touched(struct app *app, unsigned touches);
/* The command line with this in it. */
void app_command(struct app *app, const char *text);

/* Runs a verb given as words, as the command line would: its plan first where it has one. */
void app_run_words(struct app *app, char *const *words);

bool app_read_only(const struct app *app);
/* Endpoints were named, and no workspace goes with them: there is no pki/ and no target. */
bool app_no_workspace(const struct app *app);

#endif
