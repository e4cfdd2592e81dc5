/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/civil.h"
#include "service/pccs/cron.h"

static int64_t at(const char *text)
{
	int64_t t = 0;

	assert_int_equal(att_time_parse(att_bytes_of(text, strlen(text)), true, &t, NULL), ATT_OK);
	return t;
}

static void next_is(const char *schedule, const char *after, const char *want)
{
	struct att_cron c;
	char text[ATT_TIME_TEXT];

	assert_int_equal(att_cron_parse(schedule, &c, NULL), ATT_OK);
	att_time_format(att_cron_next(&c, at(after)), text);
	assert_string_equal(text, want);
}

/* 2025-06-15 is a Sunday. */
static void what_comes_next(void **state)
{
	(void)state;
	next_is("0 0 1 * * *", "2025-06-15T00:59:59Z", "2025-06-15T01:00:00Z");
	next_is("0 0 1 * * *", "2025-06-15T01:00:00Z", "2025-06-16T01:00:00Z");
	next_is("0 1 * * *", "2025-06-15T01:00:00Z", "2025-06-16T01:00:00Z");
	next_is("*/15 * * * *", "2025-06-15T01:07:30Z", "2025-06-15T01:15:00Z");
	next_is("30 5-10/5 8,20 * * *", "2025-06-15T08:05:30Z", "2025-06-15T08:10:30Z");
	next_is("0 0 29 2 *", "2025-01-01T00:00:00Z", "2028-02-29T00:00:00Z");
	next_is("0 0 * * MON", "2025-06-15T00:00:00Z", "2025-06-16T00:00:00Z");
	next_is("0 0 * * 7", "2025-06-15T00:00:00Z", "2025-06-22T00:00:00Z");
	next_is("0 0 * jan-feb ?", "2025-06-15T00:00:00Z", "2026-01-01T00:00:00Z");
	next_is("0 0 1 * FRI", "2025-06-15T00:00:00Z", "2025-06-20T00:00:00Z"); /* either */
	next_is("5/20 * * * *", "2025-06-15T00:46:00Z", "2025-06-15T01:05:00Z");
	next_is("59 59 23 31 12 *", "2025-12-31T23:59:59Z", "2026-12-31T23:59:59Z");
}

static void a_day_that_never_comes(void **state)
{
	(void)state;
	struct att_cron c;

	assert_int_equal(att_cron_parse("0 0 31 2 *", &c, NULL), ATT_OK);
	assert_true(att_cron_next(&c, 0) == INT64_MAX);
}

static void what_is_no_schedule(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"",           "* * * *",        "* * * * * * *", "60 * * * *",
		"* 24 * * *", "* * 0 * *",      "* * 32 * *",    "* * * 13 *",
		"* * * * 8",  "5-1 * * * *",    "*/0 * * * *",   "a * * * *",
		"1, * * * *", "1-2-3 * * * *",  "* * * FOO *",   "1/100 * * * *",
		"-1 * * * *", "* * * * MONDAY", "100 * * * *",
	};
	char longer[400];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct att_cron c;
		att_err err = { 0 };
		assert_int_equal(att_cron_parse(bad[i], &c, &err), ATT_E_FORMAT);
		assert_true(strncmp(err.msg, "schedule: ", 10) == 0);
	}
	memset(longer, '*', sizeof(longer));
	longer[sizeof(longer) - 1] = 0;
	struct att_cron c;
	assert_int_equal(att_cron_parse(longer, &c, NULL), ATT_E_FORMAT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_comes_next),
		cmocka_unit_test(a_day_that_never_comes),
		cmocka_unit_test(what_is_no_schedule),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
