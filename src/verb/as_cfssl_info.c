/* SPDX-License-Identifier: Apache-2.0
 * cfssl's verbs that only show: certinfo and info. Go's MarshalIndent with two blanks. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "pki/cert.h"
#include "pki/go_json.h"
#include "pki/name.h"
#include "pki/pem.h"
#include "pki/profile.h"
#include "verb/as_cfssl.h"

enum { INPUT_MAX = 4 << 20, OUTPUT_MAX = 16 << 20 };

/* `"name": "value",` on a line of its own. */
static void
put_member(struct buf *out, const char *indent, const char *name, const char *value)
{
	buf_printf(out, "%s\"%s\": ", indent, name);
	go_put_str(out, value);
	buf_add_str(out, ",\n");
}

static void
put_list(struct buf *out, const char *indent, const char *name, char *const *values, size_t len)
{
	buf_printf(out, "%s\"%s\": [\n", indent, name);
	for (size_t i = 0; i < len; i++) {
		buf_printf(out, "%s  ", indent);
		go_put_str(out, values[i]);
		buf_add_str(out, i + 1 < len ? ",\n" : "\n");
	}
	buf_printf(out, "%s],\n", indent);
}

/* All values of one type, joined with commas; nothing where there are none. */
static void
put_part(struct buf *out, const struct name_list *list, const char *name)
{
	struct buf joined = BUF_INIT(INPUT_MAX);

	for (size_t i = 0; i < list->len; i++)
		buf_printf(&joined, "%s%s", i ? "," : "", list->values[i]);
	if (list->len)
		put_member(out, "    ", name, buf_str(&joined));
	buf_release(&joined);
}

/* The comma of the last member has to go. */
static void
close_object(struct buf *out, const char *closing)
{
	if (out->len > 2 && memcmp(out->data + out->len - 2, ",\n", 2) == 0)
		out->len -= 2;
	buf_add_str(out, closing);
}

static void
put_name(struct buf *out, struct der der, const char *member)
{
	static const struct {
		enum name_part part;
		const char *name;
	} parts[] = { { NAME_CN, "common_name" }, { NAME_SERIAL, "serial_number" },
		{ NAME_C, "country" }, { NAME_O, "organization" }, { NAME_OU, "organizational_unit" },
		{ NAME_L, "locality" }, { NAME_ST, "province" }, { NAME_STREET, "street_address" },
		{ NAME_POSTAL, "postal_code" } };
	struct name name = { 0 };
	struct name_list all = { 0 };
	struct der_value outer, value;
	char oid[128];

	if (name_read(&name, der, NULL) == 0 && der_expect(&der, DER_SEQUENCE, &outer))
		for (size_t n = 0; name_attribute(outer.body, n, oid, &value); n++) {
			GROW(all.values, all.len, all.cap);
			all.values[all.len++] = xstrndup((const char *)value.body.data, value.body.len);
		}
	if (name_empty(&name)) {
		buf_printf(out, "  \"%s\": {},\n", member);
		free(all.values);
		return;
	}
	buf_printf(out, "  \"%s\": {\n", member);
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		put_part(out, &name.parts[parts[i].part], parts[i].name);
	put_list(out, "    ", "names", all.values, all.len);
	close_object(out, "\n  },\n");
	for (size_t i = 0; i < all.len; i++)
		free(all.values[i]);
	free(all.values);
	name_release(&name);
}

/* DNS names, then addresses; cfssl shows no others. */
static void
put_sans(struct buf *out, const struct cert *cert)
{
	char **values = xcalloc(cert->sans.len + 1, sizeof *values);
	size_t len = 0;

	for (int kind = SAN_DNS; kind <= SAN_IP; kind += SAN_IP - SAN_DNS)
		for (size_t i = 0; i < cert->sans.len; i++)
			if (cert->sans.items[i].kind == (enum san_kind)kind)
				values[len++] = cert->sans.items[i].text;
	if (len)
		put_list(out, "  ", "sans", values, len);
	free(values);
}

static void
put_id(struct buf *out, const char *name, const unsigned char *id, size_t len)
{
	buf_printf(out, "  \"%s\": \"", name);
	for (size_t i = 0; i < len; i++)
		buf_printf(out, "%s%02X", i ? ":" : "", id[i]);
	buf_add_str(out, "\",\n");
}

/* Go's names of the signatures. */
static const char *
signature_name(const char *gnutls)
{
	static const char *const names[][2] = { { "RSA-SHA256", "SHA256WithRSA" },
		{ "RSA-SHA384", "SHA384WithRSA" }, { "RSA-SHA512", "SHA512WithRSA" },
		{ "RSA-SHA1", "SHA1WithRSA" }, { "ECDSA-SHA256", "ECDSAWithSHA256" },
		{ "ECDSA-SHA384", "ECDSAWithSHA384" }, { "ECDSA-SHA512", "ECDSAWithSHA512" },
		{ "EdDSA-Ed25519", "Ed25519" } };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(names[i][0], gnutls) == 0)
			return names[i][1];
	return "Unknown Signature";
}

