/* SPDX-License-Identifier: Apache-2.0 */
/* Arguments, and evidence and collateral that never get as far as a signature. What
 * verification says of whole worlds is tested in tests/vectors, tests/tamper and tests/program. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "attest/verify.h"

static const uint8_t report_bytes[432];

struct world {
	att_evidence *evidence;
	att_collateral *collateral;
	att_roots *roots;
	att_verifier *verifier;
};

static int make(void **state)
{
	static struct world w;

	w.collateral = att_collateral_new();
	w.roots = att_roots_intel();
	*state = &w;
	return att_evidence_parse(att_bytes_of(report_bytes, sizeof(report_bytes)), &w.evidence,
				  NULL) ||
	       att_verifier_new(ATT_VERIFIER_DEFAULTS, &w.verifier, NULL);
}

static int drop(void **state)
{
	struct world *w = *state;

	att_verifier_free(w->verifier);
	att_evidence_free(w->evidence);
	att_collateral_free(w->collateral);
	att_roots_free(w->roots);
	return 0;
}

static void mandatory_inputs_have_no_default(void **state)
{
	struct world *w = *state;
	const struct att_verify_in whole = { w->evidence, w->collateral, w->roots, 1700000000,
					     ATT_UNBOUND };
	static const uint8_t data[65];
	att_report *report = NULL;
	att_verdict *verdict = NULL;
	struct att_verify_in in[6];

	for (size_t i = 0; i < 6; i++)
		in[i] = whole;
	in[0].evidence = NULL;
	in[1].collateral = NULL;
	in[2].roots = NULL;
	in[3].bound_data = att_bytes_of(data, 0);
	in[4].bound_data = att_bytes_of(data, 65);
	in[5].bound_data = att_bytes_of(NULL, 3);
	for (size_t i = 0; i < 6; i++) {
		assert_int_equal(att_verify(&in[i], &report, &verdict, NULL), ATT_E_ARG);
		assert_null(report);
		assert_null(verdict);
		assert_int_equal(att_verifier_run(w->verifier, &in[i], &report, &verdict, NULL),
				 i == 1 ? ATT_E_MISSING : ATT_E_ARG);
		assert_null(report);
		assert_null(verdict);
	}
}

static void a_report_is_no_quote(void **state)
{
	struct world *w = *state;
	struct att_verify_in in = { w->evidence, w->collateral, w->roots, 1700000000, ATT_UNBOUND };
	att_report *report = NULL;
	att_verdict *verdict = NULL;
	att_err err;

	assert_int_equal(att_verify(&in, &report, &verdict, &err), ATT_E_UNSUPPORTED);
	assert_null(verdict);
	assert_non_null(strstr(err.msg, "evidence.kind"));
	assert_int_equal(att_report_outcome(report, "evidence.format"), ATT_PASS);
	assert_int_equal(att_report_outcome(report, "evidence.kind"), ATT_FAIL);
	assert_int_equal(att_report_outcome(report, "quote.signature"), ATT_NOT_RUN);
	assert_false(att_report_collateral_only(report));
	assert_int_equal(att_report_time(report), 1700000000);
	assert_null(att_tcb_status_name(att_report_tcb(report)->status));
	att_report_free(report);
}

static void outputs_are_optional_and_can_be_given_back(void **state)
{
	struct world *w = *state;
	struct att_verify_in in = { w->evidence, w->collateral, w->roots, 1700000000, ATT_UNBOUND };
	att_report *report = NULL, *again = NULL;

	assert_int_equal(att_verify(&in, NULL, NULL, NULL), ATT_E_UNSUPPORTED);
	assert_int_equal(att_verifier_run(w->verifier, &in, NULL, NULL, NULL), ATT_E_UNSUPPORTED);
	assert_int_equal(att_verifier_run(w->verifier, &in, &report, NULL, NULL),
			 ATT_E_UNSUPPORTED);
	att_verifier_recycle(w->verifier, report, NULL);
	assert_int_equal(att_verifier_run(w->verifier, &in, &again, NULL, NULL), ATT_E_UNSUPPORTED);
	assert_ptr_equal(again, report);
	att_verifier_recycle(w->verifier, again, NULL);
	att_verifier_recycle(w->verifier, NULL, NULL);
}

static void options_are_bounded(void **state)
{
	struct att_verifier_options o = { .chain_entries = ((size_t)1 << 20) + 1 };
	att_verifier *v = NULL;

	(void)state;
	assert_int_equal(att_verifier_new(o, &v, NULL), ATT_E_ARG);
	assert_null(v);
	o = (struct att_verifier_options){ .qe_entries = ((size_t)1 << 20) + 1 };
	assert_int_equal(att_verifier_new(o, &v, NULL), ATT_E_ARG);
	o = (struct att_verifier_options){ 0 };
	assert_int_equal(att_verifier_new(o, &v, NULL), ATT_OK);
	att_verifier_free(v);
	att_verifier_free(NULL);
	att_report_free(NULL);
	att_verdict_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(mandatory_inputs_have_no_default, make, drop),
		cmocka_unit_test_setup_teardown(a_report_is_no_quote, make, drop),
		cmocka_unit_test_setup_teardown(outputs_are_optional_and_can_be_given_back, make,
						drop),
		cmocka_unit_test(options_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
