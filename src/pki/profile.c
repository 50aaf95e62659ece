/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/profile.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/text.h"
#include "pki/go_json.h"
#include "pki/usage.h"

enum { MAX_CONFIG = 1 << 20, MAX_USAGES = 64 };

const char profiles_template[] =
    "{\n"
    "  \"signing\": {\n"
    "    \"default\": {\"expiry\": \"43800h\"},\n"
    "    \"profiles\": {\n"
    "      \"server\": {\"expiry\": \"43800h\",\n"
    "        \"usages\": [\"signing\", \"key encipherment\", \"server auth\", \"client auth\"]},\n"
    "      \"client\": {\"expiry\": \"43800h\",\n"
    "        \"usages\": [\"signing\", \"key encipherment\", \"client auth\"]},\n"
    "      \"peer\": {\"expiry\": \"43800h\",\n"
    "        \"usages\": [\"signing\", \"key encipherment\", \"server auth\", \"client auth\"]}\n"
    "    }\n"
    "  }\n"
    "}\n";

/* What changes a certificate but is not done here: better refused than ignored. */
static const char *const unsupported[] = { "copy_extensions", "name_whitelist", "policies",
	"CSRWhitelist", "remote", "auth_remote", "ct_log_servers", "lint_error_level",
	"ClientProvidesSerialNumbers" };

static const char *const known[] = { "expiry", "backdate", "not_before", "not_after", "usages",
	"ca_constraint", "issuer_urls", "ocsp_url", "crl_url", "ocsp_no_check", "auth_key",
	"prev_auth_key", "allowed_extensions", "cert_store", "ignored_lints",
	"ignored_lint_sources" };

static void
profile_release(struct profile *profile)
{
	free(profile->name);
	free(profile->expiry_text);
	strv_free(profile->usages);
	strv_free(profile->issuer_urls);
	free(profile->ocsp_url);
	free(profile->crl_url);
	*profile = (struct profile){ 0 };
}

void
profiles_release(struct profiles *list)
{
	profile_release(&list->fallback);
	for (size_t i = 0; i < list->len; i++)
		profile_release(&list->items[i]);
	free(list->items);
	strv_free(list->changed.usages);
	free(list->changed.expiry_text);
	*list = (struct profiles){ 0 };
}

static int
read_duration(struct json_object *object, const char *name, int64_t *ns, bool needed,
    struct err *err)
{
	const char *text;

	if (go_str(object, name, &text, err) != 0)
		return -1;
	*ns = 0;
	if (!*text) {
		if (!needed)
			return 0;
		err_set(err, ERR_INPUT, "\"%s\" is missing", name);
		return err_cure(err, "add \"%s\": \"43800h\"", name);
	}
	if (text_duration(text, ns))
		return 0;
	err_set(err, ERR_INPUT, "\"%s\": \"%.40s\" is no duration", name, text);
	return err_cure(err, "use hours, minutes and seconds: 8760h is a year");
}

static int
read_time(struct json_object *object, const char *name, bool *has, int64_t *seconds,
    struct err *err)
{
	const char *text;

	if (go_str(object, name, &text, err) != 0)
		return -1;
	*has = *text != '\0';
	if (*has && !clock_parse_rfc3339(text, seconds))
		return err_set(err, ERR_INPUT, "\"%s\": \"%.40s\" is no RFC 3339 time", name, text);
	return 0;
}

static int
read_urls(struct profile *profile, struct json_object *object, struct err *err)
{
	const char *ocsp, *crl;

	if (go_strv(object, "issuer_urls", &profile->issuer_urls, err) != 0 ||
	    go_str(object, "ocsp_url", &ocsp, err) != 0 || go_str(object, "crl_url", &crl, err) != 0)
		return -1;
	profile->ocsp_url = *ocsp ? xstrdup(ocsp) : NULL;
	profile->crl_url = *crl ? xstrdup(crl) : NULL;
	return go_bool(object, "ocsp_no_check", &profile->ocsp_no_check, err);
}

