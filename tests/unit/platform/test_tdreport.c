/* SPDX-License-Identifier: Apache-2.0 */
#include "enclaves.h"

#include "crypto/digest.h"

static struct att_td_body some_td(void)
{
	struct att_td_body td = { .td_attributes = ATT_TD_SEPT_VE_DISABLE, .xfam = 0xe7 };

	memset(td.mr_td, 1, sizeof(td.mr_td));
	memset(td.mr_config_id, 2, sizeof(td.mr_config_id));
	memset(td.mr_owner, 3, sizeof(td.mr_owner));
	memset(td.mr_owner_config, 4, sizeof(td.mr_owner_config));
	for (unsigned i = 0; i < 4; i++)
		memset(td.rtmr[i], (int)(5 + i), sizeof(td.rtmr[i]));
	return td;
}

static void make(const att_sim_cpu *cpu, uint8_t report[static ATT_TDREPORT_LEN])
{
	const struct att_td_body td = some_td();
	uint8_t data[64];

	memset(data, 0xda, sizeof(data));
	assert_int_equal(att_sim_tdreport(cpu, &td, data, report, NULL), ATT_OK);
}

/* Intel TDX module base architecture specification, TDREPORT_STRUCT and TDINFO_BASE. */
static void its_parts_stand_where_they_belong(void **state)
{
	const att_bytes none = att_bytes_of(NULL, 0);
	uint8_t report[ATT_TDREPORT_LEN], hash[48];
	att_sim_cpu *cpu = random_cpu();

	(void)state;
	make(cpu, report);
	assert_int_equal(report[0], 0x81);
	assert_int_equal(report[16], 4); /* CPUSVN */
	assert_true(att_sha384(att_bytes_of(report + 256, 239), none, hash));
	assert_memory_equal(report + 32, hash, 48);
	assert_true(att_sha384(att_bytes_of(report + 512, 512), none, hash));
	assert_memory_equal(report + 80, hash, 48);
	assert_int_equal(report[128], 0xda);
	assert_int_equal(report[264], 3);    /* TEE_TCB_SVN */
	assert_int_equal(report[280], 0x5a); /* MRSEAM */
	assert_int_equal(report[515], 0x10); /* SEPT_VE_DISABLE */
	assert_int_equal(report[520], 0xe7);
	assert_int_equal(report[528], 1);
	assert_int_equal(report[576], 2);
	assert_int_equal(report[624], 3);
	assert_int_equal(report[672], 4);
	assert_int_equal(report[720], 5);
	assert_int_equal(report[864], 8);
	assert_true(att_all_zero(att_bytes_of(report + 912, 112)));
	att_sim_cpu_free(cpu);
}

static void what_it_says_comes_back(void **state)
{
	const struct att_td_body td = some_td();
	uint8_t report[ATT_TDREPORT_LEN];
	att_sim_cpu *cpu = random_cpu();
	struct att_td_body seen;

	(void)state;
	make(cpu, report);
	assert_int_equal(att_sim_tdreport_verify(cpu, report, &seen, NULL), ATT_OK);
	assert_int_equal(seen.td_attributes, td.td_attributes);
	assert_int_equal(seen.xfam, td.xfam);
	assert_memory_equal(seen.mr_td, td.mr_td, 48);
	assert_memory_equal(seen.mr_owner_config, td.mr_owner_config, 48);
	assert_memory_equal(seen.rtmr, td.rtmr, sizeof(td.rtmr));
	assert_int_equal(seen.tee_tcb_svn[0], 3);
	assert_int_equal(seen.tee_tcb_svn2[15], 3);
	assert_int_equal(seen.mr_seam[47], 0x5a);
	assert_int_equal(seen.report_data[63], 0xda);
	assert_true(seen.has_15);
	att_sim_cpu_free(cpu);
}

/* All but the bytes between TEE_TCB_INFO and TDINFO, which nothing covers. */
static void no_byte_of_it_may_change(void **state)
{
	uint8_t report[ATT_TDREPORT_LEN];
	att_sim_cpu *cpu = random_cpu();
	struct att_td_body td;
	att_err err = { 0 };

	(void)state;
	make(cpu, report);
	for (size_t i = 0; i < sizeof(report); i++) {
		bool free_byte = i >= 495 && i < 512;

		report[i] ^= 0x10;
		att_rc rc = att_sim_tdreport_verify(cpu, report, &td, &err);
		assert_int_equal(rc, i == 0 ? ATT_E_FORMAT : free_byte ? ATT_OK : ATT_E_MISMATCH);
		report[i] ^= 0x10;
	}
	report[600] ^= 1;
	assert_int_equal(att_sim_tdreport_verify(cpu, report, &td, &err), ATT_E_MISMATCH);
	assert_non_null(strstr(err.msg, "TDINFO"));
	report[600] ^= 1;
	report[300] ^= 1;
	assert_int_equal(att_sim_tdreport_verify(cpu, report, &td, &err), ATT_E_MISMATCH);
	assert_non_null(strstr(err.msg, "TEE_TCB_INFO"));
	att_sim_cpu_free(cpu);
}

static void another_boot_or_processor_makes_another(void **state)
{
	struct att_sim_cpu_options o = random_options();
	uint8_t report[ATT_TDREPORT_LEN];
	att_sim_cpu *cpu = random_cpu();
	struct att_td_body td;

	(void)state;
	make(cpu, report);
	att_sim_cpu_free(cpu);
	o.boot_id[0] ^= 1;
	cpu = cpu_of(&o);
	assert_int_equal(att_sim_tdreport_verify(cpu, report, &td, NULL), ATT_E_MISMATCH);
	att_sim_cpu_free(cpu);
	o = random_options();
	o.secret[0] ^= 1;
	cpu = cpu_of(&o);
	assert_int_equal(att_sim_tdreport_verify(cpu, report, &td, NULL), ATT_E_MISMATCH);
	att_sim_cpu_free(cpu);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(its_parts_stand_where_they_belong),
		cmocka_unit_test(what_it_says_comes_back),
		cmocka_unit_test(no_byte_of_it_may_change),
		cmocka_unit_test(another_boot_or_processor_makes_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
