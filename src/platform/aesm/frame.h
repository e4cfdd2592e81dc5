/* SPDX-License-Identifier: Apache-2.0 */
/* How aesmd and its clients frame what they say on the socket: a length of four bytes, little
 * endian, then one message in protocol buffers. One request and one response a connection. */
#ifndef ATT_PLATFORM_AESM_FRAME_H
#define ATT_PLATFORM_AESM_FRAME_H

#include "base/buf.h"

#define ATT_AESM_HEADER 4u

/* What is neither SigRL nor quote fits into 64 KiB by far: reports, key ids, white lists. The
 * largest SigRL counted on is ATT_AESM_SIGRL_ENTRIES, 128 bytes each in the request and 160 each in
 * the quote that answers it. Both directions have one cap, checked before anything is allocated. */
#define ATT_AESM_SIGRL_ENTRIES 1024u
#define ATT_AESM_BODY_MAX      (65536u + ATT_AESM_SIGRL_ENTRIES * 160u)

/* The length a header announces. ATT_E_FORMAT: nothing, or more than ATT_AESM_BODY_MAX. */
att_rc att_aesm_header(const uint8_t header[static ATT_AESM_HEADER], size_t *body,
		       att_err *err) ATT_MUST_USE ATT_NONNULL(2);

/* The body of a whole frame, lent. ATT_E_TRUNCATED, ATT_E_TRAILING, and as att_aesm_header(). */
att_rc att_aesm_frame_parse(att_bytes frame, att_bytes *body, att_err *err) ATT_MUST_USE
    ATT_NONNULL(2);

/* Appends a frame. ATT_E_ARG: the body is empty or longer than ATT_AESM_BODY_MAX. */
att_rc att_aesm_frame_put(att_buf *out, att_bytes body, att_err *err) ATT_MUST_USE ATT_NONNULL(1);

#endif
