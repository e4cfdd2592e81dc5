/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/civil.h"
#include "base/error.h"
#include "base/mem.h"

#define DAY   INT64_C(86400)
#define FIRST (-INT64_C(62135596800)) /* 0001-01-01T00:00:00Z */
#define LAST  INT64_C(253402300799)   /* 9999-12-31T23:59:59Z */

static void known_instants(void **state)
{
	static const struct {
		const char *text;
		int64_t t;
	} all[] = {
		{ "1970-01-01T00:00:00Z", 0 },
		{ "1969-12-31T23:59:59Z", -1 },
		{ "2001-09-09T01:46:40Z", 1000000000 },
		{ "2000-02-29T00:00:00Z", 951782400 },
		{ "2038-01-19T03:14:08Z", INT64_C(2147483648) },
		{ "2100-03-01T00:00:00Z", INT64_C(4107542400) },
		{ "1900-01-01T00:00:00Z", -INT64_C(2208988800) },
		{ "0001-01-01T00:00:00Z", FIRST },
		{ "9999-12-31T23:59:59Z", LAST },
	};
	(void)state;

	for (size_t i = 0; i < ATT_COUNT(all); i++) {
		int64_t t;
		char text[ATT_TIME_TEXT];
		att_bytes in = att_bytes_of(all[i].text, strlen(all[i].text));
		assert_int_equal(att_time_parse(in, true, &t, NULL), ATT_OK);
		assert_true(t == all[i].t);
		assert_int_equal(att_time_parse(in, false, &t, NULL), ATT_OK);
		assert_true(t == all[i].t);
		att_time_format(all[i].t, text);
		assert_string_equal(text, all[i].text);
	}
}

/* Every day of the years 1 to 9999, counted by hand, against the arithmetic both ways. */
static void every_day_there_and_back(void **state)
{
	int64_t t = FIRST;
	(void)state;

	for (int year = 1; year <= 9999; year++) {
		bool leap = year % 400 == 0 || (year % 4 == 0 && year % 100 != 0);
		for (int month = 1; month <= 12; month++) {
			int days = month == 2 ? 28 + leap
				   : month == 4 || month == 6 || month == 9 || month == 11 ? 30
											   : 31;
			for (int day = 1; day <= days; day++, t += DAY) {
				int64_t got;
				assert_true(att_civil_to_time(year, month, day, 0, 0, 0, &got));
				if (got != t)
					fail_msg("%d-%d-%d is %lld", year, month, day,
						 (long long)got);
			}
			int64_t got;
			assert_false(att_civil_to_time(year, month, days + 1, 0, 0, 0, &got));
			char text[ATT_TIME_TEXT];
			char want[40];
			snprintf(want, sizeof(want), "%04d-%02d-%02dT23:59:59Z", year, month, days);
			att_time_format(t - 1, text);
			assert_string_equal(text, want);
		}
	}
	assert_true(t == LAST + 1);
}

static void seconds_of_a_day(void **state)
{
	(void)state;
	for (int s = 0; s < DAY; s++) {
		int64_t t;
		char text[ATT_TIME_TEXT];
		assert_true(att_civil_to_time(1965, 3, 7, s / 3600, s / 60 % 60, s % 60, &t));
		att_time_format(t, text);
		int64_t back;
		assert_int_equal(att_time_parse(att_bytes_of(text, 20), true, &back, NULL), ATT_OK);
		assert_true(back == t);
	}
}

static void dates_that_are_none(void **state)
{
	static const int all[][6] = {
		{ 0, 1, 1, 0, 0, 0 },     { 10000, 1, 1, 0, 0, 0 }, { -1, 1, 1, 0, 0, 0 },
		{ 2000, 0, 1, 0, 0, 0 },  { 2000, 13, 1, 0, 0, 0 }, { 2000, 1, 0, 0, 0, 0 },
		{ 2000, 1, 32, 0, 0, 0 }, { 2023, 2, 29, 0, 0, 0 }, { 1900, 2, 29, 0, 0, 0 },
		{ 2000, 2, 30, 0, 0, 0 }, { 2000, 4, 31, 0, 0, 0 }, { 2000, 1, 1, 24, 0, 0 },
		{ 2000, 1, 1, 0, 60, 0 }, { 2000, 1, 1, 0, 0, 60 }, { 2000, 1, 1, -1, 0, 0 },
		{ 2000, 1, 1, 0, -1, 0 }, { 2000, 1, 1, 0, 0, -1 }, { 2016, 12, 31, 23, 59, 60 },
		{ 2000, 1, -5, 0, 0, 0 }, { 2000, -1, 1, 0, 0, 0 },
	};
	(void)state;

	for (size_t i = 0; i < ATT_COUNT(all); i++) {
		int64_t t = 1;
		assert_false(att_civil_to_time(all[i][0], all[i][1], all[i][2], all[i][3],
					       all[i][4], all[i][5], &t));
		assert_true(t == 0);
	}
}

