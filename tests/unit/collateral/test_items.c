/* SPDX-License-Identifier: Apache-2.0 */
#include "documents.h"

#include "attest/collateral.h"

static void assert_item(const att_collateral *c, enum att_item item, const char *text, size_t len)
{
	att_bytes b = att_collateral_get(c, item);

	assert_int_equal(b.len, len);
	if (len > 0)
		assert_memory_equal(b.ptr, text, len);
}

static void names(void **state)
{
	(void)state;
	static const char *const wanted[ATT_ITEM_COUNT] = {
		"pck_crl_issuer_chain",     "root_ca_crl", "pck_crl",
		"tcb_info_issuer_chain",    "tcb_info",    "tcb_info_signature",
		"qe_identity_issuer_chain", "qe_identity", "qe_identity_signature",
		"pck_certificate_chain",
	};

	for (int i = 0; i < ATT_ITEM_COUNT; i++)
		assert_string_equal(att_item_name((enum att_item)i), wanted[i]);
	assert_null(att_item_name(ATT_ITEM_COUNT));
	assert_null(att_item_name((enum att_item) - 1));
}

static void set_replace_remove(void **state)
{
	(void)state;
	att_collateral *c = att_collateral_new();
	char text[] = "first";

	assert_non_null(c);
	assert_string_equal(att_collateral_form(c), "items");
	for (int i = 0; i < ATT_ITEM_COUNT; i++)
		assert_item(c, (enum att_item)i, NULL, 0);
	assert_int_equal(att_collateral_set(c, ATT_ITEM_TCB_INFO, TEXT(text), NULL), ATT_OK);
	text[0] = 'x';
	assert_item(c, ATT_ITEM_TCB_INFO, "first", 5);
	assert_int_equal(att_collateral_set(c, ATT_ITEM_TCB_INFO, TEXT("second one"), NULL),
			 ATT_OK);
	assert_item(c, ATT_ITEM_TCB_INFO, "second one", 10);
	assert_item(c, ATT_ITEM_TCB_INFO_SIGNATURE, NULL, 0);
	assert_int_equal(att_collateral_set(c, ATT_ITEM_TCB_INFO, (att_bytes){ 0 }, NULL), ATT_OK);
	assert_item(c, ATT_ITEM_TCB_INFO, NULL, 0);
	att_collateral_free(c);
	att_collateral_free(NULL);
}

static void what_is_dropped(void **state)
{
	(void)state;
	static const struct {
		enum att_item item;
		const char *in;
		size_t len;
		const char *kept;
		size_t kept_len;
	} rows[] = {
		{ ATT_ITEM_TCB_INFO, "{}\0", 3, "{}", 2 },
		{ ATT_ITEM_TCB_INFO, "{}\0\0", 4, "{}\0", 3 },
		{ ATT_ITEM_TCB_INFO, "{}\n", 3, "{}\n", 3 },
		{ ATT_ITEM_TCB_INFO, "\0", 1, NULL, 0 },
		{ ATT_ITEM_PCK_CRL, "\x30\x01\0", 3, "\x30\x01\0", 3 },
		{ ATT_ITEM_ROOT_CA_CRL, "\x30\x01\0", 3, "\x30\x01\0", 3 },
		{ ATT_ITEM_ROOT_CA_CRL, "3001\0", 5, "3001", 4 },
		{ ATT_ITEM_TCB_INFO_SIGNATURE, "0011\r\n", 6, "0011", 4 },
		{ ATT_ITEM_QE_IDENTITY_SIGNATURE, "0011 \n\0", 7, "0011", 4 },
		{ ATT_ITEM_QE_IDENTITY_SIGNATURE, " \n", 2, NULL, 0 },
	};

	for (size_t i = 0; i < ATT_COUNT(rows); i++) {
		att_collateral *c = att_collateral_new();

		assert_int_equal(att_collateral_set(c, rows[i].item,
						    att_bytes_of(rows[i].in, rows[i].len), NULL),
				 ATT_OK);
		assert_item(c, rows[i].item, rows[i].kept, rows[i].kept_len);
		att_collateral_free(c);
	}
}

static void percent_encoded_chains(void **state)
{
	(void)state;
	static const char in[] = "-----BEGIN%20CERTIFICATE-----%0AMII+/w%3D%3d%0A"
				 "-----END%20CERTIFICATE-----%0A\r\n";
	static const char out[] = "-----BEGIN CERTIFICATE-----\nMII+/w==\n"
				  "-----END CERTIFICATE-----\n";
	static const enum att_item chains[] = {
		ATT_ITEM_PCK_CRL_ISSUER_CHAIN,
		ATT_ITEM_TCB_INFO_ISSUER_CHAIN,
		ATT_ITEM_QE_IDENTITY_ISSUER_CHAIN,
		ATT_ITEM_PCK_CERTIFICATE_CHAIN,
	};
	att_collateral *c = att_collateral_new();
	att_err err = { 0 };

	for (size_t i = 0; i < ATT_COUNT(chains); i++) {
		assert_int_equal(att_collateral_set(c, chains[i], TEXT(in), &err), ATT_OK);
		assert_item(c, chains[i], out, sizeof(out) - 1);
	}
	/* Nothing else is decoded, and a broken encoding is no chain */
	assert_int_equal(att_collateral_set(c, ATT_ITEM_TCB_INFO, TEXT(in), &err), ATT_OK);
	assert_item(c, ATT_ITEM_TCB_INFO, in, sizeof(in) - 1);
	assert_int_equal(att_collateral_set(c, chains[0], TEXT("-----BEGIN%20CERT%2"), &err),
			 ATT_E_FORMAT);
	assert_says(&err, "pck_crl_issuer_chain");
	assert_item(c, chains[0], out, sizeof(out) - 1);
	att_collateral_free(c);
}

