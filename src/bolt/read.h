/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BOLT_READ_H
#define BOLT_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/* Reads pages of a bbolt database wherever it lies: a file, or an object in a store by ranges.
 * Every number in it is foreign: offsets, counts and lengths are checked before use. Little-endian.
 * (bbolt, format version 2: page header 16 bytes, meta with FNV-1a checksum, branch and leaf
 * elements of 16 bytes with offsets relative to themselves.) Errors: ERR_NOT_VERIFIED where the
 * database is damaged or none, else what `read` sets. */

struct bolt_source {
	/* Fills out[0..len) from `offset`; len never passes `size`. */
	int (*read)(void *context, uint64_t offset, void *out, size_t len, struct err *err);
	void *context;
	uint64_t size;			/* of the database, without etcd's SHA-256 behind it */
};

struct bolt {
	struct bolt_source source;
	struct buf head;		/* the first bytes, read once */
	uint32_t page_size;
	uint64_t root, pages;		/* page of the root bucket; pages up to the high-water mark */
};

struct bolt_page {
	const unsigned char *data;	/* in `own`, or in the leaf that holds an inline bucket */
	size_t len;
	bool branch;
	unsigned count;
	struct buf own;
};

struct bolt_element {
	const unsigned char *key, *value;
	size_t key_len, value_len;
	uint64_t child;			/* branch pages */
	bool bucket;			/* leaf pages: the value is a bucket */
};

/* Where a bucket's tree begins: a page, or a leaf inside of the bucket's value. */
struct bolt_bucket {
	uint64_t root;			/* 0: inline */
	const unsigned char *inline_page;
	size_t inline_len;
};

int bolt_open(struct bolt *bolt, const struct bolt_source *source, struct err *err);
void bolt_release(struct bolt *bolt);

/* Reads one branch or leaf page and checks every element. bolt_page_release in any case. */
int bolt_page_read(struct bolt *bolt, uint64_t id, struct bolt_page *page, struct err *err);
/* The same for the root of a bucket. */
int bolt_bucket_page(struct bolt *bolt, const struct bolt_bucket *bucket, struct bolt_page *page,
    struct err *err);
void bolt_page_release(struct bolt_page *page);
struct bolt_element bolt_element(const struct bolt_page *page, unsigned index);

/* The bucket in an element whose value is one. False where the value is too short. */
bool bolt_bucket_of(const struct bolt_element *element, struct bolt_bucket *bucket);

struct bolt_found {
	struct bolt_page page;
	struct bolt_element element;
};

/* Finds a bucket by name below the root. An inline page lies in `holder`: release
 * holder->page in any case. ERR_NOT_FOUND where there is none. */
int bolt_find_bucket(struct bolt *bolt, const char *name, struct bolt_bucket *bucket,
    struct bolt_found *holder, struct err *err);

/* The element with the greatest key not above `key` (NULL: the greatest of all) in a bucket, as
 * found->element. ERR_NOT_FOUND where there is none. Release found->page in any case. */
int bolt_seek(struct bolt *bolt, const struct bolt_bucket *bucket, const char *key,
    struct bolt_found *found, struct err *err);

uint32_t bolt_u32(const unsigned char *at);
uint64_t bolt_u64(const unsigned char *at);

#endif
