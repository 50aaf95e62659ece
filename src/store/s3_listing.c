/* SPDX-License-Identifier: Apache-2.0 */
#include "store/s3_listing.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/xml.h"

struct reading {
	struct s3_page *page;
	char *key;
	int64_t size;
	bool truncated, encoded;
	bool is_listing;
};

/* %XX and "+" as S3 writes keys; in place. */
static void
decode(char *text)
{
	char *out = text;

	for (const char *at = text; *at; at++) {
		char hex[3] = { at[0] == '%' ? at[1] : '\0', '\0', '\0' };
		unsigned char byte;

		if (hex[0])
			hex[1] = at[2];
		if (hex[0] && hex[1] && hex_decode(hex, &byte, 1) && byte) {
			*out++ = (char)byte;
			at += 2;
		} else {
			*out++ = *at == '+' ? ' ' : *at;
		}
	}
	*out = '\0';
}

static void
add_key(struct reading *reading)
{
	struct s3_page *page = reading->page;
	size_t len = strlen(page->prefix);
	const char *name;

	if (reading->key && reading->encoded)
		decode(reading->key);
	if (reading->key && strncmp(reading->key, page->prefix, len) == 0) {
		name = reading->key + len;
		if (*name && *name != '.' && !strchr(name, '/') && reading->size >= 0)
			store_listing_add(page->listing, name, (uint64_t)reading->size);
	}
	free(reading->key);
	reading->key = NULL;
	reading->size = -1;
}

static void
on_element(void *context, const char *path, const char *text)
{
	struct reading *reading = context;
	const char *name = path + strcspn(path, "/");

	if (strncmp(path, "ListBucketResult", 16) != 0)
		return;
	reading->is_listing = true;
	if (strcmp(name, "/Contents/Key") == 0) {
		free(reading->key);
		reading->key = xstrdup(text);
	} else if (strcmp(name, "/Contents/Size") == 0) {
		if (!text_int(text, 0, INT64_MAX, &reading->size))
			reading->size = -1;
	} else if (strcmp(name, "/Contents") == 0) {
		add_key(reading);
	} else if (strcmp(name, "/IsTruncated") == 0) {
		reading->truncated = strcmp(text, "true") == 0;
	} else if (strcmp(name, "/NextContinuationToken") == 0) {
		free(reading->page->next);
		reading->page->next = xstrdup(text);
	}
}

static void
look_for_encoding(void *context, const char *path, const char *text)
{
	struct reading *reading = context;

	if (strcmp(path, "ListBucketResult/EncodingType") == 0)
		reading->encoded = strcmp(text, "url") == 0;
}

int
s3_page_read(struct s3_page *page, const char *xml, size_t len, struct err *err)
{
	struct reading reading = { .page = page, .size = -1 };
	int result;

	/* The encoding may be named after the keys it applies to. */
	page->next = NULL;
	result = xml_read(xml, len, look_for_encoding, &reading, err);
	if (result == 0)
		result = xml_read(xml, len, on_element, &reading, err);
	free(reading.key);
	if (result == 0 && !reading.is_listing)
		result = err_set(err, ERR_SERVER, "the answer is no listing of a bucket");
	if (result != 0 || !reading.truncated) {
		free(page->next);
		page->next = NULL;
	}
	return result;
}
