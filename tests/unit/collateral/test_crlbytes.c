/* SPDX-License-Identifier: Apache-2.0 */
#include "documents.h"

#include "base/buf.h"
#include "collateral/crlbytes.h"

/* SEQUENCE { INTEGER 1, INTEGER 0 }: ends in a zero byte of its own */
static const uint8_t der[] = { 0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x00 };

#define PEM "-----BEGIN X509 CRL-----\nMAYCAQECAQA=\n-----END X509 CRL-----\n"

static void accepted(void **state)
{
	(void)state;
	static const struct {
		const char *in;
		size_t len;
	} rows[] = {
		{ "\x30\x06\x02\x01\x01\x02\x01\x00", 8 },
		{ "\x30\x06\x02\x01\x01\x02\x01\x00\x00", 9 },
		{ "3006020101020100", 16 },
		{ "3006020101020100", 17 },
		{ " \r\n3006020101020100 \t\n", 22 },
		{ "3006020101020100\n\0", 18 },
		{ PEM, sizeof(PEM) - 1 },
		{ PEM, sizeof(PEM) },
		{ "\n " PEM "\n", sizeof(PEM) + 2 },
	};

	for (size_t i = 0; i < ATT_COUNT(rows); i++) {
		att_auto_buf att_buf b = { 0 };
		att_err err = { 0 };

		att_put_str(&b, "before");
		assert_int_equal(att_crl_to_der(att_bytes_of(rows[i].in, rows[i].len), &b, &err),
				 ATT_OK);
		assert_int_equal(b.len, 6 + sizeof(der));
		assert_memory_equal(b.ptr, "before", 6);
		assert_memory_equal(b.ptr + 6, der, sizeof(der));
	}
}

static void refused(void **state)
{
	(void)state;
	static const struct {
		const char *in;
		size_t len;
		att_rc rc;
		const char *says;
	} rows[] = {
		{ "", 0, ATT_E_TRUNCATED, "empty" },
		{ "\x30", 1, ATT_E_TRUNCATED, "crl" },
		{ "\x30\x06\x02\x01\x01\x02\x01", 7, ATT_E_TRUNCATED, "crl" },
		{ "\x30\x06\x02\x01\x01\x02\x01\x00\x00\x00", 10, ATT_E_TRAILING, "2 bytes after" },
		{ "\x30\x06\x02\x01\x01\x02\x01\x00x", 9, ATT_E_TRAILING, "1 byte after" },
		{ "300602010102010", 15, ATT_E_FORMAT, "hex" },
		{ "30060201010201zz", 16, ATT_E_FORMAT, "hex" },
		{ "3006 02010102 0100", 18, ATT_E_FORMAT, "hex" },
		{ "3006020101020100\0\0", 18, ATT_E_FORMAT, "hex" },
		{ "300602010102010000ff", 20, ATT_E_TRAILING, "bytes after" },
		{ " 020100", 7, ATT_E_FORMAT, "expected a SEQUENCE, seen tag 0x02" },
		{ " \n", 2, ATT_E_TRUNCATED, "crl" },
		{ "no crl", 6, ATT_E_FORMAT, "neither DER nor PEM" },
		{ PEM PEM, 2 * (sizeof(PEM) - 1), ATT_E_TRAILING, "after the PEM block" },
		{ PEM "x", sizeof(PEM), ATT_E_TRAILING, "after the PEM block" },
		{ "-----BEGIN CERTIFICATE-----\nMAYCAQECAQA=\n-----END CERTIFICATE-----\n", 68,
		  ATT_E_FORMAT, "crl in PEM" },
		{ PEM, 40, ATT_E_FORMAT, "crl in PEM" },
	};

	for (size_t i = 0; i < ATT_COUNT(rows); i++) {
		att_auto_buf att_buf b = { 0 };
		att_err err = { 0 };
		att_rc rc = att_crl_to_der(att_bytes_of(rows[i].in, rows[i].len), &b, &err);

		if (rc != rows[i].rc)
			fail_msg("row %zu: %s, %s", i, att_rc_name(rc), err.msg);
		assert_int_equal(err.rc, rows[i].rc);
		assert_says(&err, rows[i].says);
		assert_int_equal(b.len, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepted),
		cmocka_unit_test(refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
