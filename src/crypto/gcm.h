/* SPDX-License-Identifier: Apache-2.0 */
/* AES-128-GCM (NIST SP 800-38D) with an IV of 12 bytes and no additional data. */
#ifndef ATT_CRYPTO_GCM_H
#define ATT_CRYPTO_GCM_H

#include "attest/base.h"

#define ATT_GCM_KEY 16
#define ATT_GCM_IV  12
#define ATT_GCM_TAG 16

/* Encrypts in.len bytes to `out`, which may be where `in` is. One key must never see one IV twice.
 * False when libcrypto fails. */
bool att_gcm_seal(const uint8_t key[static ATT_GCM_KEY], const uint8_t iv[static ATT_GCM_IV],
		  att_bytes in, uint8_t *out, uint8_t tag[static ATT_GCM_TAG]) ATT_MUST_USE;

/* The way back. False when the tag is not that of key, IV and text, or when libcrypto fails; then
 * `out` is zeroed. */
bool att_gcm_open(const uint8_t key[static ATT_GCM_KEY], const uint8_t iv[static ATT_GCM_IV],
		  att_bytes in, const uint8_t tag[static ATT_GCM_TAG], uint8_t *out) ATT_MUST_USE;

#endif
