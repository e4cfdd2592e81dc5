/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "codec/json.h"
#include "../fail_alloc.h"

static att_rc parse(att_bytes text, att_err *err)
{
	att_auto_json att_json_doc doc = { 0 };
	att_rc rc = att_json_parse(text, &doc, err);

	/* What failed has no values. */
	assert_int_equal(att_json_root(&doc).doc == NULL, rc != ATT_OK);
	return rc;
}

static att_rc parse_str(const char *text)
{
	return parse(att_bytes_of(text, strlen(text)), NULL);
}

static const char *const good[] = {
	"{}",
	"[]",
	" \t\r\n{ } \n",
	"null",
	"true",
	"false",
	"0",
	"-0",
	"-1",
	"10",
	"0.0",
	"-0.5",
	"1e5",
	"1E+5",
	"1.25e-05",
	"99999999999999999999999999999999",
	"\"\"",
	"\"a\"",
	"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
	"\"\\u0041\\u00e9\\u20AC\"",
	"\"\\ud83d\\ude00\"",
	"\"\\uDBFF\\uDFFF\"",
	"\"\\ud7ff\\ue000\"",
	"\"\x7f\"",
	"\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"",
	"[1]",
	"[1,2 , 3\n]",
	"[[],[[]],{}]",
	"{\"a\":1}",
	"{\"a\":1,\"b\":{\"a\":1}}",
	"{\"\":0}",
	"{\"a\":1,\"A\":2,\"aa\":3,\"a \":4}",
	"[{\"svn\":1,\"category\":\"BIOS\"},{\"svn\":1,\"category\":\"BIOS\"}]",
	"{\"\\u0061\":1,\"b\":2}",
	"{\"a\\\\\":1,\"a\":2}",
};

static void well_formed_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATT_COUNT(good); i++) {
		if (parse_str(good[i]) != ATT_OK)
			fail_msg("%s is refused", good[i]);
	}
}

