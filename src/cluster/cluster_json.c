/* SPDX-License-Identifier: Apache-2.0 */
#include "cluster/cluster_json.h"

#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"

enum { MAX_FILE = 1 << 20, MAX_MEMBERS = 101, MAX_TARGETS = 100, MAX_URLS = 32 };

static char *
copy_or_null(const char *text)
{
	return text ? xstrdup(text) : NULL;
}

static char **
read_urls(struct json_object *member, const char *field)
{
	struct json_object *array = json_array(member, field);
	size_t len = json_len(array);
	char **urls;

	if (len == 0 || len > MAX_URLS)
		return NULL;
	urls = xcalloc(len + 1, sizeof *urls);
	for (size_t i = 0; i < len; i++) {
		struct json_object *url = json_at(array, i);

		if (!json_object_is_type(url, json_type_string)) {
			strv_free(urls);
			return NULL;
		}
		urls[i] = xstrdup(json_object_get_string(url));
	}
	return urls;
}

static int
read_members(struct cluster *cluster, struct json_object *array, struct err *err)
{
	size_t len = json_len(array);

	if (len > MAX_MEMBERS)
		return err_set(err, ERR_INPUT, "cluster.json: more than %d members", MAX_MEMBERS);
	cluster->members = xcalloc(len, sizeof *cluster->members);
	for (size_t i = 0; i < len; i++) {
		struct member_spec *spec = &cluster->members[i];
		struct json_object *member = json_at(array, i);
		const char *name = json_str(member, "name", NULL);

		cluster->member_count = i + 1;
		spec->name = copy_or_null(name);
		spec->client_urls = read_urls(member, "client_urls");
		spec->peer_urls = read_urls(member, "peer_urls");
		if (!name || !*name)
			return err_set(err, ERR_INPUT, "cluster.json: members[%zu] has no name", i);
		if (!spec->client_urls || !spec->peer_urls)
			return err_set(err, ERR_INPUT,
			    "cluster.json: member %s lacks client_urls or peer_urls (lists of URLs)", name);
	}
	return 0;
}

static int
read_targets(struct cluster *cluster, struct json_object *array, struct err *err)
{
	size_t len = json_len(array);

	if (len > MAX_TARGETS)
		return err_set(err, ERR_INPUT, "cluster.json: more than %d backup targets", MAX_TARGETS);
	cluster->targets = xcalloc(len, sizeof *cluster->targets);
	for (size_t i = 0; i < len; i++) {
		struct target_spec *spec = &cluster->targets[i];
		struct json_object *target = json_at(array, i);

		cluster->target_count = i + 1;
		spec->name = copy_or_null(json_str(target, "name", NULL));
		spec->url = copy_or_null(json_str(target, "url", NULL));
		spec->endpoint = copy_or_null(json_str(target, "endpoint", NULL));
		spec->region = copy_or_null(json_str(target, "region", NULL));
		spec->ca = copy_or_null(json_str(target, "ca", NULL));
		spec->addressing = copy_or_null(json_str(target, "addressing", NULL));
		spec->profile = copy_or_null(json_str(target, "profile", NULL));
		if (!spec->name || !spec->url)
			return err_set(err, ERR_INPUT,
			    "cluster.json: backup_targets[%zu] needs name and url", i);
	}
	return 0;
}

static int
read_cluster_id(struct cluster *cluster, struct json_object *object, struct err *err)
{
	const char *id = json_str(object, "cluster_id", NULL);

	if (id && *id && !text_hex64(id, &cluster->cluster_id))
		return err_set(err, ERR_INPUT, "cluster.json: cluster_id \"%.40s\" is not hex", id);
	return 0;
}

