/* SPDX-License-Identifier: Apache-2.0 */
/* A simulated machine: its PKI, its processors with their PCKs, quotes of them, its collateral.
 * What generators, benchmarks and tests take their evidence from. */
#ifndef ATT_PLATFORM_SIM_MACHINE_H
#define ATT_PLATFORM_SIM_MACHINE_H

#include "platform/sim/collateral.h"
#include "platform/sim/quote.h"

#define ATT_SIM_CPUS_MAX 64u

struct att_sim_options {
	struct att_sim_seed seed; /* "": random keys */
	int64_t now;
	bool platform_ca; /* certified by the Platform CA, else by the Processor CA */
	unsigned cpus;    /* processors, each with a PCK of its own; at least 1 */
	uint8_t fmspc[6]; /* all zero: the simulator's own, 0053494d0000 */
};

typedef struct att_sim_machine att_sim_machine;

/* ATT_E_ARG (cpus), ATT_E_NOMEM, ATT_E_UNAVAILABLE. */
att_rc att_sim_machine_new(const struct att_sim_options *options, att_sim_machine **out,
			   att_err *err) ATT_MUST_USE ATT_NONNULL(1, 2);
void att_sim_machine_free(att_sim_machine *m);

/* Lent by the machine. */
const att_sim_pki *att_sim_machine_pki(const att_sim_machine *m);
const struct att_sim_pck *att_sim_machine_pck(const att_sim_machine *m, unsigned cpu);

/* Appends a quote of the kind: number n of the machine, with an attestation key, a QE report and
 * report data of its own, by processor n modulo the number of processors. Errors as above. */
att_rc att_sim_machine_quote(const att_sim_machine *m, enum att_sim_kind kind, unsigned n,
			     att_buf *out, att_err *err) ATT_MUST_USE ATT_NONNULL(1, 4);

/* Collateral for the machine's quotes, as of the machine's time. Errors as above. */
att_rc att_sim_machine_collateral(const att_sim_machine *m, bool tdx, att_collateral **out,
				  att_err *err) ATT_MUST_USE ATT_NONNULL(1, 3);

#endif
