/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated processor's side of one connection: a message and its descriptors in, a reply out.
 * No socket is opened here; whoever owns the socket carries the messages.
 *
 * A connection has at most one identity, an enclave's or a TD's. It is measured here from sealed
 * memory that the client passed, and nothing that the client says can make it another one. */
#ifndef ATT_PLATFORM_SIM_CPU_SERVER_H
#define ATT_PLATFORM_SIM_CPU_SERVER_H

#include "platform/sim/wire.h"

/* The quoting enclaves, which are the world's affair. */
struct att_sim_quoter {
	void *ctx;
	/* TARGETINFO of the SGX quoting enclave. */
	att_rc (*qe_target)(void *ctx, uint8_t target[ATT_SGX_TARGETINFO_LEN], att_err *err);
	/* Append a quote of a REPORT made for it, or of a TDREPORT. */
	att_rc (*quote)(void *ctx, int kind, const uint8_t report[ATT_SGX_REPORT_LEN], att_buf *out,
			att_err *err);
	att_rc (*td_quote)(void *ctx, int kind, const uint8_t report[ATT_TDREPORT_LEN],
			   att_buf *out, att_err *err);
};

typedef struct att_sim_conn att_sim_conn;

/* Processor and quoter are lent, and outlive the connection. ATT_E_NOMEM. */
att_rc att_sim_conn_new(att_sim_cpu *cpu, const struct att_sim_quoter *quoter, att_sim_conn **out,
			att_err *err) ATT_MUST_USE ATT_NONNULL(1, 2, 3);
void att_sim_conn_free(att_sim_conn *c);

/* Answers one message of at most ATT_SIM_MESSAGE_MAX bytes. The descriptors stay the caller's, who
 * closes them after the call; they must be memfds sealed against writing, growing and shrinking
 * (F_SEAL_WRITE, F_SEAL_GROW, F_SEAL_SHRINK), of which up to ATT_SIM_IMAGE_MAX bytes are mapped
 * while they are measured: no file system of the client's is ever waited for. The system calls are
 * fstat, fcntl(F_GET_SEALS), mmap and munmap.
 *
 * `reply` must be empty. ATT_OK: it holds the reply, which may be a refusal; then the connection
 * goes on. ATT_E_NOMEM: hang up. A reply may hold a key: wipe it when it is sent. */
att_rc att_sim_conn_handle(att_sim_conn *c, att_bytes message, const int *fds, size_t fd_count,
			   att_buf *reply, att_err *err) ATT_MUST_USE ATT_NONNULL(1, 5);

/* Did three launches fail? Then hang up when the reply is sent: whoever measures for everybody has
 * other things to do. */
bool att_sim_conn_spent(const att_sim_conn *c) ATT_NONNULL(1);

/* What the connection has become, for logs: "", "enclave", "td". Static. */
const char *att_sim_conn_is(const att_sim_conn *c) ATT_NONNULL(1);

#endif
