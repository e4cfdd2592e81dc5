/* SPDX-License-Identifier: Apache-2.0 */
/* The long-lived verifier: collateral compiled once, tools and objects used again, facts
 * remembered.
 *
 * One lock guards the pools and the pointer to the collateral; it is taken twice a verification,
 * for a few instructions. The caches have locks of their own. Nothing is held while anything is
 * computed. */
#include <pthread.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/mem.h"
#include "verify/verifier.h"

#define POOL_MAX    64u
#define ENTRIES_MAX ((size_t)1 << 20)

struct att_verifier {
	pthread_mutex_t lock;
	struct att_compiled *current;
	att_p256 *tools[POOL_MAX];
	size_t tool_count;
	struct att_report *reports;
	size_t report_count;
	struct att_verdict *verdicts;
	size_t verdict_count;
	struct att_cache *pcks;
	struct att_cache *qes;
};

/* What one run borrows. */
struct loan {
	att_p256 *tools;
	struct att_report *report;
	struct att_verdict *verdict;
	struct att_compiled *compiled;
	bool judged; /* the report is of this run; until then it is empty, or an earlier one's */
};

att_rc att_verifier_new(struct att_verifier_options options, att_verifier **out, att_err *err)
{
	*out = NULL;
	if (options.chain_entries > ENTRIES_MAX || options.qe_entries > ENTRIES_MAX)
		return att_fail(err, ATT_E_ARG, "cache of more than %zu entries", ENTRIES_MAX);
	att_verifier *v = calloc(1, sizeof(*v));
	if (!v)
		return att_fail(err, ATT_E_NOMEM, "verifier: out of memory");
	pthread_mutex_init(&v->lock, NULL);
	if (options.chain_entries)
		v->pcks = att_cache_new(options.chain_entries);
	if (options.qe_entries)
		v->qes = att_cache_new(options.qe_entries);
	if ((options.chain_entries && !v->pcks) || (options.qe_entries && !v->qes)) {
		att_verifier_free(v);
		return att_fail(err, ATT_E_NOMEM, "verifier: out of memory");
	}
	/* The first set of tools now, so that a libcrypto without P-256 shows here and not at the
	 * first quote. */
	att_rc rc = att_p256_new(&v->tools[0], err);
	if (rc != ATT_OK) {
		att_verifier_free(v);
		return rc;
	}
	v->tool_count = 1;
	*out = v;
	return ATT_OK;
}

void att_verifier_free(att_verifier *v)
{
	if (!v)
		return;
	while (v->tool_count > 0)
		att_p256_free(v->tools[--v->tool_count]);
	while (v->reports) {
		struct att_report *next = v->reports->next_free;

		att_report_free(v->reports);
		v->reports = next;
	}
	while (v->verdicts) {
		struct att_verdict *next = v->verdicts->next_free;

		att_verdict_free(v->verdicts);
		v->verdicts = next;
	}
	att_cache_free(v->pcks);
	att_cache_free(v->qes);
	att_compiled_unref(v->current);
	pthread_mutex_destroy(&v->lock);
	free(v);
}

static void give_tools(att_verifier *v, att_p256 *t)
{
	if (!t)
		return;
	pthread_mutex_lock(&v->lock);
	if (v->tool_count < POOL_MAX) {
		v->tools[v->tool_count++] = t;
		t = NULL;
	}
	pthread_mutex_unlock(&v->lock);
	att_p256_free(t);
}

void att_verifier_recycle(att_verifier *v, att_report *report, att_verdict *verdict)
{
	if (report)
		att_facts_release(&report->facts);
	if (verdict)
		att_facts_release(&verdict->facts);
	pthread_mutex_lock(&v->lock);
	if (report && v->report_count < POOL_MAX) {
		report->next_free = v->reports;
		v->reports = report;
		v->report_count++;
		report = NULL;
	}
	if (verdict && v->verdict_count < POOL_MAX) {
		verdict->next_free = v->verdicts;
		v->verdicts = verdict;
		v->verdict_count++;
		verdict = NULL;
	}
	pthread_mutex_unlock(&v->lock);
	att_report_free(report);
	att_verdict_free(verdict);
}

