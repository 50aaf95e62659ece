/* SPDX-License-Identifier: Apache-2.0 */
#include "etcd/call.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "etcd/call_core.h"
#include "etcd/waiter.h"

enum {
	TRIES_MAX = 100,
	LOGINS_MAX = 3,
	RETRY_MS = 25,
	LOCAL_GRACE_MS = 100,	/* the server's own deadline, with its words, comes first */
};

struct etcd_call {
	struct etcd_call *prev, *next;
	struct etcd_channel *channel;
	const struct call_method *method;
	const struct call_delivery *delivery;
	const void *handler;
	void *context;
	uint8_t *request;
	size_t request_len;
	struct channel_waiter waiter;
	struct link *link;		/* valid while stream is */
	struct grpc_stream *stream;
	char *token;			/* as sent */
	struct loop_timer *deadline, *retry;
	int64_t deadline_at;		/* 0: none */
	int64_t allowed_ms;
	ProtobufCMessage *response;
	struct err bad;			/* an answer that could not be read */
	int tries, logins;
	bool reads;			/* may be repeated */
	bool anonymous, sent, got_part, paused;
};

int
etcd_error_code(const struct err *err)
{
	return err->peer_code;
}

/* "Range" of "/etcdserverpb.KV/Range". */
static const char *
call_name(const struct call_method *method)
{
	return strrchr(method->path, '/') + 1;
}

static enum err_code
code_of(int grpc_code)
{
	switch (grpc_code) {
	case GRPC_CANCELLED:
		return ERR_CANCELLED;
	case GRPC_DEADLINE:
		return ERR_TIMEOUT;
	case GRPC_DENIED:
	case GRPC_UNAUTHENTICATED:
		return ERR_DENIED;
	case GRPC_UNIMPLEMENTED:
		return ERR_UNSUPPORTED;
	case GRPC_UNAVAILABLE:
		return ERR_CONNECT;
	default:
		return ERR_SERVER;
	}
}

static const char *
cure_of(const char *message)
{
	static const struct {
		const char *text, *cure;
	} cures[] = {
		{ "permission denied", "Ask an administrator for a role on these keys, or log in with --user." },
		{ "authentication failed", "Correct --user or the password; in the console :login asks again." },
		{ "user name is empty", "Log in with --user NAME, or give a client certificate with a CN." },
		{ "context deadline exceeded", "See whether enough members are up: vetch endpoint status" },
		{ "request timed out", "See whether enough members are up: vetch endpoint status" },
		{ "no leader", "Start enough members that more than half of them are up." },
		{ "database space exceeded", "Compact, defragment each member, then disarm the alarm." },
		{ "required revision has been compacted", "Ask for a newer revision, or for none." },
		{ "unknown method", "Ask a newer member: this one does not know the call." },
		{ "no etcd client port", "Correct the port in --endpoints: etcd's clients go to 2379." },
		{ "unknown service", "See that this is etcd's client port." },
	};

	for (size_t i = 0; i < ARRAY_LEN(cures); i++)
		if (strstr(message, cures[i].text))
			return cures[i].cure;
	return NULL;
}

int
call_explain(struct err *err, int grpc_code, const char *message)
{
	const char *cure = cure_of(message);

	err_set(err, code_of(grpc_code), "%s", *message ? message : "the server gave no reason");
	if (err)
		err->peer_code = grpc_code;
	return cure ? err_cure(err, "%s", cure) : -1;
}

bool
call_wants_login(const char *message)
{
	return strstr(message, "invalid auth token") || strstr(message, "revision of auth store is old") ||
	    strstr(message, "user name is empty");
}

static void
free_token(struct etcd_call *call)
{
	if (call->token)
		explicit_bzero(call->token, strlen(call->token));
	free(call->token);
	call->token = NULL;
}

static void
call_free(struct etcd_call *call)
{
	if (call->stream)
		grpc_cancel(call->stream);
	loop_timer_cancel(call->deadline);
	loop_timer_cancel(call->retry);
	if (call->response)
		protobuf_c_message_free_unpacked(call->response, NULL);
	explicit_bzero(call->request, call->request_len);
	free_token(call);
	free(call->request);
	free(call);
}

static void
detach(struct etcd_call *call)
{
	channel_unwait(call->channel, &call->waiter);
	if (call->prev)
		call->prev->next = call->next;
	else
		*channel_calls(call->channel) = call->next;
	if (call->next)
		call->next->prev = call->prev;
}

void
etcd_call_cancel(struct etcd_call *call)
{
	if (!call)
		return;
	detach(call);
	call_free(call);
}

void
call_drop_all(struct etcd_channel *channel)
{
	struct etcd_call *call;

	while ((call = *channel_calls(channel)))
		etcd_call_cancel(call);
}

/* The last thing done with a call: the user may free the channel from here. */
static void
end_well(struct etcd_call *call)
{
	const struct call_delivery *delivery = call->delivery;
	const void *handler = call->handler;
	void *context = call->context;
	ProtobufCMessage *response = call->response;
	bool stream = call->method->stream;

	call->response = NULL;
	detach(call);
	call_free(call);
	if (stream)
		delivery->done(handler, context);
	else
		delivery->message(handler, context, response);
	if (response && !delivery->keeps)
		protobuf_c_message_free_unpacked(response, NULL);
}

