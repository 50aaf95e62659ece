/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/models.h"

#include "ui/app.h"
#include "verb/channel.h"

static void
on_channel(void *context)
{
	app_changed(context, WANT_CHANNEL);
}

static void
on_members(void *context, unsigned mask)
{
	(void)mask;
	app_changed(context, WANT_MEMBERS);
}

void
models_init(struct app *app)
{
	app->models.members = members_new(app->loop, on_members, app);
}

void
models_start(struct app *app)
{
	struct models *m = &app->models;

	err_clear(&m->why);
	if (connection_resolve(app->settings, &app->connection, &m->why) != 0)
		return;
	m->channel = channel_of_connection(app->loop, &app->connection, &m->why);
	if (m->channel)
		etcd_channel_on_change(m->channel, on_channel, app);
	members_set_channel(m->members, m->channel);
	app_changed(app, WANT_CHANNEL | WANT_MEMBERS);
}

void
models_free(struct app *app)
{
	members_free(app->models.members);
	etcd_channel_free(app->models.channel);
	connection_release(&app->connection);
}

void
models_visible(struct app *app, unsigned wants)
{
	members_set_visible(app->models.members, wants & WANT_MEMBERS);
}

bool
models_busy(const struct app *app)
{
	return members_busy(app->models.members);
}
