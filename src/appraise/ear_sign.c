/* SPDX-License-Identifier: Apache-2.0 */
/* Result tokens: what a verification and its appraisal came to, signed. */
#include <string.h>

#include "appraise/claims.h"
#include "appraise/ear.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/text.h"
#include "codec/jose.h"
#include "codec/json.h"
#include "crypto/es256.h"

#define DEVELOPER "attest"

/* Values of trustworthiness claims (draft-ietf-rats-ar4si, section 2.3.4). */
enum {
	NO_CLAIM = 0,
	IDENTITY_RECOGNISED = 2,
	CONFIG_APPROVED = 2,
	CONFIG_UNSAFE = 32,
	CONFIG_UNSUPPORTABLE = 96,
	EXECUTABLES_APPROVED = 2,
	EXECUTABLES_UNRECOGNISED = 33,
	HARDWARE_GENUINE = 2,
	HARDWARE_UNSAFE = 32,
	CONTRAINDICATED = 96,
	UNRECOGNISED = 97,
	CRYPTO_FAILED = 99,
	MEMORY_ENCRYPTED = 2,
	MEMORY_VISIBLE = 96,
};

static bool needs_configuration(enum att_tcb_status s)
{
	return s == ATT_TCB_CONFIGURATION_NEEDED ||
	       s == ATT_TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED ||
	       s == ATT_TCB_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED ||
	       s == ATT_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED;
}

/* Why the evidence is not authentic, as AR4SI can say it: broken signatures, a platform that is
 * known and withdrawn, or one that could not be recognised. */
static int refusal(const att_report *r)
{
	switch (att_report_rc(r)) {
	case ATT_E_SIGNATURE:
	case ATT_E_CHAIN:
		return CRYPTO_FAILED;
	case ATT_E_REVOKED:
		return CONTRAINDICATED;
	default:
		return UNRECOGNISED;
	}
}

static void fill_vector(const struct att_ear_in *in, int v[static ATT_EAR_CLAIM_COUNT])
{
	memset(v, 0, ATT_EAR_CLAIM_COUNT * sizeof(*v));
	if (!in->verdict) {
		v[ATT_EAR_INSTANCE_IDENTITY] = v[ATT_EAR_HARDWARE] = refusal(in->report);
		return;
	}
	enum att_tcb_status status = att_verdict_tcb(in->verdict)->status;
	bool simulated = att_verdict_simulated(in->verdict);
	bool debug = att_claims_debug(att_verdict_claims(in->verdict));
	bool pinned = in->appraisal && att_appraisal_accepted(in->appraisal) &&
		      att_appraisal_pinned(in->appraisal);

	v[ATT_EAR_INSTANCE_IDENTITY] = IDENTITY_RECOGNISED;
	v[ATT_EAR_HARDWARE] =
	    status == ATT_TCB_UP_TO_DATE && !simulated ? HARDWARE_GENUINE : HARDWARE_UNSAFE;
	v[ATT_EAR_CONFIGURATION] = debug                         ? CONFIG_UNSUPPORTABLE
				   : needs_configuration(status) ? CONFIG_UNSAFE
								 : CONFIG_APPROVED;
	v[ATT_EAR_EXECUTABLES] = pinned ? EXECUTABLES_APPROVED : EXECUTABLES_UNRECOGNISED;
	v[ATT_EAR_RUNTIME_OPAQUE] = debug       ? MEMORY_VISIBLE
				    : simulated ? NO_CLAIM
						: MEMORY_ENCRYPTED;
}

/* Never better than the vector; affirming takes an appraisal that accepted. */
static enum att_ear_tier status_of(const struct att_ear_in *in,
				   const int v[static ATT_EAR_CLAIM_COUNT])
{
	enum att_ear_tier worst = ATT_TIER_AFFIRMING;

	if (!in->verdict || (in->appraisal && !att_appraisal_accepted(in->appraisal)))
		return ATT_TIER_CONTRAINDICATED;
	if (!in->appraisal)
		worst = ATT_TIER_NONE;
	for (size_t i = 0; i < ATT_EAR_CLAIM_COUNT; i++) {
		enum att_ear_tier tier = att_ear_tier_of(v[i]);
		if (v[i] != NO_CLAIM && tier > worst)
			worst = tier;
	}
	return worst;
}

