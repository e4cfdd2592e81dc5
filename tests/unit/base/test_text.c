/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"

static att_bytes str(const char *s)
{
	return att_bytes_of(s, strlen(s));
}

static void hex_both_ways(void **state)
{
	uint8_t all[256];
	char text[2 * sizeof(all) + 1];
	uint8_t back[sizeof(all)];
	(void)state;

	for (unsigned i = 0; i < sizeof(all); i++)
		all[i] = (uint8_t)i;
	att_hex_encode(att_bytes_of(all, sizeof(all)), text);
	assert_int_equal(strlen(text), 512);
	assert_memory_equal(text + 2 * 0x9a, "9a9b9c", 6);
	assert_int_equal(att_hex_decode(str(text), back, sizeof(back), NULL), ATT_OK);
	assert_memory_equal(back, all, sizeof(all));
	assert_int_equal(att_hex_decode(str("aBCdeF09"), back, 4, NULL), ATT_OK);
	assert_memory_equal(back, "\xab\xcd\xef\x09", 4);
	assert_int_equal(att_hex_decode(str(""), NULL, 0, NULL), ATT_OK);
	att_hex_encode(str(""), text);
	assert_string_equal(text, "");
}

static void hex_refusals(void **state)
{
	static const struct {
		const char *text;
		size_t offset;
	} all[] = {
		{ "0g", 1 }, { "g0", 0 },    { "00 0", 2 },    { "0x00", 1 },
		{ "/0", 0 }, { ":0", 0 },    { "@0", 0 },      { "`0", 0 },
		{ "G0", 0 }, { "00\n0", 2 }, { "000\xb0", 3 }, { "-1", 0 },
	};
	uint8_t out[8];
	att_err err;
	(void)state;

	for (size_t i = 0; i < ATT_COUNT(all); i++) {
		att_bytes in = str(all[i].text);
		assert_int_equal(att_hex_decode(in, out, in.len / 2, &err), ATT_E_FORMAT);
		assert_int_equal(err.offset, all[i].offset);
	}
	assert_int_equal(att_hex_decode(str("000"), out, 1, &err), ATT_E_FORMAT);
	assert_int_equal(att_hex_decode(str("0000"), out, 1, &err), ATT_E_FORMAT);
	assert_int_equal(att_hex_decode(str("0000"), out, 3, &err), ATT_E_FORMAT);
	assert_int_equal(att_hex_decode(str("00"), out, SIZE_MAX, &err), ATT_E_FORMAT);
	assert_int_equal(att_hex_decode(att_bytes_of("0\0", 2), out, 1, &err), ATT_E_FORMAT);
}

static const struct {
	const char *plain;
	const char *base64;
	const char *url;
} rfc4648[] = {
	/* RFC 4648 section 10, and without padding for base64url. */
	{ "", "", "" },
	{ "f", "Zg==", "Zg" },
	{ "fo", "Zm8=", "Zm8" },
	{ "foo", "Zm9v", "Zm9v" },
	{ "foob", "Zm9vYg==", "Zm9vYg" },
	{ "fooba", "Zm9vYmE=", "Zm9vYmE" },
	{ "foobar", "Zm9vYmFy", "Zm9vYmFy" },
	/* Where the two alphabets differ. */
	{ "\xfb\xff\xbf", "+/+/", "-_-_" },
	{ "\xff", "/w==", "_w" },
};

static void base64_vectors(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATT_COUNT(rfc4648); i++) {
		uint8_t out[16];
		size_t len = sizeof(out);
		size_t want = strlen(rfc4648[i].plain);
		assert_int_equal(att_base64_decode(str(rfc4648[i].base64), false, out, &len, NULL),
				 ATT_OK);
		assert_int_equal(len, want);
		assert_memory_equal(out, rfc4648[i].plain, want);
		len = sizeof(out);
		assert_int_equal(att_base64url_decode(str(rfc4648[i].url), out, &len, NULL),
				 ATT_OK);
		assert_int_equal(len, want);
		assert_memory_equal(out, rfc4648[i].plain, want);

		att_auto_buf att_buf b = { 0 };
		att_put_base64(&b, str(rfc4648[i].plain));
		att_put_u8(&b, '|');
		att_put_base64url(&b, str(rfc4648[i].plain));
		att_auto_mem char *text = att_buf_steal_str(&b);
		char both[40];
		snprintf(both, sizeof(both), "%s|%s", rfc4648[i].base64, rfc4648[i].url);
		assert_string_equal(text, both);
	}
}

