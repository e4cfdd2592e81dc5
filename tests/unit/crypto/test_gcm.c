/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/text.h"
#include "crypto/gcm.h"

static void unhex(const char *text, uint8_t *out)
{
	size_t len = strlen(text);

	assert_int_equal(att_hex_decode(att_bytes_of(text, len), out, len / 2, NULL), ATT_OK);
}

/* "The Galois/Counter Mode of Operation" (McGrew, Viega), test case 3. */
static void known_answer(void **state)
{
	uint8_t key[16], iv[12], plain[64], cipher[64], out[64], tag[16], seen[16];

	(void)state;
	unhex("feffe9928665731c6d6a8f9467308308", key);
	unhex("cafebabefacedbaddecaf888", iv);
	unhex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
	      "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255",
	      plain);
	unhex("42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
	      "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091473f5985",
	      cipher);
	unhex("4d5c2af327cd64a62cf35abd2ba6fab4", tag);
	assert_true(att_gcm_seal(key, iv, att_bytes_of(plain, sizeof(plain)), out, seen));
	assert_memory_equal(out, cipher, sizeof(out));
	assert_memory_equal(seen, tag, sizeof(tag));
	assert_true(att_gcm_open(key, iv, att_bytes_of(cipher, sizeof(cipher)), tag, out));
	assert_memory_equal(out, plain, sizeof(out));
	memcpy(out, plain, sizeof(out));
	assert_true(att_gcm_seal(key, iv, att_bytes_of(out, sizeof(out)), out, seen));
	assert_memory_equal(out, cipher, sizeof(out));
}

static void altered(void **state)
{
	uint8_t key[16] = { 1 }, iv[12] = { 2 }, text[20] = { 3 }, sealed[20], out[20], tag[16];

	(void)state;
	assert_true(att_gcm_seal(key, iv, att_bytes_of(text, sizeof(text)), sealed, tag));
	for (size_t bit = 0; bit < 8 * (sizeof(sealed) + sizeof(tag)); bit++) {
		uint8_t *at =
		    bit < 8 * sizeof(sealed) ? &sealed[bit / 8] : &tag[bit / 8 - sizeof(sealed)];

		*at ^= (uint8_t)(1u << (bit % 8));
		assert_false(att_gcm_open(key, iv, att_bytes_of(sealed, sizeof(sealed)), tag, out));
		assert_true(att_all_zero(att_bytes_of(out, sizeof(out))));
		*at ^= (uint8_t)(1u << (bit % 8));
	}
	assert_true(att_gcm_open(key, iv, att_bytes_of(sealed, sizeof(sealed)), tag, out));
	key[15] ^= 1;
	assert_false(att_gcm_open(key, iv, att_bytes_of(sealed, sizeof(sealed)), tag, out));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(known_answer),
					    cmocka_unit_test(altered) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
