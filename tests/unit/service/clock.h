/* SPDX-License-Identifier: Apache-2.0 */
/* A clock that the test turns, for loops under test. */
#ifndef ATT_TESTS_CLOCK_H
#define ATT_TESTS_CLOCK_H

#include "service/loop.h"

struct test_time {
	int64_t now;
	int64_t ms;
};

static int64_t test_now(void *ctx)
{
	return ((struct test_time *)ctx)->now;
}

static int64_t test_ms(void *ctx)
{
	return ((struct test_time *)ctx)->ms;
}

static struct att_clock test_clock(struct test_time *t)
{
	return (struct att_clock){ test_now, test_ms, t };
}

#endif
