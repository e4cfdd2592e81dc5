/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"
#include "verify/roots.h"

#define ANY "\"any_measurement\":true"
#define A1  "alternative 1: "

static void statuses(void **state)
{
	(void)state;
	static const char *const names[] = {
		"UpToDate",
		"SWHardeningNeeded",
		"ConfigurationNeeded",
		"ConfigurationAndSWHardeningNeeded",
		"TDRelaunchAdvised",
		"TDRelaunchAdvisedConfigurationNeeded",
		"OutOfDate",
		"OutOfDateConfigurationNeeded",
	};
	struct att_verdict v;
	char members[200], want[200];

	fixture_sgx(&v);
	for (size_t i = 0; i < 8; i++) {
		v.facts.tcb.status = att_tcb_status_of(names[i], strlen(names[i]));
		assert_int_not_equal(v.facts.tcb.status, ATT_TCB_NONE);
		snprintf(want, sizeof(want), A1 "tcb_status: expected UpToDate, seen %s", names[i]);
		fixture_judge(&v, ANY, i == 0 ? NULL : want);
		for (size_t k = 0; k < 8; k++) {
			snprintf(members, sizeof(members), ANY ",\"tcb_status\":[\"%s\"]",
				 names[k]);
			snprintf(want, sizeof(want), A1 "tcb_status: expected %s, seen %s",
				 names[k], names[i]);
			fixture_judge(&v, members, i == k ? NULL : want);
		}
	}
	/* never in a verdict; were they, nothing could accept them */
	static const enum att_tcb_status never[] = { ATT_TCB_NONE, ATT_TCB_REVOKED,
						     ATT_TCB_NOT_SUPPORTED };
	static const char *const seen[] = { "none", "Revoked", "NotSupported" };
	for (size_t i = 0; i < 3; i++) {
		v.facts.tcb.status = never[i];
		snprintf(want, sizeof(want), A1 "tcb_status: expected UpToDate, seen %s", seen[i]);
		fixture_judge(&v, ANY, want);
	}
}

#define GRACE ",\"grace\":{\"tcb_status\":[\"OutOfDate\"],\"for\":\"30d\"}"

static void grace(void **state)
{
	(void)state;
	struct att_verdict v;

	fixture_sgx(&v);
	fixture_judge(&v, ANY GRACE, NULL);
	v.facts.tcb.status = v.facts.tcb.platform.status = ATT_TCB_OUT_OF_DATE;
	v.facts.tcb.platform.newer_date = NOW - 30 * DAY;
	fixture_judge(&v, ANY GRACE, NULL);
	v.facts.tcb.platform.newer_date = NOW - 30 * DAY - 1;
	fixture_judge(&v, ANY GRACE,
		      A1
		      "tcb_status: expected UpToDate, seen OutOfDate, and the grace of 30d since "
		      "2025-06-19T10:01:16Z is over");
	/* no newer level is known: there is nothing to count from */
	v.facts.tcb.platform.newer_date = 0;
	fixture_judge(&v, ANY GRACE,
		      A1 "tcb_status: expected UpToDate, seen OutOfDate, and no newer level to "
			 "count grace from");
	/* a status grace does not name */
	v.facts.tcb.platform.newer_date = NOW - DAY;
	v.facts.tcb.status = ATT_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED;
	fixture_judge(&v, ANY GRACE,
		      A1 "tcb_status: expected UpToDate, seen OutOfDateConfigurationNeeded");
}

static void grace_over_parts(void **state)
{
	(void)state;
	struct att_verdict v;

	/* the earliest of the parts that are to blame counts */
	fixture_tdx(&v);
	v.facts.tcb.status = ATT_TCB_OUT_OF_DATE;
	v.facts.tcb.platform.status = v.facts.tcb.module.status = v.facts.tcb.qe.status =
	    ATT_TCB_OUT_OF_DATE;
	v.facts.tcb.platform.newer_date = NOW - 2 * DAY;
	v.facts.tcb.module.newer_date = NOW - 31 * DAY;
	v.facts.tcb.qe.newer_date = NOW - 3 * DAY;
	fixture_judge(&v, ANY GRACE,
		      A1
		      "tcb_status: expected UpToDate, seen OutOfDate, and the grace of 30d since "
		      "2025-06-18T10:01:17Z is over");
	v.facts.tcb.module.newer_date = NOW - 29 * DAY;
	fixture_judge(&v, ANY GRACE, NULL);
	/* one that is accepted as it is does not count, however old its newer level */
	v.facts.tcb.platform.status = ATT_TCB_UP_TO_DATE;
	v.facts.tcb.platform.newer_date = NOW - 900 * DAY;
	fixture_judge(&v, ANY GRACE, NULL);
	/* unless convergence alone made the status: then all count */
	v.facts.tcb.module.status = v.facts.tcb.qe.status = ATT_TCB_UP_TO_DATE;
	fixture_judge(&v, ANY GRACE,
		      A1
		      "tcb_status: expected UpToDate, seen OutOfDate, and the grace of 30d since "
		      "2023-01-31T10:01:17Z is over");
	/* a part that was not judged never counts */
	v.facts.tcb.platform.status = ATT_TCB_NONE;
	fixture_judge(&v, ANY GRACE, NULL);
}

