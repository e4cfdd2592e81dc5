/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "appraise/policy.h"
#include "fixture.h"

#define ALT(members) "{\"version\":1,\"any_of\":[{" members "}]}"
#define H32          "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

struct row {
	const char *text;
	att_rc rc;
	const char *says;
};

static void refused(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ "", ATT_E_TRUNCATED, "policy" },
		{ "[]", ATT_E_FORMAT, "policy: expected an object" },
		{ "null", ATT_E_FORMAT, "policy: expected an object" },
		{ "{}", ATT_E_FORMAT, "expected both \"version\" and \"any_of\"" },
		{ "{\"any_of\":[]}", ATT_E_FORMAT, "expected both" },
		{ "{\"version\":1}", ATT_E_FORMAT, "expected both" },
		{ "{\"version\":2,\"any_of\":[]}", ATT_E_FORMAT, "version: expected 1" },
		{ "{\"version\":\"1\",\"any_of\":[]}", ATT_E_FORMAT, "version: expected 1" },
		{ "{\"version\":1.0,\"any_of\":[]}", ATT_E_FORMAT, "version: expected 1" },
		{ "{\"version\":1,\"any_of\":{}}", ATT_E_FORMAT, "any_of: expected a list" },
		{ "{\"version\":1,\"any_of\":[1]}", ATT_E_FORMAT, "any_of[0]: expected an object" },
		{ "{\"version\":1,\"any_of\":[{},null]}", ATT_E_FORMAT,
		  "any_of[1]: expected an object" },
		{ "{\"version\":1,\"any_of\":[],\"note\":1}", ATT_E_FORMAT,
		  "\"version\" and \"any_of\" only" },
		{ "{\"version\":1,\"any_of\":[],\"mr_enclave\":1}", ATT_E_FORMAT,
		  "belongs into an alternative" },
		{ "{\"version\":1,\"any_of\":[],\"version\":1}", ATT_E_FORMAT, "policy" },
		{ "{\"version\":1,\"any_of\":[]} x", ATT_E_TRAILING, "policy" },
		{ ALT("\"mr_enclav\":1"), ATT_E_FORMAT,
		  "any_of[0]: unknown member \"mr_enclav\"; did you mean \"mr_enclave\"?" },
		{ ALT("\"mrenclave\":1"), ATT_E_FORMAT, "did you mean \"mr_enclave\"?" },
		{ ALT("\"MR_TD\":1"), ATT_E_FORMAT, "unknown member \"MR_TD\"" },
		{ ALT("\"tcb_statuses\":[]"), ATT_E_FORMAT, "did you mean \"tcb_status\"?" },
		{ ALT("\"isvsvn\":1"), ATT_E_FORMAT, "unknown member \"isvsvn\"" },
		{ ALT("\"x\":1"), ATT_E_FORMAT, "unknown member \"x\"" },
		{ ALT("\"a_name_that_is_longer_than_any_member_can_be\":1"), ATT_E_FORMAT,
		  "no member has this name" },
		{ ALT("\"a\\u0000\":1"), ATT_E_FORMAT, "" },
		{ ALT("\"allow_debug\":true,\"allow_debug\":false"), ATT_E_FORMAT, "policy" },
		{ ALT("\"allow_debug\":true,\"allow_debu\\u0067\":false"), ATT_E_FORMAT, "policy" },
		{ ALT("\"mr_enclave\":\"" H32 "\",\"rtmr0\":\"" H32
		      "0123456789abcdef0123456789abcdef\""),
		  ATT_E_FORMAT,
		  "rtmr0 is a member for tdx, but mr_enclave makes this alternative one for sgx" },
		{ ALT("\"kind\":\"tdx\",\"mr_enclave\":\"" H32 "\""), ATT_E_FORMAT,
		  "mr_enclave is a member for sgx, but kind makes this alternative one for tdx" },
		{ ALT("\"kind\":\"sgx\",\"allow_service_td\":true"), ATT_E_FORMAT,
		  "allow_service_td is a member for tdx, but kind makes this alternative one for "
		  "sgx" },
		{ ALT("\"allow_privileged_keys\":true,\"xfam\":\"0x3\""), ATT_E_FORMAT,
		  "allow_privileged_keys is a member for sgx, but xfam makes this alternative one "
		  "for tdx" },
		{ ALT("\"kind\":\"snp\""), ATT_E_FORMAT,
		  "any_of[0]: kind: expected \"sgx\" or \"tdx\"" },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		att_policy *p = NULL;
		att_err err = { 0 };
		att_rc rc = att_policy_parse(TEXT(rows[i].text), &p, &err);
		if (rc != rows[i].rc || !strstr(err.msg, rows[i].says) || p)
			fail_msg("%s\n  %s: %s", rows[i].text, att_rc_name(rc), err.msg);
		assert_int_equal(att_policy_parse(TEXT(rows[i].text), &p, NULL), rc);
	}
}

