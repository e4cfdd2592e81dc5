/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "appraise/ear.h"
#include "fixture.h"

/* AR4SI section 2.3.2, every int8. */
static void tiers(void **state)
{
	(void)state;
	for (int v = -128; v <= 127; v++) {
		enum att_ear_tier want = ATT_TIER_CONTRAINDICATED;
		if (v == -1 || v == 0 || v == 1)
			want = ATT_TIER_NONE;
		else if ((v >= 2 && v <= 31) || (v >= -32 && v <= -2))
			want = ATT_TIER_AFFIRMING;
		else if ((v >= 32 && v <= 95) || (v >= -96 && v <= -33))
			want = ATT_TIER_WARNING;
		assert_int_equal(att_ear_tier_of(v), want);
	}
}

static void profiles(void **state)
{
	(void)state;
	assert_null(att_ear_names_of((enum att_ear_profile)0));
	assert_null(att_ear_names_of((enum att_ear_profile)3));
	assert_string_equal(att_ear_names_of(ATT_EAR_04)->profile, "tag:ietf.org,2026:rats/ear#04");
	assert_string_equal(att_ear_names_of(ATT_EAR_VERAISON)->profile,
			    "tag:github.com,2023:veraison/ear");
	for (int i = 0; i < ATT_EAR_CLAIM_COUNT; i++)
		assert_non_null(att_ear_claim_names[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tiers),
		cmocka_unit_test(profiles),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
