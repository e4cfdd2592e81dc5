/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/text.h"
#include "codec/http.h"
#include "fail_alloc.h"

static att_bytes text(const char *s)
{
	return att_bytes_of(s, strlen(s));
}

static void test_target(void **state)
{
	struct att_http_request r = { 0 };

	(void)state;
	assert_int_equal(
	    att_http_request_line(&r, "GET",
				  "/sgx/tcb?fmspc=00A0&update=early&empty=&flag&&p=%41+b", NULL),
	    ATT_OK);
	assert_string_equal(r.method, "GET");
	assert_string_equal(r.path, "/sgx/tcb");
	assert_int_equal(r.param_count, 5);
	assert_string_equal(att_http_param(&r, "fmspc"), "00A0");
	assert_string_equal(att_http_param(&r, "empty"), "");
	assert_string_equal(att_http_param(&r, "flag"), "");
	assert_string_equal(att_http_param(&r, "p"), "A+b");
	assert_null(att_http_param(&r, "FMSPC"));
	/* Another line makes it another request. */
	assert_int_equal(att_http_request_line(&r, "DELETE", "/", NULL), ATT_OK);
	assert_int_equal(r.param_count, 0);
	assert_string_equal(r.path, "/");
	att_http_request_free(&r);
	att_http_request_free(NULL);
}

static void test_bad_targets(void **state)
{
	static const char *const bad[] = {
		"",          "x",       "http://host/", "*",         "/a b",        "/a\x7f",
		"/\xc3\xa4", "/a#b",    "/a\r\nb",      "/?a=%",     "/?a=%4",      "/?a=%zz",
		"/?a=%00",   "/?a=%0a", "/?a=%c3%a4",   "/?a=1&a=2", "/?a=1&%61=2", "/?=1",
	};

	(void)state;
	for (size_t i = 0; i < ATT_COUNT(bad); i++) {
		struct att_http_request r = { 0 };
		att_err err = { 0 };
		assert_int_equal(att_http_request_line(&r, "GET", bad[i], &err), ATT_E_FORMAT);
		assert_true(err.msg[0]);
		att_http_request_free(&r);
	}
}

static void test_limits_of_targets(void **state)
{
	static char long_target[(64 << 10) + 2];
	struct att_http_request r = { 0 };

	(void)state;
	memset(long_target, 'a', sizeof(long_target) - 1);
	long_target[0] = '/';
	assert_int_equal(att_http_request_line(&r, "GET", long_target, NULL), ATT_E_FORMAT);
	long_target[64 << 10] = 0;
	assert_int_equal(att_http_request_line(&r, "GET", long_target, NULL), ATT_OK);
	assert_int_equal(
	    att_http_request_line(&r, "GET", "/?a&b&c&d&e&f&g&h&i&j&k&l&m&n&o&p", NULL), ATT_OK);
	assert_int_equal(r.param_count, ATT_HTTP_PARAMS_MAX);
	assert_int_equal(
	    att_http_request_line(&r, "GET", "/?a&b&c&d&e&f&g&h&i&j&k&l&m&n&o&p&q", NULL),
	    ATT_E_FORMAT);
	assert_int_equal(att_http_request_line(&r, "", "/", NULL), ATT_E_FORMAT);
	assert_int_equal(att_http_request_line(&r, "OPTIONSS", "/", NULL), ATT_E_FORMAT);
	assert_int_equal(att_http_request_line(&r, "G T", "/", NULL), ATT_E_FORMAT);
	att_http_request_free(&r);
}

