/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/usage.h"

#include <string.h>

#include "base/mem.h"

static const struct {
	const char *word;
	unsigned bit;
	const char *oid;
} usages[] = {
	{ "digital signature", USAGE_DIGITAL_SIGNATURE, NULL },
	{ "signing", USAGE_DIGITAL_SIGNATURE, NULL },
	{ "content commitment", USAGE_CONTENT_COMMITMENT, NULL },
	{ "key encipherment", USAGE_KEY_ENCIPHERMENT, NULL },
	{ "data encipherment", USAGE_DATA_ENCIPHERMENT, NULL },
	{ "key agreement", USAGE_KEY_AGREEMENT, NULL },
	{ "cert sign", USAGE_CERT_SIGN, NULL },
	{ "crl sign", USAGE_CRL_SIGN, NULL },
	{ "encipher only", USAGE_ENCIPHER_ONLY, NULL },
	{ "decipher only", USAGE_DECIPHER_ONLY, NULL },
	{ "any", 0, "2.5.29.37.0" },
	{ "server auth", 0, USAGE_SERVER_AUTH },
	{ "client auth", 0, USAGE_CLIENT_AUTH },
	{ "code signing", 0, "1.3.6.1.5.5.7.3.3" },
	{ "email protection", 0, "1.3.6.1.5.5.7.3.4" },
	{ "s/mime", 0, "1.3.6.1.5.5.7.3.4" },
	{ "ipsec end system", 0, "1.3.6.1.5.5.7.3.5" },
	{ "ipsec tunnel", 0, "1.3.6.1.5.5.7.3.6" },
	{ "ipsec user", 0, "1.3.6.1.5.5.7.3.7" },
	{ "timestamping", 0, "1.3.6.1.5.5.7.3.8" },
	{ "ocsp signing", 0, "1.3.6.1.5.5.7.3.9" },
	{ "microsoft sgc", 0, "1.3.6.1.4.1.311.10.3.3" },
	{ "netscape sgc", 0, "2.16.840.1.113730.4.1" },
};

bool
usage_find(const char *word, unsigned *bit, const char **oid)
{
	for (size_t i = 0; i < ARRAY_LEN(usages); i++) {
		if (strcmp(usages[i].word, word) != 0)
			continue;
		*bit = usages[i].bit;
		*oid = usages[i].oid;
		return true;
	}
	return false;
}

const char *
usage_bit_word(unsigned bit)
{
	for (size_t i = 0; i < ARRAY_LEN(usages); i++)
		if (usages[i].bit == bit)
			return usages[i].word;
	return NULL;
}

const char *
usage_oid_word(const char *oid)
{
	for (size_t i = 0; i < ARRAY_LEN(usages); i++)
		if (usages[i].oid && strcmp(usages[i].oid, oid) == 0)
			return usages[i].word;
	return NULL;
}
