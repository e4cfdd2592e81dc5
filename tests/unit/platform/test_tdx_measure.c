/* SPDX-License-Identifier: Apache-2.0 */
/* Records by hand, and what is refused; tests/oracle/test_tdx_measure.py has whole TDs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/digest.h"
#include "platform/sim/tdx_measure.h"

static void records(void **state)
{
	uint8_t text[128 + 128 + 256] = { 0 }, mrtd[ATT_TDX_MR], expected[ATT_TDX_MR];
	uint8_t chunk[ATT_TDX_CHUNK];
	att_mrtd *m;

	(void)state;
	memset(chunk, 0x5a, sizeof(chunk));
	memcpy(text, "MEM.PAGE.ADD", 12);
	text[17] = 0x30; /* address 0x3000 */
	memcpy(text + 128, "MR.EXTEND", 9);
	text[128 + 17] = 0x32; /* address 0x123456783200 */
	memcpy(text + 128 + 18, "\x78\x56\x34\x12", 4);
	memcpy(text + 256, chunk, sizeof(chunk));
	assert_true(att_sha384(att_bytes_of(text, sizeof(text)), att_bytes_of(NULL, 0), expected));
	assert_int_equal(att_mrtd_new(&m, NULL), ATT_OK);
	assert_int_equal(att_mrtd_add(m, 0x3000, NULL), ATT_OK);
	assert_int_equal(att_mrtd_extend(m, 0x123456783200, chunk, NULL), ATT_OK);
	assert_int_equal(att_mrtd_finish(m, mrtd, NULL), ATT_OK);
	assert_memory_equal(mrtd, expected, sizeof(mrtd));
	att_mrtd_free(m);
	att_mrtd_free(NULL);
}

static void an_image_is_its_pages(void **state)
{
	static uint8_t image[2 * ATT_TDX_PAGE];
	uint8_t whole[ATT_TDX_MR], parts[ATT_TDX_MR];
	att_mrtd *m;

	(void)state;
	for (size_t i = 0; i < sizeof(image); i++)
		image[i] = (uint8_t)(i * 7 + i / 256);
	assert_int_equal(att_mrtd_new(&m, NULL), ATT_OK);
	assert_int_equal(att_mrtd_image(m, 0x1000, att_bytes_of(image, sizeof(image)), NULL),
			 ATT_OK);
	assert_int_equal(att_mrtd_finish(m, whole, NULL), ATT_OK);
	att_mrtd_free(m);
	assert_int_equal(att_mrtd_new(&m, NULL), ATT_OK);
	for (size_t at = 0; at < sizeof(image); at += ATT_TDX_CHUNK) {
		if (at % ATT_TDX_PAGE == 0)
			assert_int_equal(att_mrtd_add(m, 0x1000 + at, NULL), ATT_OK);
		assert_int_equal(att_mrtd_extend(m, 0x1000 + at, image + at, NULL), ATT_OK);
	}
	assert_int_equal(att_mrtd_finish(m, parts, NULL), ATT_OK);
	assert_memory_equal(whole, parts, sizeof(whole));
	att_mrtd_free(m);
}

static void refused(void **state)
{
	uint8_t chunk[ATT_TDX_CHUNK] = { 0 };
	att_mrtd *m;

	(void)state;
	assert_int_equal(att_mrtd_new(&m, NULL), ATT_OK);
	assert_int_equal(att_mrtd_add(m, 0x800, NULL), ATT_E_ARG);
	assert_int_equal(att_mrtd_extend(m, 0x80, chunk, NULL), ATT_E_ARG);
	assert_int_equal(att_mrtd_image(m, 0, att_bytes_of(chunk, sizeof(chunk)), NULL), ATT_E_ARG);
	att_mrtd_free(m);
}

static void registers(void **state)
{
	uint8_t rtmr[ATT_TDX_MR] = { 0 }, both[2 * ATT_TDX_MR] = { 0 }, expected[ATT_TDX_MR];
	uint8_t data[ATT_TDX_MR];

	(void)state;
	memset(data, 9, sizeof(data));
	memcpy(both + ATT_TDX_MR, data, sizeof(data));
	assert_true(att_sha384(att_bytes_of(both, sizeof(both)), att_bytes_of(NULL, 0), expected));
	assert_int_equal(att_rtmr_extend(rtmr, data, NULL), ATT_OK);
	assert_memory_equal(rtmr, expected, sizeof(rtmr));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records),
		cmocka_unit_test(an_image_is_its_pages),
		cmocka_unit_test(refused),
		cmocka_unit_test(registers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
