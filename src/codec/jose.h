/* SPDX-License-Identifier: Apache-2.0 */
/* JWS compact framing (RFC 7515 section 7.1) for the one profile spoken here: ES256, the key
 * given by the caller. Nothing is verified in this file: it splits, decodes, and refuses every
 * header that asks for more. */
#ifndef ATT_CODEC_JOSE_H
#define ATT_CODEC_JOSE_H

#include "attest/base.h"

#define ATT_JWS_MAX ((size_t)1 << 20) /* bytes of a whole token */

struct att_jws {
	att_bytes
	    signing_input;     /* header and payload as received, what the signature covers; lent */
	uint8_t signature[64]; /* r, s */
	uint8_t *payload;      /* decoded, a NUL behind it; owned */
	size_t payload_len;
};

/* Splits `compact` and checks its header: alg must be ES256, typ absent, "JWT" or "eat+jwt", kid
 * a string that is not looked at. A key or the address of one (jwk, jku, x5c, x5u, x5t,
 * x5t#S256), crit and every other member are refused. ATT_E_FORMAT, ATT_E_MISSING (alg),
 * ATT_E_UNSUPPORTED, ATT_E_NOMEM; offsets are in `compact`. Until the caller has checked the
 * signature the payload is anybody's. */
att_rc att_jws_split(att_bytes compact, struct att_jws *out, att_err *err) ATT_MUST_USE;
void att_jws_free(struct att_jws *j);
#define att_auto_jws __attribute__((cleanup(att_jws_free)))

struct att_buf;

/* Appends the signing input: base64url of {"alg":"ES256","typ":"JWT"}, a dot, base64url of the
 * payload. */
void att_put_jws_input(struct att_buf *b, att_bytes payload);

/* Appends the dot and the signature to a signing input. */
void att_put_jws_signature(struct att_buf *b, const uint8_t rs[static 64]);

#endif
