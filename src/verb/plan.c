/* SPDX-License-Identifier: Apache-2.0 */
#include "verb/plan.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/mem.h"

void
plan_init(struct plan *plan)
{
	plan->json = json_object_new_object();
	json_put_object(plan->json, "lines", json_object_new_array());
	json_put_object(plan->json, "guard", json_object_new_object());
	json_put_str(plan->json, "confirm", "none");
}

void
plan_release(struct plan *plan)
{
	json_object_put(plan->json);
	plan->json = NULL;
}

void
plan_line(struct plan *plan, const char *format, ...)
{
	char *text;
	va_list ap;

	va_start(ap, format);
	text = xvasprintf(format, ap);
	va_end(ap);
	json_object_array_add(json_get(plan->json, "lines"), json_object_new_string(text));
	free(text);
}

void
plan_etcdctl(struct plan *plan, const char *command)
{
	json_put_str(plan->json, "etcdctl", command);
}

struct json_object *
plan_guard(struct plan *plan)
{
	return json_get(plan->json, "guard");
}

void
plan_confirm_one(struct plan *plan)
{
	json_put_str(plan->json, "confirm", "one");
}

void
plan_confirm_typed(struct plan *plan, const char *text)
{
	json_put_str(plan->json, "confirm", text);
}
