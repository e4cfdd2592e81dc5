/* SPDX-License-Identifier: Apache-2.0 */
#include "service/pccs/cron.h"

#include <string.h>
#include <strings.h>

#include "base/civil.h"
#include "base/error.h"
#include "base/mem.h"

#define DAY        INT64_C(86400)
#define YEARS_SEEN 10

static const char months[] = "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC";
static const char days[] = "SUNMONTUEWEDTHUFRISAT";

struct field {
	const char *name;
	unsigned min;
	unsigned max;
	const char *words; /* of three letters each, the first stands for `min` */
};

static const struct field fields[] = {
	{ "second", 0, 59, "" },       { "minute", 0, 59, "" },    { "hour", 0, 23, "" },
	{ "day of month", 1, 31, "" }, { "month", 1, 12, months }, { "day of week", 0, 7, days },
};

static bool read_value(const struct field *f, const char **p, unsigned *out)
{
	for (size_t i = 0; f->words[i]; i += 3) {
		if (strncasecmp(*p, f->words + i, 3) == 0) {
			*p += 3;
			*out = f->min + (unsigned)(i / 3);
			return true;
		}
	}
	unsigned v = 0;
	size_t digits = strspn(*p, "0123456789");

	if (digits == 0 || digits > 2)
		return false;
	for (size_t i = 0; i < digits; i++)
		v = v * 10 + (unsigned)((*p)[i] - '0');
	*p += digits;
	*out = v;
	return v >= f->min && v <= f->max;
}

/* One item between commas; *any says that it was a star without a step. */
static bool read_item(const struct field *f, const char **p, uint64_t *bits, bool *any)
{
	unsigned from = f->min, to = f->max, step = 1;
	bool star = **p == '*' || **p == '?';

	if (star) {
		(*p)++;
	} else {
		if (!read_value(f, p, &from))
			return false;
		to = from;
		if (**p == '-') {
			(*p)++;
			if (!read_value(f, p, &to) || to < from)
				return false;
		} else if (**p == '/') {
			to = f->max;
		}
	}
	if (**p == '/') {
		const struct field steps = { "", 1, 99, "" };
		(*p)++;
		if (!read_value(&steps, p, &step))
			return false;
	}
	*any |= star && step == 1;
	for (unsigned v = from; v <= to; v += step)
		*bits |= UINT64_C(1) << v;
	return true;
}

static bool read_field(const struct field *f, const char *text, uint64_t *bits, bool *any)
{
	*bits = 0;
	*any = false;
	for (const char *p = text;; p++) {
		if (!read_item(f, &p, bits, any))
			return false;
		if (*p == '\0')
			return true;
		if (*p != ',')
			return false;
	}
}

/* Splits at blanks; returns how many words there are, ATT_COUNT(fields) + 1 for too many. */
static size_t split(char *text, char *words[static ATT_COUNT(fields)])
{
	size_t n = 0;
	char *rest = NULL;

	for (char *w = strtok_r(text, " \t", &rest); w; w = strtok_r(NULL, " \t", &rest)) {
		if (n < ATT_COUNT(fields))
			words[n] = w;
		n++;
	}
	return n;
}

att_rc att_cron_parse(const char *text, struct att_cron *out, att_err *err)
{
	char copy[256];
	char *words[ATT_COUNT(fields)] = { NULL };
	uint64_t bits[ATT_COUNT(fields)] = { 1 };
	bool any[ATT_COUNT(fields)] = { false };

	*out = (struct att_cron){ 0 };
	if (strlen(text) >= sizeof(copy))
		return att_fail(err, ATT_E_FORMAT, "schedule: longer than %zu characters",
				sizeof(copy) - 1);
	memcpy(copy, text, strlen(text) + 1);
	size_t n = split(copy, words);
	if (n != ATT_COUNT(fields) && n != ATT_COUNT(fields) - 1)
		return att_fail(err, ATT_E_FORMAT, "schedule: expected 5 or 6 fields, seen %zu", n);
	size_t skip = ATT_COUNT(fields) - n;
	for (size_t i = 0; i < n; i++) {
		const struct field *f = &fields[i + skip];
		if (!read_field(f, words[i], &bits[i + skip], &any[i + skip]))
			return att_fail(err, ATT_E_FORMAT,
					"schedule: %s: expected numbers from %u to %u, '*', ranges "
					"or steps, seen '%s'",
					f->name, f->min, f->max, words[i]);
	}
	if (bits[5] & (UINT64_C(1) << 7))
		bits[5] |= 1;
	*out = (struct att_cron){ bits[0], bits[1], bits[2], bits[3],
				  bits[4], bits[5], any[3],  any[5] };
	return ATT_OK;
}

static bool has(uint64_t bits, int v)
{
	return (bits >> v) & 1;
}

static bool day_matches(const struct att_cron *c, int month_day, int week_day)
{
	bool by_month = has(c->month_days, month_day), by_week = has(c->week_days, week_day);

	if (c->any_month_day || c->any_week_day)
		return by_month && by_week;
	return by_month || by_week;
}

/* The first second of the day, at or after `from`, that matches; -1 when none does. */
static int64_t within_day(const struct att_cron *c, int64_t from)
{
	for (int64_t t = from; t < DAY;) {
		if (!has(c->hours, (int)(t / 3600)))
			t = (t / 3600 + 1) * 3600;
		else if (!has(c->minutes, (int)(t / 60 % 60)))
			t = (t / 60 + 1) * 60;
		else if (!has(c->seconds, (int)(t % 60)))
			t++;
		else
			return t;
	}
	return -1;
}

/* Year, month and day of a time, taken from its text: base/civil.h has the calendar. */
static void date_of(int64_t t, int *month, int *day)
{
	char text[ATT_TIME_TEXT];

	att_time_format(t, text);
	*month = (text[5] - '0') * 10 + text[6] - '0';
	*day = (text[8] - '0') * 10 + text[9] - '0';
}

int64_t att_cron_next(const struct att_cron *c, int64_t after)
{
	int64_t t = after + 1;
	int64_t midnight = t - ((t % DAY) + DAY) % DAY;

	for (int n = 0; n < 366 * YEARS_SEEN; n++, midnight += DAY) {
		int month, day;
		date_of(midnight, &month, &day);
		int week_day = (int)(((midnight / DAY + 4) % 7 + 7) % 7); /* 1970-01-01: Thursday */
		if (!has(c->months, month) || !day_matches(c, day, week_day))
			continue;
		int64_t in_day = within_day(c, t > midnight ? t - midnight : 0);
		if (in_day >= 0)
			return midnight + in_day;
	}
	return INT64_MAX;
}
