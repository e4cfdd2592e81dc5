/* SPDX-License-Identifier: Apache-2.0 */
/* Threads hammer one verifier while another swaps its collateral: every answer is the exact one
 * for the quote and for the collateral that judged it. A bounded number of rounds, no clock, no
 * sleep; run under ThreadSanitizer too. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "platform/sim/machine.h"

#define NOW     INT64_C(1750000000)
#define WORKERS 4
#define ROUNDS  240
#define SWAPS   200
#define QUOTES  8
#define KINDS   2

/* The collateral that is swapped in, and what a right quote then is. */
enum fit { GOOD, STALE, OTHER_PLATFORM, FITS };
static const att_rc want_of[FITS] = { ATT_OK, ATT_E_EXPIRED, ATT_E_MISMATCH };

struct world {
	att_buf quote[KINDS][QUOTES];
	att_collateral *collateral[KINDS][FITS];
	int64_t issued[FITS]; /* issueDate of its TCB info, by which a report tells which it was */
	att_roots *roots;
};

struct tally {
	size_t right[FITS];
	size_t tampered;
	size_t wrong;
};

struct worker {
	const struct world *w;
	att_verifier *verifier;
	pthread_barrier_t *start;
	unsigned no;
	unsigned kind;
	struct tally tally;
};

static const enum att_sim_kind kinds[KINDS] = { ATT_SIM_SGX3, ATT_SIM_TDX15 };

/* Collateral of the same PKI: as of another time, for another FMSPC. */
static void make_collateral(struct world *w, const att_sim_machine *m, unsigned kind, enum fit fit)
{
	static const int64_t age[FITS] = { 0, 60 * ATT_SIM_DAY, ATT_SIM_DAY / 2 };
	struct att_platform platform = att_sim_machine_pck(m, 0)->platform;
	const struct att_sim_collateral_of of = { .platform = &platform,
						  .tdx = att_sim_kind_is_tdx(kinds[kind]),
						  .now = NOW - age[fit] };

	if (fit == OTHER_PLATFORM)
		platform.fmspc[0] ^= 1;
	w->issued[fit] = of.now - ATT_SIM_DAY;
	assert_int_equal(
	    att_sim_collateral_make(att_sim_machine_pki(m), &of, &w->collateral[kind][fit], NULL),
	    ATT_OK);
}

static int setup(void **state)
{
	static struct world w;
	static const struct att_sim_options options = { .seed = { "thread tests" },
							.now = NOW,
							.cpus = 3 };
	att_sim_machine *m;

	assert_int_equal(att_sim_machine_new(&options, &m, NULL), ATT_OK);
	for (unsigned k = 0; k < KINDS; k++) {
		for (unsigned n = 0; n < QUOTES; n++)
			assert_int_equal(
			    att_sim_machine_quote(m, kinds[k], n, &w.quote[k][n], NULL), ATT_OK);
		for (int fit = 0; fit < FITS; fit++)
			make_collateral(&w, m, k, (enum fit)fit);
	}
	w.roots = att_roots_new();
	assert_non_null(w.roots);
	assert_int_equal(att_roots_add(w.roots,
				       att_sim_pki_pem(att_sim_machine_pki(m), ATT_SIM_ROOT), "sim",
				       NULL),
			 ATT_OK);
	att_sim_machine_free(m);
	*state = &w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	for (unsigned k = 0; k < KINDS; k++) {
		for (unsigned n = 0; n < QUOTES; n++)
			att_buf_free(&w->quote[k][n]);
		for (int fit = 0; fit < FITS; fit++)
			att_collateral_free(w->collateral[k][fit]);
	}
	att_roots_free(w->roots);
	return 0;
}

/* Which collateral judged: the report tells its dates. */
static enum fit fit_of(const struct world *w, const att_report *r)
{
	int64_t issued = att_report_collateral(r)->tcb_info_issue;
	int fit = 0;

	while (fit < FITS && w->issued[fit] != issued)
		fit++;
	return (enum fit)fit;
}

/* A quote's own faults weigh more than the collateral's, so a tampered one has one answer
 * always. */
static void judge(struct worker *me, bool tampered, att_rc rc, const att_report *r,
		  const att_verdict *v)
{
	struct tally *t = &me->tally;
	enum fit fit = r ? fit_of(me->w, r) : FITS;
	bool whole = r && (rc == ATT_OK) == (v != NULL) &&
		     (rc == ATT_OK) == att_report_authentic(r) && att_report_rc(r) == rc;

	if (!whole || fit == FITS)
		t->wrong++;
	else if (tampered && rc == ATT_E_SIGNATURE)
		t->tampered++;
	else if (!tampered && rc == want_of[fit] &&
		 (!v || att_verdict_tcb(v)->status == ATT_TCB_UP_TO_DATE))
		t->right[fit]++;
	else
		t->wrong++;
}

