/* SPDX-License-Identifier: Apache-2.0
 * Which cluster a call leads to: flags, workspace, environment, in the design's order. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/mem.h"
#include "base/secret.h"
#include "base/text.h"
#include "cluster/settings.h"

char *
vetch_data_home(void)
{
	const char *xdg = getenv("XDG_DATA_HOME"), *home = getenv("HOME");

	if (xdg && *xdg)
		return fs_join(xdg, "vetch");
	return home && *home ? fs_join(home, ".local/share/vetch") : NULL;
}

char *
state_folder(uint64_t cluster_id)
{
	const char *xdg = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

	if (xdg && *xdg == '/')
		return xasprintf("%s/vetch/%" PRIx64, xdg, cluster_id);
	return home && *home ? xasprintf("%s/.local/state/vetch/%" PRIx64, home, cluster_id) : NULL;
}

char *
workspace_folder(const struct settings *settings, bool *named)
{
	const char *env = getenv("VETCH_WORKSPACE");
	char *home, *folder;

	if (named)
		*named = true;
	if (settings->workspace)
		return xstrdup(settings->workspace);
	if (env && *env)
		return xstrdup(env);
	if (named)
		*named = false;
	home = vetch_data_home();
	folder = home ? fs_join(home, "default") : NULL;
	free(home);
	return folder;
}

static char *
env_copy(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? xstrdup(value) : NULL;
}

static char *
flag_copy(const char *flag)
{
	return flag ? xstrdup(flag) : NULL;
}

/* "a,b" to a vector; blanks around a part are dropped, empty parts too. */
static char **
split_endpoints(const char *text)
{
	char **parts = text_split(text, ',');
	size_t kept = 0;

	for (size_t i = 0; parts[i]; i++) {
		size_t skip = strspn(parts[i], " \t"), len = strlen(parts[i]);

		while (len > skip && strchr(" \t", parts[i][len - 1]))
			parts[i][--len] = '\0';
		memmove(parts[i], parts[i] + skip, len - skip + 1);
		if (*parts[i])
			parts[kept++] = parts[i];
		else
			free(parts[i]);
	}
	parts[kept] = NULL;
	return parts;
}

static char **
member_endpoints(const struct cluster *cluster)
{
	char **urls = NULL;
	size_t len = 0, cap = 0;

	for (size_t i = 0; i < cluster->member_count; i++)
		for (char **url = cluster->members[i].client_urls; *url; url++) {
			GROW(urls, len, cap);
			urls[len++] = xstrdup(*url);
		}
	GROW(urls, len, cap);
	urls[len] = NULL;
	return urls;
}

/* A workspace file by the name of its certificate, where it exists. */
static char *
pki_file(const char *workspace, const char *name, const char *suffix)
{
	char *path = xasprintf("%s/pki/%s%s", workspace, name, suffix);

	if (fs_exists(path))
		return path;
	free(path);
	return NULL;
}

static void
from_workspace(struct connection *c)
{
	if (!c->cluster || c->endpoints)
		goto files;
	c->endpoints = member_endpoints(c->cluster);
	if (*c->endpoints) {
		c->endpoint_source = xstrdup("workspace");
	} else {
		strv_free(c->endpoints);
		c->endpoints = NULL;
	}
files:
	if (!c->cacert)
		c->cacert = pki_file(c->workspace, "ca", ".pem");
	if (!c->cert && !c->key) {
		const char *client = c->cluster ? c->cluster->client : "client";

		c->cert = pki_file(c->workspace, client, ".pem");
		c->key = pki_file(c->workspace, client, "-key.pem");
	}
}

static void
from_environment(struct connection *c)
{
	char *endpoints = env_copy("ETCDCTL_ENDPOINTS");

	if (!c->endpoints && endpoints) {
		c->endpoints = split_endpoints(endpoints);
		c->endpoint_source = xstrdup("ETCDCTL_ENDPOINTS");
	}
	free(endpoints);
	if (!c->cacert)
		c->cacert = env_copy("ETCDCTL_CACERT");
	if (!c->cert && !c->key) {
		c->cert = env_copy("ETCDCTL_CERT");
		c->key = env_copy("ETCDCTL_KEY");
	}
	if (!c->user)
		c->user = env_copy("ETCDCTL_USER");
	if (!c->password && getenv("ETCDCTL_PASSWORD") && *getenv("ETCDCTL_PASSWORD"))
		c->password = secret_dup(getenv("ETCDCTL_PASSWORD"));
}

