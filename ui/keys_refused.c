/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "etcd/call.h"
#include "ui/edit_text.h"
#include "ui/keys_change.h"
#include "ui/result.h"

/* What somebody wrote was not written: another was first, or the cluster did not answer. Nothing is
 * lost: theirs is read afresh, and the text can be edited again on top of it. */

enum theirs_state { READING, HERE, GONE, FAILED };

struct refused {
	struct pane pane;
	struct change *change;	/* NULL once it went on its way */
	struct err why;
	struct etcd_call *call;
	unsigned connects;	/* models.connects when it was started */
	enum theirs_state state;
	struct err fault;	/* FAILED: why theirs could not be read */
	struct buf theirs;
	int64_t revision, lease;
};

static bool
is_there(const struct refused *refused)
{
	const struct change *change = refused->change;

	return refused->state == HERE && refused->theirs.len == change->mine_len &&
	    memcmp(buf_str(&refused->theirs), change->mine, change->mine_len) == 0;
}

static void
on_theirs(void *context, const Etcd__RangeResponse *response)
{
	struct refused *refused = context;

	refused->call = NULL;
	refused->state = response->n_kvs ? HERE : GONE;
	buf_reset(&refused->theirs);
	if (response->n_kvs) {
		buf_add(&refused->theirs, response->kvs[0]->value.data, response->kvs[0]->value.len);
		refused->revision = response->kvs[0]->mod_revision;
		refused->lease = response->kvs[0]->lease;
	}
	pane_dirty(&refused->pane);
}

static void
on_fault(void *context, const struct err *err)
{
	struct refused *refused = context;

	refused->call = NULL;
	refused->state = FAILED;
	refused->fault = *err;
	pane_dirty(&refused->pane);
}

static void
read_theirs(struct refused *refused)
{
	static const struct etcd_range_handler handler = { on_theirs, on_fault };
	Etcd__RangeRequest request = ETCD__RANGE_REQUEST__INIT;
	const struct models *models = &refused->pane.app->models;

	if (!models->channel) {
		on_fault(refused, &models->why);
		return;
	}
	refused->connects = models->connects;
	request.key = (ProtobufCBinaryData){ .data = (uint8_t *)refused->change->key,
		.len = refused->change->key_len };
	refused->state = READING;
	refused->call = etcd_range_start(models->channel, &request, &handler, refused);
	pane_dirty(&refused->pane);
}

/* A channel that went took its calls along. */
static void
forget_lost_call(struct refused *refused)
{
	if (!refused->call || refused->connects == refused->pane.app->models.connects)
		return;
	refused->call = NULL;
	refused->state = FAILED;
}

/* True where theirs is known; else it is asked for again, and row 23 says so. */
static bool
have_theirs(struct refused *refused)
{
	forget_lost_call(refused);
	if (refused->state == HERE || refused->state == GONE)
		return true;
	if (refused->state == FAILED)
		read_theirs(refused);
	app_message(refused->pane.app, "reading theirs: try again in a moment");
	return false;
}

static void
show_diff(struct refused *refused)
{
	const struct change *change = refused->change;
	struct buf text = BUF_INIT(16 << 20);
	char number[32];

	if (refused->state == GONE)
		buf_add_str(&text, "theirs (-): the key is deleted\n");
	else
		buf_printf(&text, "theirs (-): %zu bytes, rev %s\n", refused->theirs.len,
		    text_grouped(refused->revision, number, sizeof number));
	buf_printf(&text, "yours  (+): %zu bytes, not written\n", change->mine_len);
	edit_diff(&text, buf_str(&refused->theirs), refused->theirs.len, change->mine,
	    change->mine_len);
	result_value(refused->pane.app, "Theirs and yours", buf_str(&text), text.len);
	buf_release(&text);
}

static void
edit_again(struct refused *refused)
{
	struct change *change = refused->change;
	char *given = xmemdup(change->mine, change->mine_len + 1);
	size_t len = change->mine_len;

	change_set_before(change, buf_str(&refused->theirs), refused->theirs.len);
	free(change->given);
	change->given = given;
	change->given_len = len;
	change->revision = refused->state == HERE ? refused->revision : 0;
	change->leased = refused->state == HERE && refused->lease;
	err_clear(&change->why);
	refused->change = NULL;
	app_pop(refused->pane.app, &refused->pane);
	change_edit(change);
}

