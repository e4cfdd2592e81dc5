/* SPDX-License-Identifier: Apache-2.0 */
/* Which kind a file is, our own ELF layout (doc/enclave-measurement.md), raw images. */
#include "../fail_alloc.h"
#include "base/mem.h"
#include "images.h"
#include "platform/enclave/measure.h"

/* Text at 0x401000 (one page and a byte), data at 0x403ff0 that reaches into the next page. */
static void a_program(att_buf *b)
{
	const struct test_segment text = { 1, 5, 0x1000, 0x401000, 0x1001, 0x1001 };
	const struct test_segment data = { 1, 6, 0x2ff0, 0x403ff0, 0x20, 0x2000 };

	put_elf(b, 2, 2, 0x401000);
	set_segment(b, 0, &text);
	set_segment(b, 1, &data);
	while (b->len < 0x3010)
		att_put_u8(b, 0xa5);
}

static void check_page(struct att_image_cursor *c, uint64_t offset, uint64_t secinfo,
		       const char *region)
{
	struct att_image_page p;

	assert_true(att_image_next(c, &p));
	assert_int_equal(p.offset, offset);
	assert_int_equal(p.secinfo, secinfo);
	assert_int_equal(p.measured, 0xffff);
	assert_string_equal(p.region, region);
}

static void layout(void **state)
{
	att_auto_buf att_buf b = { 0 };
	struct att_image_cursor c;
	struct att_image_page p;

	(void)state;
	a_program(&b);
	att_image *image = parse_ok(att_buf_bytes(&b));
	assert_int_equal(att_image_kind(image), ATT_IMAGE_ELF);
	assert_string_equal(att_image_kind_name(ATT_IMAGE_ELF), "ELF layout");
	assert_int_equal(att_image_pages(image), 8);
	assert_int_equal(att_image_pages_measured(image), 8);
	assert_int_equal(att_image_size(image), 0x10000);
	att_image_start(image, &c);
	check_page(&c, 0, 0x205, "segment 0");
	check_page(&c, 0x1000, 0x205, "segment 0");
	check_page(&c, 0x2000, 0x203, "segment 1");
	check_page(&c, 0x3000, 0x203, "segment 1");
	check_page(&c, 0x4000, 0x203, "segment 1");
	check_page(&c, 0x6000, 0x203, "ssa");
	check_page(&c, 0x7000, 0x203, "ssa");
	assert_true(att_image_next(&c, &p));
	assert_int_equal(p.offset, 0x8000);
	assert_int_equal(p.secinfo, 0x100);
	assert_memory_equal(p.chunk[0] + 16, "\0\x60\0\0\0\0\0\0\0\0\0\0\2\0\0\0", 16);
	assert_memory_equal(p.chunk[0] + 32, "\0\0\0\0\0\0\0\0", 8);
	assert_memory_equal(p.chunk[0] + 64, "\xff\xff\xff\xff\xff\xff\xff\xff\0", 9);
	assert_false(att_image_next(&c, &p));
	att_image_free(image);
}

/* Whole pages are lent from the file; edges are put together with zeros. */
static void content(void **state)
{
	att_auto_buf att_buf b = { 0 };
	struct att_image_cursor c;
	struct att_image_page p;

	(void)state;
	a_program(&b);
	att_image *image = parse_ok(att_buf_bytes(&b));
	att_image_start(image, &c);
	assert_true(att_image_next(&c, &p));
	assert_ptr_equal(p.chunk[0], b.ptr + 0x1000);
	assert_true(att_image_next(&c, &p));
	assert_int_equal(p.chunk[0][0], 0xa5);
	assert_int_equal(p.chunk[0][1], 0);
	assert_true(att_image_next(&c, &p));
	assert_int_equal(p.chunk[15][0xef], 0);
	assert_int_equal(p.chunk[15][0xf0], 0xa5);
	assert_true(att_image_next(&c, &p));
	assert_int_equal(p.chunk[0][0xf], 0xa5);
	assert_int_equal(p.chunk[0][0x10], 0);
	assert_true(att_image_next(&c, &p));
	for (size_t i = 0; i < 16; i++)
		assert_true(att_all_zero(att_bytes_of(p.chunk[i], 256)));
	att_image_free(image);
}

static void bad(size_t at, uint64_t value, size_t len, att_rc want, const char *part)
{
	att_auto_buf att_buf b = { 0 };

	a_program(&b);
	put_at(&b, at, value, len);
	parse_refused(att_buf_bytes(&b), want, part);
}

static void bad_programs(void **state)
{
	(void)state;
	bad(24, 0x403ff0, 8, ATT_E_FORMAT, "entry point");
	bad(24, 0x400000, 8, ATT_E_FORMAT, "entry point");
	bad(56, 0, 2, ATT_E_FORMAT, "no segment is loaded");
	bad(ELF_SEGMENT(1) + 4, 2, 4, ATT_E_FORMAT, "writable only if readable");
	bad(ELF_SEGMENT(1) + 16, 0x400000, 8, ATT_E_FORMAT, "ascending");
	bad(ELF_SEGMENT(1) + 16, 0x402010, 8, ATT_E_FORMAT, "added twice");
	bad(ELF_SEGMENT(1) + 16, UINT64_MAX - 0xfff, 8, ATT_E_FORMAT, "ascending");
	bad(ELF_SEGMENT(1) + 16, UINT64_C(1) << 42, 8, ATT_E_UNSUPPORTED, "enclave size");
	bad(ELF_SEGMENT(1) + 40, 0x10, 8, ATT_E_FORMAT, "no smaller");
	bad(ELF_SEGMENT(1) + 40, UINT64_MAX, 8, ATT_E_FORMAT, "no smaller");
	bad(ELF_SEGMENT(1) + 40, UINT64_C(1) << 36, 8, ATT_E_UNSUPPORTED, "more pages");
}

