/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/crypto.h>

#include "base/mem.h"
#include "base/text.h"
#include "crypto/es256.h"
#include "crypto/p256.h"

/* One key in every form, made with Python's cryptography and the openssl command for this file
 * only. */
#define POINT                                                                \
	"0462ee5cf139e4672deb9669eaa80b66c35b7f750be3c940f9b3a88a368d7107b0" \
	"4d6787c57a4d6d34ac1943bcf0d39536c7377b96b19fbc11cc053cbe7b771523"
#define PKCS8                                                                \
	"-----BEGIN PRIVATE KEY-----\n"                                      \
	"MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgGpx+EeUUe5FjkKJz\n" \
	"lRrGizJo51JtZSwoVGhfpo4V7M2hRANCAARi7lzxOeRnLeuWaeqoC2bDW391C+PJ\n" \
	"QPmzqIo2jXEHsE1nh8V6TW00rBlDvPDTlTbHN3uWsZ+8EcwFPL57dxUj\n"         \
	"-----END PRIVATE KEY-----\n"

#define SEC1                                                                 \
	"-----BEGIN EC PRIVATE KEY-----\n"                                   \
	"MHcCAQEEIBqcfhHlFHuRY5Cic5UaxosyaOdSbWUsKFRoX6aOFezNoAoGCCqGSM49\n" \
	"AwEHoUQDQgAEYu5c8TnkZy3rlmnqqAtmw1t/dQvjyUD5s6iKNo1xB7BNZ4fFek1t\n" \
	"NKwZQ7zw05U2xzd7lrGfvBHMBTy+e3cVIw==\n"                             \
	"-----END EC PRIVATE KEY-----\n"

#define PKCS8_ENCRYPTED                                                      \
	"-----BEGIN ENCRYPTED PRIVATE KEY-----\n"                            \
	"MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAjWyo5cmM3qwAICCAAw\n" \
	"DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEPIBLtkp+PVM/4Gz2+s4E88EgZBu\n" \
	"Dmw5tFi7joJfxrzrShzen4NuPQ8IILSQObXEbD6q9RKJH9/eKz+BKHGk5PlqbgV0\n" \
	"DNjg/skQ5ER93CpA8xvsYhX+YVyk5qnTdeo1TTXHvRqTb0kBXdlQIjdHqqpdSNc+\n" \
	"NyMAvJxbMji5180PJCcJdNCfs8hyWy5QJY0D5JL3XeP0zAtOFY7VkycE/chNVYg=\n" \
	"-----END ENCRYPTED PRIVATE KEY-----\n"

#define SEC1_ENCRYPTED                                                       \
	"-----BEGIN EC PRIVATE KEY-----\n"                                   \
	"Proc-Type: 4,ENCRYPTED\n"                                           \
	"DEK-Info: AES-256-CBC,4B7DA9B6D32369138FB32464AEE690EF\n"           \
	"\n"                                                                 \
	"XvkV6fvUsJDgAFlLLeYRgvzTerMogOnVzp8g19Kl/S5LiFB/l61yymk7AHZHv55Y\n" \
	"jxCPtiwLyBp0M85FrLouZNFV1CddFzY0jYmdyoFl9+3G+5K7J2O2izYYVXlHyWdH\n" \
	"24mqNRaG4Zqid9W2MO1TcjTy8nnjsRd1LmrUAgVE+pU=\n"                     \
	"-----END EC PRIVATE KEY-----\n"

#define PUBLIC                                                               \
	"-----BEGIN PUBLIC KEY-----\n"                                       \
	"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEYu5c8TnkZy3rlmnqqAtmw1t/dQvj\n" \
	"yUD5s6iKNo1xB7BNZ4fFek1tNKwZQ7zw05U2xzd7lrGfvBHMBTy+e3cVIw==\n"     \
	"-----END PUBLIC KEY-----\n"

