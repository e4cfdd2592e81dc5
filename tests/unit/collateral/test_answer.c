/* SPDX-License-Identifier: Apache-2.0 */
#include "documents.h"

#include "collateral/tcbinfo.h"

#define HEX_64 ZERO_48 "0102030405060708090a0b0c0d0e0fFF"

struct split {
	char *text;
	att_json_doc doc;
	bool found;
	att_json object;
	uint8_t signature[64];
	att_err err;
};

static att_rc split(struct split *s, const char *text)
{
	memset(s, 0, sizeof(*s));
	memset(s->signature, 0xee, sizeof(s->signature));
	s->found = true;
	s->text = document(text, NULL, NULL);
	assert_int_equal(att_json_parse(TEXT(s->text), &s->doc, NULL), ATT_OK);
	return att_answer_split(&s->doc, "tcbInfo", &s->found, &s->object, s->signature, &s->err);
}

static void done(struct split *s)
{
	att_json_doc_free(&s->doc);
	free(s->text);
}

static void the_signed_text_is_a_slice(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"{'tcbInfo':{ 'a' : 1 },'signature':'" HEX_64 "'}",
		"\n{'signature':'" HEX_64 "','other':{},'tcbInfo': { 'a' : 1 } }\n",
	};

	for (size_t i = 0; i < ATT_COUNT(texts); i++) {
		struct split s;

		assert_int_equal(split(&s, texts[i]), ATT_OK);
		assert_true(s.found);

		att_bytes slice = att_json_slice(s.object);

		assert_int_equal(slice.len, strlen("{ 'a' : 1 }"));
		assert_memory_equal(slice.ptr, "{ \"a\" : 1 }", slice.len);
		assert_int_equal(s.signature[0], 0);
		assert_int_equal(s.signature[48], 1);
		assert_int_equal(s.signature[63], 0xff);
		done(&s);
	}
}

static void bare_text_is_no_answer(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"{'version':3,'signature':'00'}",
		"{'enclaveIdentity':{},'signature':'" HEX_64 "'}",
		"[{'tcbInfo':{}}]",
		"'tcbInfo'",
		"{}",
	};

	for (size_t i = 0; i < ATT_COUNT(texts); i++) {
		struct split s;

		assert_int_equal(split(&s, texts[i]), ATT_OK);
		assert_false(s.found);
		assert_null(s.object.doc);
		assert_int_equal(s.signature[0], 0);
		done(&s);
	}
}

static void refused(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		const char *says;
	} rows[] = {
		{ "{'tcbInfo':'{}','signature':'" HEX_64 "'}", "tcbInfo: expected an object" },
		{ "{'tcbInfo':null}", "tcbInfo: expected an object" },
		{ "{'tcbInfo':{}}", "signature is missing beside tcbInfo" },
		{ "{'tcbInfo':{},'Signature':'" HEX_64 "'}", "signature is missing" },
		{ "{'tcbInfo':{},'signature':'" ZERO_48 "'}", "expected 128 hex digits" },
		{ "{'tcbInfo':{},'signature':'" HEX_64 "00'}", "expected 128 hex digits" },
		{ "{'tcbInfo':{},'signature':'" ZERO_48 "0102030405060708090a0b0c0d0e0fFg'}",
		  "expected 128 hex digits" },
		{ "{'tcbInfo':{},'signature':0}", "expected 128 hex digits" },
	};

	for (size_t i = 0; i < ATT_COUNT(rows); i++) {
		struct split s;

		assert_int_equal(split(&s, rows[i].text), ATT_E_FORMAT);
		assert_false(s.found);
		assert_null(s.object.doc);
		assert_says(&s.err, rows[i].says);
		done(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_signed_text_is_a_slice),
		cmocka_unit_test(bare_text_is_no_answer),
		cmocka_unit_test(refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
