/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>

#include "base/civil.h"
#include "base/mem.h"
#include "codec/der.h"

/* A reader over a string literal, from offset 100 on. */
#define DER(s) att_reader_at(att_bytes_of(s, sizeof(s) - 1), 100)

static void assert_bad(const att_reader *r, att_rc rc, size_t offset)
{
	att_err err;

	assert_int_equal(att_reader_ok(r, &err), rc);
	assert_int_equal(err.offset, offset);
}

static void a_sequence_is_entered(void **state)
{
	att_reader r = DER("\x30\x08\x02\x01\x05\x04\x03"
			   "abc");
	(void)state;

	assert_int_equal(att_der_peek(&r), ATT_DER_SEQUENCE);
	att_reader s = att_der_enter(&r, ATT_DER_SEQUENCE, "seq");
	assert_int_equal(att_tell(&s), 102);
	assert_int_equal(att_der_uint(&s, ATT_DER_INTEGER, "n"), 5);
	att_bytes o = att_der_get(&s, ATT_DER_OCTET_STRING, "o");
	assert_int_equal(o.len, 3);
	assert_memory_equal(o.ptr, "abc", 3);
	assert_int_equal(att_der_peek(&s), 0);
	assert_int_equal(att_reader_end(&s, NULL), ATT_OK);
	assert_int_equal(att_reader_end(&r, NULL), ATT_OK);
}

static void optional_consumes_only_its_own(void **state)
{
	att_reader r = DER("\xa0\x03\x02\x01\x02\x05\x00");
	att_bytes c;
	(void)state;

	assert_false(att_der_optional(&r, ATT_DER_CONTEXT_CONSTRUCTED(1), &c, "x"));
	assert_int_equal(att_tell(&r), 100);
	assert_true(att_der_optional(&r, ATT_DER_CONTEXT_CONSTRUCTED(0), &c, "x"));
	assert_int_equal(c.len, 3);
	assert_true(att_der_optional(&r, ATT_DER_NULL, &c, "null"));
	assert_int_equal(c.len, 0);
	assert_false(att_der_optional(&r, ATT_DER_NULL, &c, "null"));
	assert_int_equal(att_reader_end(&r, NULL), ATT_OK);

	att_reader cut = DER("\x04\x02"
			     "a");
	assert_false(att_der_optional(&cut, ATT_DER_OCTET_STRING, &c, "x"));
	assert_int_equal(c.len, 0);
	assert_bad(&cut, ATT_E_TRUNCATED, 102);
}

static void an_element_comes_whole(void **state)
{
	att_reader r = DER("\x31\x02\x05\x00\x01\x01\xff");
	uint8_t tag;
	(void)state;

	att_bytes e = att_der_element(&r, &tag, "e");
	assert_int_equal(tag, ATT_DER_SET);
	assert_int_equal(e.len, 4);
	assert_memory_equal(e.ptr, "\x31\x02\x05\x00", 4);
	assert_true(att_der_bool(&r, "b"));
	e = att_der_element(&r, &tag, "e");
	assert_int_equal(e.len, 0);
	assert_int_equal(tag, 0);
	assert_bad(&r, ATT_E_TRUNCATED, 107);
}

static void lengths_have_one_form(void **state)
{
	static uint8_t big[70000];
	static const struct {
		size_t len;
		size_t header;
		uint8_t bytes[6];
	} good[] = {
		{ 0, 2, { 4, 0 } },
		{ 127, 2, { 4, 127 } },
		{ 128, 3, { 4, 0x81, 128 } },
		{ 255, 3, { 4, 0x81, 255 } },
		{ 256, 4, { 4, 0x82, 1, 0 } },
		{ 65535, 4, { 4, 0x82, 0xff, 0xff } },
		{ 65536, 5, { 4, 0x83, 1, 0, 0 } },
	};
	(void)state;

	for (size_t i = 0; i < ATT_COUNT(good); i++) {
		memcpy(big, good[i].bytes, good[i].header);
		size_t whole = good[i].header + good[i].len;
		att_reader r = att_reader_of(att_bytes_of(big, whole));
		assert_int_equal(att_der_get(&r, ATT_DER_OCTET_STRING, "o").len, good[i].len);
		assert_int_equal(att_reader_end(&r, NULL), ATT_OK);
		uint8_t tag;
		att_reader e = att_reader_of(att_bytes_of(big, whole));
		assert_int_equal(att_der_element(&e, &tag, "o").len, whole);
		att_reader cut = att_reader_of(att_bytes_of(big, whole - 1));
		assert_int_equal(att_der_get(&cut, ATT_DER_OCTET_STRING, "o").len, 0);
		assert_int_equal(att_reader_ok(&cut, NULL), ATT_E_TRUNCATED);
	}
}

