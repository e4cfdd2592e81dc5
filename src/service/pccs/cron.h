/* SPDX-License-Identifier: Apache-2.0 */
/* Schedules in cron's form, as RefreshSchedule of PCCS has them: "0 0 1 * * *" is second, minute,
 * hour, day of month, month, day of week; five fields leave out the seconds (then 0). */
#ifndef ATT_SERVICE_PCCS_CRON_H
#define ATT_SERVICE_PCCS_CRON_H

#include "attest/base.h"

struct att_cron {
	uint64_t seconds; /* bit n: at second n, and so on */
	uint64_t minutes;
	uint64_t hours;
	uint64_t month_days; /* bits 1 to 31 */
	uint64_t months;     /* bits 1 to 12 */
	uint64_t week_days;  /* bits 0 (Sunday) to 6 */
	bool any_month_day;
	bool any_week_day;
};

/* Each field: '*' or '?', or numbers, ranges and names (JAN, MON) separated by commas, each with an
 * optional step ("0-30/10"). 7 is Sunday too. ATT_E_FORMAT. */
att_rc att_cron_parse(const char *text, struct att_cron *out, att_err *err) ATT_MUST_USE
    ATT_NONNULL(1, 2);

/* The first moment after `after` that the schedule names, in UTC; where both kinds of days are
 * restricted, either suffices (crontab(5)). INT64_MAX when there is none within ten years. */
int64_t att_cron_next(const struct att_cron *c, int64_t after) ATT_NONNULL(1);

#endif
