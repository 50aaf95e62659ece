/* SPDX-License-Identifier: Apache-2.0 */
#include "store/s3_client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/mem.h"
#include "store/s3_error.h"

enum {
	TRIES = 6,
	LAST_TRY_MS = 85000,	/* + one stall of 30 s stays below the 120 s */
	BACKOFF_MS = 200,
	ONCE_STALL_MS = 2000,
	SIGNED_BODY_MAX = 64 << 10,
};

struct s3_call {
	struct s3 *s3;
	char *method, *name;
	struct sigv4_pair query[S3_PAIRS], headers[S3_PAIRS];
	size_t query_count, header_count;
	const void *body;
	size_t body_len, answer_max;
	bool may_fail_in_200, once, moved, streamed, ranged;
	struct s3_handler handler;
	void *context;
	struct http *http;
	struct loop_timer *timer;
	int tries;
	int64_t began;
};

static size_t
copy_pairs(struct sigv4_pair *to, const struct sigv4_pair *from)
{
	size_t n = 0;

	for (; n < S3_PAIRS && from[n].name; n++)
		to[n] = (struct sigv4_pair){ xstrdup(from[n].name),
			xstrdup(from[n].value ? from[n].value : "") };
	return n;
}

static void
free_pairs(struct sigv4_pair *pairs, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free((void *)(uintptr_t)pairs[i].name);
		free((void *)(uintptr_t)pairs[i].value);
	}
}

static void
call_free(struct s3_call *call)
{
	loop_timer_cancel(call->timer);
	free_pairs(call->query, call->query_count);
	free_pairs(call->headers, call->header_count);
	free(call->method);
	free(call->name);
	free(call);
}

/* "s3://bucket/prefix/name", for errors. */
static char *
call_title(const struct s3_call *call)
{
	return xasprintf("s3://%s/%s%s", call->s3->bucket, call->s3->prefix,
	    call->name ? call->name : "");
}

static char *
authority_of(const struct s3 *s3)
{
	char *host = s3->aws_itself ? xasprintf("s3.%s.amazonaws.com%s", s3->aws.region,
	    strncmp(s3->aws.region, "cn-", 3) == 0 ? ".cn" : "") : xstrdup(s3->authority);
	char *full;

	if (!s3->by_host)
		return host;
	full = xasprintf("%s.%s", s3->bucket, host);
	free(host);
	return full;
}

/* The encoded path, as it is sent and signed. */
static void
add_path(struct buf *out, const struct s3_call *call)
{
	const struct s3 *s3 = call->s3;

	buf_add_str(out, s3->base);
	buf_add_byte(out, '/');
	if (!s3->by_host) {
		sigv4_encode(out, s3->bucket, false);
		if (call->name)
			buf_add_byte(out, '/');
	}
	if (call->name) {
		sigv4_encode(out, s3->prefix, true);
		sigv4_encode(out, call->name, true);
	}
}

/* A part is hashed once, for the manifest; over TLS its way is guarded already, so it goes
 * unsigned. Over plain HTTP the hash in the signature is all that guards it. */
static void
add_payload_hash(char out[SHA256_HEX_SIZE], const struct s3_call *call)
{
	unsigned char digest[SHA256_SIZE];

	if (call->body_len > SIGNED_BODY_MAX && strcmp(call->s3->scheme, "https") == 0) {
		memcpy(out, SIGV4_UNSIGNED, sizeof SIGV4_UNSIGNED);
		return;
	}
	sha256_once(call->body ? call->body : "", call->body_len, digest);
	hex_encode(digest, sizeof digest, out);
}

static const char *const *
header_lines(const struct sigv4_request *request, const char *authorization)
{
	char **lines = xcalloc(request->header_count + 2, sizeof *lines);
	size_t n = 0;

	for (size_t i = 0; i < request->header_count; i++)
		if (strcmp(request->headers[i].name, "host") != 0)
			lines[n++] = xasprintf("%s: %s", request->headers[i].name,
			    request->headers[i].value);
	lines[n++] = xasprintf("Authorization: %s", authorization);
	return (const char *const *)lines;
}

static bool
is_condition(const char *header)
{
	return strcmp(header, "if-none-match") == 0;
}

static bool
is_checksum(const char *header)
{
	return strncmp(header, "x-amz-checksum-", 15) == 0;
}

static bool
is_left_out(const struct s3 *s3, const char *header)
{
	return (s3->unconditional && is_condition(header)) || (s3->unchecked && is_checksum(header));
}

