/* SPDX-License-Identifier: Apache-2.0 */
/* SEV-SNP reports and certificate tables, put together by their offsets in AMD's documents. */
#include "evidence/snp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "evidence/evidence.h"

static att_err err;

struct report {
	uint8_t b[ATT_SNP_REPORT_LEN];
};

/* Every byte tells its place; what must be right is. */
static struct report make(uint8_t version, uint8_t family)
{
	struct report r;

	for (size_t i = 0; i < sizeof(r.b); i++)
		r.b[i] = (uint8_t)(i ^ i >> 8);
	memset(r.b, 0, 0x10);
	r.b[0] = version;
	r.b[4] = 9;
	memcpy(r.b + 8, "\x1f\x01\x0b\x01", 4); /* 1.31, SMT, always one, DEBUG, PAGE_SWAP.. */
	memset(r.b + 0x34, 0, 4);
	r.b[0x34] = 1;
	memcpy(r.b + 0x48, "\x07\0\0\0\0\0\0\0", 8); /* author key, masked, VLEK */
	memset(r.b + 0x188, 0, 24);
	if (version >= 3) {
		r.b[0x188] = family;
		r.b[0x189] = 0x11;
		r.b[0x18a] = 2;
	}
	memcpy(r.b + 0x1e8, "\x1d\x37\x01\0\x1c\x36\x02\0", 8);
	memset(r.b + (version >= 5 ? 0x208 : 0x1f8), 0,
	       (size_t)(0x2a0 - (version >= 5 ? 0x208 : 0x1f8)));
	return r;
}

static att_rc parse(const struct report *r, struct att_snp_body *b)
{
	att_bytes signature;
	att_rc rc = att_snp_parse(att_bytes_of(r->b, sizeof(r->b)), b, &signature, &err);

	if (rc == ATT_OK) {
		assert_int_equal(signature.len, 144);
		assert_ptr_equal(signature.ptr, r->b + 0x2a0);
	}
	return rc;
}

#define AT(field, offset) assert_memory_equal(b.field, r.b + (offset), sizeof(b.field))

static void fields_are_where_amd_puts_them(void **state)
{
	(void)state;
	struct report r = make(5, 0x19);
	struct att_snp_body b;

	assert_int_equal(parse(&r, &b), ATT_OK);
	assert_int_equal(b.version, 5);
	assert_int_equal(b.guest_svn, 9);
	assert_int_equal(b.policy, 0x010b011f);
	AT(family_id, 0x10);
	AT(image_id, 0x20);
	assert_int_equal(b.vmpl, 0x33323130);
	assert_int_equal(b.signature_algo, 1);
	AT(current_tcb.raw, 0x38);
	assert_int_equal(b.platform_info, 0x4746454443424140);
	assert_int_equal(b.key_info, 7);
	AT(report_data, 0x50);
	AT(measurement, 0x90);
	AT(host_data, 0xc0);
	AT(id_key_digest, 0xe0);
	AT(author_key_digest, 0x110);
	AT(report_id, 0x140);
	AT(report_id_ma, 0x160);
	AT(reported_tcb.raw, 0x180);
	AT(chip_id, 0x1a0);
	AT(committed_tcb.raw, 0x1e0);
	AT(launch_tcb.raw, 0x1f0);
	assert_int_equal(b.current.major, 1);
	assert_int_equal(b.current.minor, 0x37);
	assert_int_equal(b.current.build, 0x1d);
	assert_int_equal(b.committed.major, 2);
	assert_int_equal(b.committed.minor, 0x36);
	assert_int_equal(b.committed.build, 0x1c);
	assert_int_equal(b.launch_mit_vector, UINT64_C(0xfefffcfdfafbf8f9));
	assert_true(b.reserved_zero);
}

static void versions_differ(void **state)
{
	(void)state;
	struct att_snp_body b;
	struct report r = make(2, 0);

	assert_int_equal(parse(&r, &b), ATT_OK);
	assert_false(b.has_cpuid || b.has_mitigations);
	r = make(3, 0x19);
	assert_int_equal(parse(&r, &b), ATT_OK);
	assert_true(b.has_cpuid);
	assert_false(b.has_mitigations);
	assert_int_equal(b.cpuid_family, 0x19);
	assert_int_equal(b.cpuid_model, 0x11);
	assert_int_equal(b.cpuid_stepping, 2);
	r = make(5, 0x19);
	assert_int_equal(parse(&r, &b), ATT_OK);
	assert_true(b.has_cpuid && b.has_mitigations);
	for (uint8_t v = 0; v < 8; v++) {
		r = make(v, 0x19);
		bool known = v == 2 || v == 3 || v == 5;
		assert_int_equal(parse(&r, &b), known ? ATT_OK : ATT_E_UNSUPPORTED);
	}
}

