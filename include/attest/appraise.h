/* SPDX-License-Identifier: Apache-2.0 */
/* Appraisal: an authentic verdict against a policy. Only what comes out of here opens doors. */
#ifndef ATTEST_APPRAISE_H
#define ATTEST_APPRAISE_H

#include "attest/base.h"
#include "attest/verify.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct att_policy att_policy;
typedef struct att_result att_result;
typedef struct att_appraisal att_appraisal;

/* Strict JSON of at most 64 KiB (doc/policy.md): unknown, repeated or ill-typed members are
 * errors. A policy that pins no measurement and does not say "any_measurement": true parses, and
 * accepts nothing (att_policy_warning says so). ATT_E_FORMAT and its like with the member's path
 * and offset, ATT_E_NOMEM, ATT_E_UNAVAILABLE. */
ATT_API att_rc att_policy_parse(att_bytes json, att_policy **out, att_err *err) ATT_MUST_USE
    ATT_NONNULL(2);

/* What `attest verify` uses without --policy: authentic, non-debug, UpToDate, any measurement.
 * NULL when out of memory. */
ATT_API att_policy *att_policy_builtin(void);
ATT_API void att_policy_free(att_policy *p);

/* Adds a TCB status to those every alternative accepts (`--allow`). Revoked and NotSupported:
 * ATT_E_ARG. */
ATT_API att_rc att_policy_allow_status(att_policy *p, enum att_tcb_status s,
				       att_err *err) ATT_MUST_USE ATT_NONNULL(1);
/* Lets every alternative accept simulated platforms (`--allow-simulated`). */
ATT_API att_rc att_policy_allow_simulated(att_policy *p, att_err *err) ATT_MUST_USE ATT_NONNULL(1);

/* True when every alternative pins at least one measurement. */
ATT_API bool att_policy_pins(const att_policy *p) ATT_NONNULL(1);
/* The canonical JSON text the policy stands for, defaults written out; malloc'ed. */
ATT_API att_rc att_policy_to_json(const att_policy *p, char **out, att_err *err) ATT_MUST_USE
    ATT_NONNULL(1, 2);
/* Identifies the policy in results: SHA-256 of the text given to att_policy_parse; after
 * att_policy_allow_*, of the text att_policy_to_json gives. */
ATT_API void att_policy_id(const att_policy *p, uint8_t out[32]) ATT_NONNULL(1, 2);
/* The i-th warning about a policy text that parses but surprises (accepts nothing, allows debug,
 * ...); NULL at the end. Lent by the policy. */
ATT_API const char *att_policy_warning(const att_policy *p, size_t i) ATT_NONNULL(1);

/* A policy that pins the verdict's or evidence's measurements, as `attest policy init` writes
 * it. malloc'ed JSON. */
ATT_API att_rc att_policy_template(const struct att_claims *claims, char **out,
				   att_err *err) ATT_MUST_USE ATT_NONNULL(1, 2);

/* Judge a verdict.
 *
 * `*why` is given whenever memory allowed: the decision and, for a refusal, one reason per
 * alternative and member. `*out` only on ATT_OK. Either pointer may be NULL. ATT_E_DENIED,
 * ATT_E_NOMEM, ATT_E_ARG. */
ATT_API att_rc att_appraise(const att_verdict *verdict, const att_policy *policy,
			    att_appraisal **why, att_result **out, att_err *err) ATT_MUST_USE
    ATT_NONNULL(1, 2);

ATT_API void att_appraisal_free(att_appraisal *a);
ATT_API bool att_appraisal_accepted(const att_appraisal *a) ATT_NONNULL(1);
ATT_API size_t att_appraisal_count(const att_appraisal *a) ATT_NONNULL(1);
/* "alternative 1: mr_enclave: expected 91dd…, seen 4f02…". Lent. */
ATT_API const char *att_appraisal_reason(const att_appraisal *a, size_t i) ATT_NONNULL(1);
/* Index of the alternative that matched, or -1. */
ATT_API int att_appraisal_alternative(const att_appraisal *a) ATT_NONNULL(1);
/* True when that alternative pins a measurement. */
ATT_API bool att_appraisal_pinned(const att_appraisal *a) ATT_NONNULL(1);

ATT_API void att_result_free(att_result *r);
/* The verdict that was accepted; lent, owned by the result. */
ATT_API const att_verdict *att_result_verdict(const att_result *r) ATT_NONNULL(1);

/* --- Result tokens: EAR (draft-ietf-rats-ear) as JWT, ES256 --- */

enum att_ear_profile { ATT_EAR_04 = 1, ATT_EAR_VERAISON };

struct att_ear_in {
	enum att_ear_profile profile;
	const att_report *report;       /* of this verification; required */
	const att_verdict *verdict;     /* NULL when it was not authentic */
	const att_appraisal *appraisal; /* NULL when there was none */
	const att_policy *policy;       /* NULL when there was none */
	att_bytes nonce;                /* eat_nonce, 8 to 64 bytes, required */
	int64_t issued_at;              /* iat */
	int64_t expires_at;             /* exp; after issued_at */
	att_bytes sign_key;             /* PEM, P-256 private key */
};

/* Writes one compact JWS. The status is `affirming` only for an accepted appraisal; a token for
 * refused or unauthentic evidence says `contraindicated`. `*out` is malloc'ed. ATT_E_ARG,
 * ATT_E_FORMAT (key), ATT_E_NOMEM. */
ATT_API att_rc att_ear_sign(const struct att_ear_in *in, char **out, att_err *err) ATT_MUST_USE
    ATT_NONNULL(1, 2);

typedef struct att_ear att_ear;

/* Reads and checks an EAR of either profile: signature by `public_key` (PEM or JWK), alg ES256
 * only; `none`, a key or a key address inside the token (jwk, jku, x5c, x5u, x5t) and crit are
 * refused; `exp` must be present and after `now` (RFC 7519 section 4.1.4), `iat` and `nbf` not
 * after it. `allow_no_exp` admits tokens without `exp` (archives). A status better than its own
 * trustworthiness vector is refused. White space behind the token is passed over. ATT_E_ARG (the
 * key is none), ATT_E_FORMAT, ATT_E_UNSUPPORTED (alg, profile), ATT_E_SIGNATURE, ATT_E_EXPIRED,
 * ATT_E_MISSING, ATT_E_NOMEM. */
ATT_API att_rc att_ear_parse(att_bytes jwt, att_bytes public_key, int64_t now, bool allow_no_exp,
			     att_ear **out, att_err *err) ATT_MUST_USE ATT_NONNULL(5);
ATT_API void att_ear_free(att_ear *e);
ATT_API enum att_ear_profile att_ear_profile_of(const att_ear *e) ATT_NONNULL(1);
/* The worst status of all submodules; from best to worst "affirming", "warning", "none",
 * "contraindicated". */
ATT_API const char *att_ear_status(const att_ear *e) ATT_NONNULL(1);
/* Was this token made for this nonce (exactly these bytes)? False when it has none, or several. */
ATT_API bool att_ear_answers(const att_ear *e, att_bytes nonce) ATT_NONNULL(1);
ATT_API att_bytes att_ear_claims(const att_ear *e) ATT_NONNULL(1); /* the payload, JSON */
ATT_API int64_t att_ear_issued_at(const att_ear *e) ATT_NONNULL(1);
ATT_API int64_t att_ear_expires_at(const att_ear *e) ATT_NONNULL(1); /* 0: has none */

#ifdef __cplusplus
}
#endif
#endif
