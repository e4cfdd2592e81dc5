/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "appraise/policy.h"
#include "fixture.h"

/* The rows must be found by name, each under its own. */
static void names_are_distinct(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATT_M_COUNT; i++) {
		assert_non_null(att_members[i].name);
		assert_non_null(att_members[i].read);
		assert_non_null(att_members[i].write);
		assert_true(strlen(att_members[i].name) <= 40);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(att_members[i].name, att_members[k].name);
	}
	/* tcb_status judges grace; all others judge themselves */
	for (size_t i = 0; i < ATT_M_COUNT; i++)
		assert_int_equal(att_members[i].check == NULL, i == ATT_M_GRACE);
}

/* The names a policy may accept are Intel's, bit by bit; nothing that is terminal has a bit. */
static void status_names_match(void **state)
{
	(void)state;
	size_t n = 0;

	for (; att_status_names[n]; n++) {
		enum att_tcb_status s =
		    att_tcb_status_of(att_status_names[n], strlen(att_status_names[n]));
		assert_int_equal(att_status_bit(s), UINT64_C(1) << n);
		assert_string_equal(att_tcb_status_name(s), att_status_names[n]);
	}
	assert_int_equal(n, 8);
	assert_int_equal(att_status_bit(ATT_TCB_NONE), 0);
	assert_int_equal(att_status_bit(ATT_TCB_REVOKED), 0);
	assert_int_equal(att_status_bit(ATT_TCB_NOT_SUPPORTED), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_distinct),
		cmocka_unit_test(status_names_match),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