/* Milan and Genoa, and what begins with Turin. */
static void tcb_versions_follow_the_product(void **state)
{
	(void)state;
	struct att_snp_body b;
	struct report r = make(3, 0x19);

	memcpy(r.b + 0x38, "\x01\x02\x03\x04\x05\x06\x07\x08", 8);
	assert_int_equal(parse(&r, &b), ATT_OK);
	assert_false(b.current_tcb.has_fmc);
	assert_int_equal(b.current_tcb.boot_loader, 1);
	assert_int_equal(b.current_tcb.tee, 2);
	assert_int_equal(b.current_tcb.snp, 7);
	assert_int_equal(b.current_tcb.microcode, 8);
	r = make(5, 0x1a);
	memcpy(r.b + 0x38, "\x01\x02\x03\x04\x05\x06\x07\x08", 8);
	assert_int_equal(parse(&r, &b), ATT_OK);
	assert_true(b.current_tcb.has_fmc);
	assert_int_equal(b.current_tcb.fmc, 1);
	assert_int_equal(b.current_tcb.boot_loader, 2);
	assert_int_equal(b.current_tcb.tee, 3);
	assert_int_equal(b.current_tcb.snp, 4);
	assert_int_equal(b.current_tcb.microcode, 8);
}

static void reserved_bytes_are_told(void **state)
{
	(void)state;
	static const size_t at[] = { 0x4c, 0x18b, 0x19f, 0x208, 0x29f };

	for (size_t i = 0; i < ATT_COUNT(at); i++) {
		struct att_snp_body b;
		struct report r = make(5, 0x19);
		r.b[at[i]] = 1;
		assert_int_equal(parse(&r, &b), ATT_OK);
		assert_false(b.reserved_zero);
	}
}

static void every_length_but_one_is_refused(void **state)
{
	(void)state;
	struct report r = make(3, 0x19);
	struct att_snp_body b;
	att_bytes s;
	uint8_t longer[ATT_SNP_REPORT_LEN + 1] = { 0 };

	for (size_t n = 0; n < sizeof(r.b); n++) {
		assert_int_equal(att_snp_parse(att_bytes_of(r.b, n), &b, &s, &err),
				 ATT_E_TRUNCATED);
		assert_int_equal(s.len, 0);
	}
	memcpy(longer, r.b, sizeof(r.b));
	assert_int_equal(att_snp_parse(att_bytes_of(longer, sizeof(longer)), &b, &s, &err),
			 ATT_E_TRAILING);
}

static void only_reports_look_so(void **state)
{
	(void)state;
	struct report r = make(3, 0x19);
	att_bytes in = att_bytes_of(r.b, sizeof(r.b));

	assert_true(att_snp_looks(in));
	assert_false(att_snp_looks(att_bytes_of(r.b, 0x37)));
	r.b[0x34] = 2;
	assert_false(att_snp_looks(in));
	r = make(3, 0x19);
	r.b[10] &= 0xfd; /* policy bit 17 is always one */
	assert_false(att_snp_looks(in));
	r = make(0, 0x19);
	assert_false(att_snp_looks(in));
	r = make(3, 0x19);
	r.b[2] = 2; /* a quote v3 with key type 2 begins so */
	assert_false(att_snp_looks(in));
}

/* --- Certificate tables --- */

static const uint8_t vcek[16] = { 0x63, 0xda, 0x75, 0x8d, 0xe6, 0x64, 0x45, 0x64,
				  0xad, 0xc5, 0xf4, 0xb9, 0x3b, 0xe8, 0xac, 0xcd };
/* ASK, its first three fields little-endian. */
static const uint8_t ask[16] = { 0x79, 0xb3, 0xb7, 0x4a, 0xac, 0xbb, 0xe4, 0x4f,
				 0xa0, 0x2f, 0x05, 0xae, 0xf3, 0x27, 0xc7, 0x82 };
static const uint8_t other[16] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };

static void entry(att_buf *b, const uint8_t guid[16], uint32_t offset, uint32_t len)
{
	att_put_mem(b, guid, 16);
	att_put_le32(b, offset);
	att_put_le32(b, len);
}

static void tables_are_read(void **state)
{
	(void)state;
	att_auto_buf att_buf b = { 0 };
	struct att_snp_certs t;

	entry(&b, vcek, 96, 3);
	entry(&b, ask, 99, 2);
	entry(&b, other, 101, 0);
	att_put_zero(&b, 24);
	att_put_str(&b, "abcdeZZZ");
	assert_int_equal(att_snp_certs_parse(att_buf_bytes(&b), &t, &err), ATT_OK);
	assert_int_equal(t.count, 3);
	assert_int_equal(t.len, 101);
	assert_string_equal(t.cert[0].name, "VCEK");
	assert_true(att_bytes_eq(t.cert[0].data, att_bytes_of("abc", 3)));
	assert_string_equal(t.cert[1].name, "ASK");
	assert_int_equal(t.cert[1].guid[0], 0x4a);
	assert_int_equal(t.cert[1].offset, 99);
	assert_true(att_bytes_eq(t.cert[1].data, att_bytes_of("de", 2)));
	assert_null(t.cert[2].name);
	assert_memory_equal(t.cert[2].guid, other, 16);
}

