/* SPDX-License-Identifier: Apache-2.0 */
#include "documents.h"

#include "attest/collateral.h"

#define CRL_HEX "3006020101020100"

static att_collateral *parsed(const char *text)
{
	att_collateral *c = NULL;
	att_err err = { 0 };
	char *json = document(text, NULL, NULL);

	if (att_collateral_parse(TEXT(json), &c, &err) != ATT_OK)
		fail_msg("%s", err.msg);
	free(json);
	return c;
}

static void assert_item(const att_collateral *c, enum att_item item, const char *text)
{
	att_bytes b = att_collateral_get(c, item);

	assert_int_equal(b.len, strlen(text));
	if (b.len > 0)
		assert_memory_equal(b.ptr, text, b.len);
}

static void members(void **state)
{
	(void)state;
	att_collateral *c = parsed("{'tcb_info':'{\\'a\\':\\u00e9}','pck_crl':'" CRL_HEX "',"
				   "'root_ca_crl':'','unknown':[1,{'tcb_info':2}],"
				   "'pck_crl_issuer_chain':'line\\nline\\n'}");

	assert_string_equal(att_collateral_form(c), "json");
	assert_item(c, ATT_ITEM_TCB_INFO, "{\"a\":\xc3\xa9}");
	assert_item(c, ATT_ITEM_PCK_CRL, CRL_HEX);
	assert_item(c, ATT_ITEM_ROOT_CA_CRL, "");
	assert_item(c, ATT_ITEM_PCK_CRL_ISSUER_CHAIN, "line\nline\n");
	assert_item(c, ATT_ITEM_QE_IDENTITY, "");
	att_collateral_free(c);

	c = parsed("{}");
	for (int i = 0; i < ATT_ITEM_COUNT; i++)
		assert_item(c, (enum att_item)i, "");
	att_collateral_free(c);
}

static void inside_a_saved_verification(void **state)
{
	(void)state;
	att_collateral *c = parsed("{'tcb_info':'outer','collateral':{'tcb_info':'inner',"
				   "'collateral':7},'evidence':'x'}");

	assert_item(c, ATT_ITEM_TCB_INFO, "inner");
	att_collateral_free(c);
}

static void refused(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		att_rc rc;
		const char *says;
	} rows[] = {
		{ "{'tcb_info':{}}", ATT_E_FORMAT, "tcb_info: expected a string" },
		{ "{'qe_identity':null}", ATT_E_FORMAT, "qe_identity: expected a string" },
		{ "{'collateral':'x'}", ATT_E_FORMAT, "collateral: expected an object" },
		{ "{'collateral':{'pck_crl':1}}", ATT_E_FORMAT, "pck_crl: expected a string" },
		{ "{'tcb_info':'a','tcb_info':'b'}", ATT_E_FORMAT, "json" },
		{ "{'tcb_info':'a'} x", ATT_E_TRAILING, "json" },
		{ "{'tcb_info':'a'", ATT_E_TRUNCATED, "json" },
		{ "{'tcb_info':'\\u0000'}", ATT_E_FORMAT, "json" },
		{ "{'pck_certificate_chain':'-----BEGIN%20%zz'}", ATT_E_FORMAT,
		  "pck_certificate_chain" },
	};

	for (size_t i = 0; i < ATT_COUNT(rows); i++) {
		att_collateral *c = NULL;
		att_err err = { 0 };
		char *json = document(rows[i].text, NULL, NULL);
		att_rc rc = att_collateral_parse(TEXT(json), &c, &err);

		if (rc != rows[i].rc)
			fail_msg("row %zu: %s, %s", i, att_rc_name(rc), err.msg);
		assert_says(&err, rows[i].says);
		assert_null(c);
		free(json);
	}
}

