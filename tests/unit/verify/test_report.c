/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "verify/report.h"

static int fresh(void **state)
{
	struct att_report *r = calloc(1, sizeof(*r));

	if (!r)
		return -1;
	att_report_reset(r, 1700000000);
	*state = r;
	return 0;
}

static int drop(void **state)
{
	att_report_free(*state);
	return 0;
}

static void pass_all(struct att_report *r)
{
	for (int c = 0; c < CK_COUNT; c++)
		att_pass(r, (enum att_check_no)c);
}

static void undecided_is_never_authentic(void **state)
{
	struct att_report *r = *state;

	assert_false(att_report_authentic(r));
	assert_int_equal(att_report_rc(r), ATT_E_UNAVAILABLE);
	pass_all(r);
	assert_true(att_report_authentic(r));
	for (int c = 0; c < CK_COUNT; c++) {
		r->rec[c].outcome = 0;
		assert_false(att_report_authentic(r));
		att_pass(r, (enum att_check_no)c);
	}
}

static void waiting_refuses_but_not_applying_does_not(void **state)
{
	struct att_report *r = *state;

	pass_all(r);
	att_not_applicable(r, CK_TM_LEVEL);
	assert_true(att_report_authentic(r));
	r->rec[CK_TM_LEVEL].waits_for = CK_Q_SIGNATURE;
	assert_false(att_report_authentic(r));
	assert_true(att_blocks(r, CK_TM_LEVEL));
}

static void after_names_the_first_that_did_not_hold(void **state)
{
	struct att_report *r = *state;
	struct att_check c;

	att_pass(r, CK_Q_CERT);
	att_failed(r, CK_PCK_CHAIN_FORMAT);
	att_failed(r, CK_PCK_ROOT);
	assert_false(ATT_AFTER(r, CK_QR_SIGNATURE, CK_Q_CERT, CK_PCK_CHAIN_FORMAT, CK_PCK_ROOT));
	att_report_check(r, CK_QR_SIGNATURE, &c);
	assert_int_equal(c.outcome, ATT_NOT_RUN);
	assert_string_equal(c.waits_for, "pck.chain_format");
	att_warn(r, CK_PCK_CHAIN_FORMAT);
	att_warn(r, CK_PCK_ROOT);
	assert_true(ATT_AFTER(r, CK_QR_SIGNATURE, CK_Q_CERT, CK_PCK_CHAIN_FORMAT, CK_PCK_ROOT));
}

static void what_collateral_can_not_mend_decides(void **state)
{
	struct att_report *r = *state;

	pass_all(r);
	att_failed(r, CK_RC_DATES);
	assert_int_equal(att_report_rc(r), ATT_E_EXPIRED);
	assert_true(att_report_collateral_only(r));
	att_failed(r, CK_Q_SIGNATURE);
	assert_int_equal(att_report_rc(r), ATT_E_SIGNATURE);
	assert_false(att_report_collateral_only(r));
	assert_int_equal(att_report_decisive(r), CK_Q_SIGNATURE);
}

static void values_are_put_into_words(void **state)
{
	struct att_report *r = *state;
	struct att_check c;
	uint8_t bytes[60];

	memset(bytes, 0xab, sizeof(bytes));
	att_set_hex(&r->rec[CK_EV_FORMAT].expected, bytes, sizeof(bytes));
	att_set_range(&r->rec[CK_EV_FORMAT].seen, 0, 1752919276);
	att_failed(r, CK_EV_FORMAT);
	att_report_check(r, CK_EV_FORMAT, &c);
	assert_int_equal(strlen(c.expected), 96);
	assert_string_equal(c.seen, "1970-01-01T00:00:00Z to 2025-07-19T10:01:16Z");
	assert_true(c.remedy[0] != '\0');
	att_set_uint(&r->rec[CK_EV_FORMAT].seen, 7);
	att_set_time(&r->rec[CK_EV_FORMAT].expected, 1752919276);
	att_pass(r, CK_EV_FORMAT);
	att_report_check(r, CK_EV_FORMAT, &c);
	assert_string_equal(c.seen, "7");
	assert_string_equal(c.expected, "2025-07-19T10:01:16Z");
	assert_string_equal(c.remedy, "");
}

static void a_shortfall_says_which_component(void **state)
{
	struct att_report *r = *state;
	struct att_check c;

	att_warn(r, CK_TCB_TDX);
	r->shortfall = (struct att_shortfall){ .known = true,
					       .tdx = true,
					       .index = 2,
					       .have = 3,
					       .need = 4,
					       .component = { .type = "SEAM loader" } };
	att_report_check(r, CK_TCB_TDX, &c);
	assert_string_equal(c.remedy, "tdx component 2 is 3, needs 4: update SEAM loader");
	r->shortfall = (struct att_shortfall){ .known = true, .index = 16, .have = 9, .need = 11 };
	att_report_check(r, CK_TCB_TDX, &c);
	assert_non_null(strstr(c.remedy, "PCESVN is 9, needs 11"));
}

static void every_check_is_described(void **state)
{
	struct att_check c, other;

	(void)state;
	for (size_t i = 0; att_check_info(i, &c); i++) {
		assert_true(strlen(c.id) > 4 && strchr(c.id, '.'));
		assert_true(strlen(c.title) > 4 && strlen(c.clause) > 4 && strlen(c.remedy) > 4);
		assert_true(strlen(c.remedy) < sizeof(c.remedy) - 1);
		assert_true(c.rc != ATT_OK);
		for (size_t k = i + 1; att_check_info(k, &other); k++)
			assert_string_not_equal(c.id, other.id);
	}
	assert_false(att_check_info(CK_COUNT, &c));
}

static void a_failure_before_verification_has_a_report(void **state)
{
	att_err why = { .rc = ATT_E_TRUNCATED, .msg = "quote v3: truncated in sig @432" };
	att_report *r = NULL;
	struct att_check c;

	(void)state;
	assert_int_equal(att_report_of_failure("evidence.format", &why, 5, &r, NULL), ATT_OK);
	assert_false(att_report_authentic(r));
	assert_int_equal(att_report_rc(r), ATT_E_TRUNCATED);
	assert_false(att_report_collateral_only(r));
	assert_int_equal(att_report_outcome(r, "evidence.format"), ATT_FAIL);
	for (size_t i = 1; i < att_report_count(r); i++) {
		att_report_check(r, i, &c);
		assert_int_equal(c.outcome, ATT_NOT_RUN);
		assert_string_equal(c.waits_for, "evidence.format");
	}
	att_report_free(r);
	assert_int_equal(att_report_of_failure("no.such", &why, 5, &r, NULL), ATT_E_ARG);
	assert_null(r);
	assert_int_equal(att_report_of_failure("collateral.format", &why, 5, &r, NULL), ATT_OK);
	assert_true(att_report_collateral_only(r));
	att_report_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(undecided_is_never_authentic, fresh, drop),
		cmocka_unit_test_setup_teardown(waiting_refuses_but_not_applying_does_not, fresh,
						drop),
		cmocka_unit_test_setup_teardown(after_names_the_first_that_did_not_hold, fresh,
						drop),
		cmocka_unit_test_setup_teardown(what_collateral_can_not_mend_decides, fresh, drop),
		cmocka_unit_test_setup_teardown(values_are_put_into_words, fresh, drop),
		cmocka_unit_test_setup_teardown(a_shortfall_says_which_component, fresh, drop),
		cmocka_unit_test(every_check_is_described),
		cmocka_unit_test(a_failure_before_verification_has_a_report),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
