/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "base/mem.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "crypto/rsa_sign.h"

static void check_signs(const att_rsa_signer *s)
{
	uint8_t modulus[ATT_RSA3072_LEN], signature[ATT_RSA3072_LEN], again[ATT_RSA3072_LEN];
	const att_bytes text = att_bytes_of("text", 4);

	att_rsa_signer_modulus(s, modulus);
	assert_int_equal(att_rsa_signer_sign(s, &text, 1, signature, NULL), ATT_OK);
	assert_int_equal(att_rsa3072_verify(modulus, &text, 1, signature, NULL), ATT_OK);
	assert_int_equal(att_rsa_signer_sign(s, &text, 1, again, NULL), ATT_OK);
	assert_memory_equal(signature, again, sizeof(again));
}

static void modulus_hash(const char *seed, const char *name, uint8_t out[static 32])
{
	uint8_t modulus[ATT_RSA3072_LEN];
	att_rsa_signer *s = NULL;

	assert_int_equal(att_rsa_signer_derive(att_bytes_of(seed, strlen(seed)), name, &s, NULL),
			 ATT_OK);
	att_rsa_signer_modulus(s, modulus);
	assert_true(att_sha256_once(att_bytes_of(modulus, sizeof(modulus)), out));
	att_rsa_signer_free(s);
}

/* The hash was computed in Python from the sequence as rsa_sign.c has it. */
static void derived_keys_are_the_same_everywhere(void **state)
{
	static const char expected[] =
	    "f0d2f68eab6650a43e805c4c641102bdd350bb45c239f06dc2d095ca8aba4ffe";
	uint8_t hash[32];
	char text[65];

	(void)state;
	modulus_hash("seed", "name", hash);
	att_hex_encode(att_bytes_of(hash, sizeof(hash)), text);
	assert_string_equal(text, expected);
}

static void derived_keys_differ_by_seed_and_name(void **state)
{
	uint8_t a[32], b[32];

	(void)state;
	modulus_hash("seed", "name", a);
	modulus_hash("seed", "other", b);
	assert_memory_not_equal(a, b, sizeof(a));
	modulus_hash("seedn", "ame", b);
	assert_memory_not_equal(a, b, sizeof(a));
}

static void generated_keys_sign(void **state)
{
	att_rsa_signer *s = NULL;

	(void)state;
	assert_int_equal(att_rsa_signer_generate(&s, NULL), ATT_OK);
	check_signs(s);
	att_rsa_signer_free(s);
}

static void derived_keys_sign_and_travel(void **state)
{
	att_auto_buf att_buf pem = { 0 };
	uint8_t a[ATT_RSA3072_LEN], b[ATT_RSA3072_LEN];
	att_rsa_signer *s = NULL, *copy = NULL;

	(void)state;
	assert_int_equal(att_rsa_signer_derive(att_bytes_of("a", 1), "b", &s, NULL), ATT_OK);
	check_signs(s);
	assert_int_equal(att_rsa_signer_to_pem(s, &pem, NULL), ATT_OK);
	assert_int_equal(att_rsa_signer_from_pem(att_buf_bytes(&pem), &copy, NULL), ATT_OK);
	check_signs(copy);
	att_rsa_signer_modulus(s, a);
	att_rsa_signer_modulus(copy, b);
	assert_memory_equal(a, b, sizeof(a));
	att_rsa_signer_free(s);
	att_rsa_signer_free(copy);
	att_rsa_signer_free(NULL);
}

/* A private key of libcrypto's making, in PEM. */
static void pem_of(EVP_PKEY *key, const char *password, att_buf *out)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text;

	assert_non_null(key);
	assert_int_equal(PEM_write_bio_PrivateKey(bio, key, password ? EVP_aes_128_cbc() : NULL,
						  NULL, 0, NULL, (char *)(uintptr_t)password),
			 1);
	long len = BIO_get_mem_data(bio, &text);

	att_put_mem(out, text, (size_t)len);
	BIO_free(bio);
	EVP_PKEY_free(key);
}

static EVP_PKEY *rsa(int bits, unsigned exponent)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	BIGNUM *e = BN_new();
	EVP_PKEY *key = NULL;

	BN_set_word(e, exponent);
	EVP_PKEY_keygen_init(ctx);
	EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, bits);
	EVP_PKEY_CTX_set1_rsa_keygen_pubexp(ctx, e);
	EVP_PKEY_generate(ctx, &key);
	EVP_PKEY_CTX_free(ctx);
	BN_free(e);
	return key;
}

static void refuse(att_bytes pem, att_rc rc, const char *words)
{
	att_rsa_signer *s = NULL;
	att_err err = { 0 };

	assert_int_equal(att_rsa_signer_from_pem(pem, &s, &err), rc);
	assert_null(s);
	assert_non_null(strstr(err.msg, words));
}

static void other_keys_can_not_sign_enclaves(void **state)
{
	att_auto_buf att_buf p256 = { 0 }, small = { 0 }, exponent = { 0 }, locked = { 0 };

	(void)state;
	pem_of(EVP_EC_gen("P-256"), NULL, &p256);
	refuse(att_buf_bytes(&p256), ATT_E_UNSUPPORTED, "not RSA");
	pem_of(rsa(1024, 3), NULL, &small);
	refuse(att_buf_bytes(&small), ATT_E_UNSUPPORTED, "1024 bits");
	pem_of(rsa(1024, 65537), NULL, &exponent);
	refuse(att_buf_bytes(&exponent), ATT_E_UNSUPPORTED, "exponent is not 3");
	pem_of(rsa(1024, 3), "secret", &locked);
	refuse(att_buf_bytes(&locked), ATT_E_FORMAT, "unencrypted");
}

static void other_texts_are_no_keys(void **state)
{
	static uint8_t large[65537];

	(void)state;
	refuse(att_bytes_of("", 0), ATT_E_FORMAT, "not 0");
	refuse(att_bytes_of("x", 1), ATT_E_FORMAT, "no unencrypted");
	refuse(att_bytes_of(large, sizeof(large)), ATT_E_FORMAT, "not 65537");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(derived_keys_are_the_same_everywhere),
		cmocka_unit_test(derived_keys_differ_by_seed_and_name),
		cmocka_unit_test(generated_keys_sign),
		cmocka_unit_test(derived_keys_sign_and_travel),
		cmocka_unit_test(other_keys_can_not_sign_enclaves),
		cmocka_unit_test(other_texts_are_no_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
