/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "evidence/quote.h"
#include "quote_maker.h"

/* Version and body type of every kind of quote there is. */
static const struct {
	unsigned version, body_type;
} kinds[] = { { 3, 1 }, { 4, 1 }, { 4, 2 }, { 5, 1 }, { 5, 2 }, { 5, 3 } };
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static struct att_quote quote;
static struct att_claims claims;
static att_err err;

/* Parses from a heap copy of exactly `len` bytes, so that sanitizers see any read beyond them. */
static att_rc parse_len(const struct quote_bytes *q, size_t len)
{
	static uint8_t *copy;

	free(copy);
	copy = malloc(len ? len : 1);
	assert_non_null(copy);
	memcpy(copy, q->b, len);
	memset(&err, 0, sizeof(err));
	return att_quote_parse(att_bytes_of(copy, len), &quote, &claims, &err);
}

static att_rc parse(const struct quote_recipe *r)
{
	struct quote_bytes q = make_quote(r);

	return parse_len(&q, q.len);
}

static void assert_refused(const struct quote_recipe *r, att_rc rc, const char *msg)
{
	assert_int_equal(parse(r), rc);
	assert_int_equal(err.rc, rc);
	assert_string_equal(err.msg, msg);
}

static void assert_view(att_bytes v, const struct quote_bytes *q, size_t at, size_t len)
{
	assert_int_equal(v.len, len);
	assert_memory_equal(v.ptr, q->b + at, len);
}

static void every_kind_gives_its_parts(void **state)
{
	(void)state;
	for (size_t i = 0; i < KINDS; i++) {
		struct quote_recipe r = recipe(kinds[i].version, kinds[i].body_type);
		struct quote_bytes q = make_quote(&r);

		assert_int_equal(parse_len(&q, q.len), ATT_OK);
		assert_int_equal(quote.version, kinds[i].version);
		assert_int_equal(quote.key_type, 2);
		assert_int_equal(quote.tee_type, r.tee_type);
		assert_int_equal(quote.body_type, kinds[i].body_type);
		assert_memory_equal(quote.qe_vendor_id, q.b + 12, 16);
		assert_memory_equal(quote.user_data, q.b + 28, 20);
		assert_view(quote.signed_part, &q, 0, q.sig_len_at);
		assert_view(quote.signature, &q, q.sig_len_at + 4, 64);
		assert_view(quote.attestation_key, &q, q.sig_len_at + 68, 64);
		assert_view(quote.qe_report_raw, &q, q.report_at, 384);
		assert_memory_equal(quote.qe_report.report_data, q.b + q.report_at + 320, 64);
		assert_true(quote.qe_report.reserved_zero);
		assert_view(quote.qe_report_signature, &q, q.report_at + 384, 64);
		assert_view(quote.qe_auth_data, &q, q.auth_len_at + 2, 32);
		assert_int_equal(quote.outer_cert_type, kinds[i].version == 3 ? 0 : 6);
		assert_int_equal(quote.cert_type, 5);
		assert_view(quote.cert_data, &q, q.cert_at, 90);
		assert_int_equal(quote.cert_data_offset, q.cert_at);
		assert_int_equal(quote.ppid.len, 0);
		assert_int_equal(quote.padding, 0);
	}
}

/* The offsets of the format's tables, for the kinds they name. */
static void signature_length_lies_where_the_tables_say(void **state)
{
	(void)state;
	static const size_t at[KINDS] = { 432, 432, 632, 438, 638, 702 };

	for (size_t i = 0; i < KINDS; i++) {
		struct quote_recipe r = recipe(kinds[i].version, kinds[i].body_type);
		assert_int_equal(make_quote(&r).sig_len_at, at[i]);
		assert_int_equal(parse(&r), ATT_OK);
		assert_int_equal(quote.signed_part.len, at[i]);
	}
}

static void svns_are_version_3_only(void **state)
{
	(void)state;
	struct quote_recipe r = recipe(3, 1);
	assert_int_equal(parse(&r), ATT_OK);
	assert_int_equal(quote.qe_svn, noise(8) | noise(9) << 8);
	assert_int_equal(quote.pce_svn, noise(10) | noise(11) << 8);

	r = recipe(4, 2);
	assert_int_equal(parse(&r), ATT_OK);
	assert_int_equal(quote.qe_svn, 0);
	assert_int_equal(quote.pce_svn, 0);
}

