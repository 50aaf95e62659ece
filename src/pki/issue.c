/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/issue.h"

#include <stdlib.h>
#include <string.h>

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include "base/clock.h"
#include "base/mem.h"
#include "pki/pem.h"
#include "pki/usage.h"

enum { MAX_USAGES = 64, SERIAL_SIZE = 20, MAX_DER = 1 << 20, SECOND = 1000000000 };

static const int64_t root_expiry = (int64_t)43800 * 3600 * SECOND;
static const int64_t default_backdate = (int64_t)300 * SECOND;

/* Everything that makes up a certificate but the serial. */
struct fields {
	struct der issuer, subject, public_key;
	int64_t not_before, not_after;
	unsigned usage_bits;
	const char *usage_oids[MAX_USAGES];
	size_t usage_count;
	bool is_ca;
	int path_len;		/* -1: none */
	bool has_subject_id;
	struct der issuer_id;	/* no extension where empty */
	char *const *issuer_urls;
	const char *ocsp_url, *crl_url;
	bool ocsp_no_check;
	const struct san_list *sans;
	bool short_serial;
};

static struct der
buf_der(const struct buf *buf)
{
	return (struct der){ (const unsigned char *)buf->data, buf->len };
}

/* The extension's value is what was written since `value`. */
static void
close_extension(struct buf *out, size_t mark, size_t value)
{
	der_close(out, value, DER_OCTET_STRING);
	der_close(out, mark, DER_SEQUENCE);
}

static size_t
open_extension(struct buf *out, const char *oid, bool critical)
{
	der_put_oid(out, oid);
	if (critical)
		der_put(out, DER_BOOLEAN, "\xff", 1);
	return out->len;
}

/* A named BIT STRING: bit 0 is the highest of the first byte, trailing zeros are left out. */
static void
put_key_usage(const struct fields *f, struct buf *out)
{
	unsigned char bytes[3] = { 0 };
	size_t mark = out->len, value, len;
	int last = 0;

	if (!f->usage_bits)
		return;
	for (int bit = 0; bit < 9; bit++)
		if (f->usage_bits & 1U << bit) {
			bytes[1 + bit / 8] |= (unsigned char)(0x80 >> bit % 8);
			last = bit;
		}
	len = 1 + (size_t)last / 8;
	bytes[0] = (unsigned char)(7 - last % 8);
	value = open_extension(out, "2.5.29.15", true);
	der_put(out, DER_BIT_STRING, bytes, 1 + len);
	close_extension(out, mark, value);
}

static void
put_ext_usages(const struct fields *f, struct buf *out)
{
	size_t mark = out->len, value;

	if (!f->usage_count)
		return;
	value = open_extension(out, "2.5.29.37", false);
	for (size_t i = 0; i < f->usage_count; i++)
		der_put_oid(out, f->usage_oids[i]);
	der_close(out, value, DER_SEQUENCE);
	close_extension(out, mark, value);
}

static void
put_constraints(const struct fields *f, struct buf *out)
{
	size_t mark = out->len, value = open_extension(out, "2.5.29.19", true);

	if (f->is_ca)
		der_put(out, DER_BOOLEAN, "\xff", 1);
	if (f->is_ca && f->path_len >= 0)
		der_put_small(out, (unsigned)f->path_len);
	der_close(out, value, DER_SEQUENCE);
	close_extension(out, mark, value);
}

static int
put_ids(const struct fields *f, struct buf *out, struct err *err)
{
	unsigned char id[PRIVKEY_ID_SIZE];
	size_t mark = out->len, value;

	if (f->has_subject_id) {
		if (public_key_id(f->public_key, id, err) != 0)
			return -1;
		value = open_extension(out, "2.5.29.14", false);
		der_put(out, DER_OCTET_STRING, id, sizeof id);
		close_extension(out, mark, value);
	}
	if (!f->issuer_id.len)
		return 0;
	mark = out->len;
	value = open_extension(out, "2.5.29.35", false);
	der_put(out, DER_CONTEXT | 0, f->issuer_id.data, f->issuer_id.len);
	der_close(out, value, DER_SEQUENCE);
	close_extension(out, mark, value);
	return 0;
}

static void
put_access(struct buf *out, const char *method, const char *url)
{
	size_t mark = out->len;

	der_put_oid(out, method);
	der_put_str(out, DER_CONTEXT | 6, url);
	der_close(out, mark, DER_SEQUENCE);
}

