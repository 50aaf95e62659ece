/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include "base/mem.h"

struct sha256 {
	gnutls_hash_hd_t handle;
};

struct sha256 *
sha256_new(void)
{
	struct sha256 *hash = xcalloc(1, sizeof *hash);

	if (gnutls_hash_init(&hash->handle, GNUTLS_DIG_SHA256) != 0)
		abort();
	return hash;
}

void
sha256_add(struct sha256 *hash, const void *data, size_t len)
{
	if (len && gnutls_hash(hash->handle, data, len) != 0)
		abort();
}

void
sha256_peek(const struct sha256 *hash, unsigned char digest[SHA256_SIZE])
{
	gnutls_hash_hd_t copy = gnutls_hash_copy(hash->handle);

	if (!copy)
		abort();
	gnutls_hash_deinit(copy, digest);
}

void
sha256_end(struct sha256 *hash, unsigned char digest[SHA256_SIZE])
{
	gnutls_hash_deinit(hash->handle, digest);
	free(hash);
}

void
sha256_once(const void *data, size_t len, unsigned char digest[SHA256_SIZE])
{
	if (gnutls_hash_fast(GNUTLS_DIG_SHA256, data, len, digest) != 0)
		abort();
}

void
hmac_sha256(const void *key, size_t key_len, const void *data, size_t len,
    unsigned char digest[SHA256_SIZE])
{
	if (gnutls_hmac_fast(GNUTLS_MAC_SHA256, key, key_len, data, len, digest) != 0)
		abort();
}

char *
hex_encode(const void *data, size_t len, char *out)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *bytes = data;

	for (size_t i = 0; i < len; i++) {
		out[2 * i] = digits[bytes[i] >> 4];
		out[2 * i + 1] = digits[bytes[i] & 15];
	}
	out[2 * len] = '\0';
	return out;
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool
hex_decode(const char *text, void *out, size_t len)
{
	unsigned char *bytes = out;

	if (strlen(text) != 2 * len)
		return false;
	for (size_t i = 0; i < len; i++) {
		int high = hex_value(text[2 * i]), low = hex_value(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		bytes[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

void
base64_encode(struct buf *out, const void *data, size_t len)
{
	static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *in = data;

	for (size_t i = 0; i < len; i += 3) {
		size_t left = len - i;
		uint32_t v = (uint32_t)in[i] << 16;
		char quad[4];

		if (left > 1)
			v |= (uint32_t)in[i + 1] << 8;
		if (left > 2)
			v |= in[i + 2];
		for (int k = 0; k < 4; k++)
			quad[k] = set[v >> (18 - 6 * k) & 63];
		if (left < 3)
			quad[3] = '=';
		if (left < 2)
			quad[2] = '=';
		buf_add(out, quad, 4);
	}
}

static int
base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

bool
base64_decode(struct buf *out, const char *text, size_t len)
{
	size_t pad = len && text[len - 1] == '=' ? 1 + (len > 1 && text[len - 2] == '=') : 0;

	if (len % 4)
		return false;
	for (size_t i = 0; i < len; i += 4) {
		uint32_t v = 0;
		size_t padded = i + 4 == len ? pad : 0;
		unsigned char bytes[3];

		for (size_t k = 0; k < 4; k++) {
			int digit = k >= 4 - padded ? 0 : base64_value(text[i + k]);

			if (digit < 0)
				return false;
			v = v << 6 | (uint32_t)digit;
		}
		bytes[0] = (unsigned char)(v >> 16);
		bytes[1] = (unsigned char)(v >> 8);
		bytes[2] = (unsigned char)v;
		if (!buf_add(out, bytes, 3 - padded))
			return false;
	}
	return true;
}