static void put_status(att_jsonw *w, const struct att_ear_names *n, const struct att_ear_in *in)
{
	int v[ATT_EAR_CLAIM_COUNT];

	fill_vector(in, v);
	att_jw_name(w, n->status);
	att_jw_str(w, att_ear_tiers[status_of(in, v)]);
	att_jw_name(w, n->vector);
	att_jw_object(w);
	for (size_t i = 0; i < ATT_EAR_CLAIM_COUNT; i++) {
		if (v[i] == NO_CLAIM)
			continue;
		att_jw_name(w, att_ear_claim_names[i]);
		att_jw_int(w, v[i]);
	}
	att_jw_end_object(w);
}

/* The policy by the digest of its text, as a URI (RFC 6920). */
static void put_policy(att_jsonw *w, const struct att_ear_names *n, const att_policy *policy)
{
	att_auto_buf att_buf uri = { 0 };
	uint8_t id[32];

	att_policy_id(policy, id);
	att_put_str(&uri, "ni:///sha-256;");
	att_put_base64url(&uri, att_bytes_of(id, sizeof(id)));
	if (uri.failed)
		w->out->failed = true;
	att_jw_name(w, n->policy);
	if (n->policy_is_list)
		att_jw_array(w);
	att_jw_strn(w, att_buf_bytes(&uri));
	if (n->policy_is_list)
		att_jw_end_array(w);
}

static void put_flag(att_jsonw *w, const char *name, bool b)
{
	att_jw_name(w, name);
	att_jw_bool(w, b);
}

static void put_reasons(att_jsonw *w, const att_appraisal *a)
{
	att_jw_name(w, "reasons");
	att_jw_array(w);
	for (size_t i = 0; i < att_appraisal_count(a); i++)
		att_jw_str(w, att_appraisal_reason(a, i));
	att_jw_end_array(w);
}

/* What the verifier established, under the names of the command's JSON output. */
static void put_verifier_claims(att_jsonw *w, const struct att_ear_in *in)
{
	const struct att_tcb *tcb = att_report_tcb(in->report);
	const struct att_root_facts *root = att_report_root(in->report);

	att_jw_object(w);
	put_flag(w, "authentic", in->verdict != NULL);
	att_jw_name(w, "tcb_status");
	att_jw_str(w, att_tcb_status_name(tcb->status));
	att_jw_name(w, "advisory_ids");
	att_jw_array(w);
	for (size_t i = 0; i < tcb->advisory_count; i++)
		att_jw_str(w, tcb->advisories[i]);
	att_jw_end_array(w);
	put_flag(w, "simulated", att_report_simulated(in->report));
	put_flag(w, "bound", att_report_bound(in->report));
	if (root->present) {
		att_jw_name(w, "root_key_sha256");
		att_jw_hex(w, att_bytes_of(root->key_sha256, sizeof(root->key_sha256)));
	}
	att_jw_name(w, "time");
	att_jw_time(w, att_report_time(in->report));
	if (in->appraisal) {
		put_flag(w, "accepted", att_appraisal_accepted(in->appraisal));
		put_flag(w, "pinned", att_appraisal_pinned(in->appraisal));
		put_reasons(w, in->appraisal);
	}
	att_jw_end_object(w);
}

/* One submodule, named after the kind of TEE; evidence that is not authentic has no kind to go
 * by. */
static const char *submodule(const struct att_ear_in *in)
{
	if (!in->verdict)
		return "unverified";
	return att_verdict_claims(in->verdict)->kind == ATT_KIND_TDX_QUOTE ? "tdx" : "sgx";
}

