/* SPDX-License-Identifier: Apache-2.0
 * ca init: the workspace's certificate authority, from cfssl's two files or from defaults. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "pki/pair.h"
#include "verb/pki_folder.h"

enum { MAX_FILE = 1 << 20 };

/* What the CA is made from: given files, else those of the folder, else defaults. */
struct init {
	char *dir;
	struct buf config, request;	/* the texts of ca-config.json and ca-csr.json */
	struct csr csr;
	struct profiles profiles;
	struct findings findings;
};

static void
init_release(struct init *init)
{
	free(init->dir);
	buf_release(&init->config);
	buf_release(&init->request);
	csr_release(&init->csr);
	profiles_release(&init->profiles);
	findings_release(&init->findings);
}

/* The text of one of the two files. A file that is there already and differs is not replaced. */
static int
read_source(const char *dir, const char *name, const char *given, struct buf *out,
    struct err *err)
{
	char *path = fs_join(dir, name);
	struct buf there = BUF_INIT(MAX_FILE);
	bool exists = fs_exists(path);
	int result = 0;

	if (exists)
		result = fs_read(path, given ? &there : out, err);
	if (result == 0 && given)
		result = fs_read(given, out, err);
	if (result == 0 && given && exists &&
	    (there.len != out->len || memcmp(buf_str(&there), buf_str(out), out->len) != 0)) {
		result = err_set(err, ERR_GUARD, "%s exists and differs from %s", path, given);
		err_cure(err, "move the old one away, or leave the flag out");
	}
	buf_release(&there);
	free(path);
	return result;
}

static void
default_request(const struct verb_call *call, struct buf *out)
{
	char *cluster = pki_cluster_name(call);
	struct json_object *object = json_object_new_object(), *key = json_object_new_object();
	struct json_object *ca = json_object_new_object();
	char *cn = xasprintf("%s etcd CA", cluster ? cluster : "vetch");

	json_put_str(object, "CN", cn);
	json_put_str(key, "algo", "ecdsa");
	json_put_int(key, "size", 256);
	json_put_object(object, "key", key);
	json_put_str(ca, "expiry", "87600h");
	json_put_object(object, "ca", ca);
	buf_printf(out, "%s\n", json_line(object));
	json_object_put(object);
	free(cn);
	free(cluster);
}

static int
init_load(struct verb_call *call, struct init *init, struct err *err)
{
	*init = (struct init){ .dir = pki_folder(call), .config = BUF_INIT(MAX_FILE),
		.request = BUF_INIT(MAX_FILE) };
	if (args_expect(call, 0, 0, err) != 0)
		return -1;
	if (pair_exists(init->dir, "ca")) {
		err_set(err, ERR_GUARD, "%s/ca.pem exists: this workspace has its CA", init->dir);
		return err_cure(err, "vetch cert list shows it; -C DIR names another workspace");
	}
	if (read_source(init->dir, "ca-config.json", args_str(call->args, "config"), &init->config,
		err) != 0 ||
	    read_source(init->dir, "ca-csr.json", args_str(call->args, "csr"), &init->request, err) != 0)
		return -1;
	if (!init->config.len)
		buf_add_str(&init->config, profiles_template);
	if (!init->request.len)
		default_request(call, &init->request);
	profiles_check(&init->config, "ca-config.json", &init->findings);
	csr_check(&init->request, "ca-csr.json", &init->findings);
	if (profiles_parse(&init->profiles, &init->config, "ca-config.json", err) != 0 ||
	    csr_parse(&init->csr, &init->request, "ca-csr.json", err) != 0)
		return -1;
	return privkey_check(init->csr.algo, init->csr.size, err);
}

static int
plan(struct verb_call *call, struct plan *plan, struct err *err)
{
	struct init init;
	int result = init_load(call, &init, err);

	if (result == 0) {
		plan_confirm_one(plan);
		plan_line(plan, "a new CA \"%s\", key %s %lld, in %s", name_cn(&init.csr.name), init.csr.algo,
		    (long long)init.csr.size, init.dir);
		plan_line(plan, "files: ca.pem ca-key.pem ca.csr, and ca-config.json ca-csr.json where they "
		    "are missing");
		for (size_t i = 0; i < init.findings.len; i++)
			plan_line(plan, "%s  %s", finding_word(init.findings.items[i].level),
			    init.findings.items[i].text);
	}
	init_release(&init);
	return result;
}

static int
make_root(const struct csr *csr, struct pair *pair, struct err *err)
{
	struct privkey *key = privkey_generate(csr->algo, csr->size, err);
	struct request request = { 0 };
	int result = -1;

	if (key && privkey_write(key, &pair->key, err) == 0 &&
	    request_from_csr(&request, csr, key, err) == 0 &&
	    request_write(&request, key, &pair->csr, err) == 0)
		result = issue_root(&request, csr, key, &pair->cert, err);
	request_release(&request);
	privkey_free(key);
	return result;
}

static int
write_missing(const char *dir, const char *name, const struct buf *text, struct err *err)
{
	char *path = fs_join(dir, name);
	int result = 0;

	if (!fs_exists(path))
		result = fs_write(path, text->data, text->len, 0644, err);
	free(path);
	return result;
}

static int
write_all(struct verb_call *call, const struct init *init, const struct pair *pair,
    struct err *err)
{
	struct buf kept = BUF_INIT(4096);
	int lock, result = -1;

	if (fs_mkdirs(init->dir, 0700, err) != 0 || (lock = pair_lock(init->dir, err)) < 0)
		return -1;
	if (write_missing(init->dir, "ca-config.json", &init->config, err) == 0 &&
	    write_missing(init->dir, "ca-csr.json", &init->request, err) == 0)
		result = pair_write(pair, init->dir, "ca", &kept, err);
	fs_unlock(lock);
	if (kept.len)
		report_warn(call->report, "a key without certificate lay there; it is kept as %s",
		    buf_str(&kept));
	buf_release(&kept);
	return result;
}

static void
tell(struct verb_call *call, const struct init *init, const struct cert *cert)
{
	struct json_object *result = pki_cert_json(cert);
	char day[CLOCK_RFC3339_SIZE], *path = fs_join(init->dir, "ca.pem");

	json_put_str(result, "name", "ca");
	json_put_str(result, "path", path);
	report_text(call->report, "CA \"%s\"  %s  to %s  in %s\n", cert->cn, cert->key,
	    clock_day(cert->not_after, day), init->dir);
	report_result(call->report, result);
	free(path);
}

static int
run(struct verb_call *call, struct err *err)
{
	struct init init;
	struct pair pair;
	struct cert cert = { 0 };
	int result;

	privkey_guard_process();
	pair_init(&pair);
	result = init_load(call, &init, err);
	if (result == 0)
		result = pki_refuse(call, &init.findings, err);
	if (result == 0)
		result = make_root(&init.csr, &pair, err);
	/* What GnuTLS cannot read back is never written. */
	if (result == 0)
		result = cert_parse_pem(&cert, &pair.cert, "the new certificate", err);
	if (result == 0)
		result = write_all(call, &init, &pair, err);
	if (result == 0)
		tell(call, &init, &cert);
	cert_release(&cert);
	pair_release(&pair);
	init_release(&init);
	return result;
}

static const struct flag flags[] = {
	{ "csr", 0, FLAG_STR, "FILE", "cfssl's CSR file; else pki/ca-csr.json, else a default" },
	{ "config", 0, FLAG_STR, "FILE", "cfssl's config; else pki/ca-config.json, else a default" },
	{ NULL },
};

const struct verb_ops ops_ca_init = { .flags = flags, .plan = plan, .run = run };
