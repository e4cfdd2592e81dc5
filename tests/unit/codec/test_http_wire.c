/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "codec/http_wire.h"
#include "fail_alloc.h"

static att_bytes text(const char *s)
{
	return att_bytes_of(s, strlen(s));
}

static void test_head_len(void **state)
{
	static const char head[] = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
	size_t len = sizeof(head) - 1;
	size_t seen = 0;

	(void)state;
	/* Byte by byte, as a slow peer sends it: whole with its last one only. */
	for (size_t i = 0; i < len; i++)
		assert_int_equal(att_http_head_len(att_bytes_of(head, i), &seen), 0);
	assert_int_equal(att_http_head_len(att_bytes_of(head, len), &seen), len);
	seen = 0;
	assert_int_equal(att_http_head_len(text("GET / HTTP/1.1\n\nbody"), &seen), 16);
	/* An empty line before the request is not its end. */
	seen = 0;
	assert_int_equal(att_http_head_len(text("\r\nGET / HTTP/1.1\r\n"), &seen), 0);
	assert_int_equal(att_http_head_len(text("\r\nGET / HTTP/1.1\r\n\r\n"), &seen), 20);
}

/* The status that a head is refused with; 0: it is taken. */
static int judge(const char *head, struct att_http_head *out)
{
	struct att_http_request r = { 0 };
	att_rc rc = att_http_head_parse(text(head), &r, out, NULL);

	att_http_request_free(&r);
	assert_int_equal(rc == ATT_OK, out->status == 0);
	return out->status;
}

