/* SPDX-License-Identifier: Apache-2.0
 * CRC-32C by the examples of RFC 3720 appendix B.4, in one piece and in several. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/crc32c.h"

static void
gives_the_published_sums(void **state)
{
	unsigned char zeros[32] = { 0 }, ones[32], up[32];

	(void)state;
	memset(ones, 0xff, sizeof ones);
	for (size_t i = 0; i < sizeof up; i++)
		up[i] = (unsigned char)i;
	assert_int_equal(crc32c(0, zeros, sizeof zeros), 0x8a9136aa);
	assert_int_equal(crc32c(0, ones, sizeof ones), 0x62a8ab43);
	assert_int_equal(crc32c(0, up, sizeof up), 0x46dd794e);
	assert_int_equal(crc32c(crc32c(0, up, 13), up + 13, 19), 0x46dd794e);
	assert_int_equal(crc32c(0, "123456789", 9), 0xe3069283);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(gives_the_published_sums) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
