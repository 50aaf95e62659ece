/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UI_ACTIONS_H
#define UI_ACTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/* What keys can do (actions.def) and which keys do it. */

enum action {
	ACT_NONE,
#define ACTION(group, name, keys, needs, label, help) ACT_##group##_##name,
#include "ui/actions.def"
#undef ACTION
	ACT_COUNT
};

enum action_group {
	GROUP_app, GROUP_list, GROUP_pager, GROUP_form, GROUP_dialog,
#define PANE(id, title) GROUP_##id,
#include "ui/panes.def"
#undef PANE
	GROUP_COUNT
};

enum { NEED_ROW = 1, NEED_WRITE = 2, NEED_QUORUM = 4 };

struct action_info {
	const char *name;	/* "keys.delete" */
	enum action_group group;
	unsigned needs;
	const char *label, *help;
};

const struct action_info *action_info(enum action action);

/* A line of the user's config, `bind NAME KEY…` already split after "bind". */
int actions_bind(char *const *words, struct err *err);
/* The built-in bindings; called once before any other. */
void actions_init(void);
/* ACT_NONE where the key does nothing in that group. */
enum action action_of_key(enum action_group group, uint32_t key);
/* The key to show for an action, 0 where it has none. */
uint32_t action_key(enum action action);
/* All its keys: "d Delete". */
void action_keys(enum action action, struct buf *out);

/* Two actions of one group (or of a pane and the groups below it) on one key: how many, named in
 * `out`. */
int actions_clashes(struct buf *out);
/* Every action with its keys and help, a line each. */
void actions_list(struct buf *out);

#endif
