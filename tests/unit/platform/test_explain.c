/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/digest.h"
#include "images.h"
#include "platform/enclave/explain.h"
#include "platform/enclave/measure.h"

struct seen {
	struct att_image_region region[4];
	size_t count;
	size_t stop_at; /* this call fails; 0: none */
};

static att_rc note(void *ctx, const struct att_image_region *r)
{
	struct seen *s = ctx;

	assert_true(s->count < 4);
	s->region[s->count++] = *r;
	return s->count == s->stop_at ? ATT_E_DENIED : ATT_OK;
}

static void a_stream(att_buf *b)
{
	put_ecreate(b, 1, 0x8000);
	put_eadd(b, 0, 0x205);
	put_chunk(b, "EEXTEND", 0x100, 1);
	put_eadd(b, 0x2000, 0x203);
	put_eadd(b, 0x3000, 0x203);
}

static void regions(void **state)
{
	att_auto_buf att_buf b = { 0 };
	struct seen s = { 0 };
	uint8_t whole[32];
	uint8_t told[32];
	uint8_t want[32];

	(void)state;
	a_stream(&b);
	att_image *image = parse_ok(att_buf_bytes(&b));
	assert_int_equal(att_image_explain(image, note, &s, told, NULL), ATT_OK);
	assert_int_equal(att_image_measure(image, whole, NULL), ATT_OK);
	assert_memory_equal(whole, told, 32);
	assert_int_equal(s.count, 2);
	assert_string_equal(s.region[0].name, "r-x");
	assert_int_equal(s.region[0].pages, 1);
	assert_int_equal(s.region[0].pages_measured, 1);
	assert_int_equal(s.region[1].offset, 0x2000);
	assert_int_equal(s.region[1].pages, 2);
	assert_int_equal(s.region[1].pages_measured, 0);
	assert_true(s.region[1].one_secinfo);
	/* A region's hash is over its records. */
	assert_true(att_sha256_once(att_bytes_of(b.ptr + 64, 64 + 320), want));
	assert_memory_equal(s.region[0].sha256, want, 32);
	assert_true(att_sha256_once(att_bytes_of(b.ptr + b.len - 128, 128), want));
	assert_memory_equal(s.region[1].sha256, want, 32);
	for (size_t stop = 1; stop <= 2; stop++) {
		struct seen again = { .stop_at = stop };

		assert_int_equal(att_image_explain(image, note, &again, told, NULL), ATT_E_DENIED);
		assert_int_equal(again.count, stop);
	}
	att_image_free(image);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(regions) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