static void bad_arguments(void **state)
{
	(void)state;
	att_collateral *c = att_collateral_new();
	att_err err = { 0 };

	assert_int_equal(att_collateral_set(c, ATT_ITEM_COUNT, TEXT("x"), &err), ATT_E_ARG);
	assert_int_equal(att_collateral_set(c, (enum att_item) - 1, TEXT("x"), &err), ATT_E_ARG);
	assert_item(c, ATT_ITEM_COUNT, NULL, 0);

	char *big = calloc(1, ATT_COLLATERAL_MAX + 1);

	assert_non_null(big);
	memset(big, 'a', ATT_COLLATERAL_MAX + 1);
	assert_int_equal(att_collateral_set(c, ATT_ITEM_TCB_INFO,
					    att_bytes_of(big, ATT_COLLATERAL_MAX + 1), &err),
			 ATT_E_FORMAT);
	assert_says(&err, "tcb_info is 2097153 bytes, at most 2097152");
	assert_int_equal(
	    att_collateral_set(c, ATT_ITEM_TCB_INFO, att_bytes_of(big, ATT_COLLATERAL_MAX), &err),
	    ATT_OK);
	/* The bound is one of all items together; an item in place of itself counts once. */
	assert_int_equal(att_collateral_set(c, ATT_ITEM_PCK_CRL, TEXT("x"), &err), ATT_E_FORMAT);
	assert_says(&err,
		    "pck_crl is 1 bytes beside 2097152 of other items, at most 2097152 in all");
	assert_item(c, ATT_ITEM_PCK_CRL, NULL, 0);
	assert_int_equal(att_collateral_set(c, ATT_ITEM_TCB_INFO,
					    att_bytes_of(big, ATT_COLLATERAL_MAX - 1), &err),
			 ATT_OK);
	assert_int_equal(att_collateral_set(c, ATT_ITEM_PCK_CRL, TEXT("x"), &err), ATT_OK);
	att_collateral_free(c);

	assert_int_equal(att_collateral_parse(att_bytes_of(big, ATT_COLLATERAL_MAX + 1), &c, &err),
			 ATT_E_FORMAT);
	assert_null(c);
	free(big);
}

static void forms_told_apart(void **state)
{
	(void)state;
	static const struct {
		const char *in;
		size_t len;
		att_rc rc;
		const char *says;
	} rows[] = {
		{ "", 0, ATT_E_TRUNCATED, "version" },
		{ "\1\0\0", 3, ATT_E_TRUNCATED, "version" },
		{ "\1\0\0\0", 4, ATT_E_TRUNCATED, "enclave_type" },
		{ "\3\0\0\0", 4, ATT_E_TRUNCATED, "tee_type" },
		{ "\3\0\1\0", 4, ATT_E_TRUNCATED, "tee_type" },
		{ "\4\0\0\0", 4, ATT_E_TRUNCATED, "tee_type" },
		{ "\2\0\0\0", 4, ATT_E_FORMAT, "neither a JSON object nor" },
		{ "\5\0\0\0", 4, ATT_E_FORMAT, "neither a JSON object nor" },
		{ "[{}]", 4, ATT_E_FORMAT, "neither a JSON object nor" },
		{ "-----BEGIN", 10, ATT_E_FORMAT, "neither a JSON object nor" },
		{ " \r\n\t{", 5, ATT_E_TRUNCATED, "json" },
	};

	for (size_t i = 0; i < ATT_COUNT(rows); i++) {
		att_collateral *c = NULL;
		att_err err = { 0 };
		att_rc rc = att_collateral_parse(att_bytes_of(rows[i].in, rows[i].len), &c, &err);

		if (rc != rows[i].rc)
			fail_msg("row %zu: %s, %s", i, att_rc_name(rc), err.msg);
		assert_says(&err, "collateral: ");
		assert_says(&err, rows[i].says);
		assert_null(c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),           cmocka_unit_test(set_replace_remove),
		cmocka_unit_test(what_is_dropped), cmocka_unit_test(percent_encoded_chains),
		cmocka_unit_test(bad_arguments),   cmocka_unit_test(forms_told_apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
