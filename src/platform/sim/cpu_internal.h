/* SPDX-License-Identifier: Apache-2.0 */
/* What the processor's instructions share. */
#ifndef ATT_PLATFORM_SIM_CPU_INTERNAL_H
#define ATT_PLATFORM_SIM_CPU_INTERNAL_H

#include "platform/sim/keys.h"

struct att_sim_cpu {
	struct att_sim_fuses fuses;
	uint8_t cpu_svn[16];
	bool launch_pinned;
	uint8_t launch_key_hash[32];
	struct att_sim_tdx_module tdx;
	bool debug;
};

#endif