static void
put_authority_info(const struct fields *f, struct buf *out)
{
	size_t mark = out->len, value;

	if (!f->ocsp_url && !(f->issuer_urls && *f->issuer_urls))
		return;
	value = open_extension(out, "1.3.6.1.5.5.7.1.1", false);
	if (f->ocsp_url)
		put_access(out, "1.3.6.1.5.5.7.48.1", f->ocsp_url);
	for (char *const *url = f->issuer_urls; url && *url; url++)
		put_access(out, "1.3.6.1.5.5.7.48.2", *url);
	der_close(out, value, DER_SEQUENCE);
	close_extension(out, mark, value);
}

static int
put_sans(const struct fields *f, struct buf *out, struct err *err)
{
	size_t mark = out->len, value;

	if (!f->sans->len)
		return 0;
	/* An empty subject is two bytes of DER; then the names must be understood (RFC 5280 4.2.1.6). */
	value = open_extension(out, "2.5.29.17", f->subject.len == 2);
	if (san_list_write(f->sans, out, err) != 0)
		return -1;
	close_extension(out, mark, value);
	return 0;
}

static void
put_crl_point(const struct fields *f, struct buf *out)
{
	size_t mark = out->len, value;

	if (!f->crl_url)
		return;
	value = open_extension(out, "2.5.29.31", false);
	der_put_str(out, DER_CONTEXT | 6, f->crl_url);
	der_close(out, value, DER_CONTEXT_BOX | 0);
	der_close(out, value, DER_CONTEXT_BOX | 0);
	der_close(out, value, DER_SEQUENCE);
	der_close(out, value, DER_SEQUENCE);
	close_extension(out, mark, value);
}

static int
put_extensions(const struct fields *f, struct buf *out, struct err *err)
{
	size_t mark = out->len, one;

	put_key_usage(f, out);
	put_ext_usages(f, out);
	put_constraints(f, out);
	if (put_ids(f, out, err) != 0)
		return -1;
	put_authority_info(f, out);
	if (put_sans(f, out, err) != 0)
		return -1;
	put_crl_point(f, out);
	if (f->ocsp_no_check) {
		size_t value;

		one = out->len;
		value = open_extension(out, "1.3.6.1.5.5.7.48.1.5", false);
		der_put(out, DER_NULL, "", 0);
		close_extension(out, one, value);
	}
	der_close(out, mark, DER_SEQUENCE);
	der_close(out, mark, DER_CONTEXT_BOX | 3);
	return 0;
}

/* Random and positive: the top bit cleared; a short one below 2^63 as cfssl's selfsign has. */
static int
put_serial(const struct fields *f, struct buf *out, struct err *err)
{
	unsigned char serial[SERIAL_SIZE];
	size_t len = f->short_serial ? 8 : SERIAL_SIZE;

	if (gnutls_rnd(GNUTLS_RND_RANDOM, serial, len) != 0)
		return err_set(err, ERR_FAILED, "no random numbers from the system");
	serial[0] &= 0x7f;
	der_put_uint(out, serial, len);
	return 0;
}

static int
put_tbs(const struct fields *f, const struct privkey *signer, struct buf *out, struct err *err)
{
	size_t mark = out->len;

	der_put_small(out, 2);
	der_close(out, mark, DER_CONTEXT_BOX | 0);
	if (put_serial(f, out, err) != 0)
		return -1;
	privkey_write_algorithm(signer, out);
	buf_add(out, f->issuer.data, f->issuer.len);
	mark = out->len;
	der_put_time(out, f->not_before);
	der_put_time(out, f->not_after);
	der_close(out, mark, DER_SEQUENCE);
	buf_add(out, f->subject.data, f->subject.len);
	buf_add(out, f->public_key.data, f->public_key.len);
	if (put_extensions(f, out, err) != 0)
		return -1;
	der_close(out, 0, DER_SEQUENCE);
	return 0;
}

static int
write_certificate(const struct fields *f, const struct privkey *signer, struct buf *out,
    struct err *err)
{
	struct buf tbs = BUF_INIT(MAX_DER), whole = BUF_INIT(MAX_DER);
	int result = put_tbs(f, signer, &tbs, err);

