/* SPDX-License-Identifier: Apache-2.0 */
/* One rule of RFC 5280 and of Intel's certificate profile at a time, on certificates made by
 * hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "verify/chain_role.h"

static att_bytes b(const char *s)
{
	return att_bytes_of(s, strlen(s));
}

static struct att_cert authority(const char *name, const char *issuer, int path_len)
{
	return (struct att_cert){
		.subject = b(name),
		.subject_cn = b(name),
		.issuer = b(issuer),
		.skid = b(name),
		.akid = b(issuer),
		.has_basic_constraints = true,
		.is_ca = true,
		.path_len = path_len,
		.has_key_usage = true,
		.key_usage = ATT_KU_KEY_CERT_SIGN | ATT_KU_CRL_SIGN,
	};
}

static struct att_cert end_entity(const char *name, const char *issuer)
{
	struct att_cert c = authority(name, issuer, -1);

	c.is_ca = false;
	c.key_usage = ATT_KU_DIGITAL_SIGNATURE;
	return c;
}

static struct att_chain pck(void)
{
	return (struct att_chain){
		.count = 3,
		.cert = { end_entity("Intel SGX PCK Certificate", "Intel SGX PCK Platform CA"),
			  authority("Intel SGX PCK Platform CA", "Intel SGX Root CA", 0),
			  authority("Intel SGX Root CA", "Intel SGX Root CA", 1) },
	};
}

static struct att_chain crl_issuer(void)
{
	struct att_chain c = pck();

	c.cert[0] = c.cert[1];
	c.cert[1] = c.cert[2];
	c.count = 2;
	return c;
}

static void genuine_chains_have_no_fault(void **state)
{
	struct att_chain c = pck();

	(void)state;
	att_chain_judge(&c, &att_role_pck);
	assert_null(c.link.what);
	assert_null(c.misuse.what);
	c = crl_issuer();
	att_chain_judge(&c, &att_role_crl_issuer);
	assert_null(c.link.what);
	assert_null(c.misuse.what);
	c.cert[0] = end_entity("Intel SGX TCB Signing", "Intel SGX Root CA");
	att_chain_judge(&c, &att_role_signer);
	assert_null(c.link.what);
	assert_null(c.misuse.what);
}

static void expect_misuse(struct att_chain c, const struct att_chain_role *role, const char *says,
			  size_t certificate)
{
	att_chain_judge(&c, role);
	assert_non_null(c.misuse.what);
	assert_non_null(strstr(c.misuse.what, says));
	assert_int_equal(c.misuse.certificate, certificate);
	assert_null(c.link.what);
}

static void expect_broken(struct att_chain c, const char *says, size_t certificate)
{
	att_chain_judge(&c, &att_role_pck);
	assert_non_null(c.link.what);
	assert_non_null(strstr(c.link.what, says));
	assert_int_equal(c.link.certificate, certificate);
}

static void each_misuse_is_found(void **state)
{
	struct att_chain c;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		c = pck();
		c.cert[i].unknown_critical = b("x");
		expect_misuse(c, &att_role_pck, "critical extension", i + 1);
	}
	c = pck();
	c.cert[0].is_ca = true;
	expect_misuse(c, &att_role_pck, "end entity", 1);
	c = pck();
	c.cert[0].key_usage = ATT_KU_KEY_CERT_SIGN;
	expect_misuse(c, &att_role_pck, "sign data", 1);
	for (size_t i = 1; i < 3; i++) {
		c = pck();
		c.cert[i].is_ca = false;
		expect_misuse(c, &att_role_pck, "basic constraints", i + 1);
		c = pck();
		c.cert[i].has_basic_constraints = false;
		expect_misuse(c, &att_role_pck, "basic constraints", i + 1);
		c = pck();
		c.cert[i].has_key_usage = false;
		expect_misuse(c, &att_role_pck, "sign certificates", i + 1);
		c = pck();
		c.cert[i].key_usage = ATT_KU_KEY_CERT_SIGN;
		expect_misuse(c, &att_role_pck, "sign CRLs", i + 1);
	}
}

static void path_lengths_count_the_authorities_below(void **state)
{
	struct att_chain c = pck();

	(void)state;
	c.cert[2].path_len = 0;
	expect_misuse(c, &att_role_pck, "path length", 3);
	c.cert[2].path_len = -1;
	att_chain_judge(&c, &att_role_pck);
	assert_null(c.misuse.what);
	c = crl_issuer();
	c.cert[1].path_len = 0;
	expect_misuse(c, &att_role_crl_issuer, "path length", 2);
	c.cert[0] = end_entity("Intel SGX TCB Signing", "Intel SGX Root CA");
	att_chain_judge(&c, &att_role_signer);
	assert_null(c.misuse.what);
}

static void each_broken_link_is_found(void **state)
{
	struct att_chain c = pck();

	(void)state;
	c.cert[0].issuer = b("Intel SGX PCK Processor CA");
	expect_broken(c, "another name", 1);
	c = pck();
	c.cert[2].issuer = b("somebody");
	expect_broken(c, "another name", 3);
	c = pck();
	c.cert[1].akid = b("other key");
	expect_broken(c, "key id", 2);
	c = pck();
	c.cert[0].subject_cn = b("Intel SGX TCB Signing");
	expect_broken(c, "subject", 1);
	c.cert[0].subject_cn = b("");
	expect_broken(c, "subject", 1);
	c = pck();
	c.cert[1].akid = b("");
	c.cert[2].skid = b("");
	att_chain_judge(&c, &att_role_pck);
	assert_null(c.link.what);
}

/* Too few or too many certificates are chain_format's to refuse; nothing is judged by half. */
static void another_count_is_not_judged(void **state)
{
	struct att_chain c = pck();

	(void)state;
	c.count = 2;
	c.cert[0].is_ca = true;
	att_chain_judge(&c, &att_role_pck);
	assert_null(c.misuse.what);
	assert_null(c.link.what);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(genuine_chains_have_no_fault),
		cmocka_unit_test(each_misuse_is_found),
		cmocka_unit_test(path_lengths_count_the_authorities_below),
		cmocka_unit_test(each_broken_link_is_found),
		cmocka_unit_test(another_count_is_not_judged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
