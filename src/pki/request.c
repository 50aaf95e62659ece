/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "base/mem.h"
#include "pki/issue.h"
#include "pki/pem.h"

enum { MAX_REQUEST = 1 << 20 };

static void
request_init(struct request *request)
{
	*request = (struct request){ .subject = BUF_INIT(MAX_REQUEST),
		.public_key = BUF_INIT(MAX_REQUEST), .path_len = -1 };
}

void
request_release(struct request *request)
{
	buf_release(&request->subject);
	buf_release(&request->public_key);
	san_list_release(&request->sans);
}

void
request_set_hosts(struct request *request, char *const *hosts)
{
	san_list_release(&request->sans);
	san_list_add_all(&request->sans, hosts);
}

int
request_override(struct request *request, const struct name *name, struct err *err)
{
	struct name own = { 0 }, mixed = { 0 };
	struct der subject = { (const unsigned char *)request->subject.data, request->subject.len };
	int result = name_read(&own, subject, err);

	if (result == 0) {
		name_fill(&mixed, name);
		name_fill(&mixed, &own);
		buf_reset(&request->subject);
		result = name_write(&mixed, &request->subject, err);
	}
	name_release(&own);
	name_release(&mixed);
	return result;
}

int
request_from_csr(struct request *request, const struct csr *csr, const struct privkey *key,
    struct err *err)
{
	request_init(request);
	if (csr->unsupported) {
		err_set(err, ERR_UNSUPPORTED, "\"%s\" of a CSR file is not supported", csr->unsupported);
		return err_cure(err, "remove it from the file");
	}
	if (name_write(&csr->name, &request->subject, err) != 0 ||
	    privkey_write_public(key, &request->public_key, err) != 0) {
		request_release(request);
		return -1;
	}
	san_list_add_all(&request->sans, csr->hosts);
	request->wants_ca = csr->has_ca;
	if (csr->has_ca && (csr->ca_path_len || csr->ca_path_len_zero))
		request->path_len = (int)csr->ca_path_len;
	return 0;
}

static void
put_basic_constraints(const struct request *request, struct buf *out)
{
	size_t mark = out->len, value;

	der_put_oid(out, "2.5.29.19");
	der_put(out, DER_BOOLEAN, "\xff", 1);
	value = out->len;
	der_put(out, DER_BOOLEAN, "\xff", 1);
	if (request->path_len >= 0)
		der_put_small(out, (unsigned)request->path_len);
	der_close(out, value, DER_SEQUENCE);
	der_close(out, value, DER_OCTET_STRING);
	der_close(out, mark, DER_SEQUENCE);
}

static int
put_attributes(const struct request *request, struct buf *out, struct err *err)
{
	size_t mark = out->len, set, san, value;

	if (request->sans.len || request->wants_ca) {
		der_put_oid(out, "1.2.840.113549.1.9.14");
		set = out->len;
		if (request->sans.len) {
			san = out->len;
			der_put_oid(out, "2.5.29.17");
			value = out->len;
			if (san_list_write(&request->sans, out, err) != 0)
				return -1;
			der_close(out, value, DER_OCTET_STRING);
			der_close(out, san, DER_SEQUENCE);
		}
		if (request->wants_ca)
			put_basic_constraints(request, out);
		der_close(out, set, DER_SEQUENCE);
		der_close(out, set, DER_SET);
		der_close(out, mark, DER_SEQUENCE);
	}
	der_close(out, mark, DER_CONTEXT_BOX | 0);
	return 0;
}

int
request_write(const struct request *request, const struct privkey *key, struct buf *out,
    struct err *err)
{
	struct buf der = BUF_INIT(MAX_REQUEST);
	int result = -1;

	der_put_small(&der, 0);
	buf_add(&der, request->subject.data, request->subject.len);
	buf_add(&der, request->public_key.data, request->public_key.len);
	if (put_attributes(request, &der, err) != 0)
		goto out;
	der_close(&der, 0, DER_SEQUENCE);
	{
		struct buf info = BUF_INIT(MAX_REQUEST);

		buf_add(&info, der.data, der.len);
		privkey_write_algorithm(key, &der);
		result = privkey_sign(key, info.data, info.len, &der, err);
		buf_release(&info);
	}
	if (result == 0) {
		der_close(&der, 0, DER_SEQUENCE);
		pem_write(out, "CERTIFICATE REQUEST", der.data, der.len);
	}
out:
	buf_release(&der);
	return result;
}

