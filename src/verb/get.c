/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/text.h"
#include "etcd/call.h"
#include "value/value.h"
#include "verb/channel.h"
#include "verb/get.h"
#include "verb/print.h"
#include "verb/range.h"

static const struct flag flags[] = {
	RANGE_FLAGS,
	{ "limit", 0, FLAG_INT, "N", "at most N keys" },
	{ "rev", 0, FLAG_INT, "N", "as it was at revision N" },
	{ "order", 0, FLAG_STR, "ORDER", "ASCEND or DESCEND; the server then reads everything" },
	{ "sort-by", 0, FLAG_STR, "FIELD", "CREATE, KEY, MODIFY, VALUE or VERSION" },
	{ "keys-only", 0, FLAG_BOOL, NULL, "without values" },
	{ "count-only", 0, FLAG_BOOL, NULL, "only how many; with -w fields" },
	{ "print-value-only", 0, FLAG_BOOL, NULL, "values without keys; with -w simple" },
	{ "consistency", 0, FLAG_STR, "l|s", "linearizable (l) or one member's copy (s)" },
	{ "min-create-rev", 0, FLAG_INT, "N", "created at N or later" },
	{ "max-create-rev", 0, FLAG_INT, "N", "created at N or earlier" },
	{ "min-mod-rev", 0, FLAG_INT, "N", "changed at N or later" },
	{ "max-mod-rev", 0, FLAG_INT, "N", "changed at N or earlier" },
	{ "decode", 0, FLAG_BOOL, NULL, "values as the Keys pane shows them; with -w simple" },
	{ NULL },
};

struct word {
	const char *name;
	int value;
};

static const struct word orders[] = {
	{ "", ETCD__RANGE_REQUEST__ORDER__NONE },
	{ "ASCEND", ETCD__RANGE_REQUEST__ORDER__ASCEND },
	{ "DESCEND", ETCD__RANGE_REQUEST__ORDER__DESCEND },
	{ NULL },
};

static const struct word targets[] = {
	{ "", ETCD__RANGE_REQUEST__TARGET__KEY },
	{ "KEY", ETCD__RANGE_REQUEST__TARGET__KEY },
	{ "VERSION", ETCD__RANGE_REQUEST__TARGET__VERSION },
	{ "CREATE", ETCD__RANGE_REQUEST__TARGET__CREATE },
	{ "MODIFY", ETCD__RANGE_REQUEST__TARGET__MOD },
	{ "VALUE", ETCD__RANGE_REQUEST__TARGET__VALUE },
	{ NULL },
};

static int
find_word(const struct args *args, const char *flag, const struct word *words, struct err *err)
{
	const char *given = args_str(args, flag);

	for (; words->name; words++)
		if (strcasecmp(words->name, given ? given : "") == 0)
			return words->value;
	return err_set(err, ERR_UNSUPPORTED, "--%s: \"%.40s\" is not known", flag, given);
}

int
consistency_of_args(const struct args *args, bool *serializable, struct err *err)
{
	const char *given = args_str(args, "consistency");

	*serializable = given && strcmp(given, "s") == 0;
	if (!given || *serializable || strcmp(given, "l") == 0)
		return 0;
	return err_set(err, ERR_UNSUPPORTED, "--consistency: \"%.40s\" is neither l nor s", given);
}

static int
set_filters(const struct args *args, Etcd__RangeRequest *request, struct err *err)
{
	request->min_create_revision = args_int(args, "min-create-rev", 0);
	request->max_create_revision = args_int(args, "max-create-rev", 0);
	request->min_mod_revision = args_int(args, "min-mod-rev", 0);
	request->max_mod_revision = args_int(args, "max-mod-rev", 0);
	if (request->max_create_revision > 0 &&
	    request->min_create_revision > request->max_create_revision)
		return err_set(err, ERR_UNSUPPORTED, "--min-create-rev is above --max-create-rev");
	if (request->max_mod_revision > 0 && request->min_mod_revision > request->max_mod_revision)
		return err_set(err, ERR_UNSUPPORTED, "--min-mod-rev is above --max-mod-rev");
	return 0;
}

