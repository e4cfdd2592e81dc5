/* SPDX-License-Identifier: Apache-2.0 */
/* Digests outside the verification path; for SHA-256 on it see crypto/p256.h. */
#ifndef ATT_CRYPTO_DIGEST_H
#define ATT_CRYPTO_DIGEST_H

#include "attest/base.h"

#define ATT_SHA384_LEN 48

/* SHA-384 over a and then b into out, which may overlap either. False when libcrypto fails; then
 * out is as it was. */
bool att_sha384(att_bytes a, att_bytes b, uint8_t out[static ATT_SHA384_LEN]) ATT_MUST_USE;

/* SHA-256 of one text, for where no att_p256 lives. False when libcrypto fails; then out is as it
 * was. */
bool att_sha256_once(att_bytes in, uint8_t out[static 32]) ATT_MUST_USE;

/* SHA-512 likewise. */
bool att_sha512_once(att_bytes in, uint8_t out[static 64]) ATT_MUST_USE;

#endif
