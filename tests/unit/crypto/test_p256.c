/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/crypto.h>

#include "base/text.h"
#include "crypto/p256.h"
#include "crypto/p256_internal.h"

/* Two keys of Python's cryptography; the first signed "attest" for the table below. */
#define KEY                                                                                        \
	"042d4874a2d39deb650b72f2a11ee276ee0e7a82fafbe3867765cdbc5ee0210b80c77e8666cb4b3173dbac90" \
	"7a05434b40a116711b297b410f06f97557f5288f57"
#define OTHER                                                                                      \
	"04c96013cbab66fddbb153e4c092b044530d0d96617fbd9d7cde019660292188d0b30be4ad363a191eeb7378" \
	"665690bf1275d7927043c8777ee7aebe30beb6888c"
#define SIGNATURE                                                                                  \
	"304402204aa0d8a93b47e13e520afbfab8e0b929a13e99f06f8bdbe9388ccfa5ad0dbda5022029a0a9cbfd0a" \
	"9c5d45d15c47ab11295231632975601d3a3578d7732138c90a75"
#define RAW_SIGNATURE                                                                              \
	"4aa0d8a93b47e13e520afbfab8e0b929a13e99f06f8bdbe9388ccfa5ad0dbda529a0a9cbfd0a9c5d45d15c47" \
	"ab11295231632975601d3a3578d7732138c90a75"

/* RFC 6979 appendix A.2.5: the key, and its signature over SHA-256("sample"). */
#define RFC6979_KEY                                                          \
	"0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6" \
	"7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"
#define RFC6979_SAMPLE                                                     \
	"efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716" \
	"f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"

/* A point on the curve with x = 5, and the same with x + p, which still fits 32 bytes. */
#define SMALL_X                                                                                    \
	"040000000000000000000000000000000000000000000000000000000000000005459243b9aa581806fe913b" \
	"ce99817ade11ca503c64d9a3c533415c083248fbcc"
#define SMALL_X_PLUS_P                                                                             \
	"04ffffffff00000001000000000000000000000001000000000000000000000004459243b9aa581806fe913b" \
	"ce99817ade11ca503c64d9a3c533415c083248fbcc"

