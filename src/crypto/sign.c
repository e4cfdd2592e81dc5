/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/sign.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"
#include "crypto/digest.h"
#include "crypto/ecdsa.h"
#include "crypto/sign_internal.h"

#define SCALAR 32

ATT_DEFINE_CLEANUP(md_ctx, EVP_MD_CTX, EVP_MD_CTX_free)

/* ECPrivateKey (RFC 5915 section 3) up to the private key, and behind it: the curve by its name and
 * no public key, which libcrypto then computes. */
static const uint8_t sec1_head[] = { 0x30, 0x31, 0x02, 0x01, 0x01, 0x04, SCALAR };
static const uint8_t sec1_tail[] = { 0xa0, 0x0a, 0x06, 0x08, 0x2a, 0x86,
				     0x48, 0xce, 0x3d, 0x03, 0x01, 0x07 };

att_rc att_issue_failed(att_err *err, const char *what)
{
	ERR_clear_error();
	return att_fail(err, ATT_E_UNAVAILABLE, "libcrypto can not %s", what);
}

/* Owns the key from here on, also when it fails. */
static att_rc adopt(EVP_PKEY *key, att_signer **out, att_err *err)
{
	size_t len = 0;

	if (!key)
		return att_issue_failed(err, "make a key on P-256");
	att_signer *s = calloc(1, sizeof(*s));
	if (!s) {
		EVP_PKEY_free(key);
		return att_fail(err, ATT_E_NOMEM, "out of memory for a key");
	}
	s->key = key;
	if (EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, s->point,
					    sizeof(s->point), &len) != 1 ||
	    len != sizeof(s->point)) {
		att_signer_free(s);
		return att_issue_failed(err, "tell the public point of a key");
	}
	*out = s;
	return ATT_OK;
}

att_rc att_signer_generate(att_signer **out, att_err *err)
{
	*out = NULL;
	return adopt(EVP_EC_gen("P-256"), out, err);
}

att_rc att_signer_derive(att_bytes seed, const char *name, att_signer **out, att_err *err)
{
	static const char domain[] = "attest worthless test key";
	att_auto_buf att_buf text = { 0 };
	uint8_t der[sizeof(sec1_head) + SCALAR + sizeof(sec1_tail)];
	uint8_t *scalar = der + sizeof(sec1_head);

	*out = NULL;
	att_put_mem(&text, domain, sizeof(domain));
	att_put_le64(&text, seed.len);
	att_put(&text, seed);
	att_put_str(&text, name);
	att_rc rc = att_buf_ok(&text, err);
	if (rc != ATT_OK)
		return rc;
	memcpy(der, sec1_head, sizeof(sec1_head));
	if (!att_sha256_once(att_buf_bytes(&text), scalar))
		return att_issue_failed(err, "hash a seed");
	memcpy(scalar + SCALAR, sec1_tail, sizeof(sec1_tail));
	/* Above zero and below the order, which begins with 32 one bits. */
	scalar[0] &= 0x7f;
	scalar[SCALAR - 1] |= 1;
	const uint8_t *at = der;
	EVP_PKEY *key = d2i_PrivateKey(EVP_PKEY_EC, NULL, &at, (long)sizeof(der));

	att_wipe(der, sizeof(der));
	return adopt(key, out, err);
}

void att_signer_free(att_signer *s)
{
	if (!s)
		return;
	EVP_PKEY_free(s->key);
	free(s);
}

void att_signer_point(const att_signer *s, uint8_t point[static ATT_P256_POINT])
{
	memcpy(point, s->point, ATT_P256_POINT);
}

att_rc att_signer_sign(const att_signer *s, att_bytes msg, uint8_t rs[static 64], att_err *err)
{
	__attribute__((cleanup(md_ctx_cleanup))) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t der[80];
	size_t len = sizeof(der);

	if (!ctx || EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, s->key) != 1 ||
	    EVP_DigestSign(ctx, der, &len, msg.ptr, msg.len) != 1 ||
	    !att_ecdsa_der_to_rs(att_bytes_of(der, len), rs))
		return att_issue_failed(err, "sign");
	return ATT_OK;
}
