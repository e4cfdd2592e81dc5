/* SPDX-License-Identifier: Apache-2.0 */
#include "enclaves.h"

#include "platform/sim/body.h"

static void targetinfo_stands_as_the_sdm_has_it(void **state)
{
	const struct att_secs e = rich_enclave();
	uint8_t b[ATT_SGX_TARGETINFO_LEN];
	struct att_sgx_target t;

	(void)state;
	att_secs_target(&e, b);
	assert_memory_equal(b, e.mr_enclave, 32);
	assert_int_equal(b[32], 0xb5);
	assert_int_equal(b[40], 0xe7);
	assert_int_equal(b[48], 0);
	assert_int_equal(b[50], 6);
	assert_int_equal(b[52], 1);
	assert_memory_equal(b + 64, e.config_id, 64);
	assert_true(att_all_zero(att_bytes_of(b + 128, 384)));
	att_sgx_target_read(b, &t);
	assert_memory_equal(t.mr_enclave, e.mr_enclave, 32);
	assert_int_equal(t.attributes, e.attributes);
	assert_int_equal(t.xfrm, e.xfrm);
	assert_int_equal(t.config_svn, e.config_svn);
	assert_int_equal(t.misc_select, e.misc_select);
	assert_memory_equal(t.config_id, e.config_id, 64);
}

static void keyrequest_stands_as_the_sdm_has_it(void **state)
{
	struct att_sgx_keyrequest r = { .key_name = 4,
					.key_policy = 0x3f,
					.isv_svn = 0x0102,
					.attributes_mask = 0x11,
					.xfrm_mask = 0x22,
					.misc_mask = 0x33,
					.config_svn = 0x44 };
	uint8_t b[ATT_SGX_KEYREQUEST_LEN];
	struct att_sgx_keyrequest again;

	(void)state;
	memset(r.cpu_svn, 0xc5, sizeof(r.cpu_svn));
	memset(r.key_id, 0x1d, sizeof(r.key_id));
	att_sgx_keyrequest_write(&r, b);
	assert_int_equal(b[0], 4);
	assert_int_equal(b[2], 0x3f);
	assert_int_equal(b[4], 2);
	assert_int_equal(b[5], 1);
	assert_int_equal(b[8], 0xc5);
	assert_int_equal(b[24], 0x11);
	assert_int_equal(b[32], 0x22);
	assert_int_equal(b[40], 0x1d);
	assert_int_equal(b[72], 0x33);
	assert_int_equal(b[76], 0x44);
	att_sgx_keyrequest_read(b, &again);
	assert_true(again.reserved_zero);
	assert_int_equal(again.key_policy, 0x3f);
	assert_int_equal(again.config_svn, 0x44);
	assert_memory_equal(again.key_id, r.key_id, 32);
	b[7] = 1;
	att_sgx_keyrequest_read(b, &again);
	assert_false(again.reserved_zero);
	b[7] = 0;
	b[511] = 1;
	att_sgx_keyrequest_read(b, &again);
	assert_false(again.reserved_zero);
}

/* A REPORT's own target is that of the enclave it speaks of. */
static void a_report_names_its_maker_as_target(void **state)
{
	const struct att_secs e = rich_enclave();
	uint8_t svn[16] = { 1 }, data[64] = { 2 }, seen[ATT_SGX_TARGETINFO_LEN],
		expected[ATT_SGX_TARGETINFO_LEN], report[ATT_SGX_REPORT_LEN] = { 0 };
	struct att_sgx_body body;
	att_auto_buf att_buf b = { 0 };

	(void)state;
	att_secs_body(&e, svn, data, &body);
	att_sim_put_sgx_body(&b, &body);
	assert_int_equal(b.len, 384);
	memcpy(report, b.ptr, 384);
	att_sgx_report_target(report, seen);
	att_secs_target(&e, expected);
	assert_memory_equal(seen, expected, sizeof(seen));
	assert_memory_equal(report + 32, e.isv_ext_prod_id, 16);
	assert_memory_equal(report + 304, e.isv_family_id, 16);
	assert_memory_equal(report + 320, data, 64);
}

static void a_report_is_checked_with_its_key(void **state)
{
	uint8_t report[ATT_SGX_REPORT_LEN] = { 1, 2, 3 }, key[16] = { 4 };
	att_err err = { 0 };

	(void)state;
	assert_int_equal(att_sgx_report_mac(key, report, report + 416, NULL), ATT_OK);
	assert_int_equal(att_sgx_report_check(key, report, NULL), ATT_OK);
	report[400] ^= 1; /* the key id is not under the MAC, but in the key */
	assert_int_equal(att_sgx_report_check(key, report, NULL), ATT_OK);
	report[383] ^= 1;
	assert_int_equal(att_sgx_report_check(key, report, &err), ATT_E_MISMATCH);
	assert_non_null(strstr(err.msg, "MAC"));
	report[383] ^= 1;
	report[416] ^= 1;
	assert_int_equal(att_sgx_report_check(key, report, NULL), ATT_E_MISMATCH);
	report[416] ^= 1;
	key[0] ^= 1;
	assert_int_equal(att_sgx_report_check(key, report, NULL), ATT_E_MISMATCH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(targetinfo_stands_as_the_sdm_has_it),
		cmocka_unit_test(keyrequest_stands_as_the_sdm_has_it),
		cmocka_unit_test(a_report_names_its_maker_as_target),
		cmocka_unit_test(a_report_is_checked_with_its_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
