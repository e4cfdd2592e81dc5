/* SPDX-License-Identifier: Apache-2.0 */
/* Every member an alternative of a policy may have, in the order of the canonical form: one row
 * each. */
#include "appraise/checks.h"

#define TYPED(type) .read = att_read_##type, .write = att_write_##type
#define CHECK(fn)   .check = att_check_##fn

/* A field of struct att_claims. */
#define FIELD(f) \
	.offset = offsetof(struct att_claims, f), .width = sizeof(((struct att_claims *)0)->f)

#define SGX_HEX(f)  .scope = ATT_SCOPE_SGX, TYPED(hex), CHECK(hex), FIELD(sgx.f)
#define SGX_BITS(f) .scope = ATT_SCOPE_SGX, TYPED(masked), CHECK(masked), FIELD(sgx.f)
#define SGX_UINT(f) .scope = ATT_SCOPE_SGX, TYPED(uints), CHECK(uints), FIELD(sgx.f)
#define SGX_MIN(f)  .scope = ATT_SCOPE_SGX, TYPED(min), CHECK(min), FIELD(sgx.f)
#define TDX_HEX(f)  .scope = ATT_SCOPE_TDX, TYPED(hex), CHECK(hex), FIELD(td.f)
#define TDX_BITS(f) .scope = ATT_SCOPE_TDX, TYPED(masked), CHECK(masked), FIELD(td.f)

/* A flag whose default, false, is a demand of its own. Neutral: it speaks of one kind of
 * evidence and yet does not keep the alternative from accepting the other. */
#define FLAG(fn)              TYPED(flag), CHECK(fn), .always = true
#define SGX_FLAG(fn)          .scope = ATT_SCOPE_SGX, .neutral = true, FLAG(fn)
#define TDX_FLAG(fn)          .scope = ATT_SCOPE_TDX, .neutral = true, FLAG(fn)
#define PLATFORM_HEX(fn, len) TYPED(hex), CHECK(hex), .bytes = fn, .width = (len)

/* In the order of enum att_tcb_status, from ATT_TCB_UP_TO_DATE up to what a policy may accept. */
const char *const att_status_names[] = {
	"UpToDate",
	"SWHardeningNeeded",
	"ConfigurationNeeded",
	"ConfigurationAndSWHardeningNeeded",
	"TDRelaunchAdvised",
	"TDRelaunchAdvisedConfigurationNeeded",
	"OutOfDate",
	"OutOfDateConfigurationNeeded",
	NULL,
};

/* Intel SGX PCK certificate and CRL profile, 1.3.5: SGX Type 0, 1, 2. */
static const char *const sgx_types[] = { "Standard", "Scalable", "ScalableWithIntegrity", NULL };

/* SHA-256 of the SubjectPublicKeyInfo of "Intel SGX Root CA", the certificate valid to
 * 2049-12-31. */
static const uint8_t intel_root[32] = {
	0xa0, 0xaf, 0x03, 0x12, 0x89, 0xf5, 0xd5, 0xd4, 0x13, 0x2f, 0x91,
	0x86, 0x06, 0x8a, 0x7f, 0xc1, 0x36, 0x28, 0x63, 0x3b, 0xa2, 0x35,
	0x77, 0x74, 0x72, 0xe2, 0x9b, 0x6b, 0x6c, 0x67, 0xa4, 0x9e,
};