static void bad_headers(void **state)
{
	static const struct {
		const char *what;
		uint8_t bytes[8];
	} all[] = {
		{ "indefinite length", { 0x30, 0x80, 0, 0 } },
		{ "reserved length", { 0x30, 0xff, 0, 0 } },
		{ "five length bytes", { 0x30, 0x85, 1, 0, 0, 0, 0 } },
		{ "long form of 0", { 0x30, 0x81, 0 } },
		{ "long form of 127", { 0x30, 0x81, 0x7f } },
		{ "two bytes for 128", { 0x30, 0x82, 0, 0x80 } },
		{ "three bytes for 256", { 0x30, 0x83, 0, 1, 0 } },
		{ "four bytes for 65536", { 0x30, 0x84, 0, 1, 0, 0 } },
		{ "high tag number", { 0x3f, 0x81, 0x01, 0 } },
		{ "high context tag", { 0xbf, 0x21, 0 } },
		{ "end of contents", { 0, 0 } },
		{ "other tag", { 0x31, 0 } },
		{ "primitive form of the tag", { 0x10, 0 } },
	};
	(void)state;

	for (size_t i = 0; i < ATT_COUNT(all); i++) {
		att_reader r = att_reader_at(att_bytes_of(all[i].bytes, 8), 50);
		att_reader s = att_der_enter(&r, ATT_DER_SEQUENCE, "seq");
		assert_bad(&r, ATT_E_FORMAT, 50);
		assert_bad(&s, ATT_E_FORMAT, 50);
		assert_int_equal(att_left(&s), 0);
		assert_int_equal(att_der_peek(&r), 0);
		att_reader g = att_reader_at(att_bytes_of(all[i].bytes, 8), 50);
		assert_int_equal(att_der_get(&g, ATT_DER_SEQUENCE, "seq").len, 0);
		assert_bad(&g, ATT_E_FORMAT, 50);
	}
	for (size_t i = 0; i < 11; i++) {
		uint8_t tag = 1;
		att_reader r = att_reader_at(att_bytes_of(all[i].bytes, 8), 50);
		assert_int_equal(att_der_element(&r, &tag, "e").len, 0);
		assert_int_equal(tag, 0);
		assert_bad(&r, ATT_E_FORMAT, 50);
	}
	static const uint8_t huge[] = { 0x04, 0x84, 0xff, 0xff, 0xff, 0xff, 0 };
	att_reader r = att_reader_of(att_bytes_of(huge, sizeof(huge)));
	assert_int_equal(att_der_get(&r, ATT_DER_OCTET_STRING, "o").len, 0);
	assert_bad(&r, ATT_E_TRUNCATED, 6);
}

static void every_truncation(void **state)
{
	static const uint8_t der[] = { 0x30, 0x81, 0x80 };
	(void)state;

	for (size_t n = 0; n <= sizeof(der); n++) {
		att_reader r = att_reader_of(att_bytes_of(der, n));
		att_reader s = att_der_enter(&r, ATT_DER_SEQUENCE, "s");
		assert_bad(&r, ATT_E_TRUNCATED, n);
		assert_bad(&s, ATT_E_TRUNCATED, n);
	}
}