static void the_body_becomes_the_claims(void **state)
{
	(void)state;
	for (size_t i = 0; i < KINDS; i++) {
		struct quote_recipe r = recipe(kinds[i].version, kinds[i].body_type);
		struct quote_bytes q = make_quote(&r);
		const uint8_t *body = q.b + q.body_at;

		assert_int_equal(parse_len(&q, q.len), ATT_OK);
		if (kinds[i].body_type == 1) {
			assert_int_equal(claims.kind, ATT_KIND_SGX_QUOTE);
			assert_memory_equal(claims.sgx.mr_enclave, body + 64, 32);
			assert_memory_equal(claims.sgx.report_data, body + 320, 64);
			continue;
		}
		assert_int_equal(claims.kind, ATT_KIND_TDX_QUOTE);
		assert_memory_equal(claims.td.mr_td, body + 136, 48);
		assert_memory_equal(claims.td.report_data, body + 520, 64);
		assert_int_equal(claims.td.has_15, kinds[i].body_type == 3);
		if (kinds[i].body_type == 3)
			assert_memory_equal(claims.td.mr_service_td, body + 600, 48);
	}
}

static void every_truncation_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < KINDS; i++) {
		struct quote_recipe r = recipe(kinds[i].version, kinds[i].body_type);
		struct quote_bytes q = make_quote(&r);

		for (size_t len = 0; len < q.len; len++) {
			assert_int_equal(parse_len(&q, len), ATT_E_TRUNCATED);
			assert_true(err.offset <= len);
			assert_non_null(strstr(err.msg, "truncated in "));
		}
	}
}

/* The signature data cut short, its length field made to agree: each field in turn is missed. */
static void every_truncation_of_the_signature_data_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < KINDS; i++) {
		struct quote_recipe r = recipe(kinds[i].version, kinds[i].body_type);
		struct quote_bytes q = make_quote(&r);
		size_t start = q.sig_len_at + 4;

		for (size_t len = start; len < q.len; len++) {
			set_le(&q, q.sig_len_at, len - start, 4);
			assert_int_equal(parse_len(&q, len), ATT_E_TRUNCATED);
			assert_true(err.offset >= start && err.offset <= len);
		}
	}
}

static void messages_name_field_and_offset(void **state)
{
	(void)state;
	struct quote_recipe r = recipe(3, 1);
	struct quote_bytes q = make_quote(&r);

	assert_int_equal(parse_len(&q, 5), ATT_E_TRUNCATED);
	assert_string_equal(err.msg, "quote header: truncated in tee_type @4");
	assert_int_equal(err.offset, 4);
	assert_int_equal(parse_len(&q, 120), ATT_E_TRUNCATED);
	assert_string_equal(err.msg, "quote v3: truncated in mr_enclave @112");
	set_le(&q, 432, 200, 4);
	assert_int_equal(parse_len(&q, q.len), ATT_E_TRUNCATED);
	assert_string_equal(err.msg, "quote v3 signature data: truncated in qe_report @564");
	assert_int_equal(err.offset, 564);
	set_le(&q, 432, UINT32_MAX, 4);
	assert_int_equal(parse_len(&q, q.len), ATT_E_TRUNCATED);
	assert_string_equal(err.msg, "quote v3: truncated in signature_data @436");

	r = recipe(4, 2);
	q = make_quote(&r);
	set_le(&q, q.auth_len_at, 0xffff, 2);
	assert_int_equal(parse_len(&q, q.len), ATT_E_TRUNCATED);
	assert_string_equal(err.msg, "quote v4 signature data: qe report certification data: "
				     "truncated in qe_auth_data @1220");
}

static void versions_are_3_to_5(void **state)
{
	(void)state;
	struct quote_recipe r = recipe(3, 1);

	for (unsigned v = 0; v < 0x10000; v += v < 16 ? 1 : 0x0fff) {
		if (v >= 3 && v <= 5)
			continue;
		r.version = v;
		assert_int_equal(parse(&r), ATT_E_UNSUPPORTED);
		assert_int_equal(err.offset, 0);
	}
	r.version = 2;
	assert_refused(&r, ATT_E_UNSUPPORTED,
		       "quote header: version is 2 (an EPID quote), supported are 3, 4 and 5 @0");
	r.version = 6;
	assert_refused(&r, ATT_E_UNSUPPORTED,
		       "quote header: version is 6, supported are 3, 4 and 5 @0");
}

