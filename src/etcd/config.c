/* SPDX-License-Identifier: Apache-2.0 */
#include "etcd/config.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/secret.h"

enum { DIAL_MS = 2000, CALL_MS = 5000 };

void
etcd_config_release(struct etcd_config *config)
{
	strv_free(config->endpoints);
	free(config->cacert);
	free(config->cert);
	free(config->key);
	free(config->user);
	secret_free(config->password);
	*config = (struct etcd_config){ 0 };
}

static char *
copy_text(const char *text)
{
	return text && *text ? xstrdup(text) : NULL;
}

static char **
copy_endpoints(char **from)
{
	static char standard[] = "127.0.0.1:2379";
	static char *none[] = { standard, NULL };
	size_t count = 0;
	char **copy;

	if (!from || !*from)
		from = none;
	while (from[count])
		count++;
	copy = xcalloc(count + 1, sizeof *copy);
	for (size_t i = 0; i < count; i++)
		copy[i] = xstrdup(from[i]);
	return copy;
}

void
etcd_config_copy(struct etcd_config *copy, const struct etcd_config *config)
{
	*copy = *config;
	copy->endpoints = copy_endpoints(config->endpoints);
	copy->cacert = copy_text(config->cacert);
	copy->cert = copy_text(config->cert);
	copy->key = copy_text(config->key);
	copy->user = copy_text(config->user);
	copy->password = secret_dup(config->password);
	if (!copy->dial_ms)
		copy->dial_ms = DIAL_MS;
	if (!copy->call_ms)
		copy->call_ms = CALL_MS;
	if (!copy->max_recv || copy->max_recv > INT32_MAX)
		copy->max_recv = INT32_MAX;
}
