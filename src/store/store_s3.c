/* SPDX-License-Identifier: Apache-2.0
 * A prefix of an S3 bucket as a store. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "store/s3_client.h"
#include "store/s3_listing.h"
#include "store/s3_write.h"

enum { LISTING_MAX = 16 << 20, PAGES_MAX = 1000, AT_ONCE = 8, READ_TRIES = 5 };

struct store_s3 {
	struct store store;
	struct s3 *s3;
};

static struct s3 *
s3_of(struct store *store)
{
	return ((struct store_s3 *)store)->s3;
}

/* ---- listing */

static int
list_page(struct s3 *s3, struct s3_page *page, const char *token, struct err *err)
{
	struct s3_call_spec spec = { .method = "GET", .answer_max = LISTING_MAX,
		.query = { { "list-type", "2" }, { "prefix", s3->prefix }, { "delimiter", "/" },
			{ "encoding-type", "url" } } };
	struct http_answer answer;
	int result;

	if (token)
		spec.query[4] = (struct sigv4_pair){ "continuation-token", token };
	result = s3_do(s3, &spec, &answer, err);
	if (result == 0 && s3_page_read(page, buf_str(&answer.body), answer.body.len, err) != 0)
		result = err_prefix(err, "s3://%s/%s", s3->bucket, s3->prefix);
	http_answer_release(&answer);
	return result;
}

static int
s3_list(struct store *store, struct store_listing *listing, struct err *err)
{
	struct s3 *s3 = s3_of(store);
	char *token = NULL;
	int result = 0, pages = 0;

	do {
		struct s3_page page = { .prefix = s3->prefix, .listing = listing };

		result = list_page(s3, &page, token, err);
		free(token);
		token = page.next;
		if (result == 0 && token && ++pages == PAGES_MAX)
			result = err_set(err, ERR_TOO_BIG, "%s holds more than a million objects",
			    store->title);
	} while (result == 0 && token);
	free(token);
	return result;
}

/* ---- small objects */

struct gets;

struct get_slot {
	struct gets *gets;
	struct s3_call *call;
	struct store_item *item;
};

struct gets {
	struct s3 *s3;
	struct store_item *items;
	size_t count, next, running;
	struct get_slot slots[AT_ONCE];
	struct err *err;
	int result;
	bool done;
};

static void get_next(struct get_slot *slot);

static void
get_done(void *context, const struct http_answer *answer)
{
	struct get_slot *slot = context;
	struct gets *gets = slot->gets;

	slot->call = NULL;
	gets->running--;
	buf_add(&slot->item->data, answer->body.data, answer->body.len);
	get_next(slot);
}

static void
get_error(void *context, const struct err *err)
{
	struct get_slot *slot = context;
	struct gets *gets = slot->gets;

	slot->call = NULL;
	gets->running--;
	if (err->code == ERR_NOT_FOUND) {
		slot->item->missing = true;
		get_next(slot);
		return;
	}
	if (gets->err && gets->result == 0)
		*gets->err = *err;
	gets->result = -1;
	gets->done = true;
}

static void
get_next(struct get_slot *slot)
{
	static const struct s3_handler handler = { NULL, get_done, get_error };
	struct gets *gets = slot->gets;

	if (gets->next == gets->count) {
		gets->done |= gets->running == 0;
		return;
	}
	slot->item = &gets->items[gets->next++];
	slot->item->missing = false;
	gets->running++;
	slot->call = s3_start(gets->s3, &(struct s3_call_spec){ .method = "GET",
		.name = slot->item->name, .answer_max = slot->item->data.max }, &handler, slot);
}

static int
s3_get(struct store *store, struct store_item *items, size_t count, struct err *err)
{
	struct gets gets = { .s3 = s3_of(store), .items = items, .count = count, .err = err };

	for (size_t i = 0; i < AT_ONCE; i++) {
		gets.slots[i].gets = &gets;
		get_next(&gets.slots[i]);
	}
	if (loop_run_until(store->loop, &gets.done, err) != 0)
		gets.result = -1;
	for (size_t i = 0; i < AT_ONCE; i++)
		s3_cancel(gets.slots[i].call);
	return gets.result;
}

/* The object is there with just these bytes: a try of ours got through, only its answer did not. */
static bool
holds(struct store *store, const char *name, const struct buf *data)
{
	struct store_item item = { .name = name, .data = BUF_INIT(data->len) };
	bool same = s3_get(store, &item, 1, NULL) == 0 && !item.missing &&
	    item.data.len == data->len && memcmp(buf_str(&item.data), buf_str(data), data->len) == 0;

	buf_release(&item.data);
	return same;
}

