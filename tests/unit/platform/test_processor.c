/* SPDX-License-Identifier: Apache-2.0 */
/* A processor and what EREPORT and EGETKEY say; key dependencies are in test_keys.c, Intel's own
 * answers in tests/vectors. */
#include "enclaves.h"

static const uint8_t svn_up[16] = { 0x53, 0x39, 0xae, 0x8c, 0x93, 0xae, 0x8f, 0x3c,
				    0xe4, 0x32, 0xdb, 0x92, 0x4d, 0x0f, 0x07, 0x33 };
static const uint8_t svn_default[16] = { 0x48, 0x20, 0xf3, 0x37, 0x6a, 0xe6, 0xb2, 0xf2,
					 0x03, 0x4d, 0x3b, 0x7a, 0x4b, 0x48, 0xa7, 0x78 };
static const uint8_t svn_down[16] = { 0x64, 0xea, 0x4f, 0x3f, 0xa0, 0x03, 0x0c, 0x36,
				      0x38, 0x3c, 0x32, 0x2d, 0x4f, 0x3a, 0x8d, 0x4f };

static void processors_that_can_not_be(void **state)
{
	struct att_sim_cpu_options o = { .profile = ATT_SIM_PROFILE_RANDOM };
	att_sim_cpu *cpu = NULL;
	att_err err = { 0 };

	(void)state;
	assert_int_equal(att_sim_cpu_new(&o, &cpu, &err), ATT_E_ARG);
	assert_non_null(strstr(err.msg, "zeros"));
	assert_null(cpu);
	o.profile = ATT_SIM_PROFILE_INTEL;
	memset(o.cpu_svn, 1, sizeof(o.cpu_svn));
	assert_int_equal(att_sim_cpu_new(&o, &cpu, &err), ATT_E_ARG);
	assert_non_null(strstr(err.msg, "CPUSVN"));
	att_sim_cpu_free(NULL);
}

static void a_processor_has_its_svn_and_dial(void **state)
{
	att_sim_cpu *cpu = random_cpu(), *intel = intel_cpu();
	const struct att_sim_cpu_options o = random_options();

	(void)state;
	assert_memory_equal(att_sim_cpu_svn(cpu), o.cpu_svn, 16);
	assert_memory_equal(att_sim_cpu_svn(intel), svn_default, 16);
	assert_false(att_sim_cpu_debug(cpu));
	att_sim_cpu_set_debug(cpu, true);
	assert_true(att_sim_cpu_debug(cpu));
	att_sim_cpu_free(cpu);
	att_sim_cpu_free(intel);
}

/* A REPORT of the rich enclave for itself. */
static void report_for(const att_sim_cpu *cpu, const struct att_secs *to,
		       uint8_t report[static ATT_SGX_REPORT_LEN])
{
	const struct att_secs e = rich_enclave();
	uint8_t target[ATT_SGX_TARGETINFO_LEN], data[64];

	memset(data, 0xda, sizeof(data));
	att_secs_target(to, target);
	assert_int_equal(att_sim_ereport(cpu, &e, target, data, report, NULL), ATT_OK);
}

static void reports_are_for_one_target(void **state)
{
	struct att_secs to = rich_enclave();
	uint8_t report[ATT_SGX_REPORT_LEN];
	att_sim_cpu *cpu = random_cpu();

	(void)state;
	report_for(cpu, &to, report);
	assert_int_equal(report[0], 4);
	assert_int_equal(report[320], 0xda);
	assert_int_equal(att_sim_report_verify(cpu, &to, report, NULL), ATT_OK);
	to.mr_enclave[0] ^= 1;
	assert_int_equal(att_sim_report_verify(cpu, &to, report, NULL), ATT_E_MISMATCH);
	to = rich_enclave();
	to.attributes ^= ATT_SGX_ATTR_DEBUG;
	assert_int_equal(att_sim_report_verify(cpu, &to, report, NULL), ATT_E_MISMATCH);
	to = rich_enclave();
	to.config_svn ^= 1;
	assert_int_equal(att_sim_report_verify(cpu, &to, report, NULL), ATT_E_MISMATCH);
	to = rich_enclave();
	to.isv_svn ^= 1; /* no part of a target: newer versions of it can check as well */
	to.mr_signer[0] ^= 1;
	assert_int_equal(att_sim_report_verify(cpu, &to, report, NULL), ATT_OK);
	att_sim_cpu_free(cpu);
}

