/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/text.h"
#include "codec/pem.h"
#include "../fail_alloc.h"
#include "attest/evidence.h"
#include "base/mem.h"
#include "quote_maker.h"

ATT_DEFINE_CLEANUP(evidence, att_evidence, att_evidence_free)
#define auto_evidence __attribute__((cleanup(evidence_cleanup)))

static att_err err;

static struct quote_bytes td_quote(void)
{
	struct quote_recipe r = recipe(4, 2);

	return make_quote(&r);
}

/* A REPORT: body, key id and MAC. */
static struct quote_bytes make_report(void)
{
	struct quote_bytes q = { .len = 0 };

	put_sgx_body(&q);
	put_noise(&q, 32 + 16);
	return q;
}

static att_bytes bytes_of(const struct quote_bytes *q)
{
	return att_bytes_of(q->b, q->len);
}

static void assert_parses(att_bytes in, enum att_kind kind, enum att_encoding e, att_bytes want)
{
	auto_evidence att_evidence *ev = NULL;

	assert_int_equal(att_evidence_parse(in, &ev, &err), ATT_OK);
	assert_int_equal(att_evidence_kind(ev), kind);
	assert_int_equal(att_evidence_claims(ev)->kind, kind);
	assert_int_equal(att_evidence_encoding(ev), e);
	assert_true(att_bytes_eq(att_evidence_bytes(ev), want));
	assert_true(att_evidence_bytes(ev).ptr != in.ptr);
}

static void assert_refused(att_bytes in, att_rc rc, const char *msg)
{
	att_evidence *ev = (att_evidence *)&err;

	assert_int_equal(att_evidence_parse(in, &ev, &err), rc);
	assert_null(ev);
	assert_int_equal(err.rc, rc);
	assert_string_equal(err.msg, msg);
}

static void kinds_are_detected(void **state)
{
	(void)state;
	struct quote_recipe r = recipe(3, 1);
	struct quote_bytes q = make_quote(&r);
	assert_parses(bytes_of(&q), ATT_KIND_SGX_QUOTE, ATT_ENCODING_BINARY, bytes_of(&q));
	r = recipe(5, 1);
	q = make_quote(&r);
	assert_parses(bytes_of(&q), ATT_KIND_SGX_QUOTE, ATT_ENCODING_BINARY, bytes_of(&q));
	r = recipe(5, 3);
	q = make_quote(&r);
	assert_parses(bytes_of(&q), ATT_KIND_TDX_QUOTE, ATT_ENCODING_BINARY, bytes_of(&q));
	q = make_report();
	assert_parses(bytes_of(&q), ATT_KIND_SGX_REPORT, ATT_ENCODING_BINARY, bytes_of(&q));
}

static void every_encoding_gives_the_same(void **state)
{
	(void)state;
	struct quote_bytes all[] = { td_quote(), make_report() };

	for (size_t i = 0; i < 2; i++) {
		att_bytes q = bytes_of(&all[i]);
		enum att_kind kind = i == 0 ? ATT_KIND_TDX_QUOTE : ATT_KIND_SGX_REPORT;
		att_auto_buf att_buf hex = { 0 }, b64 = { 0 }, url = { 0 }, pem = { 0 };

		att_put_str(&hex, "0x");
		att_put_hex(&hex, q);
		att_put_str(&hex, "\n");
		assert_parses(att_buf_bytes(&hex), kind, ATT_ENCODING_HEX, q);
		att_put_base64(&b64, q);
		assert_parses(att_buf_bytes(&b64), kind, ATT_ENCODING_BASE64, q);
		att_put_base64url(&url, q);
		assert_parses(att_buf_bytes(&url), kind, ATT_ENCODING_BASE64, q);
		att_put_pem(&pem, "QUOTE", q);
		assert_parses(att_buf_bytes(&pem), kind, ATT_ENCODING_PEM, q);
	}
}

static void a_report_gives_its_parts(void **state)
{
	(void)state;
	struct quote_bytes q = make_report();
	auto_evidence att_evidence *ev = NULL;

	assert_int_equal(att_evidence_parse(bytes_of(&q), &ev, &err), ATT_OK);
	assert_null(att_evidence_quote(ev));
	assert_memory_equal(att_evidence_claims(ev)->sgx.mr_enclave, q.b + 64, 32);
	assert_true(att_bytes_eq(att_evidence_report_key_id(ev), att_bytes_of(q.b + 384, 32)));
	assert_true(att_bytes_eq(att_evidence_report_mac(ev), att_bytes_of(q.b + 416, 16)));
}

static void a_quote_has_no_report_parts(void **state)
{
	(void)state;
	struct quote_bytes q = td_quote();
	auto_evidence att_evidence *ev = NULL;

	assert_int_equal(att_evidence_parse(bytes_of(&q), &ev, &err), ATT_OK);
	assert_non_null(att_evidence_quote(ev));
	assert_int_equal(att_evidence_quote(ev)->version, 4);
	assert_int_equal(att_evidence_report_key_id(ev).len, 0);
	assert_int_equal(att_evidence_report_mac(ev).len, 0);
}

