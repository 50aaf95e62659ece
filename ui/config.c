/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/config.h"

#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/mem.h"
#include "base/text.h"
#include "ui/actions.h"
#include "ui/places.h"

enum { CONFIG_MAX = 1 << 20 };

static int
take_line(char *const *words, struct theme *theme, struct err *err)
{
	if (!words[0])
		return 0;
	if (strcmp(words[0], "bind") == 0)
		return actions_bind(words + 1, err);
	if (strcmp(words[0], "theme") == 0 && words[1] && !words[2]) {
		memset(theme, 0, sizeof *theme);
		return theme_load(theme, words[1], err);
	}
	return err_set(err, ERR_INPUT, "\"%.40s\" is no setting: bind ACTION KEY… and theme NAME are",
	    words[0]);
}

static int
take_lines(const char *path, const char *text, struct theme *theme, struct err *err)
{
	char **lines = text_split(text, '\n');
	int result = 0;

	for (size_t i = 0; lines[i] && result == 0; i++) {
		char **words = words_split(lines[i]);

		result = take_line(words, theme, err);
		if (result != 0)
			err_prefix(err, "%s, line %zu", path, i + 1);
		strv_free(words);
	}
	strv_free(lines);
	return result;
}

int
config_load(struct theme *theme, struct err *err)
{
	struct buf text = BUF_INIT(CONFIG_MAX);
	char *path = places_config("config");
	int result = theme_load(theme, "default", err);

	if (result == 0 && fs_exists(path))
		result = fs_read(path, &text, err);
	if (result == 0)
		result = take_lines(path, buf_str(&text), theme, err);
	buf_release(&text);
	free(path);
	return result;
}
