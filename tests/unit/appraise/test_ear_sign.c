/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codec/json.h"
#include "tokens.h"

/* The payload of the token these inputs give, checked by the reader. */
static char *payload_of(const struct att_ear_in *in, const char *status)
{
	char *token = NULL;
	att_ear *e = NULL;
	att_err err = { 0 };

	if (att_ear_sign(in, &token, &err) != ATT_OK)
		fail_msg("%s", err.msg);
	if (att_ear_parse(TEXT(token), TEXT(PUBLIC_KEY), NOW, false, &e, &err) != ATT_OK)
		fail_msg("%s", err.msg);
	assert_int_equal(att_ear_profile_of(e), in->profile);
	assert_string_equal(att_ear_status(e), status);
	assert_int_equal(att_ear_issued_at(e), in->issued_at);
	assert_int_equal(att_ear_expires_at(e), in->expires_at);
	assert_true(att_ear_answers(e, in->nonce));
	assert_false(att_ear_answers(e, att_bytes_of(in->nonce.ptr, in->nonce.len - 1)));
	assert_false(att_ear_answers(e, TEXT("another nonce")));
	att_bytes claims = att_ear_claims(e);
	char *copy = calloc(1, claims.len + 1);
	assert_non_null(copy);
	memcpy(copy, claims.ptr, claims.len);
	att_ear_free(e);
	free(token);
	return copy;
}

static void says(const char *payload, const char *part)
{
	if (!strstr(payload, part))
		fail_msg("no %s in %s", part, payload);
}

static const char pin_sgx[] =
    "\"mr_enclave\":\"e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1\","
    "\"tcb_status\":[\"UpToDate\",\"OutOfDate\",\"ConfigurationNeeded\"],\"allow_debug\":true,"
    "\"allow_simulated\":true";

static void accepted_and_pinned_affirms(void **state)
{
	(void)state;
	static struct att_report r;
	static struct att_verdict v;
	att_appraisal *why;
	att_policy *p = fixture_policy(pin_sgx);

	fixture_sgx(&v);
	fixture_report(&r, &v);
	assert_true(att_report_authentic(&r));
	assert_int_equal(att_appraise(&v, p, &why, NULL, NULL), ATT_OK);
	struct att_ear_in in = fixture_ear(ATT_EAR_04, &r, &v);
	in.appraisal = why;
	in.policy = p;
	char *s = payload_of(&in, "affirming");
	says(s, "{\"eat_profile\":\"tag:ietf.org,2026:rats/"
		"ear#04\",\"iat\":1752919277,\"exp\":1752919577,"
		"\"eat_nonce\":\"MDEyMzQ1Njc4OWFiY2RlZg\",\"ear_verifier_id\":{\"developer\":"
		"\"attest\",\"build\":\"attest ");
	says(s, "\"submods\":{\"sgx\":{\"ear_status\":\"affirming\",\"ear_trustworthiness_vector\":"
		"{\"instance-identity\":2,"
		"\"configuration\":2,\"executables\":2,\"hardware\":2,\"runtime-opaque\":2},\"ear_"
		"appraisal_policy_ids\":[\"ni:///sha-256;");
	says(s, "\"ear_attester_claims\":{\"mr_enclave\":\"e1e1");
	says(s,
	     "\"ear_verifier_claims\":{\"authentic\":true,\"tcb_status\":\"UpToDate\",\"advisory_"
	     "ids\":[\"INTEL-SA-00289\","
	     "\"INTEL-SA-00615\"],\"simulated\":false,\"bound\":false,\"root_key_sha256\":\"4040");
	says(s, "\"time\":\"2025-07-19T10:01:17Z\",\"accepted\":true,\"pinned\":true,\"reasons\":[]"
		"}}}}");
	free(s);

	in.profile = ATT_EAR_VERAISON;
	s = payload_of(&in, "affirming");
	says(s, "\"eat_profile\":\"tag:github.com,2023:veraison/ear\"");
	says(s, "\"ear.verifier-id\":{\"developer\":\"attest\"");
	says(s, "\"ear.status\":\"affirming\",\"ear.trustworthiness-vector\":{");
	says(s, "\"ear.appraisal-policy-id\":\"ni:///sha-256;");
	says(s, "\"ear.veraison.annotated-evidence\":{\"mr_enclave\"");
	says(s, "\"ear.veraison.policy-claims\":{\"authentic\":true");
	free(s);
	att_appraisal_free(why);
	att_policy_free(p);
}