static const struct {
	const char *text;
	att_rc rc;
	size_t offset;
} bad[] = {
	{ "", ATT_E_TRUNCATED, 0 },
	{ " ", ATT_E_TRUNCATED, 1 },
	{ "{", ATT_E_TRUNCATED, 1 },
	{ "[", ATT_E_TRUNCATED, 1 },
	{ "[1", ATT_E_TRUNCATED, 2 },
	{ "[1,", ATT_E_TRUNCATED, 3 },
	{ "{\"a\"", ATT_E_TRUNCATED, 4 },
	{ "{\"a\":", ATT_E_TRUNCATED, 5 },
	{ "{\"a\":1", ATT_E_TRUNCATED, 6 },
	{ "\"", ATT_E_TRUNCATED, 1 },
	{ "\"a", ATT_E_TRUNCATED, 2 },
	{ "\"\\", ATT_E_TRUNCATED, 2 },
	{ "\"\\u", ATT_E_TRUNCATED, 3 },
	{ "\"\\u12", ATT_E_TRUNCATED, 5 },
	{ "tru", ATT_E_TRUNCATED, 3 },
	{ "n", ATT_E_TRUNCATED, 1 },
	{ "-", ATT_E_TRUNCATED, 1 },
	{ "1.", ATT_E_TRUNCATED, 2 },
	{ "1e", ATT_E_TRUNCATED, 2 },
	{ "1e+", ATT_E_TRUNCATED, 3 },
	{ "1 2", ATT_E_TRAILING, 2 },
	{ "{}x", ATT_E_TRAILING, 2 },
	{ "{}{}", ATT_E_TRAILING, 2 },
	{ "[]]", ATT_E_TRAILING, 2 },
	{ "truex", ATT_E_TRAILING, 4 },
	{ "1a", ATT_E_TRAILING, 1 },
	{ "0x10", ATT_E_TRAILING, 1 },
	{ "\xef\xbb\xbf{}", ATT_E_FORMAT, 0 },
	{ "\xff\xfe{", ATT_E_FORMAT, 0 },
	{ "\f1", ATT_E_FORMAT, 0 },
	{ "\v1", ATT_E_FORMAT, 0 },
	{ "\xc2\xa0"
	  "1",
	  ATT_E_FORMAT, 0 },
	{ "True", ATT_E_FORMAT, 0 },
	{ "nul1", ATT_E_FORMAT, 0 },
	{ "NaN", ATT_E_FORMAT, 0 },
	{ "Infinity", ATT_E_FORMAT, 0 },
	{ "-Infinity", ATT_E_FORMAT, 1 },
	{ "undefined", ATT_E_FORMAT, 0 },
	{ "'a'", ATT_E_FORMAT, 0 },
	{ "01", ATT_E_FORMAT, 1 },
	{ "-01", ATT_E_FORMAT, 2 },
	{ "00", ATT_E_FORMAT, 1 },
	{ "+1", ATT_E_FORMAT, 0 },
	{ ".5", ATT_E_FORMAT, 0 },
	{ "-.5", ATT_E_FORMAT, 1 },
	{ "1.e5", ATT_E_FORMAT, 2 },
	{ "[1.]", ATT_E_FORMAT, 3 },
	{ "[1e]", ATT_E_FORMAT, 3 },
	{ "[-]", ATT_E_FORMAT, 2 },
	{ "[1,]", ATT_E_FORMAT, 3 },
	{ "[,1]", ATT_E_FORMAT, 1 },
	{ "[1 2]", ATT_E_FORMAT, 3 },
	{ "[1}", ATT_E_FORMAT, 2 },
	{ "[}", ATT_E_FORMAT, 1 },
	{ "]", ATT_E_FORMAT, 0 },
	{ "}", ATT_E_FORMAT, 0 },
	{ ",", ATT_E_FORMAT, 0 },
	{ "{]", ATT_E_FORMAT, 1 },
	{ "{\"a\":1]", ATT_E_FORMAT, 6 },
	{ "{\"a\":1,}", ATT_E_FORMAT, 7 },
	{ "{,\"a\":1}", ATT_E_FORMAT, 1 },
	{ "{\"a\"}", ATT_E_FORMAT, 4 },
	{ "{\"a\" 1}", ATT_E_FORMAT, 5 },
	{ "{\"a\"::1}", ATT_E_FORMAT, 5 },
	{ "{\"a\":}", ATT_E_FORMAT, 5 },
	{ "{a:1}", ATT_E_FORMAT, 1 },
	{ "{1:1}", ATT_E_FORMAT, 1 },
	{ "{\"a\":1 \"b\":2}", ATT_E_FORMAT, 7 },
	{ "[\"a\":1]", ATT_E_FORMAT, 4 },
	{ "/**/1", ATT_E_FORMAT, 0 },
	{ "[1//\n]", ATT_E_FORMAT, 2 },
	{ "\"\\x41\"", ATT_E_FORMAT, 1 },
	{ "\"\\U0041\"", ATT_E_FORMAT, 1 },
	{ "\"\\'\"", ATT_E_FORMAT, 1 },
	{ "\"\\u004g\"", ATT_E_FORMAT, 1 },
	{ "\"\\u 041\"", ATT_E_FORMAT, 1 },
	{ "\"\\u0000\"", ATT_E_FORMAT, 1 },
	{ "\"\\ud800\"", ATT_E_FORMAT, 1 },
	{ "\"\\udc00\"", ATT_E_FORMAT, 1 },
	{ "\"\\udc00\\ud800\"", ATT_E_FORMAT, 1 },
	{ "\"\\ud800\\ud800\"", ATT_E_FORMAT, 1 },
	{ "\"\\ud800x\"", ATT_E_FORMAT, 1 },
	{ "\"\\ud800\\n12345\"", ATT_E_FORMAT, 1 },
	{ "\"\\ud800\\ue000\"", ATT_E_FORMAT, 1 },
	{ "\"a\x01\"", ATT_E_FORMAT, 2 },
	{ "\"a\n\"", ATT_E_FORMAT, 2 },
	{ "\"a\t\"", ATT_E_FORMAT, 2 },
	{ "\"\x80\"", ATT_E_FORMAT, 1 },
	{ "\"\xc0\x80\"", ATT_E_FORMAT, 1 },
	{ "\"\xed\xa0\x80\"", ATT_E_FORMAT, 1 },
	{ "\"\xf4\x90\x80\x80\"", ATT_E_FORMAT, 1 },
	{ "\"\xe2\x82\"", ATT_E_FORMAT, 1 },
	{ "{\"a\":1,\"a\":1}", ATT_E_FORMAT, 8 },
	{ "{\"\":1,\"\":1}", ATT_E_FORMAT, 7 },
	{ "[{\"x\":{\"a\":1,\"b\":2,\"a\":3}}]", ATT_E_FORMAT, 20 },
	{ "{\"a\":1,\"\\u0061\":1}", ATT_E_FORMAT, 8 },
	{ "{\"\\u0061\":1,\"a\":1}", ATT_E_FORMAT, 13 },
	{ "{\"\\u00e9\":1,\"b\":2,\"\xc3\xa9\":3}", ATT_E_FORMAT, 19 },
	{ "{\"\\ud83d\\ude00\":1,\"\xf0\x9f\x98\x80\":3}", ATT_E_FORMAT, 19 },
	{ "{\"\\/\":1,\"/\":3}", ATT_E_FORMAT, 9 },
};

