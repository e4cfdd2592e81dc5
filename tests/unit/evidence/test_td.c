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

static struct att_td_body read_body(const uint8_t *p, size_t len, bool has_15, att_rc want)
{
	struct att_td_body b;
	att_reader r = att_reader_of(att_bytes_of(p, len));

	memset(&b, 0x5a, sizeof(b));
	att_td_body_read(&r, has_15, &b);
	assert_int_equal(att_reader_end(&r, NULL), want);
	return b;
}

static uint64_t le64(const uint8_t *p)
{
	uint64_t v = 0;

	for (size_t i = 8; i > 0; i--)
		v = v << 8 | p[i - 1];
	return v;
}

static void assert_first_part(const struct att_td_body *b, const uint8_t *p)
{
	assert_memory_equal(b->tee_tcb_svn, p + 0, 16);
	assert_memory_equal(b->mr_seam, p + 16, 48);
	assert_memory_equal(b->mr_signer_seam, p + 64, 48);
	assert_memory_equal(b->seam_attributes, p + 112, 8);
	assert_true(b->td_attributes == le64(p + 120));
	assert_true(b->xfam == le64(p + 128));
	assert_memory_equal(b->mr_td, p + 136, 48);
	assert_memory_equal(b->mr_config_id, p + 184, 48);
	assert_memory_equal(b->mr_owner, p + 232, 48);
	assert_memory_equal(b->mr_owner_config, p + 280, 48);
	for (size_t i = 0; i < 4; i++)
		assert_memory_equal(b->rtmr[i], p + 328 + 48 * i, 48);
	assert_memory_equal(b->report_data, p + 520, 64);
}

static void every_field_comes_from_its_offset(void **state)
{
	(void)state;
	struct quote_bytes q = { .len = 0 };
	put_noise(&q, 648);
	struct att_td_body b = read_body(q.b, 584, false, ATT_OK);

	assert_first_part(&b, q.b);
	assert_false(b.has_15);
	static const uint8_t zero[48];
	assert_memory_equal(b.tee_tcb_svn2, zero, 16);
	assert_memory_equal(b.mr_service_td, zero, 48);

	b = read_body(q.b, 648, true, ATT_OK);
	assert_first_part(&b, q.b);
	assert_true(b.has_15);
	assert_memory_equal(b.tee_tcb_svn2, q.b + 584, 16);
	assert_memory_equal(b.mr_service_td, q.b + 600, 48);
}

static void every_other_length_is_a_failure(void **state)
{
	(void)state;
	struct quote_bytes q = { .len = 0 };
	put_noise(&q, 649);

	for (size_t len = 0; len < 584; len++)
		read_body(q.b, len, false, ATT_E_TRUNCATED);
	read_body(q.b, 585, false, ATT_E_TRAILING);
	for (size_t len = 0; len < 648; len++)
		read_body(q.b, len, true, ATT_E_TRUNCATED);
	read_body(q.b, 649, true, ATT_E_TRAILING);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_comes_from_its_offset),
		cmocka_unit_test(every_other_length_is_a_failure),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