/* 432 bytes are also a quote that lost its signature: those are never taken for a REPORT. */
static void a_cut_quote_is_no_report(void **state)
{
	(void)state;
	struct quote_recipe r = recipe(3, 1);
	struct quote_bytes q = make_quote(&r);
	assert_refused(att_bytes_of(q.b, 432), ATT_E_TRUNCATED,
		       "quote v3: truncated in signature_data_size @432");
	q.b[0] = 2;
	assert_refused(att_bytes_of(q.b, 432), ATT_E_UNSUPPORTED,
		       "quote header: version is 2 (an EPID quote), supported are 3, 4 and 5 @0");
	q = td_quote();
	assert_refused(att_bytes_of(q.b, 432), ATT_E_TRUNCATED,
		       "quote v4: truncated in rtmr1 @424");
	q = make_report();
	q.b[20] = 1;
	att_evidence *ev;
	assert_int_equal(att_evidence_parse(bytes_of(&q), &ev, NULL), ATT_E_UNSUPPORTED);
	assert_null(ev);
}

static void a_report_has_432_bytes(void **state)
{
	(void)state;
	struct quote_bytes q = make_report();
	att_evidence *ev;

	put_noise(&q, 1);
	for (size_t len = 0; len <= q.len; len++) {
		if (len == 432)
			continue;
		assert_true(att_evidence_parse(att_bytes_of(q.b, len), &ev, &err) != ATT_OK);
		assert_null(ev);
	}
}

static void every_truncation_is_refused(void **state)
{
	(void)state;
	struct quote_bytes q = td_quote();
	att_evidence *ev;

	for (size_t len = 0; len < q.len; len++) {
		assert_int_equal(att_evidence_parse(att_bytes_of(q.b, len), &ev, &err),
				 ATT_E_TRUNCATED);
		assert_null(ev);
	}
}

static void text_errors_are_said_as_such(void **state)
{
	(void)state;
	assert_refused(att_bytes_of("030", 3), ATT_E_FORMAT, "hex text: odd number of digits, 3");
	assert_refused(att_bytes_of("0300", 4), ATT_E_TRUNCATED,
		       "quote header: truncated in att_key_type @2");
	assert_refused(att_bytes_of("", 0), ATT_E_TRUNCATED,
		       "quote header: truncated in version @0");
}

static void too_much_is_refused_unread(void **state)
{
	(void)state;
	uint8_t *big = calloc(1, ATT_EVIDENCE_MAX + 1);
	assert_non_null(big);
	struct quote_bytes q = td_quote();
	memcpy(big, q.b, q.len);
	att_evidence *ev;

	assert_int_equal(att_evidence_parse(att_bytes_of(big, ATT_EVIDENCE_MAX), &ev, &err),
			 ATT_OK);
	assert_int_equal(att_evidence_quote(ev)->padding, ATT_EVIDENCE_MAX - q.len);
	att_evidence_free(ev);
	alloc_watch(0);
	assert_int_equal(att_evidence_parse(att_bytes_of(big, ATT_EVIDENCE_MAX + 1), &ev, &err),
			 ATT_E_FORMAT);
	assert_int_equal(alloc_unwatch(), 0);
	assert_string_equal(err.msg, "evidence is 262145 bytes, at most 262144 are read");
	assert_null(ev);
	free(big);
}

static void reparse_does_not_allocate(void **state)
{
	(void)state;
	struct quote_recipe r = recipe(5, 3);
	struct quote_bytes big = make_quote(&r), small = make_report();
	auto_evidence att_evidence *ev = NULL;

	assert_int_equal(att_evidence_parse(bytes_of(&big), &ev, &err), ATT_OK);
	alloc_watch(1);
	assert_int_equal(att_evidence_reparse(ev, bytes_of(&small), &err), ATT_OK);
	assert_int_equal(att_evidence_kind(ev), ATT_KIND_SGX_REPORT);
	assert_null(att_evidence_quote(ev));
	assert_int_equal(att_evidence_reparse(ev, bytes_of(&big), &err), ATT_OK);
	assert_int_equal(att_evidence_kind(ev), ATT_KIND_TDX_QUOTE);
	assert_int_equal(att_evidence_report_mac(ev).len, 0);
	assert_true(att_bytes_eq(att_evidence_bytes(ev), bytes_of(&big)));
	assert_int_equal(alloc_unwatch(), 0);
}

static void reparse_grows(void **state)
{
	(void)state;
	struct quote_bytes small = make_report(), big = td_quote();
	auto_evidence att_evidence *ev = NULL;

	assert_int_equal(att_evidence_parse(bytes_of(&small), &ev, &err), ATT_OK);
	assert_int_equal(att_evidence_reparse(ev, bytes_of(&big), &err), ATT_OK);
	assert_true(att_bytes_eq(att_evidence_bytes(ev), bytes_of(&big)));
}