static void not_well_formed_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATT_COUNT(bad); i++) {
		att_err err;
		att_rc rc = parse(att_bytes_of(bad[i].text, strlen(bad[i].text)), &err);
		if (rc != bad[i].rc || err.offset != bad[i].offset)
			fail_msg("%s: %s, %s", bad[i].text, att_rc_name(rc), err.msg);
	}
}

static void nul_is_no_white_space_and_no_character(void **state)
{
	(void)state;
	assert_int_equal(parse(att_bytes_of("1\0", 2), NULL), ATT_E_TRAILING);
	assert_int_equal(parse(att_bytes_of("\0", 1), NULL), ATT_E_FORMAT);
	assert_int_equal(parse(att_bytes_of("\"\0\"", 3), NULL), ATT_E_FORMAT);
	assert_int_equal(parse(att_bytes_of("\"\\\0\"", 4), NULL), ATT_E_FORMAT);
	assert_int_equal(parse(att_bytes_of("[1\0]", 4), NULL), ATT_E_FORMAT);
}

/* No beginning of an object or array is one itself. */
static void every_truncation(void **state)
{
	static const char text[] =
	    "{\"id\":\"TDX\",\"n\":[-1.5e+3,true,null,false,{}],\"s\":\"\\ud83d\\ude00\\n\"}";
	(void)state;

	assert_int_equal(parse_str(text), ATT_OK);
	for (size_t n = 0; n < sizeof(text) - 1; n++) {
		att_rc rc = parse(att_bytes_of(text, n), NULL);
		assert_true(rc == ATT_E_TRUNCATED || rc == ATT_E_FORMAT);
	}
}

static void depth_has_a_cap(void **state)
{
	char text[2 * (ATT_JSON_DEPTH_MAX + 1) + 1];
	(void)state;

	for (unsigned n = ATT_JSON_DEPTH_MAX; n <= ATT_JSON_DEPTH_MAX + 1; n++) {
		memset(text, '[', n);
		memset(text + n, ']', n);
		att_err err;
		att_rc rc = parse(att_bytes_of(text, 2 * n), &err);
		assert_int_equal(rc, n > ATT_JSON_DEPTH_MAX ? ATT_E_FORMAT : ATT_OK);
		if (rc != ATT_OK)
			assert_int_equal(err.offset, ATT_JSON_DEPTH_MAX);
	}
}

static void tokens_have_a_cap(void **state)
{
	att_auto_buf att_buf b = { 0 };
	(void)state;

	att_put_str(&b, "[0");
	for (unsigned i = 2; i < ATT_JSON_TOKENS_MAX; i++)
		att_put_str(&b, ",0");
	att_put_str(&b, "]");
	assert_int_equal(att_buf_ok(&b, NULL), ATT_OK);
	assert_int_equal(parse(att_buf_bytes(&b), NULL), ATT_OK);
	b.len--;
	att_put_str(&b, ",0]");
	att_err err;
	assert_int_equal(parse(att_buf_bytes(&b), &err), ATT_E_FORMAT);
	assert_non_null(strstr(err.msg, "more than 65536 tokens"));
}

