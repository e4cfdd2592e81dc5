/* SPDX-License-Identifier: Apache-2.0 */
/* The kinds of quotes by their names: for who asks for quotes, and who makes them. */
#include "platform/sim/quote.h"

static const char *const names[ATT_SIM_KINDS] = {
	[ATT_SIM_SGX3] = "sgx3", [ATT_SIM_SGX4] = "sgx4", [ATT_SIM_SGX5] = "sgx5",
	[ATT_SIM_TDX4] = "tdx4", [ATT_SIM_TDX5] = "tdx5", [ATT_SIM_TDX15] = "tdx15",
};

const char *att_sim_kind_name(enum att_sim_kind kind)
{
	return (size_t)kind < ATT_SIM_KINDS ? names[kind] : NULL;
}

bool att_sim_kind_is_tdx(enum att_sim_kind kind)
{
	return kind >= ATT_SIM_TDX4;
}
