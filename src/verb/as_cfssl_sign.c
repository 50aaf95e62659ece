/* SPDX-License-Identifier: Apache-2.0
 * cfssl's verbs that make keys, requests and certificates. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "pki/issue.h"
#include "verb/as_cfssl.h"

enum { INPUT_MAX = 4 << 20 };

static int
read_csr(const struct cfssl_call *call, size_t index, struct csr *csr, struct err *err)
{
	struct buf text = BUF_INIT(INPUT_MAX);
	const char *name;
	int result = -1;

	*csr = (struct csr){ 0 };
	if (cfssl_arg(call, index, &name, err) == 0 && cfssl_read(call, name, &text, err) == 0)
		result = csr_parse(csr, &text, strcmp(name, "-") == 0 ? "the CSR file" : name, err);
	buf_release(&text);
	return result;
}

static int
read_profiles(const struct cfssl_call *call, struct profiles *profiles, struct err *err)
{
	const char *name = call->flags[CFSSL_CONFIG];
	struct buf text = BUF_INIT(INPUT_MAX);
	int result = 0;

	*profiles = (struct profiles){ 0 };
	if (!name || !*name)
		profiles_default(profiles);
	else if ((result = cfssl_read(call, name, &text, err)) == 0)
		result = profiles_parse(profiles, &text, name, err);
	buf_release(&text);
	if (result == 0 && !profiles_choose(profiles, call->flags[CFSSL_PROFILE]))
		report_words(call->program->report,
		    "[WARNING] profile \"%s\" is not in the config; the default is used",
		    call->flags[CFSSL_PROFILE]);
	return result;
}


static int
open_key(const struct cfssl_call *call, const char *name, struct privkey **key, struct err *err)
{
	struct buf text = BUF_INIT(INPUT_MAX);
	int result = cfssl_read(call, name, &text, err);

	*key = NULL;
	if (result == 0)
		*key = privkey_parse(&text, name, getenv("CFSSL_CA_PK_PASSWORD"), err);
	buf_release_secret(&text);
	return *key ? 0 : -1;
}

static int
open_authority(const struct cfssl_call *call, struct authority *ca, struct err *err)
{
	struct buf cert = BUF_INIT(INPUT_MAX), key = BUF_INIT(INPUT_MAX);
	const char *cert_name = call->flags[CFSSL_CA], *key_name = call->flags[CFSSL_CA_KEY];
	int result = -1;

	*ca = (struct authority){ 0 };
	if (call->flags[CFSSL_REMOTE])
		err_set(err, ERR_UNSUPPORTED, "-remote is not part of this vetch");
	else if (!cert_name || !*cert_name)
		err_set(err, ERR_USAGE, "a CA certificate is needed (-ca)");
	else if (!key_name || !*key_name)
		err_set(err, ERR_USAGE, "a CA key is needed (-ca-key)");
	else if (cfssl_read(call, cert_name, &cert, err) == 0 &&
	    cfssl_read(call, key_name, &key, err) == 0)
		result = authority_open(ca, &cert, &key, getenv("CFSSL_CA_PK_PASSWORD"), err);
	buf_release(&cert);
	buf_release_secret(&key);
	return result;
}

/* A key by the CSR file and its request, both in `result`. */
static int
make_request(const struct csr *csr, struct privkey **key, struct request *request,
    struct cfssl_result *result, struct err *err)
{
	*key = privkey_generate(csr->algo, csr->size, err);
	if (!*key || privkey_write(*key, &result->key, err) != 0)
		return -1;
	if (request_from_csr(request, csr, *key, err) != 0)
		return -1;
	return request_write(request, *key, &result->csr, err);
}

