/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>

#include "base/reader.h"

static const uint8_t ramp[32] = { 0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
				  16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31 };

static void every_getter_reads_its_width(void **state)
{
	att_reader r = att_reader_of(att_bytes_of(ramp, sizeof(ramp)));
	att_err err;
	(void)state;

	assert_int_equal(att_u8(&r, "u8"), 0);
	assert_int_equal(att_le16(&r, "le16"), 0x0201);
	assert_int_equal(att_le32(&r, "le32"), 0x06050403);
	assert_true(att_le64(&r, "le64") == UINT64_C(0x0e0d0c0b0a090807));
	att_bytes v = att_view(&r, 2, "view");
	assert_ptr_equal(v.ptr, ramp + 15);
	assert_int_equal(v.len, 2);
	uint8_t copy[3];
	att_copy(&r, copy, sizeof(copy), "copy");
	assert_memory_equal(copy, ramp + 17, 3);
	att_skip(&r, 2, "skip");
	assert_int_equal(att_tell(&r), 22);
	assert_int_equal(att_left(&r), 10);
	assert_ptr_equal(att_peek_rest(&r).ptr, ramp + 22);
	assert_int_equal(att_peek_rest(&r).len, 10);
	assert_int_equal(att_reader_ok(&r, &err), ATT_OK);
	att_skip(&r, 10, "rest");
	assert_int_equal(att_reader_end(&r, &err), ATT_OK);
}

static void high_bits_are_no_sign(void **state)
{
	static const uint8_t ff[20] = { [0 ... 19] = 0xff };
	att_reader r = att_reader_of(att_bytes_of(ff, sizeof(ff)));
	(void)state;

	assert_true(att_le32(&r, "a") == UINT32_MAX);
	assert_true(att_le16(&r, "b") == UINT16_MAX);
	assert_true(att_le64(&r, "c") == UINT64_MAX);
}

/* After the first failure all reads yield nothing, and the failure stays the first one. */
static void failure_is_sticky(void **state)
{
	att_reader r = att_reader_at(att_bytes_of(ramp, sizeof(ramp)), 100);
	att_err err;
	(void)state;

	att_skip(&r, 30, "head");
	assert_int_equal(att_le32(&r, "first"), 0);
	assert_int_equal(att_u8(&r, "u8"), 0);
	assert_int_equal(att_le16(&r, "le16"), 0);
	assert_int_equal(att_le32(&r, "le32"), 0);
	assert_true(att_le64(&r, "le64") == 0);
	assert_null(att_view(&r, 1, "view").ptr);
	assert_int_equal(att_view(&r, 1, "view").len, 0);
	uint8_t copy[2] = { 7, 7 };
	att_copy(&r, copy, sizeof(copy), "copy");
	assert_memory_equal(copy, "\0\0", 2);
	att_skip(&r, 1, "skip");
	assert_int_equal(att_left(&r), 0);
	assert_int_equal(att_peek_rest(&r).len, 0);
	att_reader_mark(&r, "mark");

	att_reader sub = att_sub(&r, 1, "sub");
	assert_int_equal(att_u8(&sub, "in sub"), 0);
	assert_int_equal(att_reader_end(&sub, &err), ATT_E_TRUNCATED);
	assert_string_equal(err.msg, "truncated in first @130");

	assert_int_equal(att_reader_ok(&r, &err), ATT_E_TRUNCATED);
	assert_string_equal(err.msg, "truncated in first @130");
	assert_int_equal(err.offset, 130);
	assert_int_equal(att_reader_end(&r, NULL), ATT_E_TRUNCATED);
	assert_int_equal(r.bad_want, 4);
}

typedef void (*getter)(att_reader *r);

static void get_u8(att_reader *r)
{
	att_u8(r, "f");
}

static void get_le16(att_reader *r)
{
	att_le16(r, "f");
}

static void get_le32(att_reader *r)
{
	att_le32(r, "f");
}

static void get_le64(att_reader *r)
{
	att_le64(r, "f");
}

static void each_getter_wants_all_its_bytes(void **state)
{
	static const struct {
		getter get;
		size_t width;
	} all[] = { { get_u8, 1 }, { get_le16, 2 }, { get_le32, 4 }, { get_le64, 8 } };
	(void)state;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		att_reader full = att_reader_of(att_bytes_of(ramp, all[i].width));
		all[i].get(&full);
		assert_int_equal(att_reader_end(&full, NULL), ATT_OK);
		att_reader cut = att_reader_of(att_bytes_of(ramp, all[i].width - 1));
		all[i].get(&cut);
		assert_int_equal(att_reader_ok(&cut, NULL), ATT_E_TRUNCATED);
		assert_int_equal(cut.bad_want, all[i].width);
	}
}