/* The parts of CertificationRequestInfo (RFC 2986 4.1) that GnuTLS gives no raw access to. */
static int
read_info(struct request *request, struct der der, const char *what, struct err *err)
{
	struct der_value value, info;
	struct name name = { 0 };
	int result;

	if (!der_expect(&der, DER_SEQUENCE, &value) ||
	    !der_expect(&value.body, DER_SEQUENCE, &info) ||
	    !der_expect(&info.body, DER_INTEGER, &value) ||
	    !der_expect(&info.body, DER_SEQUENCE, &value))
		return err_set(err, ERR_INPUT, "%s is not a certificate request", what);
	result = name_read(&name, value.whole, err);
	if (result == 0)
		result = name_write(&name, &request->subject, err);
	name_release(&name);
	if (result != 0)
		return -1;
	if (!der_expect(&info.body, DER_SEQUENCE, &value))
		return err_set(err, ERR_INPUT, "%s is not a certificate request", what);
	buf_add(&request->public_key, value.whole.data, value.whole.len);
	return 0;
}

static void
read_extensions(struct request *request, gnutls_x509_crq_t crq)
{
	char data[4096], text[64];
	unsigned critical, ca = 0, type;

	for (unsigned i = 0; i < 4096; i++) {
		size_t size = sizeof data;
		int code = gnutls_x509_crq_get_subject_alt_name(crq, i, data, &size, &type, &critical);
		struct san san = { 0 };

		if (code == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
			break;
		if (code < 0)
			continue;
		san.kind = type == GNUTLS_SAN_IPADDRESS ? SAN_IP :
		    type == GNUTLS_SAN_RFC822NAME	  ? SAN_EMAIL :
		    type == GNUTLS_SAN_URI		  ? SAN_URI :
							    SAN_DNS;
		if (san.kind == SAN_IP && (size == 4 || size == 16)) {
			san.ip_len = size;
			memcpy(san.ip, data, size);
			san.text = xstrdup(san_ip_text(san.ip, size, text));
		} else {
			san.text = xstrndup(data, size);
		}
		GROW(request->sans.items, request->sans.len, request->sans.cap);
		request->sans.items[request->sans.len++] = san;
	}
	if (gnutls_x509_crq_get_basic_constraints(crq, &critical, &ca, &request->path_len) >= 0)
		request->wants_ca = ca != 0;
	if (!request->wants_ca)
		request->path_len = -1;
}

/* DER of the first request in the text, which may be PEM or DER already. */
static bool
request_der(const struct buf *text, struct buf *der)
{
	struct pem_block block;
	size_t at = 0;

	if (text->len && text->data[0] == DER_SEQUENCE)
		return buf_add(der, text->data, text->len);
	if (!pem_next(buf_str(text), text->len, &at, &block))
		return false;
	return (pem_is(&block, "CERTIFICATE REQUEST") || pem_is(&block, "NEW CERTIFICATE REQUEST")) &&
	    pem_decode(&block, der);
}

int
request_from_pkcs10(struct request *request, const struct buf *text, const char *what,
    struct err *err)
{
	struct buf der = BUF_INIT(MAX_REQUEST);
	gnutls_datum_t datum;
	gnutls_x509_crq_t crq;
	int result = -1;

	request_init(request);
	if (gnutls_x509_crq_init(&crq) != 0)
		abort();
	if (!request_der(text, &der)) {
		err_set(err, ERR_INPUT, "%s holds no certificate request", what);
		goto out;
	}
	datum = (gnutls_datum_t){ (unsigned char *)der.data, (unsigned)der.len };
	if (gnutls_x509_crq_import(crq, &datum, GNUTLS_X509_FMT_DER) != 0)
		err_set(err, ERR_INPUT, "%s is not a certificate request", what);
	else if (gnutls_x509_crq_verify(crq, 0) < 0)
		err_set(err, ERR_INPUT, "%s: the request's own signature is wrong", what);
	else if (read_info(request, (struct der){ datum.data, datum.size }, what, err) == 0)
		result = 0;
	if (result == 0)
		read_extensions(request, crq);
	else
		request_release(request);
out:
	gnutls_x509_crq_deinit(crq);
	buf_release(&der);
	return result;
}