	if (result == 0) {
		buf_add(&whole, tbs.data, tbs.len);
		privkey_write_algorithm(signer, &whole);
		result = privkey_sign(signer, tbs.data, tbs.len, &whole, err);
	}
	if (result == 0) {
		der_close(&whole, 0, DER_SEQUENCE);
		pem_write(out, "CERTIFICATE", whole.data, whole.len);
	}
	buf_release(&tbs);
	buf_release(&whole);
	return result;
}

/* Now to the nearest minute, as Go's Round does it (half up). */
static int64_t
rounded_now(void)
{
	return (clock_wall_ms() + 30000) / 60000 * 60;
}

/* Floor of a division of nanoseconds: Go cuts the fraction of a point in time off downwards. */
static int64_t
whole_seconds(int64_t ns)
{
	return ns / SECOND - (ns % SECOND < 0);
}

void
issue_span(const struct profiles *profiles, int64_t *not_before, int64_t *not_after)
{
	const struct profile *p = profiles->chosen;
	int64_t expiry = p->expiry ? p->expiry : profiles->fallback.expiry;
	int64_t backdate = p->backdate ? p->backdate : default_backdate;
	int64_t fraction = -backdate - whole_seconds(-backdate) * SECOND;

	*not_before = p->has_not_before ? p->not_before : rounded_now() + whole_seconds(-backdate);
	*not_after = p->has_not_after ? p->not_after : *not_before + whole_seconds(expiry + fraction);
}

static struct san_list
only_addresses(const struct san_list *all)
{
	struct san_list list = { 0 };

	for (size_t i = 0; i < all->len; i++)
		if (all->items[i].kind == SAN_IP)
			san_list_add(&list, all->items[i].text);
	return list;
}

int
issue_root(const struct request *request, const struct csr *csr, const struct privkey *key,
    struct buf *out, struct err *err)
{
	struct san_list sans = only_addresses(&request->sans);
	int64_t backdate = csr->ca_backdate ? csr->ca_backdate : default_backdate;
	struct fields f = {
		.issuer = buf_der(&request->subject),
		.subject = buf_der(&request->subject),
		.public_key = buf_der(&request->public_key),
		.usage_bits = USAGE_CERT_SIGN | USAGE_CRL_SIGN,
		.is_ca = true,
		.path_len = request->path_len,
		.has_subject_id = true,
		.crl_url = csr->crl_url,
		.sans = &sans,
	};
	int result;

	f.not_before = rounded_now() + whole_seconds(-backdate);
	f.not_after = f.not_before + whole_seconds(csr->ca_expiry ? csr->ca_expiry : root_expiry);
	if (request->subject.len == 2)
		result = err_set(err, ERR_INPUT, "a root needs a CN or a name");
	else
		result = write_certificate(&f, key, out, err);
	san_list_release(&sans);
	return result;
}

int
issue_renewed_root(const struct authority *ca, struct buf *out, struct err *err)
{
	const struct cert *old = &ca->cert;
	struct san_list sans = only_addresses(&old->sans);
	struct buf subject = BUF_INIT(MAX_DER);
	struct name name = { 0 }, plain = { 0 };
	struct fields f = {
		.public_key = old->public_key,
		.usage_bits = USAGE_CERT_SIGN | USAGE_CRL_SIGN,
		.is_ca = true,
		.path_len = old->path_len,
		.has_subject_id = true,
		.sans = &sans,
	};
	int result = name_read(&name, old->subject, err);

	name_fill(&plain, &name);
	if (result == 0)
		result = name_write(&plain, &subject, err);
	if (result == 0) {
		f.issuer = f.subject = buf_der(&subject);
		f.not_before = rounded_now() + whole_seconds(-default_backdate);
		f.not_after = f.not_before + (old->not_after - old->not_before);
		result = write_certificate(&f, ca->key, out, err);
	}
	name_release(&name);
	name_release(&plain);
	buf_release(&subject);
	san_list_release(&sans);
	return result;
}

