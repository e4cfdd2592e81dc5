/* SPDX-License-Identifier: Apache-2.0 */
/* P-256 keys that sign: the issuing side, for platforms that are simulated. Built into a library of
 * its own, so that libattest.so can not sign as anybody. */
#ifndef ATT_CRYPTO_SIGN_H
#define ATT_CRYPTO_SIGN_H

#include "attest/base.h"
#include "crypto/p256.h"

typedef struct att_signer att_signer;

/* A new random key. ATT_E_NOMEM, ATT_E_UNAVAILABLE (libcrypto failed). */
att_rc att_signer_generate(att_signer **out, att_err *err) ATT_MUST_USE ATT_NONNULL(1);

/* The key that `seed` and `name` stand for: a hash of both. Whoever knows the seed has the key, so
 * it is worth nothing outside tests. Errors as above. */
att_rc att_signer_derive(att_bytes seed, const char *name, att_signer **out,
			 att_err *err) ATT_MUST_USE ATT_NONNULL(2, 3);

void att_signer_free(att_signer *s);

/* The public point, uncompressed. */
void att_signer_point(const att_signer *s, uint8_t point[static ATT_P256_POINT]);

/* ECDSA with SHA-256 over msg: r and s, 32 bytes each. The nonce is random, so two signatures of
 * one text differ. ATT_E_UNAVAILABLE. */
att_rc att_signer_sign(const att_signer *s, att_bytes msg, uint8_t rs[static 64],
		       att_err *err) ATT_MUST_USE ATT_NONNULL(1, 3);

#endif