static void lengths_do_not_wrap(void **state)
{
	att_reader r = att_reader_of(att_bytes_of(ramp, 8));
	(void)state;

	att_skip(&r, 4, "head");
	assert_int_equal(att_view(&r, SIZE_MAX, "huge").len, 0);
	assert_int_equal(att_reader_ok(&r, NULL), ATT_E_TRUNCATED);
}

static void empty_input(void **state)
{
	att_reader r = att_reader_of(att_bytes_of(NULL, 0));
	att_err err;
	(void)state;

	assert_int_equal(att_reader_end(&r, &err), ATT_OK);
	assert_int_equal(att_view(&r, 0, "nothing").len, 0);
	att_copy(&r, NULL, 0, "nothing");
	att_skip(&r, 0, "nothing");
	att_reader sub = att_sub(&r, 0, "nothing");
	assert_int_equal(att_reader_end(&sub, &err), ATT_OK);
	assert_int_equal(att_reader_end(&r, &err), ATT_OK);
	assert_int_equal(att_u8(&r, "byte"), 0);
	assert_int_equal(att_reader_end(&r, &err), ATT_E_TRUNCATED);
	assert_string_equal(err.msg, "truncated in byte @0");
}

static void sub_readers_keep_absolute_offsets(void **state)
{
	att_reader r = att_reader_at(att_bytes_of(ramp, sizeof(ramp)), 1000);
	att_err err;
	(void)state;

	att_skip(&r, 4, "head");
	att_reader a = att_sub(&r, 10, "outer");
	assert_int_equal(att_tell(&a), 1004);
	assert_int_equal(att_tell(&r), 1014);
	att_skip(&a, 2, "head");
	att_reader b = att_sub(&a, 4, "inner");
	assert_int_equal(att_u8(&b, "x"), 6);
	assert_int_equal(att_tell(&b), 1007);

	/* A sub-reader ends where it ends, whatever its parent still has. */
	att_skip(&b, 4, "field");
	assert_int_equal(att_reader_ok(&b, &err), ATT_E_TRUNCATED);
	assert_string_equal(err.msg, "truncated in field @1007");
	assert_int_equal(att_reader_ok(&a, &err), ATT_OK);

	assert_int_equal(att_reader_end(&a, &err), ATT_E_TRAILING);
	assert_string_equal(err.msg, "4 bytes after the end @1010");
	assert_int_equal(err.offset, 1010);

	att_reader c = att_sub(&r, 19, "too long");
	assert_int_equal(att_reader_end(&c, &err), ATT_E_TRUNCATED);
	assert_string_equal(err.msg, "truncated in too long @1014");
	assert_int_equal(att_reader_end(&r, &err), ATT_E_TRUNCATED);
}

static void one_byte_left_is_singular(void **state)
{
	att_reader r = att_reader_of(att_bytes_of(ramp, 1));
	att_err err;
	(void)state;

	assert_int_equal(att_reader_end(&r, &err), ATT_E_TRAILING);
	assert_string_equal(err.msg, "1 byte after the end @0");
}

static void a_marked_field_is_a_bad_one(void **state)
{
	att_reader r = att_reader_at(att_bytes_of(ramp, 8), 16);
	att_err err;
	(void)state;

	att_skip(&r, 3, "head");
	att_reader_mark(&r, "version");
	att_reader_mark(&r, "other");
	assert_int_equal(att_reader_end(&r, &err), ATT_E_FORMAT);
	assert_string_equal(err.msg, "bad version @19");
	assert_int_equal(err.offset, 19);
	assert_int_equal(att_u8(&r, "x"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_getter_reads_its_width),
		cmocka_unit_test(high_bits_are_no_sign),
		cmocka_unit_test(failure_is_sticky),
		cmocka_unit_test(each_getter_wants_all_its_bytes),
		cmocka_unit_test(lengths_do_not_wrap),
		cmocka_unit_test(empty_input),
		cmocka_unit_test(sub_readers_keep_absolute_offsets),
		cmocka_unit_test(one_byte_left_is_singular),
		cmocka_unit_test(a_marked_field_is_a_bad_one),
	};

	return cmocka_run_group_tests_name("base/reader", tests, NULL, NULL);
}
