/* SPDX-License-Identifier: Apache-2.0 */
#include "journey.h"

#include <string.h>

/* All that one journey makes. */
struct baggage {
	att_evidence *evidence;
	att_collateral *collateral;
	att_roots *roots;
	att_policy *policy;
	att_verifier *verifier;
	att_report *report;
	att_verdict *verdict;
	att_appraisal *why;
	att_result *result;
};

static void drop(struct baggage *b)
{
	att_result_free(b->result);
	att_appraisal_free(b->why);
	att_verdict_free(b->verdict);
	att_report_free(b->report);
	att_verifier_free(b->verifier);
	att_policy_free(b->policy);
	att_roots_free(b->roots);
	att_collateral_free(b->collateral);
	att_evidence_free(b->evidence);
}

/* An object exactly when the step says so. */
static bool step(struct outcome *out, att_rc rc, const void *object, const char *name)
{
	if ((rc == ATT_OK) != (object != NULL) && !out->broken)
		out->broken = name;
	out->rc = rc;
	return rc == ATT_OK;
}

/* Functions that say nothing but NULL mean a lack of memory. */
static bool made(struct outcome *out, const void *object)
{
	out->rc = object ? ATT_OK : ATT_E_NOMEM;
	return object != NULL;
}

static bool done(struct outcome *out, att_rc rc)
{
	out->rc = rc;
	return rc == ATT_OK;
}

static bool gather(const struct journey *j, struct baggage *b, struct outcome *out)
{
	att_rc rc = att_evidence_parse(att_buf_bytes(&j->quote), &b->evidence, NULL);

	if (!step(out, rc, b->evidence, "att_evidence_parse"))
		return false;
	rc = att_collateral_parse(att_buf_bytes(&j->collateral), &b->collateral, NULL);
	if (!step(out, rc, b->collateral, "att_collateral_parse"))
		return false;
	b->roots = att_roots_new();
	if (!made(out, b->roots) ||
	    !done(out, att_roots_add(b->roots, att_buf_bytes(&j->root), "test", NULL)))
		return false;
	b->policy = att_policy_builtin();
	return made(out, b->policy) && done(out, att_policy_allow_simulated(b->policy, NULL));
}

static void appraise(struct baggage *b, struct outcome *out)
{
	out->status = att_verdict_tcb(b->verdict)->status;
	att_rc rc = att_appraise(b->verdict, b->policy, &b->why, &b->result, NULL);
	out->accepted = step(out, rc, b->result, "att_appraise");
}

static struct att_verify_in ask(const struct journey *j, const struct baggage *b)
{
	return (struct att_verify_in){ .evidence = b->evidence,
				       .collateral = b->collateral,
				       .roots = b->roots,
				       .now = j->now,
				       .bound_data = ATT_UNBOUND };
}

void journey_once(const struct journey *j, struct outcome *out)
{
	struct baggage b = { 0 };

	*out = (struct outcome){ 0 };
	if (gather(j, &b, out)) {
		const struct att_verify_in in = ask(j, &b);
		att_rc rc = att_verify(&in, &b.report, &b.verdict, NULL);

		if (rc == ATT_OK && !b.report)
			out->broken = "att_verify: no report";
		if (step(out, rc, b.verdict, "att_verify"))
			appraise(&b, out);
	}
	drop(&b);
}

static bool run(const struct journey *j, struct baggage *b, struct outcome *out)
{
	struct att_verify_in in = ask(j, b);

	in.collateral = NULL;
	att_rc rc = att_verifier_run(b->verifier, &in, &b->report, &b->verdict, NULL);
	if (rc == ATT_OK && !b->report)
		out->broken = "att_verifier_run: no report";
	return step(out, rc, b->verdict, "att_verifier_run");
}

void journey_verifier(const struct journey *j, struct outcome *out)
{
	struct baggage b = { 0 };

	*out = (struct outcome){ 0 };
	bool ready = gather(j, &b, out);
	if (ready) {
		att_rc rc = att_verifier_new(ATT_VERIFIER_DEFAULTS, &b.verifier, NULL);

		ready = step(out, rc, b.verifier, "att_verifier_new") &&
			done(out, att_verifier_set_collateral(b.verifier, b.collateral, NULL));
	}
	if (ready && run(j, &b, out)) {
		att_verifier_recycle(b.verifier, b.report, b.verdict);
		b.report = NULL;
		b.verdict = NULL;
		if (done(out, att_evidence_reparse(b.evidence, att_buf_bytes(&j->quote), NULL)) &&
		    run(j, &b, out))
			appraise(&b, out);
	}
	drop(&b);
}
