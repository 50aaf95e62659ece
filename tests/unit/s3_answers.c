/* SPDX-License-Identifier: Apache-2.0
 * What S3 servers answer, and what AWS's files say, is read with caps and without tricks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/xml.h"
#include "store/aws_config.h"
#include "store/s3_error.h"
#include "store/s3_listing.h"

static void
collect(void *context, const char *path, const char *text)
{
	buf_printf(context, "%s=%s;", path, text);
}

static void
reads_elements_by_path(void **state)
{
	static const char xml[] = "<?xml version=\"1.0\"?>"
	    "<s3:A xmlns:s3=\"u\"><s3:B>1 &amp; 2</s3:B><C/></s3:A>";
	struct buf out = BUF_INIT(1000);
	struct err err;

	(void)state;
	assert_int_equal(xml_read(xml, sizeof xml - 1, collect, &out, &err), 0);
	assert_string_equal(buf_str(&out), "A/B=1 & 2;A/C=;A=;");
	buf_release(&out);
}

static void
refuses_what_could_grow(void **state)
{
	static const char bomb[] = "<!DOCTYPE a [<!ENTITY x \"xxxx\">]><a>&x;</a>";
	struct buf deep = BUF_INIT(1000), out = BUF_INIT(1000);
	struct err err;

	(void)state;
	assert_int_equal(xml_read(bomb, sizeof bomb - 1, collect, &out, &err), -1);
	assert_non_null(strstr(err.text, "DOCTYPE"));
	for (int i = 0; i < 20; i++)
		buf_add_str(&deep, "<a>");
	assert_int_equal(xml_read(deep.data, deep.len, collect, &out, &err), -1);
	assert_non_null(strstr(err.text, "deep"));
	assert_int_equal(xml_read("<a>", 3, collect, &out, &err), -1);
	buf_release(&deep);
	buf_release(&out);
}

static void
reads_a_page_of_a_listing(void **state)
{
	static const char xml[] = "<ListBucketResult><IsTruncated>true</IsTruncated>"
	    "<Contents><Key>p%2Fa+b%25.db</Key><Size>12</Size></Contents>"
	    "<Contents><Key>p/deeper/x</Key><Size>1</Size></Contents>"
	    "<Contents><Key>other</Key><Size>1</Size></Contents>"
	    "<Contents><Key>p/bad</Key><Size>-4</Size></Contents>"
	    "<EncodingType>url</EncodingType><NextContinuationToken>t=1</NextContinuationToken>"
	    "</ListBucketResult>";
	struct store_listing listing = { 0 };
	struct s3_page page = { .prefix = "p/", .listing = &listing };
	struct err err;

	(void)state;
	assert_int_equal(s3_page_read(&page, xml, sizeof xml - 1, &err), 0);
	assert_string_equal(page.next, "t=1");
	assert_int_equal(listing.count, 1);
	assert_string_equal(listing.entries[0].name, "a b%.db");
	assert_int_equal(listing.entries[0].size, 12);
	free(page.next);
	store_listing_release(&listing);
	assert_int_equal(s3_page_read(&page, "<html/>", 7, &err), -1);
}

static void
names_the_error_and_its_cure(void **state)
{
	static const char xml[] = "<Error><Code>AccessDenied\xc2\x9b</Code></Error>";
	struct http_answer answer = { .status = 503, .body = BUF_INIT(1000), .headers = BUF_INIT(1000) };
	struct s3_error error;
	struct err err = { 0 };

	(void)state;
	buf_add_str(&answer.body, "<Error><Code>SlowDown</Code><Message>Please reduce</Message></Error>");
	assert_true(s3_error_read(&answer, false, &error));
	assert_true(s3_error_passes(&error));
	s3_error_explain(&error, "s3://b/k", "environment", &err);
	assert_int_equal(err.code, ERR_SERVER);
	assert_string_equal(err.text, "s3://b/k: SlowDown: Please reduce (HTTP 503)");
	answer.status = 200;
	assert_false(s3_error_read(&answer, false, &error));
	assert_true(s3_error_read(&answer, true, &error));
	assert_true(s3_error_passes(&error));
	buf_reset(&answer.body);
	buf_add(&answer.body, xml, sizeof xml - 1);
	answer.status = 403;
	assert_true(s3_error_read(&answer, false, &error));
	assert_false(s3_error_passes(&error));
	s3_error_explain(&error, "s3://b/k", "environment", &err);
	assert_int_equal(err.code, ERR_DENIED);
	assert_null(strstr(err.text, "\xc2\x9b"));
	http_answer_release(&answer);
}

static void
finds_settings_in_shared_files(void **state)
{
	static const char text[] = "# comment\n[default]\naws_access_key_id = A\n\n[profile ops]\n"
	    "region=eu-west-1\ns3 =\n  endpoint_url = https://inner\n  addressing_style = path\n"
	    "endpoint_url = https://outer\nservices = mine\n[services mine]\ns3 = \n"
	    "  endpoint_url = https://of-services\nec2 =\n  endpoint_url = https://no\n";
	static const struct {
		const char *section, *nested, *name, *value;
	} cases[] = {
		{ "default", NULL, "aws_access_key_id", "A" },
		{ "profile ops", NULL, "region", "eu-west-1" },
		{ "profile ops", NULL, "endpoint_url", "https://outer" },
		{ "profile ops", "s3", "endpoint_url", "https://inner" },
		{ "services mine", "s3", "endpoint_url", "https://of-services" },
		{ "default", NULL, "region", NULL },
		{ "ops", NULL, "region", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char *value = aws_ini_find(text, cases[i].section, cases[i].nested, cases[i].name);

		if (cases[i].value)
			assert_string_equal(value, cases[i].value);
		else
			assert_null(value);
		free(value);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_elements_by_path),
		cmocka_unit_test(refuses_what_could_grow),
		cmocka_unit_test(reads_a_page_of_a_listing),
		cmocka_unit_test(names_the_error_and_its_cure),
		cmocka_unit_test(finds_settings_in_shared_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
