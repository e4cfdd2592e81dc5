/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/rsa_sign.h"

#include <string.h>

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "base/error.h"
#include "base/mem.h"
#include "crypto/digest.h"
#include "crypto/libcrypto.h"
#include "crypto/rsa_internal.h"

#define PRIME_LEN (ATT_RSA3072_LEN / 2)
#define PEM_MAX   65536

struct att_rsa_signer {
	EVP_PKEY *key;
	uint8_t modulus[ATT_RSA3072_LEN];
};

ATT_DEFINE_CLEANUP(md_ctx, EVP_MD_CTX, EVP_MD_CTX_free)
ATT_DEFINE_CLEANUP(pkey, EVP_PKEY, EVP_PKEY_free)
ATT_DEFINE_CLEANUP(pkey_ctx, EVP_PKEY_CTX, EVP_PKEY_CTX_free)
ATT_DEFINE_CLEANUP(bio, BIO, BIO_free_all)
#define auto_pkey __attribute__((cleanup(pkey_cleanup)))

static att_rc number_of(const EVP_PKEY *key, const char *name, BIGNUM **out, att_err *err)
{
	if (EVP_PKEY_get_bn_param(key, name, out) != 1)
		return att_rsa_failed(err, "tell the numbers of a key");
	return ATT_OK;
}

/* Leaves the key with the signer; ATT_E_UNSUPPORTED when it can sign no enclave. */
static att_rc adopt(EVP_PKEY **key, att_rsa_signer **out, att_err *err)
{
	auto_bn BIGNUM *n = NULL;
	auto_bn BIGNUM *e = NULL;

	if (EVP_PKEY_is_a(*key, "RSA") != 1)
		return att_fail(err, ATT_E_UNSUPPORTED,
				"the key is not RSA: enclaves are signed with RSA-3072");
	att_rc rc = number_of(*key, OSSL_PKEY_PARAM_RSA_N, &n, err);
	if (rc == ATT_OK)
		rc = number_of(*key, OSSL_PKEY_PARAM_RSA_E, &e, err);
	if (rc != ATT_OK)
		return rc;
	if (!BN_is_word(e, ATT_RSA3072_EXPONENT))
		return att_fail(err, ATT_E_UNSUPPORTED,
				"the RSA key's exponent is not 3, which enclaves are signed with "
				"(openssl genrsa -3 3072)");
	if (BN_num_bits(n) != ATT_RSA3072_BITS)
		return att_fail(err, ATT_E_UNSUPPORTED,
				"the RSA key has %d bits: enclaves are signed with 3072",
				BN_num_bits(n));
	att_rsa_signer *s = calloc(1, sizeof(*s));
	if (!s)
		return att_fail(err, ATT_E_NOMEM, "out of memory for a key");
	if (BN_bn2lebinpad(n, s->modulus, sizeof(s->modulus)) < 0) {
		free(s);
		return att_rsa_failed(err, "tell the numbers of a key");
	}
	s->key = ATT_STEAL(*key);
	*out = s;
	return ATT_OK;
}

att_rc att_rsa_signer_generate(att_rsa_signer **out, att_err *err)
{
	__attribute__((cleanup(pkey_ctx_cleanup))) EVP_PKEY_CTX *ctx =
	    EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	auto_bn BIGNUM *e = BN_new();
	auto_pkey EVP_PKEY *key = NULL;

	*out = NULL;
	if (!ctx || !e || BN_set_word(e, ATT_RSA3072_EXPONENT) != 1 ||
	    EVP_PKEY_keygen_init(ctx) != 1 ||
	    EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, ATT_RSA3072_BITS) != 1 ||
	    EVP_PKEY_CTX_set1_rsa_keygen_pubexp(ctx, e) != 1 || EVP_PKEY_generate(ctx, &key) != 1)
		return att_rsa_failed(err, "make an RSA key");
	return adopt(&key, out, err);
}

/* --- Keys from a seed --- */

