/* SPDX-License-Identifier: Apache-2.0
 * The four worked examples of the S3 API Reference ("Authenticating Requests: Using the
 * Authorization Header") by their published signatures, and the rules they do not touch. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "store/sigv4.h"

#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static const struct sigv4_key key = { "AKIAIOSFODNN7EXAMPLE",
	"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1", "s3" };

static void
check(const char *signature, const struct sigv4_request *request)
{
	struct buf out = BUF_INIT(4096);
	const char *at;

	sigv4_authorization(&out, &key, request);
	at = strstr(buf_str(&out), "Signature=");
	assert_non_null(at);
	assert_string_equal(at + 10, signature);
	buf_release(&out);
}

static const int64_t WHEN = 1369353600; /* 2013-05-24T00:00:00Z */

static void
signs_the_published_examples(void **state)
{
	static const struct sigv4_pair get[] = { { "range", "bytes=0-9" },
		{ "x-amz-date", "20130524T000000Z" }, { "x-amz-content-sha256", EMPTY },
		{ "host", "examplebucket.s3.amazonaws.com" } };
	static const struct sigv4_pair put[] = { { "date", "Fri, 24 May 2013 00:00:00 GMT" },
		{ "host", "examplebucket.s3.amazonaws.com" }, { "x-amz-date", "20130524T000000Z" },
		{ "x-amz-storage-class", "REDUCED_REDUNDANCY" }, { "x-amz-content-sha256",
			"44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072" } };
	static const struct sigv4_pair lifecycle[] = { { "lifecycle", NULL } };
	static const struct sigv4_pair list[] = { { "prefix", "J" }, { "max-keys", "2" } };

	(void)state;
	check("f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
	    &(struct sigv4_request){ "GET", "/test.txt", NULL, 0, get, 4, EMPTY, WHEN });
	check("98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
	    &(struct sigv4_request){ "PUT", "/test%24file.text", NULL, 0, put, 5, put[4].value, WHEN });
	check("fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
	    &(struct sigv4_request){ "GET", "/", lifecycle, 1, get + 1, 3, EMPTY, WHEN });
	check("34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
	    &(struct sigv4_request){ "GET", "/", list, 2, get + 1, 3, EMPTY, WHEN });
}

static void
encodes_once_and_normalises_nothing(void **state)
{
	struct buf out = BUF_INIT(1000);

	(void)state;
	sigv4_encode(&out, "/a b/../c//d=*~é%2f", true);
	assert_string_equal(buf_str(&out), "/a%20b/../c//d%3D%2A~%C3%A9%252f");
	buf_reset(&out);
	sigv4_encode(&out, "/a", false);
	assert_string_equal(buf_str(&out), "%2Fa");
	buf_release(&out);
}

static void
sorts_query_and_headers_by_whole_names(void **state)
{
	static const struct sigv4_pair query[] = { { "b", "2" }, { "a-b", "1" }, { "a", "z" },
		{ "a", "y y" }, { "uploads", NULL } };
	static const struct sigv4_pair headers[] = { { "x-amz-meta-a-b", "  two   words " },
		{ "x-amz-meta-a", "1" }, { "host", "h" } };
	struct buf out = BUF_INIT(1000);

	(void)state;
	sigv4_query(&out, query, ARRAY_LEN(query));
	assert_string_equal(buf_str(&out), "a=y%20y&a=z&a-b=1&b=2&uploads=");
	buf_reset(&out);
	sigv4_canonical(&out, &(struct sigv4_request){ "GET", "/", NULL, 0, headers, 3, EMPTY, WHEN });
	assert_string_equal(buf_str(&out), "GET\n/\n\nhost:h\nx-amz-meta-a:1\n"
	    "x-amz-meta-a-b:two words\n\nhost;x-amz-meta-a;x-amz-meta-a-b\n" EMPTY);
	buf_release(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signs_the_published_examples),
		cmocka_unit_test(encodes_once_and_normalises_nothing),
		cmocka_unit_test(sorts_query_and_headers_by_whole_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
