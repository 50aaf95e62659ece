/* SPDX-License-Identifier: Apache-2.0 */
#include "verb/range.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "etcd/key_rows.h"

enum { KEY_MAX = 2 << 20 };

static ProtobufCBinaryData
copy_bytes(const void *data, size_t len)
{
	return (ProtobufCBinaryData){ .len = len, .data = xmemdup(data, len ? len : 1) };
}

ProtobufCBinaryData
range_prefix_end(const void *prefix, size_t len)
{
	size_t end_len;
	char *end = key_prefix_end(prefix, len, &end_len);

	return (ProtobufCBinaryData){ .len = end_len, .data = (uint8_t *)end };
}

static int
encoded_key(const char *text, struct key_range *range, struct err *err)
{
	struct buf bytes = BUF_INIT(KEY_MAX);

	if (!base64_decode(&bytes, text, strlen(text))) {
		buf_release(&bytes);
		return err_set(err, ERR_USAGE, "--key-base64: \"%.60s\" is not base64", text);
	}
	range->key.len = bytes.len;
	range->key.data = (uint8_t *)buf_steal(&bytes);
	return 0;
}

int
range_one_key(const struct verb_call *call, struct key_range *range, size_t *next, struct err *err)
{
	const char *encoded = args_str(call->args, "key-base64"), *key = args_at(call->args, 0);

	*range = (struct key_range){ 0 };
	*next = encoded ? 0 : 1;
	if (encoded)
		return encoded_key(encoded, range, err);
	if (!key) {
		err_set(err, ERR_USAGE, "%s: the key is missing", call->verb->words);
		return err_cure(err, "vetch %s %s", call->verb->words, call->verb->usage);
	}
	range->key = copy_bytes(key, strlen(key));
	return 0;
}

/* etcd has no empty key; from there means from the smallest one. */
static void
smallest_if_empty(struct key_range *range)
{
	if (range->key.len)
		return;
	free(range->key.data);
	range->key = copy_bytes("", 1);
}

int
range_of_args(const struct verb_call *call, struct key_range *range, struct err *err)
{
	bool prefix = args_bool(call->args, "prefix"), from = args_bool(call->args, "from-key");
	size_t next;

	if (range_one_key(call, range, &next, err) != 0)
		return -1;
	if (prefix && from) {
		err_set(err, ERR_USAGE, "--prefix and --from-key exclude each other");
		goto out;
	}
	if (args_count(call->args) > next + (prefix || from ? 0 : 1)) {
		err_set(err, ERR_USAGE, prefix || from ?
		    "too many arguments: with --prefix or --from-key there is no range end" :
		    "too many arguments: only a key and a range end");
		goto out;
	}
	if (prefix)
		range->end = range_prefix_end(range->key.data, range->key.len);
	else if (from)
		range->end = copy_bytes("", 1);
	else if (args_at(call->args, next))
		range->end = copy_bytes(args_at(call->args, next), strlen(args_at(call->args, next)));
	if (prefix || from)
		smallest_if_empty(range);
	return 0;
out:
	range_release(range);
	return -1;
}

void
range_release(struct key_range *range)
{
	free(range->key.data);
	free(range->end.data);
	*range = (struct key_range){ 0 };
}

bool
range_is_wide(const struct key_range *range)
{
	return range->end.len > 0;
}

static bool
needs_quotes(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-:=,@%+",
		    text[i]) || !text[i])
			return true;
	return len == 0;
}

void
range_shell_word(struct buf *out, const char *text, size_t len)
{
	bool plain = true;

	for (size_t i = 0; i < len; i++)
		plain &= (unsigned char)text[i] >= 0x20 && text[i] != 0x7f && text[i] != '\'';
	if (!needs_quotes(text, len)) {
		buf_add(out, text, len);
		return;
	}
	buf_add_str(out, plain ? "'" : "$'");
	for (size_t i = 0; i < len; i++) {
		unsigned char byte = (unsigned char)text[i];

		if (plain || (byte >= 0x20 && byte != 0x7f && byte != '\'' && byte != '\\'))
			buf_add_byte(out, byte);
		else
			buf_printf(out, "\\x%02x", byte);
	}
	buf_add_byte(out, '\'');
}