static void no_byte_of_a_report_may_change(void **state)
{
	const struct att_secs to = rich_enclave();
	uint8_t report[ATT_SGX_REPORT_LEN];
	att_sim_cpu *cpu = random_cpu();

	(void)state;
	report_for(cpu, &to, report);
	for (size_t i = 0; i < sizeof(report); i++) {
		report[i] ^= 0x10;
		assert_int_equal(att_sim_report_verify(cpu, &to, report, NULL), ATT_E_MISMATCH);
		report[i] ^= 0x10;
	}
	att_sim_cpu_free(cpu);
}

static void reports_end_with_their_boot_and_processor(void **state)
{
	const struct att_secs to = rich_enclave();
	struct att_sim_cpu_options o = random_options();
	uint8_t report[ATT_SGX_REPORT_LEN];
	att_sim_cpu *cpu = random_cpu();
	att_err err = { 0 };

	(void)state;
	report_for(cpu, &to, report);
	att_sim_cpu_free(cpu);
	o.boot_id[3] ^= 1;
	cpu = cpu_of(&o);
	assert_int_equal(att_sim_report_verify(cpu, &to, report, &err), ATT_E_MISMATCH);
	assert_non_null(strstr(err.msg, "boot"));
	att_sim_cpu_free(cpu);
	o = random_options();
	o.secret[0] ^= 1;
	cpu = cpu_of(&o);
	assert_int_equal(att_sim_report_verify(cpu, &to, report, NULL), ATT_E_MISMATCH);
	att_sim_cpu_free(cpu);
}

/* A target finds the same with its own key. */
static void targets_can_check_for_themselves(void **state)
{
	const struct att_secs to = rich_enclave();
	struct att_sgx_keyrequest r = { .key_name = ATT_SGX_KEY_REPORT };
	uint8_t report[ATT_SGX_REPORT_LEN], request[ATT_SGX_KEYREQUEST_LEN], key[16];
	uint32_t code;
	att_sim_cpu *cpu = random_cpu();

	(void)state;
	report_for(cpu, &to, report);
	memcpy(r.key_id, report + 384, 32);
	att_sgx_keyrequest_write(&r, request);
	assert_int_equal(att_sim_egetkey(cpu, &to, request, key, &code, NULL), ATT_OK);
	assert_int_equal(att_sgx_report_check(key, report, NULL), ATT_OK);
	att_sim_cpu_free(cpu);
}

/* --- Refusals of EGETKEY --- */

static uint32_t refused(const att_sim_cpu *cpu, const struct att_secs *e,
			const struct att_sgx_keyrequest *r, const char *words)
{
	uint8_t request[ATT_SGX_KEYREQUEST_LEN], key[16];
	uint32_t code = 0;
	att_err err = { 0 };

	att_sgx_keyrequest_write(r, request);
	memset(key, 0xff, sizeof(key));
	assert_int_equal(att_sim_egetkey(cpu, e, request, key, &code, &err), ATT_E_DENIED);
	assert_non_null(strstr(err.msg, words));
	assert_true(att_all_zero(att_bytes_of(key, sizeof(key))));
	return code;
}

static void keys_need_rights(void **state)
{
	struct att_secs e = rich_enclave();
	struct att_sgx_keyrequest r = { .key_name = ATT_SGX_KEY_PROVISION };
	att_sim_cpu *cpu = random_cpu();

	(void)state;
	e.attributes &= ~(ATT_SGX_ATTR_PROVISION_KEY | ATT_SGX_ATTR_EINITTOKEN);
	assert_int_equal(refused(cpu, &e, &r, "PROVISIONKEY"), ATT_SGX_INVALID_ATTRIBUTE);
	r.key_name = ATT_SGX_KEY_PROVISION_SEAL;
	assert_int_equal(refused(cpu, &e, &r, "PROVISIONKEY"), ATT_SGX_INVALID_ATTRIBUTE);
	r.key_name = ATT_SGX_KEY_EINITTOKEN;
	assert_int_equal(refused(cpu, &e, &r, "EINITTOKEN_KEY"), ATT_SGX_INVALID_ATTRIBUTE);
	r.key_name = 5;
	assert_int_equal(refused(cpu, &e, &r, "key name"), ATT_SGX_INVALID_KEYNAME);
	att_sim_cpu_free(cpu);
}

