/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "attest/evidence.h"

static const char *name_of(enum att_bits which, unsigned bit)
{
	size_t count;
	const struct att_bit *b = att_bits_of(which, &count);

	for (size_t i = 0; i < count; i++) {
		if (b[i].bit == bit)
			return b[i].name;
	}
	return "";
}

static void tables_are_ascending_and_have_words(void **state)
{
	(void)state;
	for (int which = ATT_BITS_SGX_ATTRIBUTES; which <= ATT_BITS_XFAM; which++) {
		size_t count = 0;
		const struct att_bit *b = att_bits_of((enum att_bits)which, &count);

		assert_non_null(b);
		assert_true(count >= 2);
		for (size_t i = 0; i < count; i++) {
			assert_true(b[i].bit < 64);
			assert_true(i == 0 || b[i].bit > b[i - 1].bit);
			assert_true(strlen(b[i].name) >= 2);
			assert_true(strlen(b[i].meaning) >= 5);
		}
	}
}

static void no_table_is_no_table(void **state)
{
	(void)state;
	size_t count = 7;

	assert_null(att_bits_of((enum att_bits)99, &count));
	assert_int_equal(count, 0);
}

static void sgx_bits_are_intels(void **state)
{
	(void)state;
	assert_string_equal(name_of(ATT_BITS_SGX_ATTRIBUTES, 0), "INIT");
	assert_string_equal(name_of(ATT_BITS_SGX_ATTRIBUTES, 1), "DEBUG");
	assert_string_equal(name_of(ATT_BITS_SGX_ATTRIBUTES, 2), "MODE64BIT");
	assert_string_equal(name_of(ATT_BITS_SGX_ATTRIBUTES, 3), "");
	assert_string_equal(name_of(ATT_BITS_SGX_ATTRIBUTES, 4), "PROVISION_KEY");
	assert_string_equal(name_of(ATT_BITS_SGX_ATTRIBUTES, 5), "EINITTOKEN_KEY");
	assert_string_equal(name_of(ATT_BITS_SGX_ATTRIBUTES, 6), "CET");
	assert_string_equal(name_of(ATT_BITS_SGX_ATTRIBUTES, 7), "KSS");
	assert_string_equal(name_of(ATT_BITS_SGX_ATTRIBUTES, 10), "AEXNOTIFY");
	assert_string_equal(name_of(ATT_BITS_MISC_SELECT, 0), "EXINFO");
	assert_string_equal(name_of(ATT_BITS_MISC_SELECT, 1), "CPINFO");
}

static void xsave_bits_are_intels(void **state)
{
	(void)state;
	static const char *const names[] = {
		"X87",      "SSE", "AVX",  "BNDREGS", "BNDCSR",   "OPMASK", "ZMM_HI256",
		"HI16_ZMM", "PT",  "PKRU", "PASID",   "CET_U",    "CET_S",  "HDC",
		"UINTR",    "LBR", "HWP",  "TILECFG", "TILEDATA", "APX",    "",
	};

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_string_equal(name_of(ATT_BITS_XFRM, i), names[i]);
		assert_string_equal(name_of(ATT_BITS_XFAM, i), names[i]);
	}
}

static void td_bits_are_intels(void **state)
{
	(void)state;
	static const struct {
		unsigned bit;
		const char *name;
	} known[] = {
		{ 0, "DEBUG" },
		{ 4, "HGS_PLUS_PROF" },
		{ 5, "PERF_PROF" },
		{ 6, "PMT_PROF" },
		{ 8, "" },
		{ 15, "" },
		{ 16, "ICSSD" },
		{ 17, "SERVTD_EXT" },
		{ 18, "" },
		{ 26, "" },
		{ 27, "LASS" },
		{ 28, "SEPT_VE_DISABLE" },
		{ 29, "MIGRATABLE" },
		{ 30, "PKS" },
		{ 31, "KL" },
		{ 32, "" },
		{ 61, "" },
		{ 62, "TPA" },
		{ 63, "PERFMON" },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		assert_string_equal(name_of(ATT_BITS_TD_ATTRIBUTES, known[i].bit), known[i].name);
	assert_true(ATT_TD_DEBUG == UINT64_C(1) << 0);
	assert_true(ATT_TD_SEPT_VE_DISABLE == UINT64_C(1) << 28);
	assert_true(ATT_TD_MIGRATABLE == UINT64_C(1) << 29);
	assert_true(ATT_SGX_DEBUG == UINT64_C(1) << 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables_are_ascending_and_have_words),
		cmocka_unit_test(no_table_is_no_table),
		cmocka_unit_test(sgx_bits_are_intels),
		cmocka_unit_test(xsave_bits_are_intels),
		cmocka_unit_test(td_bits_are_intels),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
