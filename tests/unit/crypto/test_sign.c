/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/p256.h"
#include "crypto/sign.h"

static const char text[] = "the text that is signed";

static att_bytes message(void)
{
	return att_bytes_of(text, sizeof(text));
}

/* The signature holds for this key and text, and for no other key or text. */
static void check_signatures_of(const att_signer *s)
{
	uint8_t point[ATT_P256_POINT], other_point[ATT_P256_POINT], rs[64];
	att_p256 *tools;
	att_signer *other;

	assert_int_equal(att_p256_new(&tools, NULL), ATT_OK);
	assert_int_equal(att_signer_generate(&other, NULL), ATT_OK);
	att_signer_point(s, point);
	att_signer_point(other, other_point);
	assert_true(att_p256_on_curve(tools, point));
	assert_int_equal(att_signer_sign(s, message(), rs, NULL), ATT_OK);
	assert_true(att_p256_verify_raw(tools, point, message(), rs));
	assert_false(att_p256_verify_raw(tools, point, att_bytes_of(text, 3), rs));
	assert_false(att_p256_verify_raw(tools, other_point, message(), rs));
	att_signer_free(other);
	att_p256_free(tools);
}

static void generated_keys_sign(void **state)
{
	att_signer *s = NULL;

	(void)state;
	assert_int_equal(att_signer_generate(&s, NULL), ATT_OK);
	check_signatures_of(s);
	att_signer_free(s);
}

static void generated_keys_differ(void **state)
{
	uint8_t a[ATT_P256_POINT], b[ATT_P256_POINT];
	att_signer *s;

	(void)state;
	assert_int_equal(att_signer_generate(&s, NULL), ATT_OK);
	att_signer_point(s, a);
	att_signer_free(s);
	assert_int_equal(att_signer_generate(&s, NULL), ATT_OK);
	att_signer_point(s, b);
	att_signer_free(s);
	assert_memory_not_equal(a, b, sizeof(a));
}

static void derive(const char *seed, const char *name, uint8_t point[static ATT_P256_POINT])
{
	att_signer *s = NULL;

	assert_int_equal(att_signer_derive(att_bytes_of(seed, strlen(seed)), name, &s, NULL),
			 ATT_OK);
	att_signer_point(s, point);
	att_signer_free(s);
}

static void derived_keys_sign(void **state)
{
	att_signer *s = NULL;

	(void)state;
	assert_int_equal(att_signer_derive(att_bytes_of("seed", 4), "name", &s, NULL), ATT_OK);
	check_signatures_of(s);
	att_signer_free(s);
}

static void derived_keys_follow_from_seed_and_name(void **state)
{
	uint8_t a[ATT_P256_POINT], b[ATT_P256_POINT];

	(void)state;
	derive("seed", "name", a);
	derive("seed", "name", b);
	assert_memory_equal(a, b, sizeof(a));
	derive("seed", "other", b);
	assert_memory_not_equal(a, b, sizeof(a));
	derive("other", "name", b);
	assert_memory_not_equal(a, b, sizeof(a));
	/* Where one ends and the other begins counts too. */
	derive("see", "dname", b);
	assert_memory_not_equal(a, b, sizeof(a));
}

/* The point for this seed and name, computed by python3-cryptography from the definition: SHA-256
 * over the domain with its NUL, the seed's length in eight bytes, seed and name; top bit cleared,
 * lowest bit set. */
static void derived_keys_are_as_defined(void **state)
{
	static const uint8_t x[] = { 0x9e, 0xd6, 0x96, 0x32, 0x0f, 0x21, 0x01, 0x07,
				     0x62, 0xb6, 0xca, 0xdd, 0x81, 0xff, 0x86, 0x2e,
				     0x35, 0x9d, 0x83, 0xd3, 0xdf, 0x57, 0x16, 0x35,
				     0xbc, 0xda, 0x06, 0x2e, 0xb5, 0x9e, 0x53, 0x1d };
	uint8_t point[ATT_P256_POINT];

	(void)state;
	derive("seed", "name", point);
	assert_memory_equal(point + 1, x, sizeof(x));
}

static void nothing_is_free_to_free(void **state)
{
	(void)state;
	att_signer_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(generated_keys_sign),
		cmocka_unit_test(generated_keys_differ),
		cmocka_unit_test(derived_keys_sign),
		cmocka_unit_test(derived_keys_follow_from_seed_and_name),
		cmocka_unit_test(derived_keys_are_as_defined),
		cmocka_unit_test(nothing_is_free_to_free),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