/* An object of n members named by their numbers, of which `twice` is put last once more. */
static void put_object(att_buf *b, unsigned n, int twice, const char *fmt)
{
	att_put_u8(b, '{');
	for (unsigned i = 0; i < n; i++) {
		unsigned k = i == n - 1 && twice >= 0 ? (unsigned)twice : i;
		char name[64];
		snprintf(name, sizeof(name), "member%06u", k * 7919 % 1000003);
		att_putf(b, i ? ",\"%s%s\":0" : "\"%s%s\":0", fmt, name);
	}
	att_put_u8(b, '}');
}

static void members_have_a_cap(void **state)
{
	(void)state;
	for (unsigned n = ATT_JSON_MEMBERS_MAX; n <= ATT_JSON_MEMBERS_MAX + 1; n++) {
		att_auto_buf att_buf b = { 0 };
		put_object(&b, n, -1, "");
		att_err err;
		att_rc rc = parse(att_buf_bytes(&b), &err);
		assert_int_equal(rc, n > ATT_JSON_MEMBERS_MAX ? ATT_E_FORMAT : ATT_OK);
		if (rc != ATT_OK)
			assert_non_null(strstr(err.msg, "more than 512 members"));
	}
}

/* Whatever way the names of an object of this size are compared in. */
static void duplicates_at_every_size(void **state)
{
	static const char *const prefix[] = { "", "\\n", "long-common-prefix-of-all-names-" };
	(void)state;

	for (size_t p = 0; p < ATT_COUNT(prefix); p++) {
		for (unsigned n = 2; n <= ATT_JSON_MEMBERS_MAX; n += n < 70 ? 1 : 49) {
			for (int twice = -1; twice < (int)n - 1; twice += n < 70 ? 1 : 37) {
				att_auto_buf att_buf b = { 0 };
				put_object(&b, n, twice, prefix[p]);
				att_err err;
				att_rc rc = parse(att_buf_bytes(&b), &err);
				assert_int_equal(rc, twice < 0 ? ATT_OK : ATT_E_FORMAT);
				if (rc != ATT_OK)
					assert_true(err.offset + 40 > b.len - strlen(prefix[p]));
			}
		}
	}
}

static void names_of_equal_ends_differ(void **state)
{
	(void)state;
	assert_int_equal(parse_str("{\"12345678a12345678\":1,\"12345678b12345678\":2}"), ATT_OK);
	assert_int_equal(parse_str("{\"12345678a12345678\":1,\"12345678a12345678\":2}"),
			 ATT_E_FORMAT);
	assert_int_equal(parse_str("{\"1234567\":1,\"12345678\":2,\"123456\":3}"), ATT_OK);
}

static void duplicate_is_named_within_limits(void **state)
{
	att_auto_buf att_buf b = { 0 };
	att_err err;
	(void)state;

	assert_int_equal(parse(att_bytes_of("{\"svn\":1,\"svn\":2}", 17), &err), ATT_E_FORMAT);
	assert_string_equal(err.msg, "json member \"svn\" stands twice @10");
	char name[1001];
	memset(name, 'n', 1000);
	name[1000] = '\0';
	att_putf(&b, "{\"%s\":1,\"%s\":2}", name, name);
	assert_int_equal(parse(att_buf_bytes(&b), &err), ATT_E_FORMAT);
	assert_true(strlen(err.msg) < 100);
}

static void numbers_have_a_cap(void **state)
{
	char text[66];
	(void)state;

	memset(text, '1', sizeof(text));
	assert_int_equal(parse(att_bytes_of(text, 64), NULL), ATT_OK);
	assert_int_equal(parse(att_bytes_of(text, 65), NULL), ATT_E_FORMAT);
	text[0] = '-';
	text[1] = '0';
	text[2] = '.';
	assert_int_equal(parse(att_bytes_of(text, 64), NULL), ATT_OK);
	assert_int_equal(parse(att_bytes_of(text, 65), NULL), ATT_E_FORMAT);
}

