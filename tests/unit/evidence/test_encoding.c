/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "evidence/encoding.h"

static att_err err;
static uint8_t *out;
static size_t out_len;

static att_bytes text(const char *s)
{
	return att_bytes_of(s, strlen(s));
}

/* Detects and decodes into exactly the room that is promised to be enough. */
static att_rc decode(att_bytes in, enum att_encoding want)
{
	free(out);
	out = malloc(att_encoding_room(in.len));
	assert_non_null(out);
	memset(&err, 0, sizeof(err));
	assert_int_equal(att_encoding_detect(in), want);
	return att_encoding_decode(in, want, out, &out_len, &err);
}

static void assert_decodes(const char *in, enum att_encoding e, const char *bytes, size_t len)
{
	assert_int_equal(decode(text(in), e), ATT_OK);
	assert_int_equal(out_len, len);
	assert_memory_equal(out, bytes, len);
}

static void assert_refused(const char *in, enum att_encoding e, att_rc rc, const char *msg)
{
	assert_int_equal(decode(text(in), e), rc);
	assert_string_equal(err.msg, msg);
}

static void bytes_that_are_no_text_are_binary(void **state)
{
	(void)state;
	static const uint8_t quote[] = { 3, 0, 2, 0, 0, 0 };
	assert_int_equal(decode(att_bytes_of(quote, sizeof(quote)), ATT_ENCODING_BINARY), ATT_OK);
	assert_int_equal(out_len, sizeof(quote));
	assert_memory_equal(out, quote, sizeof(quote));
	assert_int_equal(decode(att_bytes_of(NULL, 0), ATT_ENCODING_BINARY), ATT_OK);
	assert_int_equal(out_len, 0);

	assert_int_equal(att_encoding_detect(text(" \r\n\t")), ATT_ENCODING_BINARY);
	assert_int_equal(att_encoding_detect(text("0x")), ATT_ENCODING_BASE64);
	assert_int_equal(att_encoding_detect(text("{\"quote\":1}")), ATT_ENCODING_BINARY);
	assert_int_equal(att_encoding_detect(text("ab+_")), ATT_ENCODING_BINARY);
	assert_int_equal(att_encoding_detect(att_bytes_of("0300\0", 5)), ATT_ENCODING_BINARY);
	assert_int_equal(att_encoding_detect(text("03\v00")), ATT_ENCODING_BINARY);
	assert_int_equal(att_encoding_detect(text("03\x80")), ATT_ENCODING_BINARY);
}