static const char *const *
sign(const struct s3_call *call, const char *authority, const char *path)
{
	const struct s3 *s3 = call->s3;
	struct sigv4_key key = { s3->aws.access, s3->aws.secret, s3->aws.region, "s3" };
	struct sigv4_pair headers[S3_PAIRS + 4];
	char stamp[CLOCK_RFC3339_SIZE], hash[SHA256_HEX_SIZE];
	struct buf authorization = BUF_INIT(8192);
	struct sigv4_request request = { .method = call->method, .path = path, .query = call->query,
		.query_count = call->query_count, .headers = headers, .payload = hash };
	const char *const *lines;
	size_t n = 0;

	request.when = clock_wall_ms() / 1000;
	add_payload_hash(hash, call);
	headers[n++] = (struct sigv4_pair){ "host", authority };
	headers[n++] = (struct sigv4_pair){ "x-amz-content-sha256", hash };
	headers[n++] = (struct sigv4_pair){ "x-amz-date", clock_stamp(request.when, stamp) };
	if (s3->aws.token)
		headers[n++] = (struct sigv4_pair){ "x-amz-security-token", s3->aws.token };
	for (size_t i = 0; i < call->header_count; i++)
		if (!is_left_out(s3, call->headers[i].name))
			headers[n++] = call->headers[i];
	request.header_count = n;
	sigv4_authorization(&authorization, &key, &request);
	lines = header_lines(&request, buf_str(&authorization));
	buf_release(&authorization);
	return lines;
}

static void try_once(void *context);

/* Begins another try where one is left. */
static bool
try_again(struct s3_call *call, int64_t wait_ms)
{
	if (call->once || call->streamed || call->tries >= TRIES ||
	    clock_ms() - call->began + wait_ms > LAST_TRY_MS)
		return false;
	call->timer = loop_timer_add(call->s3->loop, wait_ms, try_once, call);
	return true;
}

/* Doubling, and half of it by chance, so that many clients do not come back together. */
static int64_t
backoff(const struct s3_call *call)
{
	int64_t ms = (int64_t)BACKOFF_MS << (call->tries - 1);
	unsigned char byte = 0;

	if (getrandom(&byte, 1, 0) != 1)
		byte = 128;
	return ms / 2 + ms * byte / 512;
}

static void
fail(struct s3_call *call, struct err *err)
{
	char more[64] = "";
	size_t len = strlen(err->text);

	if (call->tries > 1)
		snprintf(more, sizeof more, ", %d tries in %lld s", call->tries,
		    (long long)(clock_ms() - call->began) / 1000);
	if (len + strlen(more) < sizeof err->text)
		memcpy(err->text + len, more, strlen(more) + 1);
	call->handler.error(call->context, err);
	call_free(call);
}

static void
on_part(void *context, const void *data, size_t len)
{
	struct s3_call *call = context;
	struct err err;

	if (call->ranged && http_status(call->http) != 206) {
		http_cancel(call->http);
		call->http = NULL;
		err_set(&err, ERR_SERVER, "s3://%s sends whole objects where a range was asked",
		    call->s3->bucket);
		fail(call, &err);
		return;
	}
	call->streamed = true;
	call->handler.part(call->context, data, len);
}

static bool
is_region(const char *name)
{
	return *name && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(name);
}

static bool
goes_to_region(struct s3_call *call, const struct s3_error *error)
{
	struct s3 *s3 = call->s3;
	bool elsewhere = error->status == 301 || error->status == 307 ||
	    strcmp(error->code, "AuthorizationHeaderMalformed") == 0 ||
	    strcmp(error->code, "PermanentRedirect") == 0;

	if (!elsewhere || call->moved || !is_region(error->region))
		return false;
	call->moved = true;
	free(s3->aws.region);
	s3->aws.region = xstrdup(error->region);
	return true;
}

/* Many servers know no checksums or no conditions and say 501, or 400: what they do not know is
 * left out for good. */
static bool
drops_headers(struct s3_call *call, const struct s3_error *error)
{
	struct s3 *s3 = call->s3;
	bool *off = NULL;

	if (error->status != 501 && error->status != 400)
		return false;
	if (error->status == 400 && strcmp(error->code, "NotImplemented") != 0 &&
	    strncmp(error->code, "Invalid", 7) != 0)
		return false;
	for (size_t i = 0; i < call->header_count && !off; i++) {
		if (!s3->unchecked && is_checksum(call->headers[i].name))
			off = &s3->unchecked;
		else if (!s3->unconditional && is_condition(call->headers[i].name))
			off = &s3->unconditional;
	}
	return off && (*off = true);
}

