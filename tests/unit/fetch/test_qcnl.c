/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "fetch/qcnl.h"

static att_rc parse(const char *text, struct att_qcnl *q, att_err *err)
{
	return att_qcnl_parse(att_bytes_of(text, strlen(text)), q, err);
}

static void json_form(void **state)
{
	(void)state;
	static const char text[] =
	    "{\n"
	    "  // *** where ***\n"
	    "  \"pccs_url\": \"https://pccs.example:8081/sgx/certification/v4/\", // \"no\": 1\n"
	    "  /* self-signed,\n of ours */ \"use_secure_cert\": false,\n"
	    "  \"collateral_service\": "
	    "\"https://api.trustedservices.intel.com/sgx/certification/v4/\",\n"
	    "  \"tcb_update_type\": \"early\",\n"
	    "  \"pccs_api_version\": \"3.1\",\n"
	    "  \"retry_times\": 6, \"retry_delay\": \"10\",\n"
	    "  \"local_pck_url\": \"http://localhost:8081/sgx/certification/v4/\",\n"
	    "  \"pck_cache_expire_hours\": 168,\n"
	    "  \"verify_collateral_cache_expire_hours\": 24,\n"
	    "  \"local_cache_only\": false,\n"
	    "  \"custom_request_options\": { \"get_cert\": {\n"
	    "    \"headers\": { \"head1\": \"value1\" },\n"
	    "    \"params\": { \"param1\": \"a b\", \"param2\": 7 } } },\n"
	    "  \"something\": null\n"
	    "}\n";
	struct att_qcnl q;

	assert_int_equal(parse(text, &q, NULL), ATT_OK);
	assert_int_equal(q.form, ATT_QCNL_JSON);
	assert_string_equal(q.pccs_url, "https://pccs.example:8081/sgx/certification/v4/");
	assert_false(q.use_secure_cert);
	assert_string_equal(q.collateral_service,
			    "https://api.trustedservices.intel.com/sgx/certification/v4/");
	assert_int_equal(q.update, ATT_QCNL_UPDATE_EARLY);
	assert_string_equal(q.pccs_api_version, "3.1");
	assert_int_equal(q.retry_times, 6);
	assert_int_equal(q.retry_delay, 10);
	assert_string_equal(q.local_pck_url, "http://localhost:8081/sgx/certification/v4/");
	assert_int_equal(q.pck_cache_expire_hours, 168);
	assert_int_equal(q.verify_collateral_cache_expire_hours, 24);
	assert_false(q.local_cache_only);
	assert_string_equal(q.headers[0], "head1: value1");
	assert_null(q.headers[1]);
	assert_string_equal(q.params[0], "param1=a b");
	assert_string_equal(q.params[1], "param2=7");
	assert_string_equal(q.unknown, "something");
	att_qcnl_free(&q);
	assert_null(q.pccs_url);
}

static void key_value_form(void **state)
{
	(void)state;
	static const char text[] = "# PCCS server address\r\n"
				   "PCCS_URL=https://localhost:8081/sgx/certification/v3/\r\n"
				   "\n"
				   " USE_SECURE_CERT = FALSE # self-signed\n"
				   "COLLATERAL_SERVICE=\"https://a.example/\"\n"
				   "PCCS_API_VERSION=3.0\n"
				   "RETRY_TIMES=0\nRETRY_DELAY=1\n"
				   "LOCAL_PCK_URL=http://localhost/\n"
				   "PCK_CACHE_EXPIRE_HOURS=1\n"
				   "VERIFY_COLLATERAL_CACHE_EXPIRE_HOURS=0\n"
				   "LOCAL_CACHE_ONLY=TRUE\n"
				   "OTHER=1";
	struct att_qcnl q;

	assert_int_equal(parse(text, &q, NULL), ATT_OK);
	assert_int_equal(q.form, ATT_QCNL_KEY_VALUE);
	assert_string_equal(q.pccs_url, "https://localhost:8081/sgx/certification/v3/");
	assert_false(q.use_secure_cert);
	assert_string_equal(q.collateral_service, "https://a.example/");
	assert_string_equal(q.pccs_api_version, "3.0");
	assert_int_equal(q.retry_times, 0);
	assert_int_equal(q.retry_delay, 1);
	assert_string_equal(q.local_pck_url, "http://localhost/");
	assert_int_equal(q.pck_cache_expire_hours, 1);
	assert_int_equal(q.verify_collateral_cache_expire_hours, 0);
	assert_true(q.local_cache_only);
	assert_string_equal(q.unknown, "OTHER");
	att_qcnl_free(&q);
}

