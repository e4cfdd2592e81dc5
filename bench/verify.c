/* SPDX-License-Identifier: Apache-2.0 */
#include "verify.h"

bool bench_cold(void *arg, size_t n)
{
	const struct bench_case *c = arg;
	bool right = true;

	for (size_t i = 0; i < n && right; i++) {
		att_evidence *ev = NULL;
		att_collateral *co = NULL;
		att_report *report = NULL;
		att_verdict *verdict = NULL;
		struct att_verify_in in = { .roots = c->roots,
					    .now = c->now,
					    .bound_data = ATT_UNBOUND };

		if (att_evidence_parse(att_buf_bytes(&c->quote[0]), &ev, NULL) == ATT_OK &&
		    att_collateral_parse(att_buf_bytes(&c->collateral), &co, NULL) == ATT_OK) {
			in.evidence = ev;
			in.collateral = co;
		}
		right = in.evidence && att_verify(&in, &report, &verdict, NULL) == ATT_OK &&
			att_verdict_tcb(verdict)->status == c->status;
		att_verdict_free(verdict);
		att_report_free(report);
		att_collateral_free(co);
		att_evidence_free(ev);
	}
	return right;
}

static bool open_lane(struct bench_lane *lane, const struct bench_case *c,
		      struct att_verifier_options options)
{
	att_collateral *co = NULL;

	lane->c = c;
	bool ok = att_verifier_new(options, &lane->verifier, NULL) == ATT_OK &&
		  att_collateral_parse(att_buf_bytes(&c->collateral), &co, NULL) == ATT_OK &&
		  att_verifier_set_collateral(lane->verifier, co, NULL) == ATT_OK;
	att_collateral_free(co);
	return ok;
}

bool bench_warm_open(struct bench_warm *w, const struct bench_case *first,
		     const struct bench_case *second, bool known_qe)
{
	struct att_verifier_options options = ATT_VERIFIER_DEFAULTS;

	if (!known_qe)
		options.qe_entries = 0;
	*w = (struct bench_warm){ 0 };
	if (!open_lane(&w->lane[0], first, options) ||
	    (second && !open_lane(&w->lane[1], second, options)) ||
	    att_evidence_parse(att_buf_bytes(&first->quote[0]), &w->evidence, NULL) != ATT_OK) {
		bench_warm_close(w);
		return false;
	}
	/* Once round, so that all is known. */
	return bench_warm_run(w, 2 * (first->count + (second ? second->count : 0)));
}

void bench_warm_close(struct bench_warm *w)
{
	att_evidence_free(w->evidence);
	att_verifier_free(w->lane[0].verifier);
	att_verifier_free(w->lane[1].verifier);
	*w = (struct bench_warm){ 0 };
}

static bool verify_one(struct bench_warm *w, const struct bench_lane *lane, size_t quote,
		       bool wrong)
{
	const struct bench_case *c = lane->c;
	const att_buf *bytes = wrong ? &c->tampered[quote] : &c->quote[quote];
	const struct att_verify_in in = {
		.evidence = w->evidence, .roots = c->roots, .now = c->now, .bound_data = ATT_UNBOUND
	};
	att_report *report = NULL;
	att_verdict *verdict = NULL;

	if (att_evidence_reparse(w->evidence, att_buf_bytes(bytes), NULL) != ATT_OK)
		return false;
	att_rc rc = att_verifier_run(lane->verifier, &in, &report, &verdict, NULL);
	bool right = wrong ? rc == ATT_E_SIGNATURE && !verdict
			   : rc == ATT_OK && att_verdict_tcb(verdict)->status == c->status;
	att_verifier_recycle(lane->verifier, report, verdict);
	return right;
}

bool bench_warm_run(void *arg, size_t n)
{
	struct bench_warm *w = arg;
	size_t first = w->lane[0].c->count;
	size_t all = first + (w->lane[1].c ? w->lane[1].c->count : 0);

	for (size_t i = 0; i < n; i++, w->turn++) {
		size_t quote = w->turn % all;
		const struct bench_lane *lane = &w->lane[quote >= first];
		bool wrong = w->turn % WRONG_EVERY == WRONG_EVERY - 1;

		if (!verify_one(w, lane, quote < first ? quote : quote - first, wrong))
			return false;
	}
	return true;
}
