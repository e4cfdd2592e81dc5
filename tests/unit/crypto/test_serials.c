/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/serials.h"

/* revokedCertificates (RFC 5280 section 5.1.2.6) with the serials 0x05, 0x01ff and 0xc0ff. */
static const uint8_t entries[] = {
	0x30, 0x12, 0x02, 0x01, 0x05, 0x17, 0x0d, 0x32, 0x35, 0x30, 0x31, 0x30, 0x31,
	0x30, 0x30, 0x30, 0x30, 0x30, 0x30, 0x5a, 0x30, 0x13, 0x02, 0x02, 0x01, 0xff,
	0x17, 0x0d, 0x32, 0x35, 0x30, 0x31, 0x30, 0x31, 0x30, 0x30, 0x30, 0x30, 0x30,
	0x30, 0x5a, 0x30, 0x14, 0x02, 0x03, 0x00, 0xc0, 0xff, 0x17, 0x0d, 0x32, 0x35,
	0x30, 0x31, 0x30, 0x31, 0x30, 0x30, 0x30, 0x30, 0x30, 0x30, 0x5a,
};

static att_bytes b(const char *s, size_t n)
{
	return att_bytes_of(s, n);
}

static void finds_what_is_listed_and_nothing_else(void **state)
{
	struct att_crl crl = { .revoked = { entries, sizeof(entries) }, .revoked_count = 3 };
	struct att_serials s;

	(void)state;
	assert_int_equal(att_serials_make(&crl, &s, NULL), ATT_OK);
	assert_int_equal(s.count, 3);
	assert_true(att_serials_has(&s, b("\x05", 1)));
	assert_true(att_serials_has(&s, b("\x01\xff", 2)));
	assert_true(att_serials_has(&s, b("\x00\xc0\xff", 3)));
	assert_false(att_serials_has(&s, b("\x01", 1)));
	assert_false(att_serials_has(&s, b("\xc0\xff", 2)));
	assert_false(att_serials_has(&s, b("\x00\x05", 2)));
	assert_false(att_serials_has(&s, b("", 0)));
	att_serials_free(&s);
	assert_false(att_serials_has(&s, b("\x05", 1)));
}

static void an_empty_list_lists_nothing(void **state)
{
	struct att_crl crl = { .revoked_count = 0 };
	struct att_serials s;

	(void)state;
	assert_int_equal(att_serials_make(&crl, &s, NULL), ATT_OK);
	assert_false(att_serials_has(&s, b("\x05", 1)));
	att_serials_free(&s);
}

/* A list that the parser never saw clears nobody. */
static void a_broken_list_is_none(void **state)
{
	static const uint8_t broken[] = { 0x30, 0x20, 0x02, 0x01, 0x05 };
	const struct att_crl cut = { .revoked = { broken, sizeof(broken) }, .revoked_count = 1 };
	const struct att_crl fewer = { .revoked = { entries, sizeof(entries) },
				       .revoked_count = 4 };
	const struct att_crl more = { .revoked = { entries, sizeof(entries) }, .revoked_count = 2 };
	struct att_serials s;

	(void)state;
	assert_int_equal(att_serials_make(&cut, &s, NULL), ATT_E_TRUNCATED);
	assert_null(s.list);
	assert_int_equal(att_serials_make(&fewer, &s, NULL), ATT_E_TRUNCATED);
	assert_null(s.list);
	assert_int_equal(att_serials_make(&more, &s, NULL), ATT_E_TRAILING);
	assert_null(s.list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_what_is_listed_and_nothing_else),
		cmocka_unit_test(a_broken_list_is_none),
		cmocka_unit_test(an_empty_list_lists_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
