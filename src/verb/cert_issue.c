/* SPDX-License-Identifier: Apache-2.0
 * cert issue: a new certificate under the workspace's CA, by a profile of ca-config.json. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/text.h"
#include "pki/pair.h"
#include "verb/pki_folder.h"

struct wish {
	char *dir;
	const char *name, *profile;
	struct csr csr;
	struct profiles profiles;
	struct cert ca;
	struct findings findings;
};

static void
wish_release(struct wish *wish)
{
	free(wish->dir);
	csr_release(&wish->csr);
	profiles_release(&wish->profiles);
	cert_release(&wish->ca);
	findings_release(&wish->findings);
}

/* "ecdsa-256", "rsa-2048", "ed25519" */
static void
read_key_word(struct verb_call *call, struct wish *wish)
{
	const char *word = args_str(call->args, "key");
	size_t len = word ? strcspn(word, "-") : 0;

	if (!word)
		return;
	free(wish->csr.algo);
	wish->csr.algo = xstrndup(word, len);
	if (!word[len] || !text_int(word + len + 1, 0, 100000, &wish->csr.size))
		wish->csr.size = 0;
}

static int
read_csr(struct verb_call *call, struct wish *wish, struct err *err)
{
	const char *file = args_str(call->args, "csr"), *cn = args_str(call->args, "cn");
	const char *hosts = args_str(call->args, "hosts");
	struct buf text = BUF_INIT(1 << 20);
	int result = 0;

	if (file) {
		result = fs_read(file, &text, err);
		if (result == 0)
			result = csr_parse(&wish->csr, &text, file, err);
		if (result == 0)
			csr_check(&text, file, &wish->findings);
	} else {
		csr_init(&wish->csr);
		name_add(&wish->csr.name, NAME_CN, wish->name);
	}
	buf_release(&text);
	if (result != 0)
		return -1;
	if (cn)
		name_add(&wish->csr.name, NAME_CN, cn);
	if (hosts) {
		char **list = check_split_hosts(hosts);

		csr_set_hosts(&wish->csr, list);
		strv_free(list);
	}
	read_key_word(call, wish);
	return 0;
}

static int
choose_profile(struct wish *wish, struct err *err)
{
	struct buf names = BUF_INIT(2048);

	for (size_t i = 0; i < wish->profiles.len; i++)
		buf_printf(&names, "%s%s", i ? ", " : "", wish->profiles.items[i].name);
	if (!wish->profile)
		err_set(err, ERR_USAGE, "name the profile: --profile %s", buf_str(&names));
	else if (profiles_choose(&wish->profiles, wish->profile)) {
		buf_release(&names);
		return 0;
	} else {
		err_set(err, ERR_INPUT, "ca-config.json has no profile \"%.60s\"; it has: %s", wish->profile,
		    buf_str(&names));
	}
	buf_release(&names);
	return -1;
}

static int
change_profile(struct verb_call *call, struct wish *wish, struct err *err)
{
	const char *text = args_str(call->args, "add-usage");
	char **words = check_split_hosts(text ? text : "");
	int result = 0;

	for (size_t i = 0; words[i] && result == 0; i++)
		result = profiles_add_usage(&wish->profiles, words[i], err);
	strv_free(words);
	if (result == 0 && args_str(call->args, "expiry"))
		result = profiles_set_expiry(&wish->profiles, args_str(call->args, "expiry"), err);
	return result;
}

