/* SPDX-License-Identifier: Apache-2.0 */
#include "documents.h"

#include "collateral/fields.h"

enum { A, B, C, COUNT };

static const struct att_field_name names[COUNT] = {
	[A] = ATT_FIELD("alpha"),
	[B] = ATT_FIELD("beta"),
	[C] = ATT_FIELD("gamma"),
};

struct opened {
	char *text;
	att_json_doc doc;
	struct att_fields f;
	att_err err;
};

static void open_text(struct opened *o, const char *text)
{
	memset(o, 0, sizeof(*o));
	o->text = document(text, NULL, NULL);
	assert_int_equal(att_json_parse(TEXT(o->text), &o->doc, NULL), ATT_OK);
	att_fields_open(&o->f, att_json_root(&o->doc), names, COUNT, &o->err);
}

static void close_text(struct opened *o)
{
	att_json_doc_free(&o->doc);
	free(o->text);
}

static void members_in_any_order(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"{'alpha':1,'beta':2,'gamma':3}",
		"{'gamma':3,'beta':2,'alpha':1}",
		"{'x':[{'alpha':9}],'beta':2,'alphabet':7,'gamma':3,'alph':8,'alpha':1,'':0}",
		"{'\\u0061lpha':1,'gamm\\u0061':3,'beta':2}",
	};

	for (size_t i = 0; i < ATT_COUNT(texts); i++) {
		struct opened o;

		open_text(&o, texts[i]);
		assert_int_equal(att_field_int(&o.f, A, 0, 9), 1);
		assert_int_equal(att_field_int(&o.f, B, 0, 9), 2);
		assert_int_equal(att_field_int(&o.f, C, 0, 9), 3);
		assert_int_equal(att_fields_ok(&o.f), ATT_OK);
		close_text(&o);
	}
}

static void values(void **state)
{
	(void)state;
	struct opened o;
	uint8_t hex[3];

	open_text(&o, "{'alpha':'0aFf10','beta':[1,2],'gamma':{}}");
	att_field_hex(&o.f, A, hex, sizeof(hex));
	assert_memory_equal(hex, "\x0a\xff\x10", 3);
	assert_int_equal(att_json_count(att_field_array(&o.f, B)), 2);
	assert_non_null(att_field_object(&o.f, C).doc);
	assert_int_equal(att_fields_ok(&o.f), ATT_OK);
	close_text(&o);

	open_text(&o, "{'alpha':'2025-07-19T10:16:03Z','beta':'Revoked'}");
	assert_int_equal(att_field_time(&o.f, A), 1752920163);
	assert_int_equal(att_field_status(&o.f, B, ATT_STATUS_BIT(ATT_TCB_REVOKED)),
			 ATT_TCB_REVOKED);
	assert_false(att_field_has(&o.f, C));
	att_field_forbid(&o.f, C, "this");
	assert_int_equal(att_fields_ok(&o.f), ATT_OK);
	close_text(&o);
}

static void read_all(struct opened *o)
{
	uint8_t hex[2];

	att_field_int(&o->f, A, 0, 255);
	att_field_hex(&o->f, B, hex, sizeof(hex));
	att_field_time(&o->f, C);
}

