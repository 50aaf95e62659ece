/* SPDX-License-Identifier: Apache-2.0
 * cert resolve: which names of a certificate resolve on this machine. The resolver may take as long
 * as it likes; what has not been answered after two seconds does not resolve. */
#include <arpa/inet.h>
#include <netdb.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "verb/verb.h"

enum { ANSWER_MS = 2000, MAX_HOSTS = 100, MAX_ADDRESSES = 8 };

static void
add_addresses(const struct addrinfo *list, struct json_object *array, struct buf *text)
{
	char host[NI_MAXHOST];

	for (; list && json_object_array_length(array) < MAX_ADDRESSES; list = list->ai_next) {
		if (getnameinfo(list->ai_addr, list->ai_addrlen, host, sizeof host, NULL, 0,
			NI_NUMERICHOST) != 0)
			continue;
		json_object_array_add(array, json_object_new_string(host));
		buf_printf(text, "%s%s", text->len ? ", " : "", host);
	}
}

static void
tell(struct verb_call *call, struct gaicb *ask)
{
	struct json_object *row = json_object_new_object(), *array = json_object_new_array();
	struct buf text = BUF_INIT(4096);
	int code = gai_error(ask);

	json_put_str(row, "host", ask->ar_name);
	if (code == 0) {
		add_addresses(ask->ar_result, array, &text);
		report_text(call->report, "%s  %s\n", ask->ar_name, buf_str(&text));
		freeaddrinfo(ask->ar_result);
	} else {
		const char *why = code == EAI_INPROGRESS ? "no answer within 2 s" : gai_strerror(code);

		json_put_str(row, "error", why);
		report_text(call->report, "%s  does not resolve here: %s\n", ask->ar_name, why);
	}
	json_put_object(row, "addresses", array);
	report_row(call->report, "hosts", row);
	buf_release(&text);
}

/* gai_suspend returns for each answer: goes on until all are there or the time is over. True where
 * all are there. */
static bool
wait_for_all(struct gaicb *const *asks, size_t count)
{
	const struct gaicb **waiting = xcalloc(count, sizeof *waiting);
	int64_t until = clock_ms() + ANSWER_MS;
	size_t len;

	do {
		int64_t left = until - clock_ms();
		struct timespec span = { left / 1000, left % 1000 * 1000000 };

		len = 0;
		for (size_t i = 0; i < count; i++)
			if (gai_error(asks[i]) == EAI_INPROGRESS)
				waiting[len++] = asks[i];
		if (len && (left <= 0 || gai_suspend(waiting, (int)len, &span) == EAI_AGAIN))
			break;
	} while (len);
	free(waiting);
	return len == 0;
}

static int
run(struct verb_call *call, struct err *err)
{
	static const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct gaicb *asks, **list;
	size_t count;
	bool all;

	if (args_expect(call, 1, MAX_HOSTS, err) != 0)
		return -1;
	count = args_count(call->args);
	asks = xcalloc(count, sizeof *asks);
	list = xcalloc(count, sizeof *list);
	for (size_t i = 0; i < count; i++) {
		asks[i] = (struct gaicb){ .ar_name = args_at(call->args, i), .ar_request = &hints };
		list[i] = &asks[i];
	}
	report_list(call->report, "hosts");
	getaddrinfo_a(GAI_NOWAIT, list, (int)count, NULL);
	all = wait_for_all(list, count);
	for (size_t i = 0; i < count; i++)
		tell(call, &asks[i]);
	/* What is still asked for belongs to the resolver until this process ends. */
	if (all) {
		free(asks);
		free(list);
	}
	return 0;
}

const struct verb_ops ops_cert_resolve = { .run = run, .reads = true };