static int
wish_load(struct verb_call *call, struct wish *wish, struct err *err)
{
	*wish = (struct wish){ .dir = pki_folder(call), .profile = args_str(call->args, "profile") };
	if (args_expect(call, 1, 1, err) != 0)
		return -1;
	wish->name = args_at(call->args, 0);
	if (check_name(wish->name, err) != 0 || pki_ca_cert(wish->dir, &wish->ca, err) != 0 ||
	    pki_profiles(wish->dir, &wish->profiles, &wish->findings, err) != 0 ||
	    choose_profile(wish, err) != 0 || read_csr(call, wish, err) != 0)
		return -1;
	if (change_profile(call, wish, err) != 0)
		return -1;
	if (pair_exists(wish->dir, wish->name)) {
		err_set(err, ERR_GUARD, "%s/%s.pem exists, and cert issue only makes new ones", wish->dir,
		    wish->name);
		return err_cure(err, "choose another name, or move the old pair away");
	}
	check_issue(&(struct check_issue){ .name = wish->name, .profiles = &wish->profiles,
		.csr = &wish->csr, .ca = &wish->ca, .now = clock_wall_ms() / 1000 }, &wish->findings);
	return 0;
}

static void
join_hosts(char *const *hosts, const char *between, struct buf *out)
{
	for (size_t i = 0; hosts && hosts[i]; i++)
		buf_printf(out, "%s%s", i ? between : "", hosts[i]);
}

static void
plan_cfssl(struct plan *plan, const struct wish *wish)
{
	struct buf hosts = BUF_INIT(1 << 16);
	bool changed = profiles_changed(&wish->profiles);
	const char *equal = changed ? profiles_equal(&wish->profiles) : wish->profile;

	if (!equal) {
		plan_line(plan, "as cfssl: it has no flag for what is not the profile's; write it into a profile "
		    "of ca-config.json");
		return;
	}
	join_hosts(wish->csr.hosts, ",", &hosts);
	plan_line(plan, "as cfssl: cat %s.json | cfssl gencert -ca=ca.pem -ca-key=ca-key.pem "
	    "-config=ca-config.json -profile=%s%s%s - | cfssljson -bare %s", wish->name, equal,
	    hosts.len ? " -hostname=" : "", buf_str(&hosts), wish->name);
	buf_release(&hosts);
}

static void
plan_lines(struct plan *plan, const struct wish *wish)
{
	struct buf hosts = BUF_INIT(1 << 16), usages = BUF_INIT(1 << 14);
	char from[CLOCK_RFC3339_SIZE], to[CLOCK_RFC3339_SIZE];
	int64_t not_before, not_after;

	issue_span(&wish->profiles, &not_before, &not_after);
	join_hosts(wish->csr.hosts, ", ", &hosts);
	join_hosts(wish->profiles.chosen->usages, ", ", &usages);
	plan_line(plan, "a new certificate \"%s\", CN %s, signed by \"%s\"", wish->name,
	    name_cn(&wish->csr.name), wish->ca.cn);
	plan_line(plan, "hosts   %s", hosts.len ? buf_str(&hosts) : "none");
	plan_line(plan, "usages  %s", buf_str(&usages));
	plan_line(plan, "valid   %s to %s UTC", clock_minute(not_before, from),
	    clock_minute(not_after, to));
	plan_line(plan, "files   pki/%s.pem, pki/%s-key.pem, pki/%s.csr", wish->name, wish->name,
	    wish->name);
	for (size_t i = 0; i < wish->findings.len; i++)
		plan_line(plan, "%-5s %s", finding_word(wish->findings.items[i].level),
		    wish->findings.items[i].text);
	plan_cfssl(plan, wish);
	buf_release(&hosts);
	buf_release(&usages);
}

static int
plan(struct verb_call *call, struct plan *plan, struct err *err)
{
	struct wish wish;
	int result = wish_load(call, &wish, err);

	if (result == 0) {
		plan_lines(plan, &wish);
		json_put_str(plan_guard(plan), "ca", wish.ca.fingerprint);
		plan_confirm_one(plan);
		json_put_object(plan->json, "findings", pki_findings_json(&wish.findings));
	}
	wish_release(&wish);
	return result;
}

