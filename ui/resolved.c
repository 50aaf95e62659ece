/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/resolved.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "pki/san.h"

enum { PAUSE_MS = 300, NAMES_MAX = 100, ADDRESSES_MAX = 4096 };

struct answer {
	char *host;
	char *addresses;	/* "10.0.0.1, 10.0.0.2"; NULL where it does not resolve */
	char *why;		/* it does not */
};

struct resolved {
	struct app *app;
	void (*changed)(void *context);
	void *context;
	struct answer *answers;
	size_t len, cap;
	char **wanted;		/* not asked yet, or on their way */
	struct loop_timer *pause;
	struct job *job;
};

struct resolved *
resolved_new(struct app *app, void (*changed)(void *context), void *context)
{
	struct resolved *resolved = xcalloc(1, sizeof *resolved);

	resolved->app = app;
	resolved->changed = changed;
	resolved->context = context;
	return resolved;
}

void
resolved_forget(struct resolved *resolved)
{
	for (size_t i = 0; i < resolved->len; i++) {
		free(resolved->answers[i].host);
		free(resolved->answers[i].addresses);
		free(resolved->answers[i].why);
	}
	resolved->len = 0;
}

void
resolved_free(struct resolved *resolved)
{
	if (!resolved)
		return;
	loop_timer_cancel(resolved->pause);
	job_forget_handler(resolved->job);
	resolved_forget(resolved);
	free(resolved->answers);
	strv_free(resolved->wanted);
	free(resolved);
}

static const struct answer *
find(const struct resolved *resolved, const char *host)
{
	for (size_t i = 0; i < resolved->len; i++)
		if (strcmp(resolved->answers[i].host, host) == 0)
			return &resolved->answers[i];
	return NULL;
}

/* ---- asking */

static void
add(struct resolved *resolved, const char *host, struct json_object *list, const char *why)
{
	struct buf text = BUF_INIT(ADDRESSES_MAX);

	for (size_t i = 0; i < json_len(list); i++)
		buf_printf(&text, "%s%s", i ? ", " : "", json_object_get_string(json_at(list, i)));
	GROW(resolved->answers, resolved->len, resolved->cap);
	resolved->answers[resolved->len++] = (struct answer){ .host = xstrdup(host),
		.addresses = why ? NULL : xstrdup(buf_str(&text)), .why = why ? xstrdup(why) : NULL };
	buf_release(&text);
}

static void
on_row(void *context, const char *list, struct json_object *row)
{
	struct resolved *resolved = context;
	const char *host = json_str(row, "host", "");

	(void)list;
	if (!find(resolved, host))
		add(resolved, host, json_array(row, "addresses"), json_str(row, "error", NULL));
}

static void
ended(struct resolved *resolved)
{
	resolved->job = NULL;
	resolved->changed(resolved->context);
}

static void
on_result(void *context, struct json_object *result)
{
	(void)result;
	ended(context);
}

static void
on_error(void *context, const struct err *err)
{
	struct resolved *resolved = context;

	for (size_t i = 0; resolved->wanted && resolved->wanted[i]; i++)
		if (!find(resolved, resolved->wanted[i]))
			add(resolved, resolved->wanted[i], NULL, err->text);
	ended(resolved);
}

static void
ask(void *context)
{
	static const struct job_handler handler = { .row = on_row, .result = on_result,
		.error = on_error };
	struct resolved *resolved = context;
	const char *argv[NAMES_MAX + 4] = { "cert", "resolve", "--" };
	struct job_spec spec = { .argv = argv, .handler = &handler, .context = resolved,
		.quiet = true };
	struct err err = { 0 };

	resolved->pause = NULL;
	for (size_t i = 0; resolved->wanted[i]; i++)
		argv[i + 3] = resolved->wanted[i];
	resolved->job = jobs_start(resolved->app->models.jobs, &spec, &err);
	if (!resolved->job)
		on_error(resolved, &err);
}

/* Addresses need no resolver, and of a wildcard there is nothing to ask. */
static bool
is_name(const char *host)
{
	struct san san = san_of(host);
	bool name = san.kind == SAN_DNS && *host != '*' && !strstr(host, "..") &&
	    strspn(host, "0123456789.") != strlen(host);

	for (const char *c = host; *c; c++)
		name = name && ((*c >= '0' && *c <= '9') || ((*c | 32) >= 'a' && (*c | 32) <= 'z') ||
		    strchr("-._", *c));
	san_release(&san);
	return name && *host;
}

void
resolved_want(struct resolved *resolved, char *const *hosts)
{
	char **wanted = xcalloc(NAMES_MAX + 1, sizeof *wanted);
	size_t len = 0;

	for (size_t i = 0; hosts && hosts[i] && len < NAMES_MAX; i++)
		if (is_name(hosts[i]) && !find(resolved, hosts[i]))
			wanted[len++] = xstrdup(hosts[i]);
	if (resolved->job) { /* `changed` asks for what is still wanted then */
		strv_free(wanted);
		return;
	}
	loop_timer_cancel(resolved->pause);
	strv_free(resolved->wanted);
	resolved->wanted = wanted;
	resolved->pause = len ? loop_timer_add(resolved->app->loop, PAUSE_MS, ask, resolved) : NULL;
}

bool
resolved_busy(const struct resolved *resolved)
{
	return resolved->pause || resolved->job;
}

/* ---- what is known */

void
resolved_judge(const struct resolved *resolved, char *const *hosts, const char *own,
    struct findings *findings)
{
	for (size_t i = 0; hosts && hosts[i]; i++) {
		const struct answer *answer = find(resolved, hosts[i]);

		if (!answer)
			continue;
		if (answer->addresses)
			finding_add(findings, FINDING_OK, "%s resolves to %s", hosts[i], answer->addresses);
		else if (own && strcmp(own, hosts[i]) == 0)
			finding_add(findings, FINDING_NOTE, "the member's name %s does not resolve here; only its "
			    "URLs have to", hosts[i]);
		else
			finding_add(findings, FINDING_WARN, "%s does not resolve here: %s", hosts[i], answer->why);
	}
}