/* clang-format off */
const struct att_member att_members[ATT_M_COUNT] = {
	[ATT_M_KIND] = { "kind", TYPED(kind), CHECK(kind), .always = true },
	[ATT_M_ANY_MEASUREMENT] = { "any_measurement", FLAG(any_measurement) },

	[ATT_M_MR_ENCLAVE] = { "mr_enclave", SGX_HEX(mr_enclave) },
	[ATT_M_MR_SIGNER] = { "mr_signer", SGX_HEX(mr_signer) },
	[ATT_M_ISV_PROD_ID] = { "isv_prod_id", SGX_UINT(isv_prod_id) },
	[ATT_M_MIN_ISV_SVN] = { "min_isv_svn", SGX_MIN(isv_svn) },
	[ATT_M_ISV_EXT_PROD_ID] = { "isv_ext_prod_id", SGX_HEX(isv_ext_prod_id) },
	[ATT_M_ISV_FAMILY_ID] = { "isv_family_id", SGX_HEX(isv_family_id) },
	[ATT_M_CONFIG_ID] = { "config_id", SGX_HEX(config_id) },
	[ATT_M_CONFIG_SVN] = { "config_svn", SGX_UINT(config_svn) },
	[ATT_M_MIN_CONFIG_SVN] = { "min_config_svn", SGX_MIN(config_svn) },
	[ATT_M_ATTRIBUTES] = { "attributes", SGX_BITS(attributes) },
	[ATT_M_XFRM] = { "xfrm", SGX_BITS(xfrm) },
	[ATT_M_MISC_SELECT] = { "misc_select", SGX_BITS(misc_select) },
	[ATT_M_ALLOW_PRIVILEGED_KEYS] = { "allow_privileged_keys", SGX_FLAG(privileged_keys) },

	[ATT_M_MR_TD] = { "mr_td", TDX_HEX(mr_td) },
	[ATT_M_RTMR0] = { "rtmr0", TDX_HEX(rtmr[0]) },
	[ATT_M_RTMR1] = { "rtmr1", TDX_HEX(rtmr[1]) },
	[ATT_M_RTMR2] = { "rtmr2", TDX_HEX(rtmr[2]) },
	[ATT_M_RTMR3] = { "rtmr3", TDX_HEX(rtmr[3]) },
	[ATT_M_MR_CONFIG_ID] = { "mr_config_id", TDX_HEX(mr_config_id) },
	[ATT_M_MR_OWNER] = { "mr_owner", TDX_HEX(mr_owner) },
	[ATT_M_MR_OWNER_CONFIG] = { "mr_owner_config", TDX_HEX(mr_owner_config) },
	[ATT_M_MR_SEAM] = { "mr_seam", TDX_HEX(mr_seam) },
	[ATT_M_MR_SIGNER_SEAM] = { "mr_signer_seam", TDX_HEX(mr_signer_seam) },
	[ATT_M_TD_ATTRIBUTES] = { "td_attributes", TDX_BITS(td_attributes) },
	[ATT_M_XFAM] = { "xfam", TDX_BITS(xfam) },
	[ATT_M_MR_SERVICE_TD] = { "mr_service_td",
		TDX_HEX(mr_service_td), .bytes = att_get_service_td },
	[ATT_M_ALLOW_SERVICE_TD] = { "allow_service_td", TDX_FLAG(service_td) },
	[ATT_M_ALLOW_MIGRATABLE] = { "allow_migratable", TDX_FLAG(migratable) },
	[ATT_M_REQUIRE_SEPT_VE_DISABLE] = { "require_sept_ve_disable", TDX_FLAG(sept_ve_disable) },

	[ATT_M_REPORT_DATA] = { "report_data",
		TYPED(hex), CHECK(hex), .bytes = att_get_report_data, .width = 64, .pad = true },
	[ATT_M_REPORT_DATA_BOUND] = { "report_data_bound", FLAG(bound) },
	[ATT_M_ALLOW_DEBUG] = { "allow_debug", FLAG(debug) },

	[ATT_M_TCB_STATUS] = { "tcb_status",
		TYPED(names), CHECK(tcb_status), .always = true, .fallback = 1,
		.names = att_status_names },
	/* tcb_status judges it */
	[ATT_M_GRACE] = { "grace", TYPED(grace), .names = att_status_names },
	[ATT_M_MIN_TCB_DATE] = { "min_tcb_date", TYPED(date), CHECK(min_tcb_date) },
	[ATT_M_ADVISORIES_ALLOWED] = { "advisories_allowed",
		TYPED(texts), CHECK(advisories_allowed) },
	[ATT_M_ADVISORIES_REFUSED] = { "advisories_refused",
		TYPED(texts), CHECK(advisories_refused) },

	[ATT_M_MIN_TCB_EVALUATION] = { "min_tcb_evaluation",
		TYPED(min), CHECK(min), .width = 4, .number = att_get_tcb_evaluation },
	[ATT_M_MIN_QE_EVALUATION] = { "min_qe_evaluation",
		TYPED(min), CHECK(min), .width = 4, .number = att_get_qe_evaluation },
	[ATT_M_MAX_COLLATERAL_AGE] = { "max_collateral_age",
		TYPED(duration), CHECK(collateral_age) },

	[ATT_M_FMSPC] = { "fmspc", PLATFORM_HEX(att_get_fmspc, 6) },
	[ATT_M_PLATFORM_INSTANCE_ID] = { "platform_instance_id",
		PLATFORM_HEX(att_get_instance_id, 16) },
	[ATT_M_SGX_TYPE] = { "sgx_type", TYPED(names), CHECK(sgx_type), .names = sgx_types },
	[ATT_M_SMT] = { "smt", TYPED(off), CHECK(smt) },
	[ATT_M_DYNAMIC_PLATFORM] = { "dynamic_platform", TYPED(false), CHECK(dynamic_platform) },
	[ATT_M_CACHED_KEYS] = { "cached_keys", TYPED(false), CHECK(cached_keys) },
	[ATT_M_ROOTS] = { "roots",
		PLATFORM_HEX(att_get_root, 32), .alias = "intel", .alias_bytes = intel_root },
	[ATT_M_ALLOW_SIMULATED] = { "allow_simulated", FLAG(simulated) },
};
/* clang-format on */