static void test_heads(void **state)
{
	static const struct {
		const char *head;
		int status;
		enum att_http_framing framing;
		bool keep_alive;
	} all[] = {
		{ "GET / HTTP/1.1\r\nHost: a\r\n\r\n", 0, ATT_HTTP_NO_BODY, true },
		{ "\r\nGET / HTTP/1.1\r\n\r\n", 0, ATT_HTTP_NO_BODY, true },
		{ "GET / HTTP/1.1\nHost:a\n\n", 0, ATT_HTTP_NO_BODY, true },
		{ "GET / HTTP/1.0\r\n\r\n", 0, ATT_HTTP_NO_BODY, false },
		{ "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", 0, ATT_HTTP_NO_BODY, true },
		{ "GET / HTTP/1.1\r\nConnection: te, close\r\n\r\n", 0, ATT_HTTP_NO_BODY, false },
		{ "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n", 0, ATT_HTTP_LENGTH, true },
		{ "POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n", 0, ATT_HTTP_NO_BODY, true },
		{ "PUT / HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n", 0, ATT_HTTP_CHUNKED,
		  true },
		{ "GET / HTTP/1.1\r\nX-Long:\t value \t\r\n\r\n", 0, ATT_HTTP_NO_BODY, true },
		/* Requests that can be read in two ways are how requests are smuggled. */
		{ "POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n", 400, 0, 0 },
		{ "POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400,
		  0, 0 },
		{ "POST / HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n",
		  400, 0, 0 },
		{ "POST / HTTP/1.1\r\nContent-Length: +5\r\n\r\n", 400, 0, 0 },
		{ "POST / HTTP/1.1\r\nContent-Length: 5, 5\r\n\r\n", 400, 0, 0 },
		{ "POST / HTTP/1.1\r\nContent-Length: 0x5\r\n\r\n", 400, 0, 0 },
		{ "POST / HTTP/1.1\r\nContent-Length:\r\n\r\n", 400, 0, 0 },
		{ "POST / HTTP/1.1\r\nContent-Length: 9999999999999999999\r\n\r\n", 400, 0, 0 },
		{ "POST / HTTP/1.1\r\nContent-Length : 5\r\n\r\n", 400, 0, 0 },
		{ "POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501, 0, 0 },
		{ "POST / HTTP/1.1\r\nTransfer-Encoding: identity\r\n\r\n", 501, 0, 0 },
		{ "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400, 0, 0 },
		{ "GET / HTTP/1.1\r\nA: b\r\n folded\r\n\r\n", 400, 0, 0 },
		{ "GET / HTTP/1.1\r\n: b\r\n\r\n", 400, 0, 0 },
		{ "GET / HTTP/1.1\r\nno colon\r\n\r\n", 400, 0, 0 },
		{ "GET  / HTTP/1.1\r\n\r\n", 400, 0, 0 },
		{ "GET /\r\n\r\n", 400, 0, 0 },
		{ "GET / HTTP/1.1 \r\n\r\n", 400, 0, 0 },
		{ "GET / HTTP/2.0\r\n\r\n", 505, 0, 0 },
		{ "GET / HTTP/1.2\r\n\r\n", 505, 0, 0 },
		{ "GET / http/1.1\r\n\r\n", 400, 0, 0 },
		{ "BREW / HTTP/1.1\r\n\r\n", 501, 0, 0 },
		{ "get / HTTP/1.1\r\n\r\n", 501, 0, 0 },
		{ "OPTIONS * HTTP/1.1\r\n\r\n", 501, 0, 0 },
		{ "GET http://a/ HTTP/1.1\r\n\r\n", 400, 0, 0 },
		{ "GET / HTTP/1.1\r\nExpect: 200-ok\r\n\r\n", 417, 0, 0 },
		{ "\r\n\r\n", 400, 0, 0 },
		{ "", 400, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ATT_COUNT(all); i++) {
		struct att_http_head h;
		assert_int_equal(judge(all[i].head, &h), all[i].status);
		if (all[i].status)
			continue;
		assert_int_equal(h.framing, all[i].framing);
		assert_int_equal(h.keep_alive, all[i].keep_alive);
	}
}

static void test_head_values(void **state)
{
	struct att_http_request r = { 0 };
	struct att_http_head h;

	(void)state;
	assert_int_equal(
	    att_http_head_parse(text("PUT /a?b=c HTTP/1.1\r\nX:  y z \r\nContent-Length: 123\r\n"
				     "Expect: 100-continue\r\n\r\n"),
				&r, &h, NULL),
	    ATT_OK);
	assert_string_equal(r.method, "PUT");
	assert_string_equal(att_http_param(&r, "b"), "c");
	assert_string_equal(att_http_header(&r, "x"), "y z");
	assert_int_equal(h.length, 123);
	assert_true(h.expects_continue);
	att_http_request_free(&r);
	static const char nul[] = "GET /\0 HTTP/1.1\r\n\r\n";
	assert_int_equal(att_http_head_parse(att_bytes_of(nul, sizeof(nul) - 1), &r, &h, NULL),
			 ATT_E_FORMAT);
	att_http_request_free(&r);
}

static void test_too_many_headers(void **state)
{
	att_auto_buf att_buf b = { 0 };
	struct att_http_request r = { 0 };
	struct att_http_head h;

	(void)state;
	att_put_str(&b, "GET / HTTP/1.1\r\n");
	for (size_t i = 0; i <= ATT_HTTP_HEADERS_MAX; i++)
		att_putf(&b, "h%zu: v\r\n", i);
	att_put_str(&b, "\r\n");
	assert_int_equal(att_http_head_parse(att_buf_bytes(&b), &r, &h, NULL), ATT_E_FORMAT);
	assert_int_equal(h.status, 431);
	att_http_request_free(&r);
}

/* Feeds the text in pieces of `step` bytes; what is left over is counted. */
static att_rc chunked(const char *in, size_t step, size_t max, att_buf *body, size_t *left)
{
	struct att_http_chunks c = { 0 };
	att_bytes rest = text(in);
	att_rc rc = ATT_OK;

	while (rc == ATT_OK && rest.len && !c.done) {
		size_t used = 0;
		size_t n = rest.len < step ? rest.len : step;
		rc = att_http_chunks_take(&c, att_bytes_of(rest.ptr, n), max, body, &used, NULL);
		assert_true(rc != ATT_OK || c.done || used == n);
		rest = att_bytes_of(rest.ptr + used, rest.len - used);
	}
	*left = rest.len;
	return rc == ATT_OK && !c.done ? (att_rc)ATT_E_TRUNCATED : rc;
}

static void test_chunks(void **state)
{
	static const struct {
		const char *in;
		att_rc rc;
		const char *body;
		size_t left;
	} all[] = {
		{ "5\r\nhello\r\n0\r\n\r\n", ATT_OK, "hello", 0 },
		{ "5\r\nhello\r\n6; x=\"y\"\r\n world\r\n0\r\n\r\nnext", ATT_OK, "hello world", 4 },
		{ "A\r\n0123456789\r\n00\r\nTrailer: x\r\nAnother: y\r\n\r\n", ATT_OK, "0123456789",
		  0 },
		/* A bare LF, which others read over, would end a chunk too early for them. */
		{ "3\nabc\r\n0\r\n\r\n", ATT_E_FORMAT, NULL, 0 },
		{ "3;\nabc\r\n0\r\n\r\n", ATT_E_FORMAT, NULL, 0 },
		{ "3\r\nabc\n0\r\n\r\n", ATT_E_FORMAT, NULL, 0 },
		{ "0\r\n\n", ATT_E_FORMAT, NULL, 0 },
		{ "0\r\nTrailer: x\n\r\n", ATT_E_FORMAT, NULL, 0 },
		{ "0\r\n\r\n", ATT_OK, "", 0 },
		{ "5\r\nhello\r\n0\r\n", ATT_E_TRUNCATED, "hello", 0 },
		{ "5\r\nhel", ATT_E_TRUNCATED, "hel", 0 },
		{ "5\r\nhello!\r\n", ATT_E_FORMAT, NULL, 0 },
		{ "\r\nhello", ATT_E_FORMAT, NULL, 0 },
		{ "g\r\n", ATT_E_FORMAT, NULL, 0 },
		{ "-1\r\n", ATT_E_FORMAT, NULL, 0 },
		{ "0x5\r\n", ATT_E_FORMAT, NULL, 0 },
		{ "5\rX", ATT_E_FORMAT, NULL, 0 },
		{ "123456789\r\n", ATT_E_FORMAT, NULL, 0 },
		{ "0\r\n\rX", ATT_E_FORMAT, NULL, 0 },
		{ "41\r\n", ATT_E_ARG, NULL, 0 },
		{ "ffffffff\r\n", ATT_E_ARG, NULL, 0 },
		{ "40\r\n0123456789012345678901234567890123456789012345678901234567890123\r\n1\r\n",
		  ATT_E_ARG, NULL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ATT_COUNT(all); i++) {
		for (size_t step = 1; step < 80; step += 13) {
			att_auto_buf att_buf body = { 0 };
			size_t left = 0;
			assert_int_equal(chunked(all[i].in, step, 64, &body, &left), all[i].rc);
			if (all[i].body)
				assert_true(att_bytes_eq(att_buf_bytes(&body), text(all[i].body)));
			if (all[i].rc == ATT_OK)
				assert_int_equal(left, all[i].left);
		}
	}
}

static void test_endless_framing(void **state)
{
	struct att_http_chunks c = { 0 };
	att_auto_buf att_buf body = { 0 };
	static char extension[16 << 10];
	size_t used;

	(void)state;
	memset(extension, 'x', sizeof(extension));
	assert_int_equal(att_http_chunks_take(&c, text("1;"), 64, &body, &used, NULL), ATT_OK);
	assert_int_equal(att_http_chunks_take(&c, att_bytes_of(extension, sizeof(extension)), 64,
					      &body, &used, NULL),
			 ATT_E_FORMAT);
}

static void test_put_head(void **state)
{
	struct att_http_response r = { .status = 404 };
	att_auto_buf att_buf b = { 0 };

	(void)state;
	att_http_put_header(&r, "Error-Code", "x");
	att_http_put_head(&b, &r, 7);
	r.status = 204;
	att_http_put_head(&b, &r, 0);
	assert_true(
	    att_bytes_eq(att_buf_bytes(&b),
			 text("HTTP/1.1 404 Not Found\r\nError-Code: x\r\nContent-Length: 7\r\n"
			      "HTTP/1.1 204 No Content\r\nError-Code: x\r\n")));
	att_http_response_free(&r);
}

static void test_no_memory(void **state)
{
	att_rc rc = ATT_E_NOMEM;

	(void)state;
	for (size_t k = 1; rc != ATT_OK; k++) {
		struct att_http_request r = { 0 };
		struct att_http_head h;
		alloc_watch(k);
		rc = att_http_head_parse(text("GET /a?b=c HTTP/1.1\r\nHost: x\r\n\r\n"), &r, &h,
					 NULL);
		alloc_unwatch();
		assert_true(rc == ATT_OK || (rc == ATT_E_NOMEM && h.status == 500));
		att_http_request_free(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_head_len),    cmocka_unit_test(test_heads),
		cmocka_unit_test(test_head_values), cmocka_unit_test(test_too_many_headers),
		cmocka_unit_test(test_chunks),      cmocka_unit_test(test_endless_framing),
		cmocka_unit_test(test_put_head),    cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