#define CERTIFICATE                                                          \
	"-----BEGIN CERTIFICATE-----\n"                                      \
	"MIIBDTCBtaADAgECAgEFMAoGCCqGSM49BAMCMBExDzANBgNVBAMMBnNpZ25lcjAe\n" \
	"Fw0yMDAxMDEwMDAwMDBaFw00MDAxMDEwMDAwMDBaMBExDzANBgNVBAMMBnNpZ25l\n" \
	"cjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABGLuXPE55Gct65Zp6qgLZsNbf3UL\n" \
	"48lA+bOoijaNcQewTWeHxXpNbTSsGUO88NOVNsc3e5axn7wRzAU8vnt3FSMwCgYI\n" \
	"KoZIzj0EAwIDRwAwRAIgH7eCawdVDa8afJfsdTOu/yQwzBs/7Igco+ESpa4SuQkC\n" \
	"IGqBdFnJUKsgrtagEHbkFs87IX8tCqvze+tcDsR/hQjv\n"                     \
	"-----END CERTIFICATE-----\n"

#define P384_PRIVATE                                                         \
	"-----BEGIN PRIVATE KEY-----\n"                                      \
	"MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDBrJSarFQXzh+zXVvW+\n" \
	"aWlr6MLaDEE3b1e2uN2TQtAi6nOi0BJ9LQvY+u0iqPYLc0ihZANiAAQ6HlDD/lUr\n" \
	"sCt74KuCBrJfGUXfuQOrdKdhBGTSJNCf3epNhJZRcyLfuGWRTiXt59x/FTxK9d3A\n" \
	"ERWKClCcG6p6DKxXyTuwl2cQcBMoequ6dwgpkRIu97YsUNVmAobCOCw=\n"         \
	"-----END PRIVATE KEY-----\n"

#define P384_PUBLIC                                                          \
	"-----BEGIN PUBLIC KEY-----\n"                                       \
	"MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEOh5Qw/5VK7Are+CrggayXxlF37kDq3Sn\n" \
	"YQRk0iTQn93qTYSWUXMi37hlkU4l7efcfxU8SvXdwBEVigpQnBuqegysV8k7sJdn\n" \
	"EHATKHqruncIKZESLve2LFDVZgKGwjgs\n"                                 \
	"-----END PUBLIC KEY-----\n"

#define ED25519_PUBLIC                                                   \
	"-----BEGIN PUBLIC KEY-----\n"                                   \
	"MCowBQYDK2VwAyEAVRcpnvY6wFllBWZ4LXDi+/FkN+NxoovT/jbEDBycjg4=\n" \
	"-----END PUBLIC KEY-----\n"

#define PUBLIC_COMPRESSED                                                    \
	"-----BEGIN PUBLIC KEY-----\n"                                       \
	"MDkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDIgADYu5c8TnkZy3rlmnqqAtmw1t/dQvj\n" \
	"yUD5s6iKNo1xB7A=\n"                                                 \
	"-----END PUBLIC KEY-----\n"

#define PUBLIC_SPELLED_OUT                                                   \
	"-----BEGIN PUBLIC KEY-----\n"                                       \
	"MIIBSzCCAQMGByqGSM49AgEwgfcCAQEwLAYHKoZIzj0BAQIhAP////8AAAABAAAA\n" \
	"AAAAAAAAAAAA////////////////MFsEIP////8AAAABAAAAAAAAAAAAAAAA////\n" \
	"///////////8BCBaxjXYqjqT57PrvVV2mIa8ZR0GsMxTsPY7zjw+J9JgSwMVAMSd\n" \
	"NgiG5wSTamZ44ROdJreBn36QBEEEaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5\n" \
	"RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9QIhAP////8AAAAA\n" \
	"//////////+85vqtpxeehPO5ysL8YyVRAgEBA0IABGLuXPE55Gct65Zp6qgLZsNb\n" \
	"f3UL48lA+bOoijaNcQewTWeHxXpNbTSsGUO88NOVNsc3e5axn7wRzAU8vnt3FSM=\n" \
	"-----END PUBLIC KEY-----\n"

#define PARAMETERS                        \
	"-----BEGIN EC PARAMETERS-----\n" \
	"BggqhkjOPQMBBw==\n"              \
	"-----END EC PARAMETERS-----\n"

