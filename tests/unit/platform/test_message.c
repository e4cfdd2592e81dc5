/* SPDX-License-Identifier: Apache-2.0 */
/* The messages, from hand-made frames: the numbers here are those of the protocol, not of the
 * generated code. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../fail_alloc.h"
#include "base/mem.h"
#include "platform/aesm/frame.h"
#include "platform/aesm/message.h"

#define TEXT(text) text, sizeof(text) - 1
#define BODY(text) att_bytes_of(TEXT(text))

static att_bytes body_of(const att_buf *frame)
{
	att_bytes body;

	assert_int_equal(att_aesm_frame_parse(att_buf_bytes(frame), &body, NULL), ATT_OK);
	return body;
}

static const struct {
	enum att_aesm_call call;
	const char *name;
} all[] = {
	{ ATT_AESM_INIT_QUOTE, "init quote" },
	{ ATT_AESM_GET_QUOTE, "get quote" },
	{ ATT_AESM_LAUNCH_TOKEN, "get launch token" },
	{ ATT_AESM_REPORT_ERROR, "report attestation error" },
	{ ATT_AESM_WHITE_LIST_SIZE, "get white list size" },
	{ ATT_AESM_WHITE_LIST, "get white list" },
	{ ATT_AESM_EXTENDED_GROUP, "get extended EPID group id" },
	{ ATT_AESM_SWITCH_GROUP, "switch extended EPID group" },
	{ ATT_AESM_REGISTER, "register" },
	{ ATT_AESM_INIT_QUOTE_EX, "init quote ex" },
	{ ATT_AESM_QUOTE_SIZE_EX, "get quote size ex" },
	{ ATT_AESM_GET_QUOTE_EX, "get quote ex" },
	{ ATT_AESM_CHECK_UPDATE, "check update status" },
	{ ATT_AESM_SELECT_KEY, "select attestation key id" },
	{ ATT_AESM_KEY_COUNT, "get number of attestation key ids" },
	{ ATT_AESM_KEY_IDS, "get attestation key ids" },
};

static void calls_have_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATT_COUNT(all); i++)
		assert_string_equal(att_aesm_call_name(all[i].call), all[i].name);
	assert_string_equal(att_aesm_call_name(20), "unsupported request");
	assert_null(att_aesm_call_name(0));
	assert_null(att_aesm_call_name(5)); /* of the platform services, long gone */
	assert_null(att_aesm_call_name(23));
}

/* Every call's answer with an error: the outer number as a tag, then field 1. */
static void every_error_answer(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATT_COUNT(all); i++) {
		const struct att_aesm_response a = { .call = all[i].call, .error = 42 };
		att_auto_aesm_response struct att_aesm_response back = { 0 };
		att_auto_buf att_buf b = { 0 };
		unsigned tag = (unsigned)all[i].call << 3 | 2;

		assert_int_equal(att_aesm_response_put(&a, &b, NULL), ATT_OK);
		att_bytes body = body_of(&b);
		if (tag < 0x80) {
			const uint8_t want[] = { (uint8_t)tag, 2, 8, 42 };
			assert_int_equal(body.len, 4);
			assert_memory_equal(body.ptr, want, 4);
		} else {
			const uint8_t want[] = { (uint8_t)(tag | 0x80), 1, 2, 8, 42 };
			assert_int_equal(body.len, 5);
			assert_memory_equal(body.ptr, want, 5);
		}
		assert_int_equal(att_aesm_response_decode(body, &back, NULL), ATT_OK);
		assert_int_equal(back.call, all[i].call);
		assert_int_equal(back.error, 42);
		assert_int_equal(att_aesm_response_check(&back, NULL), ATT_OK);
	}
}

/* The timeout is field 9, but for one request, where it is field 2. */
static void timeouts(void **state)
{
	const struct att_aesm_request init = { .call = ATT_AESM_INIT_QUOTE,
					       .timeout = att_aesm_number(15000) };
	const struct att_aesm_request pick = { .call = ATT_AESM_SELECT_KEY,
					       .timeout = att_aesm_number(15000) };
	const struct att_aesm_request none = { .call = ATT_AESM_INIT_QUOTE };
	struct att_aesm_request big = init;
	att_auto_buf att_buf a = { 0 }, b = { 0 }, c = { 0 };

	(void)state;
	assert_int_equal(att_aesm_request_put(&init, &a, NULL), ATT_OK);
	assert_memory_equal(body_of(&a).ptr, "\x0a\x03\x48\x98\x75", 5);
	assert_int_equal(att_aesm_request_put(&pick, &b, NULL), ATT_OK);
	assert_memory_equal(body_of(&b).ptr, "\x9a\x01\x03\x10\x98\x75", 6);
	assert_int_equal(att_aesm_request_put(&none, &c, NULL), ATT_OK);
	assert_int_equal(c.len, 6);
	assert_memory_equal(c.ptr, "\x02\0\0\0\x0a\0", 6);
	big.timeout = att_aesm_number(UINT64_C(1) << 32);
	assert_int_equal(att_aesm_request_put(&big, &c, NULL), ATT_E_ARG);
}