/* One verification by the verifier's collateral; every eighth by its own. */
static void verify(struct worker *me, unsigned round, att_evidence *ev, bool tampered)
{
	struct att_verify_in in = {
		.evidence = ev, .roots = me->w->roots, .now = NOW, .bound_data = ATT_UNBOUND
	};
	att_report *report = NULL;
	att_verdict *verdict = NULL;

	if (round % 8 == 7)
		in.collateral = me->w->collateral[me->kind][round % FITS];
	att_rc rc = att_verifier_run(me->verifier, &in, &report, &verdict, NULL);
	judge(me, tampered, rc, report, verdict);
	if (round % 3 == 0) {
		att_report_free(report);
		att_verdict_free(verdict);
	} else {
		att_verifier_recycle(me->verifier, report, verdict);
	}
}

/* Every third quote has one bit of its body changed. */
static void *hammer(void *arg)
{
	struct worker *me = arg;
	att_evidence *ev = NULL;

	pthread_barrier_wait(me->start);
	for (unsigned round = 0; round < ROUNDS; round++) {
		const att_buf *quote = &me->w->quote[me->kind][(round + me->no) % QUOTES];
		uint8_t copy[8192];
		bool tampered = round % 3 == 2;

		if (quote->len > sizeof(copy)) {
			me->tally.wrong++;
			break;
		}
		memcpy(copy, quote->ptr, quote->len);
		copy[200] ^= tampered ? 1 : 0;
		att_bytes in = att_bytes_of(copy, quote->len);
		att_rc rc =
		    ev ? att_evidence_reparse(ev, in, NULL) : att_evidence_parse(in, &ev, NULL);
		if (rc == ATT_OK)
			verify(me, round, ev, tampered);
		else
			me->tally.wrong++;
	}
	att_evidence_free(ev);
	return NULL;
}

/* Swaps until its rounds are over; the last one is good. */
static void *swap(void *arg)
{
	struct worker *me = arg;

	pthread_barrier_wait(me->start);
	for (unsigned i = 1; i <= SWAPS; i++) {
		enum fit fit = i == SWAPS ? GOOD : (enum fit)(i % FITS);

		if (att_verifier_set_collateral(me->verifier, me->w->collateral[me->kind][fit],
						NULL) != ATT_OK)
			me->tally.wrong++;
	}
	return NULL;
}

static void check_tallies(const struct worker *workers)
{
	size_t right = 0, good = 0;

	for (unsigned i = 0; i < WORKERS; i++) {
		const struct tally *t = &workers[i].tally;

		assert_int_equal(t->wrong, 0);
		assert_int_equal(t->tampered, ROUNDS / 3);
		for (int fit = 0; fit < FITS; fit++)
			right += t->right[fit];
		good += t->right[GOOD];
	}
	assert_int_equal(right, WORKERS * (ROUNDS - ROUNDS / 3));
	/* Those that bring their own good collateral, at the least. */
	assert_true(good > 0);
}

static void hammer_while_swapping(const struct world *w, unsigned kind,
				  struct att_verifier_options options)
{
	att_verifier *verifier;
	pthread_barrier_t start;
	pthread_t thread[WORKERS + 1];
	struct worker worker[WORKERS + 1];

	assert_int_equal(att_verifier_new(options, &verifier, NULL), ATT_OK);
	assert_int_equal(att_verifier_set_collateral(verifier, w->collateral[kind][GOOD], NULL),
			 ATT_OK);
	assert_int_equal(pthread_barrier_init(&start, NULL, WORKERS + 1), 0);
	for (unsigned i = 0; i <= WORKERS; i++) {
		worker[i] = (struct worker){
			.w = w, .verifier = verifier, .start = &start, .no = i, .kind = kind
		};
		assert_int_equal(
		    pthread_create(&thread[i], NULL, i < WORKERS ? hammer : swap, &worker[i]), 0);
	}
	for (unsigned i = 0; i <= WORKERS; i++)
		assert_int_equal(pthread_join(thread[i], NULL), 0);
	pthread_barrier_destroy(&start);
	check_tallies(worker);
	assert_int_equal(worker[WORKERS].tally.wrong, 0);
	/* Nothing of it all is left behind. */
	struct worker after = { .w = w, .verifier = verifier, .start = NULL, .kind = kind };
	att_evidence *ev;
	assert_int_equal(att_evidence_parse(att_buf_bytes(&w->quote[kind][0]), &ev, NULL), ATT_OK);
	verify(&after, 0, ev, false);
	assert_int_equal(after.tally.right[GOOD], 1);
	att_evidence_free(ev);
	att_verifier_free(verifier);
}

static void with_caches(void **state)
{
	for (unsigned kind = 0; kind < KINDS; kind++)
		hammer_while_swapping(*state, kind, ATT_VERIFIER_DEFAULTS);
}

/* Fewer places than quotes: entries are thrown out while others hold them. */
static void with_caches_that_are_too_small(void **state)
{
	for (unsigned kind = 0; kind < KINDS; kind++)
		hammer_while_swapping(
		    *state, kind,
		    (struct att_verifier_options){ .chain_entries = 1, .qe_entries = 1 });
}

static void without_caches(void **state)
{
	hammer_while_swapping(*state, 0, (struct att_verifier_options){ 0 });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(with_caches),
		cmocka_unit_test(with_caches_that_are_too_small),
		cmocka_unit_test(without_caches),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