/* RFC 7515 appendix A.3. */
#define JWK_X              "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
#define JWK_Y              "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
#define JWK(members, x, y) "{" members ",\"x\":\"" x "\",\"y\":\"" y "\"}"
#define EC_P256            "\"kty\":\"EC\",\"crv\":\"P-256\""
#define JWS_INPUT                                                                                  \
	"eyJhbGciOiJFUzI1NiJ9."                                                                    \
	"eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0" \
	"cnVlfQ"
#define JWS_SIGNATURE \
	"DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"

static att_bytes text(const char *s)
{
	return att_bytes_of(s, strlen(s));
}

static void known_answer_of_rfc7515(void **state)
{
	(void)state;
	static const char *const jwk[] = {
		JWK(EC_P256, JWK_X, JWK_Y),
		" \t\r\n" JWK(EC_P256 ",\"use\":\"sig\",\"alg\":\"ES256\",\"kid\":\"1\"", JWK_X,
			      JWK_Y),
		JWK("\"kid\":[{}]," EC_P256, JWK_X, JWK_Y),
	};
	uint8_t rs[67];
	size_t len = sizeof(rs);
	att_err err;

	assert_int_equal(att_base64url_decode(text(JWS_SIGNATURE), rs, &len, NULL), ATT_OK);
	assert_int_equal(len, 64);
	for (size_t i = 0; i < ATT_COUNT(jwk); i++) {
		assert_int_equal(att_es256_verify(text(jwk[i]), text(JWS_INPUT), rs, &err), ATT_OK);
		assert_int_equal(att_es256_verify(text(jwk[i]), text(JWS_INPUT "A"), rs, &err),
				 ATT_E_SIGNATURE);
	}
	assert_int_equal(att_es256_verify(text(PUBLIC), text(JWS_INPUT), rs, &err),
			 ATT_E_SIGNATURE);
	rs[63] ^= 1;
	assert_int_equal(att_es256_verify(text(jwk[0]), text(JWS_INPUT), rs, &err),
			 ATT_E_SIGNATURE);
	assert_int_equal(err.rc, ATT_E_SIGNATURE);
}

static const char *const private_forms[] = { PKCS8, SEC1, PARAMETERS SEC1, "\r\n" PKCS8 "\n\n" };
static const char *const public_forms[] = { PUBLIC, CERTIFICATE, PUBLIC_COMPRESSED,
					    "text before\n" PUBLIC };

static void what_is_signed_verifies(void **state)
{
	(void)state;
	uint8_t rs[64], other[64];
	att_err err;

	for (size_t i = 0; i < ATT_COUNT(private_forms); i++) {
		/* Repeated, for r and s of every length. */
		for (unsigned n = 0; n < 40; n++) {
			assert_int_equal(
			    att_es256_sign(text(private_forms[i]), text("message"), rs, &err),
			    ATT_OK);
			const char *key = public_forms[n % ATT_COUNT(public_forms)];
			assert_int_equal(att_es256_verify(text(key), text("message"), rs, &err),
					 ATT_OK);
			assert_int_equal(att_es256_verify(text(key), text("massage"), rs, &err),
					 ATT_E_SIGNATURE);
		}
		assert_int_equal(att_es256_sign(text(private_forms[i]), text(""), other, &err),
				 ATT_OK);
		assert_int_equal(att_es256_verify(text(PUBLIC), att_bytes_of(NULL, 0), other, &err),
				 ATT_OK);
		assert_int_equal(att_es256_verify(text(PUBLIC), text("message"), other, &err),
				 ATT_E_SIGNATURE);
	}
	memset(rs, 0, sizeof(rs));
	assert_int_equal(att_es256_verify(text(PUBLIC), text("message"), rs, &err),
			 ATT_E_SIGNATURE);
	memset(rs, 0xff, sizeof(rs));
	assert_int_equal(att_es256_verify(text(PUBLIC), text("message"), rs, &err),
			 ATT_E_SIGNATURE);
}

