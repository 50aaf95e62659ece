/* SPDX-License-Identifier: Apache-2.0 */
#include "model/inventory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"

/* Files of a pair come one after the other: wait until the writer has had time for all. */
enum { SETTLE_MS = 60 };

struct certs {
	struct loop *loop;
	void (*changed)(void *context);
	void *context;
	char *folder;
	int notify, watched;	/* inotify and what it watches, -1: none */
	struct loop_fd *watch;
	struct loop_timer *timer;	/* the next step, or the wait before reading again */
	struct inventory_reader *reader;
	struct inventory inventory;
	struct profiles profiles;
	bool has_config;
	bool stale;		/* something changed while it was read */
	unsigned generation;
	struct err error, profile_error;
};

struct certs *
certs_new(struct loop *loop, void (*changed)(void *context), void *context)
{
	struct certs *certs = xcalloc(1, sizeof *certs);

	certs->loop = loop;
	certs->changed = changed;
	certs->context = context;
	certs->notify = certs->watched = -1;
	profiles_default(&certs->profiles);
	return certs;
}

static void
unwatch(struct certs *certs)
{
	loop_fd_remove(certs->watch);
	certs->watch = NULL;
	if (certs->notify >= 0)
		close(certs->notify);
	certs->notify = certs->watched = -1;
}

void
certs_free(struct certs *certs)
{
	if (!certs)
		return;
	unwatch(certs);
	loop_timer_cancel(certs->timer);
	inventory_reader_free(certs->reader);
	inventory_release(&certs->inventory);
	profiles_release(&certs->profiles);
	free(certs->folder);
	free(certs);
}

static void
read_profiles(struct certs *certs)
{
	char *path = fs_join(certs->folder, "ca-config.json");
	struct profiles fresh;

	err_clear(&certs->profile_error);
	certs->has_config = fs_exists(path);
	profiles_release(&certs->profiles);
	if (certs->has_config && profiles_read(&fresh, path, &certs->profile_error) == 0) {
		certs->profiles = fresh;
		/* The choice points into the struct that was copied. */
		profiles_choose(&certs->profiles, NULL);
	} else {
		profiles_default(&certs->profiles);
	}
	free(path);
}

static void begin(void *context);

static void
step(void *context)
{
	struct certs *certs = context;

	certs->timer = NULL;
	if (inventory_reader_step(certs->reader)) {
		certs->timer = loop_soon(certs->loop, step, certs);
		return;
	}
	inventory_release(&certs->inventory);
	err_clear(&certs->error);
	inventory_reader_end(certs->reader, &certs->inventory, &certs->error);
	certs->reader = NULL;
	read_profiles(certs);
	certs->generation++;
	if (certs->stale)
		certs->timer = loop_timer_add(certs->loop, SETTLE_MS, begin, certs);
	certs->stale = false;
	certs->changed(certs->context);
}

static void
begin(void *context)
{
	struct certs *certs = context;

	inventory_reader_free(certs->reader);
	certs->reader = inventory_reader_new(certs->folder, clock_wall_ms() / 1000);
	certs->timer = loop_soon(certs->loop, step, certs);
}

static void
on_event(void *context, unsigned events)
{
	struct certs *certs = context;
	char bytes[4096] __attribute__((aligned(8)));
	ssize_t n = read(certs->notify, bytes, sizeof bytes);

	(void)events;
	if (n <= 0) {
		unwatch(certs);
		return;
	}
	/* Never put off again by later events: a busy folder is read too. */
	if (certs->reader)
		certs->stale = true;
	else if (!certs->timer)
		certs->timer = loop_timer_add(certs->loop, SETTLE_MS, begin, certs);
}

/* One inotify for good: to close it the kernel takes some 15 ms, which a key would have to wait. */
static void
watch(struct certs *certs)
{
	const uint32_t mask = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CREATE |
	    IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF;

	int before = certs->watched;

	if (certs->notify < 0) {
		certs->notify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
		if (certs->notify < 0)
			return;
		certs->watch = loop_fd_add(certs->loop, certs->notify, LOOP_READ, on_event, certs);
	}
	certs->watched = inotify_add_watch(certs->notify, certs->folder, mask);
	if (before >= 0 && before != certs->watched)
		inotify_rm_watch(certs->notify, before);
}

void
certs_refresh(struct certs *certs)
{
	if (!certs->folder)
		return;
	/* A folder that was replaced has another inode, and another watch. */
	watch(certs);
	loop_timer_cancel(certs->timer);
	begin(certs);
}

void
certs_set_folder(struct certs *certs, const char *folder)
{
	free(certs->folder);
	certs->folder = folder ? xstrdup(folder) : NULL;
	certs_refresh(certs);
}

const char *
certs_folder(const struct certs *certs)
{
	return certs->folder;
}

bool
certs_busy(const struct certs *certs)
{
	return certs->timer != NULL;
}

const struct inventory *
certs_inventory(const struct certs *certs)
{
	return &certs->inventory;
}

struct profiles *
certs_profiles(struct certs *certs)
{
	return &certs->profiles;
}

bool
certs_has_config(const struct certs *certs)
{
	return certs->has_config;
}

const char *
certs_profile_error(const struct certs *certs)
{
	return certs->profile_error.text;
}

const char *
certs_error(const struct certs *certs)
{
	return certs->error.text;
}

unsigned
certs_generation(const struct certs *certs)
{
	return certs->generation;
}
