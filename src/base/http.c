/* SPDX-License-Identifier: Apache-2.0 */
#include "base/http.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

enum {
	PENDING_MAX = 512 << 10,	/* parts not handed on yet */
	HEADERS_MAX = 64 << 10,
	ANSWER_MAX = 1 << 20,
	RECEIVE_BUFFER = 256 << 10,
	SEND_BUFFER = 256 << 10,
	CONNECT_MS = 5000,
	STALL_MS = 30000,
};

struct http {
	struct loop *loop;
	CURL *easy;
	struct curl_slist *headers;
	struct http_handler handler;
	void *context;
	const char *body;
	size_t body_len, sent;
	char *url;
	struct http_answer answer;
	struct buf pending, spare;
	struct loop_timer *soon, *stall;
	int64_t stall_ms, moved_at;
	CURLcode result;
	bool ended;		/* libcurl is done; pending parts may not be */
	bool curl_paused;	/* our write callback answered PAUSE */
	bool paused;		/* by http_pause */
	bool calling, dead;
	bool stalled, over;	/* the stall timer struck; the answer passed its cap */
	char text[CURL_ERROR_SIZE];
};

static void drain(void *context);
static void finish(struct http *http);

static void
http_free(struct http *http)
{
	loop_timer_cancel(http->soon);
	loop_timer_cancel(http->stall);
	curl_easy_cleanup(http->easy);
	curl_slist_free_all(http->headers);
	http_answer_release(&http->answer);
	buf_release(&http->pending);
	buf_release(&http->spare);
	free(http->url);
	free(http);
}

static void
drain_soon(struct http *http)
{
	if (!http->soon)
		http->soon = loop_soon(http->loop, drain, http);
}

static bool
streams(const struct http *http)
{
	return http->handler.part && http->answer.status >= 200 && http->answer.status < 300;
}

static size_t
on_body(char *data, size_t size, size_t count, void *context)
{
	struct http *http = context;
	size_t len = size * count;

	http->moved_at = clock_ms();
	if (!streams(http)) {
		http->over = !buf_add(&http->answer.body, data, len);
		return http->over ? 0 : len;
	}
	if (http->pending.len && http->pending.len + len > PENDING_MAX) {
		http->curl_paused = true;
		return CURL_WRITEFUNC_PAUSE;
	}
	buf_add(&http->pending, data, len);
	drain_soon(http);
	return len;
}

static size_t
on_header(char *data, size_t size, size_t count, void *context)
{
	struct http *http = context;
	size_t len = size * count, name = 0;

	http->moved_at = clock_ms();
	if (len > 5 && memcmp(data, "HTTP/", 5) == 0) {
		/* The last status line counts: "100 Continue" may come before it. */
		buf_reset(&http->answer.headers);
		curl_easy_getinfo(http->easy, CURLINFO_RESPONSE_CODE, &http->answer.status);
		return len;
	}
	while (name < len && data[name] != ':')
		name++;
	while (len > name && (data[len - 1] == '\r' || data[len - 1] == '\n'))
		len--;
	if (name == len)
		return size * count;
	for (size_t i = 0; i < name; i++)
		buf_add_byte(&http->answer.headers, tolower((unsigned char)data[i]));
	buf_add(&http->answer.headers, data + name, len - name);
	buf_add_byte(&http->answer.headers, '\n');
	http->over = http->answer.headers.full;
	return http->over ? 0 : size * count;
}

static size_t
on_send(char *out, size_t size, size_t count, void *context)
{
	struct http *http = context;
	size_t n = http->body_len - http->sent;

	http->moved_at = clock_ms();
	if (n > size * count)
		n = size * count;
	if (n)
		memcpy(out, http->body + http->sent, n);
	http->sent += n;
	return n;
}

static int
on_rewind(void *context, curl_off_t offset, int origin)
{
	struct http *http = context;

	if (origin != SEEK_SET || offset < 0 || (size_t)offset > http->body_len)
		return CURL_SEEKFUNC_CANTSEEK;
	http->sent = (size_t)offset;
	return CURL_SEEKFUNC_OK;
}

/* Hands the stored bytes on; true where the exchange lives on. */
static bool
hand_on(struct http *http)
{
	struct buf full = http->pending;

	http->pending = http->spare;
	http->spare = full;
	http->calling = true;
	http->handler.part(http->context, full.data, full.len);
	http->calling = false;
	if (http->dead) {
		http_free(http);
		return false;
	}
	buf_reset(&http->spare);
	return true;
}