static const struct {
	const char *what;
	bool good;
	const char *der;
} signatures[] = {
	{ "both high bits padded", true,
	  "3046022100cb9c40beec4ba1cf3cfa6bdccec8af25a7d81dc9bcaa6afa69e8fd9ed1db9fc702210098f7b60d"
	  "46005438c8ffa0ce961766c0b86823981194edcd56fc750b1c22dbfc" },
	{ "no padding", true,
	  "304402204aa0d8a93b47e13e520afbfab8e0b929a13e99f06f8bdbe9388ccfa5ad0dbda5022029a0a9cbfd0a"
	  "9c5d45d15c47ab11295231632975601d3a3578d7732138c90a75" },
	{ "31 byte r", true,
	  "3043021f59f1ee7817796d1dfa53add911c77944c5c4369db3ae16f7ea6a740e48a67002202efbfbfd3adf36"
	  "b721d94600c323cff3df17be784699c444c48dc454e8293939" },
	{ "31 byte s", true,
	  "3043022032e9bea0a72713a0e37856e72a4bd14876de6b28dc3604821b34c6c3414bd5d3021f1f2bf6623525"
	  "a540b70535521f2457e4b99760311dbca4f638ec1e0657606d" },
	{ "n - s is as good as s", true,
	  "304502204aa0d8a93b47e13e520afbfab8e0b929a13e99f06f8bdbe9388ccfa5ad0dbda5022100d65f563302"
	  "f563a3ba2ea3b854eed6ad8b83d13846fa644f7ae257a1c39a1adc" },
	{ "r is 0", false,
	  "3025020100022029a0a9cbfd0a9c5d45d15c47ab11295231632975601d3a3578d7732138c90a75" },
	{ "s is 0", false,
	  "302502204aa0d8a93b47e13e520afbfab8e0b929a13e99f06f8bdbe9388ccfa5ad0dbda5020100" },
	{ "r is n", false,
	  "3045022100ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551022029a0a9cbfd"
	  "0a9c5d45d15c47ab11295231632975601d3a3578d7732138c90a75" },
	{ "s is n", false,
	  "304502204aa0d8a93b47e13e520afbfab8e0b929a13e99f06f8bdbe9388ccfa5ad0dbda5022100ffffffff00"
	  "000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551" },
	{ "r and s are 0", false, "3006020100020100" },
	{ "r and s are n", false,
	  "3046022100ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551022100ffffffff"
	  "00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551" },
	{ "r is 1, s is 1", false, "3006020101020101" },
	{ "s and r exchanged", false,
	  "3044022029a0a9cbfd0a9c5d45d15c47ab11295231632975601d3a3578d7732138c90a7502204aa0d8a93b47"
	  "e13e520afbfab8e0b929a13e99f06f8bdbe9388ccfa5ad0dbda5" },
	{ "r + n", false,
	  "30450221014aa0d8a83b47e13f520afbfab8e0b9295e25949e16a37a6e2c469a68a970e2f6022029a0a9cbfd"
	  "0a9c5d45d15c47ab11295231632975601d3a3578d7732138c90a75" },
	{ "s + n", false,
	  "304502204aa0d8a93b47e13e520afbfab8e0b929a13e99f06f8bdbe9388ccfa5ad0dbda502210129a0a9cafd"
	  "0a9c5e45d15c47ab112951ee4a24230734d8ba6c913de4352c2fc6" },
	{ "r is 2^256 - 1", false,
	  "3045022100ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff022029a0a9cbfd"
	  "0a9c5d45d15c47ab11295231632975601d3a3578d7732138c90a75" },
	{ "r + 1", false,
	  "304402204aa0d8a93b47e13e520afbfab8e0b929a13e99f06f8bdbe9388ccfa5ad0dbda6022029a0a9cbfd0a"
	  "9c5d45d15c47ab11295231632975601d3a3578d7732138c90a75" },
	{ "r negative: padding left out", false,
	  "30450220cb9c40beec4ba1cf3cfa6bdccec8af25a7d81dc9bcaa6afa69e8fd9ed1db9fc702210098f7b60d46"
	  "005438c8ffa0ce961766c0b86823981194edcd56fc750b1c22dbfc" },
	{ "s negative: padding left out", false,
	  "3045022100cb9c40beec4ba1cf3cfa6bdccec8af25a7d81dc9bcaa6afa69e8fd9ed1db9fc7022098f7b60d46"
	  "005438c8ffa0ce961766c0b86823981194edcd56fc750b1c22dbfc" },
	{ "r padded without need", false,
	  "30450221004aa0d8a93b47e13e520afbfab8e0b929a13e99f06f8bdbe9388ccfa5ad0dbda5022029a0a9cbfd"
	  "0a9c5d45d15c47ab11295231632975601d3a3578d7732138c90a75" },
	{ "s padded without need", false,
	  "304502204aa0d8a93b47e13e520afbfab8e0b929a13e99f06f8bdbe9388ccfa5ad0dbda502210029a0a9cbfd"
	  "0a9c5d45d15c47ab11295231632975601d3a3578d7732138c90a75" },
	{ "r of length 0", false,
	  "30240200022029a0a9cbfd0a9c5d45d15c47ab11295231632975601d3a3578d7732138c90a75" },
	{ "byte behind the sequence", false,
	  "304402204aa0d8a93b47e13e520afbfab8e0b929a13e99f06f8bdbe9388ccfa5ad0dbda5022029a0a9cbfd0a"
	  "9c5d45d15c47ab11295231632975601d3a3578d7732138c90a7500" },
	{ "element inside behind s", false,
	  "304602204aa0d8a93b47e13e520afbfab8e0b929a13e99f06f8bdbe9388ccfa5ad0dbda5022029a0a9cbfd0a"
	  "9c5d45d15c47ab11295231632975601d3a3578d7732138c90a750500" },
	{ "byte inside behind s", false,
	  "304502204aa0d8a93b47e13e520afbfab8e0b929a13e99f06f8bdbe9388ccfa5ad0dbda5022029a0a9cbfd0a"
	  "9c5d45d15c47ab11295231632975601d3a3578d7732138c90a7500" },
	{ "long form of a short length", false,
	  "30814402204aa0d8a93b47e13e520afbfab8e0b929a13e99f06f8bdbe9388ccfa5ad0dbda5022029a0a9cbfd"
	  "0a9c5d45d15c47ab11295231632975601d3a3578d7732138c90a75" },
	{ "indefinite length", false,
	  "308002204aa0d8a93b47e13e520afbfab8e0b929a13e99f06f8bdbe9388ccfa5ad0dbda5022029a0a9cbfd0a"
	  "9c5d45d15c47ab11295231632975601d3a3578d7732138c90a750000" },
	{ "r with long form of its length", false,
	  "30450281204aa0d8a93b47e13e520afbfab8e0b929a13e99f06f8bdbe9388ccfa5ad0dbda5022029a0a9cbfd"
	  "0a9c5d45d15c47ab11295231632975601d3a3578d7732138c90a75" },
	{ "cut by one byte", false,
	  "304402204aa0d8a93b47e13e520afbfab8e0b929a13e99f06f8bdbe9388ccfa5ad0dbda5022029a0a9cbfd0a"
	  "9c5d45d15c47ab11295231632975601d3a3578d7732138c90a" },
	{ "s missing", false,
	  "302202204aa0d8a93b47e13e520afbfab8e0b929a13e99f06f8bdbe9388ccfa5ad0dbda5" },
	{ "empty sequence", false, "3000" },
	{ "nothing", false, "" },
	{ "set instead of sequence", false,
	  "314402204aa0d8a93b47e13e520afbfab8e0b929a13e99f06f8bdbe9388ccfa5ad0dbda5022029a0a9cbfd0a"
	  "9c5d45d15c47ab11295231632975601d3a3578d7732138c90a75" },
	{ "bit string instead of integer", false,
	  "304403204aa0d8a93b47e13e520afbfab8e0b929a13e99f06f8bdbe9388ccfa5ad0dbda5022029a0a9cbfd0a"
	  "9c5d45d15c47ab11295231632975601d3a3578d7732138c90a75" },
};

