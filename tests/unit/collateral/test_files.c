/* SPDX-License-Identifier: Apache-2.0 */
#include "documents.h"

#include "attest/collateral.h"

static void names(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		enum att_item item;
	} rows[] = {
		{ "tcb.json", ATT_ITEM_TCB_INFO },
		{ "tcbinfo.json", ATT_ITEM_TCB_INFO },
		{ "tcb_info.json", ATT_ITEM_TCB_INFO },
		{ "tcb_issuer_chain.pem", ATT_ITEM_TCB_INFO_ISSUER_CHAIN },
		{ "tcb_info_issuer_chain.pem", ATT_ITEM_TCB_INFO_ISSUER_CHAIN },
		{ "tcb_info_issuer_chain.txt", ATT_ITEM_TCB_INFO_ISSUER_CHAIN },
		{ "tcb_info_signature.hex", ATT_ITEM_TCB_INFO_SIGNATURE },
		{ "identity.json", ATT_ITEM_QE_IDENTITY },
		{ "qe_identity.json", ATT_ITEM_QE_IDENTITY },
		{ "qe_identity_issuer_chain.pem", ATT_ITEM_QE_IDENTITY_ISSUER_CHAIN },
		{ "qe_identity_signature.txt", ATT_ITEM_QE_IDENTITY_SIGNATURE },
		{ "pckcrl.der", ATT_ITEM_PCK_CRL },
		{ "pckcrl.pem", ATT_ITEM_PCK_CRL },
		{ "pckcrl.hex", ATT_ITEM_PCK_CRL },
		{ "pckcrl.crl", ATT_ITEM_PCK_CRL },
		{ "pck_crl.der", ATT_ITEM_PCK_CRL },
		{ "pckcrl_issuer_chain.pem", ATT_ITEM_PCK_CRL_ISSUER_CHAIN },
		{ "pck_crl_issuer_chain.pem", ATT_ITEM_PCK_CRL_ISSUER_CHAIN },
		{ "rootcacrl.der", ATT_ITEM_ROOT_CA_CRL },
		{ "rootcacrl.hex", ATT_ITEM_ROOT_CA_CRL },
		{ "root_ca_crl.crl", ATT_ITEM_ROOT_CA_CRL },
		{ "pckcert_chain.pem", ATT_ITEM_PCK_CERTIFICATE_CHAIN },
		{ "pck_certificate_chain.pem", ATT_ITEM_PCK_CERTIFICATE_CHAIN },
	};

	for (size_t i = 0; i < ATT_COUNT(rows); i++) {
		enum att_item item = ATT_ITEM_COUNT;

		assert_true(att_item_of_file(rows[i].name, &item));
		assert_int_equal(item, rows[i].item);
	}
}

static void other_names(void **state)
{
	(void)state;
	static const char *const others[] = {
		"",
		"tcb",
		"tcb_info",
		"TCB.json",
		"tcb.json.bak",
		"tcb_info.json~",
		"tcb_infojson",
		"pckcrl.exe",
		".json",
		"../tcb.json",
		"readme.txt",
	};

	for (size_t i = 0; i < ATT_COUNT(others); i++) {
		enum att_item item = ATT_ITEM_COUNT;

		assert_false(att_item_of_file(others[i], &item));
		assert_int_equal(item, ATT_ITEM_COUNT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(other_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