/* What was accepted may still warn, and what is contraindicated by its vector stays so. */
static void status_follows_the_vector(void **state)
{
	(void)state;
	static struct att_report r;
	static struct att_verdict v;
	static const struct {
		enum att_tcb_status tcb;
		bool debug, simulated, pinned;
		const char *status, *vector;
	} rows[] = {
		{ ATT_TCB_UP_TO_DATE, false, false, false, "warning",
		  "{\"instance-identity\":2,\"configuration\":2,\"executables\":33,\"hardware\":2,"
		  "\"runtime-opaque\":2}" },
		{ ATT_TCB_OUT_OF_DATE, false, false, true, "warning",
		  "{\"instance-identity\":2,\"configuration\":2,\"executables\":2,\"hardware\":32,"
		  "\"runtime-opaque\":2}" },
		{ ATT_TCB_CONFIGURATION_NEEDED, false, false, true, "warning",
		  "{\"instance-identity\":2,\"configuration\":32,\"executables\":2,\"hardware\":32,"
		  "\"runtime-opaque\":2}" },
		{ ATT_TCB_UP_TO_DATE, false, true, true, "warning",
		  "{\"instance-identity\":2,\"configuration\":2,\"executables\":2,\"hardware\":"
		  "32}" },
		{ ATT_TCB_UP_TO_DATE, true, false, true, "contraindicated",
		  "{\"instance-identity\":2,\"configuration\":96,\"executables\":2,\"hardware\":2,"
		  "\"runtime-opaque\":96}" },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char members[512];
		snprintf(members, sizeof(members), "%s",
			 rows[i].pinned ? pin_sgx : "\"any_measurement\":true");
		att_policy *p = fixture_policy(members);
		att_appraisal *why;
		fixture_sgx(&v);
		v.facts.tcb.status = rows[i].tcb;
		v.facts.root.simulated = rows[i].simulated;
		if (rows[i].debug)
			v.claims.sgx.attributes |= ATT_SGX_DEBUG;
		fixture_report(&r, &v);
		assert_int_equal(att_appraise(&v, p, &why, NULL, NULL), ATT_OK);
		for (enum att_ear_profile k = ATT_EAR_04; k <= ATT_EAR_VERAISON; k++) {
			struct att_ear_in in = fixture_ear(k, &r, &v);
			in.appraisal = why;
			char *s = payload_of(&in, rows[i].status);
			says(s, rows[i].vector);
			free(s);
		}
		att_appraisal_free(why);
		att_policy_free(p);
	}
}

static void refused_is_contraindicated(void **state)
{
	(void)state;
	static struct att_report r;
	static struct att_verdict v;
	att_appraisal *why;
	att_policy *p = fixture_policy("\"any_measurement\":true,\"min_tcb_evaluation\":99");

	fixture_tdx(&v);
	fixture_report(&r, &v);
	assert_int_equal(att_appraise(&v, p, &why, NULL, NULL), ATT_E_DENIED);
	struct att_ear_in in = fixture_ear(ATT_EAR_04, &r, &v);
	in.appraisal = why;
	char *s = payload_of(&in, "contraindicated");
	says(s, "\"submods\":{\"tdx\":{\"ear_status\":\"contraindicated\"");
	says(s, "\"accepted\":false,\"pinned\":false,\"reasons\":[\"alternative 1: "
		"min_tcb_evaluation: expected at least 99, seen 17\"]");
	assert_null(strstr(s, "policy_ids"));
	free(s);
	att_appraisal_free(why);
	att_policy_free(p);
}

static void without_appraisal_there_is_no_statement(void **state)
{
	(void)state;
	static struct att_report r;
	static struct att_verdict v;

	fixture_sgx(&v);
	fixture_report(&r, &v);
	struct att_ear_in in = fixture_ear(ATT_EAR_04, &r, &v);
	char *s = payload_of(&in, "none");
	assert_null(strstr(s, "accepted"));
	free(s);
}

