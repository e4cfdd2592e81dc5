/* SPDX-License-Identifier: Apache-2.0 */
/* One exchange with aesmd over its socket. */
#ifndef ATT_PLATFORM_AESM_SOCKET_H
#define ATT_PLATFORM_AESM_SOCKET_H

#include "platform/aesm/client.h"

/* Connects, sends the frame and appends the body of the frame that comes back. The time limit is
 * of all this together. ATT_E_UNAVAILABLE (nobody listens, closed without an answer, time is up),
 * ATT_E_IO, ATT_E_FORMAT and ATT_E_TRUNCATED (the answer), ATT_E_ARG (a name too long),
 * ATT_E_NOMEM. */
att_rc att_aesm_exchange(const struct att_aesm_client *c, att_bytes frame, att_buf *body,
			 att_err *err) ATT_MUST_USE ATT_NONNULL(1, 3);

#endif
