/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/restore_dialog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/fs.h"
#include "base/hash.h"
#include "base/mem.h"
#include "ui/form.h"
#include "ui/key.h"
#include "ui/verbs_run.h"

enum { FIELD_FOR, FIELD_DIR, FIELD_NAME, FIELD_CLUSTER, FIELD_TOKEN, FIELD_PEERS, FIELDS };

enum { KEY_REVIEW = 'N' & 31, KEY_ESC = 27 };

struct restore_dialog {
	struct pane pane;
	struct form form;
	struct field fields[FIELDS];
	char *id, *from;
	size_t last_for;
};

static const struct pane_ops dialog_ops;

static const struct cluster *
cluster_of(const struct restore_dialog *dialog)
{
	return dialog->pane.app->connection.cluster;
}

static void
join_urls(struct buf *out, char **urls)
{
	for (char **url = urls; url && *url; url++)
		buf_printf(out, "%s%s", url == urls ? "" : ",", *url);
}

/* The chosen member gives its name and peer URLs. */
static void
fill_from_member(struct restore_dialog *dialog)
{
	const struct cluster *cluster = cluster_of(dialog);
	size_t choice = dialog->fields[FIELD_FOR].choice;
	struct buf urls = BUF_INIT(4096);

	if (!cluster || choice >= cluster->member_count)
		return;
	join_urls(&urls, cluster->members[choice].peer_urls);
	field_set(&dialog->fields[FIELD_NAME], cluster->members[choice].name);
	field_set(&dialog->fields[FIELD_PEERS], buf_str(&urls));
	buf_release(&urls);
}

static void
fill_cluster(struct restore_dialog *dialog)
{
	const struct cluster *cluster = cluster_of(dialog);
	struct buf all = BUF_INIT(65536);

	for (size_t i = 0; cluster && i < cluster->member_count; i++)
		for (char **url = cluster->members[i].peer_urls; url && *url; url++)
			buf_printf(&all, "%s%s=%s", all.len ? "," : "", cluster->members[i].name, *url);
	field_set(&dialog->fields[FIELD_CLUSTER], buf_str(&all));
	buf_release(&all);
}

/* The same token would give the old ids again: members of the old cluster could cross over. */
static void
fill_token(struct restore_dialog *dialog)
{
	const struct cluster *cluster = cluster_of(dialog);
	unsigned char random[4];
	char hex[9], *token;

	if (getrandom(random, sizeof random, 0) != sizeof random)
		return;
	token = xasprintf("%s-%s", cluster ? cluster->name : "etcd",
	    hex_encode(random, sizeof random, hex));
	field_set(&dialog->fields[FIELD_TOKEN], token);
	free(token);
}

static void
load_members(struct restore_dialog *dialog)
{
	const struct cluster *cluster = cluster_of(dialog);
	size_t count = cluster ? cluster->member_count : 0;
	char **choices = xcalloc(count + 2, sizeof *choices);

	for (size_t i = 0; i < count; i++)
		choices[i] = xstrdup(cluster->members[i].name);
	if (!count)
		choices[0] = xstrdup("");
	field_set_choices(&dialog->fields[FIELD_FOR], choices, NULL);
}

static int
dialog_open(struct pane *pane, struct err *err)
{
	struct restore_dialog *dialog = (struct restore_dialog *)pane;

	(void)err;
	dialog->fields[FIELD_FOR] = (struct field){ .label = "For", .width = 18 };
	dialog->fields[FIELD_DIR] = (struct field){ .label = "Data dir" };
	dialog->fields[FIELD_NAME] = (struct field){ .label = "Name", .width = 18 };
	dialog->fields[FIELD_CLUSTER] = (struct field){ .label = "Cluster" };
	dialog->fields[FIELD_TOKEN] = (struct field){ .label = "Token", .width = 30 };
	dialog->fields[FIELD_PEERS] = (struct field){ .label = "Peer URL" };
	form_init(&dialog->form, dialog->fields, FIELDS);
	buf_add_str(&dialog->fields[FIELD_FOR].note, "a member fills name and peer URLs");
	buf_add_str(&dialog->fields[FIELD_TOKEN].note, "new, never used before");
	load_members(dialog);
	fill_from_member(dialog);
	fill_cluster(dialog);
	fill_token(dialog);
	dialog->form.at = FIELD_DIR;
	dialog->form.focused = true;
	return 0;
}

static void
dialog_close(struct pane *pane)
{
	struct restore_dialog *dialog = (struct restore_dialog *)pane;

	form_release(&dialog->form);
	free(dialog->id);
	free(dialog->from);
}