static int
profile_fields(struct fields *f, const struct profiles *profiles, struct err *err)
{
	const struct profile *p = profiles->chosen;
	const char *name = p->name ? p->name : "default";

	if (p->unsupported) {
		err_set(err, ERR_UNSUPPORTED, "profile \"%.60s\": \"%s\" is not supported", name,
		    p->unsupported);
		return err_cure(err, "remove it from the profile, or sign with another one");
	}
	f->usage_count = profile_usages(p, &f->usage_bits, f->usage_oids, MAX_USAGES);
	if (!f->usage_bits && !f->usage_count) {
		err_set(err, ERR_INPUT, "profile \"%.60s\" has no key usage", name);
		return err_cure(err, "add \"usages\" to it, or name another profile");
	}
	issue_span(profiles, &f->not_before, &f->not_after);
	f->is_ca = p->is_ca;
	f->path_len = p->max_path_len || p->max_path_len_zero ? (int)p->max_path_len : -1;
	f->issuer_urls = p->issuer_urls ? p->issuer_urls : profiles->fallback.issuer_urls;
	f->ocsp_url = p->ocsp_url ? p->ocsp_url : profiles->fallback.ocsp_url;
	f->crl_url = p->crl_url ? p->crl_url : profiles->fallback.crl_url;
	f->ocsp_no_check = p->ocsp_no_check;
	return 0;
}

/* cfssl looks at the path lengths only where the request itself asks for a CA. */
static int
check_wanted_ca(const struct request *request, const struct fields *f, const struct authority *ca,
    struct err *err)
{
	if (!request->wants_ca)
		return 0;
	if (!f->is_ca)
		return err_set(err, ERR_GUARD, "the request asks for a CA, the profile makes none");
	if (ca->cert.path_len == 0)
		return err_set(err, ERR_GUARD, "the CA's path length 0 allows no CA below it");
	if (ca->cert.path_len > 0 && request->path_len >= ca->cert.path_len)
		return err_set(err, ERR_GUARD, "the request's path length passes the CA's");
	return 0;
}

int
issue_leaf(const struct request *request, const struct profiles *profiles,
    const struct authority *ca, struct buf *out, struct err *err)
{
	struct san_list addresses = { 0 };
	struct fields f = {
		.issuer = ca->cert.subject,
		.subject = buf_der(&request->subject),
		.public_key = buf_der(&request->public_key),
		.has_subject_id = true,
		.sans = &request->sans,
	};
	int result;

	if (profile_fields(&f, profiles, err) != 0 ||
	    check_wanted_ca(request, &f, ca, err) != 0)
		return -1;
	if (f.is_ca) {
		addresses = only_addresses(&request->sans);
		f.sans = &addresses;
	}
	/* A name equal to the issuer's counts as self-signed and gets no authority key id. */
	if (f.issuer.len != f.subject.len || memcmp(f.issuer.data, f.subject.data, f.issuer.len) != 0)
		f.issuer_id = (struct der){ ca->cert.subject_id, ca->cert.subject_id_len };
	result = write_certificate(&f, ca->key, out, err);
	san_list_release(&addresses);
	return result;
}

int
issue_self(const struct request *request, const struct profiles *profiles,
    const struct privkey *key, struct buf *out, struct err *err)
{
	struct fields f = {
		.issuer = buf_der(&request->subject),
		.subject = buf_der(&request->subject),
		.public_key = buf_der(&request->public_key),
		.has_subject_id = true,
		.sans = &request->sans,
		.short_serial = true,
	};
	int64_t now = clock_wall_ms() / 1000;

	if (profile_fields(&f, profiles, err) != 0)
		return -1;
	f.not_after = now + (f.not_after - f.not_before);
	f.not_before = now - default_backdate / SECOND;
	return write_certificate(&f, key, out, err);
}

int
authority_open(struct authority *ca, const struct buf *cert_pem, const struct buf *key_pem,
    const char *password, struct err *err)
{
	struct pem_block block;
	size_t at = 0, count = 0;

	*ca = (struct authority){ 0 };
	while (pem_next(buf_str(cert_pem), cert_pem->len, &at, &block))
		count++;
	if (count > 1) {
		err_set(err, ERR_INPUT, "the CA's file holds %zu PEM objects; one certificate is wanted",
		    count);
		return err_cure(err, "cut the signing certificate out of the chain");
	}
	if (cert_parse_pem(&ca->cert, cert_pem, "the CA's certificate", err) != 0)
		return -1;
	ca->key = privkey_parse(key_pem, "the CA's key", password, err);
	if (ca->key && !cert_has_key(&ca->cert, ca->key)) {
		err_set(err, ERR_INPUT, "the CA's key does not belong to its certificate");
		err_cure(err, "give the pair that was made together");
		privkey_free(ca->key);
		ca->key = NULL;
	}
	if (ca->key)
		return 0;
	cert_release(&ca->cert);
	return -1;
}

void
authority_close(struct authority *ca)
{
	cert_release(&ca->cert);
	privkey_free(ca->key);
	ca->key = NULL;
}
