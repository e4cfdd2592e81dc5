/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/sha384.h"

#include <string.h>

#include <openssl/evp.h>

#include "crypto/digest.h"

/* The context is all there is: the type is a name for it. */
static EVP_MD_CTX *ctx_of(att_sha384_stream *s)
{
	return (EVP_MD_CTX *)s;
}

att_sha384_stream *att_sha384_stream_new(void)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	if (ctx && EVP_DigestInit_ex(ctx, EVP_sha384(), NULL) == 1)
		return (att_sha384_stream *)ctx;
	EVP_MD_CTX_free(ctx);
	return NULL;
}

void att_sha384_stream_free(att_sha384_stream *s)
{
	EVP_MD_CTX_free(ctx_of(s));
}

bool att_sha384_stream_put(att_sha384_stream *s, att_bytes in)
{
	return EVP_DigestUpdate(ctx_of(s), in.ptr, in.len) == 1;
}

bool att_sha384_stream_end(att_sha384_stream *s, uint8_t out[static 48])
{
	uint8_t md[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	if (EVP_DigestFinal_ex(ctx_of(s), md, &len) != 1 || len != ATT_SHA384_LEN)
		return false;
	memcpy(out, md, ATT_SHA384_LEN);
	return true;
}
