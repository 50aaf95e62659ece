/* SPDX-License-Identifier: Apache-2.0
 * snapshot status: what etcdutl says of a snapshot file, read from its pages. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/mem.h"
#include "bolt/status.h"
#include "verb/print.h"
#include "verb/verb.h"

static int
read_file(void *context, uint64_t offset, void *out, size_t len, struct err *err)
{
	char *at = out;

	while (len) {
		ssize_t n = pread(*(const int *)context, at, len, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? err_errno(err, errno, "the snapshot cannot be read")
			    : err_set(err, ERR_NOT_VERIFIED, "the snapshot is cut short");
		at += n;
		offset += (uint64_t)n;
		len -= (size_t)n;
	}
	return 0;
}

static void
print_table(struct report *report, char cells[5][32])
{
	static const char *const heads[] = { "HASH", "REVISION", "TOTAL KEYS", "TOTAL SIZE", "VERSION" };
	struct buf rule = BUF_INIT(512), head = BUF_INIT(512), row = BUF_INIT(512);

	buf_add_byte(&rule, '+');
	buf_add_byte(&head, '|');
	buf_add_byte(&row, '|');
	for (int i = 0; i < 5; i++) {
		int wide = (int)(strlen(heads[i]) > strlen(cells[i]) ? strlen(heads[i]) : strlen(cells[i]));
		int left = (wide - (int)strlen(heads[i])) / 2;

		buf_add_fill(&rule, '-', (size_t)wide + 2);
		buf_add_byte(&rule, '+');
		buf_printf(&head, " %*s%-*s |", left, "", wide - left, heads[i]);
		buf_printf(&row, " %*s |", wide, cells[i]);
	}
	report_text(report, "%s\n%s\n%s\n%s\n%s\n", buf_str(&rule), buf_str(&head), buf_str(&rule),
	    buf_str(&row), buf_str(&rule));
	buf_release(&rule);
	buf_release(&head);
	buf_release(&row);
}

static void
report_status(struct verb_call *call, const struct bolt_status *status, uint64_t size)
{
	struct json_object *result = json_object_new_object();
	const char *format = call->settings->format ? call->settings->format : "simple";
	struct buf text = BUF_INIT(64);
	char cells[5][32];

	snprintf(cells[0], sizeof cells[0], "%x", status->hash);
	snprintf(cells[1], sizeof cells[1], "%" PRId64, status->revision);
	snprintf(cells[2], sizeof cells[2], "%" PRIu64, status->keys);
	print_bytes_si(&text, size);
	snprintf(cells[3], sizeof cells[3], "%s", buf_str(&text));
	buf_release(&text);
	snprintf(cells[4], sizeof cells[4], "%s", status->version);
	if (strcmp(format, "table") == 0)
		print_table(call->report, cells);
	else if (strcmp(format, "fields") == 0)
		report_text(call->report, "\"Hash\" : %u\n\"Revision\" : %s\n\"Keys\" : %s\n\"Size\" : %"
		    PRIu64 "\n\"Version\" : %s\n", status->hash, cells[1], cells[2], size, cells[4]);
	else
		report_text(call->report, "%s, %s, %s, %s, %s\n", cells[0], cells[1], cells[2], cells[3],
		    cells[4]);
	json_put_uint(result, "hash", status->hash);
	json_put_int(result, "revision", status->revision);
	json_put_uint(result, "totalKey", status->keys);
	json_put_uint(result, "totalSize", size);
	json_put_str(result, "version", status->version);
	report_result(call->report, result);
}

static int
read_status(int fd, struct bolt_status *status, uint64_t *size, struct err *err)
{
	struct bolt_source source = { .read = read_file, .context = &fd };
	struct bolt bolt;
	struct stat st;
	int result;

	if (fstat(fd, &st) != 0)
		return err_errno(err, errno, "the snapshot");
	source.size = (uint64_t)st.st_size - (st.st_size % 512 == SHA256_SIZE ? SHA256_SIZE : 0);
	result = bolt_open(&bolt, &source, err);
	if (result == 0)
		result = bolt_status(&bolt, status, err);
	*size = bolt.pages * bolt.page_size;
	bolt_release(&bolt);
	return result;
}

static int
check_format(const struct verb_call *call, struct err *err)
{
	static const char *const formats[] = { "simple", "table", "fields", "json" };
	const char *format = call->settings->format;

	for (size_t i = 0; i < ARRAY_LEN(formats); i++)
		if (!format || strcmp(format, formats[i]) == 0)
			return 0;
	if (call->etcdctl)
		return err_set(err, ERR_UNSUPPORTED, "unsupported output format");
	err_set(err, ERR_USAGE, "--write-out: snapshot status has no form \"%.60s\"", format);
	return err_cure(err, "use simple, table, fields or json");
}

static int
run(struct verb_call *call, struct err *err)
{
	struct bolt_status status;
	const char *path;
	uint64_t size = 0;
	int fd, result;

	if (args_expect(call, 1, 1, err) != 0)
		return -1;
	path = args_at(call->args, 0);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return err_set(err, ERR_NOT_FOUND, "there is no %s", path);
	if (fd < 0)
		return err_errno(err, errno, "%s", path);
	result = check_format(call, err);
	if (result == 0)
		result = read_status(fd, &status, &size, err);
	close(fd);
	if (result != 0)
		return err->code == ERR_USAGE || err->code == ERR_UNSUPPORTED ? -1
		    : err_prefix(err, "%s", path);
	report_status(call, &status, size);
	return 0;
}

const struct verb_ops ops_snapshot_status = { .run = run, .reads = true };
