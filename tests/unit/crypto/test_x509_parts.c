/* SPDX-License-Identifier: Apache-2.0 */
/* The parts alone; what certificates and CRLs make of them is in test_x509.c and test_crl.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "crypto/x509_parts.h"

static att_reader reader(const char *hex, uint8_t *out)
{
	size_t len = strlen(hex) / 2;

	assert_int_equal(att_hex_decode(att_bytes_of(hex, 2 * len), out, len, NULL), ATT_OK);
	return att_reader_at(att_bytes_of(out, len), 100);
}

static void leaving_tells_the_first_failure(void **state)
{
	(void)state;
	uint8_t bytes[8];
	att_err err;

	att_reader outer = reader("0011223344", bytes);
	att_reader inner = att_sub(&outer, 2, "inner");
	att_skip(&inner, 2, "all");
	att_x509_leave(&outer, &inner, "nothing left");
	assert_int_equal(att_reader_ok(&outer, &err), ATT_OK);

	inner = att_sub(&outer, 2, "inner");
	att_reader short_of = inner;
	att_skip(&short_of, 3, "more than there is");
	att_reader copy = outer;
	att_x509_leave(&copy, &short_of, "not this");
	assert_int_equal(att_reader_ok(&copy, &err), ATT_E_TRUNCATED);
	assert_int_equal(err.offset, 102);
	assert_string_equal(err.msg, "truncated in more than there is @102");

	att_skip(&inner, 1, "one");
	att_x509_leave(&outer, &inner, "left over");
	assert_int_equal(att_reader_ok(&outer, &err), ATT_E_FORMAT);
	assert_string_equal(err.msg, "bad left over @103");
	att_x509_leave(&outer, &short_of, "later");
	assert_int_equal(att_reader_ok(&outer, &err), ATT_E_FORMAT);
	assert_string_equal(err.msg, "bad left over @103");
}

static void oids_are_compared_whole(void **state)
{
	(void)state;
	static const struct att_oid oid = { 3, { 0x55, 0x1d, 0x23 } };

	assert_true(att_oid_is(&oid, att_bytes_of("\x55\x1d\x23", 3)));
	assert_true(att_oid_is(&att_oid_authority_key_id, att_bytes_of("\x55\x1d\x23", 3)));
	assert_false(att_oid_is(&oid, att_bytes_of("\x55\x1d\x24", 3)));
	assert_false(att_oid_is(&oid, att_bytes_of("\x55\x1d", 2)));
	assert_false(att_oid_is(&oid, att_bytes_of("\x55\x1d\x23\x00", 4)));
	assert_false(att_oid_is(&oid, att_bytes_of(NULL, 0)));
}

static void the_last_common_name_counts(void **state)
{
	(void)state;
	uint8_t bytes[64];
	att_bytes cn;

	/* CN=A, CN=B, O=o */
	att_reader r = reader("3024310a300806035504030c0141310a30080603550403130142"
			      "310a3008060355040a16016f",
			      bytes);
	att_bytes name = att_x509_name(&r, &cn, "name");
	assert_int_equal(att_reader_end(&r, NULL), ATT_OK);
	assert_int_equal(name.len, 38);
	assert_int_equal(cn.len, 1);
	assert_int_equal(cn.ptr[0], 'B');

	r = reader("300c310a3008060355040a0c016f", bytes);
	att_x509_name(&r, &cn, "name");
	assert_int_equal(att_reader_end(&r, NULL), ATT_OK);
	assert_int_equal(cn.len, 0);
}

static void extensions_one_by_one(void **state)
{
	(void)state;
	uint8_t bytes[64];
	struct att_x509_exts exts;
	struct att_x509_ext ext;

	/* 2.5.4 with aabb, and 2.5.5, critical, with cc */
	att_reader r = reader("3016"
			      "3008060255040402aabb"
			      "300a06025505"
			      "0101ff"
			      "0401cc",
			      bytes);
	att_x509_exts_enter(&r, &exts);
	assert_true(att_x509_ext_next(&exts, &ext));
	assert_int_equal(ext.oid.len, 2);
	assert_false(ext.critical);
	assert_int_equal(ext.value.len, 2);
	assert_int_equal(att_tell(&ext.inside), 110);
	assert_true(att_x509_ext_next(&exts, &ext));
	assert_true(ext.critical);
	assert_int_equal(ext.value.len, 1);
	assert_false(att_x509_ext_next(&exts, &ext));
	assert_int_equal(att_reader_end(&exts.list, NULL), ATT_OK);
}

static void key_ids(void **state)
{
	(void)state;
	uint8_t bytes[32];

	att_reader r = reader("30098002aabba100820101", bytes);
	att_bytes id = att_x509_key_id(&r);
	assert_int_equal(att_reader_end(&r, NULL), ATT_OK);
	assert_int_equal(id.len, 2);
	assert_int_equal(id.ptr[0], 0xaa);
	r = reader("3000", bytes);
	id = att_x509_key_id(&r);
	assert_int_equal(att_reader_end(&r, NULL), ATT_OK);
	assert_int_equal(id.len, 0);
	r = reader("30048002aabb00", bytes);
	att_x509_key_id(&r);
	assert_int_equal(att_reader_end(&r, NULL), ATT_E_TRAILING);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(leaving_tells_the_first_failure),
		cmocka_unit_test(oids_are_compared_whole),
		cmocka_unit_test(the_last_common_name_counts),
		cmocka_unit_test(extensions_one_by_one),
		cmocka_unit_test(key_ids),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