static void
dialog_title(const struct pane *pane, struct buf *out)
{
	buf_printf(out, "Restore %s into a new data directory",
	    ((const struct restore_dialog *)pane)->id);
}

/* What stands against it; NULL where nothing does. */
static const char *
trouble(const struct restore_dialog *dialog)
{
	const char *dir = field_text(&dialog->fields[FIELD_DIR]);

	if (!*dir)
		return "the data directory is missing: name a new folder on this host";
	if (fs_exists(dir))
		return "that folder exists; a restore never goes over an old one";
	for (size_t i = FIELD_NAME; i < FIELDS; i++)
		if (!*field_text(&dialog->fields[i]))
			return "every field is needed";
	return NULL;
}

static void
dialog_paint(const struct pane *pane, struct grid *grid)
{
	const struct restore_dialog *dialog = (const struct restore_dialog *)pane;
	int row = form_paint(&dialog->form, grid, 0);
	const char *why = trouble(dialog);
	char *line;

	if (row + 3 >= grid->rows)
		return;
	grid_rule(grid, row++, "Checks (as you type)");
	grid_wrap(grid, &row, 1, why ? ROLE_alert : ROLE_good,
	    why ? why : "ok    nothing stands against it");
	grid_rule(grid, row++, "As etcdutl would");
	line = xasprintf("etcdutl snapshot restore %s.db --data-dir %s --name %s --initial-cluster %s "
	    "--initial-cluster-token %s --initial-advertise-peer-urls %s", dialog->id,
	    field_text(&dialog->fields[FIELD_DIR]), field_text(&dialog->fields[FIELD_NAME]),
	    field_text(&dialog->fields[FIELD_CLUSTER]), field_text(&dialog->fields[FIELD_TOKEN]),
	    field_text(&dialog->fields[FIELD_PEERS]));
	grid_wrap(grid, &row, 1, ROLE_text, line);
	free(line);
}

static void
restored(void *context, struct json_object *result, const struct err *err)
{
	(void)err;
	if (result)
		app_message(context, "restored into %s: start etcd there", json_str(result, "data_dir", ""));
}

static void
run(struct restore_dialog *dialog)
{
	const char *why = trouble(dialog);
	const char *argv[] = { "restore", dialog->id, "--data-dir",
		field_text(&dialog->fields[FIELD_DIR]), "--name", field_text(&dialog->fields[FIELD_NAME]),
		"--initial-cluster", field_text(&dialog->fields[FIELD_CLUSTER]),
		"--initial-cluster-token", field_text(&dialog->fields[FIELD_TOKEN]),
		"--initial-advertise-peer-urls", field_text(&dialog->fields[FIELD_PEERS]), "--from",
		dialog->from, NULL };
	struct app *app = dialog->pane.app;

	if (why) {
		app_message(app, "%s", why);
		return;
	}
	if (!*dialog->from)
		argv[12] = NULL;
	verbs_start(app, &(struct verb_start){ .argv = argv, .done = restored, .context = app });
	app_pop(app, &dialog->pane);
}

static bool
dialog_typed(struct pane *pane, uint32_t key)
{
	struct restore_dialog *dialog = (struct restore_dialog *)pane;

	if (key == KEY_ESC) {
		app_pop(pane->app, pane);
		return true;
	}
	if (key == KEY_REVIEW) {
		run(dialog);
		return true;
	}
	form_key(&dialog->form, key);
	if (dialog->fields[FIELD_FOR].choice != dialog->last_for)
		fill_from_member(dialog);
	dialog->last_for = dialog->fields[FIELD_FOR].choice;
	pane_dirty(pane);
	return true;
}

static bool
dialog_typing(const struct pane *pane)
{
	(void)pane;
	return true;
}

static void
dialog_pasted(struct pane *pane, const char *data, size_t len)
{
	form_paste(&((struct restore_dialog *)pane)->form, data, len);
	pane_dirty(pane);
}

static void
dialog_hint(const struct pane *pane, struct buf *out)
{
	(void)pane;
	buf_add_str(out, "Tab next  Space choose  ^N restore  Esc leave");
}

static const struct pane_ops dialog_ops = {
	.size = sizeof(struct restore_dialog),
	.open = dialog_open,
	.close = dialog_close,
	.title = dialog_title,
	.paint = dialog_paint,
	.typed = dialog_typed,
	.typing = dialog_typing,
	.pasted = dialog_pasted,
	.hint = dialog_hint,
};

void
restore_dialog_open(struct app *app, const char *id, const char *from)
{
	struct restore_dialog *dialog = (struct restore_dialog *)app_push(app, &dialog_ops);

	if (!dialog)
		return;
	dialog->id = xstrdup(id);
	dialog->from = xstrdup(from);
}
