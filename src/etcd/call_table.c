/* SPDX-License-Identifier: Apache-2.0
 * What methods.def makes: for every call its description, its delivery to a handler of its own
 * type, and the functions that call.h declares. */
#include "etcd/call_core.h"
#include "etcd/waiter.h"

#define STREAM_UNARY false
#define STREAM_STREAM true
#define STREAM_BIDI true
#define RETRY_READ true
#define RETRY_NONE false

#define METHOD(name_, Request, request_, Response, response_, path_, kind, retry) \
	const struct call_method method_##name_ = { \
		.path = path_, .response = &etcd__##response_##__descriptor, \
		.stream = STREAM_##kind, .retry_read = retry, \
	};
#include "etcd/methods.def"
#undef METHOD

#define DEFINE_ERROR(name) \
	static void \
	name##_error(const void *handler, void *context, const struct err *err) \
	{ \
		((const struct etcd_##name##_handler *)handler)->error(context, err); \
	}

#define DEFINE_UNARY(name, Request, Response) \
	static void \
	name##_done(const void *handler, void *context, ProtobufCMessage *message) \
	{ \
		((const struct etcd_##name##_handler *)handler)->done(context, \
		    (const Etcd__##Response *)message); \
	} \
	DEFINE_ERROR(name) \
	struct etcd_call * \
	etcd_##name##_start_with(struct etcd_channel *channel, const Etcd__##Request *request, \
	    const struct etcd_call_options *options, const struct etcd_##name##_handler *handler, \
	    void *context) \
	{ \
		static const struct call_delivery delivery = { .message = name##_done, \
			.error = name##_error }; \
		const struct call_spec spec = { .method = &method_##name, .delivery = &delivery, \
			.handler = handler, .context = context, .options = options }; \
		return call_start(channel, &request->base, &spec); \
	} \
	struct etcd_call * \
	etcd_##name##_start(struct etcd_channel *channel, const Etcd__##Request *request, \
	    const struct etcd_##name##_handler *handler, void *context) \
	{ \
		return etcd_##name##_start_with(channel, request, NULL, handler, context); \
	} \
	int \
	etcd_##name##_with(struct etcd_channel *channel, const Etcd__##Request *request, \
	    const struct etcd_call_options *options, Etcd__##Response **response, struct err *err) \
	{ \
		const struct call_spec spec = { .method = &method_##name, .options = options }; \
		ProtobufCMessage *message = NULL; \
		int rc = call_run(channel, &request->base, &spec, &message, err); \
		*response = (Etcd__##Response *)message; \
		return rc; \
	} \
	int \
	etcd_##name(struct etcd_channel *channel, const Etcd__##Request *request, \
	    Etcd__##Response **response, struct err *err) \
	{ \
		return etcd_##name##_with(channel, request, NULL, response, err); \
	}

#define DEFINE_STREAM(name, Request, Response)
#define DEFINE_BIDI(name, Request, Response)

#define METHOD(name, Request, request, Response, response, path, kind, retry) \
	DEFINE_##kind(name, Request, Response)
#include "etcd/methods.def"
#undef METHOD

struct etcd_call *
call_authenticate(struct etcd_channel *channel, const struct etcd_authenticate_handler *handler,
    void *context)
{
	static const struct call_delivery delivery = { .message = authenticate_done,
		.error = authenticate_error };
	const struct call_spec spec = { .method = &method_authenticate, .delivery = &delivery,
		.handler = handler, .context = context, .anonymous = true };
	const struct etcd_config *config = channel_config(channel);
	Etcd__AuthenticateRequest request = ETCD__AUTHENTICATE_REQUEST__INIT;

	request.name = config->user;
	request.password = config->password ? config->password : request.password;
	return call_start(channel, &request.base, &spec);
}
