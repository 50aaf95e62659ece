/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/theme.h"

#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/mem.h"
#include "base/text.h"
#include "ui/places.h"

static const struct {
	const char *name;
	enum role parent;
	unsigned mono;
} roles[] = {
#define ROLE(id, letter, role_name, up, mono_attr) { role_name, ROLE_##up, mono_attr },
#include "ui/roles.def"
#undef ROLE
};

static const struct {
	const char *name, *text;
} embedded[] = {
	{ "default",
#include "ui/default_theme.inc"
	},
	{ "mono",
#include "ui/mono_theme.inc"
	},
};

static bool
parse_colour(const char *word, short *colour)
{
	static const char *const names[] = { "black", "red", "green", "yellow", "blue", "magenta",
		"cyan", "white" };
	bool bright = strncmp(word, "bright-", 7) == 0;
	int64_t number;

	if (strcmp(word, "default") == 0) {
		*colour = -1;
		return true;
	}
	if (text_int(word, 0, 255, &number)) {
		*colour = (short)number;
		return true;
	}
	for (short i = 0; i < 8; i++)
		if (strcmp(word + (bright ? 7 : 0), names[i]) == 0) {
			*colour = (short)(i + (bright ? 8 : 0));
			return true;
		}
	return false;
}

static unsigned
parse_attr(const char *word)
{
	static const struct {
		const char *name;
		unsigned attr;
	} attrs[] = { { "bold", ATTR_BOLD }, { "dim", ATTR_DIM }, { "underline", ATTR_UNDERLINE },
		{ "reverse", ATTR_REVERSE } };

	for (size_t i = 0; i < ARRAY_LEN(attrs); i++)
		if (strcmp(word, attrs[i].name) == 0)
			return attrs[i].attr;
	return 0;
}

/* The words after the role's name; NULL or the word that is not understood. */
static const char *
parse_look(char *const *words, struct look *look)
{
	*look = (struct look){ -1, -1, 0, true };
	for (size_t i = 0; words[i]; i++) {
		unsigned attr = parse_attr(words[i]);
		short *colour = &look->fg;

		if (strcmp(words[i], "on") == 0 && words[i + 1]) {
			colour = &look->bg;
			i++;
		}
		if (attr)
			look->attr |= attr;
		else if (!parse_colour(words[i], colour))
			return words[i];
	}
	return NULL;
}

static bool
find_role(const char *name, enum role *role)
{
	for (size_t i = 0; i < ARRAY_LEN(roles); i++)
		if (strcmp(roles[i].name, name) == 0) {
			*role = (enum role)i;
			return true;
		}
	return false;
}

int
theme_parse(struct theme *theme, const char *text, const char *what, struct err *err)
{
	char **lines = text_split(text, '\n');
	int rc = 0;

	for (size_t i = 0; lines[i] && rc == 0; i++) {
		char **words = words_split(lines[i]);
		const char *bad;
		enum role role;

		if (!words[0])
			;
		else if (!find_role(words[0], &role))
			rc = err_set(err, ERR_INPUT, "%s, line %zu: no role is called \"%s\"", what, i + 1, words[0]);
		else if ((bad = parse_look(words + 1, &theme->looks[role])))
			rc = err_set(err, ERR_INPUT, "%s, line %zu: \"%s\" is neither a colour nor an attribute",
			    what, i + 1, bad);
		strv_free(words);
	}
	strv_free(lines);
	return rc;
}

int
theme_load(struct theme *theme, const char *name, struct err *err)
{
	struct buf text = BUF_INIT(1 << 20);
	char *path, *file;
	int rc;

	for (size_t i = 0; i < ARRAY_LEN(embedded); i++)
		if (strcmp(embedded[i].name, name) == 0)
			return theme_parse(theme, embedded[i].text, name, err);
	file = strchr(name, '/') ? xstrdup(name) : xasprintf("themes/%s.theme", name);
	path = *file == '/' ? xstrdup(file) : places_config(file);
	rc = fs_read(path, &text, err);
	if (rc == 0)
		rc = theme_parse(theme, buf_str(&text), path, err);
	buf_release(&text);
	free(path);
	free(file);
	return rc;
}

struct look
theme_look(const struct theme *theme, enum role role)
{
	while (!theme->looks[role].set && roles[role].parent != role)
		role = roles[role].parent;
	return theme->looks[role].set ? theme->looks[role] : (struct look){ -1, -1, 0, true };
}

unsigned
theme_mono(enum role role)
{
	return roles[role].mono;
}
