/* SPDX-License-Identifier: Apache-2.0 */
#include "backup/manifest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backup/sealed.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"

#define MANIFEST_SUFFIX ".manifest.json"
#define MANIFEST_FORMAT "vetch-backup"
#define PROOF_FORMAT "vetch-proof"

enum { FORMAT_VERSION = 1 };

static int64_t
get_time(struct json_object *object, const char *name)
{
	int64_t seconds;

	return clock_parse_rfc3339(json_str(object, name, ""), &seconds) ? seconds : 0;
}

static uint64_t
get_id64(struct json_object *object, const char *name)
{
	uint64_t id;

	return text_hex64(json_str(object, name, ""), &id) ? id : 0;
}

static char *
get_text(struct json_object *object, const char *name)
{
	return xstrdup(json_str(object, name, ""));
}

static bool
get_hash(struct json_object *object, const char *name, char out[SHA256_HEX_SIZE])
{
	const char *text = json_str(object, name, "");
	unsigned char digest[SHA256_SIZE];

	if (!hex_decode(text, digest, sizeof digest))
		return false;
	hex_encode(digest, sizeof digest, out);
	return true;
}

void
manifest_write(struct manifest *manifest, struct buf *out)
{
	struct json_object *object = json_object_new_object();

	json_put_str(object, "format", MANIFEST_FORMAT);
	json_put_int(object, "version", FORMAT_VERSION);
	json_put_str(object, "id", manifest->id);
	json_put_time(object, "created", manifest->created);
	json_put_str(object, "data", manifest->data);
	json_put_uint(object, "size", manifest->size);
	json_put_uint(object, "stored_size", manifest->stored_size);
	json_put_str(object, "sha256", manifest->sha256);
	json_put_str(object, "trailer_sha256", manifest->trailer);
	json_put_int(object, "revision", manifest->revision);
	json_put_str(object, "revision_source", manifest->revision_source);
	if (manifest->keys >= 0)
		json_put_int(object, "keys", manifest->keys);
	else
		json_put_object(object, "keys", NULL);
	json_put_object(object, "hashkv", NULL);
	json_put_hex(object, "cluster_id", manifest->cluster_id);
	json_put_hex(object, "member_id", manifest->member_id);
	json_put_str(object, "member", manifest->member);
	json_put_str(object, "endpoint", manifest->endpoint);
	json_put_str(object, "etcd_version", manifest->etcd_version);
	json_put_str(object, "storage_version", manifest->storage_version);
	json_put_str(object, "by", manifest->by);
	json_put_str(object, "host", manifest->host);
	json_put_str(object, "vetch", PACKAGE_VERSION);
	sealed_write(out, object, manifest->seal);
	json_object_put(object);
}

static bool
fill_manifest(struct json_object *object, struct manifest *manifest)
{
	manifest->id = get_text(object, "id");
	manifest->data = get_text(object, "data");
	manifest->created = get_time(object, "created");
	manifest->revision = json_int(object, "revision", 0);
	manifest->revision_source = get_text(object, "revision_source");
	manifest->keys = json_int(object, "keys", -1);
	manifest->size = (uint64_t)json_int(object, "size", 0);
	manifest->stored_size = (uint64_t)json_int(object, "stored_size", 0);
	manifest->cluster_id = get_id64(object, "cluster_id");
	manifest->member_id = get_id64(object, "member_id");
	manifest->member = get_text(object, "member");
	manifest->endpoint = get_text(object, "endpoint");
	manifest->etcd_version = get_text(object, "etcd_version");
	manifest->storage_version = get_text(object, "storage_version");
	manifest->by = get_text(object, "by");
	manifest->host = get_text(object, "host");
	return get_hash(object, "sha256", manifest->sha256) &&
	    get_hash(object, "trailer_sha256", manifest->trailer);
}

/* The format and version that this vetch knows. */
static int
check_format(struct json_object *object, const char *what, const char *format, struct err *err)
{
	if (strcmp(json_str(object, "format", ""), format) != 0)
		return err_set(err, ERR_NOT_VERIFIED, "%s: it is none of vetch's", what);
	if (json_int(object, "version", 0) != FORMAT_VERSION) {
		err_set(err, ERR_UNSUPPORTED, "%s: it was written by a later vetch", what);
		return err_cure(err, "use the vetch that wrote it, or a newer one");
	}
	return 0;
}