static void unknown(void **state)
{
	const att_bytes large = { (const uint8_t *)"", ATT_IMAGE_FILE_MAX + 1 };

	(void)state;
	parse_refused(att_bytes_of("", 0), ATT_E_FORMAT, "no enclave image");
	parse_refused(att_bytes_of("ECREATF\0", 8), ATT_E_FORMAT, "no enclave image");
	parse_refused(att_bytes_of("\x7f"
				   "ELF",
				   4),
		      ATT_E_TRUNCATED, "elf header");
	parse_refused(large, ATT_E_UNSUPPORTED, "at most");
	assert_string_equal(att_image_kind_name((enum att_image_kind)99), "unknown");
	att_image_free(NULL);
}

static void raw(void **state)
{
	static const uint8_t file[2 * ATT_PAGE_SIZE] = { [16] = 0xff, [ATT_PAGE_SIZE] = 0x77 };
	const struct att_image_raw how = { .ssa_frame_size = 2, .mapped = 0x4001 };
	struct att_image_cursor c;
	struct att_image_page p;
	att_image *image;

	(void)state;
	assert_int_equal(att_image_parse_raw(att_bytes_of(file, sizeof(file)), &how, &image, NULL),
			 ATT_OK);
	assert_int_equal(att_image_kind(image), ATT_IMAGE_RAW);
	assert_int_equal(att_image_size(image), 0x8000);
	assert_int_equal(att_image_ssa_frame_size(image), 2);
	att_image_start(image, &c);
	assert_true(att_image_next(&c, &p));
	assert_int_equal(p.secinfo, 0x100);
	assert_memory_equal(p.chunk[0] + 16, "\0\x20\0\0\0\0\0\0", 8);
	assert_true(att_image_next(&c, &p));
	assert_int_equal(p.chunk[0][0], 0x77);
	check_page(&c, 0x2000, 0x207, "ssa");
	check_page(&c, 0x3000, 0x207, "ssa");
	check_page(&c, 0x4000, 0x207, "padding");
	assert_false(att_image_next(&c, &p));
	att_image_free(image);
	assert_int_equal(att_image_raw_ssa(3), 1);
	assert_int_equal(att_image_raw_ssa(0x2e7), 1);
	assert_int_equal(att_image_raw_ssa(0x602e7), 3);
}

static void raw_refused(size_t len, struct att_image_raw how, att_rc want, const char *part)
{
	static const uint8_t file[2 * ATT_PAGE_SIZE];
	att_image *image = (att_image *)&image;
	att_err err;

	att_rc rc = att_image_parse_raw(att_bytes_of(file, len), &how, &image, &err);
	refused(rc, want, image, &err, part);
}

static void bad_raw(void **state)
{
	(void)state;
	raw_refused(4096, (struct att_image_raw){ 0, 0 }, ATT_E_ARG, "1 to 256");
	raw_refused(4096, (struct att_image_raw){ 257, 0 }, ATT_E_ARG, "1 to 256");
	raw_refused(4096, (struct att_image_raw){ 1, ATT_ELRANGE_MAX + 1 }, ATT_E_ARG, "at most");
	raw_refused(4096, (struct att_image_raw){ 1, 0x1000 }, ATT_E_ARG, "need 8192");
	raw_refused(0, (struct att_image_raw){ 1, 0 }, ATT_E_FORMAT, "whole pages");
	raw_refused(4097, (struct att_image_raw){ 1, 0 }, ATT_E_FORMAT, "whole pages");
	raw_refused(4096, (struct att_image_raw){ 1, ATT_ELRANGE_MAX }, ATT_E_UNSUPPORTED,
		    "more pages");
}

/* The k-th allocation fails: an error, no leak, never ATT_OK. */
static void out_of_memory(void **state)
{
	att_auto_buf att_buf b = { 0 };
	uint8_t digest[32];
	size_t k = 0;
	att_rc rc;

	(void)state;
	a_program(&b);
	do {
		att_image *image = NULL;

		alloc_watch(++k);
		rc = att_image_parse(att_buf_bytes(&b), &image, NULL);
		if (rc == ATT_OK)
			rc = att_image_measure(image, digest, NULL);
		(void)alloc_unwatch();
		assert_true(rc == ATT_OK || rc == ATT_E_NOMEM);
		att_image_free(image);
	} while (rc != ATT_OK);
	assert_true(k > 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(layout),        cmocka_unit_test(content),
		cmocka_unit_test(bad_programs),  cmocka_unit_test(unknown),
		cmocka_unit_test(raw),           cmocka_unit_test(bad_raw),
		cmocka_unit_test(out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
