/* SPDX-License-Identifier: Apache-2.0 */
/* The dial of a simulated world: one setting a fault, each with the values it knows. */
#ifndef ATT_PLATFORM_SIM_DIAL_H
#define ATT_PLATFORM_SIM_DIAL_H

#include "platform/sim/world.h"

/* A setting, for `attest sim fault --list`. Static. */
struct att_sim_setting {
	const char *name;   /* "tcb" */
	const char *values; /* "current|outdated|revoked"; the first is what a world starts with */
	const char *help;   /* one line: what it stands for */
	const char *expected; /* what `attest verify` then says, in a few words */
};

/* Setting i in order; NULL behind the last. */
const struct att_sim_setting *att_sim_setting(size_t i);

/* Turns one setting. ATT_E_ARG: no such setting or value; the message lists what there is. */
att_rc att_sim_world_set(att_sim_world *w, const char *name, const char *value,
			 att_err *err) ATT_MUST_USE ATT_NONNULL(1, 2, 3);

/* Turns all back to how a world starts. */
void att_sim_world_reset(att_sim_world *w) ATT_NONNULL(1);

/* What setting i is at, as text that att_sim_world_set() takes, into `value`. */
#define ATT_SIM_VALUE_TEXT 32
void att_sim_world_get(const att_sim_world *w, size_t i, char value[static ATT_SIM_VALUE_TEXT])
    ATT_NONNULL(1);

/* The error code that AESM must answer with now (aesm_error_t of Intel SGX PSW); 0: none. */
unsigned att_sim_world_aesm_error(const att_sim_world *w) ATT_NONNULL(1);

#endif