static const struct {
	const char *what;
	bool on_curve;
	const char *point;
} points[] = {
	{ "a public key", true, KEY },
	{ "small x", true, SMALL_X },
	{ "x not below p", false, SMALL_X_PLUS_P },
	{ "compressed form in 65 bytes", false, "02" },
	{ "hybrid form, even", false, "06" },
	{ "hybrid form, odd", false, "07" },
	{ "infinity in 65 bytes", false, "00" },
	{ "x and y are 0", false,
	  "04000000000000000000000000000000000000000000000000000000000000000000"
	  "000000000000000000000000000000000000000000000000000000000000" },
	{ "y off by one", false,
	  "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
	  "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462298" },
};

static att_bytes text(const char *s)
{
	return att_bytes_of(s, strlen(s));
}

static att_bytes unhex(const char *hex, uint8_t *out)
{
	size_t len = strlen(hex) / 2;

	assert_int_equal(att_hex_decode(text(hex), out, len, NULL), ATT_OK);
	return att_bytes_of(out, len);
}

static void point_of(const char *hex, uint8_t point[static ATT_P256_POINT])
{
	unhex(KEY, point);
	unhex(hex, point);
}

/* Tools in the mode that *state asks for: NULL keeps the context. */
static att_p256 *tools(void **state)
{
	att_p256 *t = NULL;
	att_err err;

	assert_int_equal(att_p256_new(&t, &err), ATT_OK);
	assert_false(att_p256_uses_fresh_contexts(t));
	if (*state)
		att_p256_use_fresh_contexts(t);
	assert_int_equal(att_p256_uses_fresh_contexts(t), *state != NULL);
	return t;
}

static void signatures_over_one_message(void **state)
{
	att_p256 *t = tools(state);
	uint8_t key[ATT_P256_POINT], other[ATT_P256_POINT], der[128];

	point_of(KEY, key);
	point_of(OTHER, other);
	for (size_t i = 0; i < sizeof(signatures) / sizeof(signatures[0]); i++) {
		att_bytes sig = unhex(signatures[i].der, der);
		if (att_p256_verify(t, key, text("attest"), sig) != signatures[i].good)
			fail_msg("%s", signatures[i].what);
		assert_false(att_p256_verify(t, other, text("attest"), sig));
		assert_false(att_p256_verify(t, key, text("attesT"), sig));
		assert_false(att_p256_verify(t, key, text(""), sig));
	}
	assert_false(att_p256_failed(t));
	att_p256_free(t);
}

