/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/secret.h"
#include "etcd/call.h"
#include "etcd/channel_state.h"

void
channel_unwait(struct etcd_channel *channel, struct channel_waiter *waiter)
{
	if (!waiter->waiting)
		return;
	waiter->waiting = false;
	if (waiter->prev)
		waiter->prev->next = waiter->next;
	else
		channel->first = waiter->next;
	if (waiter->next)
		waiter->next->prev = waiter->prev;
	else
		channel->last = waiter->prev;
	waiter->prev = waiter->next = NULL;
}

void
channel_wait(struct etcd_channel *channel, struct channel_waiter *waiter)
{
	if (waiter->waiting)
		return;
	waiter->waiting = true;
	waiter->order = channel->order++;
	waiter->since_ms = clock_ms();
	waiter->prev = channel->last;
	waiter->next = NULL;
	if (channel->last)
		channel->last->next = waiter;
	else
		channel->first = waiter;
	channel->last = waiter;
	channel_wake(channel);
}

static void on_logged_in(void *context, const Etcd__AuthenticateResponse *response);
static void on_login_failed(void *context, const struct err *err);

static bool
must_log_in(struct etcd_channel *channel)
{
	static const struct etcd_authenticate_handler handler = { on_logged_in, on_login_failed };

	if (!channel->config.user || channel->token || channel->auth_off)
		return false;
	if (!channel->login)
		channel->login = call_authenticate(channel, &handler, channel);
	return true;
}

void
channel_serve(struct etcd_channel *channel, struct link *link)
{
	struct channel_waiter *waiter, *next;
	uint64_t last = channel->order;
	bool no_token = must_log_in(channel);

	for (waiter = channel->first; waiter && waiter->order < last; waiter = next) {
		next = waiter->next;
		if (no_token && !waiter->anonymous)
			continue;
		channel_unwait(channel, waiter);
		waiter->ready(waiter->context, link);
	}
}

/* A callback may add and remove waiters, so each is found anew by its order. */
void
channel_fail(struct etcd_channel *channel, const struct err *err, bool by_login)
{
	uint64_t done = 0, last = channel->order;

	for (struct channel_waiter *waiter = channel->first; !channel->dead && waiter;) {
		if (waiter->order < done || (by_login && waiter->anonymous)) {
			waiter = waiter->next;
			continue;
		}
		if (waiter->order >= last)
			break;
		done = waiter->order + 1;
		if (!waiter->patient)
			channel_unwait(channel, waiter);
		waiter->failed(waiter->context, err);
		waiter = channel->dead ? NULL : channel->first;
	}
}

/* ---- logging in */

static void
forget_password(void *context)
{
	(void)context;
	secret_burn_stack();
}

static void
login_over(struct etcd_channel *channel)
{
	channel->login = NULL;
	loop_timer_add(etcd_channel_loop(channel), 0, forget_password, NULL);
}

static void
on_logged_in(void *context, const Etcd__AuthenticateResponse *response)
{
	struct etcd_channel *channel = context;

	login_over(channel);
	channel->token = xstrdup(response->token);
	channel_wake(channel);
}

static void
on_login_failed(void *context, const struct err *err)
{
	struct etcd_channel *channel = context;

	login_over(channel);
	channel_wake(channel);
	if (strstr(err->text, "authentication is not enabled")) {
		channel->auth_off = true;
		return;
	}
	channel_enter(channel);
	channel_fail(channel, err, true);
	channel_leave(channel);
}

const char *
channel_token(const struct etcd_channel *channel)
{
	return channel->token;
}

void
channel_forget_token(struct etcd_channel *channel)
{
	if (channel->token)
		explicit_bzero(channel->token, strlen(channel->token));
	free(channel->token);
	channel->token = NULL;
}

void
channel_drop_token(struct etcd_channel *channel, const char *token)
{
	channel->auth_off = false;
	if (token && channel->token && strcmp(token, channel->token) == 0)
		channel_forget_token(channel);
}
