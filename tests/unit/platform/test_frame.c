/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "platform/aesm/frame.h"

static void a_frame_is_a_length_and_a_body(void **state)
{
	att_auto_buf att_buf b = { 0 };
	att_bytes body;

	(void)state;
	assert_int_equal(att_aesm_frame_put(&b, att_bytes_of("abc", 3), NULL), ATT_OK);
	assert_int_equal(b.len, 7);
	assert_memory_equal(b.ptr, "\x03\0\0\0abc", 7);
	assert_int_equal(att_aesm_frame_parse(att_buf_bytes(&b), &body, NULL), ATT_OK);
	assert_int_equal(body.len, 3);
	assert_ptr_equal(body.ptr, b.ptr + 4);
}

static void every_shorter_and_longer_one_is_refused(void **state)
{
	static const uint8_t frame[] = "\x03\0\0\0abc";
	att_bytes body;

	(void)state;
	for (size_t len = 0; len < 7; len++) {
		assert_int_equal(att_aesm_frame_parse(att_bytes_of(frame, len), &body, NULL),
				 ATT_E_TRUNCATED);
		assert_null(body.ptr);
	}
	assert_int_equal(att_aesm_frame_parse(att_bytes_of(frame, 8), &body, NULL), ATT_E_TRAILING);
}

static void lengths_are_capped(void **state)
{
	static const struct {
		uint8_t header[4];
		att_rc rc;
	} rows[] = {
		{ { 0, 0, 0, 0 }, ATT_E_FORMAT },
		{ { 1, 0, 0, 0 }, ATT_OK },
		{ { 0, 0, 3, 0 }, ATT_OK },    /* 65536 + 1024 * 128 */
		{ { 0, 0x80, 3, 0 }, ATT_OK }, /* 65536 + 1024 * 160 */
		{ { 1, 0x80, 3, 0 }, ATT_E_FORMAT },
		{ { 0xff, 0xff, 0xff, 0x7f }, ATT_E_FORMAT },
		{ { 0xff, 0xff, 0xff, 0xff }, ATT_E_FORMAT },
	};
	att_err err = { 0 };
	size_t len;

	(void)state;
	for (size_t i = 0; i < ATT_COUNT(rows); i++)
		assert_int_equal(att_aesm_header(rows[i].header, &len, &err), rows[i].rc);
	assert_string_equal(err.msg, "AESM frame of 4294967295 bytes, expected 1 to 229376 @0");
}

static void what_does_not_fit_is_not_put(void **state)
{
	static uint8_t big[ATT_AESM_BODY_MAX + 1];
	att_auto_buf att_buf b = { 0 };

	(void)state;
	assert_int_equal(att_aesm_frame_put(&b, att_bytes_of(big, 0), NULL), ATT_E_ARG);
	assert_int_equal(att_aesm_frame_put(&b, att_bytes_of(big, sizeof(big)), NULL), ATT_E_ARG);
	assert_int_equal(b.len, 0);
	assert_int_equal(att_aesm_frame_put(&b, att_bytes_of(big, sizeof(big) - 1), NULL), ATT_OK);
	b.max = b.len;
	assert_int_equal(att_aesm_frame_put(&b, att_bytes_of(big, 1), NULL), ATT_E_NOMEM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_frame_is_a_length_and_a_body),
		cmocka_unit_test(every_shorter_and_longer_one_is_refused),
		cmocka_unit_test(lengths_are_capped),
		cmocka_unit_test(what_does_not_fit_is_not_put),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