static void text_has_a_cap(void **state)
{
	att_auto_buf att_buf b = { 0 };
	(void)state;

	for (size_t i = 0; i < ATT_JSON_TEXT_MAX / 16; i++)
		att_put_str(&b, "                ");
	b.ptr[0] = '1';
	assert_int_equal(parse(att_buf_bytes(&b), NULL), ATT_OK);
	att_put_str(&b, " ");
	att_err err;
	assert_int_equal(parse(att_buf_bytes(&b), &err), ATT_E_FORMAT);
	assert_string_equal(err.msg, "json text is 1048577 bytes, at most 1048576");
}

static void a_document_can_be_used_again(void **state)
{
	att_auto_json att_json_doc doc = { 0 };
	(void)state;

	assert_int_equal(att_json_parse(att_bytes_of("[1,2,3]", 7), &doc, NULL), ATT_OK);
	assert_int_equal(att_json_count(att_json_root(&doc)), 3);
	struct att_json_tok *tok = doc.tok;
	assert_int_equal(att_json_parse(att_bytes_of("[1,", 3), &doc, NULL), ATT_E_TRUNCATED);
	assert_null(att_json_root(&doc).doc);
	assert_int_equal(att_json_parse(att_bytes_of("{}", 2), &doc, NULL), ATT_OK);
	assert_int_equal(att_json_type_of(att_json_root(&doc)), ATT_JSON_OBJECT);
	assert_ptr_equal(doc.tok, tok);
	att_json_doc_free(&doc);
	assert_null(doc.tok);
}

/* The first tokens and each growth. */
static void every_allocation_may_fail(void **state)
{
	att_auto_buf att_buf b = { 0 };
	(void)state;

	att_put_str(&b, "[0");
	for (unsigned i = 0; i < 4000; i++)
		att_put_str(&b, ",0");
	att_put_str(&b, "]");
	for (size_t k = 0; k < 5; k++) {
		att_auto_json att_json_doc doc = { 0 };
		att_err err;
		alloc_watch(k + 1);
		att_rc rc = att_json_parse(att_buf_bytes(&b), &doc, &err);
		bool used = alloc_unwatch() > k;
		assert_int_equal(rc, used ? ATT_E_NOMEM : ATT_OK);
		assert_int_equal(used, k < 4);
		assert_int_equal(att_json_root(&doc).doc == NULL, used);
	}
}

/* Every byte value at every place of a string that is longer than what is read at once. */
static void every_byte_at_every_place(void **state)
{
	(void)state;
	for (unsigned c = 1; c < 256; c++) {
		for (size_t at = 1; at <= 20; at++) {
			char text[24] = "\"aaaaaaaaaaaaaaaaaaaa\"";
			bool plain = c >= 0x20 && c < 0x80 && c != '"' && c != '\\';

			text[at] = (char)c;
			if ((parse_str(text) == ATT_OK) != plain)
				fail_msg("byte 0x%02x at %zu", c, at);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(well_formed_texts),
		cmocka_unit_test(not_well_formed_texts),
		cmocka_unit_test(nul_is_no_white_space_and_no_character),
		cmocka_unit_test(every_byte_at_every_place),
		cmocka_unit_test(every_truncation),
		cmocka_unit_test(depth_has_a_cap),
		cmocka_unit_test(tokens_have_a_cap),
		cmocka_unit_test(members_have_a_cap),
		cmocka_unit_test(duplicates_at_every_size),
		cmocka_unit_test(names_of_equal_ends_differ),
		cmocka_unit_test(duplicate_is_named_within_limits),
		cmocka_unit_test(numbers_have_a_cap),
		cmocka_unit_test(text_has_a_cap),
		cmocka_unit_test(a_document_can_be_used_again),
		cmocka_unit_test(every_allocation_may_fail),
	};

	return cmocka_run_group_tests_name("codec/json", tests, NULL, NULL);
}