static void every_public_form_has_the_same_point(void **state)
{
	(void)state;
	uint8_t want[ATT_P256_POINT], point[ATT_P256_POINT];
	att_err err;

	assert_int_equal(att_hex_decode(text(POINT), want, sizeof(want), NULL), ATT_OK);
	for (size_t i = 0; i < ATT_COUNT(private_forms); i++) {
		assert_int_equal(att_es256_point(text(private_forms[i]), point, &err),
				 ATT_E_FORMAT);
		assert_string_equal(err.msg, "expected a public key, seen a private one");
	}
	for (size_t i = 0; i < ATT_COUNT(public_forms); i++) {
		assert_int_equal(att_es256_point(text(public_forms[i]), point, &err), ATT_OK);
		assert_memory_equal(point, want, sizeof(want));
	}
}

#define ZEROS43 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static const struct {
	const char *what;
	const char *key;
	att_rc point;
	att_rc verify;
	att_rc sign;
} refused[] = {
	{ "nothing", "", ATT_E_FORMAT, ATT_E_FORMAT, ATT_E_FORMAT },
	{ "white space", " \n\t", ATT_E_FORMAT, ATT_E_FORMAT, ATT_E_FORMAT },
	{ "no key", "hello", ATT_E_FORMAT, ATT_E_FORMAT, ATT_E_FORMAT },
	{ "a private key to check with", PKCS8, ATT_E_FORMAT, ATT_E_FORMAT, ATT_OK },
	{ "a public key to sign with", PUBLIC, ATT_OK, ATT_E_SIGNATURE, ATT_E_FORMAT },
	{ "a certificate to sign with", CERTIFICATE, ATT_OK, ATT_E_SIGNATURE, ATT_E_FORMAT },
	{ "a JWK to sign with", JWK(EC_P256, JWK_X, JWK_Y), ATT_OK, ATT_E_SIGNATURE, ATT_E_FORMAT },
	{ "two keys", PUBLIC PUBLIC, ATT_E_FORMAT, ATT_E_FORMAT, ATT_E_FORMAT },
	{ "a key and a certificate", PKCS8 CERTIFICATE, ATT_E_FORMAT, ATT_E_FORMAT, ATT_E_FORMAT },
	{ "encrypted PKCS#8", PKCS8_ENCRYPTED, ATT_E_FORMAT, ATT_E_FORMAT, ATT_E_FORMAT },
	{ "encrypted SEC1", SEC1_ENCRYPTED, ATT_E_FORMAT, ATT_E_FORMAT, ATT_E_FORMAT },
	{ "P-384, private", P384_PRIVATE, ATT_E_FORMAT, ATT_E_FORMAT, ATT_E_UNSUPPORTED },
	{ "P-384, public", P384_PUBLIC, ATT_E_UNSUPPORTED, ATT_E_UNSUPPORTED, ATT_E_FORMAT },
	{ "Ed25519", ED25519_PUBLIC, ATT_E_UNSUPPORTED, ATT_E_UNSUPPORTED, ATT_E_FORMAT },
	{ "P-256 spelled out", PUBLIC_SPELLED_OUT, ATT_E_UNSUPPORTED, ATT_E_UNSUPPORTED,
	  ATT_E_FORMAT },
	{ "an empty block", "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n", ATT_E_FORMAT,
	  ATT_E_FORMAT, ATT_E_FORMAT },
	{ "no end of the block", "-----BEGIN PRIVATE KEY-----\nMIGH\n", ATT_E_FORMAT, ATT_E_FORMAT,
	  ATT_E_FORMAT },
	{ "a certificate of nothing",
	  "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n", ATT_E_FORMAT,
	  ATT_E_FORMAT, ATT_E_FORMAT },
	{ "JWK: broken JSON", "{\"kty\":", ATT_E_TRUNCATED, ATT_E_TRUNCATED, ATT_E_FORMAT },
	{ "JWK: empty", "{}", ATT_E_UNSUPPORTED, ATT_E_UNSUPPORTED, ATT_E_FORMAT },
	{ "JWK: RSA", JWK("\"kty\":\"RSA\",\"crv\":\"P-256\"", JWK_X, JWK_Y), ATT_E_UNSUPPORTED,
	  ATT_E_UNSUPPORTED, ATT_E_FORMAT },
	{ "JWK: P-384", JWK("\"kty\":\"EC\",\"crv\":\"P-384\"", JWK_X, JWK_Y), ATT_E_UNSUPPORTED,
	  ATT_E_UNSUPPORTED, ATT_E_FORMAT },
	{ "JWK: for encryption", JWK(EC_P256 ",\"use\":\"enc\"", JWK_X, JWK_Y), ATT_E_UNSUPPORTED,
	  ATT_E_UNSUPPORTED, ATT_E_FORMAT },
	{ "JWK: for ES384", JWK(EC_P256 ",\"alg\":\"ES384\"", JWK_X, JWK_Y), ATT_E_UNSUPPORTED,
	  ATT_E_UNSUPPORTED, ATT_E_FORMAT },
	{ "JWK: a private key", JWK(EC_P256 ",\"d\":\"AA\"", JWK_X, JWK_Y), ATT_E_FORMAT,
	  ATT_E_FORMAT, ATT_E_FORMAT },
	{ "JWK: no x", "{" EC_P256 ",\"y\":\"" JWK_Y "\"}", ATT_E_FORMAT, ATT_E_FORMAT,
	  ATT_E_FORMAT },
	{ "JWK: no y", "{" EC_P256 ",\"x\":\"" JWK_X "\"}", ATT_E_FORMAT, ATT_E_FORMAT,
	  ATT_E_FORMAT },
	{ "JWK: x twice", JWK(EC_P256 ",\"x\":\"\"", JWK_X, JWK_Y), ATT_E_FORMAT, ATT_E_FORMAT,
	  ATT_E_FORMAT },
	{ "JWK: y padded", JWK(EC_P256, JWK_X, JWK_Y "="), ATT_E_FORMAT, ATT_E_FORMAT,
	  ATT_E_FORMAT },
	{ "JWK: y short", JWK(EC_P256, JWK_X, "AAAA"), ATT_E_FORMAT, ATT_E_FORMAT, ATT_E_FORMAT },
	{ "JWK: y of 33 bytes", JWK(EC_P256, JWK_X, "A" JWK_Y), ATT_E_FORMAT, ATT_E_FORMAT,
	  ATT_E_FORMAT },
	{ "JWK: x and y exchanged", JWK(EC_P256, JWK_Y, JWK_X), ATT_E_FORMAT, ATT_E_SIGNATURE,
	  ATT_E_FORMAT },
	{ "JWK: zeros", JWK(EC_P256, ZEROS43, ZEROS43), ATT_E_FORMAT, ATT_E_SIGNATURE,
	  ATT_E_FORMAT },
};

