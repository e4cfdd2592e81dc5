/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"

#define E1  "e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1"
#define Z32 "0000000000000000000000000000000000000000000000000000000000000000"

static att_policy *parse(const char *text)
{
	att_policy *p;
	att_err err = { 0 };

	if (att_policy_parse(TEXT(text), &p, &err) != ATT_OK)
		fail_msg("%s", err.msg);
	return p;
}

/* Each alternative says everything that kept it from matching. */
static void every_reason_of_every_alternative(void **state)
{
	(void)state;
	static const char *const want[] = {
		"alternative 1: mr_enclave: expected 0000000000000000…, seen e1e1e1e1e1e1e1e1…",
		"alternative 1: min_isv_svn: expected at least 9, seen 3",
		"alternative 1: tcb_status: expected UpToDate, seen OutOfDate",
		"alternative 2: kind: expected tdx, seen sgx",
		"alternative 2: tcb_status: expected UpToDate, seen OutOfDate",
	};
	struct att_verdict v;
	att_appraisal *why;
	att_result *r;
	att_err err = { 0 };
	att_policy *p =
	    parse("{\"version\":1,\"any_of\":[{\"mr_enclave\":\"" Z32 "\",\"min_isv_svn\":9},"
		  "{\"kind\":\"tdx\",\"any_measurement\":true}]}");

	fixture_sgx(&v);
	v.facts.tcb.status = ATT_TCB_OUT_OF_DATE;
	assert_int_equal(att_appraise(&v, p, &why, &r, &err), ATT_E_DENIED);
	assert_null(r);
	assert_false(att_appraisal_accepted(why));
	assert_false(att_appraisal_pinned(why));
	assert_int_equal(att_appraisal_alternative(why), -1);
	assert_int_equal(att_appraisal_count(why), 5);
	for (size_t i = 0; i < 5; i++)
		assert_string_equal(att_appraisal_reason(why, i), want[i]);
	assert_null(att_appraisal_reason(why, 5));
	assert_int_equal(err.rc, ATT_E_DENIED);
	assert_non_null(strstr(
	    err.msg, "denied by policy: alternative 1: mr_enclave: expected 0000000000000000…"));
	assert_non_null(strstr(err.msg, "(and 4 more)"));
	att_appraisal_free(why);
	assert_int_equal(att_appraise(&v, p, NULL, NULL, NULL), ATT_E_DENIED);
	att_policy_free(p);
}

static void the_first_match_counts(void **state)
{
	(void)state;
	struct att_verdict v;
	att_appraisal *why;
	att_result *r;
	att_policy *p = parse("{\"version\":1,\"any_of\":[{\"mr_enclave\":\"" Z32
			      "\"},{\"mr_enclave\":\"" E1 "\"},"
			      "{\"any_measurement\":true}]}");

	fixture_sgx(&v);
	assert_int_equal(att_appraise(&v, p, &why, &r, NULL), ATT_OK);
	assert_true(att_appraisal_accepted(why));
	assert_true(att_appraisal_pinned(why));
	assert_int_equal(att_appraisal_alternative(why), 1);
	assert_int_equal(att_appraisal_count(why), 0);
	assert_null(att_appraisal_reason(why, 0));
	att_appraisal_free(why);
	att_result_free(r);

	v.claims.sgx.mr_enclave[31] ^= 1;
	assert_int_equal(att_appraise(&v, p, &why, NULL, NULL), ATT_OK);
	assert_int_equal(att_appraisal_alternative(why), 2);
	assert_false(att_appraisal_pinned(why));
	att_appraisal_free(why);
	att_policy_free(p);
}

static void empty_policy(void **state)
{
	(void)state;
	struct att_verdict v;
	att_appraisal *why;
	att_err err = { 0 };
	att_policy *p = parse("{\"version\":1,\"any_of\":[]}");

	fixture_sgx(&v);
	assert_int_equal(att_appraise(&v, p, &why, NULL, &err), ATT_E_DENIED);
	assert_int_equal(att_appraisal_count(why), 1);
	assert_string_equal(att_appraisal_reason(why, 0),
			    "policy: any_of is empty and accepts nothing");
	assert_string_equal(err.msg,
			    "denied by policy: policy: any_of is empty and accepts nothing");
	att_appraisal_free(why);
	att_policy_free(p);
}

/* The result outlives the verdict it was made from. */
static void the_result_owns_its_verdict(void **state)
{
	(void)state;
	struct att_verdict *v = malloc(sizeof(*v));
	att_result *r;
	att_policy *p = parse("{\"version\":1,\"any_of\":[{\"mr_enclave\":\"" E1 "\"}]}");

	assert_non_null(v);
	fixture_sgx(v);
	assert_int_equal(att_appraise(v, p, NULL, &r, NULL), ATT_OK);
	memset(v, 0xff, sizeof(*v));
	free(v);
	att_policy_free(p);

	const att_verdict *mine = att_result_verdict(r);
	assert_int_equal(att_verdict_claims(mine)->sgx.mr_enclave[0], 0xe1);
	assert_int_equal(att_verdict_tcb(mine)->advisory_count, 2);
	assert_string_equal(att_verdict_tcb(mine)->advisories[1], "INTEL-SA-00615");
	assert_int_equal(att_verdict_time(mine), NOW);
	att_result_free(r);
	att_result_free(NULL);
	att_appraisal_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_reason_of_every_alternative),
		cmocka_unit_test(the_first_match_counts),
		cmocka_unit_test(empty_policy),
		cmocka_unit_test(the_result_owns_its_verdict),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
