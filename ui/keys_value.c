/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/keys.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"

/* The value under the cursor of pane Keys: asked for when the cursor comes to rest. */

enum { REST_MS = 60, UNASKED_MAX = 256 << 10 };

void
keys_value_forget(struct keys *keys)
{
	value_view_free(keys->view);
	keys->view = NULL;
	keys->view_data = NULL;
	keys->view_len = 0;
	keys->pager = (struct pager){ 0 };
}

bool
keys_value_of(const struct keys *keys, const struct keyspace_row *row)
{
	const struct keyspace_value *value = keyspace_value(keys->space);

	return row && !row->folder && value->state != VALUE_NONE && value->key_len == row->key_len &&
	    memcmp(value->key, row->key, row->key_len) == 0;
}

void
keys_look_now(struct keys *keys)
{
	const struct keyspace_row *row = keys_row(keys);

	loop_timer_cancel(keys->look);
	keys->look = NULL;
	if (!row || row->folder) {
		keys_value_forget(keys);
		buf_reset(&keys->looked);
		keyspace_open_value(keys->space, NULL, 0, 0);
		return;
	}
	if (keys->looked.len == row->key_len && keys->looked.data &&
	    memcmp(keys->looked.data, row->key, row->key_len) == 0)
		return;
	keys_value_forget(keys);
	buf_reset(&keys->looked);
	buf_add(&keys->looked, row->key, row->key_len);
	keyspace_open_value(keys->space, keys->looked.data, keys->looked.len, 0);
	pane_dirty(&keys->pane);
}

static void
on_rest(void *context)
{
	struct keys *keys = context;

	keys->look = NULL;
	keys_look_now(keys);
}

void
keys_look_soon(struct keys *keys)
{
	const struct keyspace_row *row = keys_row(keys);

	loop_timer_cancel(keys->look);
	keys->look = NULL;
	if (!row || row->folder || row->size <= UNASKED_MAX)
		keys->look = loop_timer_add(keys->pane.app->loop, REST_MS, on_rest, keys);
}

/* The model has news: the view is made again where the bytes are others. */
void
keys_value_update(struct keys *keys)
{
	const struct keyspace_value *value = keyspace_value(keys->space);
	bool here = value->data && (value->state == VALUE_HERE || value->state == VALUE_LOADING);

	if (!here || value->data != keys->view_data || value->len != keys->view_len ||
	    value->mod_revision != keys->view_revision) {
		struct pager pager = keys->pager;

		keys_value_forget(keys);
		keys->pager = pager;
	}
	if (!here || keys->view)
		return;
	keys->view_data = value->data;
	keys->view_len = value->len;
	keys->view_revision = value->mod_revision;
	keys->view = value_view_new(value->data, value->len, keys->form);
	if (keys->pager.line >= value_view_lines(keys->view))
		keys->pager = (struct pager){ 0 };
}

static void
paint_head(const struct keys *keys, const struct keyspace_row *row, struct grid *grid)
{
	struct buf title = BUF_INIT(1 << 16);

	if (row)
		text_escape(&title, row->key + row->name_at, row->key_len - row->name_at);
	if (keys->view && keys_value_of(keys, row))
		buf_printf(&title, "   %s (v: %s)", value_view_title(keys->view),
		    keys->form == VALUE_FIELDS ? "raw, hex" : keys->form == VALUE_RAW ? "hex, fields"
										       : "fields, raw");
	grid_rule(grid, 0, buf_str(&title));
	buf_release(&title);
}

static void
paint_folder(const struct keyspace_row *row, struct grid *grid)
{
	struct grid body = grid_sub(grid, 0, 0, grid->rows - 1, grid->cols);
	struct buf text = BUF_INIT(1 << 22);
	struct pen pen;
	char number[32];
	int at = 1;

	buf_add_str(&text, "folder ");
	text_escape(&text, row->key, row->key_len);
	grid_fold(&body, &at, 1, ROLE_text, buf_str(&text));
	pen = grid_pen(grid, at, 1, ROLE_text);
	if (row->count >= 0)
		pen_printf(&pen, "%s key%s below", text_grouped(row->count, number, sizeof number),
		    row->count == 1 ? "" : "s");
	if (row->count >= 0 && row->biggest && *row->biggest)
		pen_printf(&pen, ", the most (%s) in %s", text_grouped(row->biggest_count, number,
		    sizeof number), row->biggest);
	buf_release(&text);
}

static void
paint_state(const struct keys *keys, const struct keyspace_row *row, struct grid *grid)
{
	const struct keyspace_value *value = keyspace_value(keys->space);
	struct pen pen = grid_pen(grid, 1, 1, ROLE_dim);
	char size[32];

	bool own = keys_value_of(keys, row);

	if (row->mark == KEY_DELETED || (own && value->state == VALUE_GONE))
		pen_text(&pen, "deleted: its value is gone");
	else if (own && value->state == VALUE_FAILED)
		pen_as(&pen, ROLE_alert, value->why.text);
	else if (row->size > UNASKED_MAX && !own)
		pen_printf(&pen, "%s: Enter loads it", text_size(row->size, size, sizeof size));
	else
		pen_text(&pen, "...");
}

static void
paint_facts(const struct keys *keys, struct grid *grid)
{
	const struct keyspace_value *value = keyspace_value(keys->space);
	struct pen pen = grid_pen(grid, grid->rows - 1, 20, ROLE_dim);
	struct buf facts = BUF_INIT(256);
	char number[32];

	pen.end = grid->cols - 1;
	buf_printf(&facts, "created at %s", text_grouped(value->create_revision, number, sizeof number));
	if (value->lease)
		buf_printf(&facts, "  lease %016" PRIx64, (uint64_t)value->lease);
	if (keys->view)
		pen_right(&pen, buf_str(&facts));
	buf_release(&facts);
}

void
keys_value_paint(const struct keys *keys, struct grid *grid)
{
	const struct keyspace_row *row = keys_row(keys);
	struct grid body = grid_sub(grid, 1, 0, grid->rows - 1, grid->cols);

	paint_head(keys, row, grid);
	if (!row)
		return;
	if (row->folder) {
		paint_folder(row, grid);
	} else if (keys->view && keys_value_of(keys, row)) {
		/* Where the pager stands is what was last in sight. */
		pager_paint(&((struct keys *)(uintptr_t)keys)->pager, keys->view, &body);
		paint_facts(keys, grid);
	} else {
		paint_state(keys, row, grid);
	}
}
