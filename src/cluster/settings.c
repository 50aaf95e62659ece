/* SPDX-License-Identifier: Apache-2.0 */
#include "cluster/settings.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

const struct setting setting_table[] = {
#define SETTING_S(field, flag, letter, env, value, help) \
	{ flag, env, value, help, letter, SETTING_STR, offsetof(struct settings, field) },
#define SETTING_B(field, flag, letter, env, help) \
	{ flag, env, NULL, help, letter, SETTING_BOOL, offsetof(struct settings, field) },
#define SETTING_N(field, flag, letter, env, help) \
	{ flag, env, NULL, help, letter, SETTING_NOT, offsetof(struct settings, field) },
#define SETTING_D(field, flag, letter, env, help) \
	{ flag, env, "TIME", help, letter, SETTING_MS, offsetof(struct settings, field) },
#include "cluster/settings.def"
#undef SETTING_S
#undef SETTING_B
#undef SETTING_N
#undef SETTING_D
	{ NULL },
};

const struct setting *
setting_find(const char *flag)
{
	for (const struct setting *row = setting_table; row->flag; row++)
		if (strcmp(row->flag, flag) == 0)
			return row;
	return NULL;
}

const struct setting *
setting_letter(char letter)
{
	for (const struct setting *row = setting_table; row->flag; row++)
		if (row->letter && row->letter == letter)
			return row;
	return NULL;
}

static int
set_ms(int64_t *field, const char *flag, const char *text, struct err *err)
{
	int64_t ns;

	if (text_int(text, 0, 1000000, &ns)) {
		*field = ns * 1000;
		return 0;
	}
	if (!text_duration(text, &ns) || ns < 0)
		return err_set(err, ERR_USAGE, "--%s: \"%.60s\" is no time such as 5s or 500ms", flag, text);
	*field = ns / 1000000;
	if (ns > 0 && *field == 0)
		*field = 1;
	return 0;
}

int
setting_set(struct settings *settings, const struct setting *row, const char *text, struct err *err)
{
	char *base = (char *)settings + row->offset;

	if (row->type == SETTING_MS)
		return set_ms((int64_t *)(void *)base, row->flag, text, err);
	if (row->type == SETTING_STR) {
		char **field = (char **)(void *)base;

		free(*field);
		*field = xstrdup(text);
		return 0;
	}
	if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
		return err_set(err, ERR_USAGE, "--%s: \"%.60s\" is neither true nor false", row->flag, text);
	*(bool *)base = *text == (row->type == SETTING_NOT ? 'f' : 't');
	return 0;
}

void
settings_release(struct settings *settings)
{
	for (const struct setting *row = setting_table; row->flag; row++)
		if (row->type == SETTING_STR)
			free(*(char **)(void *)((char *)settings + row->offset));
	memset(settings, 0, sizeof *settings);
}