static void assert_empty(const att_evidence *ev)
{
	assert_int_equal(att_evidence_kind(ev), 0);
	assert_int_equal(att_evidence_bytes(ev).len, 0);
	assert_null(att_evidence_quote(ev));
	assert_int_equal(att_evidence_claims(ev)->kind, 0);
	assert_int_equal(att_evidence_report_mac(ev).len, 0);
}

static void a_failed_reparse_holds_nothing_and_can_be_used(void **state)
{
	(void)state;
	struct quote_bytes q = td_quote(), small = make_report();
	auto_evidence att_evidence *ev = NULL;

	assert_int_equal(att_evidence_parse(bytes_of(&small), &ev, &err), ATT_OK);
	assert_int_equal(att_evidence_reparse(ev, att_bytes_of(q.b, 700), &err), ATT_E_TRUNCATED);
	assert_empty(ev);
	assert_int_equal(att_evidence_reparse(ev, att_bytes_of("zzzz=", 5), &err), ATT_E_FORMAT);
	assert_empty(ev);
	alloc_watch(1);
	assert_int_equal(att_evidence_reparse(ev, bytes_of(&q), &err), ATT_E_NOMEM);
	alloc_unwatch();
	assert_empty(ev);
	assert_int_equal(att_evidence_reparse(ev, bytes_of(&q), &err), ATT_OK);
	assert_true(att_bytes_eq(att_evidence_bytes(ev), bytes_of(&q)));
}

static void every_failing_allocation_is_said(void **state)
{
	(void)state;
	struct quote_bytes q = td_quote();
	att_auto_buf att_buf pem = { 0 };
	att_put_pem(&pem, "QUOTE", bytes_of(&q));
	att_bytes inputs[] = { bytes_of(&q), att_buf_bytes(&pem) };

	for (size_t i = 0; i < 2; i++) {
		att_evidence *ev;
		alloc_watch(0);
		assert_int_equal(att_evidence_parse(inputs[i], &ev, &err), ATT_OK);
		size_t calls = alloc_unwatch();
		att_evidence_free(ev);
		assert_int_equal(calls, 2);
		for (size_t k = 1; k <= calls; k++) {
			alloc_watch(k);
			att_rc rc = att_evidence_parse(inputs[i], &ev, &err);
			alloc_unwatch();
			assert_int_equal(rc, ATT_E_NOMEM);
			assert_null(ev);
			assert_non_null(strstr(err.msg, "no memory for "));
		}
	}
}

static void names(void **state)
{
	(void)state;
	assert_string_equal(att_kind_name(ATT_KIND_SGX_REPORT), "sgx-report");
	assert_string_equal(att_kind_name(ATT_KIND_SGX_QUOTE), "sgx-quote");
	assert_string_equal(att_kind_name(ATT_KIND_TDX_QUOTE), "tdx-quote");
	assert_string_equal(att_kind_name((enum att_kind)0), "unknown");
	assert_string_equal(att_encoding_name(ATT_ENCODING_BINARY), "binary");
	assert_string_equal(att_encoding_name(ATT_ENCODING_HEX), "hex");
	assert_string_equal(att_encoding_name(ATT_ENCODING_BASE64), "base64");
	assert_string_equal(att_encoding_name(ATT_ENCODING_PEM), "pem");
	assert_string_equal(att_encoding_name((enum att_encoding)0), "unknown");
}

static void debug_is_one_bit_for_sgx_and_a_group_for_tds(void **state)
{
	(void)state;
	for (unsigned bit = 0; bit < 64; bit++) {
		struct att_claims c = { .kind = ATT_KIND_SGX_QUOTE };
		c.sgx.attributes = UINT64_C(1) << bit;
		assert_int_equal(att_claims_debug(&c), bit == 1);
		c.kind = ATT_KIND_SGX_REPORT;
		assert_int_equal(att_claims_debug(&c), bit == 1);
		c = (struct att_claims){ .kind = ATT_KIND_TDX_QUOTE };
		c.td.td_attributes = UINT64_C(1) << bit;
		assert_int_equal(att_claims_debug(&c), bit < 8);
	}
}

static void free_takes_null(void **state)
{
	(void)state;
	att_evidence_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds_are_detected),
		cmocka_unit_test(every_encoding_gives_the_same),
		cmocka_unit_test(a_report_gives_its_parts),
		cmocka_unit_test(a_quote_has_no_report_parts),
		cmocka_unit_test(a_cut_quote_is_no_report),
		cmocka_unit_test(a_report_has_432_bytes),
		cmocka_unit_test(every_truncation_is_refused),
		cmocka_unit_test(text_errors_are_said_as_such),
		cmocka_unit_test(too_much_is_refused_unread),
		cmocka_unit_test(reparse_does_not_allocate),
		cmocka_unit_test(reparse_grows),
		cmocka_unit_test(a_failed_reparse_holds_nothing_and_can_be_used),
		cmocka_unit_test(every_failing_allocation_is_said),
		cmocka_unit_test(names),
		cmocka_unit_test(debug_is_one_bit_for_sgx_and_a_group_for_tds),
		cmocka_unit_test(free_takes_null),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