static void key_type_is_2(void **state)
{
	(void)state;
	for (size_t i = 0; i < KINDS; i++) {
		struct quote_recipe r = recipe(kinds[i].version, kinds[i].body_type);
		for (r.key_type = 0; r.key_type < 5; r.key_type++) {
			if (r.key_type == 2)
				continue;
			assert_int_equal(parse(&r), ATT_E_UNSUPPORTED);
			assert_int_equal(err.offset, 2);
		}
	}
	struct quote_recipe r = recipe(4, 2);
	r.key_type = 3;
	assert_refused(&r, ATT_E_UNSUPPORTED,
		       "quote header: attestation key type is 3, supported is 2 (ecdsa p-256) @2");
}

static void tee_type_is_0_or_0x81(void **state)
{
	(void)state;
	struct quote_recipe r = recipe(3, 1);

	r.tee_type = 0x81;
	assert_refused(&r, ATT_E_FORMAT,
		       "quote header: reserved field of version 3 is 0x81, must be 0 @4");
	r.tee_type = 0x01000000;
	assert_refused(&r, ATT_E_FORMAT,
		       "quote header: reserved field of version 3 is 0x1000000, must be 0 @4");
	r = recipe(4, 2);
	r.tee_type = 1;
	assert_refused(&r, ATT_E_UNSUPPORTED,
		       "quote header: tee type is 0x1, supported are 0x0 (sgx) and 0x81 (tdx) @4");
	r = recipe(5, 3);
	r.tee_type = 0x8100;
	assert_refused(
	    &r, ATT_E_UNSUPPORTED,
	    "quote header: tee type is 0x8100, supported are 0x0 (sgx) and 0x81 (tdx) @4");
}

static void body_type_goes_with_the_tee_type(void **state)
{
	(void)state;
	struct quote_recipe r = recipe(5, 1);

	r.tee_type = 0x81;
	assert_refused(&r, ATT_E_FORMAT, "quote v5: body type 1 under tee type 0x81 @48");
	r = recipe(5, 2);
	r.tee_type = 0;
	assert_refused(&r, ATT_E_FORMAT, "quote v5: body type 2 under tee type 0x0 @48");
	r = recipe(5, 3);
	r.tee_type = 0;
	assert_refused(&r, ATT_E_FORMAT, "quote v5: body type 3 under tee type 0x0 @48");
	r = recipe(5, 3);
	r.body_type = 0;
	assert_refused(&r, ATT_E_UNSUPPORTED,
		       "quote v5: body type is 0, supported are 1, 2 and 3 @48");
	r.body_type = 4;
	assert_refused(&r, ATT_E_UNSUPPORTED,
		       "quote v5: body type is 4, supported are 1, 2 and 3 @48");
	r.body_type = 0xffff;
	assert_int_equal(parse(&r), ATT_E_UNSUPPORTED);
}

static void body_size_is_exact(void **state)
{
	(void)state;
	static const uint32_t sizes[] = { 0, 383, 385, 583, 585, 647, 649, UINT32_MAX };

	for (unsigned type = 1; type <= 3; type++) {
		struct quote_recipe r = recipe(5, type);
		for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
			r.body_size = sizes[i];
			assert_int_equal(parse(&r), ATT_E_FORMAT);
			assert_int_equal(err.offset, 50);
		}
	}
	struct quote_recipe r = recipe(5, 2);
	r.body_size = 648;
	assert_refused(&r, ATT_E_FORMAT, "quote v5: body size is 648 bytes, type 2 has 584 @50");
}

static void outer_certification_data_is_type_6(void **state)
{
	(void)state;
	for (size_t i = 1; i < KINDS; i++) {
		struct quote_recipe r = recipe(kinds[i].version, kinds[i].body_type);
		for (r.outer_type = 0; r.outer_type < 9; r.outer_type++) {
			if (r.outer_type == 6)
				continue;
			assert_int_equal(parse(&r), ATT_E_FORMAT);
			assert_int_equal(err.offset, make_quote(&r).outer_type_at);
			assert_non_null(strstr(err.msg, "outer certification data type is"));
		}
	}
}