static bool
refused_typed(struct pane *pane, uint32_t key)
{
	struct refused *refused = (struct refused *)pane;

	if (key == 'd') {
		if (have_theirs(refused))
			show_diff(refused);
	} else if (key == 'e') {
		if (have_theirs(refused))
			edit_again(refused);
	} else {
		return false;
	}
	return true;
}

static void
refused_close(struct pane *pane)
{
	struct refused *refused = (struct refused *)pane;

	forget_lost_call(refused);
	etcd_call_cancel(refused->call);
	if (refused->change) {
		refused->change->keep = !is_there(refused);
		change_leave(refused->change, refused->change->keep ? "not written" :
		    "what lies there is what you wrote");
	}
	buf_release(&refused->theirs);
}

static void
paint_theirs(const struct refused *refused, struct pen *pen)
{
	char number[32];

	pen_text(pen, "theirs   ");
	switch (refused->state) {
	case READING: pen_text(pen, "reading ..."); break;
	case GONE: pen_text(pen, "deleted: there is no such key now"); break;
	case FAILED:
		pen_printf(pen, "cannot be read: %s", refused->fault.text);
		break;
	case HERE:
		pen_printf(pen, "%zu bytes, mod revision %s", refused->theirs.len,
		    text_grouped(refused->revision, number, sizeof number));
		break;
	}
}

static void
refused_paint(const struct pane *pane, struct grid *grid)
{
	const struct refused *refused = (const struct refused *)pane;
	const struct change *change = refused->change;
	struct pen pen = grid_pen(grid, 1, 1, ROLE_text);
	int row = 3;

	if (!change)
		return;
	paint_theirs(refused, &pen);
	pen = grid_pen(grid, 2, 1, ROLE_text);
	pen_printf(&pen, "yours    %zu bytes, kept in", change->mine_len);
	grid_fold(grid, &row, 10, ROLE_text, change->path);
	pen = grid_pen(grid, row + 1, 1, ROLE_text);
	if (is_there(refused))
		pen_text(&pen, "What lies there now is what you wrote: nothing is left to do.");
}

static void
refused_title(const struct pane *pane, struct buf *out)
{
	const struct refused *refused = (const struct refused *)pane;

	if (refused->change)
		text_escape(out, refused->change->key, refused->change->key_len);
	buf_add_str(out, refused->why.code == ERR_UNKNOWN ? "\tunknown whether written" :
	    "\tnot written");
}

static void
refused_status(const struct pane *pane, struct buf *out)
{
	buf_printf(out, "! %s", ((const struct refused *)pane)->why.text);
}

static void
refused_hint(const struct pane *pane, struct buf *out)
{
	buf_add_str(out, pane->app->grid.cols < 80 ? "d diff  e edit  Esc leave" :
	    "d diff theirs and yours   e edit again on theirs   Esc drop mine (kept on disk)");
}

static const struct pane_ops refused_ops = {
	.size = sizeof(struct refused),
	.close = refused_close,
	.typed = refused_typed,
	.paint = refused_paint,
	.title = refused_title,
	.status = refused_status,
	.hint = refused_hint,
};

void
change_refused(struct change *change, const struct err *why)
{
	struct refused *refused = (struct refused *)app_push(change->app, &refused_ops);
	struct err shown = *why;

	change->keep = true;
	if (!refused) {
		change_leave(change, why->text);
		return;
	}
	if (strstr(shown.text, "too large") || strstr(shown.text, "larger than max"))
		err_prefix(&shown, "%zu bytes are more than this server takes", change->mine_len);
	*shown.cure = '\0'; /* the hints on row 24 are the cure */
	refused->change = change;
	refused->why = shown;
	buf_init(&refused->theirs, 64 << 20);
	app_error(change->app, &shown);
	read_theirs(refused);
}
