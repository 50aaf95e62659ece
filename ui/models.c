/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/models.h"

#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/clock.h"
#include "base/mem.h"
#include "ui/app.h"
#include "ui/login.h"
#include "ui/quorum.h"
#include "verb/channel.h"
#include "verb/verb.h"

/* What befalls the serving endpoint may have befallen its member: row 1 is not to wait for the next
 * round. */
static void
on_channel(void *context)
{
	struct app *app = context;
	const struct members_summary *summary = members_summary(app->models.members);

	if (summary->asked_ms && clock_ms() - summary->asked_ms > 1000)
		members_refresh(app->models.members);
	app_changed(app, WANT_CHANNEL);
}

/* Without a workspace what belongs to the cluster lies under its id: the first answer tells it. */
static void
find_state(struct app *app)
{
	uint64_t id = members_summary(app->models.members)->cluster_id;
	char *folder;

	if (app->models.has_state || !id || !app_no_workspace(app))
		return;
	app->models.has_state = true;
	folder = state_folder(id);
	jobs_set_workspace(app->models.jobs, folder);
	free(folder);
}

static void
on_members(void *context, unsigned mask)
{
	struct app *app = context;

	(void)mask;
	find_state(app);
	quorum_update(app);
	serving_set_members(app->models.serving, app->models.members, app->connection.cluster);
	app_changed(app, WANT_MEMBERS);
}

static void
on_serving(void *context)
{
	app_changed(context, WANT_SERVED);
}

static void
on_keyspace(void *context, unsigned mask)
{
	(void)mask;
	app_changed(context, WANT_KEYSPACE);
}

static void
on_certs(void *context)
{
	struct app *app = context;

	serving_set_inventory(app->models.serving, certs_inventory(app->models.certs));
	app_changed(app, WANT_INVENTORY);
}

static void
on_jobs(void *context, unsigned mask)
{
	(void)mask;
	app_changed(context, WANT_JOBS);
}

static void
on_backups(void *context)
{
	app_changed(context, WANT_BACKUPS);
}

/* One global flag as it was given, or NULL. */
static char *
flag_text(const struct settings *settings, const struct setting *row)
{
	const char *field = (const char *)settings + row->offset;
	const char *text = row->type == SETTING_STR ? *(char *const *)(const void *)field : NULL;
	int64_t ms = row->type == SETTING_MS ? *(const int64_t *)(const void *)field : 0;

	if (text)
		return xasprintf("--%s=%s", row->flag, text);
	if (ms)
		return xasprintf("--%s=%lldms", row->flag, (long long)ms);
	if ((row->type == SETTING_BOOL || row->type == SETTING_NOT) && *(const bool *)field)
		return xasprintf("--%s=%s", row->flag, row->type == SETTING_NOT ? "false" : "true");
	return NULL;
}

/* A job gets the global flags that this console was given, the password as a secret. */
static void
give_flags(struct app *app)
{
	struct jobs *jobs = app->models.jobs;
	const struct settings *settings = app->settings;
	char **flags = NULL;
	size_t len = 0, cap = 0;

	for (const struct setting *row = setting_table; row->flag; row++) {
		char *text = strcmp(row->flag, "password") && strcmp(row->flag, "write-out")
			? flag_text(settings, row) : NULL;

		if (!text)
			continue;
		GROW(flags, len, cap);
		flags[len++] = text;
	}
	GROW(flags, len, cap);
	flags[len] = NULL;
	jobs_set_flags(jobs, (const char *const *)flags);
	strv_free(flags);
	if (settings->password)
		jobs_set_secret(jobs, "etcd_password", settings->password);
}

static void
use_channel(struct app *app, struct etcd_channel *channel)
{
	struct models *m = &app->models;

	m->channel = channel;
	members_set_channel(m->members, channel);
	keyspace_set_channel(m->keyspace, channel);
}

void
models_connect(struct app *app)
{
	struct models *m = &app->models;
	struct etcd_channel *old = m->channel, *channel;

	use_channel(app, NULL);
	etcd_channel_free(old);
	m->connects++;
	err_clear(&m->why);
	channel = channel_of_connection(app->loop, &app->connection, &m->why);
	if (channel)
		etcd_channel_on_change(channel, on_channel, app);
	use_channel(app, channel);
	app_changed(app, WANT_CHANNEL | WANT_MEMBERS | WANT_KEYSPACE);
}

void
models_init(struct app *app)
{
	app->models.jobs = jobs_new(app->loop, "/proc/self/exe", on_jobs, app);
	app->models.keyspace = keyspace_new(app->loop, on_keyspace, app);
	app->models.members = members_new(app->loop, on_members, app);
	app->models.certs = certs_new(app->loop, on_certs, app);
	app->models.serving = serving_new(app->loop, on_serving, app);
	app->models.backups = backups_new(app->loop, app->models.jobs, on_backups, app);
}

/* The folder may be there before its cluster.json. */
static void
read_pki(struct app *app)
{
	char *workspace = app_no_workspace(app) ? NULL : workspace_folder(app->settings, NULL);
	char *pki = workspace ? fs_join(workspace, "pki") : NULL;

	certs_set_folder(app->models.certs, pki);
	free(pki);
	free(workspace);
}

void
models_start(struct app *app)
{
	struct models *m = &app->models;
	int resolved;

	err_clear(&m->why);
	resolved = connection_resolve(app->settings, &app->connection, &m->why);
	read_pki(app);
	if (resolved != 0)
		return;
	serving_set_client(m->serving, app->connection.cert, app->connection.key);
	give_flags(app);
	jobs_set_workspace(m->jobs, app->connection.workspace);
	if (!app_no_workspace(app))
		backups_set_targets(m->backups, app->connection.cluster);
	if (app->connection.user && !app->connection.password)
		login_ask(app);
	else
		models_connect(app);
}

void
models_free(struct app *app)
{
	backups_free(app->models.backups);
	jobs_free(app->models.jobs);
	keyspace_free(app->models.keyspace);
	serving_free(app->models.serving);
	members_free(app->models.members);
	certs_free(app->models.certs);
	etcd_channel_free(app->models.channel);
	connection_release(&app->connection);
}

void
models_visible(struct app *app, unsigned wants)
{
	members_set_visible(app->models.members, wants & WANT_MEMBERS);
	serving_set_visible(app->models.serving, wants & WANT_SERVED);
	backups_set_visible(app->models.backups, wants & WANT_BACKUPS);
	keyspace_set_visible(app->models.keyspace, wants & WANT_KEYSPACE);
}

bool
models_busy(const struct app *app)
{
	return members_busy(app->models.members) || certs_busy(app->models.certs) ||
	    serving_busy(app->models.serving) ||
	    jobs_quiet(app->models.jobs) > backups_mute(app->models.backups);
}

void
app_touched(struct app *app, unsigned touches)
{
	if (touches & TOUCH_KEYS)
		keyspace_touched(app->models.keyspace, NULL, 0);
	if (touches & TOUCH_MEMBERS)
		members_refresh(app->models.members);
	if (touches & TOUCH_PKI)
		certs_refresh(app->models.certs);
	if (touches & TOUCH_BACKUPS)
		backups_refresh_all(app->models.backups);
}
