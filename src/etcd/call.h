/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ETCD_CALL_H
#define ETCD_CALL_H

#include "etcd/channel.h"
#include "etcd/rpc.pb-c.h"

/* Calls of etcd by name, from methods.def. For a unary call `range`:
 *
 *   struct etcd_range_handler { void (*done)(void *context, const Etcd__RangeResponse *);
 *                               void (*error)(void *context, const struct err *); };
 *   struct etcd_call *etcd_range_start(channel, &request, &handler, context);
 *   struct etcd_call *etcd_range_start_with(channel, &request, &options, &handler, context);
 *   int etcd_range(channel, &request, &response, err);              the blocking form for verbs
 *   int etcd_range_with(channel, &request, &options, &response, err);
 *
 * The request is packed before _start returns and may be freed. Then comes exactly one of done or
 * error, never from inside _start; after etcd_call_cancel none. The response passed to done lives
 * until done returns; the blocking form's is the caller's (etcd__range_response__free_unpacked).
 * Its header is never NULL.
 *
 * Errors: a failure that etcd reports has etcd's own words as text ("etcdserver: permission
 * denied") and etcd_error_code() its gRPC code; codes 7 and 16 are ERR_DENIED, 12
 * ERR_UNSUPPORTED, 4 ERR_TIMEOUT, 14 ERR_CONNECT, others ERR_SERVER. A channel that cannot reach
 * any endpoint gives ERR_CONNECT, ERR_TLS or ERR_TIMEOUT naming endpoint, cause and cure. A write
 * that was sent and whose answer never came is ERR_UNKNOWN: it may have been applied. */

struct etcd_call;

struct etcd_call_options {
	int64_t deadline_ms;	/* 0: the channel's call_ms; -1: none (the default of streams) */
	bool only_reads;	/* a Txn that changes nothing: repeated as Range is */
};

/* NULL is allowed. */
void etcd_call_cancel(struct etcd_call *call);
/* gRPC's status code of an error from a call: 0 where the error has none. */
int etcd_error_code(const struct err *err);

#define ETCD_DECLARE_UNARY(name, Request, Response) \
	struct etcd_##name##_handler { \
		void (*done)(void *context, const Etcd__##Response *response); \
		void (*error)(void *context, const struct err *err); \
	}; \
	struct etcd_call *etcd_##name##_start(struct etcd_channel *channel, \
	    const Etcd__##Request *request, const struct etcd_##name##_handler *handler, \
	    void *context); \
	struct etcd_call *etcd_##name##_start_with(struct etcd_channel *channel, \
	    const Etcd__##Request *request, const struct etcd_call_options *options, \
	    const struct etcd_##name##_handler *handler, void *context); \
	int etcd_##name(struct etcd_channel *channel, const Etcd__##Request *request, \
	    Etcd__##Response **response, struct err *err); \
	int etcd_##name##_with(struct etcd_channel *channel, const Etcd__##Request *request, \
	    const struct etcd_call_options *options, Etcd__##Response **response, struct err *err);

#define ETCD_DECLARE_STREAM(name, Request, Response)
#define ETCD_DECLARE_BIDI(name, Request, Response)

#define METHOD(name, Request, request, Response, response, path, kind, retry) \
	ETCD_DECLARE_##kind(name, Request, Response)
#include "etcd/methods.def"
#undef METHOD

#endif