static void known_answer_of_rfc6979(void **state)
{
	att_p256 *t = tools(state);
	uint8_t key[ATT_P256_POINT], rs[64], der[72], digest[ATT_SHA256_LEN];

	point_of(RFC6979_KEY, key);
	unhex(RFC6979_SAMPLE, rs);
	assert_true(att_p256_verify_raw(t, key, text("sample"), rs));
	assert_false(att_p256_verify_raw(t, key, text("test"), rs));
	att_bytes sig = att_bytes_of(der, att_p256_rs_to_der(rs, der));
	assert_true(att_sha256(t, text("sample"), digest));
	assert_true(att_p256_verify_digest(t, key, digest, sig));
	digest[31] ^= 1;
	assert_false(att_p256_verify_digest(t, key, digest, sig));
	for (size_t i = 0; i < 8 * sizeof(rs); i += 5) {
		rs[i / 8] ^= (uint8_t)(1u << (i % 8));
		assert_false(att_p256_verify_raw(t, key, text("sample"), rs));
		rs[i / 8] ^= (uint8_t)(1u << (i % 8));
	}
	assert_true(att_p256_verify_raw(t, key, text("sample"), rs));
	assert_false(att_p256_failed(t));
	att_p256_free(t);
}

static void raw_signatures_out_of_range(void **state)
{
	att_p256 *t = tools(state);
	uint8_t key[ATT_P256_POINT], rs[64];

	point_of(KEY, key);
	unhex(RAW_SIGNATURE, rs);
	assert_true(att_p256_verify_raw(t, key, text("attest"), rs));
	memset(rs, 0, 32);
	assert_false(att_p256_verify_raw(t, key, text("attest"), rs));
	memset(rs, 0xff, 32);
	assert_false(att_p256_verify_raw(t, key, text("attest"), rs));
	unhex(RAW_SIGNATURE, rs);
	memset(rs + 32, 0, 32);
	assert_false(att_p256_verify_raw(t, key, text("attest"), rs));
	memset(rs, 0, 64);
	assert_false(att_p256_verify_raw(t, key, text("attest"), rs));
	assert_false(att_p256_failed(t));
	att_p256_free(t);
}

/* After a point that was refused, the key may not be the one used last; nor may it verify
 * anything. */
static void bad_points_leave_nothing_behind(void **state)
{
	att_p256 *t = tools(state);
	uint8_t key[ATT_P256_POINT], other[ATT_P256_POINT], bad[ATT_P256_POINT], der[128];

	point_of(KEY, key);
	point_of(OTHER, other);
	att_bytes sig = unhex(SIGNATURE, der);
	for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++) {
		if (points[i].on_curve)
			continue;
		point_of(points[i].point, bad);
		assert_true(att_p256_verify(t, key, text("attest"), sig));
		assert_false(att_p256_verify(t, bad, text("attest"), sig));
		assert_false(att_p256_verify(t, bad, text("attest"), sig));
		assert_true(att_p256_verify(t, key, text("attest"), sig));
		assert_false(att_p256_on_curve(t, bad));
		assert_false(att_p256_verify(t, other, text("attest"), sig));
		assert_false(att_p256_verify(t, bad, text("attest"), sig));
		assert_true(att_p256_verify(t, key, text("attest"), sig));
	}
	assert_false(att_p256_failed(t));
	att_p256_free(t);
}

static void points_on_the_curve(void **state)
{
	att_p256 *t = tools(state);
	uint8_t point[ATT_P256_POINT];

	for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++) {
		point_of(points[i].point, point);
		if (att_p256_on_curve(t, point) != points[i].on_curve)
			fail_msg("%s", points[i].what);
	}
	assert_false(att_p256_failed(t));
	att_p256_free(t);
}

static void self_test_passes(void **state)
{
	att_p256 *t = tools(state);

	assert_true(att_p256_self_test(t));
	assert_true(att_p256_self_test(t));
	assert_false(att_p256_failed(t));
	att_p256_free(t);
}

static void two_tools_are_independent(void **state)
{
	att_p256 *a = tools(state), *b = tools(state);
	uint8_t key[ATT_P256_POINT], other[ATT_P256_POINT], der[128];

	point_of(KEY, key);
	point_of(OTHER, other);
	att_bytes sig = unhex(SIGNATURE, der);
	assert_true(att_p256_on_curve(a, key));
	assert_true(att_p256_on_curve(b, other));
	assert_true(att_p256_verify(a, key, text("attest"), sig));
	assert_false(att_p256_verify(b, other, text("attest"), sig));
	att_p256_free(b);
	assert_true(att_p256_verify(a, key, text("attest"), sig));
	att_p256_free(a);
	att_p256_free(NULL);
}

