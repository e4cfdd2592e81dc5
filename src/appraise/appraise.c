/* SPDX-License-Identifier: Apache-2.0 */
/* The decision: every alternative is judged by every member, and what failed is said. */
#include <string.h>

#include "appraise/policy.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"
#include "verify/report.h"

struct att_appraisal {
	int alternative; /* that matched; -1 */
	bool pinned;
	char **reason;
	size_t count;
};

struct att_result {
	struct att_verdict verdict;
};

ATT_DEFINE_CLEANUP(appraisal, att_appraisal, att_appraisal_free)
#define att_auto_appraisal __attribute__((cleanup(appraisal_cleanup))) att_appraisal

static void drop_reasons(att_appraisal *a)
{
	for (size_t i = 0; i < a->count; i++)
		free(a->reason[i]);
	free(a->reason);
	a->reason = NULL;
	a->count = 0;
}

void att_appraisal_free(att_appraisal *a)
{
	if (!a)
		return;
	drop_reasons(a);
	free(a);
}

static att_rc add_reason(att_appraisal *a, att_buf *b, att_err *err)
{
	char *text = att_buf_steal_str(b);
	char **list = text ? realloc(a->reason, (a->count + 1) * sizeof(*list)) : NULL;

	if (!list) {
		free(text);
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	}
	a->reason = list;
	a->reason[a->count++] = text;
	return ATT_OK;
}

static bool speaks_of(const struct att_member *m, const struct att_subject *s)
{
	return m->scope == ATT_SCOPE_ANY || m->scope == (s->td ? ATT_SCOPE_TDX : ATT_SCOPE_SGX);
}

/* All members are checked, so that one answer tells all there is to mend. Members for the other
 * kind of TEE are left to what `kind` says. `*held` is false when any failed. */
static att_rc judge_alternative(struct att_subject *s, size_t index, att_appraisal *a, bool *held,
				att_err *err)
{
	*held = true;
	for (size_t i = 0; i < ATT_M_COUNT; i++) {
		const struct att_member *m = &att_members[i];
		struct att_reason why = { 0 };
		att_auto_buf att_buf b = { 0 };

		if (!m->check || !(s->alt->term[i].set || m->always) || !speaks_of(m, s))
			continue;
		struct att_term t = att_term_of(s->policy, s->alt, i);
		if (m->check(m, &t, s, &why))
			continue;
		*held = false;
		att_putf(&b, "alternative %zu: %s: expected %s, seen %s", index + 1, m->name,
			 why.expected, why.seen);
		att_rc rc = add_reason(a, &b, err);
		if (rc != ATT_OK)
			return rc;
	}
	return ATT_OK;
}

static att_rc judge(const att_verdict *verdict, const att_policy *policy, att_appraisal *a,
		    att_err *err)
{
	const struct att_claims *claims = att_verdict_claims(verdict);
	struct att_subject s = {
		.policy = policy,
		.verdict = verdict,
		.claims = claims,
		.td = claims->kind == ATT_KIND_TDX_QUOTE ? &claims->td : NULL,
		.sgx = claims->kind == ATT_KIND_TDX_QUOTE ? NULL : &claims->sgx,
		.tcb = att_verdict_tcb(verdict),
		.platform = att_verdict_platform(verdict),
	};

	a->alternative = -1;
	for (size_t i = 0; i < policy->count; i++) {
		bool held = false;
		s.alt = &policy->alt[i];
		att_rc rc = judge_alternative(&s, i, a, &held, err);
		if (rc != ATT_OK)
			return rc;
		if (held) {
			drop_reasons(a);
			a->alternative = (int)i;
			a->pinned = att_alternative_pins(s.alt);
			return ATT_OK;
		}
	}
	if (policy->count > 0)
		return ATT_OK;
	att_auto_buf att_buf b = { 0 };
	att_put_str(&b, "policy: any_of is empty and accepts nothing");
	return add_reason(a, &b, err);
}

static att_rc denied(const att_appraisal *a, att_err *err)
{
	if (a->count == 0)
		return att_fail(err, ATT_E_DENIED, "denied by policy");
	if (a->count > 1)
		return att_fail(err, ATT_E_DENIED, "denied by policy: %.180s (and %zu more)",
				a->reason[0], a->count - 1);
	return att_fail(err, ATT_E_DENIED, "denied by policy: %.200s", a->reason[0]);
}

att_rc att_appraise(const att_verdict *verdict, const att_policy *policy, att_appraisal **why,
		    att_result **out, att_err *err)
{
	att_auto_appraisal *a = NULL;
	att_auto_mem att_result *result = NULL;

	if (why)
		*why = NULL;
	if (out)
		*out = NULL;
	a = calloc(1, sizeof(*a));
	result = malloc(sizeof(*result));
	if (!a || !result)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	att_rc rc = judge(verdict, policy, a, err);
	if (rc != ATT_OK)
		return rc;
	if (a->alternative < 0) {
		rc = denied(a, err);
	} else if (out) {
		result->verdict.claims = verdict->claims;
		result->verdict.next_free = NULL;
		att_facts_copy(&result->verdict.facts, &verdict->facts);
		*out = ATT_STEAL(result);
	}
	if (why)
		*why = ATT_STEAL(a);
	return rc;
}

bool att_appraisal_accepted(const att_appraisal *a)
{
	return a->alternative >= 0;
}

size_t att_appraisal_count(const att_appraisal *a)
{
	return a->count;
}

const char *att_appraisal_reason(const att_appraisal *a, size_t i)
{
	return i < a->count ? a->reason[i] : NULL;
}

int att_appraisal_alternative(const att_appraisal *a)
{
	return a->alternative;
}

bool att_appraisal_pinned(const att_appraisal *a)
{
	return a->alternative >= 0 && a->pinned;
}

void att_result_free(att_result *r)
{
	if (!r)
		return;
	att_facts_release(&r->verdict.facts);
	free(r);
}

const att_verdict *att_result_verdict(const att_result *r)
{
	return &r->verdict;
}