static void lengths_are_consumed_exactly(void **state)
{
	(void)state;
	for (size_t i = 0; i < KINDS; i++) {
		struct quote_recipe r = recipe(kinds[i].version, kinds[i].body_type);

		r.sig_len_delta = -1;
		assert_int_equal(parse(&r), ATT_E_TRUNCATED);
		r.padding = 8; /* with room behind it, one byte more is one too many */
		r.sig_len_delta = 1;
		assert_int_equal(parse(&r), ATT_E_TRAILING);
		r.sig_len_delta = 0;
		r.cert_len_delta = -1;
		assert_int_equal(parse(&r), ATT_E_TRAILING);
		r.cert_len_delta = 1;
		assert_int_equal(parse(&r), ATT_E_TRUNCATED);
		r.cert_len_delta = -91;
		assert_int_equal(parse(&r), ATT_E_TRUNCATED);
		r.cert_len_delta = 0;
		if (kinds[i].version == 3)
			continue;
		r.outer_len_delta = -1;
		assert_int_equal(parse(&r), ATT_E_TRAILING);
		r.outer_len_delta = 1;
		assert_int_equal(parse(&r), ATT_E_TRUNCATED);
	}
}

static void auth_data_may_have_any_length(void **state)
{
	(void)state;
	static const size_t lens[] = { 0, 1, 31, 33, 1000 };

	for (size_t i = 0; i < KINDS; i++) {
		struct quote_recipe r = recipe(kinds[i].version, kinds[i].body_type);
		for (size_t k = 0; k < sizeof(lens) / sizeof(lens[0]); k++) {
			r.auth_len = lens[k];
			assert_int_equal(parse(&r), ATT_OK);
			assert_int_equal(quote.qe_auth_data.len, lens[k]);
		}
	}
}

static void ppid_types_name_the_certificate(void **state)
{
	(void)state;
	static const size_t ppid_len[] = { 0, 16, 256, 384 };

	for (size_t i = 0; i < KINDS; i++) {
		struct quote_recipe r = recipe(kinds[i].version, kinds[i].body_type);
		for (r.cert_type = 1; r.cert_type <= 3; r.cert_type++) {
			size_t n = ppid_len[r.cert_type];
			r.cert_len = n + 20;
			struct quote_bytes q = make_quote(&r);
			const uint8_t *p = q.b + q.cert_at + n;

			assert_int_equal(parse_len(&q, q.len), ATT_OK);
			assert_view(quote.ppid, &q, q.cert_at, n);
			assert_memory_equal(quote.cert_cpu_svn, p, 16);
			assert_int_equal(quote.cert_pce_svn, p[16] | p[17] << 8);
			assert_true(quote.has_cert_pce_id);
			assert_int_equal(quote.cert_pce_id, p[18] | p[19] << 8);
			r.cert_len = n + 19;
			assert_int_equal(parse(&r), ATT_E_FORMAT);
			assert_int_equal(err.offset, q.cert_at);
			r.cert_len = n + 21;
			assert_int_equal(parse(&r), ATT_E_FORMAT);
			r.cert_len = 0;
			assert_int_equal(parse(&r), ATT_E_FORMAT);
		}
	}
	struct quote_recipe r = recipe(3, 1);
	r.cert_type = 2;
	r.cert_len = 275;
	assert_refused(
	    &r, ATT_E_FORMAT,
	    "quote v3 signature data: certification data of type 2 is 275 bytes, must be "
	    "276 @1052");
}

static void early_type_1_has_no_pce_id(void **state)
{
	(void)state;
	struct quote_recipe r = recipe(3, 1);
	r.cert_type = 1;
	r.cert_len = 34;
	struct quote_bytes q = make_quote(&r);

	assert_int_equal(parse_len(&q, q.len), ATT_OK);
	assert_view(quote.ppid, &q, q.cert_at, 16);
	assert_false(quote.has_cert_pce_id);
	assert_int_equal(quote.cert_pce_id, 0);
	assert_int_equal(quote.cert_pce_svn, q.b[q.cert_at + 32] | q.b[q.cert_at + 33] << 8);
	r.cert_type = 3;
	r.cert_len = 402;
	assert_int_equal(parse(&r), ATT_E_FORMAT);
}

