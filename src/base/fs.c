/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

int
fs_read(const char *path, struct buf *out, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), result = -1;
	ssize_t got;

	if (fd < 0)
		return err_errno(err, errno, "%s", path);
	for (;;) {
		size_t room = out->max - out->len < 65536 ? out->max - out->len : 65536;
		char spare, *at = room ? buf_reserve(out, room) : &spare;

		got = read(fd, at, room ? room : 1);
		if (got <= 0)
			break;
		if (!room) {
			err_set(err, ERR_TOO_BIG, "%s is larger than %zu bytes", path, out->max);
			goto out;
		}
		buf_commit(out, (size_t)got);
	}
	if (got < 0)
		err_errno(err, errno, "%s", path);
	else
		result = 0;
out:
	close(fd);
	return result;
}

int
fs_write_all(int fd, const void *data, size_t len)
{
	const char *at = data;

	while (len) {
		ssize_t n = write(fd, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Streamed files are given to the disk while they grow, so that the fsync at the end is short. */
enum { PUSH_SIZE = 8 << 20 };

static void
temp_release(struct fs_temp *file)
{
	if (file->fd >= 0)
		close(file->fd);
	free(file->temp);
	free(file->path);
	*file = (struct fs_temp){ .fd = -1 };
}

int
fs_temp_open(struct fs_temp *file, const char *path, mode_t mode, struct err *err)
{
	const char *slash = strrchr(path, '/');
	int dir = slash ? (int)(slash - path) + 1 : 0;

	file->written = file->pushed = 0;
	file->path = xstrdup(path);
	file->temp = xasprintf("%.*s.%s.XXXXXX", dir, path, path + dir);
	file->fd = mkostemp(file->temp, O_CLOEXEC);
	if (file->fd < 0) {
		err_errno(err, errno, "cannot write in the folder of %s", path);
		temp_release(file);
		return -1;
	}
	if (fchmod(file->fd, mode) != 0) {
		err_errno(err, errno, "%s", path);
		fs_temp_abandon(file);
		return -1;
	}
	return 0;
}

int
fs_temp_write(struct fs_temp *file, const void *data, size_t len, struct err *err)
{
	if (fs_write_all(file->fd, data, len) != 0)
		return err_errno(err, errno, "%s", file->path);
	file->written += (off_t)len;
	if (file->written - file->pushed >= PUSH_SIZE) {
		sync_file_range(file->fd, file->pushed, file->written - file->pushed,
		    SYNC_FILE_RANGE_WRITE);
		file->pushed = file->written;
	}
	return 0;
}

static int
sync_folder_of(const char *path, struct err *err)
{
	char *copy = xstrdup(path);
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC), result = 0;

	/* Some file systems cannot sync a folder; EINVAL says so and loses nothing. */
	if (fd < 0 || (fsync(fd) != 0 && errno != EINVAL))
		result = err_errno(err, errno, "folder of %s", path);
	if (fd >= 0)
		close(fd);
	free(copy);
	return result;
}

int
fs_temp_commit(struct fs_temp *file, bool replace, struct err *err)
{
	int result = -1;

	if (fsync(file->fd) != 0) {
		err_errno(err, errno, "%s", file->path);
		goto out;
	}
	if (replace ? rename(file->temp, file->path) : link(file->temp, file->path)) {
		if (errno == EEXIST)
			err_set(err, ERR_GUARD, "%s exists already", file->path);
		else
			err_errno(err, errno, "%s", file->path);
		goto out;
	}
	if (!replace)
		unlink(file->temp);
	result = sync_folder_of(file->path, err);
out:
	if (result != 0)
		unlink(file->temp);
	temp_release(file);
	return result;
}

void
fs_temp_abandon(struct fs_temp *file)
{
	if (file->temp)
		unlink(file->temp);
	temp_release(file);
}

int
fs_write(const char *path, const void *data, size_t len, mode_t mode, struct err *err)
{
	struct fs_temp file;

	if (fs_temp_open(&file, path, mode, err) != 0)
		return -1;
	if (fs_temp_write(&file, data, len, err) != 0) {
		fs_temp_abandon(&file);
		return -1;
	}
	return fs_temp_commit(&file, true, err);
}

int
fs_mkdirs(const char *path, mode_t mode, struct err *err)
{
	char *copy = xstrdup(path);
	int result = 0;

	for (char *p = copy + 1; result == 0; p++) {
		char was = *p;

		if (was && was != '/')
			continue;
		*p = '\0';
		if (mkdir(copy, mode) != 0 && errno != EEXIST)
			result = err_errno(err, errno, "%s", copy);
		*p = was;
		if (!was)
			break;
	}
	free(copy);
	return result;
}

bool
fs_exists(const char *path)
{
	return access(path, F_OK) == 0;
}

char *
fs_join(const char *dir, const char *name)
{
	if (!dir || !*dir || name[0] == '/')
		return xstrdup(name);
	return xasprintf("%s%s%s", dir, dir[strlen(dir) - 1] == '/' ? "" : "/", name);
}

int
fs_lock(const char *path, struct err *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	char holder[64];
	ssize_t n;

	if (fd < 0)
		return err_errno(err, errno, "%s", path);
	if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
		int len = snprintf(holder, sizeof holder, "process %d\n", (int)getpid());

		if (ftruncate(fd, 0) != 0 || fs_write_all(fd, holder, (size_t)len) != 0) {
			err_errno(err, errno, "%s", path);
			close(fd);
			return -1;
		}
		return fd;
	}
	n = read(fd, holder, sizeof holder - 1);
	holder[n > 0 ? n : 0] = '\0';
	holder[strcspn(holder, "\n")] = '\0';
	close(fd);
	err_set(err, ERR_BUSY, "%s is held by %s", path, *holder ? holder : "another process");
	return err_cure(err, "wait until it is done");
}

void
fs_unlock(int fd)
{
	if (fd >= 0)
		close(fd);
}

static int
remove_entry(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

int
fs_remove_tree(const char *path, struct err *err)
{
	if (nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT) != 0 && errno != ENOENT)
		return err_errno(err, errno, "%s", path);
	return 0;
}
