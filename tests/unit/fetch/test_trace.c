/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "fetch/trace.h"

static void bounded(void **state)
{
	(void)state;
	att_fetch_trace *t = att_fetch_trace_new();
	struct att_fetch_step s = { .source = ATT_FETCH_NETWORK };

	assert_non_null(t);
	assert_null(att_fetch_trace_at(t, 0));
	for (unsigned i = 0; i < ATT_FETCH_STEPS_MAX + 3; i++) {
		s.status = (int)i;
		att_fetch_trace_add(t, &s);
	}
	assert_int_equal(att_fetch_trace_count(t), ATT_FETCH_STEPS_MAX);
	assert_int_equal(att_fetch_trace_dropped(t), 3);
	assert_int_equal(att_fetch_trace_at(t, 200)->status, 200);
	att_fetch_trace_add(NULL, &s);
	att_fetch_trace_free(t);
	att_fetch_trace_free(NULL);
}

static void names(void **state)
{
	(void)state;
	assert_string_equal(att_fetch_source_name(ATT_FETCH_NETWORK), "network");
	assert_string_equal(att_fetch_source_name(ATT_FETCH_CACHE), "cache");
	assert_string_equal(att_fetch_source_name(ATT_FETCH_SHARED), "shared");
	assert_string_equal(att_fetch_source_name((enum att_fetch_source)9), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bounded),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
