/* SPDX-License-Identifier: Apache-2.0 */
#include "backup/listing.h"

#include <stdlib.h>
#include <string.h>

#include "backup/sealed.h"
#include "base/mem.h"

static const struct store_entry *
find_entry(const struct store_listing *names, const char *name)
{
	size_t low = 0, high = names->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(names->entries[middle].name, name);

		if (order == 0)
			return &names->entries[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static void
note(struct backup_row *row, const char *problem)
{
	if (!row->problem)
		row->problem = xstrdup(problem);
}

/* What can be told without reading the data. */
static void
check_data(struct backup_row *row, const struct store_listing *names)
{
	const struct store_entry *entry = find_entry(names, row->manifest.data);

	if (!entry)
		note(row, "data: it is missing");
	else if (entry->size != row->manifest.stored_size)
		note(row, "data: its size is not the manifest's");
}

static void
check_proof(struct backup_row *row, const struct buf *text)
{
	struct err err = { 0 };

	if (proof_read(text, row->id, &row->proof, &err) != 0) {
		note(row, err.text);
		proof_release(&row->proof);
	} else if (strcmp(row->proof.manifest, row->manifest.seal) != 0) {
		note(row, "proof: it is of another manifest");
		proof_release(&row->proof);
	} else if (row->proof.failed_at) {
		note(row, row->proof.failure ? row->proof.failure : "data: it did not hold");
	}
}

static void
fill_row(struct backup_row *row, const struct store_item *manifest, const struct store_item *proof)
{
	struct err err = { 0 };

	if (manifest->missing)
		note(row, "manifest: it is missing");
	else if (manifest_read(&manifest->data, row->id, &row->manifest, &err) != 0)
		note(row, err.text);
	else
		row->sound = true;
	if (row->sound && !proof->missing)
		check_proof(row, &proof->data);
}

/* Items 2i and 2i + 1 are the manifest and the proof of row i. */
static int
read_rows(struct store *store, struct backup_listing *listing, struct err *err)
{
	size_t count = listing->count;
	struct store_item *items = xcalloc(2 * count + 1, sizeof *items);
	char **names = xcalloc(2 * count + 1, sizeof *names);
	int result;

	for (size_t i = 0; i < count; i++) {
		names[2 * i] = manifest_name(listing->rows[i].id);
		names[2 * i + 1] = proof_name(listing->rows[i].id);
	}
	for (size_t i = 0; i < 2 * count; i++)
		items[i] = (struct store_item){ .name = names[i], .data = BUF_INIT(SEALED_MAX) };
	result = store_get(store, items, 2 * count, err);
	for (size_t i = 0; result == 0 && i < count; i++)
		fill_row(&listing->rows[i], &items[2 * i], &items[2 * i + 1]);
	for (size_t i = 0; i < 2 * count; i++)
		buf_release(&items[i].data);
	strv_free(names);
	free(items);
	return result;
}

static int
newest_first(const void *a, const void *b)
{
	const struct backup_row *x = a, *y = b;

	if (x->sound && y->sound && x->manifest.created != y->manifest.created)
		return x->manifest.created < y->manifest.created ? 1 : -1;
	return strcmp(y->id, x->id);
}

static bool
has_manifest(const struct store_listing *names, const char *data)
{
	size_t len = strlen(data);
	char *name = xasprintf("%.*s.manifest.json", (int)(len - 3), data);
	bool has = find_entry(names, name) != NULL;

	free(name);
	return has;
}

int
backup_list(struct store *store, struct backup_listing *listing, struct err *err)
{
	struct store_listing names;
	int result;

	*listing = (struct backup_listing){ 0 };
	if (store_list(store, &names, err) != 0)
		return -1;
	for (size_t i = 0; i < names.count; i++) {
		const char *name = names.entries[i].name;
		char *id = manifest_id_of(name);
		size_t len = strlen(name);

		if (!id) {
			listing->strays += len > 3 && strcmp(name + len - 3, ".db") == 0 &&
			    !has_manifest(&names, name);
			continue;
		}
		GROW(listing->rows, listing->count, listing->cap);
		listing->rows[listing->count++] = (struct backup_row){ .id = id };
	}
	result = read_rows(store, listing, err);
	for (size_t i = 0; result == 0 && i < listing->count; i++)
		if (listing->rows[i].sound)
			check_data(&listing->rows[i], &names);
	if (listing->count)
		qsort(listing->rows, listing->count, sizeof *listing->rows, newest_first);
	store_listing_release(&names);
	if (result != 0)
		backup_listing_release(listing);
	return result;
}

void
backup_listing_release(struct backup_listing *listing)
{
	for (size_t i = 0; i < listing->count; i++) {
		struct backup_row *row = &listing->rows[i];

		manifest_release(&row->manifest);
		proof_release(&row->proof);
		free(row->problem);
		free(row->id);
	}
	free(listing->rows);
	*listing = (struct backup_listing){ 0 };
}
