/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/gcm.h"

#include <limits.h>
#include <string.h>

#include <openssl/evp.h>

#include "base/mem.h"

ATT_DEFINE_CLEANUP(cipher_ctx, EVP_CIPHER_CTX, EVP_CIPHER_CTX_free)

bool att_gcm_seal(const uint8_t key[static ATT_GCM_KEY], const uint8_t iv[static ATT_GCM_IV],
		  att_bytes in, uint8_t *out, uint8_t tag[static ATT_GCM_TAG])
{
	__attribute__((cleanup(cipher_ctx_cleanup))) EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int len = 0;

	return ctx && in.len <= INT_MAX &&
	       EVP_EncryptInit_ex(ctx, EVP_aes_128_gcm(), NULL, key, iv) == 1 &&
	       EVP_EncryptUpdate(ctx, out, &len, in.ptr, (int)in.len) == 1 &&
	       EVP_EncryptFinal_ex(ctx, out + len, &len) == 1 &&
	       EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, ATT_GCM_TAG, tag) == 1;
}

static bool open_it(EVP_CIPHER_CTX *ctx, const uint8_t *key, const uint8_t *iv, att_bytes in,
		    const uint8_t *tag, uint8_t *out)
{
	uint8_t copy[ATT_GCM_TAG]; /* the call takes no const */
	int len = 0;

	memcpy(copy, tag, sizeof(copy));
	return EVP_DecryptInit_ex(ctx, EVP_aes_128_gcm(), NULL, key, iv) == 1 &&
	       EVP_DecryptUpdate(ctx, out, &len, in.ptr, (int)in.len) == 1 &&
	       EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, ATT_GCM_TAG, copy) == 1 &&
	       EVP_DecryptFinal_ex(ctx, out + len, &len) == 1;
}

bool att_gcm_open(const uint8_t key[static ATT_GCM_KEY], const uint8_t iv[static ATT_GCM_IV],
		  att_bytes in, const uint8_t tag[static ATT_GCM_TAG], uint8_t *out)
{
	__attribute__((cleanup(cipher_ctx_cleanup))) EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();

	if (ctx && in.len <= INT_MAX && open_it(ctx, key, iv, in, tag, out))
		return true;
	att_wipe(out, in.len);
	return false;
}