static void
drain(void *context)
{
	struct http *http = context;

	http->soon = NULL;
	if (http->paused)
		return;
	if (http->pending.len && !hand_on(http))
		return;
	if (http->paused)
		return;
	if (http->curl_paused) {
		http->curl_paused = false;
		http->moved_at = clock_ms();
		curl_easy_pause(http->easy, CURLPAUSE_CONT);
		loop_easy_kick(http->loop);
	}
	if (http->pending.len)
		drain_soon(http);
	else if (http->ended)
		finish(http);
}

static const char *
host_of(const struct http *http, char *out, size_t size)
{
	const char *host = strstr(http->url, "://");
	size_t len;

	host = host ? host + 3 : http->url;
	len = strcspn(host, "/?#");
	if (len >= size)
		len = size - 1;
	memcpy(out, host, len);
	out[len] = '\0';
	return out;
}

static void
explain(const struct http *http, struct err *err)
{
	const char *text = *http->text ? http->text : curl_easy_strerror(http->result);
	char host[256];

	host_of(http, host, sizeof host);
	switch (http->result) {
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
		err_set(err, ERR_CONNECT, "%s: the host name is not known here", host);
		err_cure(err, "check the name and the resolver");
		break;
	case CURLE_COULDNT_CONNECT:
		err_set(err, ERR_CONNECT, "%s does not accept a connection", host);
		err_cure(err, "check that the server runs and that the port is right");
		break;
	case CURLE_OPERATION_TIMEDOUT:
		err_set(err, ERR_TIMEOUT, "%s did not answer within %lld s", host,
		    (long long)CONNECT_MS / 1000);
		err_cure(err, "check that the server runs and that no firewall is between");
		break;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
		err_set(err, ERR_TLS, "%s: its certificate is not trusted: %s", host, text);
		err_cure(err, "name the CA that issued it");
		break;
	case CURLE_SSL_CONNECT_ERROR:
		err_set(err, ERR_TLS, "%s: TLS failed: %s", host, text);
		err_cure(err, "check that the port speaks TLS");
		break;
	default:
		err_set(err, ERR_CONNECT, "%s: the connection broke: %s", host, text);
		err_cure(err, "try again");
		break;
	}
}

static void
fill_error(const struct http *http, struct err *err)
{
	char host[256];

	host_of(http, host, sizeof host);
	if (http->stalled) {
		err_set(err, ERR_TIMEOUT, "%s sent nothing for %lld s", host,
		    (long long)http->stall_ms / 1000);
		err_cure(err, "check that the server runs");
	} else if (http->over) {
		err_set(err, ERR_TOO_BIG, "%s: the answer is larger than %zu bytes", host,
		    http->answer.body.max);
	} else {
		explain(http, err);
	}
}

static void
finish(struct http *http)
{
	struct err err = { 0 };
	bool good = http->result == CURLE_OK && !http->stalled && !http->over;

	if (!good)
		fill_error(http, &err);
	http->calling = true;
	if (good)
		http->handler.done(http->context, &http->answer);
	else
		http->handler.error(http->context, &err);
	http_free(http);
}

static void
on_done(void *context, CURLcode result)
{
	struct http *http = context;

	http->ended = true;
	http->result = result;
	loop_timer_cancel(http->stall);
	http->stall = NULL;
	drain_soon(http);
}

static void
on_stall(void *context)
{
	struct http *http = context;
	int64_t left;

	if (http->curl_paused || http->paused)
		http->moved_at = clock_ms();
	left = http->moved_at + http->stall_ms - clock_ms();
	http->stall = NULL;
	if (left > 0) {
		http->stall = loop_timer_add(http->loop, left, on_stall, http);
		return;
	}
	loop_easy_remove(http->loop, http->easy);
	http->stalled = true;
	on_done(http, CURLE_OPERATION_TIMEDOUT);
}

static void
set_method(struct http *http, const struct http_request *request)
{
	CURL *easy = http->easy;

	if (strcmp(request->method, "HEAD") == 0) {
		curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
	} else if (request->body || strcmp(request->method, "PUT") == 0 ||
	    strcmp(request->method, "POST") == 0) {
		curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
		curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)request->body_len);
		curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_send);
		curl_easy_setopt(easy, CURLOPT_READDATA, http);
		curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, on_rewind);
		curl_easy_setopt(easy, CURLOPT_SEEKDATA, http);
		curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, (long)SEND_BUFFER);
		curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
		http->headers = curl_slist_append(http->headers, "Expect:");
	} else {
		curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
	}
	for (const char *const *h = request->headers; h && *h; h++)
		http->headers = curl_slist_append(http->headers, *h);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, http->headers);
}