static void other_types_are_kept_or_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < KINDS; i++) {
		struct quote_recipe r = recipe(kinds[i].version, kinds[i].body_type);
		for (unsigned type = 0; type < 20; type++) {
			if (type >= 1 && type <= 3)
				continue;
			r.cert_type = type;
			bool kept =
			    type == 4 || type == 5 || type == 7 || (type == 6 && r.version != 3);
			assert_int_equal(parse(&r), kept ? ATT_OK : ATT_E_UNSUPPORTED);
			if (kept) {
				assert_int_equal(quote.cert_type, type);
				assert_int_equal(quote.cert_data.len, 90);
			} else {
				assert_int_equal(err.offset, make_quote(&r).cert_type_at);
			}
		}
		r.cert_type = 0xffff;
		assert_int_equal(parse(&r), ATT_E_UNSUPPORTED);
		r.cert_type = 5;
		r.cert_len = 0;
		assert_int_equal(parse(&r), ATT_OK);
	}
}

static void zeros_behind_are_counted(void **state)
{
	(void)state;
	for (size_t i = 0; i < KINDS; i++) {
		struct quote_recipe r = recipe(kinds[i].version, kinds[i].body_type);
		r.padding = 39;
		struct quote_bytes q = make_quote(&r);
		assert_int_equal(parse_len(&q, q.len), ATT_OK);
		assert_int_equal(quote.padding, 39);
		assert_int_equal(quote.cert_data.len, 90);
		for (size_t k = 0; k < 39; k++) {
			q.b[q.sig_end + k] = 0x80;
			assert_int_equal(parse_len(&q, q.len), ATT_E_TRAILING);
			assert_int_equal(err.offset, q.sig_end + k);
			q.b[q.sig_end + k] = 0;
		}
	}
	struct quote_recipe r = recipe(3, 1);
	r.padding = 2;
	struct quote_bytes q = make_quote(&r);
	q.b[q.sig_end + 1] = 0xaa;
	assert_int_equal(parse_len(&q, q.len), ATT_E_TRAILING);
	assert_string_equal(err.msg,
			    "quote v3: byte 0xaa behind the signature data, only zeros may "
			    "be there @1143");
}

static void the_error_context_may_be_missing(void **state)
{
	(void)state;
	struct quote_recipe r = recipe(4, 2);
	struct quote_bytes q = make_quote(&r);

	for (size_t len = 0; len < q.len; len += 7)
		assert_int_equal(att_quote_parse(att_bytes_of(q.b, len), &quote, &claims, NULL),
				 ATT_E_TRUNCATED);
	assert_int_equal(att_quote_parse(att_bytes_of(NULL, 0), &quote, &claims, NULL),
			 ATT_E_TRUNCATED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_gives_its_parts),
		cmocka_unit_test(signature_length_lies_where_the_tables_say),
		cmocka_unit_test(svns_are_version_3_only),
		cmocka_unit_test(the_body_becomes_the_claims),
		cmocka_unit_test(every_truncation_is_refused),
		cmocka_unit_test(every_truncation_of_the_signature_data_is_refused),
		cmocka_unit_test(messages_name_field_and_offset),
		cmocka_unit_test(versions_are_3_to_5),
		cmocka_unit_test(key_type_is_2),
		cmocka_unit_test(tee_type_is_0_or_0x81),
		cmocka_unit_test(body_type_goes_with_the_tee_type),
		cmocka_unit_test(body_size_is_exact),
		cmocka_unit_test(outer_certification_data_is_type_6),
		cmocka_unit_test(lengths_are_consumed_exactly),
		cmocka_unit_test(auth_data_may_have_any_length),
		cmocka_unit_test(ppid_types_name_the_certificate),
		cmocka_unit_test(early_type_1_has_no_pce_id),
		cmocka_unit_test(other_types_are_kept_or_refused),
		cmocka_unit_test(zeros_behind_are_counted),
		cmocka_unit_test(the_error_context_may_be_missing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
