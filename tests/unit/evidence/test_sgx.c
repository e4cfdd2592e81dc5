/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/reader.h"
#include "evidence/body.h"
#include "quote_maker.h"

static struct att_sgx_body read_body(const uint8_t *p, size_t len, att_rc want)
{
	struct att_sgx_body b;
	att_reader r = att_reader_of(att_bytes_of(p, len));

	memset(&b, 0x5a, sizeof(b));
	att_sgx_body_read(&r, &b);
	assert_int_equal(att_reader_end(&r, NULL), want);
	return b;
}

static uint64_t le(const uint8_t *p, size_t n)
{
	uint64_t v = 0;

	for (size_t i = n; i > 0; i--)
		v = v << 8 | p[i - 1];
	return v;
}

static void every_field_comes_from_its_offset(void **state)
{
	(void)state;
	struct quote_bytes q = { .len = 0 };
	put_sgx_body(&q);
	struct att_sgx_body b = read_body(q.b, 384, ATT_OK);

	assert_memory_equal(b.cpu_svn, q.b + 0, 16);
	assert_int_equal(b.misc_select, le(q.b + 16, 4));
	assert_memory_equal(b.isv_ext_prod_id, q.b + 32, 16);
	assert_true(b.attributes == le(q.b + 48, 8));
	assert_true(b.xfrm == le(q.b + 56, 8));
	assert_memory_equal(b.mr_enclave, q.b + 64, 32);
	assert_memory_equal(b.mr_signer, q.b + 128, 32);
	assert_memory_equal(b.config_id, q.b + 192, 64);
	assert_int_equal(b.isv_prod_id, le(q.b + 256, 2));
	assert_int_equal(b.isv_svn, le(q.b + 258, 2));
	assert_int_equal(b.config_svn, le(q.b + 260, 2));
	assert_memory_equal(b.isv_family_id, q.b + 304, 16);
	assert_memory_equal(b.report_data, q.b + 320, 64);
	assert_true(b.reserved_zero);
}

static bool is_reserved(size_t at)
{
	return (at >= 20 && at < 32) || (at >= 96 && at < 128) || (at >= 160 && at < 192) ||
	       (at >= 262 && at < 304);
}

static void reserved_bytes_are_seen(void **state)
{
	(void)state;
	uint8_t p[384] = { 0 };

	assert_true(read_body(p, sizeof(p), ATT_OK).reserved_zero);
	for (size_t at = 0; at < sizeof(p); at++) {
		p[at] = 0x10;
		assert_int_equal(read_body(p, sizeof(p), ATT_OK).reserved_zero, !is_reserved(at));
		p[at] = 0;
	}
}

static void every_truncation_is_a_failure(void **state)
{
	(void)state;
	struct quote_bytes q = { .len = 0 };
	put_sgx_body(&q);

	for (size_t len = 0; len < 384; len++)
		read_body(q.b, len, ATT_E_TRUNCATED);
	put_noise(&q, 1);
	read_body(q.b, 385, ATT_E_TRAILING);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_comes_from_its_offset),
		cmocka_unit_test(reserved_bytes_are_seen),
		cmocka_unit_test(every_truncation_is_a_failure),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
