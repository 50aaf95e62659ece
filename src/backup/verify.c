/* SPDX-License-Identifier: Apache-2.0 */
#include "backup/verify.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backup/object.h"
#include "backup/sealed.h"
#include "base/clock.h"
#include "base/mem.h"

char *
backup_user(void)
{
	const struct passwd *entry = getpwuid(geteuid());

	return entry ? xstrdup(entry->pw_name) : xasprintf("uid %u", (unsigned)geteuid());
}

char *
backup_host(void)
{
	char name[256] = "";

	if (gethostname(name, sizeof name - 1) != 0 || !*name)
		return xstrdup("unknown");
	return xstrdup(name);
}

/* The manifest and the text of the proof. */
static int
read_papers(struct store *store, const char *id, struct manifest *manifest,
    struct store_item *proof, struct err *err)
{
	char *name = manifest_name(id), *second = proof_name(id);
	struct store_item items[2] = { { .name = name, .data = BUF_INIT(SEALED_MAX) },
		{ .name = second, .data = BUF_INIT(SEALED_MAX) } };
	int result = store_get(store, items, 2, err);

	if (result == 0 && items[0].missing) {
		err_set(err, ERR_NOT_FOUND, "there is no backup %s in %s", id, store->title);
		err_cure(err, "list what is there: vetch backup list --from TARGET");
		result = -1;
	}
	if (result == 0)
		result = manifest_read(&items[0].data, id, manifest, err);
	if (result != 0 && err->code == ERR_TOO_BIG)
		err_set(err, ERR_NOT_VERIFIED, "manifest or proof: it is far too large");
	*proof = items[1];
	proof->name = NULL;
	buf_release(&items[0].data);
	free(name);
	free(second);
	return result;
}

int
backup_manifest(struct store *store, const char *id, struct manifest *manifest, struct err *err)
{
	struct store_item proof;
	int result;

	*manifest = (struct manifest){ .keys = -1 };
	result = read_papers(store, id, manifest, &proof, err);
	buf_release(&proof.data);
	return result;
}

static int
compare(const struct manifest *manifest, const struct snapshot_sums *sums, struct err *err)
{
	char content[SHA256_HEX_SIZE], trailer[SHA256_HEX_SIZE], whole[SHA256_HEX_SIZE];

	hex_encode(sums->content, SHA256_SIZE, content);
	hex_encode(sums->trailer, SHA256_SIZE, trailer);
	hex_encode(sums->whole, SHA256_SIZE, whole);
	if (sums->bytes != manifest->stored_size)
		return err_set(err, ERR_NOT_VERIFIED, "data: it has %llu bytes, the manifest says %llu",
		    (unsigned long long)sums->bytes, (unsigned long long)manifest->stored_size);
	if (strcmp(content, manifest->trailer) != 0)
		return err_set(err, ERR_NOT_VERIFIED, "data: its SHA-256 %.16s… is not the manifest's "
		    "%.16s…", content, manifest->trailer);
	if (strcmp(trailer, manifest->trailer) != 0)
		return err_set(err, ERR_NOT_VERIFIED, "trailer: the last 32 bytes are not the SHA-256 "
		    "that etcd sent");
	if (strcmp(whole, manifest->sha256) != 0)
		return err_set(err, ERR_NOT_VERIFIED, "manifest: its two hashes do not belong together");
	return 0;
}

static int
check_data(struct store *store, const struct manifest *manifest,
    const struct copy_progress *progress, struct err *err)
{
	struct snapshot_object object = { store, manifest->data, manifest->stored_size };
	struct snapshot_sums sums;

	if (object_sums(&object, progress, &sums, err) != 0) {
		if (err->code == ERR_NOT_FOUND)
			err_set(err, ERR_NOT_VERIFIED, "data: %s is missing", manifest->data);
		return -1;
	}
	return compare(manifest, &sums, err);
}

/* A proof that does not hold is left as it is: somebody has to look at it. */
static int
check_proof(const struct store_item *item, const struct manifest *manifest, struct proof *proof,
    struct err *err)
{
	int result = 0;

	if (!item->missing)
		result = proof_read(&item->data, manifest->id, proof, err);
	if (result == 0 && proof->id && strcmp(proof->manifest, manifest->seal) != 0)
		result = err_set(err, ERR_NOT_VERIFIED, "proof: it is of another manifest");
	if (result != 0)
		err_cure(err, "remove %s.proof.json, then verify again", manifest->id);
	return result;
}

static int
write_proof(struct store *store, const struct manifest *manifest, int64_t held_before,
    const struct err *failure, struct err *err)
{
	int64_t now = clock_wall_ms() / 1000;
	struct proof proof = { .id = manifest->id, .verified_at = failure ? held_before : now,
		.failed_at = failure ? now : 0 };
	struct buf text = BUF_INIT(SEALED_MAX);
	char *name = proof_name(manifest->id);
	int result;

	if (failure)
		proof.failure = xstrdup(failure->text);
	proof.by = backup_user();
	proof.host = backup_host();
	memcpy(proof.sha256, manifest->sha256, sizeof proof.sha256);
	memcpy(proof.manifest, manifest->seal, sizeof proof.manifest);
	proof_write(&proof, &text);
	result = store_put(store, name, &text, true, err);
	buf_release(&text);
	free(name);
	free(proof.failure);
	free(proof.by);
	free(proof.host);
	return result;
}

int
backup_verify(struct store *store, const char *id, const struct copy_progress *progress,
    struct manifest *manifest, struct err *err)
{
	struct store_item item;
	struct proof proof = { 0 };
	int result, held;

	*manifest = (struct manifest){ .keys = -1 };
	result = read_papers(store, id, manifest, &item, err);
	if (result == 0) {
		struct err in_data = { 0 };

		result = check_proof(&item, manifest, &proof, err);
		held = check_data(store, manifest, progress, &in_data);
		if (held != 0 && (result == 0 || in_data.code != ERR_NOT_VERIFIED))
			*err = in_data;
		if (result == 0 && (held == 0 || in_data.code == ERR_NOT_VERIFIED)) {
			struct err in_proof = { 0 };

			if (write_proof(store, manifest, proof.verified_at, held ? &in_data : NULL,
			    &in_proof) != 0 && held == 0) {
				*err = in_proof;
				held = -1;
			}
		}
		result = result != 0 || held != 0 ? -1 : 0;
	}
	proof_release(&proof);
	buf_release(&item.data);
	if (result != 0 && err->code == ERR_NOT_VERIFIED)
		err_prefix(err, "backup %s", id);
	return result;
}

int
snapshot_verify(struct store *store, const char *name, const struct copy_progress *progress,
    struct snapshot_sums *sums, struct err *err)
{
	struct snapshot_object object = { .store = store, .name = name };

	if (store_size(store, name, &object.size, err) != 0 ||
	    object_sums(&object, progress, sums, err) != 0)
		return -1;
	if (sums->bytes % 512 != SHA256_SIZE)
		return err_set(err, ERR_NOT_VERIFIED, "trailer: %s has no SHA-256 behind it (a database "
		    "copied from a data directory has none)", name);
	if (memcmp(sums->content, sums->trailer, SHA256_SIZE) != 0)
		return err_set(err, ERR_NOT_VERIFIED, "data: the SHA-256 of %s is not the one etcd put "
		    "behind it", name);
	return 0;
}
