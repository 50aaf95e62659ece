/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/text.h"

enum { MAX_TEXT = 64 << 20, MAX_DEPTH = 32 };

static bool
only_blanks(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len && strchr(" \t\r\n", text[i]) && text[i]; i++)
		;
	return i == len;
}

static struct json_tokener *
strict_tokener(void)
{
	struct json_tokener *tok = json_tokener_new_ex(MAX_DEPTH);

	json_tokener_set_flags(tok, JSON_TOKENER_STRICT | JSON_TOKENER_ALLOW_TRAILING_CHARS);
	return tok;
}

/* json-c 0.17 and 0.18 compare signed bytes in their strict form, and take every byte above 0x7f
 * for a control character. */
static bool
takes_only_ascii(void)
{
	static int answer = -1;

	if (answer < 0) {
		struct json_tokener *tok = strict_tokener();

		json_object_put(json_tokener_parse_ex(tok, "[\"\xc3\xa9\"]", 6));
		answer = json_tokener_get_error(tok) != json_tokener_success;
		json_tokener_free(tok);
	}
	return answer == 1;
}

/* The same JSON with \uNNNN for all that is not ASCII (RFC 8259 section 7). What is not UTF-8
 * stays, for the parser to refuse. */
static void
escape_to_ascii(struct buf *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len;) {
		struct text_char c = text_next(text + i, len - i);

		if (c.bytes == 1)
			buf_add_byte(out, text[i]);
		else if (c.code < 0x10000)
			buf_printf(out, "\\u%04x", c.code);
		else
			buf_printf(out, "\\u%04x\\u%04x", 0xd800 + ((c.code - 0x10000) >> 10),
			    0xdc00 + ((c.code - 0x10000) & 0x3ff));
		i += (size_t)c.bytes;
	}
}

static struct json_object *parse_strictly(const char *text, size_t len, const char *what,
    struct err *err);

struct json_object *
json_parse(const char *text, size_t len, const char *what, struct err *err)
{
	struct buf ascii = BUF_INIT((size_t)MAX_TEXT * 6);
	struct json_object *object;

	if (!takes_only_ascii())
		return parse_strictly(text, len, what, err);
	escape_to_ascii(&ascii, text, len < (size_t)MAX_TEXT + 1 ? len : (size_t)MAX_TEXT + 1);
	object = parse_strictly(buf_str(&ascii), ascii.len, what, err);
	buf_release(&ascii);
	return object;
}

static struct json_object *
parse_strictly(const char *text, size_t len, const char *what, struct err *err)
{
	struct json_tokener *tok;
	struct json_object *object;
	size_t end;

	if (len > MAX_TEXT) {
		err_set(err, ERR_TOO_BIG, "%s is larger than 64 MiB", what);
		return NULL;
	}
	tok = strict_tokener();
	object = json_tokener_parse_ex(tok, text, (int)len);
	end = json_tokener_get_parse_end(tok);
	if (json_tokener_get_error(tok) == json_tokener_continue)
		object = json_tokener_parse_ex(tok, "", 1);
	if (json_tokener_get_error(tok) != json_tokener_success) {
		err_set(err, ERR_INPUT, "%s is not JSON: %s at byte %zu", what,
		    json_tokener_error_desc(json_tokener_get_error(tok)), end);
		json_object_put(object);
		object = NULL;
	} else if (!only_blanks(text + end, len - end)) {
		err_set(err, ERR_INPUT, "%s has more after its JSON, at byte %zu", what, end);
		json_object_put(object);
		object = NULL;
	} else if (!object) {
		err_set(err, ERR_INPUT, "%s holds nothing but null", what);
	}
	json_tokener_free(tok);
	return object;
}

struct json_object *
json_read(const char *path, size_t max, struct err *err)
{
	struct buf text = BUF_INIT(max);
	struct json_object *object = NULL;

	if (fs_read(path, &text, err) == 0)
		object = json_parse(buf_str(&text), text.len, path, err);
	buf_release(&text);
	return object;
}

struct json_object *
json_get(struct json_object *object, const char *name)
{
	struct json_object *value = NULL;

	if (json_object_is_type(object, json_type_object))
		json_object_object_get_ex(object, name, &value);
	return value;
}

const char *
json_str(struct json_object *object, const char *name, const char *otherwise)
{
	struct json_object *value = json_get(object, name);

	return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : otherwise;
}

int64_t
json_int(struct json_object *object, const char *name, int64_t otherwise)
{
	struct json_object *value = json_get(object, name);

	return json_object_is_type(value, json_type_int) ? json_object_get_int64(value) : otherwise;
}

bool
json_flag(struct json_object *object, const char *name, bool otherwise)
{
	struct json_object *value = json_get(object, name);

	if (!json_object_is_type(value, json_type_boolean))
		return otherwise;
	return json_object_get_boolean(value);
}

struct json_object *
json_array(struct json_object *object, const char *name)
{
	struct json_object *value = json_get(object, name);

	return json_object_is_type(value, json_type_array) ? value : NULL;
}

size_t
json_len(struct json_object *array)
{
	return json_object_is_type(array, json_type_array) ? json_object_array_length(array) : 0;
}

struct json_object *
json_at(struct json_object *array, size_t index)
{
	return index < json_len(array) ? json_object_array_get_idx(array, index) : NULL;
}

void
json_put_object(struct json_object *object, const char *name, struct json_object *value)
{
	json_object_object_add(object, name, value);
}

void
json_put_str(struct json_object *object, const char *name, const char *value)
{
	json_put_object(object, name, value ? json_object_new_string(value) : NULL);
}

void
json_put_mem(struct json_object *object, const char *name, const char *value, size_t len)
{
	json_put_object(object, name, json_object_new_string_len(value, (int)len));
}

void
json_put_int(struct json_object *object, const char *name, int64_t value)
{
	json_put_object(object, name, json_object_new_int64(value));
}

void
json_put_uint(struct json_object *object, const char *name, uint64_t value)
{
	json_put_object(object, name, json_object_new_uint64(value));
}

void
json_put_bool(struct json_object *object, const char *name, bool value)
{
	json_put_object(object, name, json_object_new_boolean(value));
}

void
json_put_time(struct json_object *object, const char *name, int64_t seconds)
{
	char text[CLOCK_RFC3339_SIZE];

	json_put_str(object, name, seconds ? clock_rfc3339(seconds, text) : NULL);
}

void
json_put_hex(struct json_object *object, const char *name, uint64_t value)
{
	char text[17];

	snprintf(text, sizeof text, "%" PRIx64, value);
	json_put_str(object, name, text);
}

const char *
json_line(struct json_object *object)
{
	return json_object_to_json_string_ext(object,
	    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
}