static void numbers_keep_their_width(void **state)
{
	static uint8_t id[ATT_AESM_KEY_ID];
	struct att_aesm_request q = { .call = ATT_AESM_INIT_QUOTE_EX };
	att_auto_aesm_request struct att_aesm_request back = { 0 };
	att_auto_buf att_buf b = { 0 };

	(void)state;
	q.init_quote_ex.att_key_id = att_bytes_of(id, sizeof(id));
	q.init_quote_ex.b_pub_key_id = att_aesm_number(1);
	q.init_quote_ex.buf_size = att_aesm_number(UINT64_MAX);
	assert_int_equal(att_aesm_request_put(&q, &b, NULL), ATT_OK);
	assert_int_equal(att_aesm_request_decode(body_of(&b), &back, NULL), ATT_OK);
	assert_true(back.init_quote_ex.buf_size.given);
	assert_true(back.init_quote_ex.buf_size.value == UINT64_MAX);
	assert_int_equal(back.init_quote_ex.b_pub_key_id.value, 1);
	assert_false(back.timeout.given);
	q.init_quote_ex.b_pub_key_id = att_aesm_number(2);
	assert_int_equal(att_aesm_request_put(&q, &b, NULL), ATT_E_ARG);
}

static void what_is_required_is_demanded(void **state)
{
	static const uint8_t report[ATT_AESM_REPORT];
	struct att_aesm_request q = { .call = ATT_AESM_GET_QUOTE_EX };
	att_auto_buf att_buf b = { 0 };
	att_err err = { 0 };

	(void)state;
	assert_int_equal(att_aesm_request_put(&q, &b, &err), ATT_E_ARG);
	assert_non_null(strstr(err.msg, "no report"));
	q.get_quote_ex.report = att_bytes_of(report, sizeof(report));
	assert_int_equal(att_aesm_request_put(&q, &b, &err), ATT_E_ARG);
	assert_non_null(strstr(err.msg, "no buf_size"));
	q.get_quote_ex.buf_size = att_aesm_number(0);
	assert_int_equal(att_aesm_request_put(&q, &b, NULL), ATT_OK);
	q.call = (enum att_aesm_call)20;
	assert_int_equal(att_aesm_request_put(&q, &b, NULL), ATT_E_ARG);
	q.call = (enum att_aesm_call)5;
	assert_int_equal(att_aesm_request_put(&q, &b, NULL), ATT_E_ARG);
}

static void bodies_that_are_no_message(void **state)
{
	static const struct {
		const char *why;
		const char *text;
		size_t len;
	} rows[] = {
		{ "nothing", TEXT("") },
		{ "no call", TEXT("\xf8\x01\x00") },                 /* field 31 */
		{ "a call nobody knows", TEXT("\x2a\x02\x08\x00") }, /* 5 */
		{ "two calls", TEXT("\x0a\x00\x62\x00") },
		{ "length beyond the end", TEXT("\x0a\x05\x48\x98\x75\x00") },
		{ "tag 0", TEXT("\x02\x00") },
		{ "a varint without end",
		  TEXT("\x0a\x0b\x48\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff") },
		{ "a number where bytes must be", TEXT("\x8a\x01\x04\x08\x00\x20\x00") },
		{ "nothing of what get quote requires", TEXT("\x12\x00") },
		{ "report missing", TEXT("\x8a\x01\x02\x20\x00") },
		{ "garbage", TEXT("GET / HTTP/1.1\r\n\r\n") },
	};

	(void)state;
	for (size_t i = 0; i < ATT_COUNT(rows); i++) {
		struct att_aesm_request q;
		att_err err = { 0 };

		if (att_aesm_request_decode(att_bytes_of(rows[i].text, rows[i].len), &q, &err) !=
		    ATT_E_FORMAT)
			fail_msg("%s", rows[i].why);
		assert_int_equal(err.rc, ATT_E_FORMAT);
		assert_null(q.owned);
	}
	struct att_aesm_response a;
	assert_int_equal(att_aesm_response_decode(BODY("\x0a\x00"), &a, NULL), ATT_E_FORMAT);
	assert_int_equal(
	    att_aesm_response_decode(BODY("\x0a\x02\x08\x00\x62\x02\x08\x00"), &a, NULL),
	    ATT_E_FORMAT);
}

/* A newer peer may say more: outside the message, and in it. */
static void unknown_fields_are_passed_over(void **state)
{
	att_auto_aesm_request struct att_aesm_request q = { 0 };
	att_auto_aesm_response struct att_aesm_response a = { 0 };

	(void)state;
	assert_int_equal(att_aesm_request_decode(
			     BODY("\xfa\x01\x01x\x0a\x07\x82\x02\x01y\x48\x98\x75"), &q, NULL),
			 ATT_OK);
	assert_int_equal(q.call, ATT_AESM_INIT_QUOTE);
	assert_int_equal(q.timeout.value, 15000);
	assert_int_equal(
	    att_aesm_response_decode(BODY("\x62\x07\x08\x00\x10\x07\x7a\x01z"), &a, NULL), ATT_OK);
	assert_int_equal(a.extended_group.x_group_id.value, 7);
}

