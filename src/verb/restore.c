/* SPDX-License-Identifier: Apache-2.0
 * restore: a backup becomes a member's new data directory, by etcdutl or etcdctl. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backup/verify.h"
#include "base/child.h"
#include "base/fs.h"
#include "base/mem.h"
#include "cluster/local.h"
#include "verb/target.h"

struct restore {
	struct verb_call *call;
	char *data_dir;		/* without a slash at its end */
	char *work;		/* beside it, renamed at the end */
	char *file;		/* the snapshot, on this host */
	bool fetched;		/* it is a copy of ours */
	uint64_t cluster_id;	/* of the cluster it was taken from; 0: it does not say */
	char *warning;		/* that this is another cluster than the workspace's; or NULL */
};

/* ---- the snapshot, checked, as a file */

struct fetching {
	struct snapshot_hash hash;
	struct store_write *write;
	struct report *report;
	uint64_t total;
};

static int
fetch_piece(void *context, const void *data, size_t len, struct err *err)
{
	struct fetching *fetching = context;

	snapshot_hash_add(&fetching->hash, data, len);
	report_step(fetching->report, "read", (int64_t)fetching->hash.bytes, (int64_t)fetching->total,
	    "bytes");
	return fetching->write ? store_write_add(fetching->write, data, len, err) : 0;
}

static int
check_sums(const struct snapshot_sums *sums, const struct manifest *manifest, struct err *err)
{
	char whole[SHA256_HEX_SIZE];

	hex_encode(sums->whole, SHA256_SIZE, whole);
	if (memcmp(sums->content, sums->trailer, SHA256_SIZE) != 0)
		return err_set(err, ERR_NOT_VERIFIED, "data: its SHA-256 is not the one etcd put behind "
		    "it; nothing was restored");
	if (manifest->id && strcmp(whole, manifest->sha256) != 0)
		return err_set(err, ERR_NOT_VERIFIED, "data: its SHA-256 is not the manifest's; nothing "
		    "was restored");
	return 0;
}

/* Reads the object once: into a file beside the data directory where it is not on this host. */
static int
fetch(struct restore *restore, const struct backup_ref *ref, const char *object,
    const struct manifest *manifest, struct err *err)
{
	struct fetching fetching = { .report = restore->call->report, .total = manifest->stored_size };
	struct snapshot_sums sums;
	int result;

	restore->fetched = store_is_s3(ref->store->title);
	restore->file = restore->fetched ? xasprintf("%s.snapshot", restore->work)
	    : store_path(ref->store, object);
	if (restore->fetched && !(fetching.write = store_file_write(restore->file, err)))
		return -1;
	snapshot_hash_init(&fetching.hash);
	result = store_read(ref->store, &(struct store_range){ .name = object }, fetch_piece, &fetching,
	    err);
	if (result == 0 && !snapshot_hash_end(&fetching.hash, &sums))
		result = err_set(err, ERR_NOT_VERIFIED, "data: it is cut short");
	if (result == 0)
		result = check_sums(&sums, manifest, err);
	snapshot_hash_release(&fetching.hash);
	if (fetching.write && result == 0)
		result = store_write_end(fetching.write, err);
	else
		store_write_abort(fetching.write);
	return result;
}

/* Restoring another cluster's backup may be just what is meant, so it is told and not refused. */
static void
compare_clusters(struct restore *restore, const struct manifest *manifest)
{
	char *folder = workspace_folder(restore->call->settings, NULL);
	struct cluster *cluster = folder ? cluster_read(folder, NULL) : NULL;

	restore->cluster_id = manifest->cluster_id;
	if (cluster && cluster->cluster_id && manifest->cluster_id &&
	    cluster->cluster_id != manifest->cluster_id) {
		restore->warning = xasprintf("backup %s is of cluster %" PRIx64 ", and workspace %s is of"
		    " cluster %" PRIx64, manifest->id, manifest->cluster_id, folder, cluster->cluster_id);
		report_warn(restore->call->report, "%s", restore->warning);
	}
	cluster_free(cluster);
	free(folder);
}

static int
fetch_ref(struct restore *restore, const struct backup_ref *ref, struct err *err)
{
	struct manifest manifest = { .keys = -1 };
	int result = 0;

	if (ref->id)
		result = backup_manifest(ref->store, ref->id, &manifest, err);
	if (result == 0)
		compare_clusters(restore, &manifest);
	if (result == 0)
		result = fetch(restore, ref, ref->id ? manifest.data : ref->object, &manifest, err);
	manifest_release(&manifest);
	return result;
}

