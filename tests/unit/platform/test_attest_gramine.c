/* SPDX-License-Identifier: Apache-2.0 */
#include "emulated.h"

static void quotes(void **state)
{
	(void)state;
	static const char *const faults[] = {
		"",
		"short=7",
		"signal.open=EINTR:2 signal.read=EINTR:3 signal.write=EINTR:1",
		"short_write=5:2", /* half a value is written again, whole */
		"gramine.type=absent",
	};

	for (size_t i = 0; i < ATT_COUNT(faults); i++) {
		machine("gramine", SGX, faults[i]);
		assert_quotes("gramine", SGX);
	}
}

static void what_can_not_be_is_said(void **state)
{
	(void)state;
	static const struct bad bad[] = {
		{ "", "", ATT_E_UNAVAILABLE, "not there" },
		{ "gramine", "gramine.type=none", ATT_E_IO, "sgx.remote_attestation" },
		{ "gramine", "gramine.attestation_type=EIO", ATT_E_IO, "attestation_type" },
		{ "gramine", "gramine.quote=EACCES", ATT_E_IO, "AESM" },
		{ "gramine", "gramine.quote=ENOMEM", ATT_E_NOMEM, "quote" },
		{ "gramine", "gramine.quote=ENOENT", ATT_E_UNAVAILABLE, "quote" },
		{ "gramine", "gramine.user_report_data=EACCES", ATT_E_IO, "refused" },
		{ "gramine", "short_write=5", ATT_E_IO, "user_report_data" },
		{ "gramine", "gramine.quote_size=0", ATT_E_FORMAT, "empty" },
		{ "gramine", "gramine.quote_size=8193", ATT_E_FORMAT, "too large" },
		{ "gramine", "gramine.quote_size=430", ATT_E_FORMAT, "no evidence" },
	};

	for (size_t i = 0; i < ATT_COUNT(bad); i++)
		assert_bad("gramine", SGX, &bad[i]);
}

static void reports_for_a_target(void **state)
{
	(void)state;
	const struct att_report_source *s = &att_report_source_gramine;
	uint8_t target[512], report[432];

	memset(target, 0x3c, sizeof(target));
	/* A REPORT needs no quoting: it is there where there is no remote attestation. */
	machine("gramine", SGX, "gramine.type=none");
	assert_int_equal(s->probe(NULL, NULL), ATT_OK);
	assert_int_equal(s->report(NULL, target, given.report_data, report, NULL), ATT_OK);
	assert_memory_equal(report + 320, given.report_data, 64);
	assert_memory_equal(report + 416, target, 16);
	assert_memory_equal(report, given.bytes[SGX].ptr + 48, 384);
}

static void reports_that_can_not_be(void **state)
{
	(void)state;
	const struct att_report_source *s = &att_report_source_gramine;
	static const struct bad bad[] = {
		{ "gramine", "gramine.report=EACCES", ATT_E_IO, "could make no report" },
		{ "gramine", "gramine.target_info=EACCES", ATT_E_IO, "target_info" },
		{ "gramine", "gramine.report_size=431", ATT_E_FORMAT, "431 bytes, 432 expected" },
		{ "gramine", "gramine.report_size=433", ATT_E_FORMAT, "too large" },
	};
	uint8_t target[512] = { 0 }, report[432];

	for (size_t i = 0; i < ATT_COUNT(bad); i++) {
		att_err err = { 0 };
		machine(bad[i].words, SGX, bad[i].faults);
		assert_int_equal(s->report(NULL, target, given.report_data, report, &err),
				 bad[i].rc);
		assert_non_null(strstr(err.msg, bad[i].says));
	}
	machine("", SGX, "");
	assert_int_equal(s->probe(NULL, NULL), ATT_E_UNAVAILABLE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quotes),
		cmocka_unit_test(what_can_not_be_is_said),
		cmocka_unit_test(reports_for_a_target),
		cmocka_unit_test(reports_that_can_not_be),
	};
	return RUN_EMULATED(tests);
}
