/* SPDX-License-Identifier: Apache-2.0
 * cluster.json as an operator edits it, and which source names the endpoints. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/fs.h"
#include "base/json.h"
#include "base/mem.h"
#include "cluster/settings.h"

static char *folder;

static int
make_folder(void **state)
{
	char name[] = "/tmp/vetch-cluster-XXXXXX";

	(void)state;
	folder = xstrdup(mkdtemp(name));
	return 0;
}

static int
remove_folder(void **state)
{
	(void)state;
	fs_remove_tree(folder, NULL);
	free(folder);
	return 0;
}

static void
write_json(const char *text)
{
	char *path = fs_join(folder, "cluster.json");

	assert_int_equal(fs_write(path, text, strlen(text), 0600, NULL), 0);
	free(path);
}

static void
reads_what_it_wrote(void **state)
{
	char *path = fs_join(folder, "cluster.json");
	struct json_object *object;
	struct cluster *cluster;
	struct err err = { 0 };

	(void)state;
	write_json("{\"name\":\"prod\",\"cluster_id\":\"8e9e05c52164694d\",\"note\":\"kept by hand\","
	    "\"members\":[{\"name\":\"a\",\"client_urls\":[\"https://a:2379\"],\"peer_urls\":"
	    "[\"https://a:2380\"]}],\"backup_targets\":[{\"name\":\"s\",\"url\":\"s3://b/p\"}]}");
	cluster = cluster_read(folder, &err);
	assert_non_null(cluster);
	assert_true(cluster->cluster_id == 0x8e9e05c52164694du);
	assert_string_equal(cluster->client, "client");
	assert_int_equal(cluster_write(folder, cluster, &err), 0);
	cluster_free(cluster);
	cluster = cluster_read(folder, &err);
	assert_string_equal(cluster->members[0].client_urls[0], "https://a:2379");
	assert_string_equal(cluster_target(cluster, "s")->url, "s3://b/p");
	assert_null(cluster_target(cluster, "t"));
	cluster_free(cluster);
	object = json_read(path, 10000, &err);
	assert_string_equal(json_str(object, "note", ""), "kept by hand");
	json_object_put(object);
	free(path);
}

static void
names_the_field_at_fault(void **state)
{
	static const struct {
		const char *text, *named;
	} cases[] = {
		{ "{\"members\":[{\"name\":\"a\",\"client_urls\":\"https://a\",\"peer_urls\":[]}]}", "member a" },
		{ "{\"members\":[{}]}", "members[0]" },
		{ "{\"cluster_id\":\"xyz\"}", "cluster_id" },
		{ "{\"backup_targets\":[{\"name\":\"x\"}]}", "backup_targets[0]" },
		{ "[1]", "not a JSON object" },
		{ "{\"name\":", "not JSON" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err err = { 0 };

		write_json(cases[i].text);
		assert_null(cluster_read(folder, &err));
		assert_non_null(strstr(err.text, cases[i].named));
		assert_int_equal(err.code, ERR_INPUT);
	}
}

static void
flag_beats_workspace_beats_environment(void **state)
{
	struct settings settings = { 0 };
	struct connection c;
	struct err err = { 0 };

	(void)state;
	write_json("{\"name\":\"prod\",\"members\":[{\"name\":\"a\",\"client_urls\":[\"https://ws:1\"],"
	    "\"peer_urls\":[\"https://ws:2\"]}]}");
	setenv("ETCDCTL_ENDPOINTS", "env1:1, env2:1", 1);
	setenv("ETCDCTL_USER", "root:pw", 1);
	settings.workspace = xstrdup(folder);
	assert_int_equal(connection_resolve(&settings, &c, &err), 0);
	assert_string_equal(c.endpoints[0], "https://ws:1");
	assert_string_equal(c.endpoint_source, "workspace");
	assert_string_equal(c.user, "root");
	assert_string_equal(c.password, "pw");
	connection_release(&c);
	settings.endpoints = xstrdup("flag:1");
	assert_int_equal(connection_resolve(&settings, &c, &err), 0);
	assert_string_equal(c.endpoints[0], "flag:1");
	connection_release(&c);
	settings_release(&settings);
	setenv("XDG_DATA_HOME", folder, 1);
	unsetenv("VETCH_WORKSPACE");
	assert_int_equal(connection_resolve(&settings, &c, &err), 0);
	assert_string_equal(c.endpoints[1], "env2:1");
	assert_null(c.workspace);
	connection_release(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_it_wrote),
		cmocka_unit_test(names_the_field_at_fault),
		cmocka_unit_test(flag_beats_workspace_beats_environment),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