static void tcb_dates(void **state)
{
	(void)state;
	struct att_verdict v;

	fixture_tdx(&v); /* platform 400, QE 300, module 200 days old */
	fixture_judge(&v, ANY ",\"min_tcb_date\":\"2024-06-14T10:01:17Z\"", NULL);
	fixture_judge(&v, ANY ",\"min_tcb_date\":\"2024-06-14T10:01:18Z\"",
		      A1 "min_tcb_date: expected 2024-06-14T10:01:18Z or later, seen "
			 "2024-06-14T10:01:17Z (platform)");
	v.facts.tcb.platform.date = NOW;
	fixture_judge(
	    &v, ANY ",\"min_tcb_date\":\"2025-01-01\"",
	    A1
	    "min_tcb_date: expected 2025-01-01T00:00:00Z or later, seen 2024-09-22T10:01:17Z (QE)");
	v.facts.tcb.qe.date = NOW;
	fixture_judge(&v, ANY ",\"min_tcb_date\":\"2025-01-01\"",
		      A1 "min_tcb_date: expected 2025-01-01T00:00:00Z or later, seen "
			 "2024-12-31T10:01:17Z (module)");
	/* an SGX platform has no module */
	v.facts.tcb.module = (struct att_tcb_part){ 0 };
	fixture_judge(&v, ANY ",\"min_tcb_date\":\"2025-01-01\"", NULL);
	/* a part without a date can not show that it is new enough */
	v.facts.tcb.qe.date = 0;
	fixture_judge(&v, ANY ",\"min_tcb_date\":\"1970-01-01\"",
		      A1 "min_tcb_date: expected 1970-01-01T00:00:00Z or later, seen no TCB date");
	v.facts.tcb.qe.status = v.facts.tcb.platform.status = ATT_TCB_NONE;
	fixture_judge(&v, ANY ",\"min_tcb_date\":\"1970-01-01\"",
		      A1 "min_tcb_date: expected 1970-01-01T00:00:00Z or later, seen no TCB date");
}

static void advisories(void **state)
{
	(void)state;
	struct att_verdict v;

	fixture_sgx(&v); /* INTEL-SA-00289, INTEL-SA-00615 */
	fixture_judge(
	    &v, ANY ",\"advisories_allowed\":[\"INTEL-SA-00615\",\"INTEL-SA-00289\",\"X\"]", NULL);
	fixture_judge(
	    &v, ANY ",\"advisories_allowed\":[\"INTEL-SA-00289\"]",
	    A1
	    "advisories_allowed: expected no advisory outside the list of 1, seen INTEL-SA-00615");
	fixture_judge(
	    &v, ANY ",\"advisories_allowed\":[]",
	    A1
	    "advisories_allowed: expected no advisory outside the list of 0, seen INTEL-SA-00289, "
	    "INTEL-SA-00615");
	/* whole ids only */
	fixture_judge(
	    &v, ANY ",\"advisories_allowed\":[\"INTEL-SA-0028\",\"INTEL-SA-006155\"]",
	    A1
	    "advisories_allowed: expected no advisory outside the list of 2, seen INTEL-SA-00289, "
	    "INTEL-SA-00615");
	fixture_judge(
	    &v, ANY ",\"advisories_refused\":[\"INTEL-SA-00615\"]",
	    A1 "advisories_refused: expected no advisory of the list of 1, seen INTEL-SA-00615");
	fixture_judge(&v, ANY ",\"advisories_refused\":[\"INTEL-SA-00001\"]", NULL);
	fixture_judge(&v, ANY ",\"advisories_refused\":[]", NULL);
	v.facts.tcb.advisory_count = 0;
	fixture_judge(&v, ANY ",\"advisories_allowed\":[]", NULL);

	/* more than a reason holds: cut, and said to be */
	static char ids[60][16];
	for (int i = 0; i < 60; i++) {
		snprintf(ids[i], sizeof(ids[i]), "INTEL-SA-%05d", i);
		v.facts.advisories[i] = ids[i];
	}
	v.facts.tcb.advisory_count = 60;
	att_policy *p = fixture_policy(ANY ",\"advisories_allowed\":[]");
	att_appraisal *why;
	assert_int_equal(att_appraise(&v, p, &why, NULL, NULL), ATT_E_DENIED);
	assert_non_null(strstr(att_appraisal_reason(why, 0), "INTEL-SA-00010, "));
	assert_non_null(strstr(att_appraisal_reason(why, 0), ", …"));
	att_appraisal_free(why);
	att_policy_free(p);
}

