/* SPDX-License-Identifier: Apache-2.0 */
#include "documents.h"

#include "attest/collateral.h"

static char chain[] = "chain";
static char root_crl[] = "\x30\x01\x00";
static char crl[] = "3001";
static char tcb_chain[] = "tcb chain";
static char tcb[] = "{}";
static char id_chain[] = "id chain";
static char identity[] = "{ }";

static struct att_qve_collateral whole(void)
{
	return (struct att_qve_collateral){
		.version = 3,
		.tee_type = 0x81,
		.pck_crl_issuer_chain = chain,
		.pck_crl_issuer_chain_size = sizeof(chain),
		.root_ca_crl = root_crl,
		.root_ca_crl_size = 3,
		.pck_crl = crl,
		.pck_crl_size = sizeof(crl),
		.tcb_info_issuer_chain = tcb_chain,
		.tcb_info_issuer_chain_size = sizeof(tcb_chain),
		.tcb_info = tcb,
		.tcb_info_size = sizeof(tcb),
		.qe_identity_issuer_chain = id_chain,
		.qe_identity_issuer_chain_size = sizeof(id_chain),
		.qe_identity = identity,
		.qe_identity_size = sizeof(identity),
	};
}

static void assert_item(const att_collateral *c, enum att_item item, const char *text, size_t len)
{
	att_bytes b = att_collateral_get(c, item);

	assert_int_equal(b.len, len);
	assert_memory_equal(b.ptr, text, b.len);
}

static void copied(void **state)
{
	(void)state;
	static const uint32_t versions[] = { 1, 3, 0x00010003, 4 };

	for (size_t i = 0; i < ATT_COUNT(versions); i++) {
		struct att_qve_collateral in = whole();
		att_collateral *c = NULL;

		in.version = versions[i];
		in.tee_type = i % 2 ? 0 : 0x81;
		assert_int_equal(att_collateral_from_qve(&in, &c, NULL), ATT_OK);
		assert_string_equal(att_collateral_form(c), "qve");
		assert_item(c, ATT_ITEM_PCK_CRL_ISSUER_CHAIN, "chain", 5);
		assert_item(c, ATT_ITEM_ROOT_CA_CRL, "\x30\x01\x00", 3);
		assert_item(c, ATT_ITEM_PCK_CRL, "3001", 4);
		assert_item(c, ATT_ITEM_TCB_INFO_ISSUER_CHAIN, "tcb chain", 9);
		assert_item(c, ATT_ITEM_TCB_INFO, "{}", 2);
		assert_item(c, ATT_ITEM_QE_IDENTITY_ISSUER_CHAIN, "id chain", 8);
		assert_item(c, ATT_ITEM_QE_IDENTITY, "{ }", 3);
		att_collateral_free(c);
	}
}

static void missing_is_no_error(void **state)
{
	(void)state;
	struct att_qve_collateral in = whole();
	att_collateral *c = NULL;

	in.pck_crl = NULL;
	in.pck_crl_size = 0;
	in.tcb_info_size = 0;
	assert_int_equal(att_collateral_from_qve(&in, &c, NULL), ATT_OK);
	assert_int_equal(att_collateral_get(c, ATT_ITEM_PCK_CRL).len, 0);
	assert_int_equal(att_collateral_get(c, ATT_ITEM_TCB_INFO).len, 0);
	att_collateral_free(c);
}

static void refused(void **state)
{
	(void)state;
	static const uint32_t versions[] = { 0, 2, 5, 0x00010001, 0x00020003, UINT32_MAX };
	struct att_qve_collateral in;
	att_collateral *c = NULL;
	att_err err = { 0 };

	for (size_t i = 0; i < ATT_COUNT(versions); i++) {
		in = whole();
		in.version = versions[i];
		assert_int_equal(att_collateral_from_qve(&in, &c, &err), ATT_E_UNSUPPORTED);
		assert_says(&err, "collateral version");
		assert_null(c);
	}
	in = whole();
	in.tee_type = 1;
	assert_int_equal(att_collateral_from_qve(&in, &c, &err), ATT_E_UNSUPPORTED);
	assert_says(&err, "tee_type: expected 0 or 0x81, seen 0x1");
	in = whole();
	in.qe_identity = NULL;
	assert_int_equal(att_collateral_from_qve(&in, &c, &err), ATT_E_ARG);
	assert_says(&err, "qe_identity has a size of 4 bytes and no pointer");
	assert_null(c);
	in = whole();
	in.tcb_info_size = UINT32_MAX;
	assert_int_equal(att_collateral_from_qve(&in, &c, &err), ATT_E_FORMAT);
	assert_says(&err, "tcb_info is 4294967295 bytes");
	assert_null(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copied),
		cmocka_unit_test(missing_is_no_error),
		cmocka_unit_test(refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
