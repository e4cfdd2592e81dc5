/* SPDX-License-Identifier: Apache-2.0 */
#include "documents.h"

#include "../crypto/fixtures.h"
#include "../fail_alloc.h"
#include "attest/inspect.h"
#include "base/buf.h"
#include "base/text.h"
#include "certificates.h"
#include "codec/pem.h"

#define SGX_INFO "{" HEAD("SGX") ",'tcbLevels':[" SGX_LEVEL("2", "2", "13", "UpToDate") "]}"
#define TDX_INFO                                          \
	"{" HEAD("TDX") "," TDX_MODULE "," TDX_IDENTITIES \
			",'tcbLevels':[" TDX_LEVEL("2", "2", "13", "5", "0", "UpToDate") "]}"

static const char zeros_64[129] =
    "0000000000000000000000000000000000000000000000000000000000000000"
    "0000000000000000000000000000000000000000000000000000000000000000";

/* `hex` decoded behind what is in b. */
static void put_der(att_buf *b, const char *hex)
{
	uint8_t der[4096];
	size_t len = strlen(hex) / 2;

	assert_true(len <= sizeof(der));
	assert_int_equal(att_hex_decode(TEXT(hex), der, len, NULL), ATT_OK);
	att_put_mem(b, der, len);
}

static void put_pem(att_buf *b, const char *hex)
{
	att_auto_buf att_buf der = { 0 };

	put_der(&der, hex);
	att_put_pem(b, "CERTIFICATE", att_buf_bytes(&der));
}

static void pck_certificate(void **state)
{
	(void)state;
	struct att_cert_facts cert[ATT_CERTS_MAX];
	att_auto_buf att_buf der = { 0 };
	size_t count;

	put_der(&der, PCK_LEAF);
	assert_int_equal(att_certs_read(att_buf_bytes(&der), cert, &count, NULL), ATT_OK);
	assert_int_equal(count, 1);
	assert_string_equal(cert[0].subject, "Intel SGX PCK Certificate");
	assert_string_equal(cert[0].issuer, "Intel SGX PCK Platform CA");
	assert_int_equal(cert[0].serial_len, 2);
	assert_memory_equal(cert[0].serial, "\x30\x01", 2);
	assert_int_equal(cert[0].not_before, 1577836800);
	assert_int_equal(cert[0].not_after, 2208988800);
	assert_false(cert[0].is_ca);
	assert_int_equal(cert[0].path_len, -1);
	assert_false(cert[0].simulated);
	assert_true(cert[0].has_platform);
	assert_true(cert[0].platform.platform_ca);
	assert_memory_equal(cert[0].platform.fmspc, "\x00\x90\x6e\xd5\x00\x00", 6);
	assert_int_equal(cert[0].platform.pce_svn, 13);

	uint8_t digest[32];

	assert_int_equal(att_hash_sha256(att_buf_bytes(&der), digest, NULL), ATT_OK);
	assert_memory_equal(cert[0].sha256, digest, 32);
}

static void chain(void **state)
{
	(void)state;
	struct att_cert_facts cert[ATT_CERTS_MAX];
	att_auto_buf att_buf pem = { 0 };
	size_t count;

	put_pem(&pem, PCK_LEAF);
	put_pem(&pem, PCK_CA);
	put_pem(&pem, FIXTURE_SIM_ROOT);
	att_put_u8(&pem, 0);
	assert_int_equal(att_certs_read(att_buf_bytes(&pem), cert, &count, NULL), ATT_OK);
	assert_int_equal(count, 3);
	assert_true(cert[1].is_ca);
	assert_int_equal(cert[1].path_len, 0);
	assert_false(cert[1].has_platform);
	assert_true(cert[2].simulated);
	assert_string_equal(cert[2].subject, "attest test root");
}

