/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include <json-c/json.h>

#include "base/buf.h"
#include "base/err.h"

/* json-c with what vetch always wants: caps, exact numbers, errors with a place. Objects are
 * json-c's own (json_object_put frees). */

/* Parses one whole JSON text of at most 64 MiB and 32 levels; `what` names it in the error. NULL on
 * failure. */
struct json_object *json_parse(const char *text, size_t len, const char *what, struct err *err);

/* Reads and parses a file of at most `max` bytes. */
struct json_object *json_read(const char *path, size_t max, struct err *err);

/* Members of an object; `object` may be NULL. A missing member or one of another type gives the
 * default. Returned pointers belong to the object. */
const char *json_str(struct json_object *object, const char *name, const char *otherwise);
int64_t json_int(struct json_object *object, const char *name, int64_t otherwise);
bool json_flag(struct json_object *object, const char *name, bool otherwise);
struct json_object *json_get(struct json_object *object, const char *name);
struct json_object *json_array(struct json_object *object, const char *name);

/* Elements: 0 for NULL; NULL past the end. */
size_t json_len(struct json_object *array);
struct json_object *json_at(struct json_object *array, size_t index);

/* Adding members; the value is copied. json_put_object takes the value's reference over. */
void json_put_str(struct json_object *object, const char *name, const char *value);
void json_put_mem(struct json_object *object, const char *name, const char *value, size_t len);
void json_put_int(struct json_object *object, const char *name, int64_t value);
void json_put_uint(struct json_object *object, const char *name, uint64_t value);
void json_put_bool(struct json_object *object, const char *name, bool value);
/* RFC 3339 UTC of seconds since 1970; null for 0. */
void json_put_time(struct json_object *object, const char *name, int64_t seconds);
/* etcd's ids: a string of hex digits. */
void json_put_hex(struct json_object *object, const char *name, uint64_t value);
void json_put_object(struct json_object *object, const char *name, struct json_object *value);

/* One line without blanks and without escaped slashes; valid as long as the object. */
const char *json_line(struct json_object *object);

#endif