int
manifest_read(const struct buf *text, const char *id, struct manifest *manifest, struct err *err)
{
	struct json_object *object;
	int result = -1;

	*manifest = (struct manifest){ .keys = -1 };
	object = sealed_read(text, "manifest", manifest->seal, err);
	if (!object || check_format(object, "manifest", MANIFEST_FORMAT, err) != 0)
		goto out;
	if (!fill_manifest(object, manifest) || !backup_is_id(manifest->data) ||
	    strncmp(manifest->data, id, strlen(id)) != 0)
		err_set(err, ERR_NOT_VERIFIED, "manifest: it lacks what it must say");
	else if (strcmp(manifest->id, id) != 0)
		err_set(err, ERR_NOT_VERIFIED, "manifest: it belongs to another backup");
	else
		result = 0;
out:
	json_object_put(object);
	if (result != 0)
		manifest_release(manifest);
	return result;
}

void
manifest_release(struct manifest *manifest)
{
	free(manifest->id);
	free(manifest->data);
	free(manifest->revision_source);
	free(manifest->member);
	free(manifest->endpoint);
	free(manifest->etcd_version);
	free(manifest->storage_version);
	free(manifest->by);
	free(manifest->host);
	*manifest = (struct manifest){ .keys = -1 };
}

static void
put_checked(struct json_object *object)
{
	static const char *const checked[] = { "the object read back from its target, whole",
		"its size is the manifest's", "its SHA-256 is the manifest's",
		"its SHA-256 without the last 32 bytes is etcd's own trailer",
		"the manifest's own hash" };
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < ARRAY_LEN(checked); i++)
		json_object_array_add(list, json_object_new_string(checked[i]));
	json_put_object(object, "checked", list);
}

void
proof_write(const struct proof *proof, struct buf *out)
{
	struct json_object *object = json_object_new_object();

	json_put_str(object, "format", PROOF_FORMAT);
	json_put_int(object, "version", FORMAT_VERSION);
	json_put_str(object, "id", proof->id);
	json_put_time(object, "verified_at", proof->verified_at);
	json_put_time(object, "failed_at", proof->failed_at);
	json_put_str(object, "failure", proof->failure);
	json_put_str(object, "sha256", proof->sha256);
	json_put_str(object, "manifest_sha256", proof->manifest);
	json_put_object(object, "hashkv", NULL);
	put_checked(object);
	json_put_str(object, "by", proof->by);
	json_put_str(object, "host", proof->host);
	json_put_str(object, "vetch", PACKAGE_VERSION);
	sealed_write(out, object, NULL);
	json_object_put(object);
}

int
proof_read(const struct buf *text, const char *id, struct proof *proof, struct err *err)
{
	struct json_object *object;
	const char *failure;
	int result = -1;

	*proof = (struct proof){ 0 };
	object = sealed_read(text, "proof", NULL, err);
	if (!object || check_format(object, "proof", PROOF_FORMAT, err) != 0)
		goto out;
	if (strcmp(json_str(object, "id", ""), id) != 0 ||
	    !get_hash(object, "sha256", proof->sha256) ||
	    !get_hash(object, "manifest_sha256", proof->manifest)) {
		err_set(err, ERR_NOT_VERIFIED, "proof: it belongs to another backup");
		goto out;
	}
	proof->id = xstrdup(id);
	proof->verified_at = get_time(object, "verified_at");
	proof->failed_at = get_time(object, "failed_at");
	failure = json_str(object, "failure", NULL);
	proof->failure = failure ? xstrdup(failure) : NULL;
	proof->by = get_text(object, "by");
	proof->host = get_text(object, "host");
	result = 0;
out:
	json_object_put(object);
	return result;
}

void
proof_release(struct proof *proof)
{
	free(proof->id);
	free(proof->failure);
	free(proof->by);
	free(proof->host);
	*proof = (struct proof){ 0 };
}

bool
backup_is_id(const char *text)
{
	size_t len = strlen(text);

	return len && len <= BACKUP_ID_MAX && *text != '.' && strspn(text,
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") == len;
}

char *
manifest_name(const char *id)
{
	return xasprintf("%s" MANIFEST_SUFFIX, id);
}

char *
proof_name(const char *id)
{
	return xasprintf("%s.proof.json", id);
}

char *
manifest_id_of(const char *name)
{
	size_t len = strlen(name), suffix = strlen(MANIFEST_SUFFIX);
	char *id;

	if (len <= suffix || strcmp(name + len - suffix, MANIFEST_SUFFIX) != 0)
		return NULL;
	id = xstrndup(name, len - suffix);
	if (backup_is_id(id))
		return id;
	free(id);
	return NULL;
}
