/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/digest.h"

#include <string.h>

#include <openssl/evp.h>

bool att_sha384(att_bytes a, att_bytes b, uint8_t out[static ATT_SHA384_LEN])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	if (!ctx)
		return false;

	uint8_t md[EVP_MAX_MD_SIZE];
	unsigned len = 0;
	bool ok = EVP_DigestInit_ex(ctx, EVP_sha384(), NULL) == 1 &&
		  EVP_DigestUpdate(ctx, a.ptr, a.len) == 1 &&
		  EVP_DigestUpdate(ctx, b.ptr, b.len) == 1 &&
		  EVP_DigestFinal_ex(ctx, md, &len) == 1 && len == ATT_SHA384_LEN;
	if (ok)
		memcpy(out, md, ATT_SHA384_LEN);
	EVP_MD_CTX_free(ctx);
	return ok;
}

bool att_sha256_once(att_bytes in, uint8_t out[static 32])
{
	uint8_t md[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	if (EVP_Digest(in.ptr, in.len, md, &len, EVP_sha256(), NULL) != 1 || len != 32)
		return false;
	memcpy(out, md, 32);
	return true;
}

bool att_sha512_once(att_bytes in, uint8_t out[static 64])
{
	uint8_t md[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	if (EVP_Digest(in.ptr, in.len, md, &len, EVP_sha512(), NULL) != 1 || len != 64)
		return false;
	memcpy(out, md, 64);
	return true;
}
