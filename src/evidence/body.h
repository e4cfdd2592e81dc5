/* SPDX-License-Identifier: Apache-2.0 */
/* The report bodies inside REPORTs and quotes. */
#ifndef ATT_EVIDENCE_BODY_H
#define ATT_EVIDENCE_BODY_H

#include "attest/evidence.h"
#include "base/reader.h"

#define ATT_SGX_BODY_LEN   384
#define ATT_TD_BODY_10_LEN 584
#define ATT_TD_BODY_15_LEN 648

/* Read one SGX REPORT body (ATT_SGX_BODY_LEN bytes) from r; the caller looks at r's end. */
void att_sgx_body_read(att_reader *r, struct att_sgx_body *b);

/* Read one TD report body: ATT_TD_BODY_10_LEN bytes, or ATT_TD_BODY_15_LEN with `has_15`. */
void att_td_body_read(att_reader *r, bool has_15, struct att_td_body *b);

#endif
