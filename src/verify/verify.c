/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "base/error.h"
#include "base/mem.h"
#include "verify/verifier.h"

ATT_DEFINE_CLEANUP(report, att_report, att_report_free)
ATT_DEFINE_CLEANUP(verdict, att_verdict, att_verdict_free)
ATT_DEFINE_CLEANUP(p256, att_p256, att_p256_free)
ATT_DEFINE_CLEANUP(compiled, struct att_compiled, att_compiled_unref)

/* The one exit: a verdict exists only when every check held or does not apply. */
static att_rc say_outcome(const struct att_report *r, att_err *err)
{
	enum att_check_no c = att_report_decisive(r);
	struct att_check check;

	if (c == CK_COUNT && att_report_authentic(r))
		return ATT_OK;
	if (c == CK_COUNT)
		return att_fail(err, ATT_E_UNAVAILABLE, "not every check could run");
	att_report_check(r, c, &check);
	return att_fail(err, att_report_rc(r), "%s: expected %s, seen %s", check.id, check.expected,
			check.seen);
}

att_rc att_run_into(struct att_run *run, struct att_verdict *v, bool *authentic, att_err *err)
{
	*authentic = false;
	att_rc rc = att_run_all(run, err);
	att_run_release(run);
	if (rc != ATT_OK)
		return rc;
	rc = say_outcome(run->r, err);
	*authentic = rc == ATT_OK;
	if (!*authentic || !v)
		return rc;
	v->claims = *run->claims;
	att_facts_copy(&v->facts, &run->r->facts);
	return rc;
}

att_rc att_verify(const struct att_verify_in *in, att_report **report, att_verdict **verdict,
		  att_err *err)
{
	__attribute__((cleanup(report_cleanup))) att_report *r = NULL;
	__attribute__((cleanup(verdict_cleanup))) att_verdict *v = NULL;
	__attribute__((cleanup(p256_cleanup))) att_p256 *tools = NULL;
	__attribute__((cleanup(compiled_cleanup))) struct att_compiled *k = NULL;
	bool authentic;

	if (report)
		*report = NULL;
	if (verdict)
		*verdict = NULL;
	att_rc rc = att_run_arguments(in, err);
	if (rc != ATT_OK)
		return rc;
	if (!in->collateral)
		return att_fail(err, ATT_E_ARG, "no collateral given");
	r = calloc(1, sizeof(*r));
	v = calloc(1, sizeof(*v));
	if (!r || !v)
		return att_fail(err, ATT_E_NOMEM, "verification: out of memory");
	rc = att_p256_like(in->roots->tools, &tools, err);
	if (rc != ATT_OK)
		return rc;
	rc = att_compile(in->collateral, tools, &k, err);
	if (rc != ATT_OK)
		return rc;
	att_report_reset(r, in->now);
	att_compiled_ref(k);
	r->facts.compiled = k;
	struct att_run run = { .in = in, .k = k, .tools = tools, .r = r };
	rc = att_run_into(&run, v, &authentic, err);
	if (rc == ATT_E_NOMEM)
		return rc;
	if (report)
		*report = ATT_STEAL(r);
	if (verdict && authentic)
		*verdict = ATT_STEAL(v);
	return rc;
}
