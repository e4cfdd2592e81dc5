/* SPDX-License-Identifier: Apache-2.0 */
/* `attest verify`: the case's collateral, fetched. */
#include <stdlib.h>

#include "base/error.h"
#include "cli/case.h"
#include "collateral/items.h"

ATT_DEFINE_CLEANUP(roots, att_roots, att_roots_free)
#define auto_roots __attribute__((cleanup(roots_cleanup)))
ATT_DEFINE_CLEANUP(fetcher, att_fetcher, att_fetcher_free)
#define auto_fetcher __attribute__((cleanup(fetcher_cleanup)))
ATT_DEFINE_CLEANUP(trace, att_fetch_trace, att_fetch_trace_free)
#define auto_trace __attribute__((cleanup(trace_cleanup)))
ATT_DEFINE_CLEANUP(evidence, att_evidence, att_evidence_free)
#define auto_evidence __attribute__((cleanup(evidence_cleanup)))
ATT_DEFINE_CLEANUP(collateral, att_collateral, att_collateral_free)
#define auto_collateral __attribute__((cleanup(collateral_cleanup)))

static att_rc keep_steps(const att_fetch_trace *t, struct cli_fetched *f, att_err *err)
{
	size_t n = att_fetch_trace_count(t);

	f->any = true;
	f->steps = (struct att_fetch_step *)calloc(n ? n : 1, sizeof(*f->steps));
	if (!f->steps)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	for (size_t i = 0; i < n; i++)
		f->steps[f->count++] = *att_fetch_trace_at(t, i);
	return ATT_OK;
}

/* What the file has stays as it is. A signature of its own belongs to the document beside it. */
static att_rc fill(att_collateral *to, const att_collateral *from, att_err *err)
{
	for (int i = 0; i < ATT_ITEM_COUNT; i++) {
		enum att_item item = (enum att_item)i;
		att_bytes there = att_collateral_get(to, item);
		att_bytes fetched = att_collateral_get(from, item);

		if (there.len || !fetched.len)
			continue;
		att_rc rc = att_collateral_set(to, item, fetched, err);
		if (rc != ATT_OK)
			return rc;
	}
	return ATT_OK;
}

static bool lacks(const att_collateral *c)
{
	for (size_t i = 0; i < ATT_QVE_ITEMS; i++) {
		if (!att_collateral_get(c, att_qve_items[i]).len)
			return true;
	}
	return false;
}

static att_rc fetch(struct cli_case *k, att_fetcher *f, const att_evidence *evidence,
		    const struct att_fetch_set *set, att_err *err)
{
	auto_trace att_fetch_trace *trace = att_fetch_trace_new();
	auto_collateral att_collateral *fetched = NULL;

	if (!trace)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	att_rc rc = att_fetch_collateral(f, evidence, set, k->time, &fetched, trace, err);
	att_rc kept = keep_steps(trace, &k->fetched, err);
	if (rc != ATT_OK || kept != ATT_OK)
		return rc != ATT_OK ? rc : kept;
	if (k->collateral)
		return fill(k->collateral, fetched, err);
	k->collateral = ATT_STEAL(fetched);
	return ATT_OK;
}

enum cli_exit cli_fetch_case(struct cli *c, const struct cli_args *a, struct cli_case *k)
{
	auto_roots att_roots *roots = NULL;
	auto_fetcher att_fetcher *f = NULL;
	auto_evidence att_evidence *evidence = NULL;
	att_err err = { 0 };

	if (k->collateral && !lacks(k->collateral))
		return CLI_ACCEPTED;
	/* Evidence that can not be read has no platform to ask about; the judgement says why. */
	if (att_evidence_parse(att_buf_bytes(&k->evidence), &evidence, &err) != ATT_OK) {
		if (!k->collateral)
			k->collateral = att_collateral_new();
		return CLI_ACCEPTED;
	}
	if (cli_case_roots(k, &roots, &err) != ATT_OK) {
		cli_error(c, "%s", err.msg);
		return err.rc == ATT_E_NOMEM || err.rc == ATT_E_UNAVAILABLE ? CLI_NO_ANSWER
									    : CLI_USAGE;
	}
	struct att_fetch_set set;
	enum cli_exit code = cli_fetcher_new(c, a, roots, &f, &set);
	if (code != CLI_ACCEPTED)
		return code;
	att_rc rc = fetch(k, f, evidence, &set, &err);
	cli_fetcher_warn(c, f);
	if (rc == ATT_OK)
		return CLI_ACCEPTED;
	if (rc == ATT_E_NOMEM) {
		cli_error(c, "out of memory");
		return CLI_NO_ANSWER;
	}
	if (k->collateral) /* given, and still incomplete: the judgement names what is missing */
		cli_warning(c, "fetching what is missing: %s", err.msg);
	else
		k->collateral_err = err;
	return CLI_ACCEPTED;
}
