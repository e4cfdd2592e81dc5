/* SPDX-License-Identifier: Apache-2.0 */
#include "images.h"
#include "platform/enclave/explain.h"

/* A stream of pages 0 and 0x1000, of which the first chunks are measured. */
static void a_stream(att_buf *b)
{
	put_ecreate(b, 1, 0x8000);
	put_eadd(b, 0, 0x205);
	put_chunk(b, "EEXTEND", 0, 1);
	put_eadd(b, 0x1000, 0x203);
	put_chunk(b, "EEXTEND", 0x1000, 2);
	put_chunk(b, "UNMEASRD", 0x1100, 3);
}

#define SECOND_EADD  (64 + 64 + 320)
#define SECOND_CHUNK (SECOND_EADD + 64)

static struct att_image_diff compare(const att_buf *a, const att_buf *b)
{
	att_image *first = parse_ok(att_buf_bytes(a));
	att_image *second = parse_ok(att_buf_bytes(b));
	struct att_image_diff d;

	assert_int_equal(att_image_compare(first, second, &d, NULL), ATT_OK);
	/* Regions and sections were lent. */
	d.region[0] = d.region[0] ? "first" : NULL;
	d.region[1] = d.region[1] ? "second" : NULL;
	att_image_free(first);
	att_image_free(second);
	return d;
}

static struct att_image_diff changed(size_t at, uint64_t value, size_t len)
{
	att_auto_buf att_buf a = { 0 };
	att_auto_buf att_buf b = { 0 };

	a_stream(&a);
	a_stream(&b);
	put_at(&b, at, value, len);
	return compare(&a, &b);
}

static void one_change(void **state)
{
	struct att_image_diff d = changed(0, 'E', 1);

	(void)state;
	assert_true(att_image_same(&d));
	d = changed(12, 0x10000, 8);
	assert_true(d.size && d.pages == 0 && !att_image_same(&d));
	d = changed(8, 2, 4);
	assert_true(d.ssa_frame_size && d.pages == 0 && !att_image_same(&d));
	d = changed(SECOND_EADD + 16, 0x201, 8);
	assert_int_equal(d.first, ATT_DIFF_FLAGS);
	assert_true(d.flags == 1 && d.pages == 1 && d.offset == 0x1000);
	assert_int_equal(d.secinfo[0], 0x203);
	assert_int_equal(d.secinfo[1], 0x201);
	d = changed(SECOND_CHUNK + 64 + 5, 9, 1);
	assert_int_equal(d.first, ATT_DIFF_CONTENT);
	assert_true(d.content == 1 && d.byte == 0x1005 && !att_image_same(&d));
	d = changed(SECOND_CHUNK + 8, 0x10c0 - 0xc0, 8);
	assert_true(att_image_same(&d));
	/* What is not measured is not compared. */
	d = changed(SECOND_CHUNK + 320 + 64, 9, 1);
	assert_true(att_image_same(&d));
	d = changed(SECOND_CHUNK + 320, UINT64_C(0x00444e4554584545), 8);
	assert_int_equal(d.first, ATT_DIFF_MEASURED);
	assert_true(d.measured == 1 && d.pages == 1);
}

static void presence(void **state)
{
	att_auto_buf att_buf a = { 0 };
	att_auto_buf att_buf b = { 0 };

	(void)state;
	a_stream(&a);
	a_stream(&b);
	put_eadd(&b, 0x3000, 0x203);
	struct att_image_diff d = compare(&a, &b);
	assert_true(d.only_second == 1 && d.only_first == 0 && d.first == ATT_DIFF_ONLY_SECOND);
	assert_null(d.region[0]);
	assert_non_null(d.region[1]);
	d = compare(&b, &a);
	assert_true(d.only_first == 1 && d.only_second == 0 && d.first == ATT_DIFF_ONLY_FIRST);
	assert_null(d.region[1]);
	assert_int_equal(d.offset, 0x3000);
	assert_false(att_image_same(&d));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(one_change),
					    cmocka_unit_test(presence) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