static void base64_round_trip_of_every_length(void **state)
{
	uint8_t in[200];
	(void)state;

	for (unsigned i = 0; i < sizeof(in); i++)
		in[i] = (uint8_t)(i * 151 + 17);
	for (size_t n = 0; n <= sizeof(in); n++) {
		uint8_t out[3 * ((sizeof(in) + 2) / 3) + 3];
		att_auto_buf att_buf b = { 0 };
		att_put_base64(&b, att_bytes_of(in, n));
		size_t len = n;
		assert_int_equal(att_base64_decode(att_buf_bytes(&b), false, out, &len, NULL),
				 ATT_OK);
		assert_int_equal(len, n);
		if (n)
			assert_memory_equal(out, in, n);
		if (n) {
			len = n - 1;
			assert_int_equal(
			    att_base64_decode(att_buf_bytes(&b), false, out, &len, NULL),
			    ATT_E_FORMAT);
			assert_int_equal(len, 0);
		}
		att_auto_buf att_buf u = { 0 };
		att_put_base64url(&u, att_bytes_of(in, n));
		len = n;
		assert_int_equal(att_base64url_decode(att_buf_bytes(&u), out, &len, NULL), ATT_OK);
		assert_int_equal(len, n);
		if (n)
			assert_memory_equal(out, in, n);
	}
}

static void base64_white_space(void **state)
{
	static const char *const all[] = {
		"Zm9v\nYg==",       "Zm9v\r\nYg==\r\n", " \tZ m 9 v Y g = = ",
		"\nZm9vYg\n=\n=\n", "Zm9vYg= =",
	};
	(void)state;

	for (size_t i = 0; i < ATT_COUNT(all); i++) {
		uint8_t out[8];
		size_t len = sizeof(out);
		assert_int_equal(att_base64_decode(str(all[i]), true, out, &len, NULL), ATT_OK);
		assert_int_equal(len, 4);
		assert_memory_equal(out, "foob", 4);
		len = sizeof(out);
		assert_int_equal(att_base64_decode(str(all[i]), false, out, &len, NULL),
				 ATT_E_FORMAT);
		assert_int_equal(len, 0);
	}
	size_t len = 0;
	assert_int_equal(att_base64_decode(str(" \n"), true, NULL, &len, NULL), ATT_OK);
}

static void base64_refusals(void **state)
{
	static const char *const all[] = {
		"Z",     "Zg",    "Zg=",    "Zg===",     "Zm8",        "Zm8==",
		"Zm9v=", "=",     "====",   "Z===",      "Zg==Zg==",   "Zg=v",
		"Zh==",  "Zm9=",  "Zm9v*",  "Zm-v",      "Zm_v",       "Zm9v\vYg==",
		"Zm9vY", "Zg==x", "Zg==\v", "Zm9vYmE=Z", "\xc3\xa4==", "Zm\xffz",
	};
	uint8_t out[16];
	att_err err;
	(void)state;

	for (size_t i = 0; i < ATT_COUNT(all); i++) {
		for (int skip = 0; skip < 2; skip++) {
			size_t len = sizeof(out);
			assert_int_equal(att_base64_decode(str(all[i]), skip, out, &len, &err),
					 ATT_E_FORMAT);
			assert_int_equal(len, 0);
			assert_true(err.offset <= strlen(all[i]));
		}
	}
	size_t len = sizeof(out);
	assert_int_equal(att_base64_decode(att_bytes_of("Zm\0v", 4), true, out, &len, &err),
			 ATT_E_FORMAT);
	assert_int_equal(err.offset, 2);
	static const char *const url[] = { "Zg==", "Z",    "Zm8=",  "Zh",    "Zm9",
					   "Zm+v", "Zm/v", "Zm 9v", "Zm9v\n" };
	for (size_t i = 0; i < ATT_COUNT(url); i++) {
		len = sizeof(out);
		assert_int_equal(att_base64url_decode(str(url[i]), out, &len, &err), ATT_E_FORMAT);
		assert_int_equal(len, 0);
	}
}

