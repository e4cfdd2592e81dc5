/* SPDX-License-Identifier: Apache-2.0 */
/* Civil time without a clock or a time zone: seconds since 1970-01-01T00:00:00Z, proleptic
 * Gregorian. */
#ifndef ATT_BASE_CIVIL_H
#define ATT_BASE_CIVIL_H

#include "attest/base.h"

/* Years 1 to 9999; leap seconds are refused. True when the date exists. */
bool att_civil_to_time(int year, int month, int day, int hour, int min, int sec,
		       int64_t *out) ATT_MUST_USE;

/* RFC 3339 with "Z" or an offset; `strict_z` wants exactly "YYYY-MM-DDThh:mm:ssZ" (Intel's
 * form). */
att_rc att_time_parse(att_bytes text, bool strict_z, int64_t *out, att_err *err) ATT_MUST_USE;

#define ATT_TIME_TEXT 24
/* "2025-07-19T10:16:03Z" and NUL; "out of range" outside the years 1 to 9999. */
void att_time_format(int64_t t, char out[static ATT_TIME_TEXT]);

#endif