/* A serial number whose first bit is set has a zero in front of it in DER. */
static void long_serial(void **state)
{
	(void)state;
	struct att_cert_facts cert[ATT_CERTS_MAX];
	att_auto_buf att_buf der = { 0 };
	size_t count;

	put_der(&der, FIXTURE_CA);
	assert_int_equal(att_certs_read(att_buf_bytes(&der), cert, &count, NULL), ATT_OK);
	assert_int_equal(cert[0].serial_len, 20);
	assert_int_equal(cert[0].serial[0], 0x81);
}

static void not_certificates(void **state)
{
	(void)state;
	struct att_cert_facts cert[ATT_CERTS_MAX];
	att_auto_buf att_buf many = { 0 };
	att_auto_buf att_buf bad = { 0 };
	att_auto_mem uint8_t *huge = calloc(1, 200000);
	size_t count;
	att_err err;

	assert_int_equal(att_certs_read(TEXT(""), cert, &count, &err), ATT_E_FORMAT);
	assert_says(&err, "no certificate in it");
	assert_int_equal(att_certs_read(TEXT(" \n"), cert, &count, &err), ATT_E_FORMAT);
	assert_says(&err, "no certificate in it");
	assert_int_equal(att_certs_read(TEXT("certificate"), cert, &count, &err), ATT_E_FORMAT);
	assert_says(&err, "certificate 1");
	assert_int_equal(att_certs_read(TEXT("0\x03\x02\x01\x01"), cert, &count, &err),
			 ATT_E_TRUNCATED);
	assert_int_equal(count, 0);
	assert_int_equal(att_certs_read(att_bytes_of(huge, 200000), cert, &count, &err),
			 ATT_E_FORMAT);
	assert_says(&err, "200000 bytes of certificates, at most 131072");
	for (int i = 0; i < ATT_CERTS_MAX + 1; i++)
		put_pem(&many, PCK_CA);
	assert_int_equal(att_certs_read(att_buf_bytes(&many), cert, &count, &err), ATT_E_FORMAT);
	assert_says(&err, "more than 8 certificates");
	assert_int_equal(count, 0);
	put_pem(&bad, PCK_CA);
	put_pem(&bad, FIXTURE_LEAF); /* its SGX extension is no PCK certificate's */
	assert_true(att_certs_read(att_buf_bytes(&bad), cert, &count, &err) != ATT_OK);
	assert_says(&err, "certificate 2: SGX extension");
	assert_int_equal(count, 0);
}

static void crl(void **state)
{
	(void)state;
	struct att_crl_facts facts;
	att_auto_buf att_buf der = { 0 };
	att_err err;

	put_der(&der, FIXTURE_ROOT_CRL);
	assert_int_equal(att_crl_read(att_buf_bytes(&der), &facts, NULL), ATT_OK);
	assert_string_equal(facts.issuer, "attest test root");
	assert_true(facts.this_update < facts.next_update);

	struct att_crl_facts hex;

	assert_int_equal(att_crl_read(TEXT(FIXTURE_ROOT_CRL), &hex, NULL), ATT_OK);
	assert_memory_equal(&hex, &facts, sizeof(hex));
	assert_int_equal(att_crl_read(TEXT(FIXTURE_CA_CRL), &hex, NULL), ATT_OK);
	assert_true(hex.revoked > 0);
	assert_true(att_crl_read(TEXT("zz"), &facts, &err) != ATT_OK);
	assert_int_equal(att_crl_read(TEXT("3003020101"), &facts, &err), ATT_E_TRUNCATED);
}

