/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/places.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

char *
places_config(const char *name)
{
	const char *base = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

	if (base && *base == '/')
		return xasprintf("%s/vetch/%s", base, name);
	return xasprintf("%s/.config/vetch/%s", home ? home : "", name);
}

/* One word into `out`; returns where it ended. */
static const char *
word_next(const char *line, struct buf *out)
{
	char quote = 0;

	for (; *line && (quote || (*line != ' ' && *line != '\t')); line++) {
		if (*line == quote || (!quote && (*line == '"' || *line == '\''))) {
			quote = quote ? 0 : *line;
			continue;
		}
		if (quote != '\'' && *line == '\\' && line[1])
			line++;
		buf_add_byte(out, *line);
	}
	return line;
}

char **
words_split(const char *line)
{
	char **words = NULL;
	size_t len = 0, cap = 0;

	for (;;) {
		struct buf word = BUF_INIT(1 << 20);

		line += strspn(line, " \t\r");
		if (!*line || *line == '#')
			break;
		line = word_next(line, &word);
		GROW(words, len, cap);
		words[len++] = buf_steal(&word);
	}
	GROW(words, len, cap);
	words[len] = NULL;
	return words;
}

void
words_quote(struct buf *out, const char *word, size_t len)
{
	bool plain = len > 0 && *word != '#';

	for (size_t i = 0; i < len; i++)
		plain = plain && !strchr(" \t\r\"'\\", word[i]);
	if (plain) {
		buf_add(out, word, len);
		return;
	}
	buf_add_byte(out, '"');
	for (size_t i = 0; i < len; i++) {
		if (word[i] == '"' || word[i] == '\\')
			buf_add_byte(out, '\\');
		buf_add_byte(out, word[i]);
	}
	buf_add_byte(out, '"');
}
