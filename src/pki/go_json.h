/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_GO_JSON_H
#define PKI_GO_JSON_H

#include "base/json.h"

/* cfssl's JSON files as Go's encoding/json reads them: member names in any case, the last of two
 * equal ones wins, null is as good as absent, another type is an error. */

/* The member, or NULL in `value` where there is none. */
int go_get(struct json_object *object, const char *name, enum json_type type,
    struct json_object **value, struct err *err);
/* The text, "" where there is none; it belongs to the object. */
int go_str(struct json_object *object, const char *name, const char **value, struct err *err);
int go_int(struct json_object *object, const char *name, int64_t *value, struct err *err);
int go_bool(struct json_object *object, const char *name, bool *value, struct err *err);
/* A list of strings as a NULL-ended vector (strv_free); NULL where there is none. */
int go_strv(struct json_object *object, const char *name, char ***value, struct err *err);

/* Appends a JSON string as Go writes one: <, >, & and U+2028/9 escaped too. */
void go_put_str(struct buf *out, const char *text);

/* Calls `seen` for each member name that stands twice in one object of the text. */
void go_duplicates(const char *text, size_t len, void (*seen)(void *context, const char *name),
    void *context);

#endif
