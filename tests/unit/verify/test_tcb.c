/* SPDX-License-Identifier: Apache-2.0 */
/* Level matching and convergence against tables written from Intel's rules (dcap.md 3.6), not
 * from the code. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "verify/tcb.h"

#define U   ATT_TCB_UP_TO_DATE
#define SW  ATT_TCB_SW_HARDENING_NEEDED
#define C   ATT_TCB_CONFIGURATION_NEEDED
#define CSW ATT_TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED
#define O   ATT_TCB_OUT_OF_DATE
#define OC  ATT_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED
#define R   ATT_TCB_REVOKED
#define NS  ATT_TCB_NOT_SUPPORTED
#define TR  ATT_TCB_TD_RELAUNCH_ADVISED
#define TRC ATT_TCB_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED

static void convergence_table(void **state)
{
	static const struct {
		enum att_tcb_status level, part, want;
	} rows[] = {
		{ U, U, U },
		{ SW, U, SW },
		{ C, U, C },
		{ CSW, U, CSW },
		{ O, U, O },
		{ OC, U, OC },
		{ R, U, R },
		{ NS, U, NS },
		{ TR, U, TR },
		{ TRC, U, TRC },
		{ U, O, O },
		{ SW, O, O },
		{ C, O, OC },
		{ CSW, O, OC },
		{ O, O, O },
		{ OC, O, OC },
		{ R, O, R },
		{ NS, O, NS },
		{ U, R, R },
		{ SW, R, R },
		{ C, R, R },
		{ CSW, R, R },
		{ O, R, R },
		{ OC, R, R },
		{ R, R, R },
		{ NS, R, NS },
		{ U, NS, NS },
		{ SW, NS, NS },
		{ C, NS, NS },
		{ CSW, NS, NS },
		{ O, NS, NS },
		{ OC, NS, NS },
		{ R, NS, NS },
		/* "anything else is ISVSVN_OUT_OF_DATE" (dcap.md 3.4, step 8) */
		{ U, SW, O },
		{ U, C, O },
		{ U, OC, O },
		{ C, SW, OC },
		{ CSW, C, OC },
	};

	(void)state;
	for (size_t i = 0; i < ATT_COUNT(rows); i++)
		assert_int_equal(att_converge(rows[i].level, rows[i].part), rows[i].want);
}

static void sgx_level_needs_every_component(void **state)
{
	struct att_level l = { .pce_svn = 13 };
	struct att_platform p = { .pce_svn = 13 };

	(void)state;
	memset(l.sgx, 5, sizeof(l.sgx));
	memset(p.components, 5, sizeof(p.components));
	assert_true(att_level_reached_sgx(&l, &p));
	for (int i = 0; i < 16; i++) {
		p.components[i] = 4;
		assert_false(att_level_reached_sgx(&l, &p));
		p.components[i] = 255;
		assert_true(att_level_reached_sgx(&l, &p));
	}
	p.pce_svn = 12;
	assert_false(att_level_reached_sgx(&l, &p));
	p.pce_svn = 0x0100;
	assert_true(att_level_reached_sgx(&l, &p));
}

static void tdx_components_0_and_1_are_the_modules(void **state)
{
	struct att_level l = { 0 };
	uint8_t svn[16];

	(void)state;
	memset(l.tdx, 3, sizeof(l.tdx));
	memset(svn, 3, sizeof(svn));
	assert_true(att_level_reached_tdx(&l, svn));
	svn[0] = 0;
	assert_true(att_level_reached_tdx(&l, svn));
	svn[1] = 1;
	assert_true(att_level_reached_tdx(&l, svn));
	svn[1] = 0;
	assert_false(att_level_reached_tdx(&l, svn));
	svn[0] = 3;
	assert_false(att_level_reached_tdx(&l, svn));
	l.tdx[1] = 0;
	assert_true(att_level_reached_tdx(&l, svn));
	svn[1] = 1;
	for (int i = 2; i < 16; i++) {
		svn[i] = 2;
		assert_false(att_level_reached_tdx(&l, svn));
		svn[i] = 3;
	}
}

static void svn_levels_are_searched_in_document_order(void **state)
{
	static const struct att_level levels[] = { { .isv_svn = 4 },
						   { .isv_svn = 2 },
						   { .isv_svn = 3 } };

	(void)state;
	assert_int_equal(att_level_of_svn(levels, 3, 9), 0);
	assert_int_equal(att_level_of_svn(levels, 3, 4), 0);
	assert_int_equal(att_level_of_svn(levels, 3, 3), 1);
	assert_int_equal(att_level_of_svn(levels, 3, 2), 1);
	assert_true(att_level_of_svn(levels, 3, 1) == ATT_NO_LEVEL);
	assert_true(att_level_of_svn(levels, 0, 9) == ATT_NO_LEVEL);
}

static void newer_date_is_the_first_after(void **state)
{
	static const struct att_level levels[] = {
		{ .date = 500 }, { .date = 300 }, { .date = 300 }, { .date = 200 }
	};

	(void)state;
	assert_int_equal(att_newer_date(levels, 0), 0);
	assert_int_equal(att_newer_date(levels, 1), 500);
	assert_int_equal(att_newer_date(levels, 2), 500);
	assert_int_equal(att_newer_date(levels, 3), 300);
}

static void modules_are_found_by_version(void **state)
{
	struct att_tdx_module m[] = { { .version = 3 }, { .version = 1 } };
	struct att_tcbinfo t = { .modules = m, .module_count = 2 };

	(void)state;
	assert_ptr_equal(att_module_of(&t, 1), &m[1]);
	assert_ptr_equal(att_module_of(&t, 3), &m[0]);
	assert_null(att_module_of(&t, 2));
}

static void configuration_statuses(void **state)
{
	(void)state;
	assert_true(att_status_needs_configuration(C) && att_status_needs_configuration(CSW) &&
		    att_status_needs_configuration(OC));
	assert_false(att_status_needs_configuration(U) || att_status_needs_configuration(SW) ||
		     att_status_needs_configuration(O));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(convergence_table),
		cmocka_unit_test(sgx_level_needs_every_component),
		cmocka_unit_test(tdx_components_0_and_1_are_the_modules),
		cmocka_unit_test(svn_levels_are_searched_in_document_order),
		cmocka_unit_test(newer_date_is_the_first_after),
		cmocka_unit_test(modules_are_found_by_version),
		cmocka_unit_test(configuration_statuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
