/* SPDX-License-Identifier: Apache-2.0
 * From s3://bucket/prefix and what the AWS files say to an address. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/s3_client.h"

enum { BUCKET_MAX = 255 };

/* Names that S3 servers accept, old ones included: nothing that could end the host or path. */
static bool
is_bucket(const char *name)
{
	size_t len = strlen(name);

	return len && len <= BUCKET_MAX && strspn(name, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") == len && *name != '.';
}

static int
split_url(struct s3 *s3, const char *url, struct err *err)
{
	const char *bucket = url + 5, *slash = strchr(bucket, '/');
	const char *prefix = slash ? slash + 1 : "";
	size_t len = strlen(prefix);

	s3->bucket = xstrndup(bucket, slash ? (size_t)(slash - bucket) : strlen(bucket));
	s3->prefix = xasprintf("%s%s", prefix, len && prefix[len - 1] != '/' ? "/" : "");
	if (!is_bucket(s3->bucket)) {
		err_set(err, ERR_INPUT, "%s names no bucket", url);
		return err_cure(err, "write it as s3://bucket/prefix");
	}
	return 0;
}

static int
bad_endpoint(const char *endpoint, struct err *err)
{
	err_set(err, ERR_INPUT, "the S3 endpoint \"%s\" is no URL", endpoint);
	return err_cure(err, "write it as https://host:port");
}

static int
split_endpoint(struct s3 *s3, const char *endpoint, struct err *err)
{
	const char *host = strstr(endpoint, "://");
	size_t len;

	if (!host || strcspn(host + 3, "/?#@ ") == 0)
		return bad_endpoint(endpoint, err);
	s3->scheme = xstrndup(endpoint, (size_t)(host - endpoint));
	host += 3;
	len = strcspn(host, "/");
	s3->authority = xstrndup(host, len);
	s3->base = xstrdup(host + len);
	if (strpbrk(host, "?#@ ") ||
	    (strcmp(s3->scheme, "http") != 0 && strcmp(s3->scheme, "https") != 0))
		return bad_endpoint(endpoint, err);
	len = strlen(s3->base);
	if (len && s3->base[len - 1] == '/')
		s3->base[len - 1] = '\0';
	/* curl leaves the scheme's own port out of the Host header, which is signed. */
	len = strlen(s3->authority);
	if (strcmp(s3->scheme, "https") == 0 && len > 4 && strcmp(s3->authority + len - 4, ":443") == 0)
		s3->authority[len - 4] = '\0';
	if (strcmp(s3->scheme, "http") == 0 && len > 3 && strcmp(s3->authority + len - 3, ":80") == 0)
		s3->authority[len - 3] = '\0';
	return 0;
}

static int
choose_addressing(struct s3 *s3, const char *how, struct err *err)
{
	bool aws = s3->aws_itself || strstr(s3->authority, ".amazonaws.com");

	if (!how || !*how || strcmp(how, "auto") == 0)
		s3->by_host = aws && !strchr(s3->bucket, '.');
	else if (strcmp(how, "host") == 0)
		s3->by_host = true;
	else if (strcmp(how, "path") != 0)
		return err_set(err, ERR_INPUT, "S3 addressing is path, host or auto, not \"%s\"", how);
	return 0;
}

static void
override(char **setting, const char *value)
{
	if (!value || !*value)
		return;
	free(*setting);
	*setting = xstrdup(value);
}

struct s3 *
s3_new(struct loop *loop, const struct store_spec *spec, struct err *err)
{
	struct s3 *s3 = xcalloc(1, sizeof *s3);

	s3->loop = loop;
	if (split_url(s3, spec->url, err) != 0 || aws_config_load(spec->profile, &s3->aws, err) != 0)
		goto failed;
	override(&s3->aws.region, spec->region);
	override(&s3->aws.endpoint, spec->endpoint);
	override(&s3->aws.ca, spec->ca);
	if (!s3->aws.region)
		s3->aws.region = xstrdup("us-east-1");
	if (s3->aws.endpoint && *s3->aws.endpoint) {
		if (split_endpoint(s3, s3->aws.endpoint, err) != 0)
			goto failed;
	} else {
		s3->aws_itself = true;
		s3->scheme = xstrdup("https");
		s3->base = xstrdup("");
	}
	if (choose_addressing(s3, spec->addressing, err) != 0)
		goto failed;
	return s3;
failed:
	s3_free(s3);
	return NULL;
}

void
s3_free(struct s3 *s3)
{
	if (!s3)
		return;
	aws_config_release(&s3->aws);
	free(s3->scheme);
	free(s3->authority);
	free(s3->base);
	free(s3->bucket);
	free(s3->prefix);
	free(s3);
}
