/* SPDX-License-Identifier: Apache-2.0 */
#include "verb/txn_text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

enum { TEXT_MAX = 4 << 20 };

static bool
hex_value(const char *digits, size_t count, uint32_t *value)
{
	*value = 0;
	for (size_t i = 0; i < count; i++) {
		if (!isxdigit((unsigned char)digits[i]))
			return false;
		*value = *value * 16 + (uint32_t)(isdigit((unsigned char)digits[i]) ?
		    digits[i] - '0' : (digits[i] | 32) - 'a' + 10);
	}
	return true;
}

static void
add_utf8(struct buf *out, uint32_t code)
{
	if (code < 0x80) {
		buf_add_byte(out, (int)code);
	} else if (code < 0x800) {
		buf_add_byte(out, (int)(0xc0 | code >> 6));
		buf_add_byte(out, (int)(0x80 | (code & 63)));
	} else if (code < 0x10000) {
		buf_add_byte(out, (int)(0xe0 | code >> 12));
		buf_add_byte(out, (int)(0x80 | (code >> 6 & 63)));
		buf_add_byte(out, (int)(0x80 | (code & 63)));
	} else {
		buf_add_byte(out, (int)(0xf0 | code >> 18));
		buf_add_byte(out, (int)(0x80 | (code >> 12 & 63)));
		buf_add_byte(out, (int)(0x80 | (code >> 6 & 63)));
		buf_add_byte(out, (int)(0x80 | (code & 63)));
	}
}

static size_t
add_octal(struct buf *out, const char *at)
{
	if (*at < '0' || *at > '3' || at[1] < '0' || at[1] > '7' || at[2] < '0' || at[2] > '7')
		return 0;
	buf_add_byte(out, (at[0] - '0') * 64 + (at[1] - '0') * 8 + at[2] - '0');
	return 3;
}

/* One escape of a Go string; `at` stands behind the backslash. The bytes it took, or 0. */
static size_t
add_escape(struct buf *out, const char *at)
{
	static const char names[] = "abfnrtv\\\"'", bytes[] = "\a\b\f\n\r\t\v\\\"'";
	const char *found = *at ? strchr(names, *at) : NULL;
	size_t digits = *at == 'x' ? 2 : *at == 'u' ? 4 : *at == 'U' ? 8 : 0;
	uint32_t code;

	if (found) {
		buf_add_byte(out, bytes[found - names]);
		return 1;
	}
	if (digits) {
		if (!hex_value(at + 1, digits, &code) || code > 0x10ffff)
			return 0;
		if (digits == 2)
			buf_add_byte(out, (int)code);
		else
			add_utf8(out, code);
		return digits + 1;
	}
	return add_octal(out, at);
}

/* A Go string from *text on; false where it is none. *text then stands behind it. */
static bool
take_string(const char **text, struct buf *out)
{
	const char *at = *text;

	if (*at == '`') {
		const char *end = strchr(at + 1, '`');

		if (!end)
			return false;
		buf_add(out, at + 1, (size_t)(end - at - 1));
		*text = end + 1;
		return true;
	}
	if (*at++ != '"')
		return false;
	while (*at && *at != '"') {
		size_t took = 1;

		if (*at == '\\') {
			took = add_escape(out, ++at);
			if (!took)
				return false;
		} else {
			buf_add_byte(out, (unsigned char)*at);
		}
		at += took;
	}
	if (*at != '"')
		return false;
	*text = at + 1;
	return true;
}

static const char *
skip_blanks(const char *at)
{
	return at + strspn(at, " \t");
}

static const struct {
	const char *name;
	Etcd__Compare__Target target;
	Etcd__Compare__TargetUnionCase kind;
} targets[] = {
	{ "ver", ETCD__COMPARE__TARGET__VERSION, ETCD__COMPARE__TARGET_UNION_VERSION },
	{ "version", ETCD__COMPARE__TARGET__VERSION, ETCD__COMPARE__TARGET_UNION_VERSION },
	{ "c", ETCD__COMPARE__TARGET__CREATE, ETCD__COMPARE__TARGET_UNION_CREATE_REVISION },
	{ "create", ETCD__COMPARE__TARGET__CREATE, ETCD__COMPARE__TARGET_UNION_CREATE_REVISION },
	{ "m", ETCD__COMPARE__TARGET__MOD, ETCD__COMPARE__TARGET_UNION_MOD_REVISION },
	{ "mod", ETCD__COMPARE__TARGET__MOD, ETCD__COMPARE__TARGET_UNION_MOD_REVISION },
	{ "val", ETCD__COMPARE__TARGET__VALUE, ETCD__COMPARE__TARGET_UNION_VALUE },
	{ "value", ETCD__COMPARE__TARGET__VALUE, ETCD__COMPARE__TARGET_UNION_VALUE },
	{ "lease", ETCD__COMPARE__TARGET__LEASE, ETCD__COMPARE__TARGET_UNION_LEASE },
};