static void what_is_no_such_key_is_refused(void **state)
{
	(void)state;
	static const uint8_t zeros[ATT_P256_POINT];
	uint8_t point[ATT_P256_POINT], rs[64], good[64];

	assert_int_equal(att_es256_sign(text(PKCS8), text("other message"), good, NULL), ATT_OK);
	for (size_t i = 0; i < ATT_COUNT(refused); i++) {
		att_bytes key = text(refused[i].key);
		att_err err = { 0 };
		memset(point, 0xee, sizeof(point));
		att_rc rc = att_es256_point(key, point, &err);
		if (rc != refused[i].point)
			fail_msg("%s: point: %s %s", refused[i].what, att_rc_name(rc), err.msg);
		if (rc != ATT_OK)
			assert_memory_equal(point, zeros, sizeof(point));
		rc = att_es256_verify(key, text("message"), good, &err);
		if (rc != refused[i].verify)
			fail_msg("%s: verify: %s %s", refused[i].what, att_rc_name(rc), err.msg);
		memset(rs, 0xee, sizeof(rs));
		rc = att_es256_sign(key, text("message"), rs, &err);
		if (rc != refused[i].sign)
			fail_msg("%s: sign: %s %s", refused[i].what, att_rc_name(rc), err.msg);
		if (rc != ATT_OK)
			assert_memory_equal(rs, zeros, sizeof(rs));
	}
}

