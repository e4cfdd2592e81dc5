/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of Intel's quote generation service (QGS): what a TD that has no configfs-tsm sends out
 * of its VM, a TDREPORT, and what comes back, a quote. */
#ifndef ATT_PLATFORM_QGS_H
#define ATT_PLATFORM_QGS_H

#include "attest/base.h"
#include "base/buf.h"

#define ATT_TDREPORT_LEN 1024

/* Appends GET_QUOTE_REQ, in the frame of its length (4 bytes, big-endian). */
void att_qgs_put_request(att_buf *b, const uint8_t tdreport[static ATT_TDREPORT_LEN]);

/* The quote in a framed GET_QUOTE_RESP; lends from `in`. ATT_E_UNAVAILABLE when the service answers
 * with an error code; ATT_E_TRUNCATED, ATT_E_TRAILING, ATT_E_FORMAT. */
att_rc att_qgs_response(att_bytes in, att_bytes *quote, att_err *err) ATT_MUST_USE;

#endif