static void rfc3339_forms(void **state)
{
	static const struct {
		const char *text;
		int64_t t;
	} all[] = {
		/* RFC 3339 section 5.8, but the leap seconds. */
		{ "1985-04-12T23:20:50.52Z", 482196050 },
		{ "1996-12-19T16:39:57-08:00", 851042397 },
		{ "1937-01-01T12:00:27.87+00:20", -1041337173 },
		{ "1970-01-01t00:00:00z", 0 },
		{ "1970-01-01T00:00:00-00:00", 0 },
		{ "1970-01-01T00:00:00+23:59", -86340 },
		{ "1970-01-01T00:00:00.999999999999999999999999Z", 0 },
		{ "0001-01-01T00:00:00-00:01", FIRST + 60 },
		{ "9999-12-31T23:59:59+00:01", LAST - 60 },
	};
	(void)state;

	for (size_t i = 0; i < ATT_COUNT(all); i++) {
		int64_t t;
		att_bytes in = att_bytes_of(all[i].text, strlen(all[i].text));
		assert_int_equal(att_time_parse(in, false, &t, NULL), ATT_OK);
		assert_true(t == all[i].t);
		assert_int_equal(att_time_parse(in, true, &t, NULL), ATT_E_FORMAT);
		assert_true(t == 0);
	}
}

static void texts_that_are_no_time(void **state)
{
	static const char *const all[] = {
		"",
		"2025",
		"2025-07-19",
		"2025-07-19T10:16:03",
		"2025-07-19 10:16:03Z",
		"2025-07-19T10:16:03Zx",
		"2025-07-19T10:16:03Z ",
		" 2025-07-19T10:16:03Z",
		"2025-07-19T10:16Z",
		"2025-7-19T10:16:03Z",
		"02025-07-19T10:16:03Z",
		"+2025-07-19T10:16:03Z",
		"-025-07-19T10:16:03Z",
		"2025/07/19T10:16:03Z",
		"2025-07-19T10-16-03Z",
		"20250719T101603Z",
		"2025-07-19T10:16:03.Z",
		"2025-07-19T10:16:03,5Z",
		"2025-07-19T10:16:03+0100",
		"2025-07-19T10:16:03+24:00",
		"2025-07-19T10:16:03+01:60",
		"2025-07-19T10:16:03+01",
		"2025-07-19T10:16:03Z+01:00",
		"2025-07-19T10:16:03U",
		"2025-07-19T24:00:00Z",
		"2025-07-19T23:60:00Z",
		"1990-12-31T23:59:60Z",
		"2025-02-29T00:00:00Z",
		"2025-13-01T00:00:00Z",
		"2025-00-01T00:00:00Z",
		"0000-12-31T00:00:00Z",
		"0001-01-01T00:00:00+00:01",
		"9999-12-31T23:59:59-00:01",
		"2025-07-19T10:16:0\xb3Z",
	};
	(void)state;

	for (size_t i = 0; i < ATT_COUNT(all); i++) {
		int64_t t = 1;
		att_err err;
		att_bytes in = att_bytes_of(all[i], strlen(all[i]));
		for (int strict = 0; strict < 2; strict++) {
			assert_int_equal(att_time_parse(in, strict, &t, &err), ATT_E_FORMAT);
			assert_true(t == 0);
			assert_true(err.offset == ATT_NO_OFFSET);
		}
	}
	int64_t t;
	assert_int_equal(
	    att_time_parse(att_bytes_of("2025-07-19T10:16:03Z\0", 21), false, &t, NULL),
	    ATT_E_FORMAT);
}

static void every_truncation_of_a_time(void **state)
{
	static const char text[] = "1996-12-19T16:39:57.25-08:00";
	(void)state;

	for (size_t n = 0; n < sizeof(text) - 1; n++) {
		int64_t t;
		assert_int_equal(att_time_parse(att_bytes_of(text, n), false, &t, NULL),
				 ATT_E_FORMAT);
	}
}

static void out_of_range(void **state)
{
	static const int64_t all[] = { FIRST - 1, LAST + 1, INT64_MIN, INT64_MAX };
	(void)state;

	for (size_t i = 0; i < ATT_COUNT(all); i++) {
		char text[ATT_TIME_TEXT];
		att_time_format(all[i], text);
		assert_string_equal(text, "out of range");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_instants),
		cmocka_unit_test(every_day_there_and_back),
		cmocka_unit_test(seconds_of_a_day),
		cmocka_unit_test(dates_that_are_none),
		cmocka_unit_test(rfc3339_forms),
		cmocka_unit_test(texts_that_are_no_time),
		cmocka_unit_test(every_truncation_of_a_time),
		cmocka_unit_test(out_of_range),
	};

	return cmocka_run_group_tests_name("base/civil", tests, NULL, NULL);
}