static void offsets_point_at_the_member(void **state)
{
	(void)state;
	static const char text[] = "{\"version\": 1, \"any_of\": [{}, {\"isv_prod_id\": -1}]}";
	att_policy *p;
	att_err err = { 0 };

	assert_int_equal(att_policy_parse(TEXT(text), &p, &err), ATT_E_FORMAT);
	assert_string_equal(
	    err.msg, "policy: any_of[1]: isv_prod_id: expected a whole number from 0 to 65535 @46");
	assert_int_equal(err.offset, (size_t)(strstr(text, "-1") - text));
}

static void caps(void **state)
{
	(void)state;
	char *text = malloc(ATT_POLICY_TEXT_MAX + 2);
	att_policy *p;

	assert_non_null(text);
	memset(text, ' ', ATT_POLICY_TEXT_MAX + 2);
	memcpy(text, "{\"version\":1,\"any_of\":[]}", 25);
	assert_int_equal(att_policy_parse(att_bytes_of(text, ATT_POLICY_TEXT_MAX), &p, NULL),
			 ATT_OK);
	att_policy_free(p);
	assert_int_equal(att_policy_parse(att_bytes_of(text, ATT_POLICY_TEXT_MAX + 1), &p, NULL),
			 ATT_E_FORMAT);
	assert_null(p);

	for (unsigned n = ATT_ALTERNATIVES_MAX; n <= ATT_ALTERNATIVES_MAX + 1; n++) {
		int at = snprintf(text, ATT_POLICY_TEXT_MAX, "{\"version\":1,\"any_of\":[");
		for (unsigned i = 0; i < n; i++)
			at += snprintf(text + at, 8, "%s{}", i ? "," : "");
		at += snprintf(text + at, 8, "]}");
		att_rc rc = att_policy_parse(att_bytes_of(text, (size_t)at), &p, NULL);
		assert_int_equal(rc, n <= ATT_ALTERNATIVES_MAX ? ATT_OK : ATT_E_FORMAT);
		att_policy_free(p);
	}
	free(text);
}

static void builtin(void **state)
{
	(void)state;
	struct att_verdict v;
	att_policy *p = att_policy_builtin();
	att_appraisal *why;
	att_result *r;

	assert_non_null(p);
	assert_false(att_policy_pins(p));
	fixture_tdx(&v);
	assert_int_equal(att_appraise(&v, p, &why, &r, NULL), ATT_OK);
	assert_false(att_appraisal_pinned(why));
	assert_int_equal(att_appraisal_alternative(why), 0);
	att_appraisal_free(why);
	att_result_free(r);
	v.facts.tcb.status = ATT_TCB_OUT_OF_DATE;
	assert_int_equal(att_appraise(&v, p, NULL, &r, NULL), ATT_E_DENIED);
	assert_null(r);
	att_policy_free(p);
}

static void allow_status(void **state)
{
	(void)state;
	struct att_verdict v;
	att_policy *p =
	    fixture_policy("\"any_measurement\":true,\"tcb_status\":\"SWHardeningNeeded\"");
	uint8_t before[32], after[32];
	att_err err = { 0 };

	fixture_sgx(&v);
	v.facts.tcb.status = ATT_TCB_OUT_OF_DATE;
	assert_int_equal(att_appraise(&v, p, NULL, NULL, &err), ATT_E_DENIED);
	assert_string_equal(err.msg, "denied by policy: alternative 1: tcb_status: expected "
				     "SWHardeningNeeded, seen OutOfDate");
	att_policy_id(p, before);
	assert_int_equal(att_policy_allow_status(p, ATT_TCB_OUT_OF_DATE, NULL), ATT_OK);
	att_policy_id(p, after);
	assert_memory_not_equal(before, after, 32);
	assert_int_equal(att_appraise(&v, p, NULL, NULL, NULL), ATT_OK);
	v.facts.tcb.status = ATT_TCB_SW_HARDENING_NEEDED;
	assert_int_equal(att_appraise(&v, p, NULL, NULL, NULL), ATT_OK);
	v.facts.tcb.status = ATT_TCB_UP_TO_DATE;
	assert_int_equal(att_appraise(&v, p, NULL, NULL, NULL), ATT_E_DENIED);

	static const enum att_tcb_status never[] = { ATT_TCB_NONE, ATT_TCB_REVOKED,
						     ATT_TCB_NOT_SUPPORTED,
						     (enum att_tcb_status)99 };
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(att_policy_allow_status(p, never[i], &err), ATT_E_ARG);
	att_policy_id(p, before);
	assert_memory_equal(before, after, 32);
	att_policy_free(p);
}