static void empty_bytes_are_there(void **state)
{
	att_auto_aesm_request struct att_aesm_request q = { 0 };

	(void)state;
	assert_int_equal(att_aesm_request_decode(BODY("\x9a\x01\x02\x0a\x00"), &q, NULL), ATT_OK);
	assert_non_null(q.select_key.att_key_id_list.ptr);
	assert_int_equal(q.select_key.att_key_id_list.len, 0);
	assert_int_equal(att_aesm_request_check(&q, NULL), ATT_E_FORMAT);
}

static void lengths_of_requests(void **state)
{
	static const uint8_t some[512];
	struct att_aesm_request q = { .call = ATT_AESM_GET_QUOTE };
	att_err err = { 0 };

	(void)state;
	q.get_quote.report = att_bytes_of(some, ATT_AESM_REPORT);
	q.get_quote.spid = att_bytes_of(some, ATT_AESM_SPID);
	assert_int_equal(att_aesm_request_check(&q, NULL), ATT_OK);
	q.get_quote.nonce = att_bytes_of(some, 15);
	assert_int_equal(att_aesm_request_check(&q, &err), ATT_E_FORMAT);
	assert_string_equal(err.msg, "AESM request \"get quote\": nonce is 15 bytes, expected 16 "
				     "to 16");
	q.get_quote.nonce = att_bytes_of(some, 16);
	q.get_quote.report.len++;
	assert_int_equal(att_aesm_request_check(&q, &err), ATT_E_FORMAT);
	q = (struct att_aesm_request){ .call = ATT_AESM_INIT_QUOTE_EX };
	q.init_quote_ex.att_key_id = att_bytes_of(some, 158);
	assert_int_equal(att_aesm_request_check(&q, &err), ATT_E_FORMAT);
}

static void a_success_has_what_makes_it_one(void **state)
{
	static const uint8_t some[ATT_AESM_TARGET_INFO];
	struct att_aesm_response a = { .call = ATT_AESM_INIT_QUOTE };
	att_err err = { 0 };

	(void)state;
	assert_int_equal(att_aesm_response_check(&a, &err), ATT_E_FORMAT);
	assert_string_equal(err.msg, "AESM response \"init quote\": no target_info");
	a.init_quote.target_info = att_bytes_of(some, 512);
	a.init_quote.gid = att_bytes_of(some, 5);
	assert_int_equal(att_aesm_response_check(&a, &err), ATT_E_FORMAT);
	a.init_quote.gid.len = 4;
	assert_int_equal(att_aesm_response_check(&a, &err), ATT_OK);
	a = (struct att_aesm_response){ .call = ATT_AESM_QUOTE_SIZE_EX };
	assert_int_equal(att_aesm_response_check(&a, &err), ATT_E_FORMAT);
	a.error = ATT_AESM_REPORT; /* any error: nothing else is demanded */
	assert_int_equal(att_aesm_response_check(&a, &err), ATT_OK);
}

static void no_allocation_may_be_missed(void **state)
{
	static const uint8_t some[ATT_AESM_REPORT];
	struct att_aesm_request q = { .call = ATT_AESM_GET_QUOTE_EX };
	att_rc rc = ATT_E_NOMEM;

	(void)state;
	q.get_quote_ex.report = att_bytes_of(some, sizeof(some));
	q.get_quote_ex.buf_size = att_aesm_number(8192);
	for (size_t k = 1; rc != ATT_OK; k++) {
		att_auto_aesm_request struct att_aesm_request back = { 0 };
		att_auto_buf att_buf b = { 0 };

		alloc_watch(k);
		rc = att_aesm_request_put(&q, &b, NULL);
		if (rc == ATT_OK)
			rc = att_aesm_request_decode(
			    att_bytes_of(b.ptr + ATT_AESM_HEADER, b.len - ATT_AESM_HEADER), &back,
			    NULL);
		size_t calls = alloc_unwatch();
		assert_int_equal(rc, calls < k ? ATT_OK : ATT_E_NOMEM);
		assert_true(k < 50);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls_have_names),
		cmocka_unit_test(every_error_answer),
		cmocka_unit_test(timeouts),
		cmocka_unit_test(numbers_keep_their_width),
		cmocka_unit_test(what_is_required_is_demanded),
		cmocka_unit_test(bodies_that_are_no_message),
		cmocka_unit_test(unknown_fields_are_passed_over),
		cmocka_unit_test(empty_bytes_are_there),
		cmocka_unit_test(lengths_of_requests),
		cmocka_unit_test(a_success_has_what_makes_it_one),
		cmocka_unit_test(no_allocation_may_be_missed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
