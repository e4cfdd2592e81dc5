/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/rsa.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include "base/error.h"
#include "crypto/libcrypto.h"
#include "crypto/rsa_internal.h"

ATT_DEFINE_CLEANUP(md_ctx, EVP_MD_CTX, EVP_MD_CTX_free)
ATT_DEFINE_CLEANUP(pkey, EVP_PKEY, EVP_PKEY_free)
ATT_DEFINE_CLEANUP(pkey_ctx, EVP_PKEY_CTX, EVP_PKEY_CTX_free)
ATT_DEFINE_CLEANUP(bld, OSSL_PARAM_BLD, OSSL_PARAM_BLD_free)
ATT_DEFINE_CLEANUP(params, OSSL_PARAM, OSSL_PARAM_free)

att_rc att_rsa_failed(att_err *err, const char *what)
{
	if (att_libcrypto_errors().memory)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	return att_fail(err, ATT_E_UNAVAILABLE, "libcrypto can not %s", what);
}

EVP_PKEY *att_rsa_key_of(const struct att_rsa_number *numbers, size_t count, int selection)
{
	__attribute__((cleanup(bld_cleanup))) OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
	__attribute__((cleanup(params_cleanup))) OSSL_PARAM *params = NULL;
	__attribute__((cleanup(pkey_ctx_cleanup))) EVP_PKEY_CTX *ctx = NULL;
	EVP_PKEY *key = NULL;

	for (size_t i = 0; bld && i < count; i++)
		if (OSSL_PARAM_BLD_push_BN(bld, numbers[i].name, numbers[i].value) != 1)
			return NULL;
	params = bld ? OSSL_PARAM_BLD_to_param(bld) : NULL;
	ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	if (!params || !ctx || EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &key, selection, params) != 1)
		return NULL;
	return key;
}

static att_rc public_key(const BIGNUM *modulus, EVP_PKEY **out, att_err *err)
{
	auto_bn BIGNUM *e = BN_new();

	if (!e || BN_set_word(e, ATT_RSA3072_EXPONENT) != 1)
		return att_rsa_failed(err, "make a number");
	const struct att_rsa_number numbers[] = {
		{ OSSL_PKEY_PARAM_RSA_N, modulus },
		{ OSSL_PKEY_PARAM_RSA_E, e },
	};
	*out = att_rsa_key_of(numbers, ATT_COUNT(numbers), EVP_PKEY_PUBLIC_KEY);
	return *out ? ATT_OK : att_rsa_failed(err, "make an RSA key");
}

/* 1: it is the signature; 0: it is not; below: libcrypto failed. */
static int judge(EVP_PKEY *key, const att_bytes *parts, size_t count, const uint8_t *big_endian)
{
	__attribute__((cleanup(md_ctx_cleanup))) EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	/* The padding of an RSA key's digest signature is PKCS#1 v1.5 unless asked otherwise. */
	if (!ctx || EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key) != 1)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (EVP_DigestVerifyUpdate(ctx, parts[i].ptr, parts[i].len) != 1)
			return -1;
	return EVP_DigestVerifyFinal(ctx, big_endian, ATT_RSA3072_LEN) == 1;
}

att_rc att_rsa3072_verify(const uint8_t modulus[static ATT_RSA3072_LEN], const att_bytes *parts,
			  size_t count, const uint8_t signature[static ATT_RSA3072_LEN],
			  att_err *err)
{
	auto_bn BIGNUM *m = BN_lebin2bn(modulus, ATT_RSA3072_LEN, NULL);
	__attribute__((cleanup(pkey_cleanup))) EVP_PKEY *key = NULL;
	uint8_t big_endian[ATT_RSA3072_LEN];

	if (!m)
		return att_rsa_failed(err, "read a number");
	if (BN_num_bits(m) != ATT_RSA3072_BITS || !BN_is_odd(m))
		return att_fail(err, ATT_E_SIGNATURE, "the modulus is none of an RSA-3072 key");
	att_rc rc = public_key(m, &key, err);
	if (rc != ATT_OK)
		return rc;
	for (size_t i = 0; i < ATT_RSA3072_LEN; i++)
		big_endian[i] = signature[ATT_RSA3072_LEN - 1 - i];
	int seen = judge(key, parts, count, big_endian);
	if (seen == 1)
		return ATT_OK;
	if (seen < 0 || att_libcrypto_errors().memory) {
		ERR_clear_error();
		return att_fail(err, ATT_E_UNAVAILABLE, "libcrypto can not check a signature");
	}
	return att_fail(err, ATT_E_SIGNATURE, "the RSA signature does not verify");
}

/* q = S t / M, rounded down, and r = S t mod M. */
static bool step(const BIGNUM *s, const BIGNUM *t, const BIGNUM *m, BIGNUM *q, BIGNUM *r,
		 BN_CTX *ctx)
{
	auto_bn BIGNUM *product = BN_new();

	return product && BN_mul(product, s, t, ctx) == 1 && BN_div(q, r, product, m, ctx) == 1;
}

att_rc att_rsa3072_quotients(const uint8_t modulus[static ATT_RSA3072_LEN],
			     const uint8_t signature[static ATT_RSA3072_LEN],
			     uint8_t q1[static ATT_RSA3072_LEN], uint8_t q2[static ATT_RSA3072_LEN],
			     att_err *err)
{
	auto_bn_ctx BN_CTX *ctx = BN_CTX_new();
	auto_bn BIGNUM *m = BN_lebin2bn(modulus, ATT_RSA3072_LEN, NULL);
	auto_bn BIGNUM *s = BN_lebin2bn(signature, ATT_RSA3072_LEN, NULL);
	auto_bn BIGNUM *q = BN_new();
	auto_bn BIGNUM *r = BN_new();

	if (!ctx || !m || !s || !q || !r)
		return att_rsa_failed(err, "read numbers");
	if (BN_cmp(s, m) >= 0)
		return att_fail(err, ATT_E_FORMAT, "the signature is not below the modulus");
	/* S^3 - q1 S M is S (S^2 mod M). */
	if (!step(s, s, m, q, r, ctx) || BN_bn2lebinpad(q, q1, ATT_RSA3072_LEN) < 0 ||
	    !step(s, r, m, q, r, ctx) || BN_bn2lebinpad(q, q2, ATT_RSA3072_LEN) < 0)
		return att_rsa_failed(err, "divide");
	return ATT_OK;
}