static void
put_certificate(struct buf *out, const struct cert *cert)
{
	struct buf pem = BUF_INIT(INPUT_MAX);
	char time[CLOCK_RFC3339_SIZE];

	buf_add_str(out, "{\n");
	put_name(out, cert->subject, "subject");
	put_name(out, cert->issuer, "issuer");
	put_member(out, "  ", "serial_number", cert->serial);
	put_sans(out, cert);
	put_member(out, "  ", "not_before", clock_rfc3339(cert->not_before, time));
	put_member(out, "  ", "not_after", clock_rfc3339(cert->not_after, time));
	put_member(out, "  ", "sigalg", signature_name(cert->signature));
	put_id(out, "authority_key_id", cert->issuer_id, cert->issuer_id_len);
	put_id(out, "subject_key_id", cert->subject_id, cert->subject_id_len);
	pem_write(&pem, "CERTIFICATE", cert->der.data, cert->der.len);
	put_member(out, "  ", "pem", buf_str(&pem));
	close_object(out, "\n}\n");
	buf_release(&pem);
}

int
cfssl_certinfo(const struct cfssl_call *call, struct err *err)
{
	const char *file = call->flags[CFSSL_CERT];
	struct buf pem = BUF_INIT(INPUT_MAX), out = BUF_INIT(OUTPUT_MAX);
	struct cert cert = { 0 };
	int code;

	if (call->flags[CFSSL_CSR] || call->flags[CFSSL_DOMAIN] || call->flags[CFSSL_SERIAL])
		return err_set(err, ERR_UNSUPPORTED, "certinfo works here with -cert only");
	if (!file || !*file)
		return err_set(err, ERR_USAGE, "name the certificate: -cert FILE");
	code = cfssl_read(call, file, &pem, err);
	if (code == 0)
		code = cert_parse_pem(&cert, &pem, file, err);
	if (code == 0) {
		put_certificate(&out, &cert);
		cfssl_print(call, buf_str(&out));
	}
	cert_release(&cert);
	buf_release(&out);
	buf_release(&pem);
	return code;
}

/* Go prints a duration as 43800h0m0s; cfssl keeps the file's own words instead. */
static void
put_info(struct buf *out, const char *certificate, const struct profile *profile,
    const char *expiry)
{
	buf_add_str(out, "{\"certificate\":");
	go_put_str(out, certificate);
	buf_add_str(out, profile->usages ? ",\"usages\":[" : ",\"usages\":null");
	for (char **word = profile->usages; word && *word; word++) {
		if (word != profile->usages)
			buf_add_byte(out, ',');
		go_put_str(out, *word);
	}
	buf_add_str(out, profile->usages ? "],\"expiry\":" : ",\"expiry\":");
	go_put_str(out, expiry);
	buf_add_str(out, "}");
}

/* The CA's certificate as the signer would tell it, without its final newline. */
static int
put_signer(const struct cfssl_call *call, const struct profile *profile, struct err *err)
{
	struct buf pem = BUF_INIT(INPUT_MAX), out = BUF_INIT(OUTPUT_MAX);
	const char *file = call->flags[CFSSL_CA];
	struct cert cert = { 0 };
	int code = cfssl_read(call, file, &pem, err);

	if (code == 0)
		code = cert_parse_pem(&cert, &pem, file, err);
	if (code == 0) {
		while (pem.len && pem.data[pem.len - 1] == '\n')
			pem.data[--pem.len] = '\0';
		put_info(&out, buf_str(&pem), profile, profile->expiry_text ? profile->expiry_text : "");
		cfssl_print(call, buf_str(&out));
	}
	cert_release(&cert);
	buf_release(&out);
	buf_release(&pem);
	return code;
}

int
cfssl_info(const struct cfssl_call *call, struct err *err)
{
	const char *config = call->flags[CFSSL_CONFIG];
	struct buf text = BUF_INIT(INPUT_MAX);
	struct profiles profiles = { 0 };
	int code = -1;

	if (!config || !*config)
		return err_set(err, ERR_USAGE, "-config is needed; -remote is not part of this vetch");
	if (cfssl_read(call, config, &text, err) == 0 &&
	    profiles_parse(&profiles, &text, config, err) == 0) {
		profiles_choose(&profiles, call->flags[CFSSL_PROFILE]);
		if (!call->flags[CFSSL_CA] || !call->flags[CFSSL_CA_KEY])
			err_set(err, ERR_USAGE, "the CA is needed: -ca and -ca-key");
		else
			code = put_signer(call, profiles.chosen, err);
	}
	profiles_release(&profiles);
	buf_release(&text);
	return code;
}
