/* SPDX-License-Identifier: Apache-2.0 */
#include "backup/object.h"

#include <string.h>

#include "bolt/revision.h"

struct summing {
	struct snapshot_hash hash;
	const struct copy_progress *progress;
	uint64_t total;
};

static int
sum_piece(void *context, const void *data, size_t len, struct err *err)
{
	struct summing *summing = context;

	(void)err;
	snapshot_hash_add(&summing->hash, data, len);
	if (summing->progress && summing->progress->moved)
		summing->progress->moved(summing->progress->context, summing->hash.bytes, summing->total);
	return 0;
}

int
object_sums(const struct snapshot_object *object, const struct copy_progress *progress,
    struct snapshot_sums *sums, struct err *err)
{
	struct summing summing = { .progress = progress, .total = object->size };
	int result;

	snapshot_hash_init(&summing.hash);
	result = store_read(object->store, &(struct store_range){ .name = object->name }, sum_piece,
	    &summing, err);
	if (result == 0 && !snapshot_hash_end(&summing.hash, sums))
		result = err_set(err, ERR_NOT_VERIFIED, "data: it is cut short to %llu bytes",
		    (unsigned long long)sums->bytes);
	snapshot_hash_release(&summing.hash);
	return result;
}

struct taking {
	char *out;
	size_t len, taken;
};

static int
take_piece(void *context, const void *data, size_t len, struct err *err)
{
	struct taking *taking = context;

	if (len > taking->len - taking->taken)
		return err_set(err, ERR_SERVER, "more bytes came than were asked for");
	memcpy(taking->out + taking->taken, data, len);
	taking->taken += len;
	return 0;
}

static int
read_range(void *context, uint64_t offset, void *out, size_t len, struct err *err)
{
	struct snapshot_object *object = context;
	struct taking taking = { .out = out, .len = len };

	if (len == 0)
		return 0;
	if (store_read(object->store, &(struct store_range){ object->name, offset, len }, take_piece,
	    &taking, err) != 0)
		return -1;
	if (taking.taken != len)
		return err_set(err, ERR_NOT_VERIFIED, "data: it is cut short");
	return 0;
}

struct bolt_source
object_source(struct snapshot_object *object)
{
	return (struct bolt_source){ .read = read_range, .context = object,
		.size = object->size > SHA256_SIZE ? object->size - SHA256_SIZE : 0 };
}

int
object_revision(struct snapshot_object *object, int64_t *revision, struct err *err)
{
	struct bolt_source source = object_source(object);
	struct bolt bolt;
	int result = bolt_open(&bolt, &source, err);

	if (result == 0)
		result = bolt_revision(&bolt, revision, err);
	bolt_release(&bolt);
	return result;
}
