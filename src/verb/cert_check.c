/* SPDX-License-Identifier: Apache-2.0
 * cert check: whether a certificate, of a file or as a server shows it, does what etcd wants. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "pki/pem.h"
#include "pki/served.h"
#include "verb/pki_folder.h"

enum { MAX_FILE = 1 << 20, PROBE_MS = 2000 };

struct checked {
	struct cert chain[SERVED_CHAIN_MAX];
	size_t len;
	char *host;		/* dialled, NULL for a file */
	struct cert ca;		/* the trusted one; empty where there is none */
	bool has_ca;
	struct findings findings;
};

static void
checked_release(struct checked *checked)
{
	for (size_t i = 0; i < checked->len; i++)
		cert_release(&checked->chain[i]);
	cert_release(&checked->ca);
	free(checked->host);
	findings_release(&checked->findings);
}

/* ---- where the certificates come from */

static int
read_file(const char *path, struct checked *checked, struct err *err)
{
	struct buf text = BUF_INIT(MAX_FILE), der = BUF_INIT(MAX_FILE);
	struct pem_block block;
	size_t at = 0;
	int result = fs_read(path, &text, err);

	while (result == 0 && checked->len < SERVED_CHAIN_MAX &&
	    pem_next(buf_str(&text), text.len, &at, &block)) {
		buf_reset(&der);
		if (!pem_is_certificate(&block))
			continue;
		if (!pem_decode(&block, &der))
			result = err_set(err, ERR_INPUT, "%s: the PEM of its certificate is damaged", path);
		else if ((result = cert_parse(&checked->chain[checked->len], der.data, der.len, path, err)) == 0)
			checked->len++;
	}
	if (result == 0 && !checked->len)
		result = err_set(err, ERR_INPUT, "%s holds no certificate in PEM", path);
	buf_release_secret(&text);
	buf_release(&der);
	return result;
}

struct waiting {
	struct checked *checked;
	struct err *err;
	bool done, failed;
};

static void
on_chain(void *context, struct cert *chain, size_t len)
{
	struct waiting *waiting = context;

	memcpy(waiting->checked->chain, chain, len * sizeof *chain);
	waiting->checked->len = len;
	waiting->done = true;
}

static void
on_failure(void *context, const struct err *err)
{
	struct waiting *waiting = context;

	if (waiting->err)
		*waiting->err = *err;
	waiting->done = waiting->failed = true;
}

static int
read_server(struct verb_call *call, const char *target, struct checked *checked, struct err *err)
{
	static const struct served_handler handler = { on_chain, on_failure };
	struct waiting waiting = { .checked = checked, .err = err };
	const char *authority = strstr(target, "://");
	struct served *served;
	size_t len;

	authority = authority ? authority + 3 : target;
	len = strcspn(authority, "/");
	checked->host = xstrndup(authority, len);
	served = served_start(call->loop, &(struct served_spec){ .authority = checked->host,
		.timeout_ms = PROBE_MS }, &handler, &waiting);
	if (loop_run_until(call->loop, &waiting.done, err) != 0) {
		served_cancel(served);
		return -1;
	}
	*strrchr(checked->host, ':') = '\0';
	if (*checked->host == '[') {
		memmove(checked->host, checked->host + 1, strlen(checked->host));
		checked->host[strcspn(checked->host, "]")] = '\0';
	}
	return waiting.failed ? -1 : 0;
}

/* --cacert, else the workspace's own. */
static int
read_ca(struct verb_call *call, struct checked *checked, struct err *err)
{
	char *dir = pki_folder(call), *own = fs_join(dir, "ca.pem");
	const char *path = call->settings->cacert ? call->settings->cacert : own;
	struct buf pem = BUF_INIT(MAX_FILE);
	int result = 0;

	if (call->settings->cacert || fs_exists(own)) {
		result = fs_read(path, &pem, err);
		if (result == 0)
			result = cert_parse_pem(&checked->ca, &pem, path, err);
		checked->has_ca = result == 0;
	}
	buf_release(&pem);
	free(own);
	free(dir);
	return result;
}

/* ---- what is to be said of them */

static const struct cert *
issuer_of(const struct checked *checked, const struct cert *cert)
{
	if (cert->self_issued && cert_signed_by(cert, cert))
		return cert;
	for (size_t i = 0; i < checked->len; i++)
		if (&checked->chain[i] != cert && cert_signed_by(cert, &checked->chain[i]))
			return &checked->chain[i];
	return checked->has_ca && cert_signed_by(cert, &checked->ca) ? &checked->ca : NULL;
}

static void
judge_trust(struct checked *checked)
{
	const struct cert *at = &checked->chain[0];

	for (size_t i = 0; i < SERVED_CHAIN_MAX && checked->has_ca; i++) {
		const struct cert *next = issuer_of(checked, at);

		if (strcmp(at->fingerprint, checked->ca.fingerprint) == 0 || next == &checked->ca) {
			finding_add(&checked->findings, FINDING_OK, "signed by \"%s\"", checked->ca.subject_text);
			return;
		}
		if (!next || next == at)
			break;
		at = next;
	}
	if (checked->has_ca)
		finding_add(&checked->findings, FINDING_ERROR, "not signed by \"%s\": its issuer is \"%s\"",
		    checked->ca.subject_text, at->issuer_text);
	else
		finding_add(&checked->findings, FINDING_NOTE, "no CA to check the signature by: --cacert FILE");
}