static void key_texts_have_a_limit(void **state)
{
	(void)state;
	static char big[65537];
	uint8_t point[ATT_P256_POINT];
	att_err err;

	memset(big, ' ', sizeof(big));
	memcpy(big, PUBLIC, strlen(PUBLIC));
	assert_int_equal(att_es256_point(att_bytes_of(big, 65536), point, &err), ATT_OK);
	assert_int_equal(att_es256_point(att_bytes_of(big, 65537), point, &err), ATT_E_FORMAT);
	assert_string_equal(err.msg, "key text is 65537 bytes, at most 65536");
}

static void every_cut_is_refused(void **state)
{
	(void)state;
	static const char *const forms[] = { PKCS8, SEC1, PUBLIC };
	uint8_t point[ATT_P256_POINT], rs[64];

	for (size_t i = 0; i < ATT_COUNT(forms); i++) {
		/* Without its last line end the text still holds the whole key. */
		for (size_t n = 0; n + 2 < strlen(forms[i]); n += 3) {
			att_bytes cut = att_bytes_of(forms[i], n);
			assert_int_not_equal(att_es256_point(cut, point, NULL), ATT_OK);
			assert_int_not_equal(att_es256_sign(cut, text("m"), rs, NULL), ATT_OK);
		}
	}
}

/* libcrypto's allocations, of which one may fail. */
static size_t allocations;
static size_t failing;

static bool fails_now(void)
{
	return ++allocations == failing;
}

static void *lib_malloc(size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	return fails_now() ? NULL : malloc(n);
}

static void *lib_realloc(void *p, size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	return fails_now() ? NULL : realloc(p, n);
}

static void lib_free(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	free(p);
}

/* Decoders of libcrypto swallow many of these failures or give them other names; whatever they
 * do, an answer is right or an error. */
static void no_failing_allocation_yields_a_wrong_key(void **state)
{
	(void)state;
	static const char *const forms[] = { PUBLIC, CERTIFICATE, JWK(EC_P256, JWK_X, JWK_Y) };
	static const uint8_t zeros[ATT_P256_POINT];
	uint8_t want[ATT_P256_POINT], point[ATT_P256_POINT];

	for (size_t i = 0; i < ATT_COUNT(forms); i++) {
		size_t errors = 0;
		assert_int_equal(att_es256_point(text(forms[i]), want, NULL), ATT_OK);
		for (size_t k = 1;; k += 3) {
			allocations = 0;
			failing = k;
			att_rc rc = att_es256_point(text(forms[i]), point, NULL);
			failing = 0;
			errors += rc != ATT_OK;
			assert_memory_equal(point, rc == ATT_OK ? want : zeros, sizeof(point));
			if (allocations < k)
				break;
		}
		assert_true(errors > 0);
	}
}

static void no_failing_allocation_yields_a_wrong_signature(void **state)
{
	(void)state;
	static const uint8_t zeros[64];
	uint8_t rs[64];
	size_t errors = 0;

	for (size_t k = 1;; k += 3) {
		allocations = 0;
		failing = k;
		att_rc rc = att_es256_sign(text(PKCS8), text("message"), rs, NULL);
		size_t used = allocations;
		failing = 0;
		errors += rc != ATT_OK;
		if (rc != ATT_OK)
			assert_memory_equal(rs, zeros, sizeof(rs));
		else
			assert_int_equal(att_es256_verify(text(PUBLIC), text("message"), rs, NULL),
					 ATT_OK);
		if (used < k)
			break;
	}
	assert_true(errors > 0);
}

int main(void)
{
	if (CRYPTO_set_mem_functions(lib_malloc, lib_realloc, lib_free) != 1)
		return EXIT_FAILURE;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_answer_of_rfc7515),
		cmocka_unit_test(what_is_signed_verifies),
		cmocka_unit_test(every_public_form_has_the_same_point),
		cmocka_unit_test(what_is_no_such_key_is_refused),
		cmocka_unit_test(key_texts_have_a_limit),
		cmocka_unit_test(every_cut_is_refused),
		cmocka_unit_test(no_failing_allocation_yields_a_wrong_key),
		cmocka_unit_test(no_failing_allocation_yields_a_wrong_signature),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