/* ---- the tool */

struct running {
	struct buf said;
	int status;
	bool done;
};

static void
on_line(void *context, const char *line, size_t len)
{
	struct running *running = context;

	buf_add(&running->said, line, len);
	buf_add_byte(&running->said, '\n');
}

static void
on_ended(void *context, int status, bool overlong, const char *stderr_tail)
{
	struct running *running = context;

	(void)overlong;
	buf_add_str(&running->said, stderr_tail ? stderr_tail : "");
	running->status = status;
	running->done = true;
}

/* Its last words, one line. */
static void
last_words(const struct buf *said, char *out, size_t size)
{
	size_t end = said->len, start;

	while (end && (said->data[end - 1] == '\n' || said->data[end - 1] == ' '))
		end--;
	for (start = end; start && said->data[start - 1] != '\n';)
		start--;
	if (end - start >= size)
		end = start + size - 1;
	if (end > start)
		memcpy(out, said->data + start, end - start);
	out[end - start] = '\0';
}

static int
run_tool(struct restore *restore, const char *const *argv, struct err *err)
{
	static const struct child_handler handler = { on_line, on_ended };
	struct running running = { .said = BUF_INIT(1 << 20) };
	struct child_spec spec = { .argv = argv, .handler = &handler, .context = &running };
	struct child *child = child_start(restore->call->loop, &spec, err);
	char words[300];
	int result = -1;

	if (!child)
		return -1;
	if (loop_run_until(restore->call->loop, &running.done, err) != 0) {
		child_signal(child, SIGKILL);
		child_detach(child);
	} else if (running.status != 0) {
		last_words(&running.said, words, sizeof words);
		err_set(err, ERR_FAILED, "%s: %s", argv[0], *words ? words : "it failed without a word");
	} else {
		result = 0;
	}
	buf_release(&running.said);
	return result;
}

/* etcdutl from 3.5 on, etcdctl before. */
static char *
find_tool(struct err *err)
{
	char *tool = local_find_tool(NULL, "etcdutl", err);

	return tool ? tool : local_find_tool(NULL, "etcdctl", err);
}

static const char *const passed_on[] = { "name", "initial-cluster", "initial-cluster-token",
	"initial-advertise-peer-urls", "bump-revision" };

static int
run_restore(struct restore *restore, struct err *err)
{
	const struct args *args = restore->call->args;
	char *argv[20] = { NULL };
	size_t n = 0;
	int result;

	argv[n++] = find_tool(err);
	if (!argv[0])
		return -1;
	argv[n++] = xstrdup("snapshot");
	argv[n++] = xstrdup("restore");
	argv[n++] = xstrdup(restore->file);
	argv[n++] = xasprintf("--data-dir=%s", restore->work);
	for (size_t i = 0; i < ARRAY_LEN(passed_on); i++)
		if (args_given(args, passed_on[i]))
			argv[n++] = xasprintf("--%s=%s", passed_on[i], args_str(args, passed_on[i]));
	if (args_bool(args, "mark-compacted"))
		argv[n++] = xstrdup("--mark-compacted");
	report_step(restore->call->report, "restore", 0, 0, "");
	setenv("ETCDCTL_API", "3", 1);
	result = run_tool(restore, (const char *const *)argv, err);
	for (size_t i = 0; i < n; i++)
		free(argv[i]);
	return result;
}

/* ---- the data directory */

static int
prepare(struct restore *restore, const char *data_dir, struct err *err)
{
	size_t len = strlen(data_dir);
	const char *slash;
	char *above;
	int result = 0;

	while (len > 1 && data_dir[len - 1] == '/')
		len--;
	restore->data_dir = xstrndup(data_dir, len);
	restore->work = xasprintf("%s.restoring.%d", restore->data_dir, (int)getpid());
	if (fs_exists(restore->data_dir)) {
		err_set(err, ERR_GUARD, "%s exists already; a restore never goes over an old one",
		    restore->data_dir);
		return err_cure(err, "name a new folder with --data-dir");
	}
	slash = strrchr(restore->data_dir, '/');
	if (slash && slash != restore->data_dir) {
		above = xstrndup(restore->data_dir, (size_t)(slash - restore->data_dir));
		result = fs_mkdirs(above, 0700, err);
		free(above);
	}
	return result;
}

