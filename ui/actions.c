/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/actions.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "ui/key.h"
#include "ui/places.h"

enum { KEYS_MAX = 4 };

static const struct action_info infos[ACT_COUNT] = {
#define ACTION(g, n, k, what, l, h) \
	[ACT_##g##_##n] = { #g "." #n, GROUP_##g, what, l, h },
#include "ui/actions.def"
#undef ACTION
};

/* The built-in bindings in the user's own language. */
static const char builtin[] =
#define ACTION(g, n, k, what, l, h) #g "." #n " " k "\n"
#include "ui/actions.def"
#undef ACTION
	;

static uint32_t keys_of[ACT_COUNT][KEYS_MAX];

const struct action_info *
action_info(enum action action)
{
	return &infos[action];
}

static enum action
find_action(const char *name)
{
	for (int i = ACT_NONE + 1; i < ACT_COUNT; i++)
		if (strcmp(infos[i].name, name) == 0)
			return (enum action)i;
	return ACT_NONE;
}

int
actions_bind(char *const *words, struct err *err)
{
	enum action action = words[0] ? find_action(words[0]) : ACT_NONE;
	uint32_t keys[KEYS_MAX] = { 0 };

	if (action == ACT_NONE)
		return err_set(err, ERR_INPUT, "bind: no action is called \"%s\"", words[0] ? words[0] : "");
	for (int i = 0; words[i + 1]; i++) {
		size_t len = strlen(words[i + 1]), used;

		if (i == KEYS_MAX)
			return err_set(err, ERR_INPUT, "bind %s: at most %d keys", words[0], KEYS_MAX);
		if (!key_parse(words[i + 1], len, &keys[i], &used) || used != len)
			return err_set(err, ERR_INPUT, "bind %s: \"%s\" is no key", words[0], words[i + 1]);
	}
	memcpy(keys_of[action], keys, sizeof keys);
	return 0;
}

void
actions_init(void)
{
	char **lines = text_split(builtin, '\n');

	for (size_t i = 0; lines[i]; i++) {
		char **words = words_split(lines[i]);

		if (words[0] && actions_bind(words, NULL) != 0)
			abort();
		strv_free(words);
	}
	strv_free(lines);
}

enum action
action_of_key(enum action_group group, uint32_t key)
{
	for (int i = ACT_NONE + 1; i < ACT_COUNT; i++)
		if (infos[i].group == group)
			for (int k = 0; k < KEYS_MAX && keys_of[i][k]; k++)
				if (keys_of[i][k] == key)
					return (enum action)i;
	return ACT_NONE;
}

uint32_t
action_key(enum action action)
{
	return keys_of[action][0];
}

void
action_keys(enum action action, struct buf *out)
{
	char name[KEY_NAME_SIZE];

	for (int k = 0; k < KEYS_MAX && keys_of[action][k]; k++)
		buf_printf(out, "%s%s", k ? " " : "", key_name(keys_of[action][k], name));
}

static bool
share_key(int a, int b)
{
	for (int i = 0; i < KEYS_MAX && keys_of[a][i]; i++)
		for (int k = 0; k < KEYS_MAX && keys_of[b][k]; k++)
			if (keys_of[a][i] == keys_of[b][k])
				return true;
	return false;
}

int
actions_clashes(struct buf *out)
{
	int count = 0;

	for (int a = ACT_NONE + 1; a < ACT_COUNT; a++)
		for (int b = a + 1; b < ACT_COUNT; b++)
			if (infos[a].group == infos[b].group && share_key(a, b)) {
				buf_printf(out, "%s and %s share a key\n", infos[a].name, infos[b].name);
				count++;
			}
	return count;
}

void
actions_list(struct buf *out)
{
	for (int i = ACT_NONE + 1; i < ACT_COUNT; i++) {
		buf_printf(out, "%-24s ", infos[i].name);
		action_keys((enum action)i, out);
		buf_printf(out, "\t%s\n", infos[i].help);
	}
}
