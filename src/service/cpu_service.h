/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated processor's socket: SOCK_SEQPACKET, a message and its descriptors at a time, an
 * enclave or a TD a connection (platform/sim/cpu_server.h). */
#ifndef ATT_SERVICE_CPU_SERVICE_H
#define ATT_SERVICE_CPU_SERVICE_H

#include "platform/sim/cpu_server.h"
#include "service/loop.h"

typedef struct att_cpu_service att_cpu_service;

/* Zero members mean the figure named. */
struct att_cpu_limits {
	unsigned connections; /* at once: 256 */
	unsigned per_user;    /* at once, of one user id: 192 */
	unsigned launch_ms;   /* from coming to being an enclave or a TD: 30000 */
};

/* Serves the listening socket, which it owns, also after a failure. Processor and quoter are lent;
 * `limits` NULL: the figures above. Beyond a limit of connections, who has been silent for longest
 * without being an enclave or a TD is hung up on (of the same user, where it is that user's limit);
 * where all are, who comes is. Hung up on is also who breaks the protocol, does not take its reply,
 * or has failed to launch three times. ATT_E_NOMEM, ATT_E_IO. */
att_rc att_cpu_service_new(att_loop *l, int fd, att_sim_cpu *cpu,
			   const struct att_sim_quoter *quoter, const struct att_cpu_limits *limits,
			   att_cpu_service **out, att_err *err) ATT_MUST_USE
    ATT_NONNULL(1, 3, 4, 6);
void att_cpu_service_free(att_cpu_service *s);

/* How many are connected now. */
unsigned att_cpu_service_connections(const att_cpu_service *s) ATT_NONNULL(1);

#endif
