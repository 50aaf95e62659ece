/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/key.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/text.h"

static const struct {
	const char *name;
	uint32_t key;
} names[] = {
	{ "Enter", '\r' }, { "Esc", 27 }, { "Tab", '\t' }, { "Space", ' ' }, { "BS", 127 },
	{ "lt", '<' },
#define SYM(id, name) { name, SYM_##id },
#include "ui/symbols.def"
#undef SYM
};

static bool
named_key(const char *name, size_t len, uint32_t *key)
{
	if (len == 3 && strncasecmp(name, "C-", 2) == 0) {
		*key = CTRL(name[2]);
		return true;
	}
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strlen(names[i].name) == len && strncasecmp(names[i].name, name, len) == 0) {
			*key = names[i].key;
			return true;
		}
	return false;
}

bool
key_parse(const char *text, size_t len, uint32_t *key, size_t *used)
{
	const char *close;
	struct text_char c;

	if (len == 0)
		return false;
	close = text[0] == '<' ? memchr(text, '>', len) : NULL;
	if (close && named_key(text + 1, (size_t)(close - text) - 1, key)) {
		*used = (size_t)(close - text) + 1;
		return true;
	}
	if (text[0] == '^' && len > 1 && isalpha((unsigned char)text[1])) {
		*key = CTRL(text[1]);
		*used = 2;
		return true;
	}
	c = text_next(text, len);
	if (!c.plain)
		return false;
	*key = c.code;
	*used = (size_t)c.bytes;
	return true;
}

char *
key_name(uint32_t key, char *out)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (names[i].key == key && key != '<') {
			snprintf(out, KEY_NAME_SIZE, "%s", names[i].name);
			return out;
		}
	if (key < 32)
		snprintf(out, KEY_NAME_SIZE, "^%c", (char)(key + '@'));
	else if (key < 127)
		snprintf(out, KEY_NAME_SIZE, "%c", (char)key);
	else
		snprintf(out, KEY_NAME_SIZE, "U+%04X", (unsigned)key);
	return out;
}
