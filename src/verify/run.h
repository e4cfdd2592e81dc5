/* SPDX-License-Identifier: Apache-2.0 */
/* One verification under way: its inputs, its tools, and the groups of checks it goes through. */
#ifndef ATT_VERIFY_RUN_H
#define ATT_VERIFY_RUN_H

#include "verify/cache.h"
#include "verify/compiled.h"
#include "verify/report.h"
#include "verify/roots.h"

/* A PCK chain read from its text, its signatures and SGX extension: facts about bytes, so it may be
 * remembered. */
struct att_pck {
	struct att_entry entry; /* key: the chain's text */
	struct att_chain chain;
	att_err extension_bad;
	struct att_platform platform;
};

/* Reads the chain and checks its signatures; what is wrong with it is a fact, no error. One
 * reference is the caller's. ATT_E_NOMEM. */
att_rc att_pck_make(att_bytes text, const struct att_compiled *known, att_p256 *tools,
		    struct att_pck **out, att_err *err) ATT_MUST_USE;

struct att_run {
	const struct att_verify_in *in;
	const struct att_quote *quote;
	const struct att_claims *claims;
	const struct att_compiled *k;
	att_p256 *tools;
	struct att_cache *pcks; /* NULL: no cache */
	struct att_cache *qes;
	struct att_report *r;
	struct att_pck *pck; /* a reference; NULL until the chain was read */
	bool pck_is_new;     /* it was not among `pcks` */
};

/* The whole verification. `r` is reset already. ATT_E_NOMEM, or ATT_OK with the outcome in the
 * report. */
att_rc att_run_all(struct att_run *run, att_err *err) ATT_MUST_USE;
void att_run_release(struct att_run *run);

/* The arguments every verification needs (evidence, roots, bound data). */
att_rc att_run_arguments(const struct att_verify_in *in, att_err *err) ATT_MUST_USE;

/* The five checks behind CHAIN_FORMAT; `base` is the first of the chain's six rows. */
void att_check_chain(struct att_run *run, enum att_check_no base, const struct att_chain *c);

/* True when names, constraints, signatures and root of the chain held; else c waits for the first
 * that did not. */
bool att_after_chain(struct att_report *r, enum att_check_no c, enum att_check_no base);

/* The groups, in the order they build on each other. */
void att_check_crl_issuer_format(struct att_run *run); /* type 4 is completed from this chain */
att_rc att_check_pck(struct att_run *run,
		     att_err *err) ATT_MUST_USE; /* pck.*, quote.certification_data */
void att_check_crls(struct att_run *run);        /* CRL issuer chain, CRLs, PCK revocation */
void att_check_documents(struct att_run *run);   /* both signers, TCB info, QE identity */
att_rc att_check_quote(struct att_run *run,
		       att_err *err) ATT_MUST_USE; /* QE report, QE identity, quote signature */
void att_check_tcb(struct att_run *run);           /* module, levels, convergence */
void att_collect_facts(struct att_run *run);       /* dates and numbers of the collateral */

#endif
