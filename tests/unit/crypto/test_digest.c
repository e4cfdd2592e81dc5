/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/digest.h"

static att_bytes text(const char *s)
{
	return att_bytes_of(s, strlen(s));
}

/* FIPS 180-4 example values: SHA-384("abc"), and of the empty message. */
static const uint8_t abc[] = {
	0xcb, 0x00, 0x75, 0x3f, 0x45, 0xa3, 0x5e, 0x8b, 0xb5, 0xa0, 0x3d, 0x69,
	0x9a, 0xc6, 0x50, 0x07, 0x27, 0x2c, 0x32, 0xab, 0x0e, 0xde, 0xd1, 0x63,
	0x1a, 0x8b, 0x60, 0x5a, 0x43, 0xff, 0x5b, 0xed, 0x80, 0x86, 0x07, 0x2b,
	0xa1, 0xe7, 0xcc, 0x23, 0x58, 0xba, 0xec, 0xa1, 0x34, 0xc8, 0x25, 0xa7,
};
static const uint8_t nothing[] = {
	0x38, 0xb0, 0x60, 0xa7, 0x51, 0xac, 0x96, 0x38, 0x4c, 0xd9, 0x32, 0x7e,
	0xb1, 0xb1, 0xe3, 0x6a, 0x21, 0xfd, 0xb7, 0x11, 0x14, 0xbe, 0x07, 0x43,
	0x4c, 0x0c, 0xc7, 0xbf, 0x63, 0xf6, 0xe1, 0xda, 0x27, 0x4e, 0xde, 0xbf,
	0xe7, 0x6f, 0x65, 0xfb, 0xd5, 0x1a, 0xd2, 0xf1, 0x48, 0x98, 0xb9, 0x5b,
};

static void sha384_of_two_parts(void **state)
{
	(void)state;
	uint8_t out[ATT_SHA384_LEN];

	assert_true(att_sha384(text("abc"), text(""), out));
	assert_memory_equal(out, abc, sizeof(abc));
	memset(out, 0, sizeof(out));
	assert_true(att_sha384(text("a"), text("bc"), out));
	assert_memory_equal(out, abc, sizeof(abc));
	assert_true(att_sha384(att_bytes_of(NULL, 0), att_bytes_of(NULL, 0), out));
	assert_memory_equal(out, nothing, sizeof(nothing));
}

static void sha384_may_write_over_its_input(void **state)
{
	(void)state;
	uint8_t want[ATT_SHA384_LEN], out[ATT_SHA384_LEN];

	memset(out, 7, sizeof(out));
	assert_true(att_sha384(att_bytes_of(out, sizeof(out)), text("x"), want));
	assert_true(att_sha384(att_bytes_of(out, sizeof(out)), text("x"), out));
	assert_memory_equal(out, want, sizeof(want));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sha384_of_two_parts),
		cmocka_unit_test(sha384_may_write_over_its_input),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