static void test_request_headers(void **state)
{
	struct att_http_request r = { 0 };
	char name[16];

	(void)state;
	assert_int_equal(att_http_request_header(&r, "User-Token", "abc\tdef", NULL), ATT_OK);
	assert_string_equal(att_http_header(&r, "user-TOKEN"), "abc\tdef");
	assert_null(att_http_header(&r, "user-toke"));
	assert_int_equal(att_http_request_header(&r, "", "x", NULL), ATT_E_FORMAT);
	assert_int_equal(att_http_request_header(&r, "a b", "x", NULL), ATT_E_FORMAT);
	assert_int_equal(att_http_request_header(&r, "a:", "x", NULL), ATT_E_FORMAT);
	assert_int_equal(att_http_request_header(&r, "a", "x\r\ny: z", NULL), ATT_E_FORMAT);
	assert_int_equal(att_http_request_header(&r, "a", "\xff", NULL), ATT_E_FORMAT);
	for (int i = 1; i < (int)ATT_HTTP_HEADERS_MAX; i++) {
		snprintf(name, sizeof(name), "h%d", i);
		assert_int_equal(att_http_request_header(&r, name, "", NULL), ATT_OK);
	}
	assert_int_equal(att_http_request_header(&r, "one-more", "", NULL), ATT_E_FORMAT);
	att_http_request_free(&r);
}

static void test_response(void **state)
{
	struct att_http_response r = { .status = 200 };

	(void)state;
	att_http_put_header(&r, "Request-ID", "abc");
	assert_string_equal(att_http_response_header(&r, "request-id"), "abc");
	assert_null(att_http_response_header(&r, "request"));
	assert_false(r.body.failed);
	att_http_put_header(&r, "Warning", "a\nb");
	assert_true(r.body.failed);
	assert_null(att_http_response_header(&r, "Warning"));
	att_http_response_free(&r);
	for (size_t i = 0; i <= ATT_HTTP_HEADERS_MAX; i++) {
		assert_false(r.body.failed);
		att_http_put_header(&r, "a", "b");
	}
	assert_true(r.body.failed);
	att_http_response_free(&r);
	att_http_response_free(NULL);
}

static void test_reasons(void **state)
{
	(void)state;
	assert_string_equal(att_http_reason(200), "OK");
	assert_string_equal(att_http_reason(404), "Not Found");
	assert_string_equal(att_http_reason(429), "Too Many Requests");
	assert_string_equal(att_http_reason(461), "Platform Unknown");
	assert_string_equal(att_http_reason(299), "Unknown");
}

static void test_percent(void **state)
{
	att_auto_buf att_buf b = { 0 };
	att_auto_buf att_buf back = { 0 };
	const uint8_t raw[] = {
		'a', 'Z', '0', '-', '.', '_', '~', ' ', '+', '/', '%', 0, 0xff, '\n'
	};

	(void)state;
	att_http_put_percent(&b, att_bytes_of(raw, sizeof(raw)));
	assert_true(att_bytes_eq(att_buf_bytes(&b), text("aZ0-._~%20%2B%2F%25%00%FF%0A")));
	assert_int_equal(att_percent_decode(att_buf_bytes(&b), &back, NULL), ATT_OK);
	assert_true(att_bytes_eq(att_buf_bytes(&back), att_bytes_of(raw, sizeof(raw))));
	assert_int_equal(att_percent_decode(text("%4"), &back, NULL), ATT_E_FORMAT);
}

static void test_no_memory(void **state)
{
	att_rc rc = ATT_E_NOMEM;

	(void)state;
	for (size_t k = 1; rc != ATT_OK; k++) {
		struct att_http_request r = { 0 };
		alloc_watch(k);
		rc = att_http_request_line(&r, "GET", "/path?a=1&b=%41", NULL);
		if (rc == ATT_OK)
			rc = att_http_request_header(&r, "Host", "x", NULL);
		alloc_unwatch();
		assert_true(rc == ATT_OK || rc == ATT_E_NOMEM);
		att_http_request_free(&r);
		assert_true(k < 100);
	}
	struct att_http_response a = { 0 };
	alloc_watch(2);
	att_http_put_header(&a, "A", "b");
	alloc_unwatch();
	assert_true(a.body.failed && a.header_count == 0);
	att_http_response_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_target),
		cmocka_unit_test(test_bad_targets),
		cmocka_unit_test(test_limits_of_targets),
		cmocka_unit_test(test_request_headers),
		cmocka_unit_test(test_response),
		cmocka_unit_test(test_reasons),
		cmocka_unit_test(test_percent),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