static void put_submodule(att_jsonw *w, const struct att_ear_names *n, const struct att_ear_in *in)
{
	att_jw_object(w);
	put_status(w, n, in);
	if (in->policy)
		put_policy(w, n, in->policy);
	if (in->verdict) {
		att_jw_name(w, n->attester_claims);
		att_jw_claims(w, att_verdict_claims(in->verdict));
	}
	att_jw_name(w, n->verifier_claims);
	put_verifier_claims(w, in);
	att_jw_end_object(w);
}

static void put_payload(att_jsonw *w, const struct att_ear_names *n, const struct att_ear_in *in,
			att_bytes nonce)
{
	att_jw_object(w);
	att_jw_name(w, "eat_profile");
	att_jw_str(w, n->profile);
	att_jw_name(w, "iat");
	att_jw_int(w, in->issued_at);
	att_jw_name(w, "exp");
	att_jw_int(w, in->expires_at);
	att_jw_name(w, "eat_nonce");
	att_jw_strn(w, nonce);
	att_jw_name(w, n->verifier);
	att_jw_object(w);
	att_jw_name(w, "developer");
	att_jw_str(w, DEVELOPER);
	att_jw_name(w, "build");
	att_jw_str(w, DEVELOPER " " ATT_VERSION);
	att_jw_end_object(w);
	att_jw_name(w, "submods");
	att_jw_object(w);
	att_jw_name(w, submodule(in));
	put_submodule(w, n, in);
	att_jw_end_object(w);
	att_jw_end_object(w);
}

static att_rc check_input(const struct att_ear_in *in, att_err *err)
{
	if (!att_ear_names_of(in->profile))
		return att_fail(err, ATT_E_ARG, "result token: no profile %d", (int)in->profile);
	if (!in->report)
		return att_fail(err, ATT_E_ARG, "result token: a report is required");
	if (in->verdict && !att_report_authentic(in->report))
		return att_fail(err, ATT_E_ARG,
				"result token: a verdict, but the report is not authentic");
	if (in->appraisal && !in->verdict)
		return att_fail(err, ATT_E_ARG, "result token: an appraisal of no verdict");
	/* RFC 9711, section 4.1: 8 to 64 bytes */
	if (!in->nonce.ptr || in->nonce.len < 8 || in->nonce.len > 64)
		return att_fail(err, ATT_E_ARG,
				"result token: nonce of %zu bytes, expected 8 to 64",
				in->nonce.len);
	if (in->issued_at < 0 || in->expires_at <= in->issued_at)
		return att_fail(err, ATT_E_ARG, "result token: expires before it is issued");
	return ATT_OK;
}

att_rc att_ear_sign(const struct att_ear_in *in, char **out, att_err *err)
{
	att_auto_buf att_buf payload = { 0 };
	att_auto_buf att_buf nonce = { 0 };
	att_auto_buf att_buf token = { 0 };
	uint8_t rs[64];

	*out = NULL;
	att_rc rc = check_input(in, err);
	if (rc != ATT_OK)
		return rc;
	att_put_base64url(&nonce, in->nonce);
	rc = att_buf_ok(&nonce, err);
	if (rc != ATT_OK)
		return rc;
	att_jsonw w = att_jsonw_to(&payload, 0);
	put_payload(&w, att_ear_names_of(in->profile), in, att_buf_bytes(&nonce));
	rc = att_buf_ok(&payload, err);
	if (rc != ATT_OK)
		return rc;
	att_put_jws_input(&token, att_buf_bytes(&payload));
	rc = att_buf_ok(&token, err);
	if (rc == ATT_OK)
		rc = att_es256_sign(in->sign_key, att_buf_bytes(&token), rs, err);
	if (rc != ATT_OK)
		return att_wrap(err, rc, "result token");
	att_put_jws_signature(&token, rs);
	rc = att_buf_ok(&token, err);
	if (rc != ATT_OK)
		return rc;
	*out = att_buf_steal_str(&token);
	return *out ? ATT_OK : att_fail(err, ATT_E_NOMEM, "out of memory");
}
