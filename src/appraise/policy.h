/* SPDX-License-Identifier: Apache-2.0 */
/* Policies in memory. What a member is called, how it is read, written and checked is one row of
 * the table in members.c; everything else walks that table. doc/policy.md is its reference for
 * people. */
#ifndef ATT_APPRAISE_POLICY_H
#define ATT_APPRAISE_POLICY_H

#include "attest/appraise.h"
#include "codec/json.h"

#define ATT_POLICY_TEXT_MAX  ((size_t)64 << 10)
#define ATT_ALTERNATIVES_MAX 64u
#define ATT_TERM_VALUES_MAX  64u /* of one list */
#define ATT_ADVISORY_ID_MAX  64u

enum att_member_no {
	ATT_M_KIND,
	ATT_M_ANY_MEASUREMENT,
	ATT_M_MR_ENCLAVE,
	ATT_M_MR_SIGNER,
	ATT_M_ISV_PROD_ID,
	ATT_M_MIN_ISV_SVN,
	ATT_M_ISV_EXT_PROD_ID,
	ATT_M_ISV_FAMILY_ID,
	ATT_M_CONFIG_ID,
	ATT_M_CONFIG_SVN,
	ATT_M_MIN_CONFIG_SVN,
	ATT_M_ATTRIBUTES,
	ATT_M_XFRM,
	ATT_M_MISC_SELECT,
	ATT_M_ALLOW_PRIVILEGED_KEYS,
	ATT_M_MR_TD,
	ATT_M_RTMR0,
	ATT_M_RTMR1,
	ATT_M_RTMR2,
	ATT_M_RTMR3,
	ATT_M_MR_CONFIG_ID,
	ATT_M_MR_OWNER,
	ATT_M_MR_OWNER_CONFIG,
	ATT_M_MR_SEAM,
	ATT_M_MR_SIGNER_SEAM,
	ATT_M_TD_ATTRIBUTES,
	ATT_M_XFAM,
	ATT_M_MR_SERVICE_TD,
	ATT_M_ALLOW_SERVICE_TD,
	ATT_M_ALLOW_MIGRATABLE,
	ATT_M_REQUIRE_SEPT_VE_DISABLE,
	ATT_M_REPORT_DATA,
	ATT_M_REPORT_DATA_BOUND,
	ATT_M_ALLOW_DEBUG,
	ATT_M_TCB_STATUS,
	ATT_M_GRACE,
	ATT_M_MIN_TCB_DATE,
	ATT_M_ADVISORIES_ALLOWED,
	ATT_M_ADVISORIES_REFUSED,
	ATT_M_MIN_TCB_EVALUATION,
	ATT_M_MIN_QE_EVALUATION,
	ATT_M_MAX_COLLATERAL_AGE,
	ATT_M_FMSPC,
	ATT_M_PLATFORM_INSTANCE_ID,
	ATT_M_SGX_TYPE,
	ATT_M_SMT,
	ATT_M_DYNAMIC_PLATFORM,
	ATT_M_CACHED_KEYS,
	ATT_M_ROOTS,
	ATT_M_ALLOW_SIMULATED,
	ATT_M_COUNT
};

/* Which evidence a member speaks of; also the kind of a whole alternative. */
enum att_scope { ATT_SCOPE_ANY = 0, ATT_SCOPE_SGX, ATT_SCOPE_TDX };

/* The value of one member in one alternative; its type is in the member's row. */
struct att_term {
	bool set;      /* written in the document; else the row's default */
	int64_t num;   /* numbers, flags, dates, seconds, the alternative's kind */
	uint64_t bits; /* masked fields: the bits demanded; name sets: one bit a name */
	uint64_t mask;
	uint8_t *data; /* `count` values of equal width, or NUL-terminated texts, back to back */
	size_t size;
	size_t count;
};

struct att_alternative {
	enum att_scope kind;
	struct att_term term[ATT_M_COUNT];
};

struct att_policy {
	struct att_alternative *alt;
	size_t count;
	uint64_t extra_status; /* att_policy_allow_status: as the bits of tcb_status */
	bool extra_simulated;
	uint8_t id[32];
	char **warning;
	size_t warning_count;
};