static void silence(void **state)
{
	(void)state;
	static const char *const texts[] = { "", "# nothing\n", "{}", "  // only this\n{ }\n" };

	for (size_t i = 0; i < ATT_COUNT(texts); i++) {
		struct att_qcnl q;

		assert_int_equal(parse(texts[i], &q, NULL), ATT_OK);
		assert_null(q.pccs_url);
		assert_true(q.use_secure_cert);
		assert_int_equal(q.retry_times, -1);
		assert_int_equal(q.verify_collateral_cache_expire_hours, -1);
		assert_int_equal(q.update, ATT_QCNL_UPDATE_NONE);
		att_qcnl_free(&q);
	}
}

static void refused(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		const char *words;
	} rows[] = {
		{ "{\n\"pccs_url\": \n}", "line 3" },
		{ "{\"pccs_url\": 7}", "pccs_url: expected an address" },
		{ "{\"pccs_url\": [\"https://a\"]}", "pccs_url: expected a string" },
		{ "{\"pccs_url\": \"file:///etc/passwd\"}", "expected an address" },
		{ "{\"pccs_url\": \"https://a b/\"}", "blanks" },
		{ "{\"use_secure_cert\": \"maybe\"}", "expected true or false, seen 'maybe'" },
		{ "{\"tcb_update_type\": \"late\"}", "expected early or standard" },
		{ "{\"retry_times\": -1}", "expected a number" },
		{ "{\"retry_times\": 99999999999999999999}", "expected a number up to" },
		{ "{\"retry_times\": \"\"}", "expected a number" },
		{ "{\"custom_request_options\": 1}", "expected an object" },
		{ "{\"custom_request_options\": {\"get_cert\": {\"headers\": 1}}}",
		  "expected an object" },
		{ "{\"custom_request_options\": {\"get_cert\": []}}", "expected an object" },
		{ "{\"retry_times\": 1, \"retry_times\": 2}", "line 1" },
		{ "{} trailing", "line 1" },
		{ "PCCS_URL=https://a/\nwhat is this\n",
		  "line 2: configuration: expected KEY=VALUE" },
		{ "RETRY_TIMES=many\n", "line 1: RETRY_TIMES: expected a number, seen 'many'" },
		{ "PCCS_URL=ht\n", "expected an address" },
		{ "USE_SECURE_CERT=\n", "expected true or false" },
	};

	for (size_t i = 0; i < ATT_COUNT(rows); i++) {
		struct att_qcnl q;
		att_err err = { 0 };

		assert_int_equal(parse(rows[i].text, &q, &err), ATT_E_FORMAT);
		assert_non_null(strstr(err.msg, rows[i].words));
		assert_null(q.pccs_url);
	}
}

static void too_many_options(void **state)
{
	(void)state;
	att_auto_buf att_buf text = { 0 };
	struct att_qcnl q;
	att_err err = { 0 };

	att_put_str(&text, "{\"custom_request_options\":{\"get_cert\":{\"headers\":{\"h\":\"v\"");
	for (unsigned i = 0; i < ATT_QCNL_CUSTOM_MAX; i++)
		att_putf(&text, ",\"h%u\":\"v\"", i);
	att_put_str(&text, "}}}}");
	att_put_u8(&text, 0);
	assert_int_equal(parse((const char *)text.ptr, &q, &err), ATT_E_FORMAT);
	assert_non_null(strstr(err.msg, "more than 16"));
}

static void too_large(void **state)
{
	(void)state;
	static uint8_t text[ATT_QCNL_MAX + 1];
	struct att_qcnl q;

	memset(text, '#', sizeof(text));
	assert_int_equal(att_qcnl_parse(att_bytes_of(text, sizeof(text)), &q, NULL), ATT_E_FORMAT);
	assert_int_equal(att_qcnl_parse(att_bytes_of(text, sizeof(text) - 1), &q, NULL), ATT_OK);
	att_qcnl_free(&q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_form), cmocka_unit_test(key_value_form),
		cmocka_unit_test(silence),   cmocka_unit_test(refused),
		cmocka_unit_test(too_large), cmocka_unit_test(too_many_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
