/* SPDX-License-Identifier: Apache-2.0
 * Values the API server encrypted at rest: "k8s:enc:PROVIDER:VERSION:KEY:" and the ciphertext. They
 * cannot be read here, but who can is written on them. */
#include <string.h>

#include "base/text.h"
#include "value/value.h"

enum { PREFIX = 8, PART_MAX = 253 };

bool value_k8s_encrypted(const char *data, size_t len, const char **title, struct buf *lines);

/* The part up to the next ':', or NULL where it is not there or too long to be one. */
static const char *
next_part(const char **at, const char *end, size_t *len)
{
	const char *start = *at, *colon = memchr(start, ':', (size_t)(end - start));

	if (!colon || colon - start > PART_MAX)
		return NULL;
	*len = (size_t)(colon - start);
	*at = colon + 1;
	return start;
}

bool
value_k8s_encrypted(const char *data, size_t len, const char **title, struct buf *lines)
{
	static const char *const names[] = { "provider", "version", "key" };
	const char *at = data + PREFIX, *end = data + len;
	char size[32];

	if (len < PREFIX || memcmp(data, "k8s:enc:", PREFIX) != 0)
		return false;
	value_line(lines, "encrypted at rest by the Kubernetes API server", 46);
	for (int i = 0; i < 3; i++) {
		size_t part_len;
		const char *part = next_part(&at, end, &part_len);

		if (!part)
			return false;
		value_field(lines, names[i], part, part_len);
	}
	text_size(end - at, size, sizeof size);
	value_field(lines, "ciphertext", size, strlen(size));
	*title = "Kubernetes, encrypted";
	return true;
}
