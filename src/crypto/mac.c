/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/mac.h"

#include <stdio.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "base/mem.h"

ATT_DEFINE_CLEANUP(evp_mac, EVP_MAC, EVP_MAC_free)
ATT_DEFINE_CLEANUP(mac_ctx, EVP_MAC_CTX, EVP_MAC_CTX_free)

struct algorithm {
	const char *name;
	const char *param; /* what it is built on */
	const char *value;
	size_t len;
};

static const struct algorithm cmac = { "CMAC", OSSL_MAC_PARAM_CIPHER, "AES-128-CBC", ATT_CMAC_LEN };
static const struct algorithm hmac = { "HMAC", OSSL_MAC_PARAM_DIGEST, "SHA256",
				       ATT_HMAC_SHA256_LEN };

static bool run(const struct algorithm *a, att_bytes key, const att_bytes *parts, size_t count,
		uint8_t *out)
{
	__attribute__((cleanup(evp_mac_cleanup))) EVP_MAC *mac = EVP_MAC_fetch(NULL, a->name, NULL);
	__attribute__((cleanup(mac_ctx_cleanup))) EVP_MAC_CTX *ctx =
	    mac ? EVP_MAC_CTX_new(mac) : NULL;
	char value[16];
	size_t len = 0;

	snprintf(value, sizeof(value), "%s", a->value);
	OSSL_PARAM params[] = { OSSL_PARAM_construct_utf8_string(a->param, value, 0),
				OSSL_PARAM_construct_end() };

	if (!ctx || EVP_MAC_init(ctx, key.ptr, key.len, params) != 1)
		return false;
	for (size_t i = 0; i < count; i++)
		if (parts[i].len && EVP_MAC_update(ctx, parts[i].ptr, parts[i].len) != 1)
			return false;
	return EVP_MAC_final(ctx, out, &len, a->len) == 1 && len == a->len;
}

static bool make(const struct algorithm *a, att_bytes key, const att_bytes *parts, size_t count,
		 uint8_t *out)
{
	if (run(a, key, parts, count, out))
		return true;
	ERR_clear_error();
	memset(out, 0, a->len);
	return false;
}

bool att_cmac(const uint8_t key[static 16], const att_bytes *parts, size_t count,
	      uint8_t out[static ATT_CMAC_LEN])
{
	return make(&cmac, att_bytes_of(key, 16), parts, count, out);
}

bool att_hmac_sha256(att_bytes key, const att_bytes *parts, size_t count,
		     uint8_t out[static ATT_HMAC_SHA256_LEN])
{
	return make(&hmac, key, parts, count, out);
}

bool att_mac_equal(const uint8_t *a, const uint8_t *b, size_t len)
{
	return CRYPTO_memcmp(a, b, len) == 0;
}
