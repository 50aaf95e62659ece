/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_S3_CLIENT_H
#define STORE_S3_CLIENT_H

#include "base/http.h"
#include "store/aws_config.h"
#include "store/sigv4.h"
#include "store/store.h"

/* S3 calls on one bucket: signed, repeated and sent to the right region. (Amazon S3 API Reference,
 * "Error Responses", "REST Authentication".) */

struct s3 {
	struct loop *loop;
	struct aws_config aws;
	char *scheme, *authority, *base;	/* base: path of the endpoint, "" or "/x" */
	char *bucket, *prefix;			/* prefix: "" or ends in "/" */
	bool aws_itself;			/* the host name follows the region */
	bool by_host;				/* bucket.host instead of host/bucket */
	bool unconditional;			/* the server refused If-None-Match: left out now */
	bool unchecked;				/* it refused x-amz-checksum-…: left out now */
};

enum { S3_PAIRS = 6 };

struct s3_call_spec {
	const char *method;
	const char *name;			/* object below the prefix; NULL: the bucket */
	struct sigv4_pair query[S3_PAIRS], headers[S3_PAIRS]; /* ended by a NULL name; copied */
	const void *body;			/* borrowed until the end */
	size_t body_len;
	size_t answer_max;
	bool may_fail_in_200;			/* look for <Error> in the body of a 200 */
	bool once;				/* no second try, and 2 s without a byte are enough */
};

struct s3_call;

/* As struct http_handler. `done` is a 2xx answer. After a `part` nothing is repeated. */
struct s3_handler {
	void (*part)(void *context, const void *data, size_t len);
	void (*done)(void *context, const struct http_answer *answer);
	void (*error)(void *context, const struct err *err);
};

struct s3 *s3_new(struct loop *loop, const struct store_spec *spec, struct err *err);
void s3_free(struct s3 *s3);

/* Repeats 429, 5xx, RequestTimeout, broken and stalled connections and an <Error> in a 200: up to
 * 6 tries, none begun later than 85 s after the first; so it ends within 120 s. Goes once to the
 * region that the server names. */
struct s3_call *s3_start(struct s3 *s3, const struct s3_call_spec *spec,
    const struct s3_handler *handler, void *context);
void s3_cancel(struct s3_call *call);

/* The blocking form; the caller releases the answer. */
int s3_do(struct s3 *s3, const struct s3_call_spec *spec, struct http_answer *answer,
    struct err *err);

#endif
