/* SPDX-License-Identifier: Apache-2.0 */
#include "base/mem.h"
#include "images.h"

static void a_stream(att_buf *b)
{
	put_ecreate(b, 1, 0x10000);
	put_eadd(b, 0, 0x100);
	put_chunk(b, "EEXTEND", 0, 0x11);
	put_chunk(b, "UNMEASRD", 0x100, 0x22);
	put_chunk(b, "EEXTEND", 0xf00, 0x33);
	put_eadd(b, 0x1000, 0x203);
	put_eadd(b, 0x2000, 0x203);
	put_eadd(b, 0x8000, 0x203);
}

#define FIRST_EADD  64
#define FIRST_CHUNK 128
#define SECOND_EADD (128 + 3 * 320)

static void pages(void **state)
{
	att_auto_buf att_buf b = { 0 };
	struct att_image_cursor c;
	struct att_image_page p;

	(void)state;
	a_stream(&b);
	att_image *image = parse_ok(att_buf_bytes(&b));
	assert_int_equal(att_image_kind(image), ATT_IMAGE_SGXS);
	assert_int_equal(att_image_size(image), 0x10000);
	assert_int_equal(att_image_ssa_frame_size(image), 1);
	assert_int_equal(att_image_pages(image), 4);
	assert_int_equal(att_image_pages_measured(image), 1);
	assert_int_equal(att_image_sigstruct(image).len, 0);
	assert_int_equal(att_image_section_at(image, 0).len, 0);

	att_image_start(image, &c);
	assert_true(att_image_next(&c, &p));
	assert_int_equal(p.offset, 0);
	assert_int_equal(p.secinfo, 0x100);
	assert_int_equal(p.measured, 0x8001);
	assert_string_equal(p.region, "tcs");
	assert_ptr_equal(p.chunk[0], b.ptr + FIRST_CHUNK + 64); /* in place */
	assert_int_equal(p.chunk[1][255], 0x22);
	assert_int_equal(p.chunk[15][0], 0x33);
	assert_true(att_all_zero(att_bytes_of(p.chunk[2], 256)));
	size_t tcs = p.region_index;
	assert_true(att_image_next(&c, &p));
	assert_int_equal(p.offset, 0x1000);
	assert_int_equal(p.measured, 0);
	assert_string_equal(p.region, "rw-");
	assert_int_equal(p.region_index, tcs + 1);
	assert_true(att_image_next(&c, &p));
	assert_int_equal(p.region_index, tcs + 1);
	assert_true(att_image_next(&c, &p));
	assert_int_equal(p.offset, 0x8000);
	assert_int_equal(p.region_index, tcs + 2); /* a hole parts regions */
	assert_false(att_image_next(&c, &p));
	assert_false(att_image_next(&c, &p));
	att_image_free(image);
}

static void bad(size_t at, uint64_t value, size_t len, att_rc want, const char *part)
{
	att_auto_buf att_buf b = { 0 };

	a_stream(&b);
	put_at(&b, at, value, len);
	parse_refused(att_buf_bytes(&b), want, part);
}

static void malformed(void **state)
{
	(void)state;
	bad(0, UINT64_C(0x0044455a49534e55), 8, ATT_E_UNSUPPORTED, "size open");
	bad(8, 0, 4, ATT_E_FORMAT, "SSA frame size 0");
	bad(12, 0x1000, 8, ATT_E_FORMAT, "power of two");
	bad(12, 0x3000, 8, ATT_E_FORMAT, "power of two");
	bad(12, UINT64_C(1) << 41, 8, ATT_E_UNSUPPORTED, "enclave size");
	bad(63, 1, 1, ATT_E_FORMAT, "reserved bytes of ECREATE");
	bad(FIRST_EADD, 0x55, 8, ATT_E_FORMAT, "record of kind 0x0000000000000055");
	bad(FIRST_EADD + 8, 0x800, 8, ATT_E_FORMAT, "EADD of 0x800");
	bad(FIRST_EADD + 8, 0x10000, 8, ATT_E_FORMAT, "EADD of 0x10000");
	bad(FIRST_EADD + 16, 0x101, 8, ATT_E_FORMAT, "SECINFO flags 0x101");
	bad(FIRST_EADD + 16, 0x200000, 8, ATT_E_FORMAT, "SECINFO flags");
	bad(FIRST_EADD + 63, 1, 1, ATT_E_FORMAT, "reserved bytes of SECINFO");
	bad(FIRST_CHUNK + 8, 0x80, 8, ATT_E_FORMAT, "chunk 0x80");
	bad(FIRST_CHUNK + 8, 0x1000, 8, ATT_E_FORMAT, "chunk 0x1000");
	bad(FIRST_CHUNK + 8, 0x100, 8, ATT_E_UNSUPPORTED, "chunk 0x100 twice");
	bad(FIRST_CHUNK + 63, 1, 1, ATT_E_FORMAT, "reserved bytes of a chunk");
	bad(SECOND_EADD + 8, 0, 8, ATT_E_UNSUPPORTED, "ascending pages");
	bad(SECOND_EADD + 16, 0x202, 8, ATT_E_FORMAT, "writable only if readable");
}

static void empty(void **state)
{
	att_auto_buf att_buf b = { 0 };

	(void)state;
	put_ecreate(&b, 1, 0x2000);
	parse_refused(att_buf_bytes(&b), ATT_E_FORMAT, "no pages");
	put_chunk(&b, "EEXTEND", 0, 0);
	parse_refused(att_buf_bytes(&b), ATT_E_FORMAT, "not of the page");
}

static void cut(void **state)
{
	att_auto_buf att_buf b = { 0 };
	att_image *image;

	(void)state;
	a_stream(&b);
	for (size_t len = 0; len < b.len; len++) {
		att_rc rc = att_image_parse(att_bytes_of(b.ptr, len), &image, NULL);
		/* Whole records are an enclave of fewer pages. */
		bool whole = (len >= 128 && (len - 128) % 320 == 0 && len <= SECOND_EADD) ||
			     (len >= SECOND_EADD && (len - SECOND_EADD) % 64 == 0);

		assert_int_equal(rc == ATT_OK, whole);
		att_image_free(image);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(pages), cmocka_unit_test(malformed),
					    cmocka_unit_test(empty), cmocka_unit_test(cut) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
