/* SPDX-License-Identifier: Apache-2.0 */
#include "store/s3_write.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/crc32c.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/xml.h"

enum {
	PART_BUFFERS = 4,
	PART_SIZE = 8 << 20,
	PARTS_MAX = 10000,
	SPILL_MAX = 16 << 20,
	ABORT_MS = 2000,
};

enum part_state { PART_FREE, PART_FILLING, PART_READY, PART_SENDING };

struct s3_write;

struct part {
	struct s3_write *owner;
	enum part_state state;
	unsigned number;	/* from 1 */
	char *data;
	size_t len;
	struct s3_call *call;
};

struct s3_write {
	struct store_write write;
	struct s3 *s3;
	char *name;
	char run[17];		/* in the object's metadata: tells our own object from another's */
	struct part parts[PART_BUFFERS];
	struct part *filling;
	struct buf spill;	/* came while every buffer was on its way */
	bool begun;
	struct s3_call *begin;
	char *upload_id;
	struct stored {
		char *etag;
		char crc[9];	/* of CRC-32C, base64 */
	} *stored;		/* [number - 1] */
	size_t count, cap;
	uint64_t total;
	bool failed, settled;	/* settled: loop_run_until's flag */
	struct err err;
};

static void refill(struct s3_write *out);

static void
write_free(struct s3_write *out)
{
	for (int i = 0; i < PART_BUFFERS; i++)
		if (out->parts[i].data)
			munmap(out->parts[i].data, PART_SIZE);
	for (size_t i = 0; i < out->count; i++)
		free(out->stored[i].etag);
	free(out->stored);
	free(out->upload_id);
	free(out->name);
	buf_release(&out->spill);
	free(out);
}

static void
cancel_calls(struct s3_write *out)
{
	s3_cancel(out->begin);
	out->begin = NULL;
	for (int i = 0; i < PART_BUFFERS; i++) {
		s3_cancel(out->parts[i].call);
		out->parts[i].call = NULL;
	}
}

static void
give_up(struct s3_write *out, const struct err *err)
{
	if (out->failed)
		return;
	out->failed = out->settled = true;
	out->err = *err;
	cancel_calls(out);
	if (out->write.failed)
		out->write.failed(out->write.context, err);
}

static void
call_error(void *context, const struct err *err)
{
	struct part *part = context;

	part->call = NULL;
	give_up(part->owner, err);
}

static void
part_done(void *context, const struct http_answer *answer)
{
	struct part *part = context;
	struct s3_write *out = part->owner;
	char etag[128];

	part->call = NULL;
	http_header(answer, "etag", etag, sizeof etag);
	out->stored[part->number - 1].etag = xstrdup(etag);
	part->state = PART_FREE;
	part->len = 0;
	refill(out);
}

/* What the store compares with, so that "uploaded" means its sums agree; servers that know none are
 * asked without. */
static void
sum_part(const struct part *part, char text[9])
{
	uint32_t crc = crc32c(0, part->data, part->len);
	unsigned char bytes[4] = { (unsigned char)(crc >> 24), (unsigned char)(crc >> 16),
		(unsigned char)(crc >> 8), (unsigned char)crc };
	struct buf base64 = BUF_INIT(16);

	base64_encode(&base64, bytes, sizeof bytes);
	memcpy(text, buf_str(&base64), 9);
	buf_release(&base64);
}

static void
send_part(struct part *part)
{
	static const struct s3_handler handler = { NULL, part_done, call_error };
	struct s3_write *out = part->owner;
	char number[16], *crc = out->stored[part->number - 1].crc;

	snprintf(number, sizeof number, "%u", part->number);
	sum_part(part, crc);
	part->state = PART_SENDING;
	part->call = s3_start(out->s3, &(struct s3_call_spec){ .method = "PUT", .name = out->name,
		.query = { { "partNumber", number }, { "uploadId", out->upload_id } },
		.headers = { { "x-amz-checksum-crc32c", crc } },
		.body = part->data, .body_len = part->len }, &handler, part);
}

static void
find_upload_id(void *context, const char *path, const char *text)
{
	struct s3_write *out = context;

	if (strcmp(path, "InitiateMultipartUploadResult/UploadId") == 0 && !out->upload_id)
		out->upload_id = xstrdup(text);
}

static void
begin_error(void *context, const struct err *err)
{
	struct s3_write *out = context;

	out->begin = NULL;
	give_up(out, err);
}

static void
begin_done(void *context, const struct http_answer *answer)
{
	struct s3_write *out = context;
	struct err err = { 0 };

	out->begin = NULL;
	xml_read(buf_str(&answer->body), answer->body.len, find_upload_id, out, &err);
	if (!out->upload_id || !*out->upload_id) {
		err_set(&err, ERR_SERVER, "s3://%s: the answer to a new multipart upload has no id",
		    out->s3->bucket);
		give_up(out, &err);
		return;
	}
	for (int i = 0; i < PART_BUFFERS; i++)
		if (out->parts[i].state == PART_READY)
			send_part(&out->parts[i]);
}

