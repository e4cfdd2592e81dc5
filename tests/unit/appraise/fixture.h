/* SPDX-License-Identifier: Apache-2.0 */
/* Verdicts made by hand: what each test varies is its own business. */
#ifndef ATT_TEST_APPRAISE_FIXTURE_H
#define ATT_TEST_APPRAISE_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attest/appraise.h"
#include "verify/report.h"

#define TEXT(s) att_bytes_of((s), strlen(s))
#define DAY     INT64_C(86400)
#define NOW     INT64_C(1752919277) /* 2025-07-19T10:01:17Z */

static inline void fixture_common(struct att_verdict *v)
{
	struct att_facts *f = &v->facts;

	f->time = NOW;
	f->tcb.status = ATT_TCB_UP_TO_DATE;
	f->tcb.platform =
	    (struct att_tcb_part){ .status = ATT_TCB_UP_TO_DATE, .date = NOW - 400 * DAY };
	f->tcb.qe = (struct att_tcb_part){ .status = ATT_TCB_UP_TO_DATE, .date = NOW - 300 * DAY };
	f->collateral.tcb_info_issue = NOW - 5 * DAY;
	f->collateral.qe_identity_issue = NOW - 4 * DAY;
	f->collateral.pck_crl_this_update = NOW - 6 * DAY;
	f->collateral.root_crl_this_update = NOW - 300 * DAY;
	f->collateral.tcb_evaluation = 17;
	f->collateral.qe_evaluation = 16;
	f->platform.present = true;
	f->platform.platform_ca = true;
	memcpy(f->platform.fmspc, "\x00\x60\x6a\x00\x00\x00", 6);
	f->platform.sgx_type = 1;
	f->platform.has_instance_id = true;
	memset(f->platform.instance_id, 0x1d, 16);
	f->platform.dynamic_platform = ATT_TRUE;
	f->platform.cached_keys = ATT_TRUE;
	f->platform.smt_enabled = ATT_TRUE;
	f->root.present = true;
	memset(f->root.key_sha256, 0x40, 32);
	f->advisories[0] = "INTEL-SA-00289";
	f->advisories[1] = "INTEL-SA-00615";
	f->tcb.advisories = f->advisories;
	f->tcb.advisory_count = 2;
}

/* mr_enclave e1…, mr_signer 51…, product 7, version 3; not debug. */
static inline void fixture_sgx(struct att_verdict *v)
{
	struct att_sgx_body *s = &v->claims.sgx;

	memset(v, 0, sizeof(*v));
	fixture_common(v);
	v->claims.kind = ATT_KIND_SGX_QUOTE;
	memset(s->mr_enclave, 0xe1, 32);
	memset(s->mr_signer, 0x51, 32);
	s->isv_prod_id = 7;
	s->isv_svn = 3;
	s->attributes = 0x5;
	s->xfrm = 0xe7;
	memset(s->report_data, 0xaa, 32);
}

/* mr_td 7d…, rtmr0 to 3 a0… to a3…; not debug, not migratable, no service TD. */
static inline void fixture_tdx(struct att_verdict *v)
{
	struct att_td_body *t = &v->claims.td;

	memset(v, 0, sizeof(*v));
	fixture_common(v);
	v->claims.kind = ATT_KIND_TDX_QUOTE;
	memset(t->mr_td, 0x7d, 48);
	for (int i = 0; i < 4; i++)
		memset(t->rtmr[i], 0xa0 + i, 48);
	t->td_attributes = ATT_TD_SEPT_VE_DISABLE;
	t->xfam = 0x600e7;
	t->has_15 = true;
	v->facts.tcb.module =
	    (struct att_tcb_part){ .status = ATT_TCB_UP_TO_DATE, .date = NOW - 200 * DAY };
}

/* A policy of one alternative with these members. Freed by the caller. */
static inline att_policy *fixture_policy(const char *members)
{
	char text[4096];
	att_policy *p = NULL;
	att_err err = { 0 };

	snprintf(text, sizeof(text), "{\"version\":1,\"any_of\":[{%s}]}", members);
	if (att_policy_parse(TEXT(text), &p, &err) != ATT_OK)
		fail_msg("%s: %s", members, err.msg);
	return p;
}

/* Judges v by a policy of one alternative and holds the reasons, with " | " between, against
 * `want`; NULL wants acceptance. */
static inline void fixture_judge(const struct att_verdict *v, const char *members, const char *want)
{
	att_policy *p = fixture_policy(members);
	att_appraisal *why = NULL;
	att_result *result = NULL;
	char all[4096] = "";
	size_t at = 0;

	att_rc rc = att_appraise(v, p, &why, &result, NULL);
	assert_non_null(why);
	for (size_t i = 0; i < att_appraisal_count(why); i++) {
		int n = snprintf(all + at, sizeof(all) - at, "%s%s", i ? " | " : "",
				 att_appraisal_reason(why, i));
		assert_true(n > 0 && (size_t)n < sizeof(all) - at);
		at += (size_t)n;
	}
	if (strcmp(all, want ? want : "") != 0)
		fail_msg("%s\n  want: %s\n  seen: %s", members, want ? want : "(accepted)", all);
	assert_int_equal(rc, want ? ATT_E_DENIED : ATT_OK);
	assert_int_equal(att_appraisal_accepted(why), !want);
	assert_int_equal(result == NULL, want != NULL);
	att_result_free(result);
	att_appraisal_free(why);
	att_policy_free(p);
}

#endif
