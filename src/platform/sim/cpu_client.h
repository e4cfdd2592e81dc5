/* SPDX-License-Identifier: Apache-2.0 */
/* The enclave's (or TD's) side of the simulated processor: a connection is one enclave. Not for two
 * threads at once. */
#ifndef ATT_PLATFORM_SIM_CPU_CLIENT_H
#define ATT_PLATFORM_SIM_CPU_CLIENT_H

#include "platform/sim/wire.h"

typedef struct att_sim_client att_sim_client;

/* Connects to the processor's socket. `timeout_ms` bounds each exchange. ATT_E_UNAVAILABLE: nobody
 * answers there; ATT_E_ARG: the path is too long for a socket; ATT_E_NOMEM. */
att_rc att_sim_client_connect(const char *path, unsigned timeout_ms, att_sim_client **out,
			      att_err *err) ATT_MUST_USE ATT_NONNULL(1, 3);
/* The same over a connected SOCK_SEQPACKET socket, which it owns from here on, also when this
 * fails. ATT_E_NOMEM. */
att_rc att_sim_client_over(int fd, unsigned timeout_ms, att_sim_client **out,
			   att_err *err) ATT_MUST_USE ATT_NONNULL(3);
void att_sim_client_free(att_sim_client *c);

/* All calls below: what the processor answered, as rc with its message; ATT_E_IO: the connection
 * failed or timed out, and is of no use any more; ATT_E_FORMAT: the answer is none; ATT_E_NOMEM. */

/* Becomes the enclave that `image` and `sigstruct` are; `ask` NULL: as signed. Both are copied into
 * sealed memory. `identity` (NULL: not wanted) is what was measured. */
att_rc att_sim_client_launch(att_sim_client *c, att_bytes image, att_bytes sigstruct,
			     const struct att_sim_ask *ask, struct att_secs *identity,
			     att_err *err) ATT_MUST_USE ATT_NONNULL(1);

att_rc att_sim_client_ereport(att_sim_client *c,
			      const uint8_t target[static ATT_SGX_TARGETINFO_LEN],
			      const uint8_t report_data[static 64],
			      uint8_t report[static ATT_SGX_REPORT_LEN], att_err *err) ATT_MUST_USE
    ATT_NONNULL(1);

/* `*sgx_code` (NULL: not wanted) as att_sim_egetkey() has it. */
att_rc att_sim_client_egetkey(att_sim_client *c,
			      const uint8_t keyrequest[static ATT_SGX_KEYREQUEST_LEN],
			      uint8_t key[static 16], uint32_t *sgx_code, att_err *err) ATT_MUST_USE
    ATT_NONNULL(1);

/* Was the REPORT made for this enclave? ATT_E_MISMATCH: it was not. */
att_rc att_sim_client_verify_report(att_sim_client *c,
				    const uint8_t report[static ATT_SGX_REPORT_LEN],
				    att_err *err) ATT_MUST_USE ATT_NONNULL(1);

att_rc att_sim_client_qe_target(att_sim_client *c, uint8_t target[static ATT_SGX_TARGETINFO_LEN],
				att_err *err) ATT_MUST_USE ATT_NONNULL(1);

/* Appends a quote of this enclave or TD. */
att_rc att_sim_client_quote(att_sim_client *c, enum att_sim_kind kind,
			    const uint8_t report_data[static 64], att_buf *out,
			    att_err *err) ATT_MUST_USE ATT_NONNULL(1, 4);

/* Becomes the TD whose initial memory the parts are (ask->parts of them), each filled up with zeros
 * to whole pages. `identity` may be NULL. */
att_rc att_sim_client_td_launch(att_sim_client *c, const struct att_sim_td_ask *ask,
				const att_bytes *parts, struct att_sim_td_identity *identity,
				att_err *err) ATT_MUST_USE ATT_NONNULL(1, 2, 3);

att_rc att_sim_client_rtmr_extend(att_sim_client *c, unsigned index, const uint8_t data[static 48],
				  att_err *err) ATT_MUST_USE ATT_NONNULL(1);

att_rc att_sim_client_tdreport(att_sim_client *c, const uint8_t report_data[static 64],
			       uint8_t report[static ATT_TDREPORT_LEN], att_err *err) ATT_MUST_USE
    ATT_NONNULL(1);

#endif