static int
s3_put(struct store *store, const char *name, const struct buf *data, bool replace, struct err *err)
{
	struct s3_call_spec spec = { .method = "PUT", .name = name, .body = buf_str(data),
		.body_len = data->len };
	struct http_answer answer;
	int result;

	if (!replace)
		spec.headers[0] = (struct sigv4_pair){ "if-none-match", "*" };
	result = s3_do(s3_of(store), &spec, &answer, err);
	http_answer_release(&answer);
	if (result != 0 && err->code == ERR_GUARD)
		result = holds(store, name, data) ? 0 : -1;
	return result;
}

/* By its first byte: unlike that of a HEAD, the answer to a GET says what went wrong. */
static int
s3_size(struct store *store, const char *name, uint64_t *size, struct err *err)
{
	struct s3_call_spec spec = { .method = "GET", .name = name,
		.headers = { { "range", "bytes=0-0" } } };
	struct http_answer answer;
	char text[128];
	const char *slash;
	int64_t number;
	int result = s3_do(s3_of(store), &spec, &answer, err);

	if (result == 0) {
		http_header(&answer, "content-range", text, sizeof text);
		slash = strchr(text, '/');
		if (answer.status == 206 && slash && text_int(slash + 1, 0, INT64_MAX, &number))
			*size = (uint64_t)number;
		else
			result = err_set(err, ERR_SERVER, "%s: no length of %s", store->title, name);
	}
	http_answer_release(&answer);
	return result;
}

/* ---- streams */

struct reading {
	struct s3_call *call;
	store_sink *sink;
	void *context;
	uint64_t got;
	struct err *err;
	int result;
	bool done, refused;
};

static void
read_part(void *context, const void *data, size_t len)
{
	struct reading *reading = context;

	reading->got += len;
	if (reading->sink(reading->context, data, len, reading->err) == 0)
		return;
	s3_cancel(reading->call);
	reading->call = NULL;
	reading->refused = reading->done = true;
	reading->result = -1;
}

static void
read_done(void *context, const struct http_answer *answer)
{
	struct reading *reading = context;

	(void)answer;
	reading->call = NULL;
	reading->done = true;
}

static void
read_error(void *context, const struct err *err)
{
	struct reading *reading = context;

	if (reading->err)
		*reading->err = *err;
	reading->call = NULL;
	reading->result = -1;
	reading->done = true;
}

static int
read_once(struct s3 *s3, const struct store_range *range, struct reading *reading)
{
	static const struct s3_handler handler = { read_part, read_done, read_error };
	struct s3_call_spec spec = { .method = "GET", .name = range->name };
	uint64_t from = range->offset + reading->got;
	char bytes[64], end[24] = "";

	if (range->len)
		snprintf(end, sizeof end, "%llu", (unsigned long long)(range->offset + range->len - 1));
	snprintf(bytes, sizeof bytes, "bytes=%llu-%s", (unsigned long long)from, end);
	if (from || range->len)
		spec.headers[0] = (struct sigv4_pair){ "range", bytes };
	reading->done = false;
	reading->result = 0;
	reading->call = s3_start(s3, &spec, &handler, reading);
	if (loop_run_until(s3->loop, &reading->done, reading->err) != 0) {
		s3_cancel(reading->call);
		reading->refused = true;
		return -1;
	}
	return reading->result;
}

/* A stream that broke goes on where it stopped, a few times. */
static int
s3_read(struct store *store, const struct store_range *range, store_sink *sink, void *context,
    struct err *err)
{
	struct reading reading = { .sink = sink, .context = context, .err = err };
	uint64_t before;

	for (int i = 0; i < READ_TRIES; i++) {
		before = reading.got;
		if (read_once(s3_of(store), range, &reading) == 0)
			return 0;
		if (reading.refused || reading.got == before || (range->len && reading.got >= range->len))
			break;
	}
	return -1;
}

static struct store_write *
s3_write_of(struct store *store, const char *name, uint64_t hint, struct err *err)
{
	return s3_write_new(s3_of(store), name, hint, err);
}

static void
s3_close(struct store *store)
{
	s3_free(s3_of(store));
	free(store);
}

struct store *
store_s3_open(struct loop *loop, const struct store_spec *spec, struct err *err)
{
	static const struct store_ops ops = {
		.list = s3_list, .get = s3_get, .put = s3_put, .size = s3_size,
		.read = s3_read, .write = s3_write_of, .close = s3_close,
	};
	struct s3 *s3 = s3_new(loop, spec, err);
	struct store_s3 *store;
	size_t len;

	if (!s3)
		return NULL;
	store = xcalloc(1, sizeof *store);
	store->s3 = s3;
	store->store = (struct store){ .ops = &ops, .loop = loop };
	store->store.title = xasprintf("s3://%s/%s", s3->bucket, s3->prefix);
	len = strlen(store->store.title);
	store->store.title[len - 1] = '\0';
	return &store->store;
}
