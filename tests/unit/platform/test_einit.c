/* SPDX-License-Identifier: Apache-2.0 */
#include "enclaves.h"

static att_rsa_signer *key;

static int setup(void **state)
{
	(void)state;
	key = author("einit");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	att_rsa_signer_free(key);
	return 0;
}

static struct att_sim_launch launch_of_11(void)
{
	struct att_sim_launch l = { .size = 8192, .ssa_frame_size = 1 };

	memset(l.mr_enclave, 0x11, sizeof(l.mr_enclave));
	return l;
}

static att_rc einit(const att_sim_cpu *cpu, const struct att_sim_launch *l,
		    const struct att_sigstruct *terms, struct att_secs *e, att_err *err)
{
	uint8_t bytes[ATT_SIGSTRUCT_LEN];

	assert_int_equal(att_sigstruct_sign(terms, key, bytes, NULL), ATT_OK);
	return att_sim_einit(cpu, l, att_bytes_of(bytes, sizeof(bytes)), e, err);
}

static void accept(const struct att_sim_launch *l, const struct att_sigstruct *terms,
		   struct att_secs *e)
{
	att_sim_cpu *cpu = random_cpu();

	assert_int_equal(einit(cpu, l, terms, e, NULL), ATT_OK);
	att_sim_cpu_free(cpu);
}

static void refuse(const struct att_sim_launch *l, const struct att_sigstruct *terms, att_rc rc,
		   const char *words)
{
	att_sim_cpu *cpu = random_cpu();
	struct att_secs e;
	att_err err = { 0 };

	memset(&e, 0xff, sizeof(e));
	assert_int_equal(einit(cpu, l, terms, &e, &err), rc);
	assert_non_null(strstr(err.msg, "EINIT: "));
	assert_non_null(strstr(err.msg, words));
	assert_int_equal(e.attributes, 0);
	assert_true(att_all_zero(att_bytes_of(e.mr_enclave, 32)));
	att_sim_cpu_free(cpu);
}

static void an_enclave_is_as_signed(void **state)
{
	const struct att_sim_launch l = launch_of_11();
	const struct att_sigstruct s = terms_of_11();
	uint8_t modulus[ATT_RSA3072_LEN], signer[32];
	struct att_secs e;

	(void)state;
	accept(&l, &s, &e);
	assert_int_equal(e.size, 8192);
	assert_int_equal(e.ssa_frame_size, 1);
	assert_int_equal(e.attributes, ATT_SGX_ATTR_INIT | ATT_SGX_ATTR_MODE64);
	assert_int_equal(e.xfrm, 3);
	assert_int_equal(e.isv_prod_id, 7);
	assert_int_equal(e.isv_svn, 3);
	assert_memory_equal(e.mr_enclave, l.mr_enclave, 32);
	att_rsa_signer_modulus(key, modulus);
	assert_int_equal(att_sigstruct_mr_signer(modulus, signer, NULL), ATT_OK);
	assert_memory_equal(e.mr_signer, signer, 32);
}

static void the_signature_must_hold(void **state)
{
	const struct att_sim_launch l = launch_of_11();
	const struct att_sigstruct s = terms_of_11();
	uint8_t bytes[ATT_SIGSTRUCT_LEN];
	att_sim_cpu *cpus[] = { random_cpu(), intel_cpu() };
	struct att_secs e;

	(void)state;
	assert_int_equal(att_sigstruct_sign(&s, key, bytes, NULL), ATT_OK);
	bytes[1026] ^= 1;
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(
		    att_sim_einit(cpus[i], &l, att_bytes_of(bytes, sizeof(bytes)), &e, NULL),
		    ATT_E_SIGNATURE);
		assert_int_equal(att_sim_einit(cpus[i], &l, att_bytes_of(bytes, 100), &e, NULL),
				 ATT_E_TRUNCATED);
		att_sim_cpu_free(cpus[i]);
	}
}

static void the_measurement_must_be_the_signed_one(void **state)
{
	struct att_sim_launch l = launch_of_11();
	const struct att_sigstruct s = terms_of_11();

	(void)state;
	l.mr_enclave[31] ^= 1;
	refuse(&l, &s, ATT_E_MISMATCH, "ENCLAVEHASH");
}

static void attributes_are_held_by_their_mask(void **state)
{
	struct att_sim_launch l = launch_of_11();
	struct att_sigstruct s = terms_of_11();
	struct att_secs e;

	(void)state;
	l.attributes_given = true;
	l.attributes = ATT_SGX_ATTR_MODE64 | ATT_SGX_ATTR_DEBUG;
	l.xfrm = 3;
	accept(&l, &s, &e); /* DEBUG is outside of the mask */
	assert_true(e.attributes & ATT_SGX_ATTR_DEBUG);
	s.attributes_mask |= ATT_SGX_ATTR_DEBUG;
	refuse(&l, &s, ATT_E_DENIED, "attributes 0x6");
	l.attributes = ATT_SGX_ATTR_MODE64 | ATT_SGX_ATTR_PROVISION_KEY;
	refuse(&l, &s, ATT_E_DENIED, "attributes 0x14");
	l.attributes = ATT_SGX_ATTR_MODE64;
	l.xfrm = 7;
	refuse(&l, &s, ATT_E_DENIED, "xfrm 0x7");
	s.xfrm_mask = ~UINT64_C(4);
	accept(&l, &s, &e);
	assert_int_equal(e.xfrm, 7);
	l.misc_select = 1;
	refuse(&l, &s, ATT_E_DENIED, "miscselect 0x1");
	s.misc_mask = ~1u;
	accept(&l, &s, &e);
	assert_int_equal(e.misc_select, 1);
}

