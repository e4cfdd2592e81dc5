/* SPDX-License-Identifier: Apache-2.0 */
/* Message authentication codes over a message given in parts. */
#ifndef ATT_CRYPTO_MAC_H
#define ATT_CRYPTO_MAC_H

#include "attest/base.h"

#define ATT_CMAC_LEN        16
#define ATT_HMAC_SHA256_LEN 32

/* AES-128-CMAC (NIST SP 800-38B) of the parts, one after the other. False when libcrypto fails;
 * then out is zeroed. */
bool att_cmac(const uint8_t key[static 16], const att_bytes *parts, size_t count,
	      uint8_t out[static ATT_CMAC_LEN]) ATT_MUST_USE;

/* HMAC-SHA256 (RFC 2104) of the parts; the key may have any length but 0. False as above. */
bool att_hmac_sha256(att_bytes key, const att_bytes *parts, size_t count,
		     uint8_t out[static ATT_HMAC_SHA256_LEN]) ATT_MUST_USE;

/* Equality of two codes of one length, in constant time. */
bool att_mac_equal(const uint8_t *a, const uint8_t *b, size_t len) ATT_MUST_USE;

#endif
