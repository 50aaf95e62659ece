/* SPDX-License-Identifier: Apache-2.0 */
#include "etcd/watch.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "etcd/call_core.h"
#include "etcd/waiter.h"

enum { RETRY_MS = 25, RETRY_MAX_MS = 2000, NO_WATCH = -1 };

enum stage {
	TO_CREATE,	/* not on the stream */
	CREATING,	/* asked for; the answer comes in the order of asking */
	CREATED,
};

struct etcd_watch {
	struct etcd_watch *prev, *next;
	struct watch_hub *hub;
	struct etcd_watch_spec spec;	/* key and range_end are ours */
	int64_t next_revision;		/* 0: from now */
	int64_t id;
	enum stage stage;
	bool accepted;			/* created was told */
	bool live;			/* what `state` was told last */
	bool logged_in_again;
	uint64_t stamp;
	const struct etcd_watch_handler *handler;
	void *context;
};

/* The watches of one channel, on one stream. */
struct watch_hub {
	struct etcd_channel *channel;
	struct etcd_watch *first, *last;
	struct etcd_watch **asked;	/* creations without an answer, oldest first; NULL: cancelled */
	size_t asked_len, asked_cap;
	struct channel_waiter waiter;
	struct link *link;		/* valid while stream is */
	struct grpc_stream *stream;
	struct loop_timer *retry;
	char *token;
	struct err why;			/* told last */
	int failures;
	uint64_t stamp;
	int busy;
	bool dead;
};

static void
hub_destroy(struct watch_hub *hub)
{
	free(hub->asked);
	free(hub->token);
	free(hub);
}

static void
enter(struct watch_hub *hub)
{
	hub->busy++;
}

static void
leave(struct watch_hub *hub)
{
	if (--hub->busy == 0 && hub->dead)
		hub_destroy(hub);
}

static void
watch_free(struct etcd_watch *watch)
{
	struct watch_hub *hub = watch->hub;

	if (watch->prev)
		watch->prev->next = watch->next;
	else
		hub->first = watch->next;
	if (watch->next)
		watch->next->prev = watch->prev;
	else
		hub->last = watch->prev;
	for (size_t i = 0; i < hub->asked_len; i++)
		if (hub->asked[i] == watch)
			hub->asked[i] = NULL;
	free((void *)(uintptr_t)watch->spec.key);
	free((void *)(uintptr_t)watch->spec.range_end);
	free(watch);
}

static void
drop_stream(struct watch_hub *hub)
{
	if (hub->stream)
		grpc_cancel(hub->stream);
	hub->stream = NULL;
	hub->asked_len = 0;
	for (struct etcd_watch *watch = hub->first; watch; watch = watch->next)
		watch->stage = TO_CREATE;
}

void
watch_hub_free(struct watch_hub *hub)
{
	if (!hub)
		return;
	drop_stream(hub);
	channel_unwait(hub->channel, &hub->waiter);
	loop_timer_cancel(hub->retry);
	hub->retry = NULL;
	while (hub->first)
		watch_free(hub->first);
	hub->dead = true;
	if (!hub->busy)
		hub_destroy(hub);
}

/* ---- what the user is told. Each may cancel watches or free the channel. */

static void
end_watch(struct etcd_watch *watch, const struct err *err, int64_t compact_revision)
{
	const struct etcd_watch_handler *handler = watch->handler;
	void *context = watch->context;

	watch_free(watch);
	if (err && handler->error)
		handler->error(context, err);
	else if (!err && handler->compacted)
		handler->compacted(context, compact_revision);
}

/* Walks the watches although callbacks may remove any: each is told once by its stamp. */
static struct etcd_watch *
next_untold(struct watch_hub *hub)
{
	if (hub->dead)
		return NULL;
	for (struct etcd_watch *watch = hub->first; watch; watch = watch->next)
		if (watch->stamp != hub->stamp) {
			watch->stamp = hub->stamp;
			return watch;
		}
	return NULL;
}

static void
tell_reconnecting(struct watch_hub *hub, const struct err *why)
{
	struct etcd_watch *watch;
	struct err copy = *why;
	bool same = strcmp(hub->why.text, copy.text) == 0;

	hub->why = copy;
	hub->stamp++;
	enter(hub);
	while ((watch = next_untold(hub))) {
		if (same && !watch->live)
			continue;
		watch->live = false;
		if (watch->handler->state)
			watch->handler->state(watch->context, ETCD_WATCH_RECONNECTING, &copy);
	}
	leave(hub);
}