static void evaluations(void **state)
{
	(void)state;
	struct att_verdict v;

	fixture_sgx(&v); /* 17 and 16 */
	fixture_judge(&v, ANY ",\"min_tcb_evaluation\":17,\"min_qe_evaluation\":16", NULL);
	fixture_judge(&v, ANY ",\"min_tcb_evaluation\":18,\"min_qe_evaluation\":17",
		      A1 "min_tcb_evaluation: expected at least 18, seen 17 | " A1
			 "min_qe_evaluation: expected at least 17, seen 16");
	v.facts.collateral.tcb_evaluation = v.facts.collateral.qe_evaluation = -1;
	fixture_judge(&v, ANY ",\"min_tcb_evaluation\":0,\"min_qe_evaluation\":0",
		      A1 "min_tcb_evaluation: expected at least 0, seen unknown | " A1
			 "min_qe_evaluation: expected at least 0, seen unknown");
}

static void collateral_age(void **state)
{
	(void)state;
	struct att_verdict v;
	struct att_collateral_facts *c = &v.facts.collateral;

	fixture_sgx(&v); /* TCB info 5, QE identity 4, PCK CRL 6, root CRL 300 days old */
	fixture_judge(&v, ANY ",\"max_collateral_age\":\"6d\"", NULL);
	fixture_judge(&v, ANY ",\"max_collateral_age\":518399",
		      A1 "max_collateral_age: expected at most 518399s old, seen PCK CRL of "
			 "2025-07-13T10:01:17Z");
	c->tcb_info_issue = NOW - 8 * DAY;
	fixture_judge(
	    &v, ANY ",\"max_collateral_age\":\"7d\"",
	    A1
	    "max_collateral_age: expected at most 7d old, seen TCB info of 2025-07-11T10:01:17Z");
	c->qe_identity_issue = NOW - 9 * DAY;
	fixture_judge(&v, ANY ",\"max_collateral_age\":\"7d\"",
		      A1 "max_collateral_age: expected at most 7d old, seen QE identity of "
			 "2025-07-10T10:01:17Z");
	c->pck_crl_this_update = 0;
	fixture_judge(
	    &v, ANY ",\"max_collateral_age\":\"36500d\"",
	    A1 "max_collateral_age: expected at most 36500d old, seen PCK CRL without a date");
}

static void platform(void **state)
{
	(void)state;
#define ID "1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d"
	struct att_verdict v;

	fixture_sgx(&v);
	fixture_judge(&v,
		      ANY ",\"fmspc\":[\"00606a000000\"],\"platform_instance_id\":\"" ID
			  "\",\"sgx_type\":\"Scalable\"",
		      NULL);
	fixture_judge(&v, ANY ",\"fmspc\":[\"00606a000001\",\"00806f050000\"]",
		      A1 "fmspc: expected 00606a000001 or one of 1 others, seen 00606a000000");
	fixture_judge(&v, ANY ",\"platform_instance_id\":\"00000000000000000000000000000000\"",
		      A1
		      "platform_instance_id: expected 00000000000000000000000000000000, seen " ID);
	fixture_judge(&v, ANY ",\"sgx_type\":[\"Standard\",\"ScalableWithIntegrity\"]",
		      A1 "sgx_type: expected Standard, ScalableWithIntegrity, seen Scalable");
	v.facts.platform.sgx_type = 3;
	fixture_judge(&v, ANY ",\"sgx_type\":[\"Standard\",\"Scalable\",\"ScalableWithIntegrity\"]",
		      A1
		      "sgx_type: expected Standard, Scalable, ScalableWithIntegrity, seen type 3");
	v.facts.platform.sgx_type = 200;
	fixture_judge(&v, ANY ",\"sgx_type\":\"Standard\"",
		      A1 "sgx_type: expected Standard, seen type 200");
	v.facts.platform.has_instance_id = false;
	fixture_judge(&v, ANY ",\"platform_instance_id\":\"" ID "\"",
		      A1 "platform_instance_id: expected " ID ", seen none in the PCK certificate");
	v.facts.platform.present = false;
	fixture_judge(&v, ANY ",\"fmspc\":\"00606a000000\",\"sgx_type\":\"Standard\"",
		      A1 "fmspc: expected 00606a000000, seen no PCK certificate | " A1
			 "sgx_type: expected Standard, seen no PCK certificate");
}

