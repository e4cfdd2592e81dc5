/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "codec/pem.h"

#define BEGIN "-----BEGIN CERTIFICATE-----"
#define END   "-----END CERTIFICATE-----"

static void blocks_come_one_by_one(void **state)
{
	static const char *const all[] = {
		BEGIN "\nZm9v\n" END "\n" BEGIN "\nZm9vYg==\n" END "\n",
		BEGIN "\r\nZm9v\r\n" END "\r\n" BEGIN "\r\nZm9v\r\nYg==\r\n" END "\r\n",
		"\n \t" BEGIN " \n\nZm 9v\n" END BEGIN "\nZm9vYg=\n=\n" END,
	};
	(void)state;

	for (size_t i = 0; i < ATT_COUNT(all); i++) {
		for (size_t nul = 0; nul < 2; nul++) {
			att_reader r = att_reader_of(att_bytes_of(all[i], strlen(all[i]) + nul));
			uint8_t out[4];
			size_t len = sizeof(out);
			assert_int_equal(att_pem_next(&r, "CERTIFICATE", out, &len, NULL), ATT_OK);
			assert_int_equal(len, 3);
			assert_memory_equal(out, "foo", 3);
			len = sizeof(out);
			assert_int_equal(att_pem_next(&r, "CERTIFICATE", out, &len, NULL), ATT_OK);
			assert_int_equal(len, 4);
			assert_memory_equal(out, "foob", 4);
			len = sizeof(out);
			assert_int_equal(att_pem_next(&r, "CERTIFICATE", out, &len, NULL),
					 ATT_E_MISSING);
			assert_int_equal(len, 0);
			assert_int_equal(att_reader_end(&r, NULL), ATT_OK);
		}
	}
}

static void nothing_is_missing(void **state)
{
	static const struct {
		const char *text;
		size_t len;
	} all[] = { { "", 0 }, { "", 1 }, { " \r\n\t", 4 }, { "\n", 2 } };
	att_err err;
	(void)state;

	for (size_t i = 0; i < ATT_COUNT(all); i++) {
		att_reader r = att_reader_of(att_bytes_of(all[i].text, all[i].len));
		size_t len = 9;
		assert_int_equal(att_pem_next(&r, "X509 CRL", NULL, &len, &err), ATT_E_MISSING);
		assert_string_equal(err.msg, "no further X509 CRL block");
	}
	att_reader none = att_reader_of(att_bytes_of(NULL, 0));
	size_t len = 0;
	assert_int_equal(att_pem_next(&none, "X509 CRL", NULL, &len, &err), ATT_E_MISSING);
}

static void refusals(void **state)
{
	static const struct {
		const char *text;
		att_rc rc;
		size_t offset;
	} all[] = {
		{ "Zm9v", ATT_E_FORMAT, 0 },
		{ "  text\n" BEGIN "\nZm9v\n" END, ATT_E_FORMAT, 2 },
		{ "-----BEGIN CERTIFICATES-----\nZm9v\n-----END CERTIFICATES-----", ATT_E_FORMAT,
		  0 },
		{ "-----BEGIN X509 CRL-----\nZm9v\n-----END X509 CRL-----", ATT_E_FORMAT, 0 },
		{ "-----begin certificate-----\nZm9v\n" END, ATT_E_FORMAT, 0 },
		{ "-----BEGIN CERTIFICATE----\nZm9v\n" END, ATT_E_FORMAT, 0 },
		{ "-----BEGIN  CERTIFICATE-----\nZm9v\n" END, ATT_E_FORMAT, 0 },
		{ BEGIN "Zm9v\n" END, ATT_E_FORMAT, 0 },
		{ BEGIN "-\nZm9v\n" END, ATT_E_FORMAT, 0 },
		{ BEGIN "\nZm9v\n-----END X509 CRL-----", ATT_E_FORMAT, 33 },
		{ BEGIN "\nZm9v\n-----END CERTIFICATE----", ATT_E_FORMAT, 33 },
		{ BEGIN "\nZm9v\n" BEGIN "\nZm9v\n" END, ATT_E_FORMAT, 33 },
		{ BEGIN "\nZm9v" END, ATT_E_FORMAT, 32 },
		{ BEGIN "\nZm-v\n" END, ATT_E_FORMAT, 30 },
		{ BEGIN "\nZm9\n" END, ATT_E_FORMAT, 32 },
		{ BEGIN "\nZm*v\n" END, ATT_E_FORMAT, 30 },
		{ BEGIN "\nProc-Type: 4\n\nZm9v\n" END, ATT_E_FORMAT, 32 },
		{ BEGIN "\nHeader: 4\n\nZm9v\n" END, ATT_E_FORMAT, 34 },
		{ BEGIN "\nZm9vZm9vZm9v\n" END, ATT_E_FORMAT, 40 },
		{ BEGIN "\nZm9vZm9vZg==\n" END, ATT_OK, 0 },
		{ BEGIN, ATT_E_TRUNCATED, 27 },
		{ BEGIN "\nZm9v", ATT_E_TRUNCATED, 32 },
	};
	(void)state;

	for (size_t i = 0; i < ATT_COUNT(all); i++) {
		att_reader r = att_reader_at(att_bytes_of(all[i].text, strlen(all[i].text)), 1000);
		uint8_t out[8];
		size_t len = sizeof(out);
		att_err err;
		att_rc rc = att_pem_next(&r, "CERTIFICATE", out, &len, &err);
		if (rc != all[i].rc)
			fail_msg("%s: %s", all[i].text, att_rc_name(rc));
		if (rc == ATT_OK)
			continue;
		assert_int_equal(len, 0);
		assert_int_equal(err.offset, 1000 + all[i].offset);
		assert_int_equal(att_tell(&r), 1000);
	}
}

