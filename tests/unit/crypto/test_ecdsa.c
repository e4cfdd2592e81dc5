/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "crypto/ecdsa.h"
#include "crypto/p256.h"

#define R_HIGH "ff00000000000000000000000000000000000000000000000000000000000001"
#define S_LOW  "7f00000000000000000000000000000000000000000000000000000000000002"
#define ZERO   "0000000000000000000000000000000000000000000000000000000000000000"
#define ONE    "0000000000000000000000000000000000000000000000000000000000000001"
#define SHORT  "0000000000000000000000000000000000000000000000000000000000000080"

static att_bytes unhex(const char *hex, uint8_t *out)
{
	size_t len = strlen(hex) / 2;

	assert_int_equal(att_hex_decode(att_bytes_of(hex, 2 * len), out, len, NULL), ATT_OK);
	return att_bytes_of(out, len);
}

static const struct {
	const char *rs;
	const char *der;
} both_ways[] = {
	{ R_HIGH S_LOW, "3045"
			"022100" R_HIGH "0220" S_LOW },
	{ S_LOW R_HIGH, "3045"
			"0220" S_LOW "022100" R_HIGH },
	{ R_HIGH R_HIGH, "3046"
			 "022100" R_HIGH "022100" R_HIGH },
	{ ONE SHORT, "3007"
		     "020101"
		     "02020080" },
};

static void both_ways_agree(void **state)
{
	(void)state;
	uint8_t rs[64], want[72], der[72], back[64];

	for (size_t i = 0; i < sizeof(both_ways) / sizeof(both_ways[0]); i++) {
		unhex(both_ways[i].rs, rs);
		att_bytes expected = unhex(both_ways[i].der, want);
		assert_int_equal(att_p256_rs_to_der(rs, der), expected.len);
		assert_memory_equal(der, want, expected.len);
		assert_true(att_ecdsa_der_to_rs(expected, back));
		assert_memory_equal(back, rs, sizeof(rs));
	}
}

static void zero_is_written_but_never_read(void **state)
{
	(void)state;
	uint8_t rs[64], der[72], back[64];
	static const uint8_t zeros[] = { 0x30, 6, 2, 1, 0, 2, 1, 0 };

	unhex(ZERO ZERO, rs);
	assert_int_equal(att_p256_rs_to_der(rs, der), sizeof(zeros));
	assert_memory_equal(der, zeros, sizeof(zeros));
	assert_false(att_ecdsa_der_to_rs(att_bytes_of(zeros, sizeof(zeros)), back));
}

static const char *const refused[] = {
	"",
	"30",
	"3000",
	"3003020101",                /* s missing */
	"3006020100020101",          /* r is zero */
	"3006020101020100",          /* s is zero */
	"30060201ff020101",          /* r is negative */
	"30060201010201ff",          /* s is negative */
	"300702020001020101",        /* r padded without need */
	"300702010102020001",        /* s padded without need */
	"30050200020101",            /* r has no contents */
	"30050201010200",            /* s has none */
	"3009020101020101020101",    /* a third INTEGER */
	"300602010102010100",        /* a byte behind the sequence */
	"300702010102010100",        /* a byte behind s */
	"3007020101020101",          /* longer than what is there */
	"3005020101020101",          /* shorter */
	"308106020101020101",        /* long form of a short length */
	"30800201010201010000",      /* indefinite length */
	"3106020101020101",          /* SET */
	"3006030101020101",          /* BIT STRING */
	("3026022101" ONE "020101"), /* r of 33 bytes */
	("3026020101022101" ONE),    /* s of 33 bytes */
};

static void anything_but_strict_der_is_refused(void **state)
{
	(void)state;
	uint8_t der[72], rs[64];

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		if (att_ecdsa_der_to_rs(unhex(refused[i], der), rs))
			fail_msg("%s", refused[i]);
	}
}

static void every_cut_is_refused(void **state)
{
	(void)state;
	uint8_t der[72], rs[64];
	att_bytes whole = unhex("3045022100" R_HIGH "0220" S_LOW, der);

	for (size_t n = 0; n < whole.len; n++)
		assert_false(att_ecdsa_der_to_rs(att_bytes_of(der, n), rs));
	assert_true(att_ecdsa_der_to_rs(whole, rs));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_ways_agree),
		cmocka_unit_test(zero_is_written_but_never_read),
		cmocka_unit_test(anything_but_strict_der_is_refused),
		cmocka_unit_test(every_cut_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
