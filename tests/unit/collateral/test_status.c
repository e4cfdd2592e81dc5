/* SPDX-License-Identifier: Apache-2.0 */
#include "documents.h"

#include "attest/verify.h"

static void names_there_and_back(void **state)
{
	(void)state;
	static const struct {
		enum att_tcb_status status;
		const char *name;
	} rows[] = {
		{ ATT_TCB_UP_TO_DATE, "UpToDate" },
		{ ATT_TCB_SW_HARDENING_NEEDED, "SWHardeningNeeded" },
		{ ATT_TCB_CONFIGURATION_NEEDED, "ConfigurationNeeded" },
		{ ATT_TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED,
		  "ConfigurationAndSWHardeningNeeded" },
		{ ATT_TCB_TD_RELAUNCH_ADVISED, "TDRelaunchAdvised" },
		{ ATT_TCB_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED,
		  "TDRelaunchAdvisedConfigurationNeeded" },
		{ ATT_TCB_OUT_OF_DATE, "OutOfDate" },
		{ ATT_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED, "OutOfDateConfigurationNeeded" },
		{ ATT_TCB_REVOKED, "Revoked" },
		{ ATT_TCB_NOT_SUPPORTED, "NotSupported" },
	};

	for (size_t i = 0; i < ATT_COUNT(rows); i++) {
		assert_string_equal(att_tcb_status_name(rows[i].status), rows[i].name);
		assert_int_equal(att_tcb_status_of(rows[i].name, strlen(rows[i].name)),
				 rows[i].status);
		assert_int_equal(rows[i].status, i + 1);
	}
	assert_null(att_tcb_status_name((enum att_tcb_status)(ATT_COUNT(rows) + 1)));
}

static void other_names(void **state)
{
	(void)state;
	static const char *const names[] = { "",          "uptodate",  "UpToDat",
					     "UpToDate ", "Revoked\n", "OK" };

	for (size_t i = 0; i < ATT_COUNT(names); i++)
		assert_int_equal(att_tcb_status_of(names[i], strlen(names[i])), ATT_TCB_NONE);
	assert_int_equal(att_tcb_status_of("OutOfDateConfigurationNeeded", 9), ATT_TCB_OUT_OF_DATE);
	assert_null(att_tcb_status_name(ATT_TCB_NONE));
	assert_null(att_tcb_status_name((enum att_tcb_status)1000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_there_and_back),
		cmocka_unit_test(other_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
