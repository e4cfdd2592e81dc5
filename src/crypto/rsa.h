/* SPDX-License-Identifier: Apache-2.0 */
/* RSA as SGX enclave signatures use it: 3072 bits, exponent 3, numbers little endian. */
#ifndef ATT_CRYPTO_RSA_H
#define ATT_CRYPTO_RSA_H

#include "attest/base.h"

#define ATT_RSA3072_LEN 384

/* Is `signature` the RSASSA-PKCS1-v1_5 signature with SHA-256 (RFC 8017 section 8.2) of the parts,
 * one after the other, under this modulus with exponent 3? ATT_E_SIGNATURE: it is not (also where
 * the modulus is none of 3072 bits, or the signature not below it); ATT_E_UNAVAILABLE: libcrypto
 * failed. */
att_rc att_rsa3072_verify(const uint8_t modulus[static ATT_RSA3072_LEN], const att_bytes *parts,
			  size_t count, const uint8_t signature[static ATT_RSA3072_LEN],
			  att_err *err) ATT_MUST_USE;

/* The quotients that SIGSTRUCT carries so that EINIT need not divide (Intel SDM volume 3D,
 * SIGSTRUCT): q1 = S^2 / M and q2 = (S^3 - q1 S M) / M, rounded down. ATT_E_FORMAT: the signature
 * is not below the modulus; ATT_E_UNAVAILABLE. */
att_rc att_rsa3072_quotients(const uint8_t modulus[static ATT_RSA3072_LEN],
			     const uint8_t signature[static ATT_RSA3072_LEN],
			     uint8_t q1[static ATT_RSA3072_LEN], uint8_t q2[static ATT_RSA3072_LEN],
			     att_err *err) ATT_MUST_USE;

#endif
