/* SPDX-License-Identifier: Apache-2.0 */
#include "verb/target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "backup/listing.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"

static bool
is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool
is_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

static struct store *
open_spec(struct verb_call *call, struct store_spec spec, struct err *err)
{
	const struct settings *settings = call->settings;

	if (settings->s3_endpoint)
		spec.endpoint = settings->s3_endpoint;
	if (settings->s3_region)
		spec.region = settings->s3_region;
	if (settings->s3_ca)
		spec.ca = settings->s3_ca;
	if (settings->s3_addressing)
		spec.addressing = settings->s3_addressing;
	return store_open(call->loop, &spec, err);
}

/* Paths in cluster.json are of its folder. */
static struct store *
open_named(struct verb_call *call, const char *folder, const struct target_spec *target,
    struct err *err)
{
	char *url = store_is_s3(target->url) ? xstrdup(target->url) : fs_join(folder, target->url);
	char *ca = target->ca ? fs_join(folder, target->ca) : NULL;
	struct store *store = open_spec(call, (struct store_spec){ .url = url,
		.endpoint = target->endpoint, .region = target->region, .ca = ca,
		.addressing = target->addressing, .profile = target->profile }, err);

	free(url);
	free(ca);
	return store;
}

/* *known tells whether cluster.json has a target of that name. */
static struct store *
look_up(struct verb_call *call, const char *name, bool *known, struct err *err)
{
	char *folder = workspace_folder(call->settings, NULL);
	char *file = folder ? fs_join(folder, "cluster.json") : NULL;
	struct cluster *cluster = file && fs_exists(file) ? cluster_read(folder, NULL) : NULL;
	const struct target_spec *target = cluster ? cluster_target(cluster, name) : NULL;
	struct store *store = target ? open_named(call, folder, target, err) : NULL;

	*known = target != NULL;
	cluster_free(cluster);
	free(file);
	free(folder);
	return store;
}

static struct store *
open_default(struct verb_call *call, struct err *err)
{
	char *folder = workspace_folder(call->settings, NULL), *path;
	struct store *store;

	if (!folder) {
		err_set(err, ERR_INPUT, "no target: neither a workspace nor HOME says where backups lie");
		err_cure(err, "name one with --to or --from");
		return NULL;
	}
	path = fs_join(folder, "backups");
	store = open_spec(call, (struct store_spec){ .url = path }, err);
	free(path);
	free(folder);
	return store;
}

struct store *
call_target(struct verb_call *call, const char *target, struct err *err)
{
	struct store *store;
	bool known;

	if (!target)
		return open_default(call, err);
	if (store_is_s3(target) || strchr(target, '/') || strcmp(target, ".") == 0)
		return open_spec(call, (struct store_spec){ .url = target }, err);
	store = look_up(call, target, &known, err);
	if (known)
		return store;
	if (is_folder(target))
		return open_spec(call, (struct store_spec){ .url = target }, err);
	err_set(err, ERR_INPUT, "\"%s\" is neither a target in cluster.json nor a folder", target);
	err_cure(err, "write ./%s where a new folder is meant", target);
	return NULL;
}

/* ---- one backup */

void
backup_ref_release(struct backup_ref *ref)
{
	store_close(ref->store);
	free(ref->id);
	free(ref->object);
	*ref = (struct backup_ref){ 0 };
}

static int
newest(struct backup_ref *found, struct err *err)
{
	struct backup_listing listing;

	if (backup_list(found->store, &listing, err) != 0)
		return -1;
	if (listing.count)
		found->id = xstrdup(listing.rows[0].id);
	else
		err_set(err, ERR_NOT_FOUND, "there is no backup in %s", found->store->title);
	backup_listing_release(&listing);
	return found->id ? 0 : err_cure(err, "make one: vetch backup create --to TARGET");
}

static int
by_id(struct backup_ref *found, const char *id, struct err *err)
{
	if (strcmp(id, "latest") == 0)
		return newest(found, err);
	if (!backup_is_id(id)) {
		err_set(err, ERR_NOT_FOUND, "\"%s\" is no id of a backup", id);
		return err_cure(err, "list them: vetch backup list --from TARGET");
	}
	found->id = xstrdup(id);
	return 0;
}

/* The last part of a path or URL names an object: a backup's data, its manifest, or a bare file. */
static int
by_object(struct backup_ref *found, const char *name, struct err *err)
{
	size_t len = strlen(name);
	char *id = manifest_id_of(name), *manifest;
	uint64_t size;

	if (!id)
		id = len > 3 && strcmp(name + len - 3, ".db") == 0 ? xstrndup(name, len - 3)
		    : xstrdup(name);
	manifest = manifest_name(id);
	if (backup_is_id(id) && store_size(found->store, manifest, &size, err) == 0) {
		found->id = id;
		free(manifest);
		return 0;
	}
	free(id);
	free(manifest);
	found->object = xstrdup(name);
	return store_size(found->store, name, &size, err);
}

static char *
folder_part(const char *path, const char *slash)
{
	return slash ? xstrndup(path, slash == path ? 1 : (size_t)(slash - path)) : xstrdup(".");
}

/* A folder or prefix that holds backups, else an object in the folder or prefix above. */
static int
by_place(struct verb_call *call, const char *ref, struct backup_ref *found, struct err *err)
{
	const char *slash = strrchr(ref, '/');
	bool bucket_only = store_is_s3(ref) && slash == ref + 4;
	char *above;

	if (!is_file(ref)) {
		found->store = call_target(call, ref, err);
		if (!found->store)
			return -1;
		if (newest(found, err) == 0)
			return 0;
		if (err->code != ERR_NOT_FOUND || bucket_only || !slash || !slash[1])
			return -1;
		store_close(found->store);
	}
	above = folder_part(ref, slash);
	found->store = open_spec(call, (struct store_spec){ .url = above }, err);
	free(above);
	return found->store ? by_object(found, slash ? slash + 1 : ref, err) : -1;
}

int
call_backup(struct verb_call *call, const char *ref, const char *from, struct backup_ref *found,
    struct err *err)
{
	bool known = false;

	*found = (struct backup_ref){ 0 };
	if (!from && (store_is_s3(ref) || strchr(ref, '/') || is_file(ref) || is_folder(ref)))
		return by_place(call, ref, found, err);
	if (!from && strcmp(ref, "latest") != 0)
		found->store = look_up(call, ref, &known, err);
	if (known)
		return found->store ? newest(found, err) : -1;
	found->store = call_target(call, from, err);
	return found->store ? by_id(found, ref, err) : -1;
}

/* ---- progress */

static void
moved(void *context, uint64_t done, uint64_t total)
{
	struct step_progress *step = context;

	report_step(step->report, step->name, (int64_t)done, (int64_t)total, "bytes");
}

struct copy_progress
step_progress(struct step_progress *step)
{
	return (struct copy_progress){ .moved = moved, .context = step };
}

struct json_object *
seconds_since(int64_t began_ms)
{
	char text[32];
	int64_t ms = clock_ms() - began_ms;

	snprintf(text, sizeof text, "%lld.%03lld", (long long)(ms / 1000), (long long)(ms % 1000));
	return json_object_new_double_s((double)ms / 1000, text);
}
