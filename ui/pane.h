/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UI_PANE_H
#define UI_PANE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "ui/actions.h"
#include "ui/grid.h"
#include "ui/list.h"
#include "ui/scroll.h"

struct app;
struct pane;

enum pane_id {
#define PANE(id, title) PANE_##id,
#include "ui/panes.def"
#undef PANE
	PANE_COUNT
};

/* What a pane may want news of: its bits come back in update(). A model runs while a visible pane
 * wants it. */
enum {
	WANT_CHANNEL = 1,	/* which endpoint serves, and how the others are */
	WANT_KEYSPACE = 2,
	WANT_MEMBERS = 4,
	WANT_INVENTORY = 8,
	WANT_BACKUPS = 16,
	WANT_JOBS = 32,
	WANT_SECOND = 64,	/* a second went by: ages are to be painted again */
	WANT_SERVED = 128,	/* which certificates the members serve */
};

/* A pane is one file that ends in one of these. NULL members mean the default. A pane's own state
 * is a struct that begins with `struct pane`; `size` is its size, and it starts out zeroed. */
struct pane_ops {
	size_t size;
	int (*open)(struct pane *, struct err *);	/* once, when first shown */
	void (*close)(struct pane *);			/* frees what open and later calls made */
	/* Each time the pane is entered: reads its source again. May start requests. */
	void (*enter)(struct pane *);
	unsigned wants;
	/* News of what it wants; starts requests but never waits. The pane is painted after it. */
	void (*update)(struct pane *, unsigned changed);
	/* Without rows: the whole pane below its title row. With rows: the detail. Does no I/O. */
	void (*paint)(const struct pane *, struct grid *);
	/* An action of its group, list.open, app.back (false at the top level), list.search …; true
	 * where it was taken. */
	bool (*act)(struct pane *, enum action);
	/* After painting: other rows are in sight, or another is under the cursor. Starts requests. */
	void (*moved)(struct pane *);
	/* A form with focus gets every key but the function keys before any binding. */
	bool (*typed)(struct pane *, uint32_t key);
	bool (*typing)(const struct pane *);	/* a field has the focus: letters are text */
	void (*pasted)(struct pane *, const char *data, size_t len);
	/* Row 3: the left part, and after a tab the right part. Foreign text is escaped first. */
	void (*title)(const struct pane *, struct buf *);
	/* Rows the frame lists, sorts, filters and searches; NULL: the pane paints itself. */
	const struct list_ops *rows;
	int detail;		/* rows of the detail at 80x24, its rule included; 0: none */
	bool scrolls;		/* the detail may be longer than its place: the frame shows a part, and which */
	bool fit;		/* the list takes only the rows it has, the detail all others */
	const char *open_label;	/* what Enter does to a row, for the hint line */
	/* Row 23 while there is no message: what goes on here. */
	void (*status)(const struct pane *, struct buf *);
	/* Row 24; NULL: the labels of its actions. */
	void (*hint)(const struct pane *, struct buf *);
	/* `/`: a pane that seeks on a server takes the text itself. */
	void (*seek)(struct pane *, const char *text, bool final);
	/* True while something it started has not answered yet (scripts wait for it). */
	bool (*busy)(const struct pane *);
};

struct pane {
	const struct pane_ops *ops;
	struct app *app;
	bool opened;
	bool dirty;	/* paint before the next wait */
	struct list list;
	struct scroll scroll;	/* of the detail, and the row it belongs to */
	size_t scroll_row;
	struct pane *next_gone;	/* taken off, and freed once no key or callback of it runs any more */
	size_t seen[4];	/* cursor's index, first row, rows, count when `moved` was last called */
};

/* The row under the cursor as the pane's own index; false where there is none. */
bool pane_row(const struct pane *pane, size_t *index);
void pane_dirty(struct pane *pane);
/* The rows changed: the list finds its row again, sorts and filters. Also makes it dirty. */
void pane_reload(struct pane *pane);

#endif