/* A root from the CSR file: with a new key, or with the one of -ca-key. */
static int
init_ca(const struct cfssl_call *call, struct err *err)
{
	const char *key_name = call->flags[CFSSL_CA_KEY];
	struct cfssl_result result;
	struct request request = { 0 };
	struct privkey *key = NULL;
	struct csr csr;
	int code = -1;

	cfssl_result_init(&result);
	if (read_csr(call, 0, &csr, err) != 0)
		goto out;
	if (key_name && *key_name) {
		if (open_key(call, key_name, &key, err) != 0 ||
		    request_from_csr(&request, &csr, key, err) != 0 ||
		    request_write(&request, key, &result.csr, err) != 0)
			goto out;
	} else if (make_request(&csr, &key, &request, &result, err) != 0) {
		goto out;
	}
	code = issue_root(&request, &csr, key, &result.cert, err);
out:
	if (code == 0)
		cfssl_result_print(call, &result);
	request_release(&request);
	privkey_free(key);
	csr_release(&csr);
	cfssl_result_release(&result);
	return code;
}

static int
renew_ca(const struct cfssl_call *call, struct err *err)
{
	struct cfssl_result result;
	struct authority ca;
	int code;

	cfssl_result_init(&result);
	code = open_authority(call, &ca, err);
	if (code == 0)
		code = issue_renewed_root(&ca, &result.cert, err);
	if (code == 0)
		cfssl_result_print(call, &result);
	authority_close(&ca);
	cfssl_result_release(&result);
	return code;
}

static void
use_hosts(const struct cfssl_call *call, struct request *request)
{
	char **hosts = cfssl_hosts(call);

	if (hosts)
		request_set_hosts(request, hosts);
	strv_free(hosts);
	if (!request->sans.len)
		report_words(call->program->report,
		    "[WARNING] the certificate has no hosts; it is good for clients only");
}

static int
generate(const struct cfssl_call *call, struct csr *csr, struct cfssl_result *result,
    struct err *err)
{
	struct request request = { 0 };
	struct profiles profiles;
	struct authority ca;
	struct privkey *key = NULL;
	char **hosts;
	int code = -1;

	if (csr->has_ca)
		return err_set(err, ERR_INPUT, "a \"ca\" section is for -initca only");
	hosts = cfssl_hosts(call);
	if (hosts)
		csr_set_hosts(csr, hosts);
	strv_free(hosts);
	if (call->flags[CFSSL_CN] && *call->flags[CFSSL_CN])
		name_add(&csr->name, NAME_CN, call->flags[CFSSL_CN]);
	if (read_profiles(call, &profiles, err) != 0)
		return -1;
	if (open_authority(call, &ca, err) == 0 &&
	    make_request(csr, &key, &request, result, err) == 0) {
		use_hosts(call, &request);
		code = issue_leaf(&request, &profiles, &ca, &result->cert, err);
	}
	request_release(&request);
	privkey_free(key);
	authority_close(&ca);
	profiles_release(&profiles);
	return code;
}

int
cfssl_gencert(const struct cfssl_call *call, struct err *err)
{
	struct cfssl_result result;
	struct csr csr;
	int code;

	if (cfssl_on(call, CFSSL_RENEWCA))
		return renew_ca(call, err);
	if (cfssl_on(call, CFSSL_INITCA))
		return init_ca(call, err);
	cfssl_result_init(&result);
	code = read_csr(call, 0, &csr, err);
	if (code == 0)
		code = generate(call, &csr, &result, err);
	if (code == 0)
		cfssl_result_print(call, &result);
	csr_release(&csr);
	cfssl_result_release(&result);
	return code;
}

int
cfssl_genkey(const struct cfssl_call *call, struct err *err)
{
	struct cfssl_result result;
	struct request request = { 0 };
	struct privkey *key = NULL;
	struct csr csr;
	int code;

	if (cfssl_on(call, CFSSL_INITCA))
		return init_ca(call, err);
	cfssl_result_init(&result);
	code = read_csr(call, 0, &csr, err);
	if (code == 0 && csr.has_ca)
		code = err_set(err, ERR_INPUT, "a \"ca\" section is for -initca only");
	if (code == 0)
		code = make_request(&csr, &key, &request, &result, err);
	if (code == 0)
		cfssl_result_print(call, &result);
	request_release(&request);
	privkey_free(key);
	csr_release(&csr);
	cfssl_result_release(&result);
	return code;
}

