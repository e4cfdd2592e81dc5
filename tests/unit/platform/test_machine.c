/* SPDX-License-Identifier: Apache-2.0 */
/* A machine's quotes verify with its collateral under its root, and under no other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "platform/sim/machine.h"

#define NOW INT64_C(1750000000)

static att_sim_machine *machine(struct att_sim_options o)
{
	att_sim_machine *m = NULL;
	att_err err = { 0 };

	o.now = NOW;
	if (att_sim_machine_new(&o, &m, &err) != ATT_OK)
		fail_msg("%s", err.msg);
	return m;
}

static att_roots *roots_of(const att_sim_machine *m)
{
	att_roots *r = att_roots_new();

	assert_non_null(r);
	assert_int_equal(
	    att_roots_add(r, att_sim_pki_pem(att_sim_machine_pki(m), ATT_SIM_ROOT), "sim", NULL),
	    ATT_OK);
	return r;
}

static att_rc verify(const att_evidence *ev, const att_collateral *c, const att_roots *roots,
		     int64_t now, bool *simulated)
{
	att_verdict *v = NULL;
	const struct att_verify_in in = { .evidence = ev,
					  .collateral = c,
					  .roots = roots,
					  .now = now,
					  .bound_data = ATT_UNBOUND };
	att_rc rc = att_verify(&in, NULL, &v, NULL);

	assert_int_equal(rc == ATT_OK, v != NULL);
	if (v) {
		*simulated = att_verdict_simulated(v);
		assert_int_equal(att_verdict_tcb(v)->status, ATT_TCB_UP_TO_DATE);
	}
	att_verdict_free(v);
	return rc;
}

static att_evidence *evidence(const att_sim_machine *m, enum att_sim_kind kind, unsigned n)
{
	att_auto_buf att_buf b = { 0 };
	att_evidence *ev = NULL;

	assert_int_equal(att_sim_machine_quote(m, kind, n, &b, NULL), ATT_OK);
	assert_int_equal(att_evidence_parse(att_buf_bytes(&b), &ev, NULL), ATT_OK);
	return ev;
}

static void quotes_verify(void **state)
{
	(void)state;
	for (int platform_ca = 0; platform_ca < 2; platform_ca++) {
		att_sim_machine *m =
		    machine((struct att_sim_options){ .cpus = 1, .platform_ca = platform_ca });
		att_roots *roots = roots_of(m), *intel = att_roots_intel();

		for (int kind = 0; kind < ATT_SIM_KINDS; kind++) {
			att_evidence *ev = evidence(m, (enum att_sim_kind)kind, 0);
			att_collateral *c;
			bool simulated = false;

			assert_int_equal(
			    att_sim_machine_collateral(
				m, att_sim_kind_is_tdx((enum att_sim_kind)kind), &c, NULL),
			    ATT_OK);
			assert_int_equal(verify(ev, c, roots, NOW, &simulated), ATT_OK);
			assert_true(simulated);
			assert_int_equal(verify(ev, c, intel, NOW, &simulated), ATT_E_CHAIN);
			assert_int_equal(verify(ev, c, roots, NOW + 31 * ATT_SIM_DAY, &simulated),
					 ATT_E_EXPIRED);
			assert_int_equal(verify(ev, c, roots, NOW - 2 * ATT_SIM_DAY, &simulated),
					 ATT_E_EXPIRED);
			att_collateral_free(c);
			att_evidence_free(ev);
		}
		att_roots_free(roots);
		att_roots_free(intel);
		att_sim_machine_free(m);
	}
}

static void processors_have_their_own_pck(void **state)
{
	att_sim_machine *m = machine((struct att_sim_options){ .cpus = 3 });
	att_evidence *ev[4];

	(void)state;
	for (unsigned n = 0; n < 4; n++)
		ev[n] = evidence(m, ATT_SIM_SGX3, n);
	att_bytes first = att_evidence_quote(ev[0])->cert_data;
	assert_false(att_bytes_eq(first, att_evidence_quote(ev[1])->cert_data));
	assert_false(att_bytes_eq(first, att_evidence_quote(ev[2])->cert_data));
	assert_true(att_bytes_eq(first, att_evidence_quote(ev[3])->cert_data));
	assert_false(att_bytes_eq(att_evidence_quote(ev[0])->qe_report_raw,
				  att_evidence_quote(ev[3])->qe_report_raw));
	for (unsigned n = 0; n < 4; n++)
		att_evidence_free(ev[n]);
	att_sim_machine_free(m);
}

static void another_platforms_collateral_does_not_fit(void **state)
{
	static const struct att_sim_seed seed = { "one PKI" };
	att_sim_machine *m = machine((struct att_sim_options){ .seed = seed, .cpus = 1 });
	att_sim_machine *other =
	    machine((struct att_sim_options){ .seed = seed, .cpus = 1, .fmspc = { 9 } });
	att_roots *roots = roots_of(m);
	att_evidence *ev = evidence(m, ATT_SIM_TDX4, 0);
	att_collateral *c;
	bool simulated;

	(void)state;
	assert_int_equal(att_sim_machine_collateral(other, true, &c, NULL), ATT_OK);
	assert_int_equal(verify(ev, c, roots, NOW, &simulated), ATT_E_MISMATCH);
	att_collateral_free(c);
	att_evidence_free(ev);
	att_roots_free(roots);
	att_sim_machine_free(m);
	att_sim_machine_free(other);
}

static void processors_are_counted(void **state)
{
	static const unsigned bad[] = { 0, ATT_SIM_CPUS_MAX + 1 };
	att_sim_machine *m = NULL;

	(void)state;
	for (size_t i = 0; i < ATT_COUNT(bad); i++) {
		const struct att_sim_options o = { .now = NOW, .cpus = bad[i] };

		assert_int_equal(att_sim_machine_new(&o, &m, NULL), ATT_E_ARG);
		assert_null(m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quotes_verify),
		cmocka_unit_test(processors_have_their_own_pck),
		cmocka_unit_test(another_platforms_collateral_does_not_fit),
		cmocka_unit_test(processors_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