static void
end_badly(struct etcd_call *call, const struct err *err)
{
	const struct call_delivery *delivery = call->delivery;
	const void *handler = call->handler;
	void *context = call->context;
	struct err copy = *err;

	detach(call);
	call_free(call);
	delivery->error(handler, context, &copy);
}

/* etcd always sends a header where there is a field for it; a reader need not ask whether a hostile
 * server did. */
static void
need_header(ProtobufCMessage *message)
{
	const ProtobufCFieldDescriptor *field =
	    protobuf_c_message_descriptor_get_field_by_name(message->descriptor, "header");
	Etcd__ResponseHeader **at;

	if (!field)
		return;
	at = (Etcd__ResponseHeader **)(void *)((char *)message + field->offset);
	if (*at)
		return;
	*at = xmalloc(sizeof **at);
	etcd__response_header__init(*at);
}

static void
on_message(void *context, const uint8_t *data, size_t len)
{
	struct etcd_call *call = context;
	const struct call_delivery *delivery = call->delivery;
	ProtobufCMessage *message;

	if (delivery->bytes) {
		call->got_part = true;
		delivery->bytes(call->handler, call->context, data, len);
		return;
	}
	message = protobuf_c_message_unpack(call->method->response, NULL, len, data);
	if (!message) {
		err_set(&call->bad, ERR_SERVER, "the answer to %s is not a message of etcd",
		    call_name(call->method));
		return;
	}
	if (call->response)
		protobuf_c_message_free_unpacked(call->response, NULL);
	need_header(message);
	call->response = message;
}

static void
try_again(void *context)
{
	struct etcd_call *call = context;

	call->retry = NULL;
	channel_wait(call->channel, &call->waiter);
}

static bool
again_in(struct etcd_call *call, int64_t ms)
{
	if (++call->tries >= TRIES_MAX)
		return false;
	if (call->deadline_at && clock_ms() + ms >= call->deadline_at)
		return false;
	call->retry = loop_timer_add(etcd_channel_loop(call->channel), ms, try_again, call);
	return true;
}

/* etcd.md's rule: a read again on code 14; anything that no server can have acted on; with a new
 * token after the old one was refused; elsewhere than on a learner. */
static bool
retried(struct etcd_call *call, const struct grpc_status *status)
{
	if (call->got_part || call->bad.code)
		return false;
	if (status->unprocessed)
		return again_in(call, RETRY_MS);
	if (!call->anonymous && channel_config(call->channel)->user && call_wants_login(status->message) &&
	    call->logins++ < LOGINS_MAX) {
		channel_drop_token(call->channel, call->token);
		return again_in(call, 0);
	}
	if (strstr(status->message, "rpc not supported for learner") &&
	    etcd_channel_endpoint_count(call->channel) > 1 &&
	    (size_t)call->tries < etcd_channel_endpoint_count(call->channel)) {
		channel_move(call->channel, call->link);
		return again_in(call, RETRY_MS);
	}
	if (!call->reads || status->code != GRPC_UNAVAILABLE)
		return false;
	if (status->told)
		channel_move(call->channel, call->link);
	return again_in(call, RETRY_MS - 2 + call->tries % 5);
}

static bool
outcome_unknown(const struct etcd_call *call, const struct grpc_status *status)
{
	if (call->reads || !call->sent || status->unprocessed)
		return false;
	return !status->told || status->code == GRPC_DEADLINE ||
	    strstr(status->message, "request timed out");
}

static void
explain(struct etcd_call *call, const struct grpc_status *status, const struct err *link_trouble,
    struct err *err)
{
	if (call->bad.code) {
		*err = call->bad;
	} else if (status->told || !link_trouble->code) {
		call_explain(err, status->code, status->message);
	} else {
		*err = *link_trouble;
		err->peer_code = GRPC_UNAVAILABLE;
	}
	if (outcome_unknown(call, status)) {
		err->code = ERR_UNKNOWN;
		if (!status->told)
			err_prefix(err, "%s was sent and may have been applied", call_name(call->method));
		err_cure(err, "Read back what it should have changed before you repeat it.");
	}
}

static void
on_closed(void *context, const struct grpc_status *status)
{
	struct etcd_call *call = context;
	struct err trouble = *link_why(call->link), err;

	call->stream = NULL;
	if (status->code == GRPC_OK && !call->bad.code && (call->response || call->method->stream)) {
		end_well(call);
		return;
	}
	if (status->code == GRPC_OK && !call->bad.code)
		err_set(&call->bad, ERR_SERVER, "%s ended without an answer", call_name(call->method));
	if (retried(call, status))
		return;
	explain(call, status, &trouble, &err);
	end_badly(call, &err);
}

