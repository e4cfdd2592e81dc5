/* SPDX-License-Identifier: Apache-2.0 */
/* Report bodies, written. */
#ifndef ATT_PLATFORM_SIM_BODY_H
#define ATT_PLATFORM_SIM_BODY_H

#include "attest/evidence.h"
#include "base/buf.h"

/* Appends 384 bytes (Intel SGX DCAP quote library API, "sgx_report_body_t"); reserved bytes are
 * zero. */
void att_sim_put_sgx_body(att_buf *b, const struct att_sgx_body *s);

/* Appends 584 bytes (Intel TDX DCAP quote library API, TD report body), or 648 with the fields of
 * TDX 1.5 where td->has_15. */
void att_sim_put_td_body(att_buf *b, const struct att_td_body *td);

/* Appends what a TD report body and a TDINFO_STRUCT (Intel TDX module ABI specification) have in
 * common: ATTRIBUTES to RTMR3, 400 bytes. */
void att_sim_put_td_measured(att_buf *b, const struct att_td_body *td);

#endif
