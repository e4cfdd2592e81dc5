/* SPDX-License-Identifier: Apache-2.0 */
/* Security version numbers of the simulated platform: what quotes and certificates carry and what
 * the newest TCB levels ask for. */
#ifndef ATT_PLATFORM_SIM_LEVELS_H
#define ATT_PLATFORM_SIM_LEVELS_H

#define ATT_SIM_COMPONENT_SVN 5 /* of each of the 16 SGX TCB components */
#define ATT_SIM_PCE_SVN       13
#define ATT_SIM_QE_PROD_ID    1
#define ATT_SIM_QE_SVN        8
#define ATT_SIM_TD_QE_PROD_ID 2
#define ATT_SIM_TD_QE_SVN     4
#define ATT_SIM_QVE_PROD_ID   2
#define ATT_SIM_QVE_SVN       7
#define ATT_SIM_QAE_PROD_ID   3
#define ATT_SIM_QAE_SVN       2

/* TDX module TDX_01 at version 5, SEAM loader at 3. */
#define ATT_SIM_MODULE_SVN     5
#define ATT_SIM_MODULE_VERSION 1
#define ATT_SIM_SEAM_LOADER    3
#define ATT_SIM_TEE_TCB_SVN                                                     \
	{                                                                       \
		ATT_SIM_MODULE_SVN, ATT_SIM_MODULE_VERSION, ATT_SIM_SEAM_LOADER \
	}

#endif
