/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "store/aws_config.h"
#include "store/s3_error.h"
#include "store/s3_listing.h"
#include "store/store.h"
#include "tests/fuzz/fuzz.h"

/* A listing, an error and a file of credentials, each from a stranger. */
static void
listing(const char *data, size_t len)
{
	struct store_listing found = { 0 };
	struct s3_page page = { .prefix = "p/", .listing = &found };
	struct err err = { 0 };

	if (s3_page_read(&page, data, len, &err) != 0)
		MUST(err.text[0]);
	free(page.next);
	store_listing_release(&found);
}

static void
error(const char *data, size_t len)
{
	struct http_answer answer = { .status = 200, .headers = BUF_INIT(1 << 20),
		.body = BUF_INIT(1 << 20) };
	struct s3_error said = { 0 };
	struct err err = { 0 };

	buf_add(&answer.body, data, len);
	if (s3_error_read(&answer, true, &said)) {
		MUST(text_is_plain(said.message, strlen(said.message)));
		s3_error_explain(&said, "GET s3://b/k", "environment", &err);
		MUST(err.text[0] && text_is_plain(err.text, strlen(err.text)));
	}
	http_answer_release(&answer);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *text = malloc(len + 1);

	MUST(text);
	memcpy(text, data, len);
	text[len] = 0;
	listing(text, len);
	error(text, len);
	free(aws_ini_find(text, "default", NULL, "region"));
	free(aws_ini_find(text, "profile x", "s3", "endpoint_url"));
	free(text);
	return 0;
}
