/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>

#include "base/mem.h"
#include "codec/json_string.h"

static att_bytes str(const char *s)
{
	return att_bytes_of(s, strlen(s));
}

static const struct {
	const char *raw;
	const char *decoded;
} pairs[] = {
	{ "", "" },
	{ "plain", "plain" },
	{ "\\\"\\\\\\/\\b\\f\\n\\r\\t", "\"\\/\b\f\n\r\t" },
	{ "\\u0041\\u007f", "A\x7f" },
	{ "\\u0080\\u07ff", "\xc2\x80\xdf\xbf" },
	{ "\\u0800\\uFFFF", "\xe0\xa0\x80\xef\xbf\xbf" },
	{ "\\uaBcD", "\xea\xaf\x8d" },
	{ "\\ud800\\udc00\\uDBFF\\uDFFF", "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf" },
	{ "a\\u20acb", "a\xe2\x82\xac"
		       "b" },
	{ "\xc3\xa9\\n", "\xc3\xa9\n" },
};

static void decoding(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATT_COUNT(pairs); i++) {
		uint8_t out[64];
		size_t n = att_json_unescape(str(pairs[i].raw), out);
		assert_int_equal(n, strlen(pairs[i].decoded));
		assert_memory_equal(out, pairs[i].decoded, n);
		assert_true(n <= strlen(pairs[i].raw));
		assert_true(att_json_equals(str(pairs[i].raw), str(pairs[i].decoded)));
		assert_false(
		    att_json_equals(str(pairs[i].raw), att_bytes_of(pairs[i].decoded, n + 1)));
		if (n)
			assert_false(att_json_equals(str(pairs[i].raw),
						     att_bytes_of(pairs[i].decoded, n - 1)));
	}
}

static void order_is_that_of_the_decoded(void **state)
{
	/* Ascending, each in two spellings. */
	static const char *const all[][2] = {
		{ "", "" },
		{ "\\u0001", "\\u0001" },
		{ "A", "\\u0041" },
		{ "AA", "A\\u0041" },
		{ "a", "\\u0061" },
		{ "\xc3\xa9", "\\u00e9" },
		{ "\xf0\x9f\x98\x80", "\\ud83d\\ude00" },
	};
	(void)state;

	for (size_t i = 0; i < ATT_COUNT(all); i++) {
		for (size_t k = 0; k < ATT_COUNT(all); k++) {
			for (int form = 0; form < 4; form++) {
				att_bytes a = str(all[i][form & 1]);
				att_bytes b = str(all[k][form >> 1]);
				int c = att_json_compare(a, b, true);
				assert_int_equal((c > 0) - (c < 0), (i > k) - (i < k));
			}
		}
	}
}

static void order_without_escapes(void **state)
{
	(void)state;
	assert_true(att_json_compare(str("a"), str("b"), false) < 0);
	assert_true(att_json_compare(str("b"), str("a"), false) > 0);
	assert_true(att_json_compare(str("a"), str("aa"), false) < 0);
	assert_true(att_json_compare(str("aa"), str("a"), false) > 0);
	assert_true(att_json_compare(str(""), str("a"), false) < 0);
	assert_true(att_json_compare(str("\xff"), str("a"), false) > 0);
	assert_int_equal(att_json_compare(str("abc"), str("abc"), false), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decoding),
		cmocka_unit_test(order_is_that_of_the_decoded),
		cmocka_unit_test(order_without_escapes),
	};

	return cmocka_run_group_tests_name("codec/json_string", tests, NULL, NULL);
}
