/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_HTTP_H
#define BASE_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/loop.h"

/* One HTTP/1.1 exchange over libcurl, driven by the loop. Redirects are answers, not followed.
 * libcurl's own callbacks only store bytes; every handler runs from the loop afterwards, never from
 * inside http_start. */

struct http;

struct http_request {
	const char *method;
	const char *url;			/* sent as it is: no path is normalised */
	const char *const *headers;		/* "Name: value", NULL-ended, or NULL; copied */
	const void *body;			/* borrowed until the end; NULL for none */
	size_t body_len;
	const char *cafile, *cert, *key;	/* PEM files; NULL: the system's CAs, no certificate */
	int64_t connect_ms;			/* TCP and TLS; 0: 5,000 */
	int64_t stall_ms;			/* without a byte either way while not paused; 0: 30,000 */
	size_t answer_max;			/* cap of the body that `done` gets; 0: 1 MiB */
};

struct http_answer {
	long status;
	struct buf headers;			/* lines "name: value\n", names in lower case */
	struct buf body;
};

struct http_handler {
	/* The body of a 2xx answer in pieces; where NULL it is collected for `done` instead. */
	void (*part)(void *context, const void *data, size_t len);
	/* Exactly one of these two, last; the exchange frees itself then. Every HTTP status is `done`.
	 * Errors: ERR_CONNECT (unknown host, refused, reset, cut short), ERR_TIMEOUT (connect or
	 * stall), ERR_TLS, ERR_TOO_BIG (the cap). */
	void (*done)(void *context, const struct http_answer *answer);
	void (*error)(void *context, const struct err *err);
};

struct http *http_start(struct loop *loop, const struct http_request *request,
    const struct http_handler *handler, void *context);
/* No handler is called any more; the exchange is freed, its connection closed. */
void http_cancel(struct http *http);
/* No `part` and no `done` between the two; at most 512 KiB are held meanwhile. */
void http_pause(struct http *http);
void http_resume(struct http *http);
/* Bytes of the request's body given to the connection so far. */
size_t http_sent(const struct http *http);

/* The status of the answer being received; 0 before it. */
long http_status(const struct http *http);

/* The value of a header (lower-case name) in `out`, "" where it is absent; returns out. */
const char *http_header(const struct http_answer *answer, const char *name, char *out, size_t size);

void http_answer_release(struct http_answer *answer);

/* The blocking form, for verbs. The caller releases the answer. */
int http_fetch(struct loop *loop, const struct http_request *request, struct http_answer *answer,
    struct err *err);

#endif
