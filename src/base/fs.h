/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_FS_H
#define BASE_FS_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"

/* Reads a whole file into `out` (up to its maximum; ERR_TOO_BIG past it). */
int fs_read(const char *path, struct buf *out, struct err *err);

/* Writes a file so that the name holds either the old bytes or all of the new: temporary name in
 * the same folder, fsync, rename, fsync of the folder. `mode` is set exactly, despite the umask. */
int fs_write(const char *path, const void *data, size_t len, mode_t mode, struct err *err);

/* The same in steps, for files that are streamed. fs_temp_commit or fs_temp_abandon must follow a
 * successful fs_temp_open; a killed process leaves at most a name beginning with a dot. */
struct fs_temp {
	int fd;
	char *path;	/* the final name */
	char *temp;
	off_t written, pushed;	/* pushed: what the disk was told to begin writing */
};
int fs_temp_open(struct fs_temp *file, const char *path, mode_t mode, struct err *err);
int fs_temp_write(struct fs_temp *file, const void *data, size_t len, struct err *err);
/* `replace` false: fails with ERR_GUARD where the final name exists already. */
int fs_temp_commit(struct fs_temp *file, bool replace, struct err *err);
void fs_temp_abandon(struct fs_temp *file);

/* Makes a folder and its missing parents; those made get `mode`. */
int fs_mkdirs(const char *path, mode_t mode, struct err *err);

bool fs_exists(const char *path);

/* "dir/name", allocated; `name` alone where it is absolute or dir is "" or NULL. */
char *fs_join(const char *dir, const char *name);

/* Takes the advisory lock file `path` (made 0600, holding who has it); ERR_BUSY names the holder.
 * Returns a descriptor to give to fs_unlock, or -1. */
int fs_lock(const char *path, struct err *err);
void fs_unlock(int fd);

/* Removes a folder and all in it, staying on its file system; a missing folder is no error. */
int fs_remove_tree(const char *path, struct err *err);

/* Writes all of `len` bytes, whatever the pieces; -1 with errno set. */
int fs_write_all(int fd, const void *data, size_t len);

#endif
