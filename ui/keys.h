/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UI_KEYS_H
#define UI_KEYS_H

#include "model/keyspace.h"
#include "ui/app.h"
#include "ui/pager.h"

/* Pane Keys: what its files share. */

struct keys {
	struct pane pane;
	struct keyspace *space;		/* the app's */
	struct buf want;		/* the row to stand on once it is loaded */
	bool opened_top, seeking;
	/* The value under the cursor. */
	struct loop_timer *look;	/* before a value is asked for, so that scrolling asks nothing */
	struct buf looked;		/* the key last asked for */
	struct value_view *view;
	const char *view_data;
	size_t view_len;
	int64_t view_revision;
	enum value_form form;
	struct pager pager;
};

extern const struct list_ops keys_rows;

/* The model's row under the cursor, or NULL. */
const struct keyspace_row *keys_row(const struct keys *keys);
/* Opens the folder; stands on the row `name` once it is there (may be NULL). */
void keys_open(struct keys *keys, const char *prefix, size_t len, const struct buf *name);
/* The child of the folder `prefix_len` long that this key lies in: its length in key. */
size_t keys_child(const char *key, size_t len, size_t prefix_len);
/* How much of a key is its folder ("/a/b/c" and "/a/b/": "/a/" of "/a/b/"). */
size_t keys_parent(const char *key, size_t len);

/* The value: asked for a moment after the cursor came to rest, or at once. */
void keys_look_soon(struct keys *keys);
/* True where the value that is held is the row's own: the cursor may have gone on meanwhile. */
bool keys_value_of(const struct keys *keys, const struct keyspace_row *row);
void keys_look_now(struct keys *keys);
void keys_value_update(struct keys *keys);
void keys_value_forget(struct keys *keys);
void keys_value_paint(const struct keys *keys, struct grid *grid);

/* The key as one word of a shell's line. */
void keys_quote(struct buf *out, const char *data, size_t len);

void keys_edit(struct keys *keys);
void keys_new(struct keys *keys);
void keys_delete(struct keys *keys);

#endif
