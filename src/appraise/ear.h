/* SPDX-License-Identifier: Apache-2.0 */
/* What writer and reader of result tokens share: names and tiers. Clauses are of
 * draft-ietf-rats-ear-04 and draft-ietf-rats-ar4si; doc/result-tokens.md has the whole of it. */
#ifndef ATT_APPRAISE_EAR_H
#define ATT_APPRAISE_EAR_H

#include "attest/appraise.h"

/* Claim names of one profile. */
struct att_ear_names {
	const char *profile; /* eat_profile */
	const char *status;
	const char *vector;
	const char *policy; /* a list of ids, or one id */
	bool policy_is_list;
	const char *verifier;
	const char *attester_claims;
	const char *verifier_claims;
};

/* NULL when there is no such profile. */
const struct att_ear_names *att_ear_names_of(enum att_ear_profile p);

/* AR4SI's tiers, from best to worst for one who relies on them: a submodule that makes no
 * statement is worse than one that warns. */
enum att_ear_tier {
	ATT_TIER_AFFIRMING,
	ATT_TIER_WARNING,
	ATT_TIER_NONE,
	ATT_TIER_CONTRAINDICATED,
	ATT_TIER_COUNT
};

extern const char *const att_ear_tiers[ATT_TIER_COUNT];

/* The tier of a trustworthiness claim's value (AR4SI section 2.3.2). */
enum att_ear_tier att_ear_tier_of(int value);

/* The trustworthiness vector, in the order it is written. */
enum att_ear_claim {
	ATT_EAR_INSTANCE_IDENTITY,
	ATT_EAR_CONFIGURATION,
	ATT_EAR_EXECUTABLES,
	ATT_EAR_FILE_SYSTEM,
	ATT_EAR_HARDWARE,
	ATT_EAR_RUNTIME_OPAQUE,
	ATT_EAR_STORAGE_OPAQUE,
	ATT_EAR_SOURCED_DATA,
	ATT_EAR_CLAIM_COUNT
};
extern const char *const att_ear_claim_names[ATT_EAR_CLAIM_COUNT];

/* Reads a payload whose signature was checked; *out takes a copy. Also what the fuzzer drives. */
att_rc att_ear_read(att_bytes payload, int64_t now, bool allow_no_exp, att_ear **out,
		    att_err *err) ATT_MUST_USE;

#endif
