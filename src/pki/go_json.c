/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/go_json.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/text.h"

int
go_get(struct json_object *object, const char *name, enum json_type type,
    struct json_object **value, struct err *err)
{
	*value = NULL;
	if (!json_object_is_type(object, json_type_object))
		return 0;
	json_object_object_foreach(object, key, member) {
		if (strcasecmp(key, name) != 0 || !member)
			continue;
		if (!json_object_is_type(member, type))
			return err_set(err, ERR_INPUT, "\"%s\" is %s where %s is wanted", name,
			    json_type_to_name(json_object_get_type(member)), json_type_to_name(type));
		*value = member;
	}
	return 0;
}

int
go_str(struct json_object *object, const char *name, const char **value, struct err *err)
{
	struct json_object *member;

	if (go_get(object, name, json_type_string, &member, err) != 0)
		return -1;
	*value = member ? json_object_get_string(member) : "";
	if (member && strlen(*value) != (size_t)json_object_get_string_len(member))
		return err_set(err, ERR_INPUT, "\"%s\" holds a 0 character", name);
	return 0;
}

int
go_int(struct json_object *object, const char *name, int64_t *value, struct err *err)
{
	struct json_object *member;

	if (go_get(object, name, json_type_int, &member, err) != 0)
		return -1;
	*value = member ? json_object_get_int64(member) : 0;
	return 0;
}

int
go_bool(struct json_object *object, const char *name, bool *value, struct err *err)
{
	struct json_object *member;

	if (go_get(object, name, json_type_boolean, &member, err) != 0)
		return -1;
	*value = member && json_object_get_boolean(member);
	return 0;
}

int
go_strv(struct json_object *object, const char *name, char ***value, struct err *err)
{
	struct json_object *member;
	size_t len;
	char **vector;

	*value = NULL;
	if (go_get(object, name, json_type_array, &member, err) != 0)
		return -1;
	if (!member)
		return 0;
	len = json_len(member);
	vector = xcalloc(len + 1, sizeof *vector);
	for (size_t i = 0; i < len; i++) {
		struct json_object *item = json_at(member, i);

		if (item && !json_object_is_type(item, json_type_string)) {
			strv_free(vector);
			return err_set(err, ERR_INPUT, "an element of \"%s\" is not text", name);
		}
		vector[i] = xstrdup(item ? json_object_get_string(item) : "");
	}
	*value = vector;
	return 0;
}

static void
put_char(struct buf *out, const char *at, const struct text_char *c)
{
	static const char from[] = "\b\f\n\r\t\"\\", to[] = "bfnrt\"\\";
	const char *found = c->code ? strchr(from, c->code < 128 ? (int)c->code : 1) : NULL;
	bool invalid = !c->plain && c->bytes == 1 && (unsigned char)*at >= 0x80;

	if (found)
		buf_printf(out, "\\%c", to[found - from]);
	else if (c->code < 32 || c->code == '<' || c->code == '>' || c->code == '&' ||
	    c->code == 0x2028 || c->code == 0x2029)
		buf_printf(out, "\\u%04x", c->code);
	else if (invalid)
		buf_add_str(out, "\\ufffd");
	else
		buf_add(out, at, (size_t)c->bytes);
}

void
go_put_str(struct buf *out, const char *text)
{
	size_t len = strlen(text);

	buf_add_byte(out, '"');
	while (len) {
		struct text_char c = text_next(text, len);

		put_char(out, text, &c);
		text += c.bytes;
		len -= (size_t)c.bytes;
	}
	buf_add_byte(out, '"');
}

/* The end of the string that begins after the quote at text[at]. */
static size_t
string_end(const char *text, size_t len, size_t at)
{
	while (++at < len && text[at] != '"')
		if (text[at] == '\\')
			at++;
	return at < len ? at : len;
}

/* The names seen in each open object; names of deeper levels are dropped when theirs closes. */
struct names {
	struct {
		char *name;
		int depth;
	} *seen;
	size_t len, cap;
};

static void
names_close(struct names *names, int depth)
{
	while (names->len && names->seen[names->len - 1].depth >= depth)
		free(names->seen[--names->len].name);
}

static bool
names_add(struct names *names, char *name, int depth)
{
	bool twice = false;

	/* The cap keeps a hostile file from costing more than its size. */
	for (size_t i = names->len; i > 0 && names->seen[i - 1].depth == depth &&
	    names->len - i < 500; i--)
		twice |= strcasecmp(names->seen[i - 1].name, name) == 0;
	GROW(names->seen, names->len, names->cap);
	names->seen[names->len].name = name;
	names->seen[names->len++].depth = depth;
	return twice;
}

void
go_duplicates(const char *text, size_t len, void (*seen)(void *context, const char *name),
    void *context)
{
	struct names names = { 0 };
	int depth = 0;

	for (size_t i = 0; i < len; i++) {
		size_t end, next;

		if (text[i] == '{' || text[i] == '[') {
			depth++;
		} else if (text[i] == '}' || text[i] == ']') {
			names_close(&names, depth--);
		} else if (text[i] == '"') {
			end = string_end(text, len, i);
			next = end < len ? end + 1 : len;
			next += strspn(text + next, " \t\r\n");
			if (next < len && text[next] == ':') {
				char *name = xstrndup(text + i + 1, end - i - 1);

				if (names_add(&names, name, depth))
					seen(context, name);
			}
			i = end;
		}
	}
	names_close(&names, INT_MIN);
	free(names.seen);
}
