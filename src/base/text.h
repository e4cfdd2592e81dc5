/* SPDX-License-Identifier: Apache-2.0 */
/* Hex, base64 and percent encodings. Decoders are strict: every byte of the input is accounted
 * for. */
#ifndef ATT_BASE_TEXT_H
#define ATT_BASE_TEXT_H

#include "attest/base.h"

/* Writes 2 * in.len lower-case digits and a NUL to out. */
void att_hex_encode(att_bytes in, char *out);

/* Decodes exactly in.len / 2 bytes, upper or lower case, no white space. ATT_E_FORMAT with the
 * offset of the first bad digit; ATT_E_FORMAT when in.len is odd or out_len is not in.len / 2. */
att_rc att_hex_decode(att_bytes in, uint8_t *out, size_t out_len, att_err *err) ATT_MUST_USE;

/* Decodes base64 (RFC 4648 section 4, padding required). White space (space, tab, CR, LF) is
 * skipped when `skip_ws`. Unused bits must be zero. `*out_len` holds the room at `out` before and
 * the length after; room for 3 * (in.len / 4) + 3 is always enough. */
att_rc att_base64_decode(att_bytes in, bool skip_ws, uint8_t *out, size_t *out_len,
			 att_err *err) ATT_MUST_USE;

/* The same for base64url without padding (RFC 4648 section 5, as JOSE wants it). */
att_rc att_base64url_decode(att_bytes in, uint8_t *out, size_t *out_len, att_err *err) ATT_MUST_USE;

struct att_buf;
void att_put_base64(struct att_buf *b, att_bytes in);
void att_put_base64url(struct att_buf *b, att_bytes in);

/* Percent-decodes (RFC 3986) into b; '+' stays '+'. */
att_rc att_percent_decode(att_bytes in, struct att_buf *b, att_err *err) ATT_MUST_USE;

/* Length of the well-formed UTF-8 sequence at p, where `left` > 0 bytes are; 0 when there is
 * none. */
size_t att_utf8_step(const uint8_t *p, size_t left);

/* True when b is valid UTF-8 (no surrogates, no overlong forms, at most U+10FFFF). */
bool att_utf8_valid(att_bytes b);

#endif