static void no_key_is_of_the_future(void **state)
{
	const struct att_secs e = rich_enclave();
	struct att_sgx_keyrequest r = { .key_name = ATT_SGX_KEY_SEAL, .isv_svn = 6 };
	att_sim_cpu *cpu = random_cpu();

	(void)state;
	assert_int_equal(refused(cpu, &e, &r, "ISVSVN"), ATT_SGX_INVALID_ISVSVN);
	r.isv_svn = 5;
	r.config_svn = 7;
	assert_int_equal(refused(cpu, &e, &r, "CONFIGSVN"), ATT_SGX_INVALID_ISVSVN);
	r.config_svn = 6;
	memset(r.cpu_svn, 4, sizeof(r.cpu_svn));
	r.cpu_svn[9] = 5;
	assert_int_equal(refused(cpu, &e, &r, "CPUSVN"), ATT_SGX_INVALID_CPUSVN);
	r.cpu_svn[8] = 0; /* lower elsewhere does not help */
	assert_int_equal(refused(cpu, &e, &r, "CPUSVN"), ATT_SGX_INVALID_CPUSVN);
	att_sim_cpu_free(cpu);
}

static void requests_have_a_form(void **state)
{
	struct att_secs e = rich_enclave();
	struct att_sgx_keyrequest r = { .key_name = ATT_SGX_KEY_SEAL, .key_policy = 0x40 };
	uint8_t request[ATT_SGX_KEYREQUEST_LEN], key[16];
	uint32_t code;
	att_sim_cpu *cpu = random_cpu();

	(void)state;
	assert_int_equal(refused(cpu, &e, &r, "KEYPOLICY"), ATT_SGX_INVALID_PARAMETER);
	r.key_policy = 0;
	att_sgx_keyrequest_write(&r, request);
	static const size_t reserved[] = { 6, 7, 78, 300, 511 };

	for (size_t i = 0; i < ATT_COUNT(reserved); i++) {
		request[reserved[i]] = 1;
		assert_int_equal(att_sim_egetkey(cpu, &e, request, key, &code, NULL), ATT_E_DENIED);
		assert_int_equal(code, ATT_SGX_INVALID_PARAMETER);
		request[reserved[i]] = 0;
	}
	e.attributes &= ~ATT_SGX_ATTR_KSS;
	for (unsigned bit = 2; bit < 6; bit++) {
		r.key_policy = (uint16_t)(1u << bit);
		assert_int_equal(refused(cpu, &e, &r, "KSS"), ATT_SGX_INVALID_PARAMETER);
	}
	r.key_policy = 0;
	r.config_svn = 1;
	assert_int_equal(refused(cpu, &e, &r, "KSS"), ATT_SGX_INVALID_PARAMETER);
	att_sim_cpu_free(cpu);
}

/* Down is below default is below up: whoever is up reaches all three. */
static void the_three_svns_of_intels_simulation(void **state)
{
	const uint8_t *const order[] = { svn_down, svn_default, svn_up };
	const struct att_secs e = rich_enclave();

	(void)state;
	for (size_t own = 0; own < 3; own++) {
		struct att_sim_cpu_options o = { .profile = ATT_SIM_PROFILE_INTEL };

		memcpy(o.cpu_svn, order[own], 16);
		att_sim_cpu *cpu = cpu_of(&o);
		for (size_t asked = 0; asked < 3; asked++) {
			struct att_sgx_keyrequest r = { .key_name = ATT_SGX_KEY_SEAL };
			uint8_t request[ATT_SGX_KEYREQUEST_LEN], key[16];
			uint32_t code;

			memcpy(r.cpu_svn, order[asked], 16);
			att_sgx_keyrequest_write(&r, request);
			att_rc rc = att_sim_egetkey(cpu, &e, request, key, &code, NULL);
			assert_int_equal(rc, asked <= own ? ATT_OK : ATT_E_DENIED);
			assert_int_equal(code,
					 asked <= own ? ATT_SGX_SUCCESS : ATT_SGX_INVALID_CPUSVN);
		}
		att_sim_cpu_free(cpu);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(processors_that_can_not_be),
		cmocka_unit_test(a_processor_has_its_svn_and_dial),
		cmocka_unit_test(reports_are_for_one_target),
		cmocka_unit_test(no_byte_of_a_report_may_change),
		cmocka_unit_test(reports_end_with_their_boot_and_processor),
		cmocka_unit_test(targets_can_check_for_themselves),
		cmocka_unit_test(keys_need_rights),
		cmocka_unit_test(no_key_is_of_the_future),
		cmocka_unit_test(requests_have_a_form),
		cmocka_unit_test(the_three_svns_of_intels_simulation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
