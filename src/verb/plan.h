/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERB_PLAN_H
#define VERB_PLAN_H

#include <stdbool.h>

#include "base/json.h"

/* What a verb is about to change, told before it does. As JSON: {"lines":[…],"etcdctl":"…",
 * "guard":{…},"confirm":"one"|"none"|"TEXT TO TYPE"}. */
struct plan {
	struct json_object *json;
};

void plan_init(struct plan *plan);
void plan_release(struct plan *plan);

/* One line of what will happen. */
void plan_line(struct plan *plan, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The etcdctl command that does the same. */
void plan_etcdctl(struct plan *plan, const char *command);
/* The object that holds what must still be true when the plan is carried out. */
struct json_object *plan_guard(struct plan *plan);

/* "one": one object that can be put back: a dialog that opens on Cancel. plan_type: several,
 * or no way back: `text` must be typed. Without either nothing is asked. */
void plan_confirm_one(struct plan *plan);
void plan_confirm_typed(struct plan *plan, const char *text);

#endif
