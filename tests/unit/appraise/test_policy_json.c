/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"

static void holds(const char *seen, const char *want)
{
	if (strcmp(seen, want) != 0)
		fail_msg("seen:\n%s\nwant:\n%s", seen, want);
}

/* Reviewed as text: what the built-in policy demands of whatever it is given. */
static void builtin(void **state)
{
	(void)state;
	static const char want[] = "{\n"
				   "  \"version\": 1,\n"
				   "  \"any_of\": [\n"
				   "    {\n"
				   "      \"any_measurement\": true,\n"
				   "      \"allow_privileged_keys\": false,\n"
				   "      \"allow_service_td\": false,\n"
				   "      \"allow_migratable\": false,\n"
				   "      \"require_sept_ve_disable\": false,\n"
				   "      \"report_data_bound\": false,\n"
				   "      \"allow_debug\": false,\n"
				   "      \"tcb_status\": [\n"
				   "        \"UpToDate\"\n"
				   "      ],\n"
				   "      \"allow_simulated\": false\n"
				   "    }\n"
				   "  ]\n"
				   "}\n";
	att_policy *p = att_policy_builtin();
	char *text;

	assert_non_null(p);
	assert_int_equal(att_policy_to_json(p, &text, NULL), ATT_OK);
	holds(text, want);
	free(text);
	att_policy_free(p);
}

static void allowances_are_written(void **state)
{
	(void)state;
	att_policy *p = att_policy_builtin();
	char *text;

	assert_int_equal(att_policy_allow_status(p, ATT_TCB_CONFIGURATION_NEEDED, NULL), ATT_OK);
	assert_int_equal(att_policy_allow_simulated(p, NULL), ATT_OK);
	assert_int_equal(att_policy_to_json(p, &text, NULL), ATT_OK);
	assert_non_null(strstr(text, "\"UpToDate\",\n        \"ConfigurationNeeded\"\n"));
	assert_non_null(strstr(text, "\"allow_simulated\": true"));
	free(text);
	att_policy_free(p);
}

/* A template accepts what it was made from, pins it, and none of its measurements may be
 * missing. */
static void template_of_sgx(void **state)
{
	(void)state;
	static const char want[] =
	    "{\n  \"version\": 1,\n  \"any_of\": [\n    {\n"
	    "      \"kind\": \"sgx\",\n"
	    "      \"mr_enclave\": "
	    "\"e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1\",\n"
	    "      \"mr_signer\": "
	    "\"5151515151515151515151515151515151515151515151515151515151515151\",\n"
	    "      \"isv_prod_id\": 7,\n"
	    "      \"min_isv_svn\": 3\n"
	    "    }\n  ]\n}\n";
	struct att_verdict v;
	att_policy *p;
	char *text;

	fixture_sgx(&v);
	assert_int_equal(att_policy_template(&v.claims, &text, NULL), ATT_OK);
	holds(text, want);
	free(text);

	memset(v.claims.sgx.config_id, 0xc1, 64);
	v.claims.sgx.config_svn = 5;
	v.claims.sgx.isv_family_id[0] = 1;
	v.claims.sgx.isv_ext_prod_id[15] = 1;
	assert_int_equal(att_policy_template(&v.claims, &text, NULL), ATT_OK);
	assert_non_null(strstr(text, "\"config_id\": \"c1c1"));
	assert_non_null(strstr(text, "\"min_config_svn\": 5"));
	assert_non_null(strstr(text, "\"isv_family_id\": \"0100"));
	assert_non_null(strstr(text, "\"isv_ext_prod_id\": \"0000"));
	assert_int_equal(att_policy_parse(TEXT(text), &p, NULL), ATT_OK);
	assert_true(att_policy_pins(p));
	assert_null(att_policy_warning(p, 0));
	assert_int_equal(att_appraise(&v, p, NULL, NULL, NULL), ATT_OK);
	v.claims.sgx.config_id[63] ^= 1;
	assert_int_equal(att_appraise(&v, p, NULL, NULL, NULL), ATT_E_DENIED);
	att_policy_free(p);
	free(text);

	v.claims.kind = ATT_KIND_SGX_REPORT;
	assert_int_equal(att_policy_template(&v.claims, &text, NULL), ATT_OK);
	free(text);
	v.claims.kind = (enum att_kind)0;
	assert_int_equal(att_policy_template(&v.claims, &text, NULL), ATT_E_ARG);
	assert_null(text);
}

