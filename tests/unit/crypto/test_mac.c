/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/text.h"
#include "crypto/mac.h"

static void unhex(const char *text, uint8_t *out, size_t len)
{
	assert_int_equal(att_hex_decode(att_bytes_of(text, strlen(text)), out, len, NULL), ATT_OK);
}

static const char message[] = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
			      "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710";

/* RFC 4493 section 4. */
static void cmac_of_the_rfc(void **state)
{
	static const struct {
		size_t len;
		const char *mac;
	} cases[] = {
		{ 0, "bb1d6929e95937287fa37d129b756746" },
		{ 16, "070a16b46b4d4144f79bdd9dd04a287c" },
		{ 40, "dfa66747de9ae63030ca32611497c827" },
		{ 64, "51f0bebf7e3b9d92fc49741779363cfe" },
	};
	uint8_t key[16], text[64], expected[16], seen[16];

	(void)state;
	unhex("2b7e151628aed2a6abf7158809cf4f3c", key, sizeof(key));
	unhex(message, text, sizeof(text));
	for (size_t i = 0; i < ATT_COUNT(cases); i++) {
		const att_bytes whole = att_bytes_of(text, cases[i].len);

		unhex(cases[i].mac, expected, sizeof(expected));
		assert_true(att_cmac(key, &whole, 1, seen));
		assert_memory_equal(seen, expected, sizeof(seen));
	}
}

static void parts_are_one_message(void **state)
{
	uint8_t key[16] = { 1 }, text[64], whole[32], split[32];

	(void)state;
	unhex(message, text, sizeof(text));
	const att_bytes one = att_bytes_of(text, sizeof(text));

	for (size_t cut = 0; cut <= sizeof(text); cut++) {
		const att_bytes parts[] = { att_bytes_of(text, cut), att_bytes_of(NULL, 0),
					    att_bytes_of(text + cut, sizeof(text) - cut) };

		assert_true(att_cmac(key, &one, 1, whole));
		assert_true(att_cmac(key, parts, ATT_COUNT(parts), split));
		assert_memory_equal(whole, split, ATT_CMAC_LEN);
		assert_true(att_hmac_sha256(att_bytes_of(key, 16), &one, 1, whole));
		assert_true(att_hmac_sha256(att_bytes_of(key, 16), parts, ATT_COUNT(parts), split));
		assert_memory_equal(whole, split, ATT_HMAC_SHA256_LEN);
	}
}

/* RFC 4231 sections 4.2, 4.3 and 4.7. */
static void hmac_of_the_rfc(void **state)
{
	uint8_t key[131], expected[32], seen[32];
	const att_bytes hi = att_bytes_of("Hi There", 8);
	const att_bytes jefe[] = { att_bytes_of("what do ya want ", 16),
				   att_bytes_of("for nothing?", 12) };
	static const char large[] = "Test Using Larger Than Block-Size Key - Hash Key First";
	const att_bytes big = att_bytes_of(large, sizeof(large) - 1);

	(void)state;
	memset(key, 0x0b, 20);
	unhex("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7", expected, 32);
	assert_true(att_hmac_sha256(att_bytes_of(key, 20), &hi, 1, seen));
	assert_memory_equal(seen, expected, 32);
	unhex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843", expected, 32);
	assert_true(att_hmac_sha256(att_bytes_of("Jefe", 4), jefe, 2, seen));
	assert_memory_equal(seen, expected, 32);
	memset(key, 0xaa, sizeof(key));
	unhex("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54", expected, 32);
	assert_true(att_hmac_sha256(att_bytes_of(key, sizeof(key)), &big, 1, seen));
	assert_memory_equal(seen, expected, 32);
}

static void codes_compare(void **state)
{
	uint8_t a[32] = { 0 }, b[32] = { 0 };

	(void)state;
	assert_true(att_mac_equal(a, b, sizeof(a)));
	for (size_t i = 0; i < sizeof(a); i++) {
		b[i] = 0x80;
		assert_false(att_mac_equal(a, b, sizeof(a)));
		b[i] = 0;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cmac_of_the_rfc),
		cmocka_unit_test(parts_are_one_message),
		cmocka_unit_test(hmac_of_the_rfc),
		cmocka_unit_test(codes_compare),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
