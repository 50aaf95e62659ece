/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UI_MODELS_H
#define UI_MODELS_H

#include "base/err.h"
#include "etcd/channel.h"
#include "model/inventory.h"
#include "model/backups.h"
#include "model/jobs.h"
#include "model/keyspace.h"
#include "model/members.h"
#include "model/serving.h"

struct app;

/* The live state behind the panes: one channel to the cluster and one of each model. Panes borrow.
 * A model runs while a pane that wants its bit is visible. */
struct models {
	struct etcd_channel *channel;	/* NULL where nothing names an endpoint: see why */
	struct err why;			/* why there is no channel, or why its files cannot be used */
	struct members *members;
	struct certs *certs;
	struct serving *serving;
	struct jobs *jobs;
	struct backups *backups;
	struct keyspace *keyspace;
	unsigned connects;		/* grows with each new channel: calls of an older one are gone */
	bool has_state;			/* without a workspace: the jobs' folder is known */
};

void models_init(struct app *app);
/* Connects what the settings lead to; a cluster that cannot be reached is a state, not an error. */
void models_start(struct app *app);
/* Connects anew by app->connection. */
void models_connect(struct app *app);
void models_free(struct app *app);
/* Which bits (WANT_ of ui/pane.h) the visible pane wants. */
void models_visible(struct app *app, unsigned wants);
/* A first answer of the cluster is still on its way. */
bool models_busy(const struct app *app);

#endif