static void template_of_tdx(void **state)
{
	(void)state;
	struct att_verdict v;
	struct att_td_body *t = &v.claims.td;
	att_policy *p;
	char *text;

	fixture_tdx(&v);
	memset(t->mr_owner, 0x0a, 48);
	memset(t->mr_owner_config, 0x0b, 48);
	memset(t->mr_config_id, 0x0c, 48);
	memset(t->mr_service_td, 0x0d, 48);
	assert_int_equal(att_policy_template(&v.claims, &text, NULL), ATT_OK);
	static const char *const has[] = {
		"\"kind\": \"tdx\"",           "\"mr_td\": \"7d7d",
		"\"rtmr0\": \"a0a0",           "\"rtmr1\": \"a1a1",
		"\"rtmr2\": \"a2a2",           "\"mr_owner\": \"0a0a",
		"\"mr_owner_config\": \"0b0b", "\"mr_config_id\": \"0c0c",
		"\"mr_service_td\": \"0d0d",   "\"require_sept_ve_disable\": true"
	};
	static const char *const has_not[] = { "rtmr3", "mr_seam", "allow_" };
	for (size_t i = 0; i < sizeof(has) / sizeof(has[0]); i++)
		assert_non_null(strstr(text, has[i]));
	for (size_t i = 0; i < sizeof(has_not) / sizeof(has_not[0]); i++)
		assert_null(strstr(text, has_not[i]));
	assert_int_equal(att_policy_parse(TEXT(text), &p, NULL), ATT_OK);
	assert_true(att_policy_pins(p));
	assert_int_equal(att_appraise(&v, p, NULL, NULL, NULL), ATT_OK);
	t->rtmr[3][0] ^= 1;
	assert_int_equal(att_appraise(&v, p, NULL, NULL, NULL), ATT_OK);
	uint8_t *const measured[] = { t->mr_td,        t->rtmr[0],      t->rtmr[1],
				      t->rtmr[2],      t->mr_owner,     t->mr_owner_config,
				      t->mr_config_id, t->mr_service_td };
	for (size_t i = 0; i < sizeof(measured) / sizeof(measured[0]); i++) {
		measured[i][47] ^= 1;
		assert_int_equal(att_appraise(&v, p, NULL, NULL, NULL), ATT_E_DENIED);
		measured[i][47] ^= 1;
	}
	att_policy_free(p);
	free(text);

	/* TDX 1.0, nothing but measurements set */
	fixture_tdx(&v);
	t->has_15 = false;
	t->td_attributes = 0;
	assert_int_equal(att_policy_template(&v.claims, &text, NULL), ATT_OK);
	assert_null(strstr(text, "mr_owner"));
	assert_null(strstr(text, "mr_service_td"));
	assert_null(strstr(text, "sept_ve"));
	free(text);
}

/* Debug is for the author to allow, never for the template. */
static void template_of_debug(void **state)
{
	(void)state;
	struct att_verdict v;
	att_policy *p;
	char *text;

	fixture_sgx(&v);
	v.claims.sgx.attributes |= ATT_SGX_DEBUG;
	assert_int_equal(att_policy_template(&v.claims, &text, NULL), ATT_OK);
	assert_int_equal(att_policy_parse(TEXT(text), &p, NULL), ATT_OK);
	assert_int_equal(att_appraise(&v, p, NULL, NULL, NULL), ATT_E_DENIED);
	att_policy_free(p);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(builtin),           cmocka_unit_test(allowances_are_written),
		cmocka_unit_test(template_of_sgx),   cmocka_unit_test(template_of_tdx),
		cmocka_unit_test(template_of_debug),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
