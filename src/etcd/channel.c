/* SPDX-License-Identifier: Apache-2.0 */
#include "etcd/channel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "etcd/channel_state.h"

enum {
	STAGGER_MS = 300,	/* before the next endpoint is tried beside a slow one */
	BACKOFF_MS = 200,	/* doubled for every failure in a row */
	BACKOFF_MAX_MS = 5000,
	AVOID_MS = 2000,	/* after an answer that another endpoint may give better */
	SOON_MS = 500,		/* a try so near is worth waiting for */
};

void
channel_wake(struct etcd_channel *channel)
{
	channel->want_pump = true;
	loop_hurry(channel->loop);
}

static void
set_state(struct slot *slot, struct etcd_channel *channel, enum etcd_endpoint_state state)
{
	slot->seen.state = state;
	slot->seen.since_ms = clock_ms();
	channel->is_changed = true;
	channel_wake(channel);
}

static int64_t
backoff(int failures)
{
	int64_t ms = BACKOFF_MS;

	while (--failures > 0 && ms < BACKOFF_MAX_MS)
		ms *= 2;
	return ms < BACKOFF_MAX_MS ? ms : BACKOFF_MAX_MS;
}

static void
on_link_ready(void *context)
{
	struct lane *lane = context;

	lane->slot->failures = 0;
	lane->slot->seen.retry_at_ms = 0;
	err_clear(&lane->slot->seen.why);
	set_state(lane->slot, lane->channel, ETCD_READY);
}

static void
on_link_failed(void *context, const struct err *err)
{
	struct lane *lane = context;
	struct slot *slot = lane->slot;

	lane->over = true;
	channel_wake(lane->channel);
	if (slot->lane != lane)
		return;
	slot->lane = NULL;
	slot->failures++;
	slot->seen.why = *err;
	slot->seen.retry_at_ms = clock_ms() + backoff(slot->failures);
	set_state(slot, lane->channel, ETCD_FAILED);
}

static void
on_link_leaving(void *context)
{
	struct lane *lane = context;
	struct etcd_channel *channel = lane->channel;
	struct slot *slot = lane->slot;

	if (slot->lane == lane) {
		slot->lane = NULL;
		err_set(&slot->seen.why, ERR_CONNECT, "%s is shutting down", slot->address.authority);
		err_cure(&slot->seen.why, "Wait until it is up again.");
		slot->seen.retry_at_ms = clock_ms() + BACKOFF_MS;
		channel->preferred = ((size_t)(slot - channel->slots) + 1) % channel->count;
		set_state(slot, channel, ETCD_FAILED);
	}
	if (channel->hub)
		watch_hub_leaving(channel->hub, lane->link);
}

static void
connect_slot(struct etcd_channel *channel, struct slot *slot)
{
	static const struct link_handler handler = { on_link_ready, on_link_failed, on_link_leaving };
	struct link_spec spec = { &slot->address, channel->credentials, channel->config.dial_ms };
	struct lane *lane = xcalloc(1, sizeof *lane);

	lane->channel = channel;
	lane->slot = slot;
	lane->next = channel->lanes;
	channel->lanes = lane;
	lane->link = link_start(channel->loop, &spec, &handler, lane);
	slot->lane = lane;
	slot->started_ms = clock_ms();
	set_state(slot, channel, ETCD_CONNECTING);
}

static void
reap_lanes(struct etcd_channel *channel, bool all)
{
	struct lane **at = &channel->lanes, *lane;

	while ((lane = *at)) {
		if (!all && !lane->over && (lane->slot->lane == lane || !link_idle(lane->link))) {
			at = &lane->next;
			continue;
		}
		*at = lane->next;
		link_free(lane->link);
		free(lane);
	}
}

/* ---- choosing an endpoint */

static struct slot *
usable_slot(struct etcd_channel *channel, bool avoid)
{
	int64_t now = clock_ms();

	for (size_t i = 0; i < channel->count; i++) {
		struct slot *slot = &channel->slots[(channel->preferred + i) % channel->count];

		if (slot->lane && link_usable(slot->lane->link) && (!avoid || slot->avoid_until_ms <= now))
			return slot;
	}
	return NULL;
}

/* An endpoint that may yet do better than one to be avoided. */
static bool
is_hope(const struct etcd_channel *channel)
{
	int64_t now = clock_ms();

	for (size_t i = 0; i < channel->count; i++) {
		const struct slot *slot = &channel->slots[i];

		if (slot->seen.state == ETCD_CONNECTING || (!slot->lane && slot->seen.retry_at_ms <= now))
			return true;
	}
	return false;
}

