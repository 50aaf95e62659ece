/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/pem.h"

#include <stdio.h>
#include <string.h>

#include "base/hash.h"

static const char begin[] = "-----BEGIN ", end[] = "-----END ", dashes[] = "-----";

/* Reads "LABEL-----" at the cursor into the block. */
static bool
read_label(const char *data, size_t len, struct pem_block *block)
{
	const char *stop = memmem(data, len < 80 ? len : 80, dashes, 5);
	size_t size = stop ? (size_t)(stop - data) : sizeof block->label;

	if (size >= sizeof block->label || memchr(data, '\n', size))
		return false;
	memcpy(block->label, data, size);
	block->label[size] = '\0';
	return true;
}

bool
pem_next(const char *data, size_t len, size_t *at, struct pem_block *block)
{
	while (*at < len) {
		const char *start = memmem(data + *at, len - *at, begin, strlen(begin)), *stop;
		char closing[96];
		size_t after;

		if (!start)
			break;
		after = (size_t)(start - data) + strlen(begin);
		*at = after;
		if (!read_label(data + after, len - after, block))
			continue;
		after += strlen(block->label) + 5;
		snprintf(closing, sizeof closing, "%s%s%s", end, block->label, dashes);
		stop = memmem(data + after, len - after, closing, strlen(closing));
		if (!stop)
			continue;
		block->body = data + after;
		block->body_len = (size_t)(stop - block->body);
		/* A block cut short is followed by another: take the inner one. */
		if (memmem(block->body, block->body_len, begin, strlen(begin)))
			continue;
		block->text = start;
		block->text_len = (size_t)(stop - start) + strlen(closing);
		*at = (size_t)(stop - data) + strlen(closing);
		return true;
	}
	*at = len;
	return false;
}

bool
pem_is(const struct pem_block *block, const char *label)
{
	return strcmp(block->label, label) == 0;
}

bool
pem_is_certificate(const struct pem_block *block)
{
	return pem_is(block, "CERTIFICATE") || pem_is(block, "X509 CERTIFICATE") ||
	    pem_is(block, "TRUSTED CERTIFICATE");
}

bool
pem_decode(const struct pem_block *block, struct buf *out)
{
	struct buf packed = BUF_INIT(block->body_len + 1);
	bool good;

	for (size_t i = 0; i < block->body_len; i++)
		if (!strchr(" \t\r\n", block->body[i]) || !block->body[i])
			buf_add_byte(&packed, block->body[i]);
	good = packed.len > 0 && base64_decode(out, buf_str(&packed), packed.len);
	buf_release_secret(&packed);
	return good;
}

void
pem_write(struct buf *out, const char *label, const void *data, size_t len)
{
	struct buf text = BUF_INIT(len * 2 + 8);

	base64_encode(&text, data, len);
	buf_printf(out, "%s%s%s\n", begin, label, dashes);
	for (size_t i = 0; i < text.len; i += 64) {
		buf_add(out, text.data + i, text.len - i < 64 ? text.len - i : 64);
		buf_add_byte(out, '\n');
	}
	buf_printf(out, "%s%s%s\n", end, label, dashes);
	buf_release_secret(&text);
}
