/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>

#include "base/mem.h"
#include "../fail_alloc.h"

static void wipe(void **state)
{
	uint8_t secret[9] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };
	(void)state;

	att_wipe(secret, 8);
	assert_true(att_all_zero(att_bytes_of(secret, 8)));
	assert_int_equal(secret[8], 9);
	att_wipe(NULL, 0);
}

static void equality_of_views(void **state)
{
	(void)state;
	assert_true(att_bytes_eq(att_bytes_of("abc", 3), att_bytes_of("abc", 3)));
	assert_false(att_bytes_eq(att_bytes_of("abc", 3), att_bytes_of("abd", 3)));
	assert_false(att_bytes_eq(att_bytes_of("abc", 3), att_bytes_of("abc", 2)));
	assert_true(att_bytes_eq(att_bytes_of(NULL, 0), att_bytes_of("x", 0)));
	assert_false(att_bytes_eq(att_bytes_of(NULL, 0), att_bytes_of("x", 1)));
}

static void all_zero(void **state)
{
	uint8_t b[17] = { 0 };
	(void)state;

	assert_true(att_all_zero(att_bytes_of(NULL, 0)));
	assert_true(att_all_zero(att_bytes_of(b, sizeof(b))));
	for (size_t i = 0; i < sizeof(b); i++) {
		b[i] = 0x80;
		assert_false(att_all_zero(att_bytes_of(b, sizeof(b))));
		b[i] = 0;
	}
}

static void copies_have_a_nul_behind(void **state)
{
	(void)state;
	att_auto_mem uint8_t *copy = att_bytes_dup(att_bytes_of("ab\0c", 4));
	assert_non_null(copy);
	assert_memory_equal(copy, "ab\0c\0", 5);
	att_auto_mem uint8_t *empty = att_bytes_dup(att_bytes_of(NULL, 0));
	assert_non_null(empty);
	assert_int_equal(empty[0], 0);
	assert_null(att_bytes_dup(att_bytes_of("x", SIZE_MAX)));
}

static void stealing_leaves_null(void **state)
{
	(void)state;
	att_auto_mem uint8_t *mine = att_bytes_dup(att_bytes_of("x", 1));
	uint8_t *before = mine;
	att_auto_mem uint8_t *theirs = ATT_STEAL(mine);
	assert_null(mine);
	assert_ptr_equal(theirs, before);
}

static void a_copy_without_memory_is_null(void **state)
{
	(void)state;
	alloc_watch(1);
	uint8_t *copy = att_bytes_dup(att_bytes_of("x", 1));
	alloc_unwatch();
	assert_null(copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wipe),
		cmocka_unit_test(equality_of_views),
		cmocka_unit_test(all_zero),
		cmocka_unit_test(copies_have_a_nul_behind),
		cmocka_unit_test(stealing_leaves_null),
		cmocka_unit_test(a_copy_without_memory_is_null),
	};

	return cmocka_run_group_tests_name("base/mem", tests, NULL, NULL);
}
