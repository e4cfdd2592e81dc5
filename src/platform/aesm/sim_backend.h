/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated world behind the AESM server: its quoting enclaves, its EPID group, its dial. */
#ifndef ATT_PLATFORM_AESM_SIM_BACKEND_H
#define ATT_PLATFORM_AESM_SIM_BACKEND_H

#include "platform/aesm/server.h"
#include "platform/sim/world.h"

/* Fills `out` with functions over `world`, which it borrows. */
void att_aesm_sim_backend(att_sim_world *world, struct att_aesm_backend *out) ATT_NONNULL(1, 2);

#endif