static void give_back(att_verifier *v, struct loan *l)
{
	att_compiled_unref(l->compiled);
	give_tools(v, l->tools);
	if (l->report || l->verdict)
		att_verifier_recycle(v, l->report, l->verdict);
	*l = (struct loan){ 0 };
}

static struct loan borrow(att_verifier *v)
{
	struct loan l = { 0 };

	pthread_mutex_lock(&v->lock);
	if (v->tool_count > 0)
		l.tools = v->tools[--v->tool_count];
	if (v->reports) {
		l.report = v->reports;
		v->reports = l.report->next_free;
		v->report_count--;
	}
	if (v->verdicts) {
		l.verdict = v->verdicts;
		v->verdicts = l.verdict->next_free;
		v->verdict_count--;
	}
	l.compiled = v->current;
	att_compiled_ref(l.compiled);
	pthread_mutex_unlock(&v->lock);
	return l;
}

/* Makes what the pools did not have. */
static att_rc complete(struct loan *l, att_err *err)
{
	if (!l->report)
		l->report = calloc(1, sizeof(*l->report));
	if (!l->verdict)
		l->verdict = calloc(1, sizeof(*l->verdict));
	if (!l->report || !l->verdict)
		return att_fail(err, ATT_E_NOMEM, "verification: out of memory");
	return l->tools ? ATT_OK : att_p256_new(&l->tools, err);
}

att_rc att_verifier_set_collateral(att_verifier *v, const att_collateral *c, att_err *err)
{
	att_p256 *tools = NULL;
	struct att_compiled *k = NULL;

	att_rc rc = att_p256_new(&tools, err);
	if (rc != ATT_OK)
		return rc;
	rc = att_compile(c, tools, &k, err);
	give_tools(v, tools);
	if (rc != ATT_OK)
		return rc;
	pthread_mutex_lock(&v->lock);
	struct att_compiled *old = v->current;
	v->current = k;
	pthread_mutex_unlock(&v->lock);
	att_compiled_unref(old);
	return ATT_OK;
}

static att_rc run_loan(att_verifier *v, const struct att_verify_in *in, struct loan *l,
		       bool *authentic, att_err *err)
{
	*authentic = false;
	att_rc rc = complete(l, err);
	if (rc == ATT_OK && in->collateral) {
		att_compiled_unref(l->compiled);
		l->compiled = NULL;
		rc = att_compile(in->collateral, l->tools, &l->compiled, err);
	}
	if (rc != ATT_OK)
		return rc;
	att_report_reset(l->report, in->now);
	att_compiled_ref(l->compiled);
	l->report->facts.compiled = l->compiled;
	struct att_run run = { .in = in,
			       .k = l->compiled,
			       .tools = l->tools,
			       .pcks = v->pcks,
			       .qes = v->qes,
			       .r = l->report };
	rc = att_run_into(&run, l->verdict, authentic, err);
	l->judged = rc != ATT_E_NOMEM;
	return rc;
}

att_rc att_verifier_run(att_verifier *v, const struct att_verify_in *in, att_report **report,
			att_verdict **verdict, att_err *err)
{
	bool authentic = false;

	if (report)
		*report = NULL;
	if (verdict)
		*verdict = NULL;
	att_rc rc = att_run_arguments(in, err);
	if (rc != ATT_OK)
		return rc;
	struct loan l = borrow(v);
	if (!l.compiled && !in->collateral)
		rc = att_fail(err, ATT_E_MISSING,
			      "no collateral: neither in the verifier nor given");
	else
		rc = run_loan(v, in, &l, &authentic, err);
	if (report && l.judged)
		*report = ATT_STEAL(l.report);
	if (verdict && authentic)
		*verdict = ATT_STEAL(l.verdict);
	give_back(v, &l);
	return rc;
}
