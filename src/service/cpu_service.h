/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated processor's socket: SOCK_SEQPACKET, a message and its descriptors at a time, an
 * enclave or a TD a connection (platform/sim/cpu_server.h). */
#ifndef ATT_SERVICE_CPU_SERVICE_H
#define ATT_SERVICE_CPU_SERVICE_H

#include "platform/sim/cpu_server.h"
#include "service/loop.h"

typedef struct att_cpu_service att_cpu_service;

/* Serves the listening socket, which it owns, also after a failure. Processor and quoter are lent.
 * At most 256 enclaves at once; who comes then is hung up on, as is who breaks the protocol or does
 * not take its reply. ATT_E_NOMEM, ATT_E_IO. */
att_rc att_cpu_service_new(att_loop *l, int fd, att_sim_cpu *cpu,
			   const struct att_sim_quoter *quoter, att_cpu_service **out,
			   att_err *err) ATT_MUST_USE ATT_NONNULL(1, 3, 4, 5);
void att_cpu_service_free(att_cpu_service *s);

/* How many are connected now. */
unsigned att_cpu_service_connections(const att_cpu_service *s) ATT_NONNULL(1);

#endif