static bool
member_set(struct json_object *object, const char *name)
{
	bool set = false;

	json_object_object_foreach(object, key, value) {
		if (strcasecmp(key, name) != 0)
			continue;
		set = value != NULL && !json_object_is_type(value, json_type_null);
		if (json_object_is_type(value, json_type_boolean))
			set = json_object_get_boolean(value);
		else if (json_object_is_type(value, json_type_string))
			set = json_object_get_string_len(value) > 0;
		else if (json_object_is_type(value, json_type_array))
			set = json_len(value) > 0;
	}
	return set;
}

static int
read_times(struct profile *profile, struct json_object *object, struct err *err)
{
	bool remote = member_set(object, "remote") || member_set(object, "auth_remote");
	const char *expiry;

	if (read_duration(object, "expiry", &profile->expiry, !remote, err) != 0 ||
	    go_str(object, "expiry", &expiry, err) != 0 ||
	    read_duration(object, "backdate", &profile->backdate, false, err) != 0 ||
	    read_time(object, "not_before", &profile->has_not_before, &profile->not_before, err) ||
	    read_time(object, "not_after", &profile->has_not_after, &profile->not_after, err))
		return -1;
	profile->expiry_text = xstrdup(expiry);
	if (profile->has_not_before && profile->has_not_after &&
	    profile->not_after < profile->not_before)
		return err_set(err, ERR_INPUT, "\"not_after\" lies before \"not_before\"");
	return 0;
}

static int
read_members(struct profile *profile, struct json_object *object, struct err *err)
{
	struct json_object *ca;

	if (!json_object_is_type(object, json_type_object))
		return err_set(err, ERR_INPUT, "a profile is not an object");
	for (size_t i = 0; i < ARRAY_LEN(unsupported); i++)
		if (member_set(object, unsupported[i]))
			profile->unsupported = unsupported[i];
	if (read_times(profile, object, err) != 0 ||
	    go_strv(object, "usages", &profile->usages, err) != 0 ||
	    read_urls(profile, object, err) != 0 ||
	    go_get(object, "ca_constraint", json_type_object, &ca, err) != 0 ||
	    go_bool(ca, "is_ca", &profile->is_ca, err) != 0 ||
	    go_int(ca, "max_path_len", &profile->max_path_len, err) != 0)
		return -1;
	return go_bool(ca, "max_path_len_zero", &profile->max_path_len_zero, err);
}

static bool
any_usage_known(const struct profile *profile)
{
	const char *oids[MAX_USAGES];
	unsigned bits;

	return profile_usages(profile, &bits, oids, MAX_USAGES) || bits;
}

static int
read_profiles(struct profiles *list, struct json_object *object, struct err *err)
{
	if (!object)
		return 0;
	json_object_object_foreach(object, name, value) {
		struct profile *profile;

		GROW(list->items, list->len, list->cap);
		profile = &list->items[list->len++];
		*profile = (struct profile){ .name = xstrdup(name) };
		if (read_members(profile, value, err) != 0)
			return err_prefix(err, "profile \"%.60s\"", name);
		if (!profile->unsupported && !any_usage_known(profile)) {
			err_set(err, ERR_INPUT, "profile \"%.60s\" has no usage that is known", name);
			return err_cure(err, "add \"usages\": [\"signing\", \"key encipherment\", …]");
		}
	}
	return 0;
}

static int
read_signing(struct profiles *list, struct json_object *root, struct err *err)
{
	struct json_object *signing, *fallback, *named;

	if (!json_object_is_type(root, json_type_object))
		return err_set(err, ERR_INPUT, "not a JSON object");
	if (go_get(root, "signing", json_type_object, &signing, err) != 0)
		return -1;
	if (!signing)
		return err_set(err, ERR_INPUT, "\"signing\" is missing");
	if (go_get(signing, "default", json_type_object, &fallback, err) != 0 ||
	    go_get(signing, "profiles", json_type_object, &named, err) != 0)
		return -1;
	if (!fallback)
		profiles_default(list);
	else if (read_members(&list->fallback, fallback, err) != 0)
		return err_prefix(err, "default profile");
	return read_profiles(list, named, err);
}