/* 192 bytes of the sequence: SHA-256 of label, prime, attempt and block. */
static bool candidate(att_bytes label, uint8_t which, uint32_t attempt, uint8_t out[PRIME_LEN])
{
	att_auto_buf att_buf text = { 0 };
	bool ok = true;

	for (uint8_t block = 0; ok && block < PRIME_LEN / 32; block++) {
		text.len = 0;
		att_put(&text, label);
		att_put_u8(&text, which);
		att_put_le32(&text, attempt);
		att_put_u8(&text, block);
		ok =
		    !text.failed && att_sha256_once(att_buf_bytes(&text), out + (size_t)block * 32);
	}
	att_wipe(text.ptr, text.len);
	/* Odd, and high enough that two of them have a product of 3072 bits. */
	out[0] |= 0xc0;
	out[PRIME_LEN - 1] |= 1;
	return ok;
}

/* The sequence's first prime p with p - 1 not divisible by the exponent. */
static bool prime(att_bytes label, uint8_t which, BIGNUM *p, BN_CTX *ctx)
{
	uint8_t bytes[PRIME_LEN];
	int found = 0;

	for (uint32_t attempt = 0; found == 0; attempt++) {
		if (!candidate(label, which, attempt, bytes) ||
		    !BN_bin2bn(bytes, sizeof(bytes), p)) {
			found = -1;
			break;
		}
		if (BN_mod_word(p, ATT_RSA3072_EXPONENT) == ATT_RSA3072_EXPONENT - 1)
			found = BN_check_prime(p, ctx, NULL);
	}
	att_wipe(bytes, sizeof(bytes));
	return found == 1;
}

struct parts {
	BIGNUM *p, *q, *n, *e, *d, *dp, *dq, *qinv, *p1, *q1, *phi;
};

static bool rest(struct parts *k, BN_CTX *ctx)
{
	return BN_mul(k->n, k->p, k->q, ctx) == 1 && BN_sub(k->p1, k->p, BN_value_one()) == 1 &&
	       BN_sub(k->q1, k->q, BN_value_one()) == 1 && BN_mul(k->phi, k->p1, k->q1, ctx) == 1 &&
	       BN_set_word(k->e, ATT_RSA3072_EXPONENT) == 1 &&
	       BN_mod_inverse(k->d, k->e, k->phi, ctx) != NULL &&
	       BN_mod(k->dp, k->d, k->p1, ctx) == 1 && BN_mod(k->dq, k->d, k->q1, ctx) == 1 &&
	       BN_mod_inverse(k->qinv, k->q, k->p, ctx) != NULL;
}

static EVP_PKEY *key_of_parts(const struct parts *k)
{
	const struct att_rsa_number numbers[] = {
		{ OSSL_PKEY_PARAM_RSA_N, k->n },
		{ OSSL_PKEY_PARAM_RSA_E, k->e },
		{ OSSL_PKEY_PARAM_RSA_D, k->d },
		{ OSSL_PKEY_PARAM_RSA_FACTOR1, k->p },
		{ OSSL_PKEY_PARAM_RSA_FACTOR2, k->q },
		{ OSSL_PKEY_PARAM_RSA_EXPONENT1, k->dp },
		{ OSSL_PKEY_PARAM_RSA_EXPONENT2, k->dq },
		{ OSSL_PKEY_PARAM_RSA_COEFFICIENT1, k->qinv },
	};

	return att_rsa_key_of(numbers, ATT_COUNT(numbers), EVP_PKEY_KEYPAIR);
}

static EVP_PKEY *derive(att_bytes label)
{
	auto_bn_ctx BN_CTX *ctx = BN_CTX_secure_new();
	EVP_PKEY *key = NULL;

	if (!ctx)
		return NULL;
	BN_CTX_start(ctx);
	struct parts k = {
		.p = BN_CTX_get(ctx),
		.q = BN_CTX_get(ctx),
		.n = BN_CTX_get(ctx),
		.e = BN_CTX_get(ctx),
		.d = BN_CTX_get(ctx),
		.dp = BN_CTX_get(ctx),
		.dq = BN_CTX_get(ctx),
		.qinv = BN_CTX_get(ctx),
		.p1 = BN_CTX_get(ctx),
		.q1 = BN_CTX_get(ctx),
		.phi = BN_CTX_get(ctx), /* the last fails if any does */
	};
	if (k.phi) {
		BN_set_flags(k.phi, BN_FLG_CONSTTIME);
		if (prime(label, 'p', k.p, ctx) && prime(label, 'q', k.q, ctx) && rest(&k, ctx))
			key = key_of_parts(&k);
	}
	BN_CTX_end(ctx);
	return key;
}

