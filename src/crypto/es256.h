/* SPDX-License-Identifier: Apache-2.0 */
/* ES256 (RFC 7518 section 3.4) with PEM keys: what result tokens are signed and checked with. */
#ifndef ATT_CRYPTO_ES256_H
#define ATT_CRYPTO_ES256_H

#include "attest/base.h"

/* Signs msg with a P-256 private key in PEM (PKCS#8 or SEC1, unencrypted). The decoded key is
 * freed (and wiped by libcrypto) before return. ATT_E_FORMAT: no such key; ATT_E_UNSUPPORTED:
 * another curve. */
att_rc att_es256_sign(att_bytes private_pem, att_bytes msg, uint8_t rs[static 64],
		      att_err *err) ATT_MUST_USE;

/* Checks with a public key (PEM SubjectPublicKeyInfo, a PEM certificate, or a JWK with kty EC, crv
 * P-256). ATT_E_SIGNATURE when it is not this key's signature. */
att_rc att_es256_verify(att_bytes public_key, att_bytes msg, const uint8_t rs[static 64],
			att_err *err) ATT_MUST_USE;

/* The uncompressed point of such a public key. */
att_rc att_es256_point(att_bytes key, uint8_t point[static 65], att_err *err) ATT_MUST_USE;

#endif
