/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/login.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/secret.h"
#include "ui/app.h"

static void
on_password(void *context, const char *text)
{
	struct app *app = context;
	struct connection *connection = &app->connection;

	app->dirty = true;
	if (text) {
		secret_free(connection->password);
		connection->password = secret_dup(text);
		jobs_set_secret(app->models.jobs, "etcd_password", text);
		models_connect(app);
	} else if (!app->models.channel) {
		app_error(app, &app->models.why);
	}
}

void
login_ask(struct app *app)
{
	static const struct prompt_ops ops = {
		.done = on_password, .secret = true,
		.hint = "not shown, not written down, forgotten when the console ends   Esc leaves",
	};
	char *label;

	if (!app->connection.user) {
		app_message(app, "no etcd user is named: start with --user NAME");
		return;
	}
	if (!app->models.channel) {
		err_set(&app->models.why, ERR_NEED, "etcd user %.60s has not logged in",
		    app->connection.user);
		err_cure(&app->models.why, "Type :login");
		app_changed(app, WANT_CHANNEL | WANT_MEMBERS | WANT_KEYSPACE);
	}
	label = xasprintf("etcd password of %.60s: ", app->connection.user);
	prompt_open(&app->prompt, &ops, app, label);
	free(label);
	app->dirty = true;
}