static void not_authentic(void **state)
{
	(void)state;
	static struct att_report r;
	static struct att_verdict v;
	static const struct {
		enum att_check_no check;
		const char *vector;
	} rows[] = {
		{ CK_Q_SIGNATURE, "{\"instance-identity\":99,\"hardware\":99}" },
		{ CK_PCK_REVOKED, "{\"instance-identity\":96,\"hardware\":96}" },
		{ CK_TI_DATES, "{\"instance-identity\":97,\"hardware\":97}" },
		{ CK_CO_COMPLETE, "{\"instance-identity\":97,\"hardware\":97}" },
	};
	fixture_sgx(&v);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		fixture_report(&r, &v);
		r.rec[rows[i].check].outcome = ATT_FAIL;
		struct att_ear_in in = fixture_ear(ATT_EAR_VERAISON, &r, NULL);
		char *s = payload_of(&in, "contraindicated");
		says(s, "\"submods\":{\"unverified\":{\"ear.status\":\"contraindicated\"");
		says(s, rows[i].vector);
		says(s, "\"authentic\":false");
		/* claims that nobody vouches for are not in the token */
		assert_null(strstr(s, "mr_enclave"));
		free(s);
	}
}

/* A caller that has reasons of its own not to believe a report withholds the verdict. */
static void a_withheld_verdict_is_not_authentic(void **state)
{
	(void)state;
	static struct att_report r;
	static struct att_verdict v;

	fixture_tdx(&v);
	fixture_report(&r, &v);
	struct att_ear_in in = fixture_ear(ATT_EAR_04, &r, NULL);
	char *s = payload_of(&in, "contraindicated");
	says(s, "{\"instance-identity\":97,\"hardware\":97}");
	says(s, "\"authentic\":false");
	free(s);
}

static void bad_input(void **state)
{
	(void)state;
	static struct att_report r, failed;
	static struct att_verdict v;
	static const uint8_t big[65];
	att_appraisal *why;
	att_policy *p = att_policy_builtin();
	char *token = (char *)1;

	fixture_sgx(&v);
	fixture_report(&r, &v);
	fixture_report(&failed, &v);
	failed.rec[CK_Q_SIGNATURE].outcome = ATT_FAIL;
	assert_int_equal(att_appraise(&v, p, &why, NULL, NULL), ATT_OK);
	const struct att_ear_in good = fixture_ear(ATT_EAR_04, &r, &v);

#define BAD(change, code)                                                  \
	do {                                                               \
		struct att_ear_in in = good;                               \
		change;                                                    \
		assert_int_equal(att_ear_sign(&in, &token, NULL), (code)); \
		assert_null(token);                                        \
	} while (0)
	BAD(in.profile = (enum att_ear_profile)3, ATT_E_ARG);
	BAD(in.profile = (enum att_ear_profile)0, ATT_E_ARG);
	BAD(in.report = NULL, ATT_E_ARG);
	BAD(in.report = &failed, ATT_E_ARG);
	BAD(in.verdict = NULL; in.appraisal = why, ATT_E_ARG);
	BAD(in.nonce = att_bytes_of(NULL, 0), ATT_E_ARG);
	BAD(in.nonce = att_bytes_of(big, 7), ATT_E_ARG);
	BAD(in.nonce = att_bytes_of(big, 65), ATT_E_ARG);
	BAD(in.expires_at = in.issued_at, ATT_E_ARG);
	BAD(in.expires_at = in.issued_at - 1, ATT_E_ARG);
	BAD(in.issued_at = -1, ATT_E_ARG);
	BAD(in.sign_key = TEXT("no key"), ATT_E_FORMAT);
	BAD(in.sign_key = TEXT(PUBLIC_KEY), ATT_E_FORMAT);
#undef BAD
	struct att_ear_in in = good;
	in.nonce = att_bytes_of(big, 64);
	assert_int_equal(att_ear_sign(&in, &token, NULL), ATT_OK);
	free(token);
	in.nonce = att_bytes_of(big, 8);
	assert_int_equal(att_ear_sign(&in, &token, NULL), ATT_OK);
	free(token);
	att_appraisal_free(why);
	att_policy_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepted_and_pinned_affirms),
		cmocka_unit_test(status_follows_the_vector),
		cmocka_unit_test(refused_is_contraindicated),
		cmocka_unit_test(without_appraisal_there_is_no_statement),
		cmocka_unit_test(not_authentic),
		cmocka_unit_test(a_withheld_verdict_is_not_authentic),
		cmocka_unit_test(bad_input),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
