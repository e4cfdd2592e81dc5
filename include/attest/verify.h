/* SPDX-License-Identifier: Apache-2.0 */
/* Verification: is this evidence authentic, and how good is the platform it comes from?
 *
 * A pure function of evidence, collateral, roots and time. Two axes that never mix: att_rc says
 * whether authenticity could be established, enum att_tcb_status how good the platform is. Neither
 * opens a door: att_appraise() does, with a policy. */
#ifndef ATTEST_VERIFY_H
#define ATTEST_VERIFY_H

#include "attest/base.h"
#include "attest/collateral.h"
#include "attest/evidence.h"

#ifdef __cplusplus
extern "C" {
#endif

/* --- Roots --- */

typedef struct att_roots att_roots;

/* An empty set: nothing chains to it. NULL when out of memory, or libcrypto offers no P-256. */
ATT_API att_roots *att_roots_new(void);

/* Intel's production root key ("Intel SGX Root CA", to 2049-12-31). NULL when out of memory. */
ATT_API att_roots *att_roots_intel(void);
ATT_API void att_roots_free(att_roots *r);

/* Adds one root certificate (PEM or DER, P-256, CA). The key is what counts; a root with attest's
 * simulation marker makes every verdict under it `simulated`. Label: for people, at most 63 bytes.
 * ATT_E_FORMAT, ATT_E_UNSUPPORTED, ATT_E_ARG (more than 16 roots, label too long), ATT_E_NOMEM. */
ATT_API att_rc att_roots_add(att_roots *r, att_bytes certificate, const char *label,
			     att_err *err) ATT_MUST_USE ATT_NONNULL(1, 3);
ATT_API size_t att_roots_count(const att_roots *r) ATT_NONNULL(1);

/* --- What a verdict and a report say --- */

enum att_tcb_status {
	ATT_TCB_NONE = 0, /* no level search ran on authenticated input */
	ATT_TCB_UP_TO_DATE,
	ATT_TCB_SW_HARDENING_NEEDED,
	ATT_TCB_CONFIGURATION_NEEDED,
	ATT_TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED,
	ATT_TCB_TD_RELAUNCH_ADVISED,
	ATT_TCB_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED,
	ATT_TCB_OUT_OF_DATE,
	ATT_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED,
	ATT_TCB_REVOKED,       /* never in a verdict */
	ATT_TCB_NOT_SUPPORTED, /* never in a verdict */
};

/* Intel's spelling ("ConfigurationAndSWHardeningNeeded"); NULL for ATT_TCB_NONE and others. */
ATT_API const char *att_tcb_status_name(enum att_tcb_status s);
/* ATT_TCB_NONE when the name is none of Intel's. */
ATT_API enum att_tcb_status att_tcb_status_of(const char *name, size_t len);

/* One judged part: platform (TCB info level), TDX module, quoting enclave. */
struct att_tcb_part {
	enum att_tcb_status status; /* ATT_TCB_NONE: not judged, or there is no such part */
	int64_t date;               /* tcbDate of the matched level; 0 when none matched */
	int64_t newer_date; /* of the first level newer than the matched one; 0: it is the newest */
	const char *const
	    *advisories; /* of the matched level, sorted; lent by the report or verdict */
	size_t advisory_count;
};

struct att_tcb {
	enum att_tcb_status status; /* platform, module and QE converged (Intel QVL's tables) */
	struct att_tcb_part platform;
	struct att_tcb_part module;
	struct att_tcb_part qe;
	const char *const *advisories; /* sorted union without repeats */
	size_t advisory_count;
};

/* What the collateral says of itself; 0 where it could not be read. Dates over the TCB info, the QE
 * identity, both CRLs and every certificate, as Intel's library computes them. */
struct att_collateral_facts {
	int64_t earliest_issue;
	int64_t latest_issue;
	int64_t earliest_expiration;
	int64_t latest_expiration;
	int64_t tcb_info_issue;
	int64_t tcb_info_next_update;
	int64_t qe_identity_issue;
	int64_t qe_identity_next_update;
	int64_t root_crl_this_update;
	int64_t pck_crl_this_update;
	int64_t tcb_evaluation; /* tcbEvaluationDataNumber of the TCB info; -1 unknown */
	int64_t qe_evaluation;
	int64_t root_crl_number; /* -1 unknown */
	int64_t pck_crl_number;
};

enum att_tri { ATT_UNKNOWN = -1, ATT_FALSE = 0, ATT_TRUE = 1 };

/* What the PCK certificate says of the platform. */
struct att_platform {
	bool present;     /* a PCK certificate was read */
	bool platform_ca; /* issued by the Platform CA (multi-package); else the Processor CA */
	uint8_t ppid[16];
	uint8_t components[16]; /* SGX TCB component SVNs */
	uint16_t pce_svn;
	uint8_t cpu_svn[16];
	uint8_t pce_id[2];
	uint8_t fmspc[6];
	uint8_t sgx_type; /* 0 Standard, 1 Scalable, 2 Scalable with integrity */
	bool has_instance_id;
	uint8_t instance_id[16];
	enum att_tri dynamic_platform;
	enum att_tri cached_keys;
	enum att_tri smt_enabled;
};

struct att_root_facts {
	bool present; /* the chain ends in one of the roots given */
	char label[64];
	uint8_t key_sha256[32]; /* SHA-256 of its SubjectPublicKeyInfo (DER) */
	bool simulated;
};

/* --- The report: every check of one verification --- */

enum att_outcome { ATT_PASS = 1, ATT_FAIL, ATT_WARN, ATT_NOT_RUN };
ATT_API const char *att_outcome_name(enum att_outcome o); /* "pass", "fail", "warn", "not-run" */

/* One check in words; filled by value. Static strings but for the buffers. */
struct att_check {
	const char *id; /* "tcb_info.signature"; stable */
	const char *title;
	const char *clause; /* source of the rule */
	enum att_outcome outcome;
	att_rc rc;             /* what att_verify returns when this is the check that decides */
	bool collateral;       /* better collateral could mend a failure (exit code 3, not 2) */
	const char *waits_for; /* not-run: the check it waits for; NULL when it does not apply */
	char expected[200];
	char seen[200];
	char remedy[240]; /* empty unless fail or warn */
};

typedef struct att_report att_report;
typedef struct att_verdict att_verdict;

ATT_API void att_report_free(att_report *r);
ATT_API size_t att_report_count(const att_report *r) ATT_NONNULL(1);
ATT_API void att_report_check(const att_report *r, size_t i, struct att_check *out)
    ATT_NONNULL(1, 3);
/* The outcome by id; 0 when there is no such check. */
ATT_API enum att_outcome att_report_outcome(const att_report *r, const char *id) ATT_NONNULL(1, 2);
ATT_API bool att_report_authentic(const att_report *r) ATT_NONNULL(1);
ATT_API att_rc att_report_rc(const att_report *r) ATT_NONNULL(1); /* ATT_OK when authentic */
/* True when every failed check could be mended by better collateral (exit code 3). */
ATT_API bool att_report_collateral_only(const att_report *r) ATT_NONNULL(1);
ATT_API const struct att_tcb *att_report_tcb(const att_report *r) ATT_NONNULL(1);
ATT_API const struct att_collateral_facts *att_report_collateral(const att_report *r)
    ATT_NONNULL(1);
ATT_API const struct att_platform *att_report_platform(const att_report *r) ATT_NONNULL(1);
ATT_API const struct att_root_facts *att_report_root(const att_report *r) ATT_NONNULL(1);
ATT_API int64_t att_report_time(const att_report *r) ATT_NONNULL(1);
ATT_API bool att_report_bound(const att_report *r)
    ATT_NONNULL(1); /* report data was compared, and equal */
ATT_API bool att_report_simulated(const att_report *r) ATT_NONNULL(1);

/* A report for evidence that could not be parsed, or collateral that could not be read: check
 * `failed_id` ("evidence.format", "collateral.format") fails with `why`, all else is not-run. */
ATT_API att_rc att_report_of_failure(const char *failed_id, const att_err *why, int64_t now,
				     att_report **out, att_err *err) ATT_MUST_USE
    ATT_NONNULL(1, 2, 4);

/* Every check there is, in order: for documentation and completeness tests. False when i is too
 * large. */
ATT_API bool att_check_info(size_t i, struct att_check *out) ATT_NONNULL(2);

/* --- The verdict: authentic evidence --- */

ATT_API void att_verdict_free(att_verdict *v);
ATT_API const struct att_claims *att_verdict_claims(const att_verdict *v) ATT_NONNULL(1);
ATT_API const struct att_tcb *att_verdict_tcb(const att_verdict *v) ATT_NONNULL(1);
ATT_API const struct att_collateral_facts *att_verdict_collateral(const att_verdict *v)
    ATT_NONNULL(1);
ATT_API const struct att_platform *att_verdict_platform(const att_verdict *v) ATT_NONNULL(1);
ATT_API const struct att_root_facts *att_verdict_root(const att_verdict *v) ATT_NONNULL(1);
ATT_API int64_t att_verdict_time(const att_verdict *v) ATT_NONNULL(1);
ATT_API bool att_verdict_bound(const att_verdict *v) ATT_NONNULL(1);
ATT_API bool att_verdict_simulated(const att_verdict *v) ATT_NONNULL(1);

/* --- One verification --- */

/* Says on purpose that no report data is expected; the verdict then is not `bound`. */
#define ATT_UNBOUND att_bytes_of(NULL, SIZE_MAX)

struct att_verify_in {
	const att_evidence *evidence;
	const att_collateral *collateral; /* NULL only with att_verifier_run() */
	const att_roots *roots;           /* no default */
	int64_t now;                      /* seconds since 1970; no default */
	/* Expected report data, 1 to 64 bytes, compared with the leading bytes; the rest must be
	 * zero. Empty is ATT_E_ARG. Hashing is the caller's. Public data: not compared in constant
	 * time. */
	att_bytes bound_data;
};

/* Verify SGX and TDX quotes (Intel SGX DCAP quote verification, all of doc/verification.md).
 *
 * `*report` is given whenever the arguments were whole (also when the evidence is not authentic),
 * `*verdict` only when it is; either pointer may be NULL when the caller does not want that object.
 * Free both. Neither lends from the inputs.
 *
 * ATT_OK: authentic; look at att_verdict_tcb(). Otherwise the code of the failed check that
 * decides, and err says it in a line: ATT_E_SIGNATURE, ATT_E_CHAIN, ATT_E_REVOKED, ATT_E_EXPIRED,
 * ATT_E_MISMATCH, ATT_E_MISSING (a collateral item, by name), ATT_E_FORMAT and its like,
 * ATT_E_UNSUPPORTED; ATT_E_ARG, ATT_E_NOMEM and ATT_E_UNAVAILABLE without a report.
 *
 * Not established: that the TCB status is good enough, that measurements are the right ones, that
 * the enclave is no debug enclave, that the evidence is fresh unless report data was bound to a
 * nonce of the caller's. */
ATT_API att_rc att_verify(const struct att_verify_in *in, att_report **report,
			  att_verdict **verdict, att_err *err) ATT_MUST_USE ATT_NONNULL(1);

/* --- Many verifications --- */

struct att_verifier_options {
	size_t chain_entries; /* PCK chains remembered; 0 none */
	size_t qe_entries;    /* QE reports remembered; 0 none */
};
#define ATT_VERIFIER_DEFAULTS att_verifier_defaults()

/* 1024 entries each: what ATT_VERIFIER_DEFAULTS stands for, in C and in C++. */
static inline struct att_verifier_options att_verifier_defaults(void)
{
	struct att_verifier_options o = { 1024, 1024 };
	return o;
}

typedef struct att_verifier att_verifier;

/* Long-lived, thread-safe: any number of threads may run, set and free collateral at once. Caches
 * are bounded and hold nothing but "this key signed these bytes": dates, revocation and TCB levels
 * are judged at every call at the caller's time, and the quote's own signature is verified at every
 * call. ATT_E_ARG (an option over 2^20), ATT_E_NOMEM, ATT_E_UNAVAILABLE. */
ATT_API att_rc att_verifier_new(struct att_verifier_options options, att_verifier **out,
				att_err *err) ATT_MUST_USE ATT_NONNULL(2);
ATT_API void att_verifier_free(att_verifier *v);

/* Compiles collateral and swaps it in atomically; runs under way finish with the old one. Items
 * that are missing or bad are no error here: each run reports them. ATT_E_NOMEM,
 * ATT_E_UNAVAILABLE. */
ATT_API att_rc att_verifier_set_collateral(att_verifier *v, const att_collateral *c,
					   att_err *err) ATT_MUST_USE ATT_NONNULL(1, 2);

/* As att_verify, with the verifier's collateral when in->collateral is NULL (ATT_E_MISSING when
 * there is none). */
ATT_API att_rc att_verifier_run(att_verifier *v, const struct att_verify_in *in,
				att_report **report, att_verdict **verdict,
				att_err *err) ATT_MUST_USE ATT_NONNULL(1, 2);

/* Gives a report and a verdict (either may be NULL) back for the next run to use their memory; as
 * good as freeing them, and with att_evidence_reparse() a run then allocates nothing. */
ATT_API void att_verifier_recycle(att_verifier *v, att_report *report, att_verdict *verdict)
    ATT_NONNULL(1);

#ifdef __cplusplus
}
#endif
#endif