static int
put_in_place(struct restore *restore, struct err *err)
{
	if (chmod(restore->work, 0700) != 0)
		return err_set(err, ERR_FAILED, "the tool left no %s", restore->work);
	if (fs_exists(restore->data_dir) || rename(restore->work, restore->data_dir) != 0)
		return err_set(err, ERR_GUARD, "%s was made by another meanwhile", restore->data_dir);
	return 0;
}

static void
clean_up(struct restore *restore)
{
	if (restore->fetched && restore->file)
		unlink(restore->file);
	if (restore->work)
		fs_remove_tree(restore->work, NULL);
	free(restore->warning);
	free(restore->file);
	free(restore->work);
	free(restore->data_dir);
}

static void
report_restored(struct restore *restore, const struct backup_ref *ref)
{
	struct json_object *result = json_object_new_object(), *warnings = json_object_new_array();

	if (restore->warning)
		json_object_array_add(warnings, json_object_new_string(restore->warning));
	json_put_str(result, "data_dir", restore->data_dir);
	json_put_str(result, "id", ref->id);
	json_put_str(result, "name", args_str(restore->call->args, "name"));
	if (restore->cluster_id)
		json_put_hex(result, "cluster_id", restore->cluster_id);
	json_put_object(result, "warnings", warnings);
	report_text(restore->call->report, "restored into %s\n", restore->data_dir);
	report_result(restore->call->report, result);
}

static int
check_flags(const struct verb_call *call, struct err *err)
{
	static const char *const needed[] = { "data-dir", "name", "initial-cluster",
		"initial-cluster-token", "initial-advertise-peer-urls" };

	if (args_bool(call->args, "native")) {
		err_set(err, ERR_UNSUPPORTED, "this vetch restores by etcdutl or etcdctl only");
		return err_cure(err, "leave out --native");
	}
	for (size_t i = 0; i < ARRAY_LEN(needed); i++)
		if (!args_given(call->args, needed[i])) {
			err_set(err, ERR_USAGE, "restore needs --%s", needed[i]);
			return err_cure(err, "see: vetch restore --help");
		}
	if (args_given(call->args, "bump-revision") != args_bool(call->args, "mark-compacted"))
		return err_set(err, ERR_USAGE, "--bump-revision and --mark-compacted belong together");
	return 0;
}

static int
run(struct verb_call *call, struct err *err)
{
	struct restore restore = { .call = call };
	struct backup_ref ref = { 0 };
	int result = -1;

	if (args_expect(call, 1, 1, err) != 0 || check_flags(call, err) != 0)
		return -1;
	if (prepare(&restore, args_str(call->args, "data-dir"), err) == 0 &&
	    call_backup(call, args_at(call->args, 0), args_str(call->args, "from"), &ref, err) == 0 &&
	    fetch_ref(&restore, &ref, err) == 0 && run_restore(&restore, err) == 0)
		result = put_in_place(&restore, err);
	if (result == 0)
		report_restored(&restore, &ref);
	clean_up(&restore);
	backup_ref_release(&ref);
	return result;
}

static const struct flag flags[] = {
	{ "from", 0, FLAG_STR, "TARGET", "where the id lies" },
	{ "data-dir", 0, FLAG_STR, "DIR", "the new data directory" },
	{ "name", 0, FLAG_STR, "NAME", "the member's name" },
	{ "initial-cluster", 0, FLAG_STR, "NAME=URL,…", "all members and their peer URLs" },
	{ "initial-cluster-token", 0, FLAG_STR, "TOKEN", "a token never used before" },
	{ "initial-advertise-peer-urls", 0, FLAG_STR, "URL,…", "this member's peer URLs" },
	{ "bump-revision", 0, FLAG_STR, "N", "add N to the revision, so that watchers notice" },
	{ "mark-compacted", 0, FLAG_BOOL, NULL, "mark all up to there as compacted" },
	{ "etcdutl", 0, FLAG_BOOL, NULL, "by etcdutl or etcdctl (the only way here)" },
	{ "native", 0, FLAG_BOOL, NULL, "without them: not in this vetch" },
	{ 0 },
};

const struct verb_ops ops_restore = { .flags = flags, .run = run };
