/* SPDX-License-Identifier: Apache-2.0 */
/* What verifying and signing with RSA share. */
#ifndef ATT_CRYPTO_RSA_INTERNAL_H
#define ATT_CRYPTO_RSA_INTERNAL_H

#include <openssl/bn.h>
#include <openssl/types.h>

#include "base/mem.h"
#include "crypto/rsa.h"

#define ATT_RSA3072_BITS     3072
#define ATT_RSA3072_EXPONENT 3

ATT_DEFINE_CLEANUP(bn, BIGNUM, BN_clear_free)
ATT_DEFINE_CLEANUP(bn_ctx, BN_CTX, BN_CTX_free)
#define auto_bn     __attribute__((cleanup(bn_cleanup)))
#define auto_bn_ctx __attribute__((cleanup(bn_ctx_cleanup)))

/* `count` numbers under their names in OSSL_PARAM as an RSA key; NULL when libcrypto will not. */
struct att_rsa_number {
	const char *name;
	const BIGNUM *value;
};
EVP_PKEY *att_rsa_key_of(const struct att_rsa_number *numbers, size_t count, int selection);

/* Reports that libcrypto could not do it, and empties its queue of errors. */
att_rc att_rsa_failed(att_err *err, const char *what);

#endif
