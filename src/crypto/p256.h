/* SPDX-License-Identifier: Apache-2.0 */
/* ECDSA P-256 verification and SHA-256 with tools that live as long as their thread needs them.
 *
 * One att_p256 must not be used by two threads at once. It keeps one EVP_PKEY, one verify
 * context and one digest context, and moves the public point of the living key
 * (EVP_PKEY_set1_encoded_public_key): decoding a key afresh costs as much as two verifications.
 * That this is sound with the libcrypto at hand is shown by a self-test (right key, other key,
 * right again, wrong hash, point off the curve, right again); where it fails, each verification
 * makes a new context instead. */
#ifndef ATT_CRYPTO_P256_H
#define ATT_CRYPTO_P256_H

#include "attest/base.h"

#define ATT_SHA256_LEN 32
#define ATT_P256_POINT 65 /* 0x04, x, y */

typedef struct att_p256 att_p256;

/* ATT_E_NOMEM, or ATT_E_UNAVAILABLE when libcrypto offers no P-256 or SHA-256. */
att_rc att_p256_new(att_p256 **out, att_err *err) ATT_MUST_USE;
void att_p256_free(att_p256 *t);

/* More tools like these, at a fifth of the price. Several threads may do this with one `model` at
 * once, as long as none of them verifies with it. The same errors. */
att_rc att_p256_like(const att_p256 *model, att_p256 **out, att_err *err) ATT_MUST_USE;

/* Did libcrypto itself fail (it ran out of memory) in a call since the last time this was asked? A
 * "false" below then says nothing about its input: the caller's answer is ATT_E_NOMEM. */
bool att_p256_failed(att_p256 *t);

/* SHA-256 without fetching or allocating. Returns false when libcrypto fails (then out is
 * zeroed). */
bool att_sha256(att_p256 *t, att_bytes in, uint8_t out[static ATT_SHA256_LEN]) ATT_MUST_USE;
bool att_sha256_2(att_p256 *t, att_bytes a, att_bytes b,
		  uint8_t out[static ATT_SHA256_LEN]) ATT_MUST_USE;

/* Is this uncompressed point on the curve (and not infinity)? */
bool att_p256_on_curve(att_p256 *t, const uint8_t point[static ATT_P256_POINT]) ATT_MUST_USE;

/* Is `der` (ECDSA-Sig-Value, strict DER) this key's signature over the digest / over msg?
 * Anything but a verified signature is false: a point off the curve, bad DER, failure inside
 * libcrypto. */
bool att_p256_verify_digest(att_p256 *t, const uint8_t point[static ATT_P256_POINT],
			    const uint8_t digest[static ATT_SHA256_LEN],
			    att_bytes der) ATT_MUST_USE;
bool att_p256_verify(att_p256 *t, const uint8_t point[static ATT_P256_POINT], att_bytes msg,
		     att_bytes der) ATT_MUST_USE;

/* The same for r and s as 32 bytes each, big endian (quotes, collateral, JOSE). */
bool att_p256_verify_raw(att_p256 *t, const uint8_t point[static ATT_P256_POINT], att_bytes msg,
			 const uint8_t rs[static 64]) ATT_MUST_USE;

/* r || s to ECDSA-Sig-Value. Returns the DER length, at most 72. */
size_t att_p256_rs_to_der(const uint8_t rs[static 64], uint8_t der[static 72]);

#endif