static void every_byte_in_a_base64_text_is_judged(void **state)
{
	(void)state;
	static const char std[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
				  "+/= \t\r\n";

	for (int c = 0; c < 256; c++) {
		char in[3] = { 'z', (char)c, 'z' };
		bool known = c != 0 && (strchr(std, c) || c == '-' || c == '_');
		assert_int_equal(att_encoding_detect(att_bytes_of(in, 3)),
				 known ? ATT_ENCODING_BASE64 : ATT_ENCODING_BINARY);
	}
}

static void hex_in_either_case_with_white_space(void **state)
{
	(void)state;
	assert_decodes("0300aBfF", ATT_ENCODING_HEX, "\x03\x00\xab\xff", 4);
	assert_decodes(" 0x0300\n", ATT_ENCODING_HEX, "\x03\x00", 2);
	assert_decodes("0X 03\r\n00", ATT_ENCODING_HEX, "\x03\x00", 2);
	assert_decodes("0 3 0\t0\n", ATT_ENCODING_HEX, "\x03\x00", 2);
	assert_decodes("abcd", ATT_ENCODING_HEX, "\xab\xcd", 2);
	assert_refused("0x030", ATT_ENCODING_HEX, ATT_E_FORMAT,
		       "hex text: odd number of digits, 3");
	assert_int_equal(att_encoding_detect(text("0x03 0x00")), ATT_ENCODING_BASE64);
}

static void base64_is_padded(void **state)
{
	(void)state;
	assert_decodes("AwACAA==", ATT_ENCODING_BASE64, "\x03\x00\x02\x00", 4);
	assert_decodes("AwACAAA=", ATT_ENCODING_BASE64, "\x03\x00\x02\x00\x00", 5);
	assert_decodes(" AwA\r\nCAAAA\n", ATT_ENCODING_BASE64, "\x03\x00\x02\x00\x00\x00", 6);
	assert_decodes("+/+/", ATT_ENCODING_BASE64, "\xfb\xff\xbf", 3);
	assert_int_equal(decode(text("AwACAA="), ATT_ENCODING_BASE64), ATT_E_FORMAT);
	assert_int_equal(decode(text("Aw=ACAA="), ATT_ENCODING_BASE64), ATT_E_FORMAT);
	assert_int_equal(decode(text("AwACAB=="), ATT_ENCODING_BASE64), ATT_E_FORMAT);
	assert_int_equal(decode(text("+wA"), ATT_ENCODING_BASE64), ATT_E_FORMAT);
	assert_int_equal(decode(text("===="), ATT_ENCODING_BASE64), ATT_E_FORMAT);
	assert_non_null(strstr(err.msg, "base64 text: "));
}

static void base64url_is_not(void **state)
{
	(void)state;
	assert_decodes("AwACAA", ATT_ENCODING_BASE64, "\x03\x00\x02\x00", 4);
	assert_decodes("-_-_", ATT_ENCODING_BASE64, "\xfb\xff\xbf", 3);
	assert_decodes("-_\n-_A w\r\n", ATT_ENCODING_BASE64, "\xfb\xff\xbf\x03", 4);
	assert_refused("-_-_A", ATT_ENCODING_BASE64, ATT_E_FORMAT,
		       "base64 text: bad base64url group of 1 characters @4");
	assert_refused("-_ -_\nAx", ATT_ENCODING_BASE64, ATT_E_FORMAT,
		       "base64 text: bad base64url group of 2 characters @6");
	assert_int_equal(err.offset, 6);
}

/* All 256 bytes at all lengths modulo 3, through each form. */
static void every_byte_survives_base64(void **state)
{
	(void)state;
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

	for (size_t len = 254; len <= 256; len++) {
		uint8_t want[256];
		char in[400];
		size_t n = 0;
		for (size_t i = 0; i < len; i++)
			want[i] = (uint8_t)i;
		for (size_t i = 0; i < len * 8; i += 6) {
			unsigned v = 0;
			for (size_t k = i; k < i + 6; k++)
				v = v << 1 | (k < len * 8 ? want[k / 8] >> (7 - k % 8) & 1 : 0);
			in[n++] = digits[v];
		}
		in[n] = '\0';
		assert_decodes(in, ATT_ENCODING_BASE64, (const char *)want, len);
	}
}

static void pem_of_any_label(void **state)
{
	(void)state;
	assert_decodes("-----BEGIN SGX QUOTE-----\nAwACAA==\n-----END SGX QUOTE-----\n",
		       ATT_ENCODING_PEM, "\x03\x00\x02\x00", 4);
	assert_decodes(" \n-----BEGIN X-----\r\nAwA\r\nCAA==\r\n-----END X-----\r\n \n",
		       ATT_ENCODING_PEM, "\x03\x00\x02\x00", 4);
}

static void pem_is_one_whole_block(void **state)
{
	(void)state;
	static const char two[] = "-----BEGIN X-----\nAwAC\n-----END X-----\n"
				  "-----BEGIN X-----\nAwAC\n-----END X-----\n";

	assert_refused(two, ATT_ENCODING_PEM, ATT_E_TRAILING,
		       "pem text: 39 bytes behind the first block @39");
	assert_int_equal(err.offset, 39);
	assert_int_equal(
	    decode(text("-----BEGIN X-----\nAwAC\n-----END X-----\nz"), ATT_ENCODING_PEM),
	    ATT_E_TRAILING);
	assert_int_equal(
	    decode(text("-----BEGIN X-----\nAwAC\n-----END Y-----\n"), ATT_ENCODING_PEM),
	    ATT_E_FORMAT);
	assert_int_equal(
	    decode(text("-----BEGIN X-----\nAwA\n-----END X-----\n"), ATT_ENCODING_PEM),
	    ATT_E_FORMAT);
	assert_true(decode(text("-----BEGIN X-----\nAwAC\n"), ATT_ENCODING_PEM) != ATT_OK);
	assert_true(decode(text("-----BEGIN X-----"), ATT_ENCODING_PEM) != ATT_OK);
}

static void pem_labels_are_text_of_64_at_most(void **state)
{
	(void)state;
	char in[400] = "-----BEGIN ";
	memset(in + 11, 'L', 64);
	memcpy(in + 75, "-----\nAwAC\n-----END ", 20);
	memset(in + 95, 'L', 64);
	memcpy(in + 159, "-----\n", 7);
	assert_decodes(in, ATT_ENCODING_PEM, "\x03\x00\x02", 3);

	memset(in + 11, 'L', 65);
	memcpy(in + 76, "-----\nAwAC\n", 12);
	assert_refused(in, ATT_ENCODING_PEM, ATT_E_FORMAT,
		       "pem text: no label of at most 64 characters in the begin line @11");
	assert_refused("-----BEGIN X\n-----\nAwAC\n", ATT_ENCODING_PEM, ATT_E_FORMAT,
		       "pem text: no label of at most 64 characters in the begin line @11");
	assert_refused("  -----BEGIN ", ATT_ENCODING_PEM, ATT_E_FORMAT,
		       "pem text: no label of at most 64 characters in the begin line @13");
}

/* No prefix of a text form makes the decoder read or write beyond its bounds. */
static void every_truncation_stays_in_bounds(void **state)
{
	(void)state;
	static const char *const forms[] = {
		"-----BEGIN SGX QUOTE-----\nAwACAA==\n-----END SGX QUOTE-----\n",
		"0x0300 0200",
		"AwACAA==",
		"-_-_ AwAC AA",
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		for (size_t len = 0; len <= strlen(forms[i]); len++) {
			uint8_t *copy = malloc(len + 1);
			assert_non_null(copy);
			memcpy(copy, forms[i], len);
			att_bytes in = att_bytes_of(copy, len);
			att_rc rc = decode(in, att_encoding_detect(in));
			assert_true(rc == ATT_OK ? out_len <= len : rc == err.rc);
			free(copy);
		}
	}
}

static int free_out(void **state)
{
	(void)state;
	free(out);
	out = NULL;
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_that_are_no_text_are_binary),
		cmocka_unit_test(every_byte_in_a_base64_text_is_judged),
		cmocka_unit_test(hex_in_either_case_with_white_space),
		cmocka_unit_test(base64_is_padded),
		cmocka_unit_test(base64url_is_not),
		cmocka_unit_test(every_byte_survives_base64),
		cmocka_unit_test(pem_of_any_label),
		cmocka_unit_test(pem_is_one_whole_block),
		cmocka_unit_test(pem_labels_are_text_of_64_at_most),
		cmocka_unit_test(every_truncation_stays_in_bounds),
	};
	return cmocka_run_group_tests(tests, NULL, free_out);
}