static void every_truncation_of_a_block(void **state)
{
	static const char text[] = BEGIN "\nZm9v\n" END;
	(void)state;

	for (size_t n = 1; n < sizeof(text) - 1; n++) {
		att_reader r = att_reader_of(att_bytes_of(text, n));
		uint8_t out[8];
		size_t len = sizeof(out);
		att_rc rc = att_pem_next(&r, "CERTIFICATE", out, &len, NULL);
		assert_true(rc == ATT_E_FORMAT || rc == ATT_E_TRUNCATED);
	}
}

static void nul_only_at_the_end(void **state)
{
	att_reader r = att_reader_of(att_bytes_of("\n\0\n", 3));
	size_t len = 0;
	(void)state;

	assert_int_equal(att_pem_next(&r, "CERTIFICATE", NULL, &len, NULL), ATT_E_FORMAT);
	att_reader two = att_reader_of(att_bytes_of("\0\0", 2));
	assert_int_equal(att_pem_next(&two, "CERTIFICATE", NULL, &len, NULL), ATT_E_FORMAT);
}

static void a_failed_reader_stays_failed(void **state)
{
	att_reader r = att_reader_of(att_bytes_of(BEGIN, sizeof(BEGIN) - 1));
	size_t len = 1;
	(void)state;

	att_reader_mark(&r, "before");
	assert_int_equal(att_pem_next(&r, "CERTIFICATE", NULL, &len, NULL), ATT_E_FORMAT);
	assert_int_equal(len, 0);
}

static void looks(void **state)
{
	static const struct {
		const char *text;
		bool yes;
	} all[] = {
		{ "", false },
		{ " ", false },
		{ "-----BEGIN", false },
		{ "-----BEGIN ", true },
		{ "\r\n\t " BEGIN, true },
		{ "x" BEGIN, false },
		{ "-----END CERT", false },
	};
	(void)state;

	for (size_t i = 0; i < ATT_COUNT(all); i++)
		assert_int_equal(att_pem_looks(att_bytes_of(all[i].text, strlen(all[i].text))),
				 all[i].yes);
	assert_false(att_pem_looks(att_bytes_of(NULL, 0)));
}

static void writing_and_reading_back(void **state)
{
	uint8_t in[150];
	(void)state;

	for (unsigned i = 0; i < sizeof(in); i++)
		in[i] = (uint8_t)(i * 7 + 1);
	for (size_t n = 1; n <= sizeof(in); n++) {
		att_auto_buf att_buf b = { 0 };
		att_put_pem(&b, "X509 CRL", att_bytes_of(in, n));
		att_reader r = att_reader_of(att_buf_bytes(&b));
		uint8_t out[sizeof(in)];
		size_t len = n;
		assert_int_equal(att_pem_next(&r, "X509 CRL", out, &len, NULL), ATT_OK);
		assert_int_equal(len, n);
		assert_memory_equal(out, in, n);
	}
	att_auto_buf att_buf b = { 0 };
	att_put_pem(&b, "CERTIFICATE", att_bytes_of(in, 49));
	att_auto_mem char *text = att_buf_steal_str(&b);
	assert_int_equal(strcspn(text + sizeof(BEGIN), "\n"), 64);
	assert_non_null(strstr(text, "==\n" END "\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_come_one_by_one),
		cmocka_unit_test(nothing_is_missing),
		cmocka_unit_test(refusals),
		cmocka_unit_test(every_truncation_of_a_block),
		cmocka_unit_test(nul_only_at_the_end),
		cmocka_unit_test(a_failed_reader_stays_failed),
		cmocka_unit_test(looks),
		cmocka_unit_test(writing_and_reading_back),
	};

	return cmocka_run_group_tests_name("codec/pem", tests, NULL, NULL);
}