static void
from_flags(const struct settings *s, struct connection *c)
{
	if (s->endpoints) {
		c->endpoints = split_endpoints(s->endpoints);
		c->endpoint_source = xstrdup("--endpoints");
	}
	c->cacert = flag_copy(s->cacert);
	c->cert = flag_copy(s->cert);
	c->key = flag_copy(s->key);
	c->user = flag_copy(s->user);
	c->password = secret_dup(s->password);
}

/* "name:password" in --user or ETCDCTL_USER, as etcdctl takes it. */
static void
split_user(struct connection *c)
{
	char *colon = c->user ? strchr(c->user, ':') : NULL;

	if (!colon)
		return;
	*colon = '\0';
	if (!c->password)
		c->password = secret_dup(colon + 1);
	explicit_bzero(colon + 1, strlen(colon + 1));
}

static int64_t
time_setting(int64_t flag, const char *env, int64_t otherwise)
{
	const char *text = getenv(env);
	int64_t ns;

	if (flag)
		return flag;
	if (text && text_duration(text, &ns) && ns > 0)
		return ns / 1000000;
	return otherwise;
}

static bool
env_is(const char *env, const char *word)
{
	const char *text = getenv(env);

	return text && strcmp(text, word) == 0;
}

static int
open_workspace(const struct settings *settings, struct connection *c, bool *named, struct err *err)
{
	char *file;

	*named = false;
	if (settings->etcdctl)
		return 0;
	c->workspace = workspace_folder(settings, named);
	if (!c->workspace)
		return 0;
	file = fs_join(c->workspace, "cluster.json");
	if (fs_exists(file))
		c->cluster = cluster_read(c->workspace, err);
	else if (!*named) {
		free(c->workspace);
		c->workspace = NULL;
		free(file);
		return 0;
	}
	if (!c->cluster && fs_exists(file)) {
		free(file);
		return -1;
	}
	free(file);
	return 0;
}

static int
set_max_recv(const struct settings *settings, struct connection *c, struct err *err)
{
	const char *text = settings->max_recv_bytes;
	int64_t bytes = 0;

	if (!text)
		text = getenv("ETCDCTL_MAX_RECV_BYTES");
	if (text && *text && !text_int(text, 0, INT32_MAX, &bytes))
		return err_set(err, ERR_USAGE, "--max-recv-bytes: \"%.40s\" is no count of bytes", text);
	c->max_recv = (size_t)bytes;
	return 0;
}

/* With it etcdctl looks at no other endpoints, so going on would be in another cluster. */
static int
refuse_discovery(const char *domain, struct err *err)
{
	if (!domain || !*domain)
		return 0;
	err_set(err, ERR_FAILED, "SRV records are not looked up yet: --discovery-srv %.100s", domain);
	return err_cure(err, "Name the endpoints themselves: --endpoints URL,…");
}

/* The environment's word counts where the environment's endpoints would. */
static const char *
discovery_of_environment(const struct settings *settings, const struct connection *c)
{
	return c->endpoints && !settings->etcdctl ? NULL : getenv("ETCDCTL_DISCOVERY_SRV");
}

int
connection_resolve(const struct settings *settings, struct connection *c, struct err *err)
{
	bool named;

	memset(c, 0, sizeof *c);
	if (refuse_discovery(settings->discovery_srv, err) != 0 || set_max_recv(settings, c, err) != 0 ||
	    open_workspace(settings, c, &named, err) != 0) {
		connection_release(c);
		return -1;
	}
	from_flags(settings, c);
	if (c->workspace && named)
		from_workspace(c);
	if (refuse_discovery(discovery_of_environment(settings, c), err) != 0) {
		connection_release(c);
		return -1;
	}
	from_environment(c);
	if (c->workspace && !named)
		from_workspace(c);
	if (!c->endpoints && settings->etcdctl) {
		c->endpoints = split_endpoints("127.0.0.1:2379");
		c->endpoint_source = xstrdup("default");
	}
	split_user(c);
	c->dial_ms = time_setting(settings->dial_timeout, "ETCDCTL_DIAL_TIMEOUT", 2000);
	c->call_ms = time_setting(settings->command_timeout, "ETCDCTL_COMMAND_TIMEOUT", 5000);
	c->insecure_transport = !settings->secure_transport &&
	    !env_is("ETCDCTL_INSECURE_TRANSPORT", "false");
	c->insecure_skip_verify = settings->insecure_skip_verify ||
	    env_is("ETCDCTL_INSECURE_SKIP_TLS_VERIFY", "true");
	return 0;
}

void
connection_release(struct connection *c)
{
	strv_free(c->endpoints);
	free(c->cacert);
	free(c->cert);
	free(c->key);
	free(c->user);
	secret_free(c->password);
	free(c->endpoint_source);
	free(c->workspace);
	cluster_free(c->cluster);
	memset(c, 0, sizeof *c);
}
