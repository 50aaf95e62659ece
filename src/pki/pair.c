/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/pair.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"

enum { MAX_PEM = 1 << 20 };

void
pair_init(struct pair *pair)
{
	*pair = (struct pair){ BUF_INIT(MAX_PEM), BUF_INIT(MAX_PEM), BUF_INIT(MAX_PEM) };
}

void
pair_release(struct pair *pair)
{
	buf_release_secret(&pair->key);
	buf_release(&pair->csr);
	buf_release(&pair->cert);
}

bool
pair_exists(const char *dir, const char *name)
{
	char *path = xasprintf("%s/%s.pem", dir, name);
	bool there = fs_exists(path);

	free(path);
	return there;
}

int
pair_lock(const char *dir, struct err *err)
{
	char *path = fs_join(dir, ".lock");
	int fd = fs_lock(path, err);

	free(path);
	return fd;
}

/* A key may be the only copy of something: it is moved aside, never lost. */
static int
move_aside(const char *path, struct buf *kept, struct err *err)
{
	char stamp[CLOCK_RFC3339_SIZE], *aside;
	int result = 0;

	if (!fs_exists(path))
		return 0;
	aside = xasprintf("%s.left-%s-%06lld", path, clock_stamp(clock_wall_ms() / 1000, stamp),
	    (long long)(clock_ms() % 1000000));
	if (rename(path, aside) != 0)
		result = err_errno(err, errno, "%s", path);
	else
		buf_printf(kept, "%s%s", kept->len ? ", " : "", aside);
	free(aside);
	return result;
}

/* What a killed run left of these names: a dot, the name, and six characters of mkstemp. */
static void
sweep(const char *dir, const char *name)
{
	static const char *const endings[] = { "-key.pem", ".csr", ".pem" };
	DIR *folder = opendir(dir);
	struct dirent *entry;

	while (folder && (entry = readdir(folder))) {
		for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
			char *begin = xasprintf(".%s%s.", name, endings[i]);
			size_t len = strlen(begin);

			if (strncmp(entry->d_name, begin, len) == 0 && strlen(entry->d_name) == len + 6)
				unlinkat(dirfd(folder), entry->d_name, 0);
			free(begin);
		}
	}
	if (folder)
		closedir(folder);
}

static int
write_new(const char *path, const struct buf *text, mode_t mode, struct err *err)
{
	struct fs_temp file;

	if (!text->len)
		return 0;
	if (fs_temp_open(&file, path, mode, err) != 0)
		return -1;
	if (fs_temp_write(&file, text->data, text->len, err) != 0) {
		fs_temp_abandon(&file);
		return -1;
	}
	return fs_temp_commit(&file, false, err);
}

int
pair_write(const struct pair *pair, const char *dir, const char *name, struct buf *kept,
    struct err *err)
{
	char *cert = xasprintf("%s/%s.pem", dir, name), *csr = xasprintf("%s/%s.csr", dir, name);
	char *key = xasprintf("%s/%s-key.pem", dir, name);
	int result = -1;

	sweep(dir, name);
	if (fs_exists(cert)) {
		err_set(err, ERR_GUARD, "%s exists, and nothing here overwrites a certificate", cert);
		err_cure(err, "choose another name, or move the old pair away");
	} else if (move_aside(key, kept, err) == 0 && move_aside(csr, kept, err) == 0 &&
	    write_new(key, &pair->key, 0600, err) == 0 &&
	    write_new(csr, &pair->csr, 0644, err) == 0) {
		result = write_new(cert, &pair->cert, 0644, err);
	}
	free(cert);
	free(csr);
	free(key);
	return result;
}