static void
end_all(struct watch_hub *hub, const struct err *err)
{
	struct err copy = *err;

	enter(hub);
	while (!hub->dead && hub->first)
		end_watch(hub->first, &copy, 0);
	leave(hub);
}

static bool
is_here(const struct watch_hub *hub, const struct etcd_watch *wanted)
{
	if (hub->dead)
		return false;
	for (const struct etcd_watch *watch = hub->first; watch; watch = watch->next)
		if (watch == wanted)
			return true;
	return false;
}

/* ---- requests */

static void
send_request(struct watch_hub *hub, const Etcd__WatchRequest *request)
{
	size_t len = etcd__watch_request__get_packed_size(request);
	uint8_t *bytes = xmalloc(len + 1);

	etcd__watch_request__pack(request, bytes);
	grpc_send(hub->stream, bytes, len);
	free(bytes);
}

static ProtobufCBinaryData
bytes_of(const void *data, size_t len)
{
	return (ProtobufCBinaryData){ .data = (uint8_t *)(uintptr_t)data, .len = len };
}

static void
send_create(struct watch_hub *hub, struct etcd_watch *watch)
{
	Etcd__WatchRequest request = ETCD__WATCH_REQUEST__INIT;
	Etcd__WatchCreateRequest create = ETCD__WATCH_CREATE_REQUEST__INIT;
	Etcd__WatchCreateRequest__Filter filters[2];

	create.key = bytes_of(watch->spec.key, watch->spec.key_len);
	create.range_end = bytes_of(watch->spec.range_end, watch->spec.range_end_len);
	create.start_revision = watch->next_revision;
	create.prev_kv = watch->spec.prev_kv;
	create.progress_notify = watch->spec.progress_notify;
	create.filters = filters;
	if (watch->spec.no_put)
		filters[create.n_filters++] = ETCD__WATCH_CREATE_REQUEST__FILTER__NOPUT;
	if (watch->spec.no_delete)
		filters[create.n_filters++] = ETCD__WATCH_CREATE_REQUEST__FILTER__NODELETE;
	request.request_case = ETCD__WATCH_REQUEST__REQUEST_CREATE_REQUEST;
	request.create_request = &create;
	send_request(hub, &request);
	GROW(hub->asked, hub->asked_len, hub->asked_cap);
	hub->asked[hub->asked_len++] = watch;
	watch->stage = CREATING;
}

static void
send_cancel(struct watch_hub *hub, int64_t id)
{
	Etcd__WatchRequest request = ETCD__WATCH_REQUEST__INIT;
	Etcd__WatchCancelRequest cancel = ETCD__WATCH_CANCEL_REQUEST__INIT;

	cancel.watch_id = id;
	request.request_case = ETCD__WATCH_REQUEST__REQUEST_CANCEL_REQUEST;
	request.cancel_request = &cancel;
	send_request(hub, &request);
}

/* ---- reconnecting */

static void
try_again(void *context)
{
	struct watch_hub *hub = context;

	hub->retry = NULL;
	if (hub->first)
		channel_wait(hub->channel, &hub->waiter);
}

static void
again(struct watch_hub *hub)
{
	int64_t ms = RETRY_MS;

	for (int i = 0; i < hub->failures && ms < RETRY_MAX_MS; i++)
		ms *= 2;
	hub->failures++;
	if (!hub->retry && hub->first)
		hub->retry = loop_timer_add(etcd_channel_loop(hub->channel), ms, try_again, hub);
}

static void
log_in_again(struct watch_hub *hub)
{
	channel_drop_token(hub->channel, hub->token);
	drop_stream(hub);
	again(hub);
}

static bool
is_final(const struct grpc_status *status)
{
	return status->told && (status->code == GRPC_DENIED || status->code == GRPC_UNAUTHENTICATED ||
	    status->code == GRPC_UNIMPLEMENTED || status->code == GRPC_INVALID);
}