static void tcb_info(void **state)
{
	(void)state;
	struct att_tcb_info_facts facts;
	att_auto_mem char *sgx = document(SGX_INFO, NULL, NULL);
	att_auto_mem char *tdx = document(TDX_INFO, NULL, NULL);
	att_auto_mem char *answer = NULL;
	att_err err;

	assert_int_equal(att_tcb_info_read(TEXT(sgx), &facts, NULL), ATT_OK);
	assert_false(facts.tdx);
	assert_int_equal(facts.version, 3);
	assert_int_equal(facts.levels, 1);
	assert_int_equal(facts.modules, 0);
	assert_int_equal(facts.evaluation, 17);
	assert_int_equal(facts.issue_date, 1750328163);
	assert_int_equal(facts.next_update, 1752920163);
	assert_memory_equal(facts.fmspc, "\xb0\xc0\x6f\0\0\0", 6);
	assert_memory_equal(facts.pce_id, "\1\2", 2);
	assert_false(facts.with_signature);
	assert_true(asprintf(&answer, "{\"tcbInfo\":%s,\"signature\":\"%s\"}", tdx, zeros_64) > 0);
	assert_int_equal(att_tcb_info_read(TEXT(answer), &facts, NULL), ATT_OK);
	assert_true(facts.tdx);
	assert_int_equal(facts.modules, 2);
	assert_true(facts.with_signature);
	assert_int_equal(att_tcb_info_read(TEXT("{}"), &facts, &err), ATT_E_FORMAT);
	assert_int_equal(att_tcb_info_read(TEXT("{"), &facts, &err), ATT_E_TRUNCATED);
	assert_int_equal(att_tcb_info_read(TEXT("{\"tcbInfo\":{}}"), &facts, &err), ATT_E_FORMAT);
	assert_says(&err, "signature");
}

static void identity(void **state)
{
	(void)state;
	struct att_identity_facts facts;
	att_auto_mem char *text = document(IDENTITY, NULL, NULL);
	att_auto_mem char *answer = NULL;
	att_err err;

	assert_int_equal(att_identity_read(TEXT(text), &facts, NULL), ATT_OK);
	assert_string_equal(facts.id, "TD_QE");
	assert_int_equal(facts.levels, 2);
	assert_int_equal(facts.evaluation, 17);
	assert_int_equal(facts.isv_prod_id, 2);
	assert_int_equal(facts.mr_signer[0], 0xdc);
	assert_true(facts.issue_date < facts.next_update);
	assert_false(facts.with_signature);
	assert_true(
	    asprintf(&answer, "{\"enclaveIdentity\":%s,\"signature\":\"%s\"}", text, zeros_64) > 0);
	assert_int_equal(att_identity_read(TEXT(answer), &facts, NULL), ATT_OK);
	assert_true(facts.with_signature);
	assert_int_equal(att_identity_read(TEXT("[]"), &facts, &err), ATT_E_FORMAT);
}

/* FIPS 180-4, example "abc". */
static void sha256(void **state)
{
	(void)state;
	uint8_t digest[32];

	assert_int_equal(att_hash_sha256(TEXT("abc"), digest, NULL), ATT_OK);
	assert_memory_equal(digest,
			    "\xba\x78\x16\xbf\x8f\x01\xcf\xea\x41\x41\x40\xde\x5d\xae\x22\x23"
			    "\xb0\x03\x61\xa3\x96\x17\x7a\x9c\xb4\x10\xff\x61\xf2\x00\x15\xad",
			    32);
}

static void want_of_memory(void **state)
{
	(void)state;
	struct att_cert_facts cert[ATT_CERTS_MAX];
	att_auto_buf att_buf pem = { 0 };
	size_t count;
	att_err err;

	put_pem(&pem, PCK_LEAF);
	alloc_watch(1);
	assert_int_equal(att_certs_read(att_buf_bytes(&pem), cert, &count, &err), ATT_E_NOMEM);
	assert_int_equal(alloc_unwatch(), 1);
	assert_int_equal(count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pck_certificate),
		cmocka_unit_test(chain),
		cmocka_unit_test(long_serial),
		cmocka_unit_test(not_certificates),
		cmocka_unit_test(crl),
		cmocka_unit_test(tcb_info),
		cmocka_unit_test(identity),
		cmocka_unit_test(sha256),
		cmocka_unit_test(want_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
