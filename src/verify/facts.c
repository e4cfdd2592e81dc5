/* SPDX-License-Identifier: Apache-2.0 */
/* What the collateral says of its own age, over the eight objects Intel's library looks at (dcap.md
 * 3, step 5). */
#include "verify/run.h"

static void span(struct att_collateral_facts *f, int64_t from, int64_t to)
{
	if (f->earliest_expiration == 0) {
		f->earliest_issue = f->latest_issue = from;
		f->earliest_expiration = f->latest_expiration = to;
		return;
	}
	f->earliest_issue = from < f->earliest_issue ? from : f->earliest_issue;
	f->latest_issue = from > f->latest_issue ? from : f->latest_issue;
	f->earliest_expiration = to < f->earliest_expiration ? to : f->earliest_expiration;
	f->latest_expiration = to > f->latest_expiration ? to : f->latest_expiration;
}

static void span_chain(struct att_collateral_facts *f, const struct att_chain *c)
{
	for (size_t i = 0; i < c->count; i++)
		span(f, c->cert[i].not_before, c->cert[i].not_after);
}

void att_collect_facts(struct att_run *run)
{
	const struct att_compiled *k = run->k;
	struct att_collateral_facts *f = &run->r->facts.collateral;

	span_chain(f, &k->crl_issuer);
	span_chain(f, &k->tcb_signer);
	span_chain(f, &k->qe_signer);
	if (run->pck)
		span_chain(f, &run->pck->chain);
	if (att_held(run->r, CK_RC_FORMAT)) {
		span(f, k->root_crl.crl.this_update, k->root_crl.crl.next_update);
		f->root_crl_this_update = k->root_crl.crl.this_update;
		f->root_crl_number =
		    k->root_crl.crl.has_number ? (int64_t)k->root_crl.crl.number : -1;
	}
	if (att_held(run->r, CK_PC_FORMAT)) {
		span(f, k->pck_crl.crl.this_update, k->pck_crl.crl.next_update);
		f->pck_crl_this_update = k->pck_crl.crl.this_update;
		f->pck_crl_number = k->pck_crl.crl.has_number ? (int64_t)k->pck_crl.crl.number : -1;
	}
	if (att_held(run->r, CK_TI_FORMAT)) {
		span(f, k->tcb.issue_date, k->tcb.next_update);
		f->tcb_info_issue = k->tcb.issue_date;
		f->tcb_info_next_update = k->tcb.next_update;
		f->tcb_evaluation = k->tcb.evaluation;
	}
	if (att_held(run->r, CK_QI_FORMAT)) {
		span(f, k->qe.issue_date, k->qe.next_update);
		f->qe_identity_issue = k->qe.issue_date;
		f->qe_identity_next_update = k->qe.next_update;
		f->qe_evaluation = k->qe.evaluation;
	}
}
