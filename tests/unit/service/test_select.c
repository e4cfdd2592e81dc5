/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "service/pccs/select.h"

/* Two components and a PCESVN; the rest is zero. */
static struct att_pccs_tcb tcb(uint8_t a, uint8_t b, uint16_t pce)
{
	return (struct att_pccs_tcb){ { a, b }, pce };
}

static struct att_level level(uint8_t a, uint8_t b, uint16_t pce)
{
	return (struct att_level){ .sgx = { a, b }, .pce_svn = pce };
}

static size_t choose(const struct att_pccs_tcb *list, size_t count, struct att_pccs_tcb raw,
		     const struct att_tcbinfo *info)
{
	return att_pccs_select(list, count, &raw, info);
}

static void the_greatest_not_above(void **state)
{
	(void)state;
	const struct att_pccs_tcb list[] = { tcb(3, 3, 10), tcb(5, 5, 13), tcb(5, 5, 11),
					     tcb(4, 4, 13) };

	assert_int_equal(choose(list, 4, tcb(5, 5, 13), NULL), 1);
	assert_int_equal(choose(list, 4, tcb(9, 9, 99), NULL), 1);
	assert_int_equal(choose(list, 4, tcb(5, 5, 12), NULL), 2);
	assert_int_equal(choose(list, 4, tcb(5, 4, 13), NULL), 3);
	assert_int_equal(choose(list, 4, tcb(4, 9, 12), NULL), 0);
	assert_int_equal(choose(list, 4, tcb(2, 9, 99), NULL), SIZE_MAX);
	assert_int_equal(choose(list, 4, tcb(9, 9, 9), NULL), SIZE_MAX);
	assert_int_equal(choose(NULL, 0, tcb(9, 9, 9), NULL), SIZE_MAX);
}

/* Of two that can not be compared the one of the better level is taken, wherever it stands. */
static void levels_decide_between_the_incomparable(void **state)
{
	(void)state;
	struct att_level levels[] = { level(4, 6, 10), level(3, 3, 10) };
	const struct att_tcbinfo info = { .levels = levels, .level_count = 2 };
	const struct att_pccs_tcb list[] = { tcb(9, 5, 10), tcb(4, 6, 10) };
	const struct att_pccs_tcb turned[] = { tcb(4, 6, 10), tcb(9, 5, 10) };

	assert_int_equal(choose(list, 2, tcb(9, 9, 10), &info), 1);
	assert_int_equal(choose(turned, 2, tcb(9, 9, 10), &info), 0);
	assert_int_equal(choose(list, 2, tcb(9, 9, 10), NULL), 0);
	assert_int_equal(choose(turned, 2, tcb(9, 9, 10), NULL), 0);
}

/* Below every level is one more bucket, the last. */
static void below_all_levels(void **state)
{
	(void)state;
	struct att_level levels[] = { level(8, 8, 8) };
	const struct att_tcbinfo info = { .levels = levels, .level_count = 1 };
	const struct att_pccs_tcb list[] = { tcb(1, 1, 1), tcb(2, 2, 2), tcb(8, 8, 8) };

	assert_int_equal(choose(list, 3, tcb(7, 7, 7), &info), 1);
	assert_int_equal(choose(list, 3, tcb(8, 8, 8), &info), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_greatest_not_above),
		cmocka_unit_test(levels_decide_between_the_incomparable),
		cmocka_unit_test(below_all_levels),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
