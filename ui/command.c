/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/command.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "ui/help.h"
#include "ui/login.h"
#include "ui/places.h"
#include "verb/verb.h"

static const char *const pane_names[] = {
#define PANE(id, title) title,
#include "ui/panes.def"
#undef PANE
};

static const char *const own[] = { "help", "login", "quit" };

void
command_export(struct app *app, const char *path)
{
	struct pane *pane = app_top(app);
	struct buf text = BUF_INIT(64 << 20);
	struct err err = { 0 };

	if (fs_exists(path))
		err_set(&err, ERR_GUARD, "%s exists already: nothing was written", path);
	else if (pane->ops->rows)
		list_export(pane, &text);
	if (!err.code && fs_write(path, buf_str(&text), text.len, 0600, &err) == 0)
		app_message(app, "wrote %zu bytes to %s", text.len, path);
	else
		app_error(app, &err);
	buf_release(&text);
}

void
command_run(struct app *app, const char *text)
{
	char **words = words_split(text);
	int pane = words[0] ? app_find_pane(words[0]) : -1;

	if (pane >= 0 && !words[1]) {
		app_show_pane(app, pane);
	} else if (words[0] && strcmp(words[0], "quit") == 0) {
		app->quit = true;
	} else if (words[0] && strcmp(words[0], "help") == 0) {
		help_open(app);
	} else if (words[0] && strcmp(words[0], "login") == 0) {
		login_ask(app);
	} else if (words[0]) {
		app_run_words(app, words);
	}
	strv_free(words);
}

static void
command_done(void *context, const char *text)
{
	struct app *app = context;

	app->dirty = true;
	if (text)
		command_run(app, text);
}

/* The word of `name` after the first `len` bytes of text, where text's whole words match it. */
static void
candidate(const char *name, const char *text, struct buf *out)
{
	size_t len = strlen(text), start = len, end;
	struct buf word = BUF_INIT(256);

	if (strncasecmp(name, text, len) != 0)
		return;
	while (start > 0 && text[start - 1] != ' ')
		start--;
	end = start + strcspn(name + start, " ");
	buf_add(&word, name + start, end - start);
	if (word.len && !strstr(buf_str(out), buf_str(&word)))
		buf_printf(out, "%s%s", out->len ? " " : "", buf_str(&word));
	buf_release(&word);
}

/* Flags of the verb that the text begins with. */
static void
flag_candidates(const char *text, struct buf *out)
{
	const char *last = strrchr(text, ' ');

	if (!last || last[1] != '-')
		return;
	for (const struct verb *verb = verbs; verb->name; verb++) {
		size_t len = strlen(verb->words);

		if (strncmp(text, verb->words, len) != 0 || text[len] != ' ' || !verb->ops->flags)
			continue;
		for (const struct flag *flag = verb->ops->flags; flag->name; flag++) {
			char *word = xasprintf("--%s", flag->name);

			if (strncmp(word, last + 1, strlen(last + 1)) == 0)
				buf_printf(out, "%s%s", out->len ? " " : "", word);
			free(word);
		}
	}
}

static void
command_complete(void *context, const char *text, struct buf *out)
{
	(void)context;
	for (const struct verb *verb = verbs; verb->name; verb++)
		candidate(verb->words, text, out);
	for (size_t i = 0; i < ARRAY_LEN(own); i++)
		candidate(own[i], text, out);
	for (size_t i = 0; i < ARRAY_LEN(pane_names); i++)
		candidate(pane_names[i], text, out);
	flag_candidates(text, out);
}

const struct prompt_ops command_ops = {
	.done = command_done, .complete = command_complete,
	.hint = "Tab completes   Enter runs it: its plan is shown before it changes anything",
};
