/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "fetch/url.h"

static void bases(void **state)
{
	(void)state;
	static const struct {
		const char *url;
		const char *base;
		unsigned version;
		bool intel;
	} rows[] = {
		{ "https://localhost:8081/sgx/certification/v4/", "https://localhost:8081", 4,
		  false },
		{ "https://localhost:8081/sgx/certification/v3", "https://localhost:8081", 3,
		  false },
		{ "https://pccs.example", "https://pccs.example", 0, false },
		{ "https://pccs.example/", "https://pccs.example", 0, false },
		{ "https://pccs.example/behind/a/proxy/tdx/certification/v4",
		  "https://pccs.example/behind/a/proxy", 4, false },
		{ "https://api.trustedservices.intel.com/sgx/certification/v4/",
		  "https://api.trustedservices.intel.com", 4, true },
		{ "https://api.trustedservices.intel.com.evil.example/",
		  "https://api.trustedservices.intel.com.evil.example", 0, false },
		{ "http://127.0.0.1:8081/", "http://127.0.0.1:8081", 0, false },
		{ "http://127.8.9.1/", "http://127.8.9.1", 0, false },
		{ "http://[::1]:80/", "http://[::1]:80", 0, false },
		{ "http://localhost/", "http://localhost", 0, false },
	};

	for (size_t i = 0; i < ATT_COUNT(rows); i++) {
		struct att_fetch_base b;

		assert_int_equal(att_fetch_base_read(rows[i].url, &b, NULL), ATT_OK);
		assert_string_equal(b.text, rows[i].base);
		assert_int_equal(b.version, rows[i].version);
		assert_int_equal(b.intel, rows[i].intel);
	}
}

static void refused(void **state)
{
	(void)state;
	static const char *const urls[] = {
		"",
		"pccs.example",
		"ftp://pccs.example/",
		"file:///etc/passwd",
		"http://pccs.example:8081/",
		"http://localhost.example/",
		"http://128.0.0.1/",
		"http://0.0.0.0/",
		"https://user@pccs.example/",
		"https://user:secret@pccs.example/",
		"https://pccs.example/?a=b",
		"https://pccs.example/#a",
		"https://pccs.example/a b",
		"https://pccs.example/sgx/certification/v5/",
		"https://pccs.example/sgx/certification/v4/tcb",
	};

	for (size_t i = 0; i < ATT_COUNT(urls); i++) {
		struct att_fetch_base b;
		att_err err = { 0 };

		assert_int_equal(att_fetch_base_read(urls[i], &b, &err), ATT_E_FORMAT);
		assert_null(strstr(err.msg, "secret"));
	}
}

static void too_long(void **state)
{
	(void)state;
	char url[ATT_FETCH_URL_ROOM + 16] = "https://pccs.example/";
	struct att_fetch_base b;

	memset(url + strlen(url), 'a', sizeof(url) - 1 - strlen(url));
	assert_int_equal(att_fetch_base_read(url, &b, NULL), ATT_E_FORMAT);
}

static void crls(void **state)
{
	(void)state;
	static const struct {
		const char *url;
		bool good;
	} rows[] = {
		{ "https://certificates.trustedservices.intel.com/IntelSGXRootCA.der", true },
		{ "http://certificates.trustedservices.intel.com/IntelSGXRootCA.der", true },
		{ "http://localhost:8081/root.der", true },
		{ "http://crl.example/root.der", false },
		{ "http://trustedservices.intel.com.example/root.der", false },
		{ "http://crl.trustedservices.intel.com.example/root.der", false },
		{ "gopher://certificates.trustedservices.intel.com/", false },
	};

	for (size_t i = 0; i < ATT_COUNT(rows); i++)
		assert_int_equal(att_fetch_crl_url_check(rows[i].url, NULL),
				 rows[i].good ? ATT_OK : ATT_E_FORMAT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bases),
		cmocka_unit_test(refused),
		cmocka_unit_test(too_long),
		cmocka_unit_test(crls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
