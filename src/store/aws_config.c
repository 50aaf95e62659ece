/* SPDX-License-Identifier: Apache-2.0 */
#include "store/aws_config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/fs.h"
#include "base/mem.h"

enum { AWS_FILE_MAX = 1 << 20 };

struct line {
	const char *text;	/* without outer blanks */
	size_t len;
	bool indented;
};

static const char *
next_line(const char *at, struct line *line)
{
	size_t len = strcspn(at, "\n");
	const char *end = at + len, *next = end + (*end == '\n');

	line->indented = *at == ' ' || *at == '\t';
	while (at < end && strchr(" \t\r", *at))
		at++;
	while (end > at && strchr(" \t\r", end[-1]))
		end--;
	line->text = at;
	line->len = (size_t)(end - at);
	return next;
}

static bool
is_section(const struct line *line, const char *name)
{
	const char *at = line->text + 1;
	size_t len;

	if (line->len < 2 || line->text[line->len - 1] != ']')
		return false;
	len = line->len - 2;
	while (len && strchr(" \t", *at))
		at++, len--;
	while (len && strchr(" \t", at[len - 1]))
		len--;
	return len == strlen(name) && memcmp(at, name, len) == 0;
}

/* The value of "name = value", NULL where the line is another. */
static char *
value_of(const struct line *line, const char *name)
{
	size_t len = strlen(name), i = len;

	if (line->len <= len || strncasecmp(line->text, name, len) != 0)
		return NULL;
	while (i < line->len && strchr(" \t", line->text[i]))
		i++;
	if (i == line->len || line->text[i] != '=')
		return NULL;
	for (i++; i < line->len && strchr(" \t", line->text[i]);)
		i++;
	return xstrndup(line->text + i, line->len - i);
}

char *
aws_ini_find(const char *text, const char *section, const char *nested, const char *name)
{
	bool inside = false, below = false;
	struct line line;

	while (*text) {
		char *value;

		text = next_line(text, &line);
		if (!line.len || *line.text == '#' || *line.text == ';')
			continue;
		if (*line.text == '[' && !line.indented) {
			inside = is_section(&line, section);
			below = false;
			continue;
		}
		if (!inside)
			continue;
		if (!line.indented && nested) {
			value = value_of(&line, nested);
			below = value && !*value;
			free(value);
			continue;
		}
		if (line.indented != (nested != NULL) || (nested && !below))
			continue;
		value = value_of(&line, name);
		if (value)
			return value;
	}
	return NULL;
}

/* What the shared files hold, with where each lies. */
struct shared {
	const char *profile;
	char *section;		/* "profile NAME" in the config file */
	char *credentials_path, *config_path;
	struct buf credentials, config;
};

static char *
home_file(const char *variable, const char *name)
{
	const char *set = getenv(variable), *home = getenv("HOME");

	if (set && *set)
		return xstrdup(set);
	return xasprintf("%s/.aws/%s", home ? home : "", name);
}

static int
read_optional(const char *path, struct buf *out, struct err *err)
{
	return fs_exists(path) ? fs_read(path, out, err) : 0;
}

static void
shared_release(struct shared *shared)
{
	buf_release_secret(&shared->credentials);
	buf_release_secret(&shared->config);
	free(shared->credentials_path);
	free(shared->config_path);
	free(shared->section);
}

static int
shared_read(struct shared *shared, const char *profile, struct err *err)
{
	const char *set = getenv("AWS_PROFILE");

	*shared = (struct shared){ .credentials = BUF_INIT(AWS_FILE_MAX),
		.config = BUF_INIT(AWS_FILE_MAX) };
	shared->profile = profile && *profile ? profile : set && *set ? set : "default";
	shared->section = strcmp(shared->profile, "default") == 0 ? xstrdup("default")
	    : xasprintf("profile %s", shared->profile);
	shared->credentials_path = home_file("AWS_SHARED_CREDENTIALS_FILE", "credentials");
	shared->config_path = home_file("AWS_CONFIG_FILE", "config");
	if (read_optional(shared->credentials_path, &shared->credentials, err) != 0)
		return -1;
	return read_optional(shared->config_path, &shared->config, err);
}

static char *
in_config(const struct shared *shared, const char *name)
{
	return aws_ini_find(buf_str(&shared->config), shared->section, NULL, name);
}

static char *
copy_env(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? xstrdup(value) : NULL;
}

static bool
keys_from_env(struct aws_config *config)
{
	config->access = copy_env("AWS_ACCESS_KEY_ID");
	config->secret = copy_env("AWS_SECRET_ACCESS_KEY");
	if (!config->access || !config->secret)
		return false;
	config->token = copy_env("AWS_SESSION_TOKEN");
	config->source = xstrdup("environment");
	return true;
}

