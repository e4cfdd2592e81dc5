/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "verify/run.h"

static void dates_span_every_object_that_was_read(void **state)
{
	struct att_report *r = calloc(1, sizeof(*r));
	struct att_compiled k = { 0 };
	struct att_run run = { .k = &k, .r = r };
	struct att_collateral_facts *f = &r->facts.collateral;

	(void)state;
	att_report_reset(r, 0);
	att_collect_facts(&run);
	assert_int_equal(f->earliest_expiration, 0);
	assert_int_equal(f->tcb_evaluation, -1);

	k.tcb_signer =
	    (struct att_chain){ .count = 1, .cert[0] = { .not_before = 50, .not_after = 900 } };
	k.tcb.issue_date = 60;
	k.tcb.next_update = 100;
	k.tcb.evaluation = 17;
	k.qe.issue_date = 1;
	k.qe.next_update = 2;
	att_pass(r, CK_TI_FORMAT);
	att_failed(r, CK_QI_FORMAT);
	att_collect_facts(&run);
	assert_int_equal(f->earliest_issue, 50);
	assert_int_equal(f->latest_issue, 60);
	assert_int_equal(f->earliest_expiration, 100);
	assert_int_equal(f->latest_expiration, 900);
	assert_int_equal(f->tcb_evaluation, 17);
	assert_int_equal(f->qe_evaluation, -1);
	assert_int_equal(f->qe_identity_issue, 0);

	k.pck_crl.crl = (struct att_crl){
		.this_update = 40, .next_update = 80, .has_number = true, .number = 3
	};
	att_pass(r, CK_PC_FORMAT);
	att_collect_facts(&run);
	assert_int_equal(f->earliest_issue, 40);
	assert_int_equal(f->earliest_expiration, 80);
	assert_int_equal(f->pck_crl_number, 3);
	assert_int_equal(f->root_crl_number, -1);
	att_report_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(
	    dates_span_every_object_that_was_read) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