/* What the checks look at. */
struct att_subject {
	const att_policy *policy;
	const struct att_alternative *alt;
	const att_verdict *verdict;
	const struct att_claims *claims;
	const struct att_td_body *td;   /* NULL unless the evidence is a TD's */
	const struct att_sgx_body *sgx; /* NULL unless it is an enclave's */
	const struct att_tcb *tcb;
	const struct att_platform *platform;
};

/* Why a check failed. */
struct att_reason {
	char expected[360];
	char seen[360];
};

struct att_member;
typedef att_rc att_term_read(const struct att_member *m, att_json v, struct att_term *t,
			     att_err *err);
typedef void att_term_write(const struct att_member *m, const struct att_term *t, att_jsonw *w);
typedef bool att_term_check(const struct att_member *m, const struct att_term *t,
			    const struct att_subject *s, struct att_reason *why);

struct att_member {
	const char *name;
	enum att_scope scope;
	bool neutral;      /* does not make an alternative one of its scope's kind */
	bool always;       /* holds, at its default, where it is not written */
	uint64_t fallback; /* default: flags as 0 and 1, name sets as bits */
	att_term_read *read;
	att_term_write *write;
	att_term_check *check;
	size_t offset; /* fields of the claims: where in struct att_claims, and how wide */
	size_t width;  /* also the width of values that are not in the claims */
	/* Values that are not in the claims, or not always: false when there is none, and
	 * why->seen says so. */
	bool (*bytes)(const struct att_subject *s, att_bytes *out, struct att_reason *why);
	bool (*number)(const struct att_subject *s, int64_t *out, struct att_reason *why);
	const char *const *names; /* name sets, in bit order, NULL behind the last */
	const char *alias;        /* a value with a name: that name and its bytes */
	const uint8_t *alias_bytes;
	bool pad; /* shorter values are filled up with zeros */
};

extern const struct att_member att_members[ATT_M_COUNT];

/* terms.c: how values are read and written. */
att_term_read att_read_kind, att_read_hex, att_read_uints, att_read_min, att_read_masked,
    att_read_flag, att_read_names, att_read_grace, att_read_date, att_read_duration, att_read_texts,
    att_read_off, att_read_false;
att_term_write att_write_kind, att_write_hex, att_write_uints, att_write_min, att_write_masked,
    att_write_flag, att_write_names, att_write_grace, att_write_date, att_write_duration,
    att_write_texts, att_write_off, att_write_false;

/* checks.c and checks_tcb.c: what they demand. */
att_term_check att_check_kind, att_check_hex, att_check_uints, att_check_min, att_check_masked,
    att_check_any_measurement, att_check_privileged_keys, att_check_service_td,
    att_check_migratable, att_check_sept_ve_disable, att_check_bound, att_check_debug,
    att_check_tcb_status, att_check_min_tcb_date, att_check_advisories_allowed,
    att_check_advisories_refused, att_check_collateral_age, att_check_sgx_type, att_check_smt,
    att_check_dynamic_platform, att_check_cached_keys, att_check_simulated;

/* Puts "2025-07-19" or a whole RFC 3339 time, "30d", "90s" to out. */
#define ATT_DURATION_TEXT 32
void att_duration_format(int64_t seconds, char out[static ATT_DURATION_TEXT]);

/* The j-th text of a list of texts; `*at` starts at 0 and walks. */
const char *att_term_text(const struct att_term *t, size_t *at);

/* The names of the bits set, with ", " between, to out. */
void att_names_format(const char *const *names, uint64_t bits, char *out, size_t size);

/* The bit of a TCB status in sets of them, and the table of their names. */
extern const char *const att_status_names[];
uint64_t att_status_bit(enum att_tcb_status s);

/* The term as it is judged: defaults in their places, and what att_policy_allow_* added. */
struct att_term att_term_of(const att_policy *p, const struct att_alternative *a, size_t i);

/* Does the alternative pin what runs? doc/policy.md, "What counts as a pin". */
bool att_alternative_pins(const struct att_alternative *a);

/* warnings.c: fills policy->warning. */
att_rc att_policy_warn(att_policy *p, att_err *err) ATT_MUST_USE;

#endif