static bool
keys_from_text(struct aws_config *config, const struct buf *text, const char *section,
    const char *path)
{
	free(config->access);
	free(config->secret);
	config->access = aws_ini_find(buf_str(text), section, NULL, "aws_access_key_id");
	config->secret = aws_ini_find(buf_str(text), section, NULL, "aws_secret_access_key");
	if (!config->access || !*config->access || !config->secret || !*config->secret)
		return false;
	config->token = aws_ini_find(buf_str(text), section, NULL, "aws_session_token");
	config->source = xasprintf("[%s] of %s", section, path);
	return true;
}

/* Ways to get keys that exist but that vetch has no client for: said, not ignored. */
static const char *
unsupported_source(const struct shared *shared)
{
	static const struct {
		const char *setting, *what;
	} in_profile[] = {
		{ "sso_session", "single sign-on (sso_session)" },
		{ "sso_start_url", "single sign-on (sso_start_url)" },
		{ "role_arn", "an assumed role (role_arn)" },
		{ "credential_process", "credential_process" },
		{ "web_identity_token_file", "a web identity token" },
	};
	static const char *const in_env[] = { "AWS_WEB_IDENTITY_TOKEN_FILE",
		"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI" };

	for (size_t i = 0; i < ARRAY_LEN(in_profile); i++) {
		char *value = in_config(shared, in_profile[i].setting);
		bool found = value != NULL;

		free(value);
		if (found)
			return in_profile[i].what;
	}
	for (size_t i = 0; i < ARRAY_LEN(in_env); i++)
		if (getenv(in_env[i]))
			return in_env[i];
	return NULL;
}

static int
no_keys(const struct shared *shared, struct err *err)
{
	const char *other = unsupported_source(shared);

	if (other)
		err_set(err, ERR_DENIED, "profile \"%s\" gets its S3 keys by %s, which vetch does not do",
		    shared->profile, other);
	else
		err_set(err, ERR_DENIED, "no S3 keys: neither AWS_ACCESS_KEY_ID and "
		    "AWS_SECRET_ACCESS_KEY nor [%s] in %s (instance roles are not asked)",
		    shared->profile, shared->credentials_path);
	return err_cure(err, other ? "export AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and "
	    "AWS_SESSION_TOKEN from that source" : "export both variables, or name a profile with "
	    "AWS_PROFILE");
}

static int
find_keys(const struct shared *shared, bool named, struct aws_config *config, struct err *err)
{
	/* A profile that the target names goes before keys that merely lie in the environment. */
	if (!named && keys_from_env(config))
		return 0;
	if (keys_from_text(config, &shared->credentials, shared->profile, shared->credentials_path) ||
	    keys_from_text(config, &shared->config, shared->section, shared->config_path))
		return 0;
	return no_keys(shared, err);
}

static bool
ignores_endpoints(const struct shared *shared)
{
	const char *set = getenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
	char *value = set ? xstrdup(set) : in_config(shared, "ignore_configured_endpoint_urls");
	bool yes = value && strcasecmp(value, "true") == 0;

	free(value);
	return yes;
}

static char *
find_endpoint(const struct shared *shared)
{
	char *found = NULL, *services;

	if (ignores_endpoints(shared))
		return NULL;
	found = copy_env("AWS_ENDPOINT_URL_S3");
	if (!found)
		found = copy_env("AWS_ENDPOINT_URL");
	services = found ? NULL : in_config(shared, "services");
	if (services) {
		char *section = xasprintf("services %s", services);

		found = aws_ini_find(buf_str(&shared->config), section, "s3", "endpoint_url");
		free(section);
		free(services);
	}
	return found ? found : in_config(shared, "endpoint_url");
}

int
aws_config_load(const char *profile, struct aws_config *config, struct err *err)
{
	struct shared shared;
	int result = -1;

	*config = (struct aws_config){ 0 };
	if (shared_read(&shared, profile, err) != 0)
		goto out;
	if (find_keys(&shared, profile && *profile, config, err) != 0)
		goto out;
	config->region = copy_env("AWS_REGION");
	if (!config->region)
		config->region = copy_env("AWS_DEFAULT_REGION");
	if (!config->region)
		config->region = in_config(&shared, "region");
	config->endpoint = find_endpoint(&shared);
	config->ca = copy_env("AWS_CA_BUNDLE");
	if (!config->ca)
		config->ca = in_config(&shared, "ca_bundle");
	result = 0;
out:
	shared_release(&shared);
	if (result != 0)
		aws_config_release(config);
	return result;
}

static void
free_secret(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
}

void
aws_config_release(struct aws_config *config)
{
	free(config->access);
	free_secret(config->secret);
	free_secret(config->token);
	free(config->source);
	free(config->region);
	free(config->endpoint);
	free(config->ca);
	*config = (struct aws_config){ 0 };
}