static void
on_closed(void *context, const struct grpc_status *status)
{
	struct watch_hub *hub = context;
	struct err why = *link_why(hub->link);

	hub->stream = NULL;
	drop_stream(hub);
	if (status->told || !why.code)
		call_explain(&why, status->code, status->message);
	if (status->told && channel_config(hub->channel)->user && call_wants_login(status->message)) {
		log_in_again(hub);
		return;
	}
	if (is_final(status)) {
		end_all(hub, &why);
		return;
	}
	if (status->told)
		channel_move(hub->channel, hub->link);
	again(hub);
	tell_reconnecting(hub, &why);
}

void
watch_hub_leaving(struct watch_hub *hub, const struct link *link)
{
	struct err why;

	if (!hub->stream || hub->link != link)
		return;
	drop_stream(hub);
	err_set(&why, ERR_CONNECT, "the member that was watched is shutting down");
	err_cure(&why, "Wait: the watch goes on at the next member.");
	channel_wait(hub->channel, &hub->waiter);
	tell_reconnecting(hub, &why);
}

/* ---- answers */

static const char *
plain_reason(const char *reason)
{
	const char *mark = strstr(reason, "desc = ");

	return mark ? mark + strlen("desc = ") : reason;
}

static void
on_cancelled(struct watch_hub *hub, struct etcd_watch *watch, const Etcd__WatchResponse *response)
{
	const char *reason = plain_reason(response->cancel_reason);
	bool denied = strstr(reason, "permission denied") != NULL;
	struct err err;

	if (response->compact_revision > 0) {
		end_watch(watch, NULL, response->compact_revision);
		return;
	}
	/* Old members say "permission denied" of a token they no longer know. */
	if (channel_config(hub->channel)->user && (call_wants_login(reason) ||
	    (denied && watch->accepted && !watch->logged_in_again))) {
		watch->logged_in_again = true;
		log_in_again(hub);
		return;
	}
	call_explain(&err, denied ? GRPC_DENIED : GRPC_CANCELLED,
	    *reason ? reason : "etcdserver: watch canceled");
	if (!denied)
		err.code = ERR_SERVER;
	end_watch(watch, &err, 0);
}

static void
on_created(struct watch_hub *hub, const Etcd__WatchResponse *response)
{
	struct etcd_watch *watch;

	if (!hub->asked_len)
		return;
	watch = hub->asked[0];
	memmove(hub->asked, hub->asked + 1, --hub->asked_len * sizeof *hub->asked);
	if (!watch) {
		if (!response->canceled)
			send_cancel(hub, response->watch_id);
		return;
	}
	if (response->canceled) {
		on_cancelled(hub, watch, response);
		return;
	}
	watch->stage = CREATED;
	watch->id = response->watch_id;
	hub->failures = 0;
	err_clear(&hub->why);
	if (!watch->next_revision && response->header)
		watch->next_revision = response->header->revision + 1;
	watch->live = true;
	if (!watch->accepted) {
		watch->accepted = true;
		if (watch->handler->created)
			watch->handler->created(watch->context, response->header ? response->header->revision : 0);
	}
	if (is_here(hub, watch) && watch->handler->state)
		watch->handler->state(watch->context, ETCD_WATCH_LIVE, NULL);
}

/* A resumed watch may be given revisions again that were seen: they are left out. */
static void
on_events(struct etcd_watch *watch, const Etcd__WatchResponse *response)
{
	size_t seen = 0;

	while (seen < response->n_events && response->events[seen]->kv &&
	    response->events[seen]->kv->mod_revision < watch->next_revision)
		seen++;
	if (seen == response->n_events)
		return;
	for (size_t i = seen; i < response->n_events; i++)
		if (!response->events[i]->kv)
			return;
	watch->next_revision = response->events[response->n_events - 1]->kv->mod_revision + 1;
	watch->handler->events(watch->context, response->events + seen, response->n_events - seen,
	    response->header);
}

/* An answer to a request for progress is of all watches of the stream. */
static void
tell_progress(struct watch_hub *hub, const Etcd__WatchResponse *response)
{
	struct etcd_watch *watch = response->header ? hub->first : NULL, *next;

	for (; watch; watch = next) {
		next = watch->next;
		if (watch->stage == CREATED && watch->handler->progress)
			watch->handler->progress(watch->context, response->header->revision);
	}
}

