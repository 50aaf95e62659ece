/* SPDX-License-Identifier: Apache-2.0 */
#include "verb/pki_folder.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "cluster/settings.h"

enum { MAX_FILE = 1 << 20 };

char *
pki_folder(const struct verb_call *call)
{
	char *workspace = workspace_folder(call->settings, NULL);
	char *folder = fs_join(workspace, "pki");

	free(workspace);
	return folder;
}

char *
pki_cluster_name(const struct verb_call *call)
{
	char *workspace = workspace_folder(call->settings, NULL), *name = NULL;
	struct cluster *cluster = cluster_read(workspace, NULL);

	if (cluster && cluster->name)
		name = xstrdup(cluster->name);
	cluster_free(cluster);
	free(workspace);
	return name;
}

int
pki_profiles(const char *dir, struct profiles *profiles, struct findings *findings,
    struct err *err)
{
	char *path = fs_join(dir, "ca-config.json");
	struct buf text = BUF_INIT(MAX_FILE);
	int result = 0;

	*profiles = (struct profiles){ 0 };
	if (!fs_exists(path)) {
		profiles_default(profiles);
	} else if ((result = fs_read(path, &text, err)) == 0) {
		result = profiles_parse(profiles, &text, path, err);
		if (result == 0)
			profiles_check(&text, "ca-config.json", findings);
	}
	buf_release(&text);
	free(path);
	return result;
}

int
pki_ca_cert(const char *dir, struct cert *cert, struct err *err)
{
	char *path = fs_join(dir, "ca.pem");
	struct buf pem = BUF_INIT(MAX_FILE);
	int result;

	*cert = (struct cert){ 0 };
	if (!fs_exists(path)) {
		err_set(err, ERR_NOT_FOUND, "there is no CA: %s is missing", path);
		err_cure(err, "vetch ca init");
		result = -1;
	} else if ((result = fs_read(path, &pem, err)) == 0) {
		result = cert_parse_pem(cert, &pem, path, err);
	}
	buf_release(&pem);
	free(path);
	return result;
}

static int
open_with(const char *dir, const char *passphrase, struct authority *ca, struct err *err)
{
	char *cert_path = fs_join(dir, "ca.pem"), *key_path = fs_join(dir, "ca-key.pem");
	struct buf cert = BUF_INIT(MAX_FILE), key = BUF_INIT(MAX_FILE);
	int result = -1;

	if (fs_read(cert_path, &cert, err) == 0 && fs_read(key_path, &key, err) == 0) {
		result = authority_open(ca, &cert, &key, passphrase, err);
		if (result != 0)
			err_prefix(err, "%s", dir);
	}
	buf_release(&cert);
	buf_release_secret(&key);
	free(cert_path);
	free(key_path);
	return result;
}

int
pki_ca_open(struct verb_call *call, const char *dir, struct authority *ca, struct err *err)
{
	struct err first = { 0 };
	char *passphrase;
	int result;

	privkey_guard_process();
	result = open_with(dir, NULL, ca, &first);
	if (result != 0 && first.code == ERR_NEED) {
		passphrase = call_secret(call, "ca_passphrase", "Passphrase of the CA's key", err);
		if (!passphrase)
			return -1;
		result = open_with(dir, passphrase, ca, err);
		secret_free(passphrase);
		return result;
	}
	if (result != 0 && err)
		*err = first;
	return result;
}

static void
put_time(struct json_object *object, const char *name, int64_t seconds)
{
	char text[CLOCK_RFC3339_SIZE];

	json_put_str(object, name, clock_rfc3339(seconds, text));
}

struct json_object *
pki_cert_json(const struct cert *cert)
{
	struct json_object *object = json_object_new_object(), *list = json_object_new_array();

	json_put_str(object, "subject", cert->subject_text);
	json_put_str(object, "cn", cert->cn);
	json_put_str(object, "issuer", cert->issuer_text);
	json_put_str(object, "serial", cert->serial);
	for (size_t i = 0; i < cert->sans.len; i++) {
		char *text = cert_san_text(&cert->sans.items[i]);

		json_object_array_add(list, json_object_new_string(text));
		free(text);
	}
	json_put_object(object, "sans", list);
	list = json_object_new_array();
	for (size_t i = 0; i < cert->usage_count; i++)
		json_object_array_add(list, json_object_new_string(cert->usages[i]));
	json_put_object(object, "usages", list);
	put_time(object, "not_before", cert->not_before);
	put_time(object, "not_after", cert->not_after);
	json_put_str(object, "fingerprint_sha256", cert->fingerprint);
	json_put_str(object, "key", cert->key);
	json_put_bool(object, "is_ca", cert->is_ca);
	return object;
}

struct json_object *
pki_entry_json(const struct cert_entry *entry)
{
	struct json_object *object = pki_cert_json(&entry->cert), *list = json_object_new_array();

	json_put_str(object, "name", entry->name);
	json_put_str(object, "path", entry->path);
	json_put_int(object, "days_left", entry->days_left);
	json_put_bool(object, "has_key", entry->has_key);
	json_put_str(object, "status", cert_status_name(entry->status));
	json_put_str(object, "profile", cert_profile(&entry->cert));
	for (size_t i = 0; i < entry->findings.len; i++)
		json_object_array_add(list, json_object_new_string(entry->findings.items[i].text));
	json_put_object(object, "findings", list);
	return object;
}

struct json_object *
pki_findings_json(const struct findings *findings)
{
	static const char *const levels[] = { "ok", "info", "warn", "error" };
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < findings->len; i++) {
		struct json_object *one = json_object_new_object();

		json_put_str(one, "level", levels[findings->items[i].level]);
		json_put_str(one, "text", findings->items[i].text);
		json_object_array_add(list, one);
	}
	return list;
}

int
pki_refuse(struct verb_call *call, const struct findings *findings, struct err *err)
{
	for (size_t i = 0; i < findings->len; i++)
		if (findings->items[i].level == FINDING_WARN)
			report_warn(call->report, "%s", findings->items[i].text);
	for (size_t i = 0; i < findings->len; i++)
		if (findings->items[i].level == FINDING_ERROR)
			return err_set(err, ERR_INPUT, "%s", findings->items[i].text);
	return 0;
}