static void allow_simulated(void **state)
{
	(void)state;
	struct att_verdict v;
	att_policy *p = att_policy_builtin();
	uint8_t before[32], after[32];

	fixture_sgx(&v);
	v.facts.root.simulated = true;
	att_policy_id(p, before);
	assert_int_equal(att_appraise(&v, p, NULL, NULL, NULL), ATT_E_DENIED);
	assert_int_equal(att_policy_allow_simulated(p, NULL), ATT_OK);
	assert_int_equal(att_appraise(&v, p, NULL, NULL, NULL), ATT_OK);
	att_policy_id(p, after);
	assert_memory_not_equal(before, after, 32);

	/* the id is of the canonical text, which is a policy of its own with the same id */
	char *text;
	att_policy *again;
	assert_int_equal(att_policy_to_json(p, &text, NULL), ATT_OK);
	assert_int_equal(att_policy_parse(TEXT(text), &again, NULL), ATT_OK);
	att_policy_id(again, before);
	assert_memory_equal(before, after, 32);
	assert_int_equal(att_appraise(&v, again, NULL, NULL, NULL), ATT_OK);
	att_policy_free(again);
	free(text);
	att_policy_free(p);
}

static void id_is_of_the_text(void **state)
{
	(void)state;
	/* SHA-256 of the text, from coreutils */
	static const uint8_t want[32] = { 0x18, 0xf6, 0x98, 0x2d, 0x14, 0x60, 0x80, 0x23,
					  0xd5, 0xe7, 0x44, 0x84, 0x4a, 0x24, 0x00, 0xf9,
					  0x4b, 0x5d, 0x21, 0x70, 0x8d, 0xa8, 0x9a, 0x68,
					  0xd4, 0x3e, 0x62, 0xa8, 0x70, 0xd0, 0xe8, 0x7c };
	static const char text[] = "{\"version\": 1, \"any_of\": []}";
	uint8_t id[32];
	att_policy *p;

	assert_int_equal(att_policy_parse(TEXT(text), &p, NULL), ATT_OK);
	att_policy_id(p, id);
	assert_memory_equal(id, want, 32);
	assert_false(att_policy_pins(p));
	att_policy_free(p);
	att_policy_free(NULL);
}

static void pins(void **state)
{
	(void)state;
	static const struct {
		const char *members;
		bool pins;
	} rows[] = {
		{ "", false },
		{ "\"any_measurement\":true", false },
		{ "\"mr_enclave\":\"" H32 "\"", true },
		{ "\"mr_signer\":\"" H32 "\"", false },
		{ "\"isv_prod_id\":1", false },
		{ "\"mr_signer\":\"" H32 "\",\"isv_prod_id\":1", true },
		{ "\"mr_td\":\"" H32 "00112233445566778899aabbccddeeff\"", true },
		{ "\"rtmr1\":\"" H32 "00112233445566778899aabbccddeeff\"", false },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		att_policy *p = fixture_policy(rows[i].members);
		assert_int_equal(att_policy_pins(p), rows[i].pins);
		att_policy_free(p);
	}
	att_policy *p;
	static const char mixed[] =
	    "{\"version\":1,\"any_of\":[{\"mr_enclave\":\"" H32 "\"},{\"any_measurement\":true}]}";
	assert_int_equal(att_policy_parse(TEXT(mixed), &p, NULL), ATT_OK);
	assert_false(att_policy_pins(p));
	att_policy_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refused),
		cmocka_unit_test(offsets_point_at_the_member),
		cmocka_unit_test(caps),
		cmocka_unit_test(builtin),
		cmocka_unit_test(allow_status),
		cmocka_unit_test(allow_simulated),
		cmocka_unit_test(id_is_of_the_text),
		cmocka_unit_test(pins),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
