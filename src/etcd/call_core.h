/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ETCD_CALL_CORE_H
#define ETCD_CALL_CORE_H

#include "etcd/call.h"

/* What the typed calls of call.h are made of. */

struct call_method {
	const char *path;
	const ProtobufCMessageDescriptor *response;
	bool stream;		/* many messages, no deadline by itself */
	bool retry_read;
};

/* How a handler of a type of its own is called. */
struct call_delivery {
	/* The message of a unary call, at its end. */
	void (*message)(const void *handler, void *context, ProtobufCMessage *message);
	/* A stream's messages as they come, not unpacked. */
	void (*bytes)(const void *handler, void *context, const uint8_t *data, size_t len);
	void (*done)(const void *handler, void *context);
	void (*error)(const void *handler, void *context, const struct err *err);
	bool keeps;		/* `message` takes the message over */
};

struct call_spec {
	const struct call_method *method;
	const struct call_delivery *delivery;
	const void *handler;	/* must live as long as the call */
	void *context;
	const struct etcd_call_options *options;	/* or NULL */
	bool anonymous;		/* without the auth token */
};

struct etcd_call *call_start(struct etcd_channel *channel, const ProtobufCMessage *request,
    const struct call_spec *spec);
/* Streams: no more messages; at most one window (1 MiB) is held meanwhile. */
void call_pause(struct etcd_call *call);
void call_resume(struct etcd_call *call);
/* The blocking form; the message is the caller's. */
int call_run(struct etcd_channel *channel, const ProtobufCMessage *request,
    const struct call_spec *spec, ProtobufCMessage **response, struct err *err);

/* Fills err as call.h says of a status that a server told. */
int call_explain(struct err *err, int grpc_code, const char *message);
/* The token was refused, by etcd's own words: a new one may do. */
bool call_wants_login(const char *message);

#define METHOD(name, Request, request, Response, response, path, kind, retry) \
	extern const struct call_method method_##name;
#include "etcd/methods.def"
#undef METHOD

#endif
