/* SPDX-License-Identifier: Apache-2.0 */
/* configfs-tsm (Linux 6.7 and later; kernel documentation, ABI/testing/configfs-tsm): evidence of a
 * confidential VM, whichever its kind. */
#ifndef ATT_PLATFORM_TSM_H
#define ATT_PLATFORM_TSM_H

#include "platform/attester.h"

#define ATT_TSM_DIR "/sys/kernel/config/tsm/report"

/* Is the interface there? ATT_E_UNAVAILABLE says what to do about it. */
att_rc att_tsm_probe(att_err *err) ATT_MUST_USE;

/* One report in an entry of its own, which is gone afterwards. `provider` ("tdx_guest",
 * "sev_guest") must be the one that answers; NULL: any that is known here. Races with others are
 * seen by the entry's generation and tried again, as is a busy interface, for `timeout_ms` in
 * all. */
att_rc att_tsm_quote(const char *provider, unsigned timeout_ms,
		     const uint8_t report_data[ATT_REPORT_DATA], struct att_quoted *out,
		     att_err *err) ATT_MUST_USE;

#endif