/* Ascending by key is how keys come anyway; asking for it would make the server read everything. */
static int
set_order(const struct args *args, Etcd__RangeRequest *request, struct err *err)
{
	int order = find_word(args, "order", orders, err);
	int target = find_word(args, "sort-by", targets, err);

	if (order < 0 || target < 0)
		return -1;
	if (target == ETCD__RANGE_REQUEST__TARGET__KEY && order == ETCD__RANGE_REQUEST__ORDER__ASCEND)
		order = ETCD__RANGE_REQUEST__ORDER__NONE;
	request->sort_order = (Etcd__RangeRequest__Order)order;
	request->sort_target = (Etcd__RangeRequest__Target)target;
	return 0;
}

int
get_request(const struct verb_call *call, const struct key_range *range,
    Etcd__RangeRequest *request, struct err *err)
{
	const struct args *args = call->args;
	bool serializable;

	etcd__range_request__init(request);
	if (args_bool(args, "keys-only") && args_bool(args, "count-only"))
		return err_set(err, ERR_USAGE, "--keys-only and --count-only exclude each other");
	if (consistency_of_args(args, &serializable, err) != 0 ||
	    set_order(args, request, err) != 0 || set_filters(args, request, err) != 0)
		return -1;
	request->key = range->key;
	request->range_end = range->end;
	request->serializable = serializable;
	request->limit = args_int(args, "limit", 0);
	request->revision = args_int(args, "rev", 0) > 0 ? args_int(args, "rev", 0) : 0;
	request->keys_only = args_bool(args, "keys-only");
	request->count_only = args_bool(args, "count-only");
	return 0;
}

static int
check_form(const struct verb_call *call, struct print *print, struct err *err)
{
	if (args_bool(call->args, "count-only") && print->format != PRINT_FIELDS)
		return err_set(err, ERR_USAGE, "--count-only needs --write-out=fields");
	if (args_bool(call->args, "decode") && (call->etcdctl || print->format != PRINT_SIMPLE))
		return err_set(err, ERR_USAGE, call->etcdctl ? "unknown flag: --decode" :
		    "--decode needs --write-out=simple");
	print->value_only = args_bool(call->args, "print-value-only");
	if (print->value_only && print->format != PRINT_SIMPLE)
		return err_set(err, ERR_USAGE, "--print-value-only needs --write-out=simple");
	return 0;
}

/* Each key on a line of its own, below it its value's lines. */
static int
print_decoded(struct print *print, const Etcd__RangeResponse *response)
{
	for (size_t i = 0; i < response->n_kvs; i++) {
		const Etcd__KeyValue *kv = response->kvs[i];
		struct value_view *view = value_view_new(kv->value.data, kv->value.len, VALUE_FIELDS);

		if (!print->value_only) {
			text_escape(&print->out, (const char *)kv->key.data, kv->key.len);
			buf_printf(&print->out, "   %s\n", value_view_title(view));
		}
		for (size_t line = 0; line < value_view_lines(view); line++) {
			value_view_line(view, line, &print->out);
			print_line(print);
		}
		value_view_free(view);
	}
	return 0;
}

static int
run(struct verb_call *call, struct err *err)
{
	struct etcd_channel *channel = NULL;
	struct key_range range;
	Etcd__RangeRequest request;
	Etcd__RangeResponse *response = NULL;
	struct print print;
	int result = -1;

	if (range_of_args(call, &range, err) != 0)
		return -1;
	if (print_open(&print, call, err) == 0 && check_form(call, &print, err) == 0 &&
	    get_request(call, &range, &request, err) == 0 &&
	    call_channel(call, &channel, err) == 0 &&
	    etcd_range(channel, &request, &response, err) == 0)
		result = args_bool(call->args, "decode") ? print_decoded(&print, response) :
		    print_answer(&print, PRINT_KIND_RANGE, response, err);
	print_close(&print);
	etcd__range_response__free_unpacked(response, NULL);
	etcd_channel_free(channel);
	range_release(&range);
	return result;
}

const struct verb_ops ops_get = { .flags = flags, .run = run, .reads = true };
