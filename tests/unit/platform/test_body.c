/* SPDX-License-Identifier: Apache-2.0 */
/* Offsets are from the formats' tables (Intel SGX and TDX DCAP quote library APIs), written out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "platform/sim/body.h"

static void check(const att_buf *b, size_t at, const void *want, size_t len)
{
	assert_memory_equal(b->ptr + at, want, len);
}

static void check_zero(const att_buf *b, size_t at, size_t len)
{
	assert_true(att_all_zero(att_bytes_of(b->ptr + at, len)));
}

static void an_sgx_body(void **state)
{
	struct att_sgx_body s = { .misc_select = 0x04030201,
				  .attributes = 0x0807060504030201,
				  .xfrm = 0x100f0e0d0c0b0a09,
				  .isv_prod_id = 0x2221,
				  .isv_svn = 0x3231,
				  .config_svn = 0x4241 };
	att_auto_buf att_buf b = { 0 };

	(void)state;
	memset(s.cpu_svn, 0xa1, sizeof(s.cpu_svn));
	memset(s.isv_ext_prod_id, 0xa2, sizeof(s.isv_ext_prod_id));
	memset(s.mr_enclave, 0xa3, sizeof(s.mr_enclave));
	memset(s.mr_signer, 0xa4, sizeof(s.mr_signer));
	memset(s.config_id, 0xa5, sizeof(s.config_id));
	memset(s.isv_family_id, 0xa6, sizeof(s.isv_family_id));
	memset(s.report_data, 0xa7, sizeof(s.report_data));
	att_sim_put_sgx_body(&b, &s);
	assert_int_equal(b.len, 384);
	check(&b, 0, s.cpu_svn, 16);
	check(&b, 16, "\x01\x02\x03\x04", 4);
	check_zero(&b, 20, 12);
	check(&b, 32, s.isv_ext_prod_id, 16);
	check(&b, 48, "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10", 16);
	check(&b, 64, s.mr_enclave, 32);
	check_zero(&b, 96, 32);
	check(&b, 128, s.mr_signer, 32);
	check_zero(&b, 160, 32);
	check(&b, 192, s.config_id, 64);
	check(&b, 256, "\x21\x22\x31\x32\x41\x42", 6);
	check_zero(&b, 262, 42);
	check(&b, 304, s.isv_family_id, 16);
	check(&b, 320, s.report_data, 64);
}

static void fill_td(struct att_td_body *td)
{
	memset(td->tee_tcb_svn, 0xb1, sizeof(td->tee_tcb_svn));
	memset(td->mr_seam, 0xb2, sizeof(td->mr_seam));
	memset(td->mr_signer_seam, 0xb3, sizeof(td->mr_signer_seam));
	memset(td->seam_attributes, 0xb4, sizeof(td->seam_attributes));
	td->td_attributes = 0x0807060504030201;
	td->xfam = 0x100f0e0d0c0b0a09;
	memset(td->mr_td, 0xb5, sizeof(td->mr_td));
	memset(td->mr_config_id, 0xb6, sizeof(td->mr_config_id));
	memset(td->mr_owner, 0xb7, sizeof(td->mr_owner));
	memset(td->mr_owner_config, 0xb8, sizeof(td->mr_owner_config));
	for (int i = 0; i < 4; i++)
		memset(td->rtmr[i], 0xc0 + i, sizeof(td->rtmr[i]));
	memset(td->report_data, 0xb9, sizeof(td->report_data));
	memset(td->tee_tcb_svn2, 0xba, sizeof(td->tee_tcb_svn2));
	memset(td->mr_service_td, 0xbb, sizeof(td->mr_service_td));
}

static void check_td_10(const att_buf *b, const struct att_td_body *td)
{
	check(b, 0, td->tee_tcb_svn, 16);
	check(b, 16, td->mr_seam, 48);
	check(b, 64, td->mr_signer_seam, 48);
	check(b, 112, td->seam_attributes, 8);
	check(b, 120, "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10", 16);
	check(b, 136, td->mr_td, 48);
	check(b, 184, td->mr_config_id, 48);
	check(b, 232, td->mr_owner, 48);
	check(b, 280, td->mr_owner_config, 48);
	for (size_t i = 0; i < 4; i++)
		check(b, 328 + 48 * i, td->rtmr[i], 48);
	check(b, 520, td->report_data, 64);
}

static void a_td_body_of_tdx_10(void **state)
{
	struct att_td_body td = { .has_15 = false };
	att_auto_buf att_buf b = { 0 };

	(void)state;
	fill_td(&td);
	att_sim_put_td_body(&b, &td);
	assert_int_equal(b.len, 584);
	check_td_10(&b, &td);
}

static void a_td_body_of_tdx_15(void **state)
{
	struct att_td_body td = { .has_15 = true };
	att_auto_buf att_buf b = { 0 };

	(void)state;
	fill_td(&td);
	att_sim_put_td_body(&b, &td);
	assert_int_equal(b.len, 648);
	check_td_10(&b, &td);
	check(&b, 584, td.tee_tcb_svn2, 16);
	check(&b, 600, td.mr_service_td, 48);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_sgx_body),
		cmocka_unit_test(a_td_body_of_tdx_10),
		cmocka_unit_test(a_td_body_of_tdx_15),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