static void
judge_server(struct checked *checked, bool peer)
{
	const struct cert *leaf = &checked->chain[0];
	struct findings *findings = &checked->findings;

	if (!leaf->server_auth)
		finding_add(findings, FINDING_ERROR, "lacks \"server auth\": clients refuse it");
	if (peer && !leaf->client_auth)
		finding_add(findings, FINDING_ERROR, "lacks \"client auth\": a member dials its peers with the "
		    "same certificate");
	if (!peer && !leaf->client_auth)
		finding_add(findings, FINDING_WARN, "lacks \"client auth\": etcd's JSON gateway fails under "
		    "client-cert-auth; gRPC is not touched");
	if (!leaf->sans.len)
		finding_add(findings, FINDING_ERROR, "names no host: clients refuse it");
	else if (checked->host && !cert_matches(leaf, checked->host))
		finding_add(findings, FINDING_ERROR, "lacks %s in its SAN: reissue it with that host",
		    checked->host);
	else if (checked->host)
		finding_add(findings, FINDING_OK, "its SAN covers %s", checked->host);
}

static int
judge(struct checked *checked, const char *purpose, struct err *err)
{
	const struct cert *leaf = &checked->chain[0], *issuer = issuer_of(checked, leaf);

	if (!purpose && checked->host)
		purpose = "server";
	check_cert(leaf, issuer ? issuer : leaf, clock_wall_ms() / 1000, &checked->findings);
	judge_trust(checked);
	if (!purpose)
		return 0;
	if (strcmp(purpose, "client") == 0) {
		if (!leaf->client_auth)
			finding_add(&checked->findings, FINDING_ERROR, "lacks \"client auth\": etcd refuses it");
	} else if (strcmp(purpose, "server") == 0 || strcmp(purpose, "peer") == 0) {
		judge_server(checked, *purpose == 'p');
	} else {
		return err_set(err, ERR_USAGE, "--for is server, peer or client, not \"%.40s\"", purpose);
	}
	return 0;
}

/* ---- the answer */

static void
print_cert(struct verb_call *call, const struct cert *cert)
{
	char from[CLOCK_RFC3339_SIZE], to[CLOCK_RFC3339_SIZE];
	struct buf sans = BUF_INIT(1 << 16);

	for (size_t i = 0; i < cert->sans.len; i++)
		buf_printf(&sans, "%s%s:%s", i ? ", " : "", san_kind_name(cert->sans.items[i].kind),
		    cert->sans.items[i].text);
	report_text(call->report,
	    "subject  %s\nissuer   %s\nvalid    %s to %s UTC   key %s\nsans     %s\n",
	    cert->subject_text, cert->issuer_text, clock_minute(cert->not_before, from),
	    clock_minute(cert->not_after, to), cert->key, sans.len ? buf_str(&sans) : "none");
	buf_release(&sans);
}

static int
tell(struct verb_call *call, const char *target, const struct checked *checked, struct err *err)
{
	struct json_object *result = json_object_new_object(), *certs = json_object_new_array();
	const struct finding *worst = NULL;

	for (size_t i = 0; i < checked->len; i++)
		json_object_array_add(certs, pki_cert_json(&checked->chain[i]));
	print_cert(call, &checked->chain[0]);
	for (size_t i = 0; i < checked->findings.len; i++) {
		const struct finding *finding = &checked->findings.items[i];

		report_text(call->report, "%-8s %s\n", finding_word(finding->level), finding->text);
		if (finding->level == FINDING_ERROR && !worst)
			worst = finding;
	}
	json_put_str(result, "target", target);
	json_put_object(result, "certs", certs);
	json_put_object(result, "findings", pki_findings_json(&checked->findings));
	json_put_bool(result, "ok", worst == NULL);
	report_result(call->report, result);
	return worst ? err_set(err, ERR_UNHEALTHY, "%.200s: %s", target, worst->text) : 0;
}

static int
run(struct verb_call *call, struct err *err)
{
	struct checked *checked;
	const char *target;
	int result;

	if (args_expect(call, 1, 1, err) != 0)
		return -1;
	target = args_at(call->args, 0);
	checked = xcalloc(1, sizeof *checked);
	if (fs_exists(target))
		result = read_file(target, checked, err);
	else if (strchr(target, ':'))
		result = read_server(call, target, checked, err);
	else
		result = err_set(err, ERR_NOT_FOUND, "%s is neither a file nor HOST:PORT", target);
	if (result == 0)
		result = read_ca(call, checked, err);
	if (result == 0)
		result = judge(checked, args_str(call->args, "for"), err);
	if (result == 0)
		result = tell(call, target, checked, err);
	checked_release(checked);
	free(checked);
	return result;
}

static const struct flag flags[] = {
	{ "for", 0, FLAG_STR, "ROLE", "server, peer or client: what it must be good for" },
	{ NULL },
};

const struct verb_ops ops_cert_check = { .flags = flags, .run = run, .reads = true };
