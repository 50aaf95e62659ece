/* SPDX-License-Identifier: Apache-2.0 */
#include "backup/sealed.h"

#include <string.h>

#include "base/hash.h"

#define SEAL_HEAD ",\n  \"self_sha256\": \""
#define SEAL_TAIL "\"\n}\n"

enum {
	HEAD_LEN = sizeof SEAL_HEAD - 1,
	TAIL_LEN = sizeof SEAL_TAIL - 1,
	SEAL_LEN = HEAD_LEN + SHA256_HEX_SIZE - 1 + TAIL_LEN,
};

static void
hash_text(const char *text, size_t len, char seal[SHA256_HEX_SIZE])
{
	unsigned char digest[SHA256_SIZE];

	sha256_once(text, len, digest);
	hex_encode(digest, sizeof digest, seal);
}

void
sealed_write(struct buf *out, struct json_object *object, char *seal)
{
	const char *text = json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY |
	    JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE);
	size_t len = strlen(text);
	char own[SHA256_HEX_SIZE];

	while (len && strchr("}\n ", text[len - 1]))
		len--;
	hash_text(text, len, own);
	buf_add(out, text, len);
	buf_printf(out, SEAL_HEAD "%s" SEAL_TAIL, own);
	if (seal)
		memcpy(seal, own, sizeof own);
}

struct json_object *
sealed_read(const struct buf *text, const char *what, char *seal, struct err *err)
{
	struct json_object *object;
	char own[SHA256_HEX_SIZE];
	const char *at;

	if (text->len < SEAL_LEN) {
		err_set(err, ERR_NOT_VERIFIED, "%s: it is cut short", what);
		return NULL;
	}
	at = text->data + text->len - SEAL_LEN;
	hash_text(text->data, text->len - SEAL_LEN, own);
	if (memcmp(at, SEAL_HEAD, HEAD_LEN) != 0 ||
	    memcmp(at + HEAD_LEN, own, SHA256_HEX_SIZE - 1) != 0 ||
	    memcmp(at + HEAD_LEN + SHA256_HEX_SIZE - 1, SEAL_TAIL, TAIL_LEN) != 0) {
		err_set(err, ERR_NOT_VERIFIED, "%s: its own hash does not match", what);
		return NULL;
	}
	object = json_parse(text->data, text->len, what, err);
	if (!json_object_is_type(object, json_type_object)) {
		err_set(err, ERR_NOT_VERIFIED, "%s: it is no JSON object", what);
		json_object_put(object);
		return NULL;
	}
	if (seal)
		memcpy(seal, own, sizeof own);
	return object;
}
