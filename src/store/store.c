/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

bool
store_is_s3(const char *url)
{
	return strncmp(url, "s3://", 5) == 0;
}

struct store *
store_open(struct loop *loop, const struct store_spec *spec, struct err *err)
{
	if (store_is_s3(spec->url))
		return store_s3_open(loop, spec, err);
	if (strstr(spec->url, "://")) {
		err_set(err, ERR_INPUT, "%s is neither a folder nor s3://bucket/prefix", spec->url);
		return NULL;
	}
	return store_dir_open(loop, spec, err);
}

void
store_close(struct store *store)
{
	if (!store)
		return;
	free(store->title);
	store->title = NULL;
	store->ops->close(store);
}

char *
store_path(const struct store *store, const char *name)
{
	size_t len = strlen(store->title);

	return xasprintf("%s%s%s", store->title, len && store->title[len - 1] == '/' ? "" : "/", name);
}

int
store_list(struct store *store, struct store_listing *listing, struct err *err)
{
	*listing = (struct store_listing){ 0 };
	if (store->ops->list(store, listing, err) != 0) {
		store_listing_release(listing);
		return -1;
	}
	store_listing_sort(listing);
	return 0;
}

void
store_listing_add(struct store_listing *listing, const char *name, uint64_t size)
{
	GROW(listing->entries, listing->count, listing->cap);
	listing->entries[listing->count++] = (struct store_entry){ xstrdup(name), size };
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct store_entry *)a)->name, ((const struct store_entry *)b)->name);
}

void
store_listing_sort(struct store_listing *listing)
{
	if (listing->count)
		qsort(listing->entries, listing->count, sizeof *listing->entries, by_name);
}

void
store_listing_release(struct store_listing *listing)
{
	for (size_t i = 0; i < listing->count; i++)
		free(listing->entries[i].name);
	free(listing->entries);
	*listing = (struct store_listing){ 0 };
}

int
store_get(struct store *store, struct store_item *items, size_t count, struct err *err)
{
	return store->ops->get(store, items, count, err);
}

int
store_put(struct store *store, const char *name, const struct buf *data, bool replace,
    struct err *err)
{
	return store->ops->put(store, name, data, replace, err);
}

int
store_size(struct store *store, const char *name, uint64_t *size, struct err *err)
{
	return store->ops->size(store, name, size, err);
}

int
store_read(struct store *store, const struct store_range *range, store_sink *sink, void *context,
    struct err *err)
{
	return store->ops->read(store, range, sink, context, err);
}

struct store_write *
store_write(struct store *store, const char *name, uint64_t hint, struct err *err)
{
	return store->ops->write(store, name, hint, err);
}

int
store_write_add(struct store_write *write, const void *data, size_t len, struct err *err)
{
	return write->ops->add(write, data, len, err);
}

int
store_write_end(struct store_write *write, struct err *err)
{
	return write->ops->end(write, err);
}

void
store_write_abort(struct store_write *write)
{
	if (write)
		write->ops->abort(write);
}
