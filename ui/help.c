/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/help.h"

#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "ui/key.h"

/* Made from the tables: what can be done where one is, then everywhere. */

struct help {
	struct pane pane;
	struct buf text;
	char **lines;
	size_t line_count;
};

static const char *
group_title(enum action_group group)
{
	static const char *const titles[GROUP_COUNT] = {
		[GROUP_app] = "Everywhere", [GROUP_list] = "In a list", [GROUP_pager] = "In a value",
		[GROUP_form] = "In a form", [GROUP_dialog] = "In a dialog",
#define PANE(id, title) [GROUP_##id] = title,
#include "ui/panes.def"
#undef PANE
	};

	return titles[group];
}

static void
add_group(struct buf *out, enum action_group group)
{
	bool any = false;

	for (int i = ACT_NONE + 1; i < ACT_COUNT; i++) {
		const struct action_info *info = action_info((enum action)i);
		struct buf keys = BUF_INIT(256);

		if (info->group != group)
			continue;
		if (!any)
			buf_printf(out, "%s\n", group_title(group));
		any = true;
		action_keys((enum action)i, &keys);
		buf_printf(out, "  %-16s %s\n", buf_str(&keys), info->help);
		buf_release(&keys);
	}
}

static int
help_pane_open(struct pane *pane, struct err *err)
{
	struct help *help = (struct help *)pane;
	const struct pane *below = pane->app->panes[pane->app->current];

	(void)err;
	buf_init(&help->text, 1 << 16);
	add_group(&help->text, (enum action_group)(GROUP_dialog + 1 + pane->app->current));
	if (below->ops->rows)
		add_group(&help->text, GROUP_list);
	add_group(&help->text, GROUP_form);
	add_group(&help->text, GROUP_pager);
	add_group(&help->text, GROUP_app);
	buf_add_str(&help->text, "Signs\n"
	    "  >                the cursor's row\n"
	    "  !                needs a hand\n"
	    "  + ~ -            came, changed, went since it was opened (- stays 60 s)");
	help->lines = text_split(buf_str(&help->text), '\n');
	while (help->lines[help->line_count])
		help->line_count++;
	return 0;
}

static void
help_pane_close(struct pane *pane)
{
	struct help *help = (struct help *)pane;

	buf_release(&help->text);
	strv_free(help->lines);
}

static size_t
help_count(const struct pane *pane)
{
	return ((const struct help *)pane)->line_count;
}

static void
help_line(const struct pane *pane, size_t index, struct buf *out)
{
	buf_add_str(out, ((const struct help *)pane)->lines[index]);
}

static enum role
help_role(const struct pane *pane, size_t index)
{
	return ((const struct help *)pane)->lines[index][0] == ' ' ? ROLE_row : ROLE_name;
}

static const struct column *
help_columns(const struct pane *pane, size_t *count)
{
	static const struct column columns[] = {
		{ .title = "KEYS and what they do", .text = help_line, .role = help_role },
	};

	(void)pane;
	*count = 1;
	return columns;
}

static void
help_title(const struct pane *pane, struct buf *out)
{
	(void)pane;
	buf_add_str(out, "Help for where you are\t/ search  f filter  q back");
}

static bool
help_act(struct pane *pane, enum action action)
{
	if (action == ACT_app_help)
		app_pop(pane->app, pane);
	return action == ACT_app_help;
}

static void
help_hint(const struct pane *pane, struct buf *out)
{
	(void)pane;
	buf_add_str(out, "j k move   / search   f filter   q back");
}

static const struct list_ops help_rows = {
	.count = help_count, .name = help_line, .columns = help_columns,
};

static const struct pane_ops help_ops = {
	.size = sizeof(struct help),
	.open = help_pane_open,
	.close = help_pane_close,
	.title = help_title,
	.act = help_act,
	.hint = help_hint,
	.rows = &help_rows,
};

void
help_open(struct app *app)
{
	if (app_top(app)->ops != &help_ops)
		app_push(app, &help_ops);
}
