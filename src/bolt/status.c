/* SPDX-License-Identifier: Apache-2.0 */
#include "bolt/status.h"

#include <stdlib.h>
#include <string.h>

#include "base/crc32c.h"
#include "base/mem.h"
#include "bolt/revision.h"

enum { DEPTH_MAX = 32, REVISION_KEY = 17, TABLE_FIRST = 1 << 12 };

/* The keys seen, by a 63-bit hash; the lowest bit tells whether the key lives. */
struct seen {
	uint64_t *slots;
	size_t size, count;
	uint64_t live;
};

struct walk {
	struct bolt *bolt;
	struct bolt_status *status;
	struct seen seen;
	uint64_t pages;		/* read so far: a sound tree holds each of them once */
	bool in_keys, in_meta;
};

static uint64_t *
slot_of(const struct seen *seen, uint64_t hash)
{
	size_t at = (size_t)(hash >> 1) & (seen->size - 1);

	while (seen->slots[at] && (seen->slots[at] | 1) != hash)
		at = (at + 1) & (seen->size - 1);
	return &seen->slots[at];
}

static void
seen_grow(struct seen *seen)
{
	struct seen larger = { .size = seen->size ? seen->size * 2 : TABLE_FIRST };

	larger.slots = xcalloc(larger.size, sizeof *larger.slots);
	for (size_t i = 0; i < seen->size; i++)
		if (seen->slots[i])
			*slot_of(&larger, seen->slots[i] | 1) = seen->slots[i];
	free(seen->slots);
	seen->slots = larger.slots;
	seen->size = larger.size;
}

static void
note_key(struct seen *seen, const unsigned char *key, size_t len, bool lives)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325), *slot;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ key[i]) * UINT64_C(0x100000001b3);
	hash = (hash ^ hash >> 31) | 3; /* never 0, with the lowest bit cleared either */
	if (seen->count * 2 >= seen->size)
		seen_grow(seen);
	slot = slot_of(seen, hash);
	seen->count += !*slot;
	seen->live -= *slot & 1;
	seen->live += lives;
	*slot = lives ? hash : hash - 1;
}

/* The key in a protobuf KeyValue: field 1, bytes, which etcd writes first. */
static bool
key_in(const struct bolt_element *element, const unsigned char **key, size_t *len)
{
	const unsigned char *at = element->value, *end = at + element->value_len;
	uint64_t length = 0;

	if (at == end || *at++ != 0x0a)
		return false;
	for (int shift = 0; at < end && shift < 35; shift += 7) {
		length |= (uint64_t)(*at & 0x7f) << shift;
		if (!(*at++ & 0x80))
			break;
	}
	*key = at;
	*len = (size_t)length;
	return length <= (uint64_t)(end - at);
}

static void
take_element(struct walk *walk, const struct bolt_element *element)
{
	static const char version[] = "storageVersion";
	const unsigned char *key;
	size_t len;

	walk->status->hash = crc32c(walk->status->hash, element->key, element->key_len);
	walk->status->hash = crc32c(walk->status->hash, element->value, element->value_len);
	if (walk->in_keys && key_in(element, &key, &len))
		note_key(&walk->seen, key, len, element->key_len == REVISION_KEY);
	if (walk->in_meta && element->key_len == sizeof version - 1 &&
	    memcmp(element->key, version, element->key_len) == 0 &&
	    element->value_len < sizeof walk->status->version)
		memcpy(walk->status->version, element->value, element->value_len);
}

typedef int each_leaf(struct walk *walk, const struct bolt_element *element, struct err *err);

static int
walk_tree(struct walk *walk, const struct bolt_bucket *bucket, each_leaf *each, int depth,
    struct err *err)
{
	struct bolt_page page;
	int result = bolt_bucket_page(walk->bolt, bucket, &page, err);

	if (result == 0 && depth > DEPTH_MAX)
		result = err_set(err, ERR_NOT_VERIFIED, "the tree is too deep");
	if (result == 0 && bucket->root && ++walk->pages > walk->bolt->pages)
		result = err_set(err, ERR_NOT_VERIFIED, "a page is used twice");
	for (unsigned i = 0; result == 0 && i < page.count; i++) {
		struct bolt_element element = bolt_element(&page, i);
		struct bolt_bucket child = { .root = element.child };

		if (!page.branch)
			result = each(walk, &element, err);
		else if (!element.child)
			result = err_set(err, ERR_NOT_VERIFIED, "a branch leads nowhere");
		else
			result = walk_tree(walk, &child, each, depth + 1, err);
	}
	bolt_page_release(&page);
	return result;
}

static int
each_pair(struct walk *walk, const struct bolt_element *element, struct err *err)
{
	(void)err;
	take_element(walk, element);
	return 0;
}

static int
each_bucket(struct walk *walk, const struct bolt_element *element, struct err *err)
{
	struct bolt_bucket bucket;

	walk->status->hash = crc32c(walk->status->hash, element->key, element->key_len);
	walk->in_keys = element->key_len == 3 && memcmp(element->key, "key", 3) == 0;
	walk->in_meta = element->key_len == 4 && memcmp(element->key, "meta", 4) == 0;
	if (!element->bucket || !bolt_bucket_of(element, &bucket))
		return err_set(err, ERR_NOT_VERIFIED, "an entry of the root is no bucket");
	return walk_tree(walk, &bucket, each_pair, 0, err);
}

int
bolt_status(struct bolt *bolt, struct bolt_status *status, struct err *err)
{
	struct walk walk = { .bolt = bolt, .status = status };
	struct bolt_bucket root = { .root = bolt->root };
	int result;

	*status = (struct bolt_status){ 0 };
	result = walk_tree(&walk, &root, each_bucket, 0, err);
	status->keys = walk.seen.live;
	free(walk.seen.slots);
	return result == 0 ? bolt_revision(bolt, &status->revision, err) : -1;
}
