/* SPDX-License-Identifier: Apache-2.0 */
#include "base/civil.h"

#include <stdio.h>

#include "base/error.h"
#include "base/reader.h"

#define DAY       86400
#define YEAR_MAX  9999
#define DAYS_400Y 146097
#define DAYS_TO_1970 \
	719468 /* from 0000-03-01, where the 400-year cycle of days_from_civil starts */

static bool leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_in(int year, int month)
{
	static const int8_t days[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return days[month - 1] + (month == 2 && leap(year));
}

/* Years are counted from March, so that the leap day is the last of its year. */
static int64_t days_from_civil(int year, int month, int day)
{
	int y = month <= 2 ? year - 1 : year;
	int m = month <= 2 ? month + 9 : month - 3;
	int era = y / 400;
	int of_era = y % 400;
	int of_year = (153 * m + 2) / 5 + day - 1;

	return (int64_t)era * DAYS_400Y + of_era * 365 + of_era / 4 - of_era / 100 + of_year -
	       DAYS_TO_1970;
}

static void civil_from_days(int64_t days, int *year, int *month, int *day)
{
	int n = (int)(days + DAYS_TO_1970);
	int era = n / DAYS_400Y;
	int of_era = n % DAYS_400Y;
	int y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int of_year = of_era - (365 * y + y / 4 - y / 100);
	int m = (5 * of_year + 2) / 153;

	*day = of_year - (153 * m + 2) / 5 + 1;
	*month = m < 10 ? m + 3 : m - 9;
	*year = era * 400 + y + (*month <= 2);
}

bool att_civil_to_time(int year, int month, int day, int hour, int min, int sec, int64_t *out)
{
	*out = 0;
	if (year < 1 || year > YEAR_MAX || month < 1 || month > 12 || day < 1 ||
	    day > days_in(year, month))
		return false;
	if (hour < 0 || hour > 23 || min < 0 || min > 59 || sec < 0 || sec > 59)
		return false;
	*out = days_from_civil(year, month, day) * DAY + hour * 3600 + min * 60 + sec;
	return true;
}

static bool in_range(int64_t t)
{
	return t >= days_from_civil(1, 1, 1) * DAY && t < days_from_civil(YEAR_MAX + 1, 1, 1) * DAY;
}

static int digits(att_reader *r, unsigned n)
{
	int v = 0;

	for (unsigned i = 0; i < n; i++) {
		uint8_t c = att_u8(r, "time");
		if (c < '0' || c > '9')
			att_reader_mark(r, "time");
		v = v * 10 + (c - '0');
	}
	return v;
}

static void literal(att_reader *r, char want, char other)
{
	uint8_t c = att_u8(r, "time");

	if (c != want && c != other)
		att_reader_mark(r, "time");
}

static uint8_t peek(const att_reader *r)
{
	att_bytes rest = att_peek_rest(r);

	return rest.len ? rest.ptr[0] : 0;
}

static void skip_fraction(att_reader *r)
{
	literal(r, '.', '.');
	do
		digits(r, 1);
	while (peek(r) >= '0' && peek(r) <= '9');
}

/* Seconds that local time is ahead of UTC (RFC 3339 section 5.6, time-offset). */
static int zone(att_reader *r)
{
	uint8_t sign = att_u8(r, "time");

	if (sign == 'Z' || sign == 'z')
		return 0;
	if (sign != '+' && sign != '-')
		att_reader_mark(r, "time");
	int hour = digits(r, 2);
	literal(r, ':', ':');
	int min = digits(r, 2);
	if (hour > 23 || min > 59)
		att_reader_mark(r, "time");
	int ahead = hour * 3600 + min * 60;
	return sign == '-' ? -ahead : ahead;
}

att_rc att_time_parse(att_bytes text, bool strict_z, int64_t *out, att_err *err)
{
	att_reader r = att_reader_of(text);

	*out = 0;
	int year = digits(&r, 4);
	literal(&r, '-', '-');
	int month = digits(&r, 2);
	literal(&r, '-', '-');
	int day = digits(&r, 2);
	literal(&r, 'T', strict_z ? 'T' : 't');
	int hour = digits(&r, 2);
	literal(&r, ':', ':');
	int min = digits(&r, 2);
	literal(&r, ':', ':');
	int sec = digits(&r, 2);
	int ahead = 0;
	if (strict_z) {
		literal(&r, 'Z', 'Z');
	} else {
		if (peek(&r) == '.')
			skip_fraction(&r);
		ahead = zone(&r);
	}
	if (att_reader_end(&r, NULL) != ATT_OK)
		return att_fail(err, ATT_E_FORMAT, "time is no RFC 3339 text%s",
				strict_z ? " of the form YYYY-MM-DDThh:mm:ssZ"
					 : " (such as 2025-06-15T12:00:00Z)");

	int64_t t;
	if (!att_civil_to_time(year, month, day, hour, min, sec, &t) || !in_range(t - ahead))
		return att_fail(err, ATT_E_FORMAT,
				"%04d-%02d-%02d %02d:%02d:%02d is no time of the years 1 to 9999",
				year, month, day, hour, min, sec);
	*out = t - ahead;
	return ATT_OK;
}

void att_time_format(int64_t t, char out[static ATT_TIME_TEXT])
{
	if (!in_range(t)) {
		snprintf(out, ATT_TIME_TEXT, "out of range");
		return;
	}
	int64_t days = t / DAY;
	int sec = (int)(t % DAY);
	if (sec < 0) {
		sec += DAY;
		days--;
	}
	int year, month, day;
	civil_from_days(days, &year, &month, &day);
	snprintf(out, ATT_TIME_TEXT, "%04u-%02u-%02uT%02u:%02u:%02uZ", (unsigned)year % 10000u,
		 (unsigned)month % 100u, (unsigned)day % 100u, (unsigned)sec / 3600u % 100u,
		 (unsigned)sec / 60u % 60u, (unsigned)sec % 60u);
}
