/* SPDX-License-Identifier: Apache-2.0 */
#include "bolt/read.h"

#include <string.h>

#include "base/mem.h"

enum {
	HEAD_SIZE = 128 << 10,		/* holds both metas of any page size up to 64 KiB */
	PAGE_HEADER = 16,
	ELEMENT = 16,
	META_CHECKED = 56,
	PAGE_MAX = 64 << 20,		/* with its overflow: far above etcd's largest request */
	DEPTH_MAX = 32,
	FLAG_BRANCH = 1, FLAG_LEAF = 2,
	BUCKET_HEADER = 16,
};

static const uint32_t BOLT_MAGIC = 0xED0CDAED;

uint32_t
bolt_u32(const unsigned char *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

uint64_t
bolt_u64(const unsigned char *at)
{
	return (uint64_t)bolt_u32(at) | (uint64_t)bolt_u32(at + 4) << 32;
}

static uint64_t
fnv1a(const unsigned char *data, size_t len)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ data[i]) * UINT64_C(0x100000001b3);
	return hash;
}

static int
damaged(struct err *err, uint64_t page, const char *what)
{
	return err_set(err, ERR_NOT_VERIFIED, "page %llu of the database: %s",
	    (unsigned long long)page, what);
}

/* Takes the meta at `offset` where it is sound and newer than `*txid`. */
static bool
take_meta(struct bolt *bolt, size_t offset, uint64_t *txid)
{
	const unsigned char *meta = (const unsigned char *)bolt->head.data + offset + PAGE_HEADER;
	uint32_t page_size;

	if (offset + PAGE_HEADER + META_CHECKED + 8 > bolt->head.len || bolt_u32(meta) != BOLT_MAGIC ||
	    bolt_u32(meta + 4) != 2 || bolt_u64(meta + META_CHECKED) != fnv1a(meta, META_CHECKED))
		return false;
	page_size = bolt_u32(meta + 8);
	if (page_size < 1024 || page_size > 64 << 10 || (page_size & (page_size - 1)))
		return false;
	if (bolt->page_size && (page_size != bolt->page_size || bolt_u64(meta + 48) <= *txid))
		return true;
	bolt->page_size = page_size;
	bolt->root = bolt_u64(meta + 16);
	bolt->pages = bolt_u64(meta + 40);
	*txid = bolt_u64(meta + 48);
	return true;
}

int
bolt_open(struct bolt *bolt, const struct bolt_source *source, struct err *err)
{
	size_t len = source->size < HEAD_SIZE ? (size_t)source->size : HEAD_SIZE;
	uint64_t txid = 0;
	void *at;

	*bolt = (struct bolt){ .source = *source, .head = BUF_INIT(HEAD_SIZE) };
	at = buf_reserve(&bolt->head, len);
	if (source->read(source->context, 0, at, len, err) != 0)
		return -1;
	buf_commit(&bolt->head, len);
	take_meta(bolt, 0, &txid);
	for (size_t size = 1024; size <= 64 << 10; size *= 2)
		if (take_meta(bolt, size, &txid))
			break;
	if (!bolt->page_size)
		return err_set(err, ERR_NOT_VERIFIED, "this is no bbolt database: neither meta page holds");
	if (bolt->pages > source->size / bolt->page_size)
		return err_set(err, ERR_NOT_VERIFIED, "the database is cut short: %llu pages of %u bytes "
		    "belong to it", (unsigned long long)bolt->pages, bolt->page_size);
	return 0;
}

void
bolt_release(struct bolt *bolt)
{
	buf_release(&bolt->head);
}

static int
read_at(struct bolt *bolt, uint64_t offset, struct bolt_page *page, size_t len, struct err *err)
{
	void *at;

	if (offset + len <= bolt->head.len) {
		buf_add(&page->own, bolt->head.data + offset, len);
		return 0;
	}
	at = buf_reserve(&page->own, len);
	if (!at || bolt->source.read(bolt->source.context, offset, at, len, err) != 0)
		return -1;
	buf_commit(&page->own, len);
	return 0;
}

/* The element lies within the page, key and value too. */
static bool
element_fits(const struct bolt_page *page, unsigned index)
{
	size_t start = PAGE_HEADER + (size_t)ELEMENT * index;
	const unsigned char *at = page->data + start;
	uint64_t end;

	if (start + ELEMENT > page->len)
		return false;
	end = page->branch ? (uint64_t)bolt_u32(at) + bolt_u32(at + 4)
	    : (uint64_t)bolt_u32(at + 4) + bolt_u32(at + 8) + bolt_u32(at + 12);
	return start + end <= page->len;
}

static int
check_page(struct bolt_page *page, uint64_t id, struct err *err)
{
	unsigned flags = page->data[8] | page->data[9] << 8;

	if (flags != FLAG_BRANCH && flags != FLAG_LEAF)
		return damaged(err, id, "it is neither branch nor leaf");
	page->branch = flags == FLAG_BRANCH;
	page->count = page->data[10] | (unsigned)page->data[11] << 8;
	if (page->branch && page->count == 0)
		return damaged(err, id, "it is a branch without children");
	for (unsigned i = 0; i < page->count; i++)
		if (!element_fits(page, i))
			return damaged(err, id, "an element points outside of it");
	return 0;
}