static void
on_answer(void *context, const struct http_answer *answer)
{
	struct s3_call *call = context;
	struct s3_error error;
	struct err err = { 0 };
	char *title;

	call->http = NULL;
	if (!s3_error_read(answer, call->may_fail_in_200, &error)) {
		call->handler.done(call->context, answer);
		call_free(call);
		return;
	}
	if ((goes_to_region(call, &error) || drops_headers(call, &error)) && try_again(call, 0))
		return;
	if (s3_error_passes(&error) && try_again(call, backoff(call)))
		return;
	title = call_title(call);
	s3_error_explain(&error, title, call->s3->aws.source, &err);
	free(title);
	fail(call, &err);
}

static void
on_broken(void *context, const struct err *reason)
{
	struct s3_call *call = context;
	struct err err = *reason;
	char *title;

	call->http = NULL;
	if ((err.code == ERR_CONNECT || err.code == ERR_TIMEOUT) && try_again(call, backoff(call)))
		return;
	if (err.code == ERR_TLS)
		err_cure(&err, "name the CA of the S3 server: --s3-ca FILE or AWS_CA_BUNDLE");
	title = call_title(call);
	err_prefix(&err, "%s", title);
	free(title);
	fail(call, &err);
}

static void
try_once(void *context)
{
	struct s3_call *call = context;
	struct http_handler handler = { .part = call->handler.part ? on_part : NULL,
		.done = on_answer, .error = on_broken };
	char *authority = authority_of(call->s3);
	struct buf path = BUF_INIT(8192), query = BUF_INIT(8192);
	const char *const *lines;
	char *url;

	call->timer = NULL;
	call->tries++;
	add_path(&path, call);
	sigv4_query(&query, call->query, call->query_count);
	lines = sign(call, authority, buf_str(&path));
	url = xasprintf("%s://%s%s%s%s", call->s3->scheme, authority, buf_str(&path),
	    query.len ? "?" : "", buf_str(&query));
	call->http = http_start(call->s3->loop, &(struct http_request){
		.method = call->method, .url = url, .headers = lines, .cafile = call->s3->aws.ca,
		.body = call->body, .body_len = call->body_len, .answer_max = call->answer_max,
		.stall_ms = call->once ? ONCE_STALL_MS : 0 }, &handler, call);
	strv_free((char **)(uintptr_t)lines);
	free(url);
	free(authority);
	buf_release(&path);
	buf_release(&query);
}

struct s3_call *
s3_start(struct s3 *s3, const struct s3_call_spec *spec, const struct s3_handler *handler,
    void *context)
{
	struct s3_call *call = xcalloc(1, sizeof *call);

	call->s3 = s3;
	call->method = xstrdup(spec->method);
	call->name = spec->name ? xstrdup(spec->name) : NULL;
	call->query_count = copy_pairs(call->query, spec->query);
	call->header_count = copy_pairs(call->headers, spec->headers);
	call->body = spec->body;
	call->body_len = spec->body_len;
	call->answer_max = spec->answer_max;
	call->may_fail_in_200 = spec->may_fail_in_200;
	call->once = spec->once;
	for (size_t i = 0; i < call->header_count; i++)
		call->ranged |= strcmp(call->headers[i].name, "range") == 0;
	call->handler = *handler;
	call->context = context;
	call->began = clock_ms();
	try_once(call);
	return call;
}

void
s3_cancel(struct s3_call *call)
{
	if (!call)
		return;
	http_cancel(call->http);
	call_free(call);
}

struct waiting {
	struct http_answer *answer;
	struct err *err;
	int result;
	bool done;
};

static void
wait_done(void *context, const struct http_answer *answer)
{
	struct waiting *waiting = context;

	waiting->answer->status = answer->status;
	buf_add(&waiting->answer->headers, answer->headers.data, answer->headers.len);
	buf_add(&waiting->answer->body, answer->body.data, answer->body.len);
	waiting->done = true;
}

static void
wait_error(void *context, const struct err *err)
{
	struct waiting *waiting = context;

	if (waiting->err)
		*waiting->err = *err;
	waiting->result = -1;
	waiting->done = true;
}

int
s3_do(struct s3 *s3, const struct s3_call_spec *spec, struct http_answer *answer, struct err *err)
{
	static const struct s3_handler handler = { NULL, wait_done, wait_error };
	struct waiting waiting = { .answer = answer, .err = err };
	struct s3_call *call;

	*answer = (struct http_answer){ .headers = BUF_INIT(64 << 10) };
	answer->body.max = spec->answer_max ? spec->answer_max : 1 << 20;
	call = s3_start(s3, spec, &handler, &waiting);
	if (loop_run_until(s3->loop, &waiting.done, err) != 0) {
		s3_cancel(call);
		return -1;
	}
	return waiting.result;
}
