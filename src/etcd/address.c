/* SPDX-License-Identifier: Apache-2.0 */
#include "etcd/address.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

static int
bad(struct err *err, const char *text, const char *why)
{
	err_set(err, ERR_INPUT, "the endpoint \"%.200s\" is not usable: %s", text, why);
	return err_cure(err, "Write https://host:2379, http://host:2379, host:2379 or unix:PATH.");
}

static bool
starts(const char *text, const char *with, const char **rest)
{
	size_t len = strlen(with);

	if (strncmp(text, with, len) != 0)
		return false;
	*rest = text + len;
	return true;
}

static int
parse_unix(struct etcd_address *address, const char *text, const char *path, struct err *err)
{
	if (strncmp(path, "//", 2) == 0)
		path += 2;
	if (!*path || strlen(path) > 100)
		return bad(err, text, "the socket's path is empty or too long");
	*address = (struct etcd_address){ .url = xstrdup(text), .authority = xstrdup("localhost"),
		.host = xstrdup("localhost"), .unix_path = xstrdup(path),
		.tls = strncmp(text, "unixs", 5) == 0 };
	return 0;
}

/* Where the host of "host:port" ends; brackets hold an IPv6 address. */
static const char *
host_end(const char *text)
{
	const char *end = *text == '[' ? strchr(text, ']') : NULL;

	return end ? end + 1 : text + strcspn(text, ":");
}

static bool
plain_host(const char *host, size_t len)
{
	if (*host == '[') {
		if (host[len - 1] != ']')
			return false;
		host++;
		len -= 2;
	}
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)host[i] <= ' ' || strchr("/@?#%\\\"<>[]^`{|}\x7f", host[i]))
			return false;
	return len > 0 && len < 256;
}

static int
parse_authority(struct etcd_address *address, const char *text, const char *rest, struct err *err)
{
	char *copy = xstrdup(rest);
	const char *end;
	int64_t port = 2379;
	int rc = -1;

	copy[strcspn(copy, "/")] = '\0';
	end = host_end(copy);
	if (!plain_host(copy, (size_t)(end - copy))) {
		bad(err, text, "it names no host");
	} else if (*end == ':' && !text_int(end + 1, 1, 65535, &port)) {
		bad(err, text, "its port is not a number from 1 to 65535");
	} else if (*end && *end != ':') {
		bad(err, text, "host and port do not stand apart");
	} else {
		int len = (int)(end - copy);

		address->authority = xasprintf("%.*s:%d", len, copy, (int)port);
		address->host = *copy == '[' ? xstrndup(copy + 1, (size_t)len - 2)
		    : xstrndup(copy, (size_t)len);
		address->url = xasprintf("%s://%s", address->tls ? "https" : "http", address->authority);
		rc = 0;
	}
	free(copy);
	return rc;
}

int
etcd_address_parse(struct etcd_address *address, const char *text, const struct etcd_config *config,
    struct err *err)
{
	const char *rest;

	*address = (struct etcd_address){ 0 };
	if (starts(text, "unix:", &rest) || starts(text, "unixs:", &rest))
		return parse_unix(address, text, rest, err);
	if (starts(text, "https://", &rest))
		address->tls = true;
	else if (starts(text, "http://", &rest))
		address->tls = false;
	else if (strstr(text, "://"))
		return bad(err, text, "its scheme is neither http nor https");
	else {
		rest = text;
		address->tls = config->cacert || config->cert || config->key ||
		    config->insecure_skip_verify || !config->insecure_transport;
	}
	return parse_authority(address, text, rest, err);
}

void
etcd_address_release(struct etcd_address *address)
{
	free(address->url);
	free(address->authority);
	free(address->host);
	free(address->unix_path);
	*address = (struct etcd_address){ 0 };
}
