/* SPDX-License-Identifier: Apache-2.0 */
#include "backup/create.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backup/object.h"
#include "backup/sealed.h"
#include "backup/source.h"
#include "backup/verify.h"
#include "base/clock.h"
#include "base/mem.h"

enum { NAME_TRIES = 100 };

/* STAMP-REVISION, the revision being the member's when it was asked; "-2" and so on where that name
 * is taken already. */
static int
choose_id(struct store *store, int64_t revision, struct manifest *manifest, struct err *err)
{
	char stamp[CLOCK_RFC3339_SIZE];
	struct err absent = { 0 };
	uint64_t size;

	clock_stamp(manifest->created, stamp);
	for (int i = 1; i <= NAME_TRIES; i++) {
		free(manifest->id);
		free(manifest->data);
		manifest->id = i == 1 ? xasprintf("%s-%lld", stamp, (long long)revision)
		    : xasprintf("%s-%lld-%d", stamp, (long long)revision, i);
		manifest->data = xasprintf("%s.db", manifest->id);
		if (store_size(store, manifest->data, &size, &absent) == 0)
			continue;
		if (absent.code == ERR_NOT_FOUND)
			return 0;
		if (err)
			*err = absent;
		return -1;
	}
	return err_set(err, ERR_BUSY, "%s holds %d backups of this second", store->title, NAME_TRIES);
}

static int
store_data(const struct backup_create *create, const struct snapshot_source *source,
    struct manifest *manifest, struct err *err)
{
	struct copy copy = { .loop = create->store->loop, .channel = source->channel,
		.progress = create->progress };
	struct copied copied;

	copy.write = store_write(create->store, manifest->data, source->db_size, err);
	if (!copy.write)
		return -1;
	if (snapshot_copy(&copy, &copied, err) != 0)
		return -1;
	manifest->size = manifest->stored_size = copied.sums.bytes;
	hex_encode(copied.sums.whole, SHA256_SIZE, manifest->sha256);
	hex_encode(copied.sums.trailer, SHA256_SIZE, manifest->trailer);
	manifest->storage_version = xstrdup(copied.version);
	return 0;
}

static int
write_manifest(struct store *store, struct manifest *manifest, struct err *err)
{
	struct buf text = BUF_INIT(SEALED_MAX);
	char *name = manifest_name(manifest->id);
	int result;

	manifest_write(manifest, &text);
	result = store_put(store, name, &text, false, err);
	buf_release(&text);
	free(name);
	return result;
}

/* From the data, as it now lies in its target. */
static int
fill_facts(const struct backup_create *create, const struct snapshot_source *source,
    struct manifest *manifest, struct err *err)
{
	struct snapshot_object object = { create->store, manifest->data, manifest->stored_size };

	if (object_revision(&object, &manifest->revision, err) != 0)
		return err_prefix(err, "revision of the snapshot");
	manifest->revision_source = xstrdup("snapshot");
	manifest->keys = source_keys(source, manifest->revision);
	manifest->by = backup_user();
	manifest->host = backup_host();
	return 0;
}

int
backup_create(const struct backup_create *create, struct manifest *manifest, struct err *err)
{
	struct snapshot_source source;
	int result = -1;

	*manifest = (struct manifest){ .keys = -1, .created = clock_wall_ms() / 1000 };
	if (source_open(create->channel, &source, manifest, err) != 0)
		return -1;
	if (choose_id(create->store, source.revision, manifest, err) != 0 ||
	    store_data(create, &source, manifest, err) != 0)
		goto out;
	if (create->hold)
		create->hold(create->context, true);
	if (fill_facts(create, &source, manifest, err) == 0)
		result = write_manifest(create->store, manifest, err);
	if (create->hold)
		create->hold(create->context, false);
out:
	source_close(&source);
	return result;
}
