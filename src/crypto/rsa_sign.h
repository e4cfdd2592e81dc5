/* SPDX-License-Identifier: Apache-2.0 */
/* RSA keys that sign enclaves: 3072 bits, exponent 3. As crypto/sign.h, no part of
 * libattest.so. */
#ifndef ATT_CRYPTO_RSA_SIGN_H
#define ATT_CRYPTO_RSA_SIGN_H

#include "attest/base.h"
#include "base/buf.h"
#include "crypto/rsa.h"

typedef struct att_rsa_signer att_rsa_signer;

/* A new random key. ATT_E_NOMEM, ATT_E_UNAVAILABLE (libcrypto failed). */
att_rc att_rsa_signer_generate(att_rsa_signer **out, att_err *err) ATT_MUST_USE ATT_NONNULL(1);

/* The key that `seed` and `name` stand for: the same with every libcrypto. Its primes are the first
 * of a sequence that SHA-256 makes of both, so whoever knows the seed has the key: it is worth
 * nothing outside of simulation. Takes some tenths of a second. Errors as above. */
att_rc att_rsa_signer_derive(att_bytes seed, const char *name, att_rsa_signer **out,
			     att_err *err) ATT_MUST_USE ATT_NONNULL(2, 3);

/* An unencrypted private key in PEM (PKCS#8 or PKCS#1). ATT_E_FORMAT: none in it;
 * ATT_E_UNSUPPORTED: not RSA, not of 3072 bits or not with exponent 3; ATT_E_NOMEM. */
att_rc att_rsa_signer_from_pem(att_bytes pem, att_rsa_signer **out, att_err *err) ATT_MUST_USE
    ATT_NONNULL(2);

/* Appends the private key as PEM (PKCS#8): keep it in a file of mode 0600, and wipe the buffer.
 * ATT_E_NOMEM, ATT_E_UNAVAILABLE. */
att_rc att_rsa_signer_to_pem(const att_rsa_signer *s, att_buf *pem, att_err *err) ATT_MUST_USE
    ATT_NONNULL(1, 2);

void att_rsa_signer_free(att_rsa_signer *s);

/* The modulus, little endian. */
void att_rsa_signer_modulus(const att_rsa_signer *s, uint8_t modulus[static ATT_RSA3072_LEN])
    ATT_NONNULL(1);

/* RSASSA-PKCS1-v1_5 with SHA-256 over the parts, little endian. ATT_E_UNAVAILABLE. */
att_rc att_rsa_signer_sign(const att_rsa_signer *s, const att_bytes *parts, size_t count,
			   uint8_t signature[static ATT_RSA3072_LEN], att_err *err) ATT_MUST_USE
    ATT_NONNULL(1);

#endif