static void a_processor_has_limits(void **state)
{
	static const uint64_t xfrms[] = {
		0, 1, 2, 0xa3, 0xe3, 0x23, 0x20003, 0x40003, 0x1003, 0xb
	};
	struct att_sim_launch l = launch_of_11();
	struct att_sigstruct s = terms_of_11();

	(void)state;
	l.attributes_given = true;
	s.attributes_mask = s.xfrm_mask = s.misc_mask = 0;
	l.attributes = ATT_SGX_ATTR_MODE64;
	for (size_t i = 0; i < ATT_COUNT(xfrms); i++) {
		l.xfrm = xfrms[i];
		refuse(&l, &s, ATT_E_ARG, "xfrm");
	}
	l.xfrm = 3;
	l.misc_select = 2;
	refuse(&l, &s, ATT_E_ARG, "miscselect");
	l.misc_select = 0;
	l.attributes = ATT_SGX_ATTR_MODE64 | ATT_SGX_ATTR_INIT;
	refuse(&l, &s, ATT_E_ARG, "INIT");
	l.attributes = ATT_SGX_ATTR_MODE64 | UINT64_C(8);
	refuse(&l, &s, ATT_E_ARG, "attributes 0xc");
	l.attributes = ATT_SGX_ATTR_MODE64 | ATT_SGX_ATTR_CET;
	refuse(&l, &s, ATT_E_ARG, "attributes 0x44");
	l.attributes = 0;
	refuse(&l, &s, ATT_E_ARG, "MODE64BIT");
	s.cet_attributes = s.cet_mask = 1;
	l.attributes = ATT_SGX_ATTR_MODE64;
	refuse(&l, &s, ATT_E_DENIED, "CET");
}

static void what_is_for_kss_needs_it(void **state)
{
	struct att_sim_launch l = launch_of_11();
	struct att_sigstruct s = terms_of_11();
	struct att_secs e;

	(void)state;
	l.config_svn = 1;
	refuse(&l, &s, ATT_E_DENIED, "CONFIGSVN");
	l.config_svn = 0;
	l.config_id[63] = 1;
	refuse(&l, &s, ATT_E_DENIED, "CONFIGID");
	l.config_id[63] = 0;
	s.isv_family_id[0] = 1;
	refuse(&l, &s, ATT_E_DENIED, "ISVFAMILYID");
	s.isv_family_id[0] = 0;
	s.isv_ext_prod_id[15] = 2;
	refuse(&l, &s, ATT_E_DENIED, "ISVEXTPRODID");
	s.attributes |= ATT_SGX_ATTR_KSS;
	s.isv_family_id[0] = 1;
	l.config_id[63] = 3;
	l.config_svn = 4;
	accept(&l, &s, &e);
	assert_int_equal(e.isv_family_id[0], 1);
	assert_int_equal(e.isv_ext_prod_id[15], 2);
	assert_int_equal(e.config_id[63], 3);
	assert_int_equal(e.config_svn, 4);
}

static void launch_control_can_be_pinned(void **state)
{
	const struct att_sim_launch l = launch_of_11();
	const struct att_sigstruct s = terms_of_11();
	struct att_sim_cpu_options o = random_options();
	uint8_t modulus[ATT_RSA3072_LEN];
	att_err err = { 0 };
	struct att_secs e;

	(void)state;
	o.launch_pinned = true;
	att_sim_cpu *cpu = cpu_of(&o);
	assert_int_equal(einit(cpu, &l, &s, &e, &err), ATT_E_DENIED);
	assert_non_null(strstr(err.msg, "IA32_SGXLEPUBKEYHASH"));
	att_sim_cpu_free(cpu);
	att_rsa_signer_modulus(key, modulus);
	assert_int_equal(att_sigstruct_mr_signer(modulus, o.launch_key_hash, NULL), ATT_OK);
	cpu = cpu_of(&o);
	assert_int_equal(einit(cpu, &l, &s, &e, NULL), ATT_OK);
	att_sim_cpu_free(cpu);
}

/* The dial reaches enclaves whose SIGSTRUCT leaves DEBUG open, and no others. */
static void the_dial_debugs(void **state)
{
	const struct att_sim_launch l = launch_of_11();
	struct att_sigstruct s = terms_of_11();
	att_sim_cpu *cpu = random_cpu();
	struct att_secs e;

	(void)state;
	att_sim_cpu_set_debug(cpu, true);
	assert_int_equal(einit(cpu, &l, &s, &e, NULL), ATT_OK);
	assert_true(e.attributes & ATT_SGX_ATTR_DEBUG);
	s.attributes_mask |= ATT_SGX_ATTR_DEBUG;
	assert_int_equal(einit(cpu, &l, &s, &e, NULL), ATT_OK);
	assert_false(e.attributes & ATT_SGX_ATTR_DEBUG);
	att_sim_cpu_free(cpu);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_enclave_is_as_signed),
		cmocka_unit_test(the_signature_must_hold),
		cmocka_unit_test(the_measurement_must_be_the_signed_one),
		cmocka_unit_test(attributes_are_held_by_their_mask),
		cmocka_unit_test(a_processor_has_limits),
		cmocka_unit_test(what_is_for_kss_needs_it),
		cmocka_unit_test(launch_control_can_be_pinned),
		cmocka_unit_test(the_dial_debugs),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
