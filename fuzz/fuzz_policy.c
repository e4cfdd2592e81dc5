/* SPDX-License-Identifier: Apache-2.0 */
/* Policies: what parses has a canonical form that parses, is its own canonical form, and judges
 * alike. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attest/appraise.h"
#include "verify/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "policy: %s\n", what);
	abort();
}

static char *canonical(const att_policy *p)
{
	char *text = NULL;

	demand(att_policy_to_json(p, &text, NULL) == ATT_OK, "no canonical form");
	return text;
}

/* The same decision for the same reasons. */
static void judge(const att_policy *a, const att_policy *b, enum att_kind kind, uint8_t fill)
{
	static struct att_verdict v;
	att_appraisal *wa = NULL, *wb = NULL;
	att_result *result = NULL;

	memset(&v, 0, sizeof(v));
	memset(&v.claims, fill, sizeof(v.claims));
	v.claims.kind = kind;
	if (kind == ATT_KIND_TDX_QUOTE)
		v.claims.td.has_15 = fill & 1;
	v.facts.tcb.status = ATT_TCB_UP_TO_DATE;
	v.facts.time = INT64_C(1752919277);
	att_rc ra = att_appraise(&v, a, &wa, &result, NULL);
	att_rc rb = att_appraise(&v, b, &wb, NULL, NULL);
	demand(ra == rb && (ra == ATT_OK || ra == ATT_E_DENIED), "two decisions");
	demand((result != NULL) == (ra == ATT_OK), "a result without acceptance");
	demand(att_appraisal_count(wa) == att_appraisal_count(wb), "other reasons");
	for (size_t i = 0; i < att_appraisal_count(wa); i++)
		demand(strcmp(att_appraisal_reason(wa, i), att_appraisal_reason(wb, i)) == 0,
		       "other words");
	demand(ra != ATT_OK || att_appraisal_count(wa) == 0, "accepted, with reasons against it");
	demand(ra == ATT_OK || att_appraisal_count(wa) > 0, "refused without a reason");
	att_result_free(result);
	att_appraisal_free(wa);
	att_appraisal_free(wb);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	att_policy *p = NULL, *again = NULL;
	att_err err;

	if (att_policy_parse(att_bytes_of(data, size), &p, &err) != ATT_OK) {
		demand(p == NULL && err.msg[0], "refused in silence");
		return 0;
	}
	char *first = canonical(p);
	demand(strlen(first) > ((size_t)64 << 10) ||
		   att_policy_parse(att_bytes_of(first, strlen(first)), &again, &err) == ATT_OK,
	       "its canonical form is refused");
	if (again) {
		char *second = canonical(again);
		demand(strcmp(first, second) == 0, "another canonical form");
		demand(att_policy_pins(p) == att_policy_pins(again), "other pins");
		judge(p, again, ATT_KIND_SGX_QUOTE, 0);
		judge(p, again, ATT_KIND_TDX_QUOTE, 0xff);
		free(second);
	}
	free(first);
	att_policy_free(p);
	att_policy_free(again);
	return 0;
}
