/* SPDX-License-Identifier: Apache-2.0
 * A folder as a store: temporary dot names, fsync, and a link that never replaces. */
#include "store/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"

enum { DIR_CHUNK = 256 << 10, DIR_FLUSH = 8 << 20, ABANDONED_S = 60 };

struct dir {
	struct store store;
	char *path;
};

struct dir_write {
	struct store_write write;
	struct fs_temp file;
	char *held;		/* what is not written yet: whole chunks go to the kernel */
	size_t held_len;
	off_t written, flushed;
	bool replace;
};

static int
dir_list(struct store *store, struct store_listing *listing, struct err *err)
{
	struct dir *dir = (struct dir *)store;
	DIR *handle = opendir(dir->path);
	struct dirent *entry;

	if (!handle)
		return errno == ENOENT ? 0 : err_errno(err, errno, "%s", dir->path);
	while ((entry = readdir(handle))) {
		struct stat st;

		if (*entry->d_name == '.' || fstatat(dirfd(handle), entry->d_name, &st, 0) != 0)
			continue;
		if (S_ISREG(st.st_mode))
			store_listing_add(listing, entry->d_name, (uint64_t)st.st_size);
	}
	closedir(handle);
	return 0;
}

static int
dir_get(struct store *store, struct store_item *items, size_t count, struct err *err)
{
	struct dir *dir = (struct dir *)store;

	for (size_t i = 0; i < count; i++) {
		char *path = fs_join(dir->path, items[i].name);
		int failed = 0;

		items[i].missing = !fs_exists(path);
		if (!items[i].missing)
			failed = fs_read(path, &items[i].data, err);
		free(path);
		if (failed)
			return -1;
	}
	return 0;
}

static int
dir_put(struct store *store, const char *name, const struct buf *data, bool replace,
    struct err *err)
{
	struct dir *dir = (struct dir *)store;
	char *path = fs_join(dir->path, name);
	struct fs_temp file;
	int result = -1;

	if (fs_mkdirs(dir->path, 0700, err) == 0 && fs_temp_open(&file, path, 0600, err) == 0) {
		if (fs_temp_write(&file, buf_str(data), data->len, err) == 0)
			result = fs_temp_commit(&file, replace, err);
		else
			fs_temp_abandon(&file);
	}
	free(path);
	return result;
}

static int
dir_size(struct store *store, const char *name, uint64_t *size, struct err *err)
{
	struct dir *dir = (struct dir *)store;
	char *path = fs_join(dir->path, name);
	struct stat st;
	int result = 0;

	if (stat(path, &st) != 0)
		result = errno == ENOENT ? err_set(err, ERR_NOT_FOUND, "there is no %s", path)
		    : err_errno(err, errno, "%s", path);
	else
		*size = (uint64_t)st.st_size;
	free(path);
	return result;
}

static int
read_chunks(int fd, const struct store_range *range, store_sink *sink, void *context,
    struct err *err)
{
	char *chunk = xmalloc(DIR_CHUNK);
	uint64_t left = range->len ? range->len : UINT64_MAX;
	off_t at = (off_t)range->offset;
	int result = 0;

	while (left && result == 0) {
		ssize_t n = pread(fd, chunk, left < DIR_CHUNK ? (size_t)left : DIR_CHUNK, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			result = err_errno(err, errno, "%s", range->name);
		if (n <= 0)
			break;
		result = sink(context, chunk, (size_t)n, err);
		at += n;
		left -= (uint64_t)n;
	}
	free(chunk);
	return result;
}

static int
dir_read(struct store *store, const struct store_range *range, store_sink *sink, void *context,
    struct err *err)
{
	struct dir *dir = (struct dir *)store;
	char *path = fs_join(dir->path, range->name);
	int fd = open(path, O_RDONLY | O_CLOEXEC), result = -1;