struct cluster *
cluster_read(const char *dir, struct err *err)
{
	char *path = fs_join(dir, "cluster.json");
	struct json_object *object = json_read(path, MAX_FILE, err);
	struct cluster *cluster = NULL;

	if (!object)
		goto out;
	cluster = xcalloc(1, sizeof *cluster);
	cluster->name = xstrdup(json_str(object, "name", "etcd"));
	cluster->token = copy_or_null(json_str(object, "token", NULL));
	cluster->etcd_version = copy_or_null(json_str(object, "etcd_version", NULL));
	cluster->client = xstrdup(json_str(object, "client", "client"));
	if (!json_object_is_type(object, json_type_object)) {
		err_set(err, ERR_INPUT, "%s is not a JSON object", path);
		goto fail;
	}
	if (read_cluster_id(cluster, object, err) == 0 &&
	    read_members(cluster, json_array(object, "members"), err) == 0 &&
	    read_targets(cluster, json_array(object, "backup_targets"), err) == 0)
		goto out;
fail:
	cluster_free(cluster);
	cluster = NULL;
out:
	json_object_put(object);
	free(path);
	return cluster;
}

void
cluster_free(struct cluster *cluster)
{
	if (!cluster)
		return;
	for (size_t i = 0; i < cluster->member_count; i++) {
		free(cluster->members[i].name);
		strv_free(cluster->members[i].client_urls);
		strv_free(cluster->members[i].peer_urls);
	}
	for (size_t i = 0; i < cluster->target_count; i++) {
		struct target_spec *t = &cluster->targets[i];

		free(t->name);
		free(t->url);
		free(t->endpoint);
		free(t->region);
		free(t->ca);
		free(t->addressing);
		free(t->profile);
	}
	free(cluster->members);
	free(cluster->targets);
	free(cluster->name);
	free(cluster->token);
	free(cluster->etcd_version);
	free(cluster->client);
	free(cluster);
}

static struct json_object *
urls_json(char **urls)
{
	struct json_object *array = json_object_new_array();

	for (char **url = urls; url && *url; url++)
		json_object_array_add(array, json_object_new_string(*url));
	return array;
}

static struct json_object *
members_json(const struct cluster *cluster)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < cluster->member_count; i++) {
		struct json_object *member = json_object_new_object();

		json_put_str(member, "name", cluster->members[i].name);
		json_put_object(member, "client_urls", urls_json(cluster->members[i].client_urls));
		json_put_object(member, "peer_urls", urls_json(cluster->members[i].peer_urls));
		json_object_array_add(array, member);
	}
	return array;
}

static void
put_given(struct json_object *object, const char *name, const char *value)
{
	if (value)
		json_put_str(object, name, value);
}

static struct json_object *
targets_json(const struct cluster *cluster)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < cluster->target_count; i++) {
		const struct target_spec *spec = &cluster->targets[i];
		struct json_object *target = json_object_new_object();

		json_put_str(target, "name", spec->name);
		json_put_str(target, "url", spec->url);
		put_given(target, "endpoint", spec->endpoint);
		put_given(target, "region", spec->region);
		put_given(target, "ca", spec->ca);
		put_given(target, "addressing", spec->addressing);
		put_given(target, "profile", spec->profile);
		json_object_array_add(array, target);
	}
	return array;
}

int
cluster_write(const char *dir, const struct cluster *cluster, struct err *err)
{
	char *path = fs_join(dir, "cluster.json");
	struct json_object *object = fs_exists(path) ? json_read(path, MAX_FILE, NULL) : NULL;
	struct buf text = BUF_INIT(MAX_FILE);
	int result;

	/* Fields that only its editor knows are kept. */
	if (!json_object_is_type(object, json_type_object)) {
		json_object_put(object);
		object = json_object_new_object();
	}
	json_put_str(object, "name", cluster->name);
	put_given(object, "token", cluster->token);
	put_given(object, "etcd_version", cluster->etcd_version);
	if (cluster->cluster_id)
		json_put_hex(object, "cluster_id", cluster->cluster_id);
	json_put_str(object, "client", cluster->client ? cluster->client : "client");
	json_put_object(object, "members", members_json(cluster));
	json_put_object(object, "backup_targets", targets_json(cluster));
	buf_add_str(&text, json_object_to_json_string_ext(object,
	    JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
	buf_add_byte(&text, '\n');
	result = fs_write(path, buf_str(&text), text.len, 0600, err);
	buf_release(&text);
	json_object_put(object);
	free(path);
	return result;
}

const struct target_spec *
cluster_target(const struct cluster *cluster, const char *name)
{
	for (size_t i = 0; cluster && i < cluster->target_count; i++)
		if (strcmp(cluster->targets[i].name, name) == 0)
			return &cluster->targets[i];
	return NULL;
}