int
cfssl_gencsr(const struct cfssl_call *call, struct err *err)
{
	struct cfssl_result result;
	struct request request = { 0 };
	struct privkey *key = NULL;
	struct csr csr;
	int code = -1;

	if (!call->flags[CFSSL_KEY] || call->flags[CFSSL_CERT])
		return err_set(err, ERR_UNSUPPORTED, "gencsr works here with -key and a CSR file");
	cfssl_result_init(&result);
	if (read_csr(call, 0, &csr, err) == 0 && open_key(call, call->flags[CFSSL_KEY], &key, err) == 0 &&
	    privkey_write(key, &result.key, err) == 0 && request_from_csr(&request, &csr, key, err) == 0)
		code = request_write(&request, key, &result.csr, err);
	if (code == 0)
		cfssl_result_print(call, &result);
	request_release(&request);
	privkey_free(key);
	csr_release(&csr);
	cfssl_result_release(&result);
	return code;
}

/* cfssl's own default for a self-signed certificate: a quarter of a year. */
static int
self_profiles(const struct cfssl_call *call, struct profiles *profiles, struct err *err)
{
	if (read_profiles(call, profiles, err) != 0)
		return -1;
	if (!call->flags[CFSSL_CONFIG])
		profiles->fallback.expiry = (int64_t)2190 * 3600 * 1000000000;
	return 0;
}

int
cfssl_selfsign(const struct cfssl_call *call, struct err *err)
{
	struct cfssl_result result;
	struct request request = { 0 };
	struct profiles profiles = { 0 };
	struct privkey *key = NULL;
	struct csr csr = { 0 };
	const char *host;
	int code = -1;

	cfssl_result_init(&result);
	if (cfssl_arg(call, 1, &host, err) != 0 || read_csr(call, 1, &csr, err) != 0 ||
	    self_profiles(call, &profiles, err) != 0)
		goto out;
	cfssl_arg(call, 0, &host, err);
	if (make_request(&csr, &key, &request, &result, err) == 0)
		code = issue_self(&request, &profiles, key, &result.cert, err);
	if (code == 0)
		cfssl_result_print(call, &result);
	if (code == 0)
		report_words(call->program->report,
		    "[WARNING] a self-signed certificate is trusted by nobody who was not told to");
out:
	profiles_release(&profiles);
	request_release(&request);
	privkey_free(key);
	csr_release(&csr);
	cfssl_result_release(&result);
	return code;
}

/* The subject of a CSR file in place of the request's own, type by type. */
static int
override_subject(const struct cfssl_call *call, const char *file, struct request *request,
    struct err *err)
{
	struct buf text = BUF_INIT(INPUT_MAX);
	struct csr csr = { 0 };
	int code = cfssl_read(call, file, &text, err);

	if (code == 0)
		code = csr_parse(&csr, &text, file, err);
	if (code == 0)
		code = request_override(request, &csr.name, err);
	csr_release(&csr);
	buf_release(&text);
	return code;
}

int
cfssl_sign(const struct cfssl_call *call, struct err *err)
{
	const char *name = call->flags[CFSSL_CSR], *subject = call->args[0];
	struct request request = { 0 };
	struct profiles profiles = { 0 };
	struct authority ca = { 0 };
	struct cfssl_result result;
	int code = -1;

	cfssl_result_init(&result);
	if (!name || !*name) {
		name = call->args[0];
		subject = name ? call->args[1] : NULL;
	}
	if (!name) {
		err_set(err, ERR_USAGE, "not enough arguments: a CSR is needed");
		goto out;
	}
	if (cfssl_read(call, name, &result.csr, err) != 0 || read_profiles(call, &profiles, err) != 0 ||
	    open_authority(call, &ca, err) != 0 ||
	    request_from_pkcs10(&request, &result.csr, name, err) != 0)
		goto out;
	if (subject && override_subject(call, subject, &request, err) != 0)
		goto out;
	use_hosts(call, &request);
	code = issue_leaf(&request, &profiles, &ca, &result.cert, err);
	if (code == 0)
		cfssl_result_print(call, &result);
out:
	request_release(&request);
	authority_close(&ca);
	profiles_release(&profiles);
	cfssl_result_release(&result);
	return code;
}
