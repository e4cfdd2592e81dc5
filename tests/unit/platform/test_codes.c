/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "platform/aesm/codes.h"

static void every_code_but_27_is_there(void **state)
{
	(void)state;
	for (uint32_t code = 0; code <= ATT_AESM_ERROR_LAST; code++) {
		const struct att_aesm_code *c = att_aesm_code(code);
		if (code == 27) {
			assert_null(c);
			continue;
		}
		assert_non_null(c);
		assert_int_equal(c->code, code);
		assert_true(strlen(c->name) > 3 && strlen(c->cause) > 5 && strlen(c->remedy) > 5);
		assert_true(code == 0 ? c->sgx_status == 0 : c->sgx_status != 0);
	}
	assert_null(att_aesm_code(ATT_AESM_ERROR_LAST + 1));
	assert_null(att_aesm_code(UINT32_MAX));
}

static void names_are_told_apart(void **state)
{
	(void)state;
	for (uint32_t a = 0; a <= ATT_AESM_ERROR_LAST; a++)
		for (uint32_t b = 0; b < a; b++)
			if (a != 27 && b != 27)
				assert_string_not_equal(att_aesm_code(a)->name,
							att_aesm_code(b)->name);
}

/* What Intel's library answers: the facts a program that uses it knows. */
static void status_words(void **state)
{
	static const struct {
		uint32_t code;
		uint32_t status;
	} rows[] = {
		{ 2, 0x2006 },  { 4, 0x4003 },  { 5, 0x4005 },  { 6, 0x4004 },
		{ 19, 0x400a }, { 29, 0x2005 }, { 38, 0x8001 }, { 42, 0x8003 },
		{ 44, 0x8005 }, { 45, 0x3001 }, { 47, 0x3001 }, { 50, 0x8002 },
	};

	(void)state;
	for (size_t i = 0; i < ATT_COUNT(rows); i++)
		assert_int_equal(att_aesm_code(rows[i].code)->sgx_status, rows[i].status);
}

/* Cause and remedy must reach the reader whole, behind the longest name of a call. */
static void failures_say_cause_and_remedy(void **state)
{
	(void)state;
	for (uint32_t code = 1; code <= ATT_AESM_ERROR_LAST; code++) {
		const struct att_aesm_code *c = att_aesm_code(code);
		char number[16];
		att_err err = { 0 };

		assert_int_not_equal(att_aesm_fail(&err, code, "get number of attestation key ids"),
				     ATT_OK);
		snprintf(number, sizeof(number), "error %u", code);
		assert_non_null(strstr(err.msg, number));
		if (!c)
			continue;
		assert_non_null(strstr(err.msg, c->name));
		assert_non_null(strstr(err.msg, c->cause));
		if (!strstr(err.msg, c->remedy))
			fail_msg("remedy of %u is cut off: %s", code, err.msg);
	}
}

static void kinds_of_failure(void **state)
{
	(void)state;
	assert_int_equal(att_aesm_fail(NULL, ATT_AESM_PARAMETER, "x"), ATT_E_ARG);
	assert_int_equal(att_aesm_fail(NULL, ATT_AESM_INVALID_REPORT, "x"), ATT_E_ARG);
	assert_int_equal(att_aesm_fail(NULL, ATT_AESM_UNSUPPORTED_ATT_KEY_ID, "x"),
			 ATT_E_UNSUPPORTED);
	assert_int_equal(att_aesm_fail(NULL, ATT_AESM_INTERFACE_UNAVAILABLE, "x"),
			 ATT_E_UNSUPPORTED);
	assert_int_equal(att_aesm_fail(NULL, ATT_AESM_OUT_OF_MEMORY, "x"), ATT_E_UNAVAILABLE);
	assert_int_equal(att_aesm_fail(NULL, 27, "x"), ATT_E_UNAVAILABLE);
}

static void three_are_busy(void **state)
{
	unsigned n = 0;

	(void)state;
	for (uint32_t code = 0; code <= ATT_AESM_ERROR_LAST + 1; code++)
		n += att_aesm_is_busy(code);
	assert_int_equal(n, 3);
	assert_true(att_aesm_is_busy(13) && att_aesm_is_busy(18) && att_aesm_is_busy(19));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_code_but_27_is_there),
		cmocka_unit_test(names_are_told_apart),
		cmocka_unit_test(status_words),
		cmocka_unit_test(failures_say_cause_and_remedy),
		cmocka_unit_test(kinds_of_failure),
		cmocka_unit_test(three_are_busy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