static void unsigned_numbers(void **state)
{
	static const struct {
		uint8_t len;
		uint8_t bytes[9];
		bool good;
		int64_t value;
	} all[] = {
		{ 1, { 0 }, true, 0 },
		{ 1, { 0x7f }, true, 127 },
		{ 2, { 0, 0x80 }, true, 128 },
		{ 2, { 1, 0 }, true, 256 },
		{ 8, { 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff }, true, INT64_MAX },
		{ 0, { 0 }, false, 0 },
		{ 1, { 0x80 }, false, 0 },
		{ 1, { 0xff }, false, 0 },
		{ 2, { 0, 0 }, false, 0 },
		{ 2, { 0, 0x7f }, false, 0 },
		{ 2, { 0xff, 0x80 }, false, 0 },
		{ 8, { 0x80, 0, 0, 0, 0, 0, 0, 0 }, false, 0 },
		{ 9, { 0, 0x80, 0, 0, 0, 0, 0, 0, 0 }, false, 0 },
		{ 9, { 1, 0, 0, 0, 0, 0, 0, 0, 0 }, false, 0 },
	};
	(void)state;

	for (size_t i = 0; i < ATT_COUNT(all); i++) {
		for (int k = 0; k < 2; k++) {
			uint8_t tag = k ? ATT_DER_ENUMERATED : ATT_DER_INTEGER;
			uint8_t der[11] = { tag, all[i].len };
			memcpy(der + 2, all[i].bytes, sizeof(all[i].bytes));
			att_reader r = att_reader_at(att_bytes_of(der, 2u + all[i].len), 9);
			assert_true(att_der_uint(&r, tag, "n") == all[i].value);
			if (all[i].good)
				assert_int_equal(att_reader_end(&r, NULL), ATT_OK);
			else
				assert_bad(&r, ATT_E_FORMAT, 9);
		}
	}
	att_reader r = DER("\x0a\x01\x01");
	assert_true(att_der_uint(&r, ATT_DER_INTEGER, "n") == 0);
	assert_bad(&r, ATT_E_FORMAT, 100);
}

static void booleans(void **state)
{
	static const struct {
		uint8_t der[4];
		size_t len;
		att_rc rc;
		bool value;
	} all[] = {
		{ { 1, 1, 0 }, 3, ATT_OK, false },
		{ { 1, 1, 0xff }, 3, ATT_OK, true },
		{ { 1, 1, 1 }, 3, ATT_E_FORMAT, false },
		{ { 1, 0 }, 2, ATT_E_FORMAT, false },
		{ { 1, 2, 0xff, 0xff }, 4, ATT_E_FORMAT, false },
		{ { 2, 1, 0xff }, 3, ATT_E_FORMAT, false },
		{ { 1, 1 }, 2, ATT_E_TRUNCATED, false },
	};
	(void)state;

	for (size_t i = 0; i < ATT_COUNT(all); i++) {
		att_reader r = att_reader_of(att_bytes_of(all[i].der, all[i].len));
		assert_int_equal(att_der_bool(&r, "b"), all[i].value);
		assert_int_equal(att_reader_end(&r, NULL), all[i].rc);
	}
}

static void bit_strings(void **state)
{
	att_reader r = DER("\x03\x03\x00\xab\xcd\x03\x01\x00");
	(void)state;

	att_bytes b = att_der_bits(&r, "b");
	assert_int_equal(b.len, 2);
	assert_memory_equal(b.ptr, "\xab\xcd", 2);
	assert_int_equal(att_der_bits(&r, "empty").len, 0);
	assert_int_equal(att_reader_end(&r, NULL), ATT_OK);

	att_reader none = DER("\x03\x00");
	assert_int_equal(att_der_bits(&none, "b").len, 0);
	assert_bad(&none, ATT_E_FORMAT, 100);
	att_reader unused = DER("\x03\x02\x01\xfe");
	assert_int_equal(att_der_bits(&unused, "b").len, 0);
	assert_bad(&unused, ATT_E_FORMAT, 100);
}