static void platform_configuration(void **state)
{
	(void)state;
#define ALL     ",\"smt\":\"off\",\"dynamic_platform\":false,\"cached_keys\":false"
#define UNKNOWN "unknown: the PCK certificate does not say"
	static const char unknown[] = A1 "smt: expected off, seen " UNKNOWN " | " A1
					 "dynamic_platform: expected false, seen " UNKNOWN " | " A1
					 "cached_keys: expected false, seen " UNKNOWN;
	struct att_verdict v;

	fixture_sgx(&v);
	fixture_judge(&v, ANY ALL,
		      A1 "smt: expected off, seen on | " A1
			 "dynamic_platform: expected false, seen true | " A1
			 "cached_keys: expected false, seen true");
	v.facts.platform.smt_enabled = v.facts.platform.dynamic_platform =
	    v.facts.platform.cached_keys = ATT_FALSE;
	fixture_judge(&v, ANY ALL, NULL);
	v.facts.platform.present = false;
	fixture_judge(&v, ANY ALL, unknown);
	v.facts.platform.present = true;
	v.facts.platform.smt_enabled = v.facts.platform.dynamic_platform =
	    v.facts.platform.cached_keys = ATT_UNKNOWN;
	fixture_judge(&v, ANY ALL, unknown);
	fixture_judge(&v, ANY, NULL);
}

static void roots(void **state)
{
	(void)state;
#define K40 "4040404040404040404040404040404040404040404040404040404040404040"
	static const uint8_t intel[32] = {
		0xa0, 0xaf, 0x03, 0x12, 0x89, 0xf5, 0xd5, 0xd4, 0x13, 0x2f, 0x91,
		0x86, 0x06, 0x8a, 0x7f, 0xc1, 0x36, 0x28, 0x63, 0x3b, 0xa2, 0x35,
		0x77, 0x74, 0x72, 0xe2, 0x9b, 0x6b, 0x6c, 0x67, 0xa4, 0x9e,
	};
	struct att_verdict v;

	fixture_sgx(&v);
	fixture_judge(&v, ANY ",\"roots\":[\"" K40 "\"]", NULL);
	fixture_judge(&v, ANY ",\"roots\":[\"intel\",\"" K40 "\"]", NULL);
	fixture_judge(&v, ANY ",\"roots\":\"intel\"",
		      A1 "roots: expected intel, seen 4040404040404040…");
	memcpy(v.facts.root.key_sha256, intel, 32);
	fixture_judge(&v, ANY ",\"roots\":\"intel\"", NULL);
	fixture_judge(&v, ANY ",\"roots\":[\"" K40 "\"]",
		      A1 "roots: expected 4040404040404040…, seen a0af031289f5d5d4…");
	v.facts.root.present = false;
	fixture_judge(&v, ANY ",\"roots\":\"intel\"", A1 "roots: expected intel, seen no root");

	att_roots *known = att_roots_intel();
	assert_non_null(known);
	assert_memory_equal(known->root[0].facts.key_sha256, intel, sizeof(intel));
	att_roots_free(known);
}

static void simulated(void **state)
{
	(void)state;
	struct att_verdict v;

	fixture_sgx(&v);
	v.facts.root.simulated = true;
	fixture_judge(&v, ANY,
		      A1 "allow_simulated: expected a real platform, seen a simulated one");
	fixture_judge(&v, ANY ",\"allow_simulated\":false",
		      A1 "allow_simulated: expected a real platform, seen a simulated one");
	fixture_judge(&v, ANY ",\"allow_simulated\":true", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(statuses),
		cmocka_unit_test(grace),
		cmocka_unit_test(grace_over_parts),
		cmocka_unit_test(tcb_dates),
		cmocka_unit_test(advisories),
		cmocka_unit_test(evaluations),
		cmocka_unit_test(collateral_age),
		cmocka_unit_test(platform),
		cmocka_unit_test(platform_configuration),
		cmocka_unit_test(roots),
		cmocka_unit_test(simulated),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