static void
on_link(void *context, struct link *link)
{
	static const struct grpc_handler handler = { on_message, on_closed };
	struct etcd_call *call = context;
	const char *token = call->anonymous ? NULL : channel_token(call->channel);
	struct grpc_target target = { .path = call->method->path, .token = token,
		.max_recv = channel_config(call->channel)->max_recv };

	free_token(call);
	call->token = token ? xstrdup(token) : NULL;
	if (call->deadline_at) {
		target.timeout_ms = call->deadline_at - clock_ms();
		if (target.timeout_ms < 1)
			target.timeout_ms = 1;
	}
	call->stream = link_open(link, &target, &handler, call);
	if (!call->stream) {
		channel_wait(call->channel, &call->waiter);
		return;
	}
	call->link = link;
	call->sent = true;
	grpc_send(call->stream, call->request, call->request_len);
	grpc_finish(call->stream);
	if (call->paused)
		grpc_pause(call->stream, true);
}

static void
on_no_link(void *context, const struct err *err)
{
	struct etcd_call *call = context;
	struct err copy = *err;

	if (!copy.peer_code)
		copy.peer_code = GRPC_UNAVAILABLE;
	end_badly(call, &copy);
}

static void
on_deadline(void *context)
{
	struct etcd_call *call = context;
	const struct err *trouble = channel_trouble(call->channel);
	struct err err;

	call->deadline = NULL;
	if (trouble && !call->stream)
		err = *trouble;
	else
		err_set(&err, ERR_TIMEOUT, "%s gave no answer to %s within %.3g s",
		    etcd_channel_serving(call->channel)->url, call_name(call->method),
		    (double)call->allowed_ms / 1000);
	err_cure(&err, "See whether the members are up and have a leader: vetch endpoint status");
	if (call->sent && !call->reads) {
		err.code = ERR_UNKNOWN;
		err_cure(&err, "Read back what it should have changed before you repeat it.");
	}
	err.peer_code = GRPC_DEADLINE;
	end_badly(call, &err);
}

static void
set_deadline(struct etcd_call *call, const struct etcd_call_options *options)
{
	int64_t ms = options ? options->deadline_ms : 0;

	if (!ms)
		ms = call->method->stream ? -1 : channel_config(call->channel)->call_ms;
	if (ms < 0)
		return;
	call->allowed_ms = ms;
	call->deadline_at = clock_ms() + ms;
	call->deadline = loop_timer_add(etcd_channel_loop(call->channel), ms + LOCAL_GRACE_MS,
	    on_deadline, call);
}

struct etcd_call *
call_start(struct etcd_channel *channel, const ProtobufCMessage *request,
    const struct call_spec *spec)
{
	struct etcd_call *call = xcalloc(1, sizeof *call), **first = channel_calls(channel);

	call->channel = channel;
	call->method = spec->method;
	call->delivery = spec->delivery;
	call->handler = spec->handler;
	call->context = spec->context;
	call->anonymous = spec->anonymous;
	call->reads = spec->method->retry_read || (spec->options && spec->options->only_reads);
	call->request_len = protobuf_c_message_get_packed_size(request);
	call->request = xmalloc(call->request_len + 1);
	protobuf_c_message_pack(request, call->request);
	call->waiter = (struct channel_waiter){ .anonymous = spec->anonymous, .ready = on_link,
		.failed = on_no_link, .context = call };
	call->next = *first;
	if (*first)
		(*first)->prev = call;
	*first = call;
	set_deadline(call, spec->options);
	channel_wait(channel, &call->waiter);
	return call;
}

void
call_pause(struct etcd_call *call)
{
	call->paused = true;
	if (call->stream)
		grpc_pause(call->stream, true);
}

void
call_resume(struct etcd_call *call)
{
	call->paused = false;
	if (call->stream) {
		grpc_pause(call->stream, false);
		loop_hurry(etcd_channel_loop(call->channel));
	}
}

struct outcome {
	bool done;
	int rc;
	ProtobufCMessage *response;
	struct err *err;
};

static void
keep_message(const void *handler, void *context, ProtobufCMessage *message)
{
	struct outcome *outcome = context;

	(void)handler;
	outcome->response = message;
	outcome->done = true;
}

static void
keep_error(const void *handler, void *context, const struct err *err)
{
	struct outcome *outcome = context;

	(void)handler;
	if (outcome->err)
		*outcome->err = *err;
	outcome->rc = -1;
	outcome->done = true;
}

int
call_run(struct etcd_channel *channel, const ProtobufCMessage *request,
    const struct call_spec *spec, ProtobufCMessage **response, struct err *err)
{
	static const struct call_delivery delivery = { .message = keep_message, .error = keep_error,
		.keeps = true };
	struct outcome outcome = { .err = err };
	struct call_spec mine = *spec;
	struct etcd_call *call;

	mine.delivery = &delivery;
	mine.context = &outcome;
	call = call_start(channel, request, &mine);
	if (loop_run_until(etcd_channel_loop(channel), &outcome.done, err) < 0) {
		etcd_call_cancel(call);
		return -1;
	}
	*response = outcome.response;
	return outcome.rc;
}