att_rc att_rsa_signer_derive(att_bytes seed, const char *name, att_rsa_signer **out, att_err *err)
{
	static const char domain[] = "attest worthless RSA key";
	att_auto_buf att_buf label = { 0 };

	*out = NULL;
	att_put_mem(&label, domain, sizeof(domain));
	att_put_le64(&label, seed.len);
	att_put(&label, seed);
	att_put_str(&label, name);
	att_rc rc = att_buf_ok(&label, err);
	if (rc != ATT_OK)
		return rc;
	auto_pkey EVP_PKEY *key = derive(att_buf_bytes(&label));
	att_wipe(label.ptr, label.len);
	return key ? adopt(&key, out, err) : att_rsa_failed(err, "make an RSA key of a seed");
}

/* --- PEM --- */

/* An encrypted key is none: nobody is asked for its password. */
static int no_password(char *text, int size, int writing, void *ctx)
{
	(void)text;
	(void)size;
	(void)writing;
	(void)ctx;
	return -1;
}

att_rc att_rsa_signer_from_pem(att_bytes pem, att_rsa_signer **out, att_err *err)
{
	__attribute__((cleanup(bio_cleanup))) BIO *bio = NULL;
	auto_pkey EVP_PKEY *key = NULL;

	*out = NULL;
	if (pem.len == 0 || pem.len > PEM_MAX)
		return att_fail(err, ATT_E_FORMAT,
				"a private key in PEM has 1 to %d bytes, not %zu", PEM_MAX,
				pem.len);
	bio = BIO_new_mem_buf(pem.ptr, (int)pem.len);
	if (!bio)
		return att_rsa_failed(err, "read PEM");
	key = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
	if (key)
		return adopt(&key, out, err);
	if (att_libcrypto_errors().memory)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	return att_fail(err, ATT_E_FORMAT, "no unencrypted private key in PEM");
}

att_rc att_rsa_signer_to_pem(const att_rsa_signer *s, att_buf *pem, att_err *err)
{
	__attribute__((cleanup(bio_cleanup))) BIO *bio = BIO_new(BIO_s_secmem());
	char *text = NULL;

	if (!bio || PEM_write_bio_PrivateKey(bio, s->key, NULL, NULL, 0, NULL, NULL) != 1)
		return att_rsa_failed(err, "write PEM");
	long len = BIO_get_mem_data(bio, &text);
	if (len <= 0)
		return att_rsa_failed(err, "write PEM");
	att_put_mem(pem, text, (size_t)len);
	return att_buf_ok(pem, err);
}

void att_rsa_signer_free(att_rsa_signer *s)
{
	if (!s)
		return;
	EVP_PKEY_free(s->key);
	free(s);
}

void att_rsa_signer_modulus(const att_rsa_signer *s, uint8_t modulus[static ATT_RSA3072_LEN])
{
	memcpy(modulus, s->modulus, ATT_RSA3072_LEN);
}

att_rc att_rsa_signer_sign(const att_rsa_signer *s, const att_bytes *parts, size_t count,
			   uint8_t signature[static ATT_RSA3072_LEN], att_err *err)
{
	__attribute__((cleanup(md_ctx_cleanup))) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t big_endian[ATT_RSA3072_LEN];
	size_t len = sizeof(big_endian);

	if (!ctx || EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, s->key) != 1)
		return att_rsa_failed(err, "sign");
	for (size_t i = 0; i < count; i++)
		if (EVP_DigestSignUpdate(ctx, parts[i].ptr, parts[i].len) != 1)
			return att_rsa_failed(err, "sign");
	if (EVP_DigestSignFinal(ctx, big_endian, &len) != 1 || len != sizeof(big_endian))
		return att_rsa_failed(err, "sign");
	for (size_t i = 0; i < ATT_RSA3072_LEN; i++)
		signature[i] = big_endian[ATT_RSA3072_LEN - 1 - i];
	return ATT_OK;
}