static void
on_response(struct watch_hub *hub, const Etcd__WatchResponse *response)
{
	struct etcd_watch *watch;

	if (response->created) {
		on_created(hub, response);
		return;
	}
	for (watch = hub->first; watch; watch = watch->next)
		if (watch->stage == CREATED && watch->id == response->watch_id)
			break;
	if (!watch && response->watch_id == NO_WATCH && !response->n_events)
		tell_progress(hub, response);
	if (!watch)
		return;
	if (response->canceled)
		on_cancelled(hub, watch, response);
	else if (response->n_events)
		on_events(watch, response);
	else if (watch->handler->progress && response->header)
		watch->handler->progress(watch->context, response->header->revision);
}

static void
on_message(void *context, const uint8_t *data, size_t len)
{
	struct watch_hub *hub = context;
	Etcd__WatchResponse *response = etcd__watch_response__unpack(NULL, len, data);

	if (!response) {
		drop_stream(hub);
		again(hub);
		return;
	}
	enter(hub);
	on_response(hub, response);
	leave(hub);
	etcd__watch_response__free_unpacked(response, NULL);
}

static void
on_link(void *context, struct link *link)
{
	static const struct grpc_handler handler = { on_message, on_closed };
	struct watch_hub *hub = context;
	const char *token = channel_token(hub->channel);
	struct grpc_target target = { .path = method_watch.path, .token = token, .has_leader = true,
		.max_recv = channel_config(hub->channel)->max_recv };

	free(hub->token);
	hub->token = token ? xstrdup(token) : NULL;
	hub->stream = link_open(link, &target, &handler, hub);
	hub->link = link;
	if (!hub->stream) {
		channel_wait(hub->channel, &hub->waiter);
		return;
	}
	for (struct etcd_watch *watch = hub->first; watch; watch = watch->next)
		send_create(hub, watch);
}

static void
on_no_link(void *context, const struct err *err)
{
	tell_reconnecting(context, err);
}

/* ---- starting and ending */

static struct watch_hub *
hub_of(struct etcd_channel *channel)
{
	struct watch_hub **at = channel_hub(channel);

	if (*at)
		return *at;
	*at = xcalloc(1, sizeof **at);
	(*at)->channel = channel;
	(*at)->waiter = (struct channel_waiter){ .patient = true, .ready = on_link,
		.failed = on_no_link, .context = *at };
	return *at;
}

struct etcd_watch *
etcd_watch_start(struct etcd_channel *channel, const struct etcd_watch_spec *spec,
    const struct etcd_watch_handler *handler, void *context)
{
	struct watch_hub *hub = hub_of(channel);
	struct etcd_watch *watch = xcalloc(1, sizeof *watch);

	watch->hub = hub;
	watch->spec = *spec;
	watch->spec.key = xmemdup(spec->key, spec->key_len ? spec->key_len : 1);
	watch->spec.range_end = spec->range_end_len ? xmemdup(spec->range_end, spec->range_end_len) : NULL;
	watch->next_revision = spec->start_revision;
	watch->handler = handler;
	watch->context = context;
	watch->stamp = hub->stamp;
	watch->prev = hub->last;
	if (hub->last)
		hub->last->next = watch;
	else
		hub->first = watch;
	hub->last = watch;
	if (hub->stream)
		send_create(hub, watch);
	else if (!hub->retry)
		channel_wait(channel, &hub->waiter);
	return watch;
}

void
etcd_watch_request_progress(struct etcd_channel *channel)
{
	Etcd__WatchRequest request = ETCD__WATCH_REQUEST__INIT;
	Etcd__WatchProgressRequest progress = ETCD__WATCH_PROGRESS_REQUEST__INIT;
	struct watch_hub *hub = hub_of(channel);

	request.request_case = ETCD__WATCH_REQUEST__REQUEST_PROGRESS_REQUEST;
	request.progress_request = &progress;
	if (hub->stream)
		send_request(hub, &request);
}

void
etcd_watch_cancel(struct etcd_watch *watch)
{
	struct watch_hub *hub;

	if (!watch)
		return;
	hub = watch->hub;
	if (watch->stage == CREATED && hub->stream)
		send_cancel(hub, watch->id);
	watch_free(watch);
	if (hub->first)
		return;
	drop_stream(hub);
	channel_unwait(hub->channel, &hub->waiter);
	loop_timer_cancel(hub->retry);
	hub->retry = NULL;
}

int64_t
etcd_watch_next_revision(const struct etcd_watch *watch)
{
	return watch->next_revision;
}
