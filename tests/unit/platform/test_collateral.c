/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "attest/inspect.h"
#include "base/text.h"
#include "platform/sim/collateral.h"

#define NOW INT64_C(1750000000)

static const struct att_platform platform = { .present = true,
					      .fmspc = { 1, 2, 3, 4, 5, 6 },
					      .pce_id = { 7, 8 } };

static struct att_sim_collateral_of of(bool tdx)
{
	return (struct att_sim_collateral_of){ .platform = &platform, .tdx = tdx, .now = NOW };
}

static void check_signed(const att_sim_pki *pki, att_p256 *tools, const att_collateral *c,
			 enum att_item item)
{
	att_bytes pem = att_sim_pki_pem(pki, ATT_SIM_TCB_SIGNER);
	att_bytes chain = att_collateral_get(c, item - 1);
	uint8_t rs[64];
	struct att_cert_facts facts[ATT_CERTS_MAX];
	size_t count;

	assert_true(chain.len > pem.len && memcmp(chain.ptr, pem.ptr, pem.len) == 0);
	assert_int_equal(att_certs_read(chain, facts, &count, NULL), ATT_OK);
	assert_int_equal(count, 2);
	assert_int_equal(att_hex_decode(att_collateral_get(c, item + 1), rs, sizeof(rs), NULL),
			 ATT_OK);
	att_signer *key;
	uint8_t point[ATT_P256_POINT];

	assert_int_equal(att_sim_pki_key(pki, "Intel SGX TCB Signing", &key, NULL), ATT_OK);
	att_signer_point(key, point);
	att_signer_free(key);
	assert_true(att_p256_verify_raw(tools, point, att_collateral_get(c, item), rs));
}

static void the_whole(void **state)
{
	static const struct att_sim_seed seed = { "collateral tests" };
	const struct att_sim_collateral_of ask = of(true);
	att_sim_pki *pki;
	att_collateral *c;
	att_p256 *tools;

	(void)state;
	assert_int_equal(att_sim_pki_new(&seed, NOW, &pki, NULL), ATT_OK);
	assert_int_equal(att_p256_new(&tools, NULL), ATT_OK);
	assert_int_equal(att_sim_collateral_make(pki, &ask, &c, NULL), ATT_OK);
	for (int item = 0; item < ATT_ITEM_COUNT; item++) {
		bool there = att_collateral_get(c, (enum att_item)item).len > 0;

		assert_int_equal(there, item != ATT_ITEM_PCK_CERTIFICATE_CHAIN);
	}
	check_signed(pki, tools, c, ATT_ITEM_TCB_INFO);
	check_signed(pki, tools, c, ATT_ITEM_QE_IDENTITY);
	struct att_crl_facts crl;
	assert_int_equal(att_crl_read(att_collateral_get(c, ATT_ITEM_PCK_CRL), &crl, NULL), ATT_OK);
	assert_string_equal(crl.issuer, "Intel SGX PCK Processor CA");
	assert_int_equal(att_crl_read(att_collateral_get(c, ATT_ITEM_ROOT_CA_CRL), &crl, NULL),
			 ATT_OK);
	assert_string_equal(crl.issuer, "Intel SGX Root CA");
	att_collateral_free(c);
	att_p256_free(tools);
	att_sim_pki_free(pki);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