static void times(void **state)
{
	static const struct {
		uint8_t tag;
		const char *text;
		const char *means;
	} good[] = {
		{ ATT_DER_UTC_TIME, "700101000000Z", "1970-01-01T00:00:00Z" },
		{ ATT_DER_UTC_TIME, "180521104110Z", "2018-05-21T10:41:10Z" },
		{ ATT_DER_UTC_TIME, "491231235959Z", "2049-12-31T23:59:59Z" },
		{ ATT_DER_UTC_TIME, "500101000000Z", "1950-01-01T00:00:00Z" },
		{ ATT_DER_UTC_TIME, "991231235959Z", "1999-12-31T23:59:59Z" },
		{ ATT_DER_UTC_TIME, "000229000000Z", "2000-02-29T00:00:00Z" },
		{ ATT_DER_GENERALIZED, "20500101000000Z", "2050-01-01T00:00:00Z" },
		{ ATT_DER_GENERALIZED, "99991231235959Z", "9999-12-31T23:59:59Z" },
	};
	static const struct {
		uint8_t tag;
		const char *text;
	} bad[] = {
		{ ATT_DER_UTC_TIME, "7001010000Z" },
		{ ATT_DER_UTC_TIME, "700101000000" },
		{ ATT_DER_UTC_TIME, "700101000000z" },
		{ ATT_DER_UTC_TIME, "700101000000ZZ" },
		{ ATT_DER_UTC_TIME, "700101000000+0000" },
		{ ATT_DER_UTC_TIME, "700101000000.5Z" },
		{ ATT_DER_UTC_TIME, "701301000000Z" },
		{ ATT_DER_UTC_TIME, "700001000000Z" },
		{ ATT_DER_UTC_TIME, "700230000000Z" },
		{ ATT_DER_UTC_TIME, "700101240000Z" },
		{ ATT_DER_UTC_TIME, "700101006000Z" },
		{ ATT_DER_UTC_TIME, "700101000060Z" },
		{ ATT_DER_UTC_TIME, " 00101000000Z" },
		{ ATT_DER_UTC_TIME, "7001010:0000Z" },
		{ ATT_DER_UTC_TIME, "" },
		{ ATT_DER_UTC_TIME, "20500101000000Z" },
		{ ATT_DER_GENERALIZED, "20491231235959Z" },
		{ ATT_DER_GENERALIZED, "19700101000000Z" },
		{ ATT_DER_GENERALIZED, "20500101000000.0Z" },
		{ ATT_DER_GENERALIZED, "20500101000000" },
		{ ATT_DER_GENERALIZED, "700101000000Z" },
		{ ATT_DER_OCTET_STRING, "700101000000Z" },
	};
	(void)state;

	for (size_t i = 0; i < ATT_COUNT(good) + ATT_COUNT(bad); i++) {
		bool is_good = i < ATT_COUNT(good);
		size_t k = is_good ? i : i - ATT_COUNT(good);
		const char *text = is_good ? good[k].text : bad[k].text;
		uint8_t der[32] = { is_good ? good[k].tag : bad[k].tag, (uint8_t)strlen(text) };
		memcpy(der + 2, text, strlen(text));
		att_reader r = att_reader_at(att_bytes_of(der, 2 + strlen(text)), 7);
		int64_t t = att_der_time(&r, "time");
		if (!is_good) {
			assert_true(t == 0);
			assert_bad(&r, ATT_E_FORMAT, 7);
			continue;
		}
		char out[ATT_TIME_TEXT];
		att_time_format(t, out);
		assert_string_equal(out, good[k].means);
		assert_int_equal(att_reader_end(&r, NULL), ATT_OK);
	}
	att_reader cut = DER("\x17\x0d"
			     "7001");
	assert_true(att_der_time(&cut, "time") == 0);
	assert_bad(&cut, ATT_E_TRUNCATED, 102);
}

static void the_first_failure_stays(void **state)
{
	att_reader r = DER("\x05\x00\x02\x01\x05");
	att_err err;
	(void)state;

	assert_false(att_der_bool(&r, "first"));
	assert_true(att_der_uint(&r, ATT_DER_INTEGER, "second") == 0);
	assert_int_equal(att_der_bits(&r, "third").len, 0);
	assert_true(att_der_time(&r, "fourth") == 0);
	assert_int_equal(att_reader_end(&r, &err), ATT_E_FORMAT);
	assert_string_equal(err.msg, "bad first @100");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sequence_is_entered),
		cmocka_unit_test(optional_consumes_only_its_own),
		cmocka_unit_test(an_element_comes_whole),
		cmocka_unit_test(lengths_have_one_form),
		cmocka_unit_test(bad_headers),
		cmocka_unit_test(every_truncation),
		cmocka_unit_test(unsigned_numbers),
		cmocka_unit_test(booleans),
		cmocka_unit_test(bit_strings),
		cmocka_unit_test(times),
		cmocka_unit_test(the_first_failure_stays),
	};

	return cmocka_run_group_tests_name("codec/der", tests, NULL, NULL);
}
