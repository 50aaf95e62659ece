/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERB_RANGE_H
#define VERB_RANGE_H

#include "etcd/rpc.pb-c.h"
#include "verb/verb.h"

/* The keys that a verb's arguments name: KEY [RANGE_END] with --prefix or --from-key, as etcdctl
 * understands them. A key with a 0 byte, which no argument can hold, comes by --key-base64. */
struct key_range {
	ProtobufCBinaryData key, end;	/* allocated; an empty end: the one key */
};

#define RANGE_FLAG_KEY_BASE64 \
	{ "key-base64", 0, FLAG_STR, "TEXT", "the key in base64, instead of KEY" }
#define RANGE_FLAGS \
	{ "prefix", 0, FLAG_BOOL, NULL, "all keys that begin with KEY" }, \
	{ "from-key", 0, FLAG_BOOL, NULL, "all keys from KEY on" }, \
	RANGE_FLAG_KEY_BASE64

/* ERR_USAGE where the arguments do not fit. */
int range_of_args(const struct verb_call *call, struct key_range *range, struct err *err);
/* Only KEY; the further arguments begin at *next. */
int range_one_key(const struct verb_call *call, struct key_range *range, size_t *next,
    struct err *err);
void range_release(struct key_range *range);

/* True for more than one key. */
bool range_is_wide(const struct key_range *range);

/* The end of all keys that begin with `prefix`: one 0 byte (no end) for "" and for all 0xff. */
ProtobufCBinaryData range_prefix_end(const void *prefix, size_t len);

/* A word as a shell takes it, quoted where it must be. */
void range_shell_word(struct buf *out, const char *text, size_t len);

#endif
