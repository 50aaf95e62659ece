/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/csr.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/fs.h"
#include "base/mem.h"
#include "base/text.h"
#include "pki/go_json.h"

enum { MAX_CSR = 1 << 20 };

void
csr_init(struct csr *csr)
{
	*csr = (struct csr){ .algo = xstrdup("ecdsa"), .size = 256 };
}

void
csr_release(struct csr *csr)
{
	name_release(&csr->name);
	strv_free(csr->hosts);
	free(csr->algo);
	free(csr->crl_url);
	*csr = (struct csr){ 0 };
}

void
csr_set_hosts(struct csr *csr, char *const *hosts)
{
	size_t len = 0;

	strv_free(csr->hosts);
	while (hosts && hosts[len])
		len++;
	csr->hosts = xcalloc(len + 1, sizeof *csr->hosts);
	for (size_t i = 0; i < len; i++)
		csr->hosts[i] = xstrdup(hosts[i]);
}

static int
read_key(struct csr *csr, struct json_object *root, struct err *err)
{
	struct json_object *key, *algo, *size;

	if (go_get(root, "key", json_type_object, &key, err) != 0 ||
	    go_get(key, "algo", json_type_string, &algo, err) != 0 ||
	    go_get(key, "size", json_type_int, &size, err) != 0)
		return -1;
	if (size)
		csr->size = json_object_get_int64(size);
	if (algo) {
		free(csr->algo);
		csr->algo = xstrdup(json_object_get_string(algo));
	}
	return 0;
}

static int
read_span(struct json_object *object, const char *name, int64_t *ns, struct err *err)
{
	const char *text;

	if (go_str(object, name, &text, err) != 0)
		return -1;
	if (*text && !text_duration(text, ns))
		return err_set(err, ERR_INPUT, "\"%s\": \"%.40s\" is no duration", name, text);
	return 0;
}

static int
read_ca(struct csr *csr, struct json_object *root, struct err *err)
{
	struct json_object *ca;

	if (go_get(root, "ca", json_type_object, &ca, err) != 0)
		return -1;
	csr->has_ca = ca != NULL;
	if (read_span(ca, "expiry", &csr->ca_expiry, err) != 0 ||
	    read_span(ca, "backdate", &csr->ca_backdate, err) != 0 ||
	    go_int(ca, "pathlen", &csr->ca_path_len, err) != 0)
		return -1;
	return go_bool(ca, "pathlenzero", &csr->ca_path_len_zero, err);
}

static int
read_names(struct csr *csr, struct json_object *root, struct err *err)
{
	struct json_object *names;
	const char *text;

	if (go_get(root, "names", json_type_array, &names, err) != 0)
		return -1;
	for (size_t i = 0; i < json_len(names); i++)
		if (name_add_json(&csr->name, json_at(names, i), err) != 0)
			return -1;
	if (go_str(root, "CN", &text, err) != 0)
		return -1;
	name_add(&csr->name, NAME_CN, text);
	if (go_str(root, "serialnumber", &text, err) != 0)
		return -1;
	name_add(&csr->name, NAME_SERIAL, text);
	return 0;
}

static int
read_rest(struct csr *csr, struct json_object *root, struct err *err)
{
	struct json_object *extensions;
	const char *crl;
	bool delegation;

	if (go_strv(root, "hosts", &csr->hosts, err) != 0 || go_str(root, "crl_url", &crl, err) != 0 ||
	    go_bool(root, "delegation_enabled", &delegation, err) != 0 ||
	    go_get(root, "extensions", json_type_array, &extensions, err) != 0)
		return -1;
	csr->crl_url = *crl ? xstrdup(crl) : NULL;
	if (delegation)
		csr->unsupported = "delegation_enabled";
	if (json_len(extensions))
		csr->unsupported = "extensions";
	return 0;
}

int
csr_parse(struct csr *csr, const struct buf *text, const char *what, struct err *err)
{
	struct json_object *root = json_parse(buf_str(text), text->len, what, err);
	int result = -1;

	csr_init(csr);
	if (!root) {
		csr_release(csr);
		return -1;
	}
	if (!json_object_is_type(root, json_type_object))
		err_set(err, ERR_INPUT, "not a JSON object");
	else if (read_names(csr, root, err) == 0 && read_key(csr, root, err) == 0 &&
	    read_ca(csr, root, err) == 0 && read_rest(csr, root, err) == 0)
		result = 0;
	json_object_put(root);
	if (result != 0) {
		csr_release(csr);
		err_prefix(err, "%s", what);
	}
	return result;
}

int
csr_read(struct csr *csr, const char *path, struct err *err)
{
	struct buf text = BUF_INIT(MAX_CSR);
	int result = fs_read(path, &text, err);

	*csr = (struct csr){ 0 };
	if (result == 0)
		result = csr_parse(csr, &text, path, err);
	buf_release(&text);
	return result;
}

struct check {
	const char *what;
	struct findings *findings;
};

static void
seen_twice(void *context, const char *name)
{
	struct check *check = context;

	finding_add(check->findings, FINDING_WARN, "%s: \"%s\" stands twice in one object; the last "
	    "one counts", check->what, name);
}

static void
check_members(const struct check *check, struct json_object *object, const char *const *known)
{
	if (!json_object_is_type(object, json_type_object))
		return;
	json_object_object_foreach(object, key, value) {
		const char *const *one = known;

		(void)value;
		while (*one && strcasecmp(*one, key) != 0)
			one++;
		if (!*one)
			finding_add(check->findings, FINDING_WARN,
			    "%s: \"%s\" is not a member cfssl knows there; it is ignored", check->what, key);
	}
}

void
csr_check(const struct buf *text, const char *what, struct findings *findings)
{
	static const char *const top[] = { "CN", "names", "hosts", "key", "ca", "serialnumber",
		"crl_url", "extensions", "delegation_enabled", NULL };
	static const char *const in_name[] = { "C", "ST", "L", "O", "OU", "E", "OID", NULL };
	struct check check = { what, findings };
	struct json_object *root = json_parse(buf_str(text), text->len, what, NULL), *names = NULL;

	go_duplicates(buf_str(text), text->len, seen_twice, &check);
	check_members(&check, root, top);
	go_get(root, "names", json_type_array, &names, NULL);
	for (size_t i = 0; i < json_len(names); i++)
		check_members(&check, json_at(names, i), in_name);
	json_object_put(root);
}