/* The CA that was shown is the CA that signs. */
static int
check_guard(const struct verb_call *call, const struct wish *wish, struct err *err)
{
	const char *shown = call->plan ?
	    json_str(json_get(call->plan->json, "guard"), "ca", NULL) : NULL;

	if (!shown || strcmp(shown, wish->ca.fingerprint) == 0)
		return 0;
	err_set(err, ERR_GUARD, "%s/ca.pem was replaced since this was planned", wish->dir);
	return err_cure(err, "plan it again");
}

static int
sign(struct verb_call *call, struct wish *wish, struct pair *pair, struct err *err)
{
	struct authority ca = { 0 };
	struct request request = { 0 };
	struct privkey *key = NULL;
	int result = -1;

	if (pki_ca_open(call, wish->dir, &ca, err) != 0)
		return -1;
	key = privkey_generate(wish->csr.algo, wish->csr.size, err);
	if (key && privkey_write(key, &pair->key, err) == 0 &&
	    request_from_csr(&request, &wish->csr, key, err) == 0 &&
	    request_write(&request, key, &pair->csr, err) == 0)
		result = issue_leaf(&request, &wish->profiles, &ca, &pair->cert, err);
	request_release(&request);
	privkey_free(key);
	authority_close(&ca);
	return result;
}

static int
write_pair(struct verb_call *call, const struct wish *wish, const struct pair *pair,
    struct err *err)
{
	struct buf kept = BUF_INIT(4096);
	int lock = pair_lock(wish->dir, err), result;

	if (lock < 0)
		return -1;
	result = pair_write(pair, wish->dir, wish->name, &kept, err);
	fs_unlock(lock);
	if (kept.len)
		report_warn(call->report, "a key without certificate lay there; it is kept as %s",
		    buf_str(&kept));
	buf_release(&kept);
	return result;
}

static void
tell(struct verb_call *call, const struct wish *wish, const struct cert *cert)
{
	struct json_object *result = pki_cert_json(cert);
	char *path = xasprintf("%s/%s.pem", wish->dir, wish->name), day[CLOCK_RFC3339_SIZE];

	json_put_str(result, "name", wish->name);
	json_put_str(result, "path", path);
	json_put_bool(result, "has_key", true);
	report_text(call->report, "%s  %s  to %s\n", path, wish->profile,
	    clock_day(cert->not_after, day));
	report_result(call->report, result);
	free(path);
}

static int
run(struct verb_call *call, struct err *err)
{
	struct wish wish;
	struct pair pair;
	struct cert cert = { 0 };
	int result = wish_load(call, &wish, err);

	pair_init(&pair);
	if (result == 0)
		result = check_guard(call, &wish, err);
	if (result == 0)
		result = pki_refuse(call, &wish.findings, err);
	if (result == 0)
		result = sign(call, &wish, &pair, err);
	/* What GnuTLS cannot read back is never written. */
	if (result == 0)
		result = cert_parse_pem(&cert, &pair.cert, "the new certificate", err);
	if (result == 0)
		result = write_pair(call, &wish, &pair, err);
	if (result == 0)
		tell(call, &wish, &cert);
	cert_release(&cert);
	pair_release(&pair);
	wish_release(&wish);
	return result;
}

static const struct flag flags[] = {
	{ "profile", 0, FLAG_STR, "NAME", "the profile of pki/ca-config.json to sign by" },
	{ "hosts", 0, FLAG_STR, "A,B", "names and addresses it is good for" },
	{ "cn", 0, FLAG_STR, "CN", "its common name; else NAME" },
	{ "csr", 0, FLAG_STR, "FILE", "cfssl's CSR file: names, hosts and key" },
	{ "add-usage", 0, FLAG_STR, "WORDS", "usages beside the profile's: \"client auth\"" },
	{ "expiry", 0, FLAG_STR, "TIME", "another time to live than the profile's: 8760h" },
	{ "key", 0, FLAG_STR, "KIND", "its new key: ecdsa-256 (default), ecdsa-384, rsa-2048, ..." },
	{ NULL },
};

const struct verb_ops ops_cert_issue = { .flags = flags, .plan = plan, .run = run };
