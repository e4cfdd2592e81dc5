/* SPDX-License-Identifier: Apache-2.0 */
/* In which form evidence came, and the bytes it stands for. */
#ifndef ATT_EVIDENCE_ENCODING_H
#define ATT_EVIDENCE_ENCODING_H

#include "attest/evidence.h"

/* PEM when the text starts with "-----BEGIN "; hex when it has only hex digits (one "0x" may stand
 * before them); base64 when it has only characters of base64 or only of base64url; else binary.
 * White space (space, tab, CR, LF) does not count. A binary quote or REPORT has bytes that are no
 * text, so that no evidence can be read both ways; digits that are hex and base64 are hex. */
enum att_encoding att_encoding_detect(att_bytes in);

/* How much room att_encoding_decode() may ask for at most. */
static inline size_t att_encoding_room(size_t in_len)
{
	return in_len + 3;
}

/* Decode `in`, which att_encoding_detect() called `e`, into out, with room for
 * att_encoding_room(in.len) bytes. base64 is padded, base64url is not (RFC 4648 sections 4 and 5).
 * PEM: one block of any label, with nothing but white space around it.
 *
 * ATT_E_FORMAT, ATT_E_TRAILING; offsets are in the text. */
att_rc att_encoding_decode(att_bytes in, enum att_encoding e, uint8_t *out, size_t *out_len,
			   att_err *err) ATT_MUST_USE;

#endif