static void there_and_back(void **state)
{
	(void)state;
	att_collateral *c = att_collateral_new();
	att_collateral *back = NULL;
	char *json = NULL;

	for (int i = 0; i < ATT_ITEM_COUNT; i++) {
		char text[40];
		int n = snprintf(text, sizeof(text), "\"\\\n\t\xc3\xa9 %d", i);

		assert_int_equal(
		    att_collateral_set(c, (enum att_item)i, att_bytes_of(text, (size_t)n), NULL),
		    ATT_OK);
	}
	/* In DER, in PEM, both come out in hex */
	assert_int_equal(att_collateral_set(c, ATT_ITEM_PCK_CRL,
					    att_bytes_of("\x30\x06\x02\x01\x01\x02\x01\x00", 8),
					    NULL),
			 ATT_OK);
	assert_int_equal(att_collateral_set(c, ATT_ITEM_ROOT_CA_CRL,
					    TEXT("-----BEGIN X509 CRL-----\nMAYCAQECAQA=\n"
						 "-----END X509 CRL-----\n"),
					    NULL),
			 ATT_OK);
	assert_int_equal(att_collateral_to_json(c, &json, NULL), ATT_OK);
	assert_int_equal(att_collateral_parse(TEXT(json), &back, NULL), ATT_OK);
	for (int i = 0; i < ATT_ITEM_COUNT; i++) {
		att_bytes a = att_collateral_get(c, (enum att_item)i);
		att_bytes b = att_collateral_get(back, (enum att_item)i);

		if (i == ATT_ITEM_PCK_CRL || i == ATT_ITEM_ROOT_CA_CRL)
			assert_item(back, (enum att_item)i, CRL_HEX);
		else
			assert_true(att_bytes_eq(a, b));
	}
	free(json);
	att_collateral_free(back);
	att_collateral_free(c);
}

static void an_unreadable_crl_stays_what_it_is(void **state)
{
	(void)state;
	static const struct {
		const char *in;
		size_t len;
		const char *out;
	} rows[] = {
		{ "no crl", 6, "no crl" },
		{ "\x30\x07\x02\x01\x01", 5, "\x30\x07\x02\x01\x01" },
		{ "\xff\xfe", 2, "fffe" },
		{ "a\0b", 3, "610062" },
	};

	for (size_t i = 0; i < ATT_COUNT(rows); i++) {
		att_collateral *c = att_collateral_new();
		att_collateral *back = NULL;
		char *json = NULL;

		assert_int_equal(att_collateral_set(c, ATT_ITEM_PCK_CRL,
						    att_bytes_of(rows[i].in, rows[i].len), NULL),
				 ATT_OK);
		assert_int_equal(att_collateral_to_json(c, &json, NULL), ATT_OK);
		assert_int_equal(att_collateral_parse(TEXT(json), &back, NULL), ATT_OK);
		assert_item(back, ATT_ITEM_PCK_CRL, rows[i].out);
		free(json);
		att_collateral_free(back);
		att_collateral_free(c);
	}
}

static void what_json_can_not_hold(void **state)
{
	(void)state;
	att_collateral *c = att_collateral_new();
	att_err err = { 0 };
	char *json = NULL;

	assert_int_equal(att_collateral_set(c, ATT_ITEM_TCB_INFO, TEXT("\xff"), NULL), ATT_OK);
	assert_int_equal(att_collateral_to_json(c, &json, &err), ATT_E_FORMAT);
	assert_says(&err, "tcb_info is no UTF-8 text");
	assert_null(json);
	assert_int_equal(att_collateral_set(c, ATT_ITEM_TCB_INFO, att_bytes_of("a\0b", 3), NULL),
			 ATT_OK);
	assert_int_equal(att_collateral_to_json(c, &json, &err), ATT_E_FORMAT);

	size_t len = (size_t)1 << 20;
	char *big = malloc(len);

	assert_non_null(big);
	memset(big, 'a', len);
	assert_int_equal(att_collateral_set(c, ATT_ITEM_TCB_INFO, att_bytes_of(big, len), NULL),
			 ATT_OK);
	assert_int_equal(att_collateral_to_json(c, &json, &err), ATT_E_FORMAT);
	assert_says(&err, "at most 1048576");
	assert_null(json);
	free(big);
	att_collateral_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members),
		cmocka_unit_test(inside_a_saved_verification),
		cmocka_unit_test(refused),
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(an_unreadable_crl_stays_what_it_is),
		cmocka_unit_test(what_json_can_not_hold),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