	if (fd < 0 && errno == ENOENT)
		err_set(err, ERR_NOT_FOUND, "there is no %s", path);
	else if (fd < 0)
		err_errno(err, errno, "%s", path);
	else
		result = read_chunks(fd, range, sink, context, err);
	if (fd >= 0)
		close(fd);
	free(path);
	return result;
}

/* ".20261124T021200Z-…": the name of a backup being written. */
static bool
is_our_temp(const char *name)
{
	return *name == '.' && strlen(name) > 24 && strspn(name + 1, "0123456789") == 8 &&
	    name[9] == 'T' && strspn(name + 10, "0123456789") == 6 && name[16] == 'Z';
}

/* A killed run leaves its dot name behind; nobody holds its lock any more. The age is for one that
 * was made this moment and is not locked yet. */
static void
sweep_abandoned(const char *path)
{
	DIR *handle = opendir(path);
	struct dirent *entry;

	while (handle && (entry = readdir(handle))) {
		struct stat st;
		int fd;

		if (!is_our_temp(entry->d_name))
			continue;
		fd = openat(dirfd(handle), entry->d_name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
		if (fd < 0)
			continue;
		if (fstat(fd, &st) == 0 && st.st_mtime < time(NULL) - ABANDONED_S &&
		    flock(fd, LOCK_EX | LOCK_NB) == 0)
			unlinkat(dirfd(handle), entry->d_name, 0);
		close(fd);
	}
	if (handle)
		closedir(handle);
}

/* Writes the held bytes, and starts their way to the disk so that the last fsync is short. */
static int
flush_held(struct dir_write *out, struct err *err)
{
	if (fs_temp_write(&out->file, out->held, out->held_len, err) != 0)
		return -1;
	out->written += (off_t)out->held_len;
	out->held_len = 0;
	if (out->written - out->flushed >= DIR_FLUSH) {
		sync_file_range(out->file.fd, out->flushed, out->written - out->flushed,
		    SYNC_FILE_RANGE_WRITE);
		out->flushed = out->written;
	}
	return 0;
}

static int
dir_write_add(struct store_write *write, const void *data, size_t len, struct err *err)
{
	struct dir_write *out = (struct dir_write *)write;
	const char *at = data;

	while (len) {
		size_t n = DIR_CHUNK - out->held_len;

		if (n > len)
			n = len;
		memcpy(out->held + out->held_len, at, n);
		out->held_len += n;
		at += n;
		len -= n;
		if (out->held_len == DIR_CHUNK && flush_held(out, err) != 0)
			return -1;
	}
	return 0;
}

static void
dir_write_free(struct dir_write *out)
{
	free(out->held);
	free(out);
}

static void
dir_write_abort(struct store_write *write)
{
	struct dir_write *out = (struct dir_write *)write;

	fs_temp_abandon(&out->file);
	dir_write_free(out);
}

static int
dir_write_end(struct store_write *write, struct err *err)
{
	struct dir_write *out = (struct dir_write *)write;
	int result;

	if (flush_held(out, err) != 0) {
		dir_write_abort(write);
		return -1;
	}
	result = fs_temp_commit(&out->file, out->replace, err);
	dir_write_free(out);
	return result;
}

static struct store_write *
open_write(const char *path, bool replace, struct err *err)
{
	static const struct store_write_ops ops = { dir_write_add, dir_write_end, dir_write_abort };
	struct dir_write *out = xcalloc(1, sizeof *out);

	out->write.ops = &ops;
	out->replace = replace;
	if (fs_temp_open(&out->file, path, 0600, err) != 0) {
		free(out);
		return NULL;
	}
	out->held = xmalloc(DIR_CHUNK);
	flock(out->file.fd, LOCK_EX | LOCK_NB);
	return &out->write;
}

struct store_write *
store_file_write(const char *path, struct err *err)
{
	return open_write(path, true, err);
}

static struct store_write *
dir_write(struct store *store, const char *name, uint64_t hint, struct err *err)
{
	struct dir *dir = (struct dir *)store;
	struct store_write *write;
	char *path;

	(void)hint;
	if (fs_mkdirs(dir->path, 0700, err) != 0)
		return NULL;
	sweep_abandoned(dir->path);
	path = fs_join(dir->path, name);
	write = open_write(path, false, err);
	free(path);
	return write;
}

static void
dir_close(struct store *store)
{
	struct dir *dir = (struct dir *)store;

	free(dir->path);
	free(dir);
}

struct store *
store_dir_open(struct loop *loop, const struct store_spec *spec, struct err *err)
{
	static const struct store_ops ops = {
		.list = dir_list, .get = dir_get, .put = dir_put, .size = dir_size,
		.read = dir_read, .write = dir_write, .close = dir_close,
	};
	struct dir *dir;

	if (!*spec->url) {
		err_set(err, ERR_INPUT, "the target has no name");
		return NULL;
	}
	dir = xcalloc(1, sizeof *dir);
	dir->store = (struct store){ .ops = &ops, .loop = loop, .title = xstrdup(spec->url) };
	dir->path = xstrdup(spec->url);
	return &dir->store;
}
