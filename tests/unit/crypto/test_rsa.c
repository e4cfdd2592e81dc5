/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/bn.h>

#include "base/mem.h"
#include "crypto/rsa.h"
#include "crypto/rsa_sign.h"

struct made {
	att_rsa_signer *signer;
	uint8_t modulus[ATT_RSA3072_LEN];
	uint8_t signature[ATT_RSA3072_LEN];
	att_bytes parts[2];
};

static int setup(void **state)
{
	static struct made m;

	m.parts[0] = att_bytes_of("the text ", 9);
	m.parts[1] = att_bytes_of("that is signed", 14);
	assert_int_equal(att_rsa_signer_derive(att_bytes_of("rsa", 3), "test", &m.signer, NULL),
			 ATT_OK);
	att_rsa_signer_modulus(m.signer, m.modulus);
	assert_int_equal(att_rsa_signer_sign(m.signer, m.parts, 2, m.signature, NULL), ATT_OK);
	*state = &m;
	return 0;
}

static int teardown(void **state)
{
	struct made *m = *state;

	att_rsa_signer_free(m->signer);
	return 0;
}

static void signatures_verify(void **state)
{
	const struct made *m = *state;
	const att_bytes whole = att_bytes_of("the text that is signed", 23);

	assert_int_equal(att_rsa3072_verify(m->modulus, m->parts, 2, m->signature, NULL), ATT_OK);
	assert_int_equal(att_rsa3072_verify(m->modulus, &whole, 1, m->signature, NULL), ATT_OK);
}

static void another_text_does_not(void **state)
{
	const struct made *m = *state;
	att_err err;

	assert_int_equal(att_rsa3072_verify(m->modulus, m->parts, 1, m->signature, &err),
			 ATT_E_SIGNATURE);
	assert_string_equal(err.msg, "the RSA signature does not verify");
}

static void no_bit_may_change(void **state)
{
	const struct made *m = *state;
	uint8_t bytes[ATT_RSA3072_LEN];

	for (size_t i = 0; i < ATT_RSA3072_LEN; i += 5) {
		memcpy(bytes, m->signature, sizeof(bytes));
		bytes[i] ^= (uint8_t)(1u << (i % 8));
		assert_int_equal(att_rsa3072_verify(m->modulus, m->parts, 2, bytes, NULL),
				 ATT_E_SIGNATURE);
		memcpy(bytes, m->modulus, sizeof(bytes));
		bytes[i] ^= (uint8_t)(1u << (i % 8));
		assert_int_equal(att_rsa3072_verify(bytes, m->parts, 2, m->signature, NULL),
				 ATT_E_SIGNATURE);
	}
}

static void odd_moduli_are_no_keys(void **state)
{
	const struct made *m = *state;
	uint8_t modulus[ATT_RSA3072_LEN] = { 0 };
	att_err err;

	assert_int_equal(att_rsa3072_verify(modulus, m->parts, 2, m->signature, &err),
			 ATT_E_SIGNATURE);
	assert_non_null(strstr(err.msg, "RSA-3072"));
	memcpy(modulus, m->modulus, sizeof(modulus));
	modulus[sizeof(modulus) - 1] &= 0x7f; /* 3071 bits at most */
	assert_int_equal(att_rsa3072_verify(modulus, m->parts, 2, m->signature, NULL),
			 ATT_E_SIGNATURE);
	memset(modulus, 0xff, sizeof(modulus));
	assert_int_equal(att_rsa3072_verify(modulus, m->parts, 2, m->signature, NULL),
			 ATT_E_SIGNATURE);
	modulus[0] = 0xfe; /* even */
	assert_int_equal(att_rsa3072_verify(modulus, m->parts, 2, m->signature, NULL),
			 ATT_E_SIGNATURE);
}

/* A signature that is not below the modulus is none, though it is one modulo it. */
static void signatures_are_below_the_modulus(void **state)
{
	const struct made *m = *state;
	uint8_t sum[ATT_RSA3072_LEN], q1[ATT_RSA3072_LEN], q2[ATT_RSA3072_LEN];
	unsigned carry = 0;

	for (size_t i = 0; i < sizeof(sum); i++) {
		carry += (unsigned)m->modulus[i] + m->signature[i];
		sum[i] = (uint8_t)carry;
		carry >>= 8;
	}
	if (carry) /* too long to be written: the modulus itself then */
		memcpy(sum, m->modulus, sizeof(sum));
	assert_int_equal(att_rsa3072_verify(m->modulus, m->parts, 2, sum, NULL), ATT_E_SIGNATURE);
	assert_int_equal(att_rsa3072_quotients(m->modulus, sum, q1, q2, NULL), ATT_E_FORMAT);
}

/* By their definition: q1 M + r1 = S S and q2 M + r2 = S r1, with both remainders below M. */
static void quotients_are_what_they_are_called(void **state)
{
	const struct made *m = *state;
	uint8_t q1[ATT_RSA3072_LEN], q2[ATT_RSA3072_LEN];
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *n = BN_lebin2bn(m->modulus, ATT_RSA3072_LEN, NULL);
	BIGNUM *s = BN_lebin2bn(m->signature, ATT_RSA3072_LEN, NULL);
	BIGNUM *a = BN_new(), *r = BN_dup(s), *q = NULL;

	assert_int_equal(att_rsa3072_quotients(m->modulus, m->signature, q1, q2, NULL), ATT_OK);
	for (int i = 0; i < 2; i++) {
		q = BN_lebin2bn(i == 0 ? q1 : q2, ATT_RSA3072_LEN, q);
		assert_true(BN_mul(a, q, n, ctx) && BN_mul(r, s, r, ctx) && BN_sub(r, r, a));
		assert_false(BN_is_negative(r));
		assert_true(BN_cmp(r, n) < 0);
	}
	BN_free(n);
	BN_free(s);
	BN_free(a);
	BN_free(r);
	BN_free(q);
	BN_CTX_free(ctx);
}

static void quotients_of_no_modulus(void **state)
{
	const struct made *m = *state;
	uint8_t zero[ATT_RSA3072_LEN] = { 0 }, q1[ATT_RSA3072_LEN], q2[ATT_RSA3072_LEN];

	assert_int_equal(att_rsa3072_quotients(zero, m->signature, q1, q2, NULL), ATT_E_FORMAT);
	assert_int_equal(att_rsa3072_quotients(m->modulus, zero, q1, q2, NULL), ATT_OK);
	assert_true(att_all_zero(att_bytes_of(q1, sizeof(q1))));
	assert_true(att_all_zero(att_bytes_of(q2, sizeof(q2))));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signatures_verify),
		cmocka_unit_test(another_text_does_not),
		cmocka_unit_test(no_bit_may_change),
		cmocka_unit_test(odd_moduli_are_no_keys),
		cmocka_unit_test(signatures_are_below_the_modulus),
		cmocka_unit_test(quotients_are_what_they_are_called),
		cmocka_unit_test(quotients_of_no_modulus),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
