/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/result.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ui/pager.h"

struct result {
	struct pane pane;
	char *title, *data;
	size_t len;
	enum value_form form;
	struct value_view *view;
	struct pager pager;
};

static void
result_close(struct pane *pane)
{
	struct result *result = (struct result *)pane;

	value_view_free(result->view);
	free(result->data);
	free(result->title);
}

/* Painting keeps count of what is in sight; the lines are the view's. */
static void
result_paint(const struct pane *pane, struct grid *grid)
{
	struct result *result = (struct result *)(uintptr_t)pane;

	pager_paint(&result->pager, result->view, grid);
}

static bool
result_act(struct pane *pane, enum action action)
{
	struct result *result = (struct result *)pane;

	if (action == ACT_dialog_view) {
		value_view_free(result->view);
		result->form = (result->form + 1) % VALUE_FORM_COUNT;
		result->view = value_view_new(result->data, result->len, result->form);
		result->pager = (struct pager){ 0 };
		return true;
	}
	if (action == ACT_dialog_copy) {
		app_copy(pane->app, result->data, result->len, "all of it");
		return true;
	}
	return pager_act(&result->pager, result->view, action);
}

static bool
result_typed(struct pane *pane, uint32_t key)
{
	return result_act(pane, action_of_key(GROUP_list, key));
}

static void
result_title(const struct pane *pane, struct buf *out)
{
	const struct result *result = (const struct result *)pane;

	buf_printf(out, "%s\t%s (v: other forms)", result->title, value_view_title(result->view));
}

static const struct pane_ops result_ops = {
	.size = sizeof(struct result),
	.close = result_close,
	.typed = result_typed,
	.act = result_act,
	.paint = result_paint,
	.title = result_title,
};

void
result_value(struct app *app, const char *title, const char *data, size_t len)
{
	struct result *result = (struct result *)app_push(app, &result_ops);

	if (!result)
		return;
	result->title = xstrdup(title);
	result->data = xmemdup(data, len ? len : 1);
	result->len = len;
	result->view = value_view_new(result->data, len, VALUE_FIELDS);
}

/* A verb that prints as another tool does gives its lines as rows: shown as they are. */
static void
show_output(struct app *app, const char *title, struct json_object *lines)
{
	struct buf text = BUF_INIT(64 << 20);

	for (size_t i = 0; i < json_len(lines); i++)
		buf_printf(&text, "%s\n", json_object_get_string(json_at(lines, i)));
	if (json_len(lines) == 1 && text.len < 60)
		app_message(app, "%s: %.*s", title, (int)text.len - 1, text.data);
	else
		result_value(app, title, buf_str(&text), text.len);
	buf_release(&text);
}

void
result_show(struct app *app, const char *title, struct json_object *result,
    struct json_object *rows)
{
	struct json_object *all, *output = json_array(rows, "output");
	const char *line;

	if (output) {
		show_output(app, title, output);
		return;
	}
	all = json_object_new_object();
	if (json_object_is_type(result, json_type_object)) {
		json_object_object_foreach (result, name, member)
			json_put_object(all, name, json_object_get(member));
	}
	if (rows) {
		json_object_object_foreach (rows, list, array)
			json_put_object(all, list, json_object_get(array));
	}
	line = json_line(all);
	if (strlen(line) < 60)
		app_message(app, "%s: done %s", title, strcmp(line, "{}") == 0 ? "" : line);
	else
		result_value(app, title, line, strlen(line));
	json_object_put(all);
}
