/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "etcd/key_lister.h"
#include "verb/channel.h"

static const struct flag flags[] = {
	{ "sep", 0, FLAG_STR, "CHAR", "what parts the names (/)" },
	{ "limit", 0, FLAG_INT, "N", "at most N names" },
	{ NULL },
};

struct listing {
	bool done, failed;
	struct err err;
};

static void
on_done(void *context, const struct err *err)
{
	struct listing *listing = context;

	listing->done = true;
	if (err) {
		listing->failed = true;
		listing->err = *err;
	}
}

/* In JSON a name stands as it is; only bytes that are no UTF-8 are escaped. */
static void
put_name(struct json_object *object, const char *field, const char *name, size_t len)
{
	struct buf shown = BUF_INIT(4 << 20);

	for (size_t i = 0; i < len;) {
		struct text_char c = text_next(name + i, len - i);

		if (!c.plain && c.bytes == 1 && (unsigned char)name[i] >= 0x80)
			text_escape(&shown, name + i, 1);
		else
			buf_add(&shown, name + i, (size_t)c.bytes);
		i += (size_t)c.bytes;
	}
	json_put_mem(object, field, buf_str(&shown), shown.len);
	buf_release(&shown);
}

static void
say_row(struct report *report, const struct keyspace_row *row, char separator, struct buf *name)
{
	struct json_object *child = json_object_new_object();

	size_t len = row->key_len - row->name_at - (row->folder ? 1 : 0);

	buf_reset(name);
	text_escape(name, row->key + row->name_at, len);
	if (row->folder)
		report_text(report, "%s%c %" PRId64 "\n", buf_str(name), separator, row->count);
	else
		report_text(report, "%s\n", buf_str(name));
	put_name(child, "name", row->key + row->name_at, len);
	json_put_bool(child, "folder", row->folder);
	json_put_int(child, "count", row->folder ? row->count : 1);
	report_row(report, "children", child);
}

static void
say(struct verb_call *call, const struct key_lister_spec *spec, const struct key_listing *found,
    size_t limit)
{
	struct json_object *result = json_object_new_object();
	size_t shown = limit && found->rows.len > limit ? limit : found->rows.len;
	struct buf text = BUF_INIT(4 << 20);

	report_list(call->report, "children");
	for (size_t i = 0; i < shown; i++)
		say_row(call->report, &found->rows.items[i], spec->separator, &text);
	if (shown < found->rows.len || !found->complete)
		report_words(call->report, "more than these %zu; --limit N shows further ones", shown);
	put_name(result, "prefix", spec->prefix, spec->prefix_len);
	json_put_int(result, "revision", found->revision);
	json_put_bool(result, "more", shown < found->rows.len || !found->complete);
	report_result(call->report, result);
	buf_release(&text);
}

static int
spec_of_args(const struct verb_call *call, struct key_lister_spec *spec, size_t *limit,
    struct err *err)
{
	const char *prefix = args_at(call->args, 0), *separator = args_str(call->args, "sep");
	int64_t most = args_int(call->args, "limit", 0);

	if (args_expect(call, 0, 1, err) != 0)
		return -1;
	if (separator && strlen(separator) != 1)
		return err_set(err, ERR_USAGE, "--sep: one character is meant, not \"%.40s\"", separator);
	if (most < 0)
		return err_set(err, ERR_USAGE, "--limit: %" PRId64 " is no count", most);
	*limit = (size_t)most;
	*spec = (struct key_lister_spec){
		.prefix = prefix ? prefix : "", .prefix_len = prefix ? strlen(prefix) : 0,
		.separator = separator ? *separator : '/',
		.rows_max = most ? (size_t)most + 1 : SIZE_MAX,
	};
	return 0;
}

static int
run(struct verb_call *call, struct err *err)
{
	static const struct key_lister_handler handler = { .done = on_done };
	struct etcd_channel *channel;
	struct key_lister_spec spec;
	struct key_lister *lister;
	struct listing listing = { 0 };
	size_t limit = 0;
	int result;

	if (spec_of_args(call, &spec, &limit, err) != 0 || call_channel(call, &channel, err) != 0)
		return -1;
	spec.channel = channel;
	lister = key_lister_start(&spec, &handler, &listing);
	result = loop_run_until(call->loop, &listing.done, err);
	if (result == 0 && listing.failed) {
		*err = listing.err;
		result = -1;
	}
	if (result == 0)
		say(call, &spec, key_lister_found(lister), limit);
	key_lister_free(lister);
	etcd_channel_free(channel);
	return result;
}

const struct verb_ops ops_ls = { .flags = flags, .run = run, .reads = true };
