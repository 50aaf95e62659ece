/* SPDX-License-Identifier: Apache-2.0 */
#include "verb/job_journal.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/json.h"

static void
write_begin(int fd, const char *title)
{
	struct json_object *line = json_object_new_object(), *begin = json_object_new_object();
	struct buf text = BUF_INIT(1 << 16);

	json_put_str(begin, "title", title);
	json_put_int(begin, "pid", getpid());
	json_put_int(begin, "started", clock_wall_ms());
	json_put_object(line, "begin", begin);
	buf_printf(&text, "%s\n", json_line(line));
	fs_write_all(fd, text.data, text.len);
	buf_release(&text);
	json_object_put(line);
}

/* Whoever lists the jobs holds a journal for an instant, to see whether its job is there. */
static bool
take(int fd)
{
	for (int tries = 0; tries < 50; tries++) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return true;
		poll(NULL, 0, 10);
	}
	return false;
}

int
job_journal_open(const char *line, size_t len)
{
	struct json_object *job = json_parse(line, len, "the job's line", NULL);
	const char *path = json_str(job, "journal", NULL);
	int fd = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600) : -1;

	if (fd >= 0 && !take(fd)) {
		close(fd);
		fd = -1;
	}
	if (fd >= 0)
		write_begin(fd, json_str(job, "title", "a job"));
	json_object_put(job);
	return fd;
}
