/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sigv4.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/mem.h"

enum { SIGV4_MAX = 64 << 10 };

void
sigv4_encode(struct buf *out, const char *text, bool path)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if ((c < 128 && isalnum(c)) || strchr("-._~", c) || (path && c == '/'))
			buf_add_byte(out, c);
		else
			buf_printf(out, "%%%02X", c);
	}
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void
sigv4_query(struct buf *out, const struct sigv4_pair *query, size_t count)
{
	char **parts = xcalloc(count + 1, sizeof *parts);

	/* "=" sorts after "-" and ".": names are compared alone, so it is left out till the end. */
	for (size_t i = 0; i < count; i++) {
		struct buf part = BUF_INIT(SIGV4_MAX);

		sigv4_encode(&part, query[i].name, false);
		buf_add_byte(&part, '\1');
		sigv4_encode(&part, query[i].value ? query[i].value : "", false);
		parts[i] = buf_steal(&part);
	}
	qsort(parts, count, sizeof *parts, by_text);
	for (size_t i = 0; i < count; i++) {
		*strchr(parts[i], '\1') = '=';
		buf_printf(out, "%s%s", i ? "&" : "", parts[i]);
	}
	strv_free(parts);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct sigv4_pair *)a)->name, ((const struct sigv4_pair *)b)->name);
}

static struct sigv4_pair *
sorted_headers(const struct sigv4_request *request)
{
	struct sigv4_pair *sorted = xcalloc(request->header_count + 1, sizeof *sorted);

	memcpy(sorted, request->headers, request->header_count * sizeof *sorted);
	qsort(sorted, request->header_count, sizeof *sorted, by_name);
	return sorted;
}

/* Outer blanks go, inner runs become one. */
static void
add_trimmed(struct buf *out, const char *value)
{
	bool blank = false, any = false;

	for (; *value; value++) {
		if (*value == ' ' || *value == '\t') {
			blank = any;
			continue;
		}
		if (blank)
			buf_add_byte(out, ' ');
		buf_add_byte(out, *value);
		blank = false;
		any = true;
	}
}

static void
add_signed_names(struct buf *out, const struct sigv4_pair *sorted, size_t count)
{
	for (size_t i = 0; i < count; i++)
		buf_printf(out, "%s%s", i ? ";" : "", sorted[i].name);
}

void
sigv4_canonical(struct buf *out, const struct sigv4_request *request)
{
	struct sigv4_pair *sorted = sorted_headers(request);

	buf_printf(out, "%s\n%s\n", request->method, request->path);
	sigv4_query(out, request->query, request->query_count);
	buf_add_byte(out, '\n');
	for (size_t i = 0; i < request->header_count; i++) {
		buf_printf(out, "%s:", sorted[i].name);
		add_trimmed(out, sorted[i].value);
		buf_add_byte(out, '\n');
	}
	buf_add_byte(out, '\n');
	add_signed_names(out, sorted, request->header_count);
	buf_printf(out, "\n%s", request->payload);
	free(sorted);
}

static void
signing_key(unsigned char out[SHA256_SIZE], const struct sigv4_key *key, const char *day)
{
	struct buf secret = BUF_INIT(4096);

	buf_printf(&secret, "AWS4%s", key->secret);
	hmac_sha256(buf_str(&secret), secret.len, day, strlen(day), out);
	buf_release_secret(&secret);
	hmac_sha256(out, SHA256_SIZE, key->region, strlen(key->region), out);
	hmac_sha256(out, SHA256_SIZE, key->service, strlen(key->service), out);
	hmac_sha256(out, SHA256_SIZE, "aws4_request", 12, out);
}

void
sigv4_authorization(struct buf *out, const struct sigv4_key *key,
    const struct sigv4_request *request)
{
	struct buf canonical = BUF_INIT(SIGV4_MAX), text = BUF_INIT(SIGV4_MAX);
	struct sigv4_pair *sorted = sorted_headers(request);
	char stamp[CLOCK_RFC3339_SIZE], day[9], hex[SHA256_HEX_SIZE];
	unsigned char digest[SHA256_SIZE], secret[SHA256_SIZE];

	clock_stamp(request->when, stamp);
	snprintf(day, sizeof day, "%.8s", stamp);
	sigv4_canonical(&canonical, request);
	sha256_once(buf_str(&canonical), canonical.len, digest);
	buf_printf(&text, "AWS4-HMAC-SHA256\n%s\n%s/%s/%s/aws4_request\n%s", stamp, day, key->region,
	    key->service, hex_encode(digest, sizeof digest, hex));
	signing_key(secret, key, day);
	hmac_sha256(secret, sizeof secret, buf_str(&text), text.len, digest);
	explicit_bzero(secret, sizeof secret);
	buf_printf(out, "AWS4-HMAC-SHA256 Credential=%s/%s/%s/%s/aws4_request,SignedHeaders=",
	    key->access, day, key->region, key->service);
	add_signed_names(out, sorted, request->header_count);
	buf_printf(out, ",Signature=%s", hex_encode(digest, sizeof digest, hex));
	buf_release(&canonical);
	buf_release(&text);
	free(sorted);
}