static void
set_connection(CURL *easy, const struct http_request *request)
{
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, PACKAGE_NAME "/" PACKAGE_VERSION);
	curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, (long)RECEIVE_BUFFER);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
	    (long)(request->connect_ms ? request->connect_ms : CONNECT_MS));
	/* One file of CAs is enough; the folder would be read whole for every connection. */
	curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	if (request->cafile)
		curl_easy_setopt(easy, CURLOPT_CAINFO, request->cafile);
	if (request->cert)
		curl_easy_setopt(easy, CURLOPT_SSLCERT, request->cert);
	if (request->key)
		curl_easy_setopt(easy, CURLOPT_SSLKEY, request->key);
}

struct http *
http_start(struct loop *loop, const struct http_request *request,
    const struct http_handler *handler, void *context)
{
	struct http *http = xcalloc(1, sizeof *http);

	http->loop = loop;
	http->handler = *handler;
	http->context = context;
	http->body = request->body;
	http->body_len = request->body_len;
	http->url = xstrdup(request->url);
	http->stall_ms = request->stall_ms ? request->stall_ms : STALL_MS;
	http->moved_at = clock_ms();
	buf_init(&http->answer.headers, HEADERS_MAX);
	buf_init(&http->answer.body, request->answer_max ? request->answer_max : ANSWER_MAX);
	buf_init(&http->pending, PENDING_MAX + RECEIVE_BUFFER);
	buf_init(&http->spare, PENDING_MAX + RECEIVE_BUFFER);
	http->easy = curl_easy_init();
	if (!http->easy)
		abort();
	set_connection(http->easy, request);
	set_method(http, request);
	curl_easy_setopt(http->easy, CURLOPT_URL, http->url);
	curl_easy_setopt(http->easy, CURLOPT_ERRORBUFFER, http->text);
	curl_easy_setopt(http->easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(http->easy, CURLOPT_WRITEDATA, http);
	curl_easy_setopt(http->easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(http->easy, CURLOPT_HEADERDATA, http);
	http->stall = loop_timer_add(loop, http->stall_ms, on_stall, http);
	loop_easy_add(loop, http->easy, on_done, http);
	return http;
}

void
http_cancel(struct http *http)
{
	if (!http)
		return;
	if (!http->ended)
		loop_easy_remove(http->loop, http->easy);
	if (http->calling)
		http->dead = true;
	else
		http_free(http);
}

void
http_pause(struct http *http)
{
	http->paused = true;
}

void
http_resume(struct http *http)
{
	http->paused = false;
	drain_soon(http);
}

size_t
http_sent(const struct http *http)
{
	return http->sent;
}

long
http_status(const struct http *http)
{
	return http->answer.status;
}

const char *
http_header(const struct http_answer *answer, const char *name, char *out, size_t size)
{
	size_t name_len = strlen(name);

	*out = '\0';
	for (const char *line = buf_str(&answer->headers); *line; line += strcspn(line, "\n") + 1) {
		size_t len = strcspn(line, "\n");

		if (len <= name_len || memcmp(line, name, name_len) != 0 || line[name_len] != ':')
			continue;
		line += name_len + 1;
		line += strspn(line, " \t");
		len = strcspn(line, "\n");
		if (len >= size)
			len = size - 1;
		memcpy(out, line, len);
		out[len] = '\0';
		break;
	}
	return out;
}

void
http_answer_release(struct http_answer *answer)
{
	buf_release(&answer->headers);
	buf_release(&answer->body);
}

struct fetch {
	struct http_answer *answer;
	struct err *err;
	int result;
	bool done;
};

static void
fetch_done(void *context, const struct http_answer *answer)
{
	struct fetch *fetch = context;

	fetch->answer->status = answer->status;
	buf_add(&fetch->answer->headers, answer->headers.data, answer->headers.len);
	buf_add(&fetch->answer->body, answer->body.data, answer->body.len);
	fetch->done = true;
}

static void
fetch_error(void *context, const struct err *err)
{
	struct fetch *fetch = context;

	if (fetch->err)
		*fetch->err = *err;
	fetch->result = -1;
	fetch->done = true;
}

int
http_fetch(struct loop *loop, const struct http_request *request, struct http_answer *answer,
    struct err *err)
{
	static const struct http_handler handler = { .done = fetch_done, .error = fetch_error };
	struct fetch fetch = { .answer = answer, .err = err };
	struct http *http;

	*answer = (struct http_answer){ .headers = BUF_INIT(HEADERS_MAX) };
	answer->body.max = request->answer_max ? request->answer_max : ANSWER_MAX;
	http = http_start(loop, request, &handler, &fetch);
	if (loop_run_until(loop, &fetch.done, err) != 0) {
		http_cancel(http);
		return -1;
	}
	return fetch.result;
}