int
profiles_parse(struct profiles *list, const struct buf *text, const char *what, struct err *err)
{
	struct json_object *root = json_parse(buf_str(text), text->len, what, err);
	int result;

	*list = (struct profiles){ 0 };
	if (!root)
		return -1;
	result = read_signing(list, root, err);
	profiles_choose(list, NULL);
	json_object_put(root);
	if (result != 0) {
		profiles_release(list);
		err_prefix(err, "%s", what);
	}
	return result;
}

int
profiles_read(struct profiles *list, const char *path, struct err *err)
{
	struct buf text = BUF_INIT(MAX_CONFIG);
	int result = fs_read(path, &text, err);

	*list = (struct profiles){ 0 };
	if (result == 0)
		result = profiles_parse(list, &text, path, err);
	buf_release(&text);
	return result;
}

void
profiles_default(struct profiles *list)
{
	static const char *const words[] = { "signing", "key encipherment", "server auth",
		"client auth" };

	profiles_choose(list, NULL);
	list->fallback.expiry_text = xstrdup("8760h");
	list->fallback.expiry = (int64_t)8760 * 3600 * 1000000000;
	list->fallback.usages = xcalloc(ARRAY_LEN(words) + 1, sizeof *list->fallback.usages);
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		list->fallback.usages[i] = xstrdup(words[i]);
}

bool
profiles_choose(struct profiles *list, const char *name)
{
	list->chosen = &list->fallback;
	if (!name || !*name)
		return true;
	for (size_t i = 0; i < list->len; i++)
		if (strcmp(list->items[i].name, name) == 0) {
			list->chosen = &list->items[i];
			return true;
		}
	return strcmp(name, "default") == 0;
}

size_t
profile_usages(const struct profile *profile, unsigned *bits, const char **oids, size_t max)
{
	size_t len = 0;

	*bits = 0;
	for (char **word = profile->usages; word && *word; word++) {
		const char *oid;
		unsigned bit;

		if (!usage_find(*word, &bit, &oid))
			continue;
		*bits |= bit;
		if (oid && len < max)
			oids[len++] = oid;
	}
	return len;
}

bool
profile_has_usage(const struct profile *profile, const char *oid)
{
	const char *oids[MAX_USAGES];
	unsigned bits;
	size_t len = profile_usages(profile, &bits, oids, MAX_USAGES);

	for (size_t i = 0; i < len; i++)
		if (strcmp(oids[i], oid) == 0)
			return true;
	return false;
}

bool
profiles_changed(const struct profiles *list)
{
	return list->chosen == &list->changed;
}

const char *
profiles_expiry(const struct profiles *list)
{
	const char *text = list->chosen->expiry_text;

	return text && *text ? text : list->fallback.expiry_text ? list->fallback.expiry_text : "";
}

static size_t
count_words(char *const *words)
{
	size_t len = 0;

	while (words && words[len])
		len++;
	return len;
}

/* Makes what is chosen a copy that may be changed; `more` is room for usages. */
static struct profile *
change(struct profiles *list, size_t more)
{
	const struct profile *from = list->chosen;
	struct profile copy = *from;
	size_t len = count_words(from->usages);

	copy.usages = xcalloc(len + more + 1, sizeof *copy.usages);
	for (size_t i = 0; i < len; i++)
		copy.usages[i] = xstrdup(from->usages[i]);
	copy.expiry_text = from->expiry_text ? xstrdup(from->expiry_text) : NULL;
	if (!profiles_changed(list)) {
		list->added = NULL;
		list->other_expiry = false;
	}
	strv_free(list->changed.usages);
	free(list->changed.expiry_text);
	list->changed = copy;
	list->chosen = &list->changed;
	return &list->changed;
}

int
profiles_add_usage(struct profiles *list, const char *word, struct err *err)
{
	struct profile *profile;
	const char *oid;
	unsigned bit;

	if (!usage_find(word, &bit, &oid)) {
		err_set(err, ERR_USAGE, "\"%.60s\" is none of cfssl's usages", word);
		return err_cure(err, "write one such as \"client auth\" or \"server auth\"");
	}
	profile = change(list, 1);
	list->added = profile->usages[count_words(profile->usages)] = xstrdup(word);
	return 0;
}

