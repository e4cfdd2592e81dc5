/* SPDX-License-Identifier: Apache-2.0 */
/* The whole collateral of a simulated machine: TCB info (version 3), QE or TD QE identity, chains
 * and CRLs. */
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

/* All items but pck_certificate_chain, which the quotes carry. The newest TCB level is the
 * simulated platform's own (levels.h) and UpToDate; an older one is OutOfDate, with an advisory.
 * ATT_E_NOMEM, ATT_E_UNAVAILABLE. */
att_rc att_sim_collateral_make(const att_sim_pki *pki, const struct att_sim_collateral_of *of,
			       att_collateral **out, att_err *err) ATT_MUST_USE
    ATT_NONNULL(1, 2, 3);

#endif
