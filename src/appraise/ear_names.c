/* SPDX-License-Identifier: Apache-2.0 */
#include "appraise/ear.h"

static const struct att_ear_names draft_04 = {
	.profile = "tag:ietf.org,2026:rats/ear#04",
	.status = "ear_status",
	.vector = "ear_trustworthiness_vector",
	.policy = "ear_appraisal_policy_ids",
	.policy_is_list = true,
	.verifier = "ear_verifier_id",
	.attester_claims = "ear_attester_claims",
	.verifier_claims = "ear_verifier_claims",
};

static const struct att_ear_names veraison = {
	.profile = "tag:github.com,2023:veraison/ear",
	.status = "ear.status",
	.vector = "ear.trustworthiness-vector",
	.policy = "ear.appraisal-policy-id",
	.policy_is_list = false,
	.verifier = "ear.verifier-id",
	.attester_claims = "ear.veraison.annotated-evidence",
	.verifier_claims = "ear.veraison.policy-claims",
};

const struct att_ear_names *att_ear_names_of(enum att_ear_profile p)
{
	switch (p) {
	case ATT_EAR_04:
		return &draft_04;
	case ATT_EAR_VERAISON:
		return &veraison;
	}
	return NULL;
}

const char *const att_ear_tiers[ATT_TIER_COUNT] = {
	[ATT_TIER_AFFIRMING] = "affirming",
	[ATT_TIER_WARNING] = "warning",
	[ATT_TIER_NONE] = "none",
	[ATT_TIER_CONTRAINDICATED] = "contraindicated",
};

enum att_ear_tier att_ear_tier_of(int value)
{
	if (value >= -1 && value <= 1)
		return ATT_TIER_NONE;
	if (value >= -32 && value <= 31)
		return ATT_TIER_AFFIRMING;
	if (value >= -96 && value <= 95)
		return ATT_TIER_WARNING;
	return ATT_TIER_CONTRAINDICATED;
}

const char *const att_ear_claim_names[ATT_EAR_CLAIM_COUNT] = {
	[ATT_EAR_INSTANCE_IDENTITY] = "instance-identity",
	[ATT_EAR_CONFIGURATION] = "configuration",
	[ATT_EAR_EXECUTABLES] = "executables",
	[ATT_EAR_FILE_SYSTEM] = "file-system",
	[ATT_EAR_HARDWARE] = "hardware",
	[ATT_EAR_RUNTIME_OPAQUE] = "runtime-opaque",
	[ATT_EAR_STORAGE_OPAQUE] = "storage-opaque",
	[ATT_EAR_SOURCED_DATA] = "sourced-data",
};
