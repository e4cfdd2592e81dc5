/* SPDX-License-Identifier: Apache-2.0 */
/* Digests are of records written out by hand (spec: 64 bytes each, Intel SDM volume 3D) and hashed
 * with coreutils' sha256sum. */
#include "crypto/digest.h"
#include "images.h"
#include "platform/enclave/measure.h"

/* A raw image of one page of zeros: ECREATE (SSA 1, size 0x2000); TCS at 0 with OSSA 0x1000; SSA
 * page at 0x1000, all chunks of both extended. */
static void raw_by_hand(void **state)
{
	static const uint8_t page[ATT_PAGE_SIZE];
	const struct att_image_raw how = { .ssa_frame_size = 1 };
	att_auto_buf att_buf records = { 0 };
	uint8_t got[32];
	uint8_t want[32];
	att_image *image;

	(void)state;
	put_ecreate(&records, 1, 0x2000);
	put_eadd(&records, 0, 0x100);
	for (unsigned i = 0; i < 16; i++)
		put_chunk(&records, "EEXTEND", 256 * i, 0);
	put_at(&records, 64 + 64 + 64 + 17, 0x10, 1); /* OSSA */
	put_eadd(&records, 0x1000, 0x207);
	for (unsigned i = 0; i < 16; i++)
		put_chunk(&records, "EEXTEND", 0x1000 + 256 * i, 0);
	assert_true(att_sha256_once(att_buf_bytes(&records), want));
	assert_int_equal(att_image_parse_raw(att_bytes_of(page, sizeof(page)), &how, &image, NULL),
			 ATT_OK);
	assert_int_equal(att_image_measure(image, got, NULL), ATT_OK);
	assert_memory_equal(got, want, 32);
	att_image_free(image);
}

/* A stream without unmeasured records is what is hashed; an unmeasured chunk changes nothing. */
static void stream_is_its_own_hash(void **state)
{
	att_auto_buf att_buf b = { 0 };
	uint8_t got[32];
	uint8_t want[32];

	(void)state;
	put_ecreate(&b, 2, 0x4000);
	put_eadd(&b, 0x1000, 0x205);
	put_chunk(&b, "EEXTEND", 0x1300, 7);
	assert_true(att_sha256_once(att_buf_bytes(&b), want));
	put_chunk(&b, "UNMEASRD", 0x1400, 9);
	att_image *image = parse_ok(att_buf_bytes(&b));
	assert_int_equal(att_image_measure(image, got, NULL), ATT_OK);
	assert_memory_equal(got, want, 32);
	att_image_free(image);
}

/* printf 'ECREATE\0\1\0\0\0\0\040' and 50 zeros, then 'EADD' and so on, through sha256sum. */
static void known_digest(void **state)
{
	static const uint8_t want[32] = { 0x21, 0x55, 0xba, 0x80, 0xe2, 0x8b, 0xbd, 0xd2,
					  0xe0, 0x21, 0xc0, 0x60, 0xf6, 0xd8, 0x4b, 0x37,
					  0xd3, 0x5a, 0xeb, 0xb1, 0x7b, 0xd5, 0xa8, 0xec,
					  0x52, 0xa8, 0x11, 0x05, 0xed, 0x59, 0x8b, 0x4e };
	att_auto_buf att_buf b = { 0 };
	uint8_t got[32];

	(void)state;
	put_ecreate(&b, 1, 0x2000);
	put_eadd(&b, 0, 0x201);
	att_image *image = parse_ok(att_buf_bytes(&b));
	assert_int_equal(att_image_measure(image, got, NULL), ATT_OK);
	assert_memory_equal(got, want, 32);
	att_image_free(image);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(raw_by_hand),
					    cmocka_unit_test(stream_is_its_own_hash),
					    cmocka_unit_test(known_digest) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
