/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated provisioning service's answers: TCB info (version 3), QE and TD QE identity, and
 * with the PKI's chains and CRLs the whole collateral of a platform. */
#ifndef ATT_PLATFORM_SIM_COLLATERAL_H
#define ATT_PLATFORM_SIM_COLLATERAL_H

#include "attest/collateral.h"
#include "platform/sim/pki.h"

/* Whose collateral, for which TEE, as of when. Fresh at `now`, for thirty days. */
struct att_sim_collateral_of {
	const struct att_platform *platform; /* FMSPC, PCE id, which CA */
	bool tdx;
	int64_t now;
};

/* Appends the text that is signed. The newest level is the simulated platform's own (levels.h) and
 * UpToDate; an older one is OutOfDate, with an advisory. */
void att_sim_put_tcb_info(att_buf *b, const struct att_sim_collateral_of *of);
void att_sim_put_qe_identity(att_buf *b, const struct att_sim_collateral_of *of);

/* All items but pck_certificate_chain, which the quotes carry. ATT_E_NOMEM, ATT_E_UNAVAILABLE. */
att_rc att_sim_collateral_make(const att_sim_pki *pki, const struct att_sim_collateral_of *of,
			       att_collateral **out, att_err *err) ATT_MUST_USE
    ATT_NONNULL(1, 2, 3);

#endif