int
profiles_set_expiry(struct profiles *list, const char *text, struct err *err)
{
	struct profile *profile;
	int64_t ns;

	if (!text_duration(text, &ns) || ns <= 0) {
		err_set(err, ERR_USAGE, "the expiry \"%.40s\" is no time such as 8760h", text);
		return err_cure(err, "write it in hours: a year is 8760h");
	}
	profile = change(list, 0);
	free(profile->expiry_text);
	profile->expiry_text = xstrdup(text);
	profile->expiry = ns;
	profile->has_not_after = false;
	list->other_expiry = true;
	list->added = list->added ? profile->usages[count_words(profile->usages) - 1] : NULL;
	return 0;
}

static int64_t
expiry_of(const struct profiles *list, const struct profile *profile)
{
	return profile->expiry ? profile->expiry : list->fallback.expiry;
}

static bool
is_equal(const struct profiles *list, const struct profile *a, const struct profile *b)
{
	const char *oids[MAX_USAGES], *others[MAX_USAGES];
	unsigned bits, other_bits;
	size_t len = profile_usages(a, &bits, oids, MAX_USAGES);
	size_t other_len = profile_usages(b, &other_bits, others, MAX_USAGES);

	if (bits != other_bits || expiry_of(list, a) != expiry_of(list, b) || a->is_ca != b->is_ca ||
	    a->backdate != b->backdate || a->has_not_before || a->has_not_after || b->has_not_before ||
	    b->has_not_after)
		return false;
	for (size_t i = 0; i < len; i++)
		if (!profile_has_usage(b, oids[i]))
			return false;
	for (size_t i = 0; i < other_len; i++)
		if (!profile_has_usage(a, others[i]))
			return false;
	return true;
}

const char *
profiles_equal(const struct profiles *list)
{
	for (size_t i = 0; i < list->len; i++)
		if (is_equal(list, list->chosen, &list->items[i]))
			return list->items[i].name;
	return NULL;
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
check_member(const struct check *check, const char *profile, const char *key)
{
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (strcasecmp(key, known[i]) == 0)
			return;
	for (size_t i = 0; i < ARRAY_LEN(unsupported); i++)
		if (strcasecmp(key, unsupported[i]) == 0)
			return;
	finding_add(check->findings, FINDING_WARN, "%s: \"%s\" in profile \"%s\" is not a setting; it "
	    "is ignored", check->what, key, profile);
}

static void
check_profile(const struct check *check, const char *name, struct json_object *object)
{
	char **usages = NULL;

	if (!json_object_is_type(object, json_type_object))
		return;
	json_object_object_foreach(object, key, value) {
		(void)value;
		check_member(check, name, key);
	}
	if (go_strv(object, "usages", &usages, NULL) != 0)
		return;
	for (char **word = usages; word && *word; word++) {
		const char *oid;
		unsigned bit;

		if (!usage_find(*word, &bit, &oid))
			finding_add(check->findings, FINDING_WARN, "%s: usage \"%s\" of profile \"%s\" is "
			    "not known; it is left out", check->what, *word, name);
	}
	strv_free(usages);
}

void
profiles_check(const struct buf *text, const char *what, struct findings *findings)
{
	struct check check = { what, findings };
	struct json_object *root = json_parse(buf_str(text), text->len, what, NULL), *signing, *part;

	go_duplicates(buf_str(text), text->len, seen_twice, &check);
	if (root && go_get(root, "signing", json_type_object, &signing, NULL) == 0 && signing) {
		if (go_get(signing, "default", json_type_object, &part, NULL) == 0 && part)
			check_profile(&check, "default", part);
		if (go_get(signing, "profiles", json_type_object, &part, NULL) == 0 && part) {
			json_object_object_foreach(part, name, value)
				check_profile(&check, name, value);
		}
	}
	json_object_put(root);
}
