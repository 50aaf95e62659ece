/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/loop.h"

/* Where backups lie: a folder, or a prefix of an S3 bucket. Objects have plain names without "/".
 * All calls but store_write_add block by turning the loop: they are for verbs, never for the
 * console's own process. Errors: ERR_NOT_FOUND (no such object), ERR_GUARD (it exists already),
 * ERR_DENIED and ERR_SERVER (the store refused; the text holds S3's code), ERR_CONNECT,
 * ERR_TIMEOUT, ERR_TLS, ERR_IO, ERR_CANCELLED. */

struct store_spec {
	const char *url;		/* folder or s3://bucket/prefix */
	/* For S3; NULL: from the AWS environment and files. */
	const char *endpoint, *region, *ca, *profile;
	const char *addressing;		/* "path", "host", "auto" or NULL */
};

struct store_entry {
	char *name;
	uint64_t size;
};

struct store_listing {
	struct store_entry *entries;	/* sorted by name */
	size_t count, cap;
};

/* One object to read whole: `data` gets at most its `max` bytes. */
struct store_item {
	const char *name;
	struct buf data;
	bool missing;
};

struct store_range {
	const char *name;
	uint64_t offset;
	uint64_t len;			/* 0: to the end */
};

/* Takes the pieces of a read in order; not 0 ends it with the error the sink has set. */
typedef int store_sink(void *context, const void *data, size_t len, struct err *err);

struct store;
struct store_write;

struct store_ops {
	int (*list)(struct store *store, struct store_listing *listing, struct err *err);
	int (*get)(struct store *store, struct store_item *items, size_t count, struct err *err);
	int (*put)(struct store *store, const char *name, const struct buf *data, bool replace,
	    struct err *err);
	int (*size)(struct store *store, const char *name, uint64_t *size, struct err *err);
	int (*read)(struct store *store, const struct store_range *range, store_sink *sink,
	    void *context, struct err *err);
	struct store_write *(*write)(struct store *store, const char *name, uint64_t hint,
	    struct err *err);
	void (*close)(struct store *store);
};

struct store {
	const struct store_ops *ops;
	struct loop *loop;
	char *title;			/* the folder, or "s3://bucket/prefix" */
};

struct store_write_ops {
	int (*add)(struct store_write *write, const void *data, size_t len, struct err *err);
	int (*end)(struct store_write *write, struct err *err);
	void (*abort)(struct store_write *write);
};

struct store_write {
	const struct store_write_ops *ops;
	bool full;			/* every part buffer is on its way: wait for `room` */
	void (*room)(void *context);	/* called once after `full` was seen, from the loop */
	void (*failed)(void *context, const struct err *err);	/* a part was given up */
	void *context;
};

/* True where the text names a bucket. */
bool store_is_s3(const char *url);

/* Opens without contacting anything (the S3 keys are looked up here). */
struct store *store_open(struct loop *loop, const struct store_spec *spec, struct err *err);
void store_close(struct store *store);

/* "FOLDER/name" or "s3://bucket/prefix/name"; allocated. */
char *store_path(const struct store *store, const char *name);

/* The objects directly below, without dot names. A folder that does not exist is empty. */
int store_list(struct store *store, struct store_listing *listing, struct err *err);
void store_listing_release(struct store_listing *listing);

/* Reads small objects whole, several at a time. A missing one is no error here; one larger than its
 * buffer's maximum is (ERR_TOO_BIG). The caller releases the buffers. */
int store_get(struct store *store, struct store_item *items, size_t count, struct err *err);

/* Writes a small object in one step: it is there whole or not at all. */
int store_put(struct store *store, const char *name, const struct buf *data, bool replace,
    struct err *err);

int store_size(struct store *store, const char *name, uint64_t *size, struct err *err);

/* Streams an object, or a piece of one, into the sink. */
int store_read(struct store *store, const struct store_range *range, store_sink *sink,
    void *context, struct err *err);

/* Writes a large object that nobody sees before store_write_end, in fixed memory (4 parts of 8 MiB
 * on S3). `hint` is the expected size, 0 where unknown. */
struct store_write *store_write(struct store *store, const char *name, uint64_t hint,
    struct err *err);
/* Takes all of it, even while `full` (at most 16 MiB then); never blocks on a network. */
int store_write_add(struct store_write *write, const void *data, size_t len, struct err *err);
/* Completes and frees; ERR_GUARD where the name was taken meanwhile. On failure nothing is left. */
int store_write_end(struct store_write *write, struct err *err);
/* Drops what was written, and frees. Works, for 2 s at most, after the loop was cancelled too. */
void store_write_abort(struct store_write *write);

/* A plain file written the same way, 0600; an older one of that name is replaced at the end. */
struct store_write *store_file_write(const char *path, struct err *err);

/* The two kinds, for store_open. */
struct store *store_dir_open(struct loop *loop, const struct store_spec *spec, struct err *err);
struct store *store_s3_open(struct loop *loop, const struct store_spec *spec, struct err *err);
void store_listing_add(struct store_listing *listing, const char *name, uint64_t size);
void store_listing_sort(struct store_listing *listing);

#endif
