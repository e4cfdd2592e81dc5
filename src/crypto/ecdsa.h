/* SPDX-License-Identifier: Apache-2.0 */
/* ECDSA-Sig-Value (RFC 3279 section 2.2.3) of P-256 keys in strict DER. */
#ifndef ATT_CRYPTO_ECDSA_H
#define ATT_CRYPTO_ECDSA_H

#include "attest/base.h"

/* SEQUENCE of two positive INTEGERs of at most 256 bits, minimal, nothing behind it; r and s,
 * 32 bytes each, go to rs. False for everything else. Whether r and s are below the group order
 * is left to the verification. */
bool att_ecdsa_der_to_rs(att_bytes der, uint8_t rs[static 64]) ATT_MUST_USE;

#endif
