/* SPDX-License-Identifier: Apache-2.0 */
/* What a long-lived verifier keeps from one run to the next: reports given back, chains
 * remembered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "platform/sim/machine.h"
#include "verify/run.h"

#define NOW INT64_C(1750000000)

struct world {
	att_sim_machine *machine;
	att_buf quote;
	att_evidence *evidence;
	att_collateral *collateral;
	att_roots *trusted;
	att_roots *none;
};

static int setup(void **state)
{
	static struct world w;
	static const struct att_sim_options options = { .seed = { "verifier tests" },
							.now = NOW,
							.cpus = 1 };

	assert_int_equal(att_sim_machine_new(&options, &w.machine, NULL), ATT_OK);
	assert_int_equal(att_sim_machine_quote(w.machine, ATT_SIM_SGX4, 0, &w.quote, NULL), ATT_OK);
	assert_int_equal(att_evidence_parse(att_buf_bytes(&w.quote), &w.evidence, NULL), ATT_OK);
	assert_int_equal(att_sim_machine_collateral(w.machine, false, &w.collateral, NULL), ATT_OK);
	w.trusted = att_roots_new();
	w.none = att_roots_new();
	assert_non_null(w.trusted);
	assert_non_null(w.none);
	assert_int_equal(
	    att_roots_add(w.trusted, att_sim_pki_pem(att_sim_machine_pki(w.machine), ATT_SIM_ROOT),
			  "sim", NULL),
	    ATT_OK);
	*state = &w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	att_roots_free(w->none);
	att_roots_free(w->trusted);
	att_collateral_free(w->collateral);
	att_evidence_free(w->evidence);
	att_buf_free(&w->quote);
	att_sim_machine_free(w->machine);
	return 0;
}

/* A report that was given back is another verification's: a run that never came to judge gives
 * none. */
static void a_report_given_back_is_never_given_out(void **state)
{
	struct world *w = *state;
	struct att_verify_in in = { w->evidence, w->collateral, w->trusted, NOW, ATT_UNBOUND };
	att_report *report = NULL;
	att_verdict *verdict = NULL;
	att_verifier *v = NULL;

	assert_int_equal(att_verifier_new(ATT_VERIFIER_DEFAULTS, &v, NULL), ATT_OK);
	assert_int_equal(att_verifier_run(v, &in, &report, &verdict, NULL), ATT_OK);
	assert_true(att_report_authentic(report));
	att_verifier_recycle(v, report, verdict);
	in.collateral = NULL;
	assert_int_equal(att_verifier_run(v, &in, &report, &verdict, NULL), ATT_E_MISSING);
	assert_null(report);
	assert_null(verdict);
	att_verifier_free(v);
}

/* Judges the quote with its PCK chain in `text`; is the chain remembered then? */
static bool remembered(const struct world *w, const att_roots *roots, att_bytes text,
		       bool authentic)
{
	struct att_verify_in in = { w->evidence, w->collateral, roots, NOW, ATT_UNBOUND };
	struct att_cache *pcks = att_cache_new(4);
	struct att_quote quote = *att_evidence_quote(w->evidence);
	struct att_report *r = calloc(1, sizeof(*r));
	struct att_compiled *k = NULL;
	att_p256 *tools = NULL;

	quote.cert_data = text;
	assert_non_null(pcks);
	assert_non_null(r);
	assert_int_equal(att_p256_new(&tools, NULL), ATT_OK);
	assert_int_equal(att_compile(w->collateral, tools, &k, NULL), ATT_OK);
	att_report_reset(r, NOW);
	struct att_run run = {
		.in = &in, .quote = &quote, .k = k, .tools = tools, .pcks = pcks, .r = r
	};
	att_check_crl_issuer_format(&run);
	assert_int_equal(att_check_pck(&run, NULL), ATT_OK);
	assert_int_equal(r->rec[CK_PCK_ROOT].outcome, authentic ? ATT_PASS : ATT_FAIL);
	att_run_release(&run);

	struct att_entry *e = att_cache_find(pcks, text);
	bool found = e != NULL;
	att_entry_unref(e);
	att_report_free(r);
	att_compiled_unref(k);
	att_p256_free(tools);
	att_cache_free(pcks);
	return found;
}

/* Anyone can make chains of their own, and any number of texts of a genuine one: neither may fill
 * the memory or put out what is of use. */
static void only_trusted_chains_of_usual_size_are_remembered(void **state)
{
	struct world *w = *state;
	att_bytes chain = att_evidence_quote(w->evidence)->cert_data;
	att_auto_buf att_buf padded = { 0 };

	assert_true(remembered(w, w->trusted, chain, true));
	assert_false(remembered(w, w->none, chain, false));
	for (unsigned i = 0; i < 8192; i++)
		att_put_str(&padded, "\n");
	att_put(&padded, chain);
	assert_false(remembered(w, w->trusted, att_buf_bytes(&padded), true));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_report_given_back_is_never_given_out),
		cmocka_unit_test(only_trusted_chains_of_usual_size_are_remembered),
	};

	return cmocka_run_group_tests_name("program/verifier", tests, setup, teardown);
}
