/* SPDX-License-Identifier: Apache-2.0 */
/* The quote generation service on the host, over vsock: the way that Intel's library takes first
 * where there is no configfs-tsm. */
#ifndef ATT_PLATFORM_QGS_VSOCK_H
#define ATT_PLATFORM_QGS_VSOCK_H

#include "attest/base.h"
#include "base/buf.h"

#define ATT_QGS_CONF "/etc/tdx-attest.conf"

/* The port in the text of ATT_QGS_CONF ("port = 4050"; lines that begin with '#' are comments); 0
 * when there is none. */
uint32_t att_qgs_port_of(att_bytes text);

/* Sends a framed request to the host, at the port that ATT_QGS_CONF names, and appends the framed
 * answer. Each sending and receiving may take `timeout_ms`. ATT_E_MISSING: no port is configured;
 * ATT_E_UNAVAILABLE: nobody answers; ATT_E_FORMAT: an answer too large; ATT_E_IO, ATT_E_NOMEM. */
att_rc att_qgs_over_vsock(unsigned timeout_ms, att_bytes request, att_buf *answer,
			  att_err *err) ATT_MUST_USE;

#endif
