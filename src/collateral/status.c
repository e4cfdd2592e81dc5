/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "attest/verify.h"

/* Intel SGX and TDX Provisioning Certification Service API, member tcbStatus; relaunch names
 * and NotSupported are results of a verification, never members of a document. */
static const char *const status_names[] = {
	[ATT_TCB_UP_TO_DATE] = "UpToDate",
	[ATT_TCB_SW_HARDENING_NEEDED] = "SWHardeningNeeded",
	[ATT_TCB_CONFIGURATION_NEEDED] = "ConfigurationNeeded",
	[ATT_TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED] = "ConfigurationAndSWHardeningNeeded",
	[ATT_TCB_TD_RELAUNCH_ADVISED] = "TDRelaunchAdvised",
	[ATT_TCB_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED] = "TDRelaunchAdvisedConfigurationNeeded",
	[ATT_TCB_OUT_OF_DATE] = "OutOfDate",
	[ATT_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED] = "OutOfDateConfigurationNeeded",
	[ATT_TCB_REVOKED] = "Revoked",
	[ATT_TCB_NOT_SUPPORTED] = "NotSupported",
};

#define STATUS_COUNT (sizeof(status_names) / sizeof(status_names[0]))

const char *att_tcb_status_name(enum att_tcb_status s)
{
	return (size_t)s < STATUS_COUNT ? status_names[s] : NULL;
}

enum att_tcb_status att_tcb_status_of(const char *name, size_t len)
{
	for (size_t s = ATT_TCB_UP_TO_DATE; s < STATUS_COUNT; s++) {
		if (strlen(status_names[s]) == len && memcmp(status_names[s], name, len) == 0)
			return (enum att_tcb_status)s;
	}
	return ATT_TCB_NONE;
}