int
bolt_page_read(struct bolt *bolt, uint64_t id, struct bolt_page *page, struct err *err)
{
	uint64_t overflow, len;

	*page = (struct bolt_page){ .own = BUF_INIT(PAGE_MAX) };
	if (id < 2 || id >= bolt->pages)
		return damaged(err, id, "it lies outside of the database");
	if (read_at(bolt, id * bolt->page_size, page, bolt->page_size, err) != 0)
		return -1;
	page->data = (const unsigned char *)page->own.data;
	if (bolt_u64(page->data) != id)
		return damaged(err, id, "it says it is another page");
	overflow = bolt_u32(page->data + 12);
	len = (overflow + 1) * bolt->page_size;
	if (overflow >= bolt->pages - id || len > PAGE_MAX)
		return damaged(err, id, "it runs past the end");
	if (overflow && read_at(bolt, (id + 1) * bolt->page_size, page,
	    (size_t)(len - bolt->page_size), err) != 0)
		return -1;
	page->data = (const unsigned char *)page->own.data;
	page->len = page->own.len;
	return check_page(page, id, err);
}

int
bolt_bucket_page(struct bolt *bolt, const struct bolt_bucket *bucket, struct bolt_page *page,
    struct err *err)
{
	if (bucket->root)
		return bolt_page_read(bolt, bucket->root, page, err);
	*page = (struct bolt_page){ .data = bucket->inline_page, .len = bucket->inline_len };
	if (page->len < PAGE_HEADER)
		return damaged(err, 0, "an inline bucket is cut short");
	return check_page(page, 0, err);
}

void
bolt_page_release(struct bolt_page *page)
{
	buf_release(&page->own);
}

struct bolt_element
bolt_element(const struct bolt_page *page, unsigned index)
{
	const unsigned char *at = page->data + PAGE_HEADER + (size_t)ELEMENT * index;
	struct bolt_element element = { 0 };

	if (page->branch) {
		element.key = at + bolt_u32(at);
		element.key_len = bolt_u32(at + 4);
		element.child = bolt_u64(at + 8);
		return element;
	}
	element.bucket = bolt_u32(at) & 1;
	element.key = at + bolt_u32(at + 4);
	element.key_len = bolt_u32(at + 8);
	element.value = element.key + element.key_len;
	element.value_len = bolt_u32(at + 12);
	return element;
}

bool
bolt_bucket_of(const struct bolt_element *element, struct bolt_bucket *bucket)
{
	if (element->value_len < BUCKET_HEADER)
		return false;
	*bucket = (struct bolt_bucket){ .root = bolt_u64(element->value),
		.inline_page = element->value + BUCKET_HEADER,
		.inline_len = element->value_len - BUCKET_HEADER };
	return true;
}

/* Index of the last element whose key is not above `key`; -1 where all are. */
static int
last_below(const struct bolt_page *page, const char *key)
{
	int i = (int)page->count - 1;

	for (; key && i >= 0; i--) {
		struct bolt_element element = bolt_element(page, (unsigned)i);
		size_t len = strlen(key);
		int order = memcmp(element.key, key, element.key_len < len ? element.key_len : len);

		if (order < 0 || (order == 0 && element.key_len <= len))
			break;
	}
	return i;
}

int
bolt_seek(struct bolt *bolt, const struct bolt_bucket *bucket, const char *key,
    struct bolt_found *found, struct err *err)
{
	struct bolt_element *element = &found->element;
	struct bolt_page *page = &found->page;
	int result = bolt_bucket_page(bolt, bucket, page, err), i;

	for (int depth = 0; result == 0; depth++) {
		i = last_below(page, key);
		if (i < 0)
			return err_set(err, ERR_NOT_FOUND, "no such key in the database");
		*element = bolt_element(page, (unsigned)i);
		if (!page->branch)
			return 0;
		if (depth == DEPTH_MAX)
			return damaged(err, element->child, "the tree is too deep");
		bolt_page_release(page);
		result = bolt_page_read(bolt, element->child, page, err);
	}
	return result;
}

int
bolt_find_bucket(struct bolt *bolt, const char *name, struct bolt_bucket *bucket,
    struct bolt_found *holder, struct err *err)
{
	struct bolt_bucket root = { .root = bolt->root };
	const struct bolt_element *element = &holder->element;

	if (bolt_seek(bolt, &root, name, holder, err) != 0)
		return -1;
	if (element->key_len != strlen(name) || memcmp(element->key, name, element->key_len) != 0 ||
	    !element->bucket)
		return err_set(err, ERR_NOT_FOUND, "the database has no bucket \"%s\"", name);
	if (!bolt_bucket_of(element, bucket))
		return err_set(err, ERR_NOT_VERIFIED, "the bucket \"%s\" is cut short", name);
	return 0;
}
