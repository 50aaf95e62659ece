/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_USAGE_H
#define PKI_USAGE_H

#include <stdbool.h>
#include <stddef.h>

/* cfssl's words for key usages (bits of RFC 5280 4.2.1.3) and extended key usages (OIDs). */

enum usage_bit {
	USAGE_DIGITAL_SIGNATURE = 1 << 0,
	USAGE_CONTENT_COMMITMENT = 1 << 1,
	USAGE_KEY_ENCIPHERMENT = 1 << 2,
	USAGE_DATA_ENCIPHERMENT = 1 << 3,
	USAGE_KEY_AGREEMENT = 1 << 4,
	USAGE_CERT_SIGN = 1 << 5,
	USAGE_CRL_SIGN = 1 << 6,
	USAGE_ENCIPHER_ONLY = 1 << 7,
	USAGE_DECIPHER_ONLY = 1 << 8,
};

#define USAGE_SERVER_AUTH "1.3.6.1.5.5.7.3.1"
#define USAGE_CLIENT_AUTH "1.3.6.1.5.5.7.3.2"

/* Fills `bit` (0 for an extended usage) and `oid` (NULL for a plain one); false for a word that is
 * none. */
bool usage_find(const char *word, unsigned *bit, const char **oid);

/* The first word for a bit or an OID; NULL where cfssl has none. */
const char *usage_bit_word(unsigned bit);
const char *usage_oid_word(const char *oid);

#endif
