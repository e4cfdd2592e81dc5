/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "appraise/claims.h"
#include "base/buf.h"
#include "fixture.h"

static char *written(const struct att_claims *c)
{
	att_auto_buf att_buf b = { 0 };
	att_jsonw w = att_jsonw_to(&b, 0);

	att_jw_claims(&w, c);
	assert_int_equal(att_buf_ok(&b, NULL), ATT_OK);
	char *s = att_buf_steal_str(&b);
	assert_non_null(s);
	return s;
}

static att_json member(const att_json_doc *doc, const char *name)
{
	att_json v = att_json_get(att_json_root(doc), name);
	if (!v.doc)
		fail_msg("no %s", name);
	return v;
}

static void sgx(void **state)
{
	(void)state;
	struct att_verdict v;
	att_auto_json att_json_doc doc = { 0 };
	uint8_t got[64];
	bool debug = true;

	fixture_sgx(&v);
	memset(v.claims.sgx.cpu_svn, 0x0c, 16);
	char *s = written(&v.claims);
	assert_int_equal(att_json_parse(TEXT(s), &doc, NULL), ATT_OK);
	assert_int_equal(att_json_count(att_json_root(&doc)), 14);
	assert_true(att_json_hex(member(&doc, "mr_enclave"), got, 32));
	assert_memory_equal(got, v.claims.sgx.mr_enclave, 32);
	assert_true(att_json_hex(member(&doc, "mr_signer"), got, 32));
	assert_memory_equal(got, v.claims.sgx.mr_signer, 32);
	assert_true(att_json_hex(member(&doc, "report_data"), got, 64));
	assert_memory_equal(got, v.claims.sgx.report_data, 64);
	assert_true(att_json_hex(member(&doc, "cpu_svn"), got, 16));
	assert_memory_equal(got, v.claims.sgx.cpu_svn, 16);
	assert_true(att_json_is(member(&doc, "attributes"), "0x5"));
	assert_true(att_json_is(member(&doc, "xfrm"), "0xe7"));
	assert_true(att_json_bool(member(&doc, "debug"), &debug));
	assert_false(debug);
	free(s);
	v.claims.sgx.attributes |= ATT_SGX_DEBUG;
	s = written(&v.claims);
	assert_non_null(strstr(s, "\"debug\":true"));
	free(s);
}

static void tdx(void **state)
{
	(void)state;
	static const char *const names[] = { "mr_td",          "rtmr0",           "rtmr1",
					     "rtmr2",          "rtmr3",           "mr_config_id",
					     "mr_owner",       "mr_owner_config", "mr_seam",
					     "mr_signer_seam", "seam_attributes", "td_attributes",
					     "xfam",           "tee_tcb_svn",     "tee_tcb_svn2",
					     "mr_service_td",  "report_data",     "debug" };
	struct att_verdict v;
	att_auto_json att_json_doc doc = { 0 };
	uint8_t got[48];

	fixture_tdx(&v);
	char *s = written(&v.claims);
	assert_int_equal(att_json_parse(TEXT(s), &doc, NULL), ATT_OK);
	assert_int_equal(att_json_count(att_json_root(&doc)), 18);
	for (size_t i = 0; i < 18; i++)
		member(&doc, names[i]);
	assert_true(att_json_hex(member(&doc, "rtmr2"), got, 48));
	assert_memory_equal(got, v.claims.td.rtmr[2], 48);
	free(s);
	v.claims.td.has_15 = false;
	s = written(&v.claims);
	assert_null(strstr(s, "mr_service_td"));
	assert_null(strstr(s, "tee_tcb_svn2"));
	free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sgx),
		cmocka_unit_test(tdx),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