static void percent(void **state)
{
	static const struct {
		const char *in;
		const char *out;
	} good[] = {
		{ "", "" },
		{ "plain+text", "plain+text" },
		{ "-----BEGIN%20CERTIFICATE-----%0AMIIC", "-----BEGIN CERTIFICATE-----\nMIIC" },
		{ "%41%4a%4A%25", "AJJ%" },
		{ "%2525", "%25" },
	};
	static const struct {
		const char *in;
		size_t offset;
	} bad[] = { { "%", 0 },    { "a%4", 1 }, { "%4g", 0 },   { "%g4", 0 },
		    { "%%41", 0 }, { "ab%", 2 }, { "%41%4", 3 }, { "% 41", 0 } };
	(void)state;

	for (size_t i = 0; i < ATT_COUNT(good); i++) {
		att_auto_buf att_buf b = { 0 };
		assert_int_equal(att_percent_decode(str(good[i].in), &b, NULL), ATT_OK);
		att_auto_mem char *text = att_buf_steal_str(&b);
		assert_string_equal(text, good[i].out);
	}
	for (size_t i = 0; i < ATT_COUNT(bad); i++) {
		att_auto_buf att_buf b = { 0 };
		att_err err;
		assert_int_equal(att_percent_decode(str(bad[i].in), &b, &err), ATT_E_FORMAT);
		assert_int_equal(err.offset, bad[i].offset);
	}
	att_auto_buf att_buf full = { .max = 2 };
	assert_int_equal(att_percent_decode(str("a%41c"), &full, NULL), ATT_E_NOMEM);
}

static void utf8_boundaries(void **state)
{
	/* Unicode 15.0, table 3-7: the ends of every row, and just beyond them. */
	static const char *const good[] = {
		"",
		"a",
		"\x7f",
		"\xc2\x80",
		"\xdf\xbf",
		"\xe0\xa0\x80",
		"\xe1\x80\x80",
		"\xec\xbf\xbf",
		"\xed\x9f\xbf",
		"\xee\x80\x80",
		"\xef\xbf\xbf",
		"\xf0\x90\x80\x80",
		"\xf3\xbf\xbf\xbf",
		"\xf4\x8f\xbf\xbf",
		"a\xc3\xa4\xe2\x82\xac\xf0\x9f\x94\x92z",
	};
	static const char *const bad[] = {
		"\x80",
		"\xbf",
		"\xc0\x80",
		"\xc1\xbf",
		"\xc2",
		"\xc2\x7f",
		"\xc2\xc0",
		"\xe0\x9f\xbf",
		"\xe0\xa0",
		"\xe1\x80",
		"\xe1\x80\x7f",
		"\xed\xa0\x80",
		"\xed\xbf\xbf",
		"\xf0\x8f\xbf\xbf",
		"\xf0\x90\x80",
		"\xf4\x90\x80\x80",
		"\xf5\x80\x80\x80",
		"\xff",
		"\xfe",
		"a\xf0\x90\x80z",
		"\xf8\x88\x80\x80\x80",
		"\xe2\x28\xa1",
		"\xf0\x90\x28\xbc",
	};
	(void)state;

	for (size_t i = 0; i < ATT_COUNT(good); i++)
		assert_true(att_utf8_valid(str(good[i])));
	for (size_t i = 0; i < ATT_COUNT(bad); i++)
		assert_false(att_utf8_valid(str(bad[i])));
	assert_true(att_utf8_valid(att_bytes_of("a\0b", 3)));
	assert_int_equal(att_utf8_step((const uint8_t *)"\xe2\x82\xac", 3), 3);
	assert_int_equal(att_utf8_step((const uint8_t *)"\xe2\x82\xac", 2), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hex_both_ways),
		cmocka_unit_test(hex_refusals),
		cmocka_unit_test(base64_vectors),
		cmocka_unit_test(base64_round_trip_of_every_length),
		cmocka_unit_test(base64_white_space),
		cmocka_unit_test(base64_refusals),
		cmocka_unit_test(percent),
		cmocka_unit_test(utf8_boundaries),
	};

	return cmocka_run_group_tests_name("base/text", tests, NULL, NULL);
}
