/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "../fail_alloc.h"

static void assert_holds(const att_buf *b, const char *bytes, size_t len)
{
	assert_int_equal(att_buf_ok(b, NULL), ATT_OK);
	assert_int_equal(b->len, len);
	if (len)
		assert_memory_equal(b->ptr, bytes, len);
}

static void every_writer(void **state)
{
	att_auto_buf att_buf b = { 0 };
	(void)state;

	att_put(&b, att_bytes_of("ab", 2));
	att_put_mem(&b, "cd", 2);
	att_put_str(&b, "ef");
	att_put_u8(&b, 0xff);
	att_put_le16(&b, 0x0102);
	att_put_le32(&b, 0x01020304);
	att_put_le64(&b, UINT64_C(0x0102030405060708));
	att_put_be16(&b, 0x0102);
	att_put_zero(&b, 2);
	att_put_hex(&b, att_bytes_of("\x00\xaf", 2));
	att_putf(&b, "%d-%s", 7, "x");
	static const char want[] = "abcdef\xff\x02\x01\x04\x03\x02\x01"
				   "\x08\x07\x06\x05\x04\x03\x02\x01\x01\x02\0\0"
				   "00af7-x";
	assert_holds(&b, want, sizeof(want) - 1);
	assert_int_equal(att_buf_bytes(&b).len, b.len);
}

static void nothing_is_nothing(void **state)
{
	att_auto_buf att_buf b = { 0 };
	(void)state;

	att_put(&b, att_bytes_of(NULL, 0));
	att_put_zero(&b, 0);
	att_put_hex(&b, att_bytes_of(NULL, 0));
	att_put_str(&b, "");
	att_putf(&b, "%s", "");
	assert_holds(&b, "", 0);
}

static void grows_over_many_writes(void **state)
{
	att_auto_buf att_buf b = { 0 };
	(void)state;

	for (unsigned i = 0; i < 10000; i++)
		att_put_le32(&b, i);
	assert_int_equal(att_buf_ok(&b, NULL), ATT_OK);
	assert_int_equal(b.len, 40000);
	assert_memory_equal(b.ptr + 4 * 9999, "\x0f\x27\0\0", 4);
}

static void cap_is_exact_and_failure_sticky(void **state)
{
	att_auto_buf att_buf b = { .max = 5 };
	att_err err;
	(void)state;

	att_put_str(&b, "12345");
	assert_holds(&b, "12345", 5);
	att_put_u8(&b, '6');
	assert_int_equal(att_buf_ok(&b, &err), ATT_E_NOMEM);
	assert_string_equal(err.msg, "output of 5 bytes can not grow, at most 5 bytes");
	b.len = 0;
	att_put_u8(&b, '6');
	att_put_zero(&b, 1);
	att_put_hex(&b, att_bytes_of("x", 1));
	att_putf(&b, "x");
	assert_int_equal(b.len, 0);
	assert_int_equal(att_buf_ok(&b, NULL), ATT_E_NOMEM);
	assert_null(att_buf_steal_str(&b));
}

static void each_writer_obeys_the_cap(void **state)
{
	(void)state;
	for (unsigned which = 0; which < 5; which++) {
		att_auto_buf att_buf b = { .max = 3 };
		switch (which) {
		case 0:
			att_put_zero(&b, 4);
			break;
		case 1:
			att_put_hex(&b, att_bytes_of("xy", 2));
			break;
		case 2:
			att_putf(&b, "%d", 1234);
			break;
		case 3:
			att_put_le32(&b, 1);
			break;
		case 4:
			att_put_mem(&b, "abcd", SIZE_MAX);
			break;
		}
		assert_int_equal(b.len, 0);
		assert_int_equal(att_buf_ok(&b, NULL), ATT_E_NOMEM);
	}
}

static void default_cap(void **state)
{
	att_auto_buf att_buf b = { 0 };
	(void)state;

	att_put_zero(&b, ATT_BUF_MAX);
	assert_int_equal(att_buf_ok(&b, NULL), ATT_OK);
	att_put_u8(&b, 0);
	assert_int_equal(att_buf_ok(&b, NULL), ATT_E_NOMEM);

	att_auto_buf att_buf h = { 0 };
	att_put_hex(&h, att_bytes_of("x", SIZE_MAX / 2 + 2));
	assert_int_equal(att_buf_ok(&h, NULL), ATT_E_NOMEM);
}

static void steal_gives_text_and_empties(void **state)
{
	att_auto_buf att_buf b = { .max = 3 };
	(void)state;

	att_put_str(&b, "abc");
	att_auto_mem char *text = att_buf_steal_str(&b);
	assert_string_equal(text, "abc");
	assert_null(b.ptr);
	assert_holds(&b, "", 0);
	att_auto_mem char *empty = att_buf_steal_str(&b);
	assert_string_equal(empty, "");
	att_put_str(&b, "abcd");
	assert_int_equal(att_buf_ok(&b, NULL), ATT_E_NOMEM);
	assert_null(att_buf_steal_str(&b));
	assert_int_equal(att_buf_ok(&b, NULL), ATT_OK);
}

/* The first block and each growth: what was written stays, the failure is seen at the end. */
static void every_allocation_may_fail(void **state)
{
	(void)state;
	for (unsigned k = 0; k < 5; k++) {
		att_auto_buf att_buf b = { 0 };
		alloc_watch(k + 1);
		for (unsigned i = 0; i < 4096; i++)
			att_put_u8(&b, (uint8_t)i);
		alloc_unwatch();
		assert_int_equal(b.len, k ? 128u << k : 0);
		assert_int_equal(att_buf_ok(&b, NULL), ATT_E_NOMEM);
		assert_null(att_buf_steal_str(&b));
	}
	/* The NUL behind a text that fills its block. */
	att_auto_buf att_buf full = { 0 };
	att_put_zero(&full, 256);
	alloc_watch(1);
	char *text = att_buf_steal_str(&full);
	alloc_unwatch();
	assert_null(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_writer),
		cmocka_unit_test(nothing_is_nothing),
		cmocka_unit_test(grows_over_many_writes),
		cmocka_unit_test(cap_is_exact_and_failure_sticky),
		cmocka_unit_test(each_writer_obeys_the_cap),
		cmocka_unit_test(default_cap),
		cmocka_unit_test(steal_gives_text_and_empties),
		cmocka_unit_test(every_allocation_may_fail),
	};

	return cmocka_run_group_tests_name("base/buf", tests, NULL, NULL);
}