static struct link *
pick_link(struct etcd_channel *channel)
{
	struct slot *slot = usable_slot(channel, true);

	if (!slot && !is_hope(channel))
		slot = usable_slot(channel, false);
	for (size_t i = 0; i < channel->count; i++) {
		bool serving = slot == &channel->slots[i];

		if (channel->slots[i].seen.serving != serving)
			channel->is_changed = true;
		channel->slots[i].seen.serving = serving;
	}
	if (!slot)
		return NULL;
	channel->preferred = (size_t)(slot - channel->slots);
	return slot->lane->link;
}

static void
on_timer(void *context)
{
	struct etcd_channel *channel = context;

	channel->timer = NULL;
	channel_wake(channel);
}

static void
wake_at(struct etcd_channel *channel, int64_t at_ms)
{
	int64_t ms = at_ms - clock_ms();

	loop_timer_cancel(channel->timer);
	channel->timer = loop_timer_add(channel->loop, ms > 0 ? ms : 0, on_timer, channel);
}

/* One endpoint: its own words. Several: the first one's, and how many more there are. */
static void
sum_up(const struct etcd_channel *channel, struct err *err)
{
	*err = channel->slots[channel->preferred].seen.why;
	if (channel->count == 1)
		return;
	for (size_t i = 1; i < channel->count; i++) {
		const struct err *why = &channel->slots[(channel->preferred + i) % channel->count].seen.why;
		size_t len = strlen(err->text);

		snprintf(err->text + len, sizeof err->text - len, "; %s", why->text);
	}
}

static bool
worth_waiting(const struct channel_waiter *waiter, const struct slot *slot, int64_t now)
{
	return slot->seen.since_ms < waiter->since_ms && slot->seen.retry_at_ms - now <= SOON_MS;
}

static bool
any_worth_waiting(const struct etcd_channel *channel, const struct channel_waiter *waiter)
{
	int64_t now = clock_ms();

	for (size_t i = 0; i < channel->count; i++)
		if (worth_waiting(waiter, &channel->slots[i], now))
			return true;
	return false;
}

/* Every endpoint has failed: waiters hear it, but for those whose next try is near. */
static void
all_failed(struct etcd_channel *channel)
{
	int64_t next = INT64_MAX;
	struct err err;

	for (size_t i = 0; i < channel->count; i++)
		if (channel->slots[i].seen.retry_at_ms < next)
			next = channel->slots[i].seen.retry_at_ms;
	wake_at(channel, next);
	if (any_worth_waiting(channel, channel->last))
		return;
	sum_up(channel, &err);
	channel_fail(channel, &err, false);
}

static void
connect_some(struct etcd_channel *channel)
{
	int64_t now = clock_ms(), hold = 0;
	bool connecting = false;

	for (size_t i = 0; i < channel->count; i++)
		if (channel->slots[i].lane) {
			connecting = true;
			if (channel->slots[i].started_ms + STAGGER_MS > hold)
				hold = channel->slots[i].started_ms + STAGGER_MS;
		}
	if (hold > now) {
		wake_at(channel, hold);
		return;
	}
	for (size_t i = 0; i < channel->count; i++) {
		struct slot *slot = &channel->slots[(channel->preferred + i) % channel->count];

		if (!slot->lane && slot->seen.retry_at_ms <= now) {
			connect_slot(channel, slot);
			if (channel->count > 1)
				wake_at(channel, now + STAGGER_MS);
			return;
		}
	}
	if (!connecting)
		all_failed(channel);
}

static void
tell_changed(struct etcd_channel *channel)
{
	if (!channel->is_changed)
		return;
	channel->is_changed = false;
	if (channel->changed)
		channel->changed(channel->changed_context);
}

static void
channel_destroy(struct etcd_channel *channel)
{
	etcd_config_release(&channel->config);
	tls_credentials_unref(channel->credentials);
	for (size_t i = 0; i < channel->count; i++)
		etcd_address_release(&channel->slots[i].address);
	free(channel->slots);
	free(channel);
}

void
channel_enter(struct etcd_channel *channel)
{
	channel->busy++;
}

void
channel_leave(struct etcd_channel *channel)
{
	if (--channel->busy == 0 && channel->dead)
		channel_destroy(channel);
}

static void
pump(void *context)
{
	struct etcd_channel *channel = context;
	struct link *link;

	if (!channel->want_pump)
		return;
	channel->want_pump = false;
	channel_enter(channel);
	reap_lanes(channel, false);
	link = pick_link(channel);
	if (channel->first && link)
		channel_serve(channel, link);
	else if (channel->first)
		connect_some(channel);
	if (!channel->dead)
		tell_changed(channel);
	channel_leave(channel);
}

