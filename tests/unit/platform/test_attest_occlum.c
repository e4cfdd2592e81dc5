/* SPDX-License-Identifier: Apache-2.0 */
#include "emulated.h"

static void quotes(void **state)
{
	(void)state;
	static const char *const faults[] = {
		"",
		"signal.open=EINTR:2 signal.ioctl=EINTR:3",
		"occlum.7=EBUSY:1",
		"occlum.8=EBUSY:2",
	};

	for (size_t i = 0; i < ATT_COUNT(faults); i++) {
		machine("occlum", SGX, faults[i]);
		assert_quotes("occlum", SGX);
	}
}

static void what_can_not_be_is_said(void **state)
{
	(void)state;
	static const struct bad bad[] = {
		{ "", "", ATT_E_UNAVAILABLE, "/dev/sgx" },
		{ "sgx/enclave", "", ATT_E_UNAVAILABLE, "a folder of the host's SGX driver" },
		{ "occlum", "open.sgx=EACCES", ATT_E_IO, "Permission denied" },
		{ "occlum", "occlum.3=ENOTTY", ATT_E_UNAVAILABLE, "is this Occlum's device" },
		{ "occlum", "occlum.3=EINVAL", ATT_E_UNAVAILABLE, "is this Occlum's device" },
		{ "occlum", "occlum.7=EINVAL", ATT_E_UNAVAILABLE, "without DCAP" },
		{ "occlum", "occlum.size=0", ATT_E_FORMAT, "says 0 bytes" },
		{ "occlum", "occlum.size=65537", ATT_E_FORMAT, "says 65537 bytes" },
		{ "occlum", "occlum.8=EINVAL", ATT_E_UNAVAILABLE, "could not sign" },
		{ "occlum", "occlum.8=EIO", ATT_E_IO, "GEN_DCAP_QUOTE" },
		{ "occlum", "occlum.8=ENODEV", ATT_E_UNAVAILABLE, "GEN_DCAP_QUOTE" },
	};

	for (size_t i = 0; i < ATT_COUNT(bad); i++)
		assert_bad("occlum", SGX, &bad[i]);
}

/* Occlum says the most a quote may need; what is behind it are zeros. */
static void padding_is_left_as_it_is(void **state)
{
	(void)state;
	struct att_quoted q;

	machine("occlum", SGX, "occlum.size=8192");
	assert_int_equal(quote_by("occlum", &q, NULL), ATT_OK);
	assert_int_equal(q.evidence_len, 8192);
	assert_memory_equal(q.evidence, given.bytes[SGX].ptr, given.bytes[SGX].len);
	att_quoted_clear(&q);
}

static void reports_for_a_target(void **state)
{
	(void)state;
	const struct att_report_source *s = &att_report_source_occlum;
	uint8_t target[512], report[432];

	memset(target, 0x3c, sizeof(target));
	machine("occlum", SGX, "");
	assert_int_equal(s->probe(NULL, NULL), ATT_OK);
	assert_int_equal(s->report(NULL, target, given.report_data, report, NULL), ATT_OK);
	assert_memory_equal(report + 320, given.report_data, 64);
	assert_memory_equal(report + 416, target, 16);
	machine("", SGX, "");
	assert_int_equal(s->probe(NULL, NULL), ATT_E_UNAVAILABLE);
	assert_int_equal(s->report(NULL, target, given.report_data, report, NULL),
			 ATT_E_UNAVAILABLE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quotes),
		cmocka_unit_test(what_can_not_be_is_said),
		cmocka_unit_test(padding_is_left_as_it_is),
		cmocka_unit_test(reports_for_a_target),
	};
	return RUN_EMULATED(tests);
}
