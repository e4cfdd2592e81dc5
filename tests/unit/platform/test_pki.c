/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "attest/inspect.h"
#include "base/mem.h"
#include "crypto/x509.h"
#include "platform/sim/pki.h"

#define NOW INT64_C(1750000000)

static const struct att_sim_seed seed = { "pki tests" };

static att_sim_pki *make(const struct att_sim_seed *s)
{
	att_sim_pki *pki = NULL;

	assert_int_equal(att_sim_pki_new(s, NOW, &pki, NULL), ATT_OK);
	return pki;
}

static int setup(void **state)
{
	*state = make(&seed);
	return 0;
}

static int teardown(void **state)
{
	att_sim_pki_free(*state);
	return 0;
}

static size_t read_certs(att_bytes pem, struct att_cert_facts out[static ATT_CERTS_MAX])
{
	size_t count = 0;
	att_err err = { 0 };

	if (att_certs_read(pem, out, &count, &err) != ATT_OK)
		fail_msg("%s", err.msg);
	return count;
}

static void authorities(void **state)
{
	static const char *const names[] = { "Intel SGX Root CA", "Intel SGX PCK Processor CA",
					     "Intel SGX PCK Platform CA", "Intel SGX TCB Signing" };
	struct att_cert_facts c[ATT_CERTS_MAX];

	for (int who = 0; who < ATT_SIM_AUTHORITIES; who++) {
		assert_int_equal(
		    read_certs(att_sim_pki_pem(*state, (enum att_sim_authority)who), c), 1);
		assert_string_equal(c[0].subject, names[who]);
		assert_string_equal(c[0].issuer, names[ATT_SIM_ROOT]);
		assert_true(c[0].not_before < NOW && c[0].not_after > NOW);
		assert_int_equal(c[0].is_ca, who != ATT_SIM_TCB_SIGNER);
	}
}

/* Only the root bears the mark, and a set of roots sees it. */
static void the_root_says_that_it_is_simulated(void **state)
{
	struct att_cert_facts c[ATT_CERTS_MAX];

	for (int who = 0; who < ATT_SIM_AUTHORITIES; who++) {
		read_certs(att_sim_pki_pem(*state, (enum att_sim_authority)who), c);
		assert_int_equal(c[0].simulated, who == ATT_SIM_ROOT);
	}
	att_roots *roots = att_roots_new();
	assert_non_null(roots);
	assert_int_equal(att_roots_add(roots, att_sim_pki_pem(*state, ATT_SIM_ROOT), "root", NULL),
			 ATT_OK);
	att_roots_free(roots);
}

static void chains(void **state)
{
	att_auto_buf att_buf pem = { 0 };
	struct att_cert_facts c[ATT_CERTS_MAX];

	att_sim_pki_put_chain(*state, ATT_SIM_PLATFORM_CA, &pem);
	assert_int_equal(read_certs(att_buf_bytes(&pem), c), 2);
	assert_string_equal(c[0].subject, "Intel SGX PCK Platform CA");
	assert_string_equal(c[1].subject, "Intel SGX Root CA");
}

static void seeded_keys_come_again(void **state)
{
	static const struct att_sim_seed none = { "" };
	att_sim_pki *same = make(&seed), *a = make(&none), *b = make(&none);
	att_signer *key[4];
	uint8_t point[4][ATT_P256_POINT];
	const att_sim_pki *const pkis[] = { *state, same, a, b };

	for (size_t i = 0; i < ATT_COUNT(pkis); i++) {
		assert_int_equal(att_sim_pki_key(pkis[i], "key", &key[i], NULL), ATT_OK);
		att_signer_point(key[i], point[i]);
		att_signer_free(key[i]);
	}
	assert_memory_equal(point[0], point[1], sizeof(point[0]));
	assert_memory_not_equal(point[0], point[2], sizeof(point[0]));
	assert_memory_not_equal(point[2], point[3], sizeof(point[0]));
	att_sim_pki_free(same);
	att_sim_pki_free(a);
	att_sim_pki_free(b);
}

static void a_pck(void **state)
{
	struct att_platform p = { .present = true,
				  .platform_ca = true,
				  .has_instance_id = true,
				  .pce_svn = 13,
				  .fmspc = { 1, 2, 3, 4, 5, 6 },
				  .dynamic_platform = ATT_TRUE,
				  .cached_keys = ATT_FALSE,
				  .smt_enabled = ATT_UNKNOWN };
	struct att_sim_pck pck;
	struct att_cert_facts c[ATT_CERTS_MAX];

	assert_int_equal(att_sim_pck_make(*state, &p, "PCK", &pck, NULL), ATT_OK);
	assert_int_equal(read_certs(att_buf_bytes(&pck.chain), c), 3);
	assert_string_equal(c[0].subject, "Intel SGX PCK Certificate");
	assert_string_equal(c[1].subject, "Intel SGX PCK Platform CA");
	assert_string_equal(c[2].subject, "Intel SGX Root CA");
	assert_true(c[0].has_platform && !c[0].is_ca);
	assert_memory_equal(c[0].platform.fmspc, p.fmspc, sizeof(p.fmspc));
	assert_int_equal(c[0].platform.dynamic_platform, ATT_TRUE);
	att_sim_pck_free(&pck);
	assert_null(pck.key);
}

static void crls(void **state)
{
	const uint64_t revoked[] = { 1, 2 };
	att_auto_buf att_buf der = { 0 };
	struct att_crl_facts c;

	assert_int_equal(att_sim_pki_crl(*state, ATT_SIM_PROCESSOR_CA, NOW, revoked, 2, &der, NULL),
			 ATT_OK);
	assert_int_equal(att_crl_read(att_buf_bytes(&der), &c, NULL), ATT_OK);
	assert_string_equal(c.issuer, "Intel SGX PCK Processor CA");
	assert_int_equal(c.this_update, NOW - ATT_SIM_DAY);
	assert_int_equal(c.next_update, NOW + 30 * ATT_SIM_DAY);
	assert_int_equal(c.revoked, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(authorities), cmocka_unit_test(the_root_says_that_it_is_simulated),
		cmocka_unit_test(chains),      cmocka_unit_test(seeded_keys_come_again),
		cmocka_unit_test(a_pck),       cmocka_unit_test(crls),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