void
channel_move(struct etcd_channel *channel, const struct link *link)
{
	struct slot *slot = &channel->slots[channel->preferred];

	if (channel->count < 2 || !slot->lane || slot->lane->link != link)
		return;
	slot->avoid_until_ms = clock_ms() + AVOID_MS;
	channel->preferred = (channel->preferred + 1) % channel->count;
}

/* ---- making and asking */

static int
parse_endpoints(struct etcd_channel *channel, struct err *err)
{
	size_t count = 0;

	while (channel->config.endpoints[count])
		count++;
	channel->slots = xcalloc(count, sizeof *channel->slots);
	for (; channel->count < count; channel->count++) {
		struct slot *slot = &channel->slots[channel->count];

		if (etcd_address_parse(&slot->address, channel->config.endpoints[channel->count],
		    &channel->config, err) < 0)
			return -1;
		slot->seen.url = slot->address.url;
		slot->seen.since_ms = clock_ms();
	}
	return 0;
}

static int
load_credentials(struct etcd_channel *channel, struct err *err)
{
	const struct tls_files files = { .cacert = channel->config.cacert, .cert = channel->config.cert,
		.key = channel->config.key, .skip_verify = channel->config.insecure_skip_verify };

	for (size_t i = 0; i < channel->count && !channel->credentials; i++)
		if (channel->slots[i].address.tls && !(channel->credentials = tls_credentials_new(&files, err)))
			return -1;
	return 0;
}

static struct etcd_channel *
channel_make(struct loop *loop, const struct etcd_config *config,
    struct tls_credentials *credentials, struct err *err)
{
	struct etcd_channel *channel = xcalloc(1, sizeof *channel);

	channel->loop = loop;
	etcd_config_copy(&channel->config, config);
	channel->credentials = tls_credentials_ref(credentials);
	if (parse_endpoints(channel, err) < 0 || load_credentials(channel, err) < 0) {
		channel_destroy(channel);
		return NULL;
	}
	channel->hook = loop_before_wait(loop, pump, channel);
	return channel;
}

struct etcd_channel *
etcd_channel_new(struct loop *loop, const struct etcd_config *config, struct err *err)
{
	return channel_make(loop, config, NULL, err);
}

struct etcd_channel *
etcd_channel_for_url(const struct etcd_channel *channel, const char *url, struct err *err)
{
	struct etcd_config config = channel->config;
	char *endpoints[] = { (char *)(uintptr_t)url, NULL };
	struct etcd_channel *made;

	config.endpoints = endpoints;
	made = channel_make(channel->loop, &config, channel->credentials, err);
	if (made && channel->token)
		made->token = xstrdup(channel->token);
	if (made)
		made->auth_off = channel->auth_off;
	return made;
}

struct etcd_channel *
etcd_channel_for_endpoint(const struct etcd_channel *channel, size_t index)
{
	return etcd_channel_for_url(channel, channel->slots[index].address.url, NULL);
}

void
etcd_channel_free(struct etcd_channel *channel)
{
	if (!channel || channel->dead)
		return;
	channel->dead = true;
	call_drop_all(channel);
	watch_hub_free(channel->hub);
	loop_timer_cancel(channel->timer);
	loop_hook_remove(channel->hook);
	reap_lanes(channel, true);
	channel_forget_token(channel);
	if (!channel->busy)
		channel_destroy(channel);
}

size_t
etcd_channel_endpoint_count(const struct etcd_channel *channel)
{
	return channel->count;
}

const struct etcd_endpoint *
etcd_channel_endpoint(const struct etcd_channel *channel, size_t index)
{
	return &channel->slots[index].seen;
}

const struct etcd_endpoint *
etcd_channel_serving(const struct etcd_channel *channel)
{
	return &channel->slots[channel->preferred].seen;
}

void
etcd_channel_on_change(struct etcd_channel *channel, void (*changed)(void *context), void *context)
{
	channel->changed = changed;
	channel->changed_context = context;
}

struct loop *
etcd_channel_loop(const struct etcd_channel *channel)
{
	return channel->loop;
}

const struct etcd_config *
channel_config(const struct etcd_channel *channel)
{
	return &channel->config;
}

struct etcd_call **
channel_calls(struct etcd_channel *channel)
{
	return &channel->calls;
}

struct watch_hub **
channel_hub(struct etcd_channel *channel)
{
	return &channel->hub;
}

const struct err *
channel_trouble(const struct etcd_channel *channel)
{
	const struct err *why = &channel->slots[channel->preferred].seen.why;

	return why->code ? why : NULL;
}