static void refused(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t offset;
		const char *says;
	} rows[] = {
		{ "[]", 0, "expected an object, seen an array" },
		{ "7", 0, "expected an object, seen a number" },
		{ " {'beta':'0000'}", 1, "alpha is missing" },
		{ "{'alpha':256}", 9, "alpha: expected an integer from 0 to 255, seen 256" },
		{ "{'alpha':-1}", 9, "seen -1" },
		{ "{'alpha':1.0}", 9, "seen 1.0" },
		{ "{'alpha':1e0}", 9, "seen 1e0" },
		{ "{'alpha':'1'}", 9, "seen \"1\"" },
		{ "{'alpha':null}", 9, "seen null" },
		{ "{'alpha':true}", 9, "seen true" },
		{ "{'alpha':false}", 9, "seen false" },
		{ "{'alpha':{}}", 9, "seen an object" },
		{ "{'alpha':'caf\xc3\xa9'}", 9, "seen a string" },
		{ "{'alpha':'0123456789012345678901234567890123456789'}", 9, "seen a string" },
		{ "{'alpha':1,'beta':'123'}", 18, "beta: expected 4 hex digits, seen \"123\"" },
		{ "{'alpha':1,'beta':'123456'}", 18, "beta: expected 4 hex digits" },
		{ "{'alpha':1,'beta':'12g4'}", 18, "beta: expected 4 hex digits" },
		{ "{'alpha':1,'beta':1234}", 18, "seen 1234" },
		{ "{'alpha':1,'beta':'1234','gamma':0}", 33, "gamma: expected a string without" },
		{ "{'alpha':1,'beta':'1234','gamma':'2025-07-19'}", 33,
		  "gamma: expected a time as YYYY-MM-DDThh:mm:ssZ, seen \"2025-07-19\"" },
		{ "{'alpha':1,'beta':'1234','gamma':'2025-02-30T00:00:00Z'}", 33, "a time as" },
		{ "{'alpha':1,'beta':'1234','gamma':'2025-07-19T10:16:03+00:00'}", 33,
		  "a time as" },
		{ "{'alpha':1,'beta':'1234','gamma':'2025-07-19T10:16:03\\u005a'}", 33,
		  "a string without escapes" },
	};

	for (size_t i = 0; i < ATT_COUNT(rows); i++) {
		struct opened o;

		open_text(&o, rows[i].text);
		read_all(&o);
		assert_int_equal(att_fields_ok(&o.f), ATT_E_FORMAT);
		assert_int_equal(o.err.rc, ATT_E_FORMAT);
		assert_int_equal(o.err.offset, rows[i].offset);
		assert_says(&o.err, rows[i].says);
		close_text(&o);
	}
}

static void the_first_failure_stays(void **state)
{
	(void)state;
	struct opened o;
	uint8_t hex[2] = { 1, 1 };

	open_text(&o, "{'alpha':'x','beta':'1234','gamma':[]}");
	assert_int_equal(att_field_int(&o.f, A, 0, 1), 0);
	att_field_hex(&o.f, B, hex, sizeof(hex));
	assert_memory_equal(hex, "\0\0", 2);
	assert_null(att_field_array(&o.f, C).doc);
	assert_null(att_field_object(&o.f, C).doc);
	assert_int_equal(att_field_text(&o.f, B).len, 0);
	assert_int_equal(att_field_time(&o.f, B), 0);
	assert_int_equal(att_field_status(&o.f, B, UINT32_MAX), ATT_TCB_NONE);
	att_field_forbid(&o.f, B, "this");
	att_field_bad(&o.f, B, "that");
	assert_int_equal(att_fields_ok(&o.f), ATT_E_FORMAT);
	assert_says(&o.err, "alpha");
	close_text(&o);
}

static void kinds(void **state)
{
	(void)state;
	struct opened o;

	open_text(&o, "{'alpha':{},'beta':'NotSupported','gamma':5}");
	assert_null(att_field_array(&o.f, A).doc);
	assert_says(&o.err, "alpha: expected an array, seen an object");
	close_text(&o);

	open_text(&o, "{'alpha':[],'beta':'NotSupported','gamma':5}");
	assert_null(att_field_object(&o.f, A).doc);
	assert_says(&o.err, "alpha: expected an object, seen an array");
	close_text(&o);

	open_text(&o, "{'beta':'Revoked'}");
	assert_int_equal(att_field_status(&o.f, B, ATT_STATUS_BIT(ATT_TCB_UP_TO_DATE)),
			 ATT_TCB_NONE);
	assert_says(&o.err,
		    "beta: expected a TCB status that Intel defines here, seen \"Revoked\"");
	close_text(&o);

	open_text(&o, "{'beta':'Fine'}");
	assert_int_equal(att_field_status(&o.f, B, UINT32_MAX), ATT_TCB_NONE);
	assert_int_equal(att_fields_ok(&o.f), ATT_E_FORMAT);
	close_text(&o);

	open_text(&o, "{'gamma':5}");
	att_field_forbid(&o.f, C, "a green one");
	assert_says(&o.err, "gamma does not belong in a green one");
	assert_int_equal(o.err.offset, 9);
	close_text(&o);

	open_text(&o, "{'gamma':5}");
	att_field_int(&o.f, C, 2, 2);
	assert_says(&o.err, "gamma: expected 2, seen 5");
	close_text(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_in_any_order),
		cmocka_unit_test(values),
		cmocka_unit_test(refused),
		cmocka_unit_test(the_first_failure_stays),
		cmocka_unit_test(kinds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
