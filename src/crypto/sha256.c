/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/sha256.h"

#include <string.h>

#include <openssl/evp.h>

#include "base/mem.h"

struct att_sha256_stream {
	EVP_MD_CTX *ctx;
	bool failed;
};

att_sha256_stream *att_sha256_stream_new(void)
{
	att_sha256_stream *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->ctx = EVP_MD_CTX_new();
	if (!s->ctx || EVP_DigestInit_ex(s->ctx, EVP_sha256(), NULL) != 1) {
		att_sha256_stream_free(s);
		return NULL;
	}
	return s;
}

void att_sha256_stream_free(att_sha256_stream *s)
{
	if (!s)
		return;
	EVP_MD_CTX_free(s->ctx);
	free(s);
}

void att_sha256_stream_put(att_sha256_stream *s, att_bytes in)
{
	if (!s->failed && EVP_DigestUpdate(s->ctx, in.ptr, in.len) != 1)
		s->failed = true;
}

bool att_sha256_stream_end(att_sha256_stream *s, uint8_t out[static 32])
{
	uint8_t md[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	if (s->failed || EVP_DigestFinal_ex(s->ctx, md, &len) != 1 || len != 32) {
		s->failed = true;
		return false;
	}
	memcpy(out, md, 32);
	/* The type stays: NULL starts again without another look at the provider. */
	if (EVP_DigestInit_ex(s->ctx, NULL, NULL) != 1)
		s->failed = true;
	return true;
}