static void
begin_upload(struct s3_write *out)
{
	static const struct s3_handler handler = { NULL, begin_done, begin_error };

	out->begun = true;
	out->begin = s3_start(out->s3, &(struct s3_call_spec){ .method = "POST", .name = out->name,
		.query = { { "uploads", "" } }, .headers = { { "x-amz-meta-vetch-run", out->run },
			{ "x-amz-checksum-algorithm", "CRC32C" } } }, &handler, out);
}

static void
part_ready(struct s3_write *out)
{
	struct part *part = out->filling;

	out->filling = NULL;
	GROW(out->stored, out->count, out->cap);
	out->stored[out->count++] = (struct stored){ 0 };
	part->number = (unsigned)out->count;
	part->state = PART_READY;
	if (out->upload_id)
		send_part(part);
	else if (!out->begun)
		begin_upload(out);
}

static struct part *
free_part(struct s3_write *out)
{
	for (int i = 0; i < PART_BUFFERS; i++) {
		struct part *part = &out->parts[i];

		if (part->state != PART_FREE)
			continue;
		/* mmap, so that the memory goes back whole when the upload is done */
		if (!part->data)
			part->data = mmap(NULL, PART_SIZE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (part->data == MAP_FAILED)
			abort();
		part->state = PART_FILLING;
		return part;
	}
	return NULL;
}

/* Fills buffers; returns how much of the data found room. */
static size_t
fill(struct s3_write *out, const char *data, size_t len)
{
	size_t taken = 0;

	while (taken < len) {
		struct part *part = out->filling ? out->filling : (out->filling = free_part(out));
		size_t n = len - taken;

		if (!part)
			break;
		if (n > PART_SIZE - part->len)
			n = PART_SIZE - part->len;
		memcpy(part->data + part->len, data + taken, n);
		part->len += n;
		taken += n;
		if (part->len == PART_SIZE)
			part_ready(out);
	}
	return taken;
}

/* A buffer came free. */
static void
refill(struct s3_write *out)
{
	buf_consume(&out->spill, fill(out, buf_str(&out->spill), out->spill.len));
	out->settled = true;
	if (out->spill.len || !out->write.full)
		return;
	out->write.full = false;
	if (out->write.room)
		out->write.room(out->write.context);
}

static int
s3_write_add(struct store_write *write, const void *data, size_t len, struct err *err)
{
	struct s3_write *out = (struct s3_write *)write;
	size_t taken = 0;

	if (out->failed) {
		if (err)
			*err = out->err;
		return -1;
	}
	out->total += len;
	if (out->total > (uint64_t)PART_SIZE * PARTS_MAX)
		return err_set(err, ERR_TOO_BIG, "larger than the 80 GB that %d parts hold", PARTS_MAX);
	if (!out->spill.len)
		taken = fill(out, data, len);
	if (taken == len)
		return 0;
	write->full = true;
	if (!buf_add(&out->spill, (const char *)data + taken, len - taken))
		return err_set(err, ERR_TOO_BIG, "more than %d MiB came while S3 took none", SPILL_MAX >> 20);
	return 0;
}

static bool
all_free(const struct s3_write *out)
{
	for (int i = 0; i < PART_BUFFERS; i++)
		if (out->parts[i].state == PART_READY || out->parts[i].state == PART_SENDING)
			return false;
	return out->spill.len == 0;
}

/* Waits until the spill is empty, or (`everything`) until all parts are stored. */
static int
wait_for_parts(struct s3_write *out, bool everything, struct err *err)
{
	while (!out->failed && (everything ? !all_free(out) : out->spill.len > 0)) {
		out->settled = false;
		if (loop_run_until(out->s3->loop, &out->settled, err) != 0)
			return -1;
	}
	if (out->failed && err)
		*err = out->err;
	return out->failed ? -1 : 0;
}

/* The object of this name is the one this run wrote: its answer was lost on the way. */
static bool
is_ours(struct s3_write *out)
{
	struct http_answer answer;
	char run[64], len[32];
	int64_t size = -1;
	bool ours = s3_do(out->s3, &(struct s3_call_spec){ .method = "HEAD", .name = out->name },
	    &answer, NULL) == 0;

	http_header(&answer, "x-amz-meta-vetch-run", run, sizeof run);
	http_header(&answer, "content-length", len, sizeof len);
	http_answer_release(&answer);
	return ours && strcmp(run, out->run) == 0 && text_int(len, 0, INT64_MAX, &size) &&
	    (uint64_t)size == out->total;
}

static void
add_part_line(struct buf *xml, size_t number, const struct stored *stored, bool sums)
{
	const char *etag = stored->etag;

	buf_printf(xml, "<Part><PartNumber>%zu</PartNumber><ETag>", number);
	for (; *etag; etag++)
		if (strchr("<>&\"'", *etag))
			buf_printf(xml, "&#%d;", *etag);
		else
			buf_add_byte(xml, *etag);
	buf_add_str(xml, "</ETag>");
	if (sums)
		buf_printf(xml, "<ChecksumCRC32C>%s</ChecksumCRC32C>", stored->crc);
	buf_add_str(xml, "</Part>");
}

static int
complete(struct s3_write *out, struct err *err)
{
	struct buf xml = BUF_INIT(4 << 20);
	struct http_answer answer;
	int result;

	buf_add_str(&xml, "<CompleteMultipartUpload>");
	for (size_t i = 0; i < out->count; i++)
		add_part_line(&xml, i + 1, &out->stored[i], !out->s3->unchecked);
	buf_add_str(&xml, "</CompleteMultipartUpload>");
	result = s3_do(out->s3, &(struct s3_call_spec){ .method = "POST", .name = out->name,
		.query = { { "uploadId", out->upload_id } }, .headers = { { "if-none-match", "*" } },
		.body = buf_str(&xml), .body_len = xml.len, .may_fail_in_200 = true }, &answer, err);
	http_answer_release(&answer);
	buf_release(&xml);
	if (result != 0 && (err->code == ERR_NOT_FOUND || err->code == ERR_GUARD))
		result = is_ours(out) ? 0 : -1;
	return result;
}

static int
put_whole(struct s3_write *out, struct err *err)
{
	struct part *part = out->filling ? out->filling : (out->filling = free_part(out));
	struct http_answer answer;
	int result = s3_do(out->s3, &(struct s3_call_spec){ .method = "PUT", .name = out->name,
		.headers = { { "if-none-match", "*" }, { "x-amz-meta-vetch-run", out->run } },
		.body = part->data, .body_len = part->len }, &answer, err);

	http_answer_release(&answer);
	if (result != 0 && err->code == ERR_GUARD)
		result = is_ours(out) ? 0 : -1;
	return result;
}

struct wait_abort {
	bool done;
};

static void
abort_done(void *context, const struct http_answer *answer)
{
	(void)answer;
	((struct wait_abort *)context)->done = true;
}

static void
abort_error(void *context, const struct err *err)
{
	(void)err;
	((struct wait_abort *)context)->done = true;
}

/* Ends the upload on the server. The loop may be cancelled already, so it is turned by hand. */
static void
s3_write_abort(struct store_write *write)
{
	static const struct s3_handler handler = { NULL, abort_done, abort_error };
	struct s3_write *out = (struct s3_write *)write;
	int64_t end = clock_ms() + ABORT_MS;
	struct wait_abort wait = { false };
	struct s3_call *call;

	write->room = NULL;
	write->failed = NULL;
	while (out->begin && clock_ms() < end)
		loop_turn(out->s3->loop, 50);
	cancel_calls(out);
	if (out->upload_id) {
		call = s3_start(out->s3, &(struct s3_call_spec){ .method = "DELETE", .name = out->name,
			.query = { { "uploadId", out->upload_id } }, .once = true }, &handler, &wait);
		while (!wait.done && clock_ms() < end)
			loop_turn(out->s3->loop, 50);
		if (!wait.done)
			s3_cancel(call);
	}
	write_free(out);
}

static int
s3_write_end(struct store_write *write, struct err *err)
{
	struct s3_write *out = (struct s3_write *)write;
	int result = wait_for_parts(out, false, err);

	write->room = NULL;
	if (result == 0 && !out->begun) {
		result = put_whole(out, err);
	} else if (result == 0) {
		if (out->filling && out->filling->len)
			part_ready(out);
		result = wait_for_parts(out, true, err);
		if (result == 0)
			result = complete(out, err);
	}
	if (result != 0)
		s3_write_abort(write);
	else
		write_free(out);
	return result;
}

struct store_write *
s3_write_new(struct s3 *s3, const char *name, uint64_t hint, struct err *err)
{
	static const struct store_write_ops ops = { s3_write_add, s3_write_end, s3_write_abort };
	struct s3_write *out;
	unsigned char random[8];

	if (hint > (uint64_t)PART_SIZE * PARTS_MAX) {
		err_set(err, ERR_TOO_BIG, "larger than the 80 GB that %d parts hold", PARTS_MAX);
		return NULL;
	}
	if (getrandom(random, sizeof random, 0) != sizeof random) {
		err_set(err, ERR_IO, "the kernel gives no random bytes");
		return NULL;
	}
	out = xcalloc(1, sizeof *out);
	out->write.ops = &ops;
	out->s3 = s3;
	out->name = xstrdup(name);
	hex_encode(random, sizeof random, out->run);
	buf_init(&out->spill, SPILL_MAX);
	for (int i = 0; i < PART_BUFFERS; i++)
		out->parts[i].owner = out;
	return &out->write;
}
