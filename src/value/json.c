/* SPDX-License-Identifier: Apache-2.0
 * JSON objects and arrays, indented. A bare number or string is text. */
#include <string.h>

#include "base/json.h"
#include "value/value.h"

bool value_json(const char *data, size_t len, const char **title, struct buf *lines);

bool
value_json(const char *data, size_t len, const char **title, struct buf *lines)
{
	size_t skip = 0;
	struct json_object *object;
	const char *pretty;

	while (skip < len && strchr(" \t\r\n", data[skip]) && data[skip])
		skip++;
	if (skip == len || (data[skip] != '{' && data[skip] != '['))
		return false;
	object = json_parse(data, len, "value", NULL);
	if (!object)
		return false;
	pretty = json_object_to_json_string_ext(object,
	    JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE);
	while (*pretty) {
		size_t line = strcspn(pretty, "\n");

		value_line(lines, pretty, line);
		pretty += line + (pretty[line] == '\n');
	}
	json_object_put(object);
	*title = "JSON";
	return true;
}