static const struct {
	const char *name;
	Etcd__Compare__Result result;
} operators[] = {
	{ "=", ETCD__COMPARE__RESULT__EQUAL }, { "!=", ETCD__COMPARE__RESULT__NOT_EQUAL },
	{ ">", ETCD__COMPARE__RESULT__GREATER }, { "<", ETCD__COMPARE__RESULT__LESS },
};

static bool
take_target(const char **text, Etcd__Compare *compare)
{
	size_t len = strcspn(*text, "(");

	for (size_t i = 0; (*text)[len] && i < ARRAY_LEN(targets); i++)
		if (strlen(targets[i].name) == len && memcmp(targets[i].name, *text, len) == 0) {
			compare->target = targets[i].target;
			compare->target_union_case = targets[i].kind;
			*text += len + 1;
			return true;
		}
	return false;
}

static bool
take_operator(const char **text, Etcd__Compare *compare)
{
	size_t len = strcspn(*text, " \t\"`");

	for (size_t i = 0; i < ARRAY_LEN(operators); i++)
		if (strlen(operators[i].name) == len && memcmp(operators[i].name, *text, len) == 0) {
			compare->result = operators[i].result;
			*text += len;
			return true;
		}
	return false;
}

static bool
set_operand(Etcd__Compare *compare, struct buf *text)
{
	int64_t number;
	uint64_t id;

	switch (compare->target_union_case) {
	case ETCD__COMPARE__TARGET_UNION_VALUE:
		compare->value.len = text->len;
		compare->value.data = (uint8_t *)buf_steal(text);
		return true;
	case ETCD__COMPARE__TARGET_UNION_LEASE:
		if (!text_hex64(buf_str(text), &id) || id > INT64_MAX)
			return false;
		compare->lease = (int64_t)id;
		return true;
	default:	/* version, create and mod revision share their place */
		if (!text_int(buf_str(text), INT64_MIN, INT64_MAX, &number))
			return false;
		compare->version = number;
		return true;
	}
}

int
txn_compare_parse(const char *line, Etcd__Compare *compare, struct err *err)
{
	struct buf key = BUF_INIT(TEXT_MAX), operand = BUF_INIT(TEXT_MAX);
	const char *at = line;
	bool good;

	etcd__compare__init(compare);
	good = take_target(&at, compare) && (at = skip_blanks(at), take_string(&at, &key)) &&
	    *at == ')' && (at = skip_blanks(at + 1), take_operator(&at, compare)) &&
	    (at = skip_blanks(at), take_string(&at, &operand)) && set_operand(compare, &operand);
	if (good) {
		compare->key.len = key.len;
		compare->key.data = (uint8_t *)buf_steal(&key);
	}
	buf_release(&key);
	buf_release(&operand);
	if (good)
		return 0;
	err_set(err, ERR_INPUT, "malformed comparison: %.200s", line);
	return err_cure(err, "write it as mod(\"key\") = \"123\"; also create, version, value, lease");
}

void
txn_compare_release(Etcd__Compare *compare)
{
	free(compare->key.data);
	if (compare->target_union_case == ETCD__COMPARE__TARGET_UNION_VALUE)
		free(compare->value.data);
}

static bool
take_word(const char **text, struct buf *out)
{
	const char *at = *text, *end;

	if (*at == '"' && take_string(text, out))
		return true;
	if (*at == '"')
		return false;
	if (*at == '\'') {
		end = strchr(at + 1, '\'');
		if (!end)
			return false;
		buf_add(out, at + 1, (size_t)(end - at - 1));
		*text = end + 1;
		return true;
	}
	end = at + strcspn(at, " \t");
	buf_add(out, at, (size_t)(end - at));
	*text = end;
	return true;
}

char **
txn_words(const char *line, struct err *err)
{
	char **words = NULL;
	size_t len = 0, cap = 0;
	bool good = true;

	for (const char *at = skip_blanks(line); good && *at; at = skip_blanks(at)) {
		struct buf word = BUF_INIT(TEXT_MAX);

		good = take_word(&at, &word);
		GROW(words, len, cap);
		words[len++] = buf_steal(&word);
	}
	GROW(words, len, cap);
	words[len] = NULL;
	if (good)
		return words;
	strv_free(words);
	err_set(err, ERR_INPUT, "invalid txn request: %.200s", line);
	return NULL;
}
