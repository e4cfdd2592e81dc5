/* SPDX-License-Identifier: Apache-2.0 */
/* The TCB status that a TCB data set gives to a quote, or to a platform known by its PCK
 * certificate. */
#ifndef ATT_CLI_OUTLOOK_H
#define ATT_CLI_OUTLOOK_H

#include "attest/verify.h"

struct cli_outlook {
	enum att_tcb_status status;
	int64_t evaluation; /* -1 unknown */
	int64_t newer_date; /* tcbDate of the level that it lacks; 0: none */
	char advisories[160];
};

/* The quote is judged whole, as `attest verify` does: a status of what is not authentic is none,
 * and an error. */
att_rc cli_outlook_of_quote(const att_evidence *evidence, const att_collateral *collateral,
			    const att_roots *roots, int64_t now, struct cli_outlook *out,
			    att_err *err) ATT_MUST_USE;

/* The SGX level that the certificate's component SVNs and PCESVN reach; what runs on the platform,
 * QE and TDX module, it does not say. The TCB info is authentic already; its dates are judged,
 * the certificate is not. ATT_E_MISSING, ATT_E_EXPIRED, what att_tcbinfo_parse says. */
att_rc cli_outlook_of_platform(const struct att_platform *platform,
			       const att_collateral *collateral, int64_t now,
			       struct cli_outlook *out, att_err *err) ATT_MUST_USE;

#endif