/* FIPS 180-4 example values. */
static void sha256_known_answers(void **state)
{
	att_p256 *t = tools(state);
	uint8_t abc[ATT_SHA256_LEN], nothing[ATT_SHA256_LEN], out[ATT_SHA256_LEN];

	unhex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", abc);
	unhex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", nothing);
	assert_true(att_sha256(t, text("abc"), out));
	assert_memory_equal(out, abc, sizeof(abc));
	assert_true(att_sha256(t, att_bytes_of(NULL, 0), out));
	assert_memory_equal(out, nothing, sizeof(nothing));
	assert_true(att_sha256_2(t, text("a"), text("bc"), out));
	assert_memory_equal(out, abc, sizeof(abc));
	assert_true(att_sha256_2(t, text(""), text("abc"), out));
	assert_memory_equal(out, abc, sizeof(abc));
	assert_true(att_sha256_2(t, text("abc"), att_bytes_of(NULL, 0), out));
	assert_memory_equal(out, abc, sizeof(abc));
	att_p256_free(t);
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

static att_rc make_and_verify(bool fresh, bool *verified, att_err *err)
{
	att_p256 *t = NULL;
	uint8_t key[ATT_P256_POINT], der[128];

	point_of(KEY, key);
	att_bytes sig = unhex(SIGNATURE, der);
	*verified = false;
	att_rc rc = att_p256_new(&t, err);
	if (rc != ATT_OK) {
		assert_null(t);
		return rc;
	}
	if (fresh)
		att_p256_use_fresh_contexts(t);
	*verified = att_p256_verify(t, key, text("attest"), sig);
	rc = att_p256_failed(t) ? ATT_E_NOMEM : ATT_OK;
	assert_false(att_p256_failed(t));
	att_p256_free(t);
	return rc;
}

/* A good signature is never called bad for want of memory: it verifies, or the shortage is told. */
static void each_allocation_of_libcrypto_fails_once(void **state)
{
	bool verified;
	att_err err;

	failing = 0;
	assert_int_equal(make_and_verify(*state != NULL, &verified, &err), ATT_OK);
	for (size_t k = 1;; k++) {
		allocations = 0;
		failing = k;
		att_rc rc = make_and_verify(*state != NULL, &verified, &err);
		failing = 0;
		if (rc != ATT_OK && rc != ATT_E_NOMEM)
			fail_msg("allocation %zu: %s", k, err.msg);
		if ((rc == ATT_OK) != verified)
			fail_msg("allocation %zu: %s", k, verified ? "verified" : "refused");
		if (allocations < k)
			break;
	}
	assert_true(allocations > 0);
}

#define BOTH(f)                                                                         \
	cmocka_unit_test(f),                                                            \
	{                                                                               \
		.name = #f " (fresh contexts)", .test_func = f, .initial_state = &fresh \
	}

static void a_copy_works_without_its_model(void **state)
{
	att_p256 *model = tools(state), *copy = NULL;

	assert_int_equal(att_p256_like(model, &copy, NULL), ATT_OK);
	assert_int_equal(att_p256_uses_fresh_contexts(copy), *state != NULL);
	assert_true(att_p256_self_test(model));
	att_p256_free(model);
	assert_true(att_p256_self_test(copy));
	att_p256_free(copy);
}

int main(void)
{
	static char fresh;

	if (CRYPTO_set_mem_functions(lib_malloc, lib_realloc, lib_free) != 1)
		return EXIT_FAILURE;
	const struct CMUnitTest tests[] = {
		BOTH(signatures_over_one_message),
		BOTH(known_answer_of_rfc6979),
		BOTH(raw_signatures_out_of_range),
		BOTH(points_on_the_curve),
		BOTH(bad_points_leave_nothing_behind),
		BOTH(self_test_passes),
		BOTH(two_tools_are_independent),
		BOTH(a_copy_works_without_its_model),
		cmocka_unit_test(sha256_known_answers),
		BOTH(each_allocation_of_libcrypto_fails_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