static void empty_tables(void **state)
{
	(void)state;
	uint8_t zeros[48] = { 0 };
	struct att_snp_certs t;

	assert_int_equal(att_snp_certs_parse(att_bytes_of(zeros, 24), &t, &err), ATT_OK);
	assert_int_equal(t.count, 0);
	assert_int_equal(t.len, 24);
	assert_int_equal(att_snp_certs_parse(att_bytes_of(zeros, 23), &t, &err), ATT_E_TRUNCATED);
	assert_int_equal(att_snp_certs_parse(att_bytes_of(NULL, 0), &t, &err), ATT_E_TRUNCATED);
}

static void tables_that_reach_outside(void **state)
{
	(void)state;
	static const struct {
		uint32_t offset, len;
	} bad[] = { { 47, 1 }, { 0, 4 },          { 48, 9 },          { 57, 0 },
		    { 56, 1 }, { UINT32_MAX, 1 }, { 48, UINT32_MAX }, { UINT32_MAX, UINT32_MAX } };

	for (size_t i = 0; i < ATT_COUNT(bad); i++) {
		att_auto_buf att_buf b = { 0 };
		struct att_snp_certs t;
		entry(&b, vcek, bad[i].offset, bad[i].len);
		att_put_zero(&b, 24);
		att_put_str(&b, "12345678");
		assert_int_equal(att_snp_certs_parse(att_buf_bytes(&b), &t, &err), ATT_E_FORMAT);
	}
}

static void too_many_entries(void **state)
{
	(void)state;
	att_auto_buf att_buf b = { 0 };
	struct att_snp_certs t;

	for (int i = 0; i < ATT_SNP_CERTS_MAX; i++)
		entry(&b, other, 24 * (ATT_SNP_CERTS_MAX + 1), 0);
	att_put_zero(&b, 24);
	assert_int_equal(att_snp_certs_parse(att_buf_bytes(&b), &t, &err), ATT_OK);
	b.len -= 24;
	entry(&b, other, 0, 0);
	att_put_zero(&b, 24);
	assert_int_equal(att_snp_certs_parse(att_buf_bytes(&b), &t, &err), ATT_E_FORMAT);
}

/* --- As evidence --- */

static void evidence_of_both(void **state)
{
	(void)state;
	att_auto_evidence *ev = NULL;
	att_auto_buf att_buf b = { 0 };
	struct report r = make(3, 0x19);

	att_put_mem(&b, r.b, sizeof(r.b));
	assert_int_equal(att_evidence_parse(att_buf_bytes(&b), &ev, &err), ATT_OK);
	assert_int_equal(att_evidence_kind(ev), ATT_KIND_SNP_REPORT);
	assert_string_equal(att_kind_name(att_evidence_kind(ev)), "snp-report");
	assert_null(att_evidence_quote(ev));
	assert_null(att_evidence_snp_certs(ev));
	assert_int_equal(att_evidence_snp_signature(ev).len, 144);
	assert_memory_equal(att_evidence_claims(ev)->snp.measurement, r.b + 0x90, 48);
	assert_true(att_claims_debug(att_evidence_claims(ev)));
	entry(&b, vcek, 48, 2);
	att_put_zero(&b, 24);
	att_put_str(&b, "xy");
	assert_int_equal(att_evidence_reparse(ev, att_buf_bytes(&b), &err), ATT_OK);
	assert_int_equal(att_evidence_snp_certs(ev)->count, 1);
	b.ptr[ATT_SNP_REPORT_LEN + 16] = 1;
	assert_int_equal(att_evidence_reparse(ev, att_buf_bytes(&b), &err), ATT_E_FORMAT);
	assert_null(att_evidence_snp_certs(ev));
	b.len = 1183;
	assert_int_equal(att_evidence_reparse(ev, att_buf_bytes(&b), &err), ATT_E_TRUNCATED);
	assert_non_null(strstr(err.msg, "SEV-SNP report"));
}

static void bits_have_names(void **state)
{
	(void)state;
	size_t n = 0;
	const struct att_bit *b = att_bits_of(ATT_BITS_SNP_POLICY, &n);

	assert_int_equal(n, 10);
	assert_int_equal(b[3].bit, 19);
	assert_string_equal(b[3].name, "DEBUG");
	b = att_bits_of(ATT_BITS_SNP_PLATFORM, &n);
	assert_int_equal(n, 8);
	assert_string_equal(b[0].name, "SMT_EN");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_where_amd_puts_them),
		cmocka_unit_test(versions_differ),
		cmocka_unit_test(tcb_versions_follow_the_product),
		cmocka_unit_test(reserved_bytes_are_told),
		cmocka_unit_test(every_length_but_one_is_refused),
		cmocka_unit_test(only_reports_look_so),
		cmocka_unit_test(tables_are_read),
		cmocka_unit_test(empty_tables),
		cmocka_unit_test(tables_that_reach_outside),
		cmocka_unit_test(too_many_entries),
		cmocka_unit_test(evidence_of_both),
		cmocka_unit_test(bits_have_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
