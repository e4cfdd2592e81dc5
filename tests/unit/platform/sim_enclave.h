/* SPDX-License-Identifier: Apache-2.0 */
/* An enclave and a TD for tests of what is made of their reports. */
#ifndef TESTS_SIM_ENCLAVE_H
#define TESTS_SIM_ENCLAVE_H

#include <string.h>

#include "platform/sim/cpu.h"
#include "platform/sim/world.h"

static inline struct att_secs sim_enclave(void)
{
	struct att_secs s = { .attributes = 0x05, .xfrm = 0x03, .isv_prod_id = 7, .isv_svn = 3 };

	memset(s.mr_enclave, 0x11, sizeof(s.mr_enclave));
	memset(s.mr_signer, 0x22, sizeof(s.mr_signer));
	return s;
}

static inline att_rc sim_report(att_sim_world *w, enum att_sim_quoting qe,
				const uint8_t report_data[static 64],
				uint8_t report[static ATT_SIM_REPORT])
{
	const struct att_secs enclave = sim_enclave();
	uint8_t target[ATT_SIM_TARGET];

	att_sim_world_target(w, qe, target);
	return att_sim_ereport(att_sim_world_cpu(w), &enclave, target, report_data, report, NULL);
}

static inline att_rc sim_tdreport(att_sim_world *w, const uint8_t report_data[static 64],
				  uint8_t report[static ATT_SIM_TDREPORT])
{
	struct att_td_body td = { .td_attributes = ATT_TD_SEPT_VE_DISABLE, .xfam = 0xe7 };

	memset(td.mr_td, 0x33, sizeof(td.mr_td));
	memset(td.rtmr, 0x44, sizeof(td.rtmr));
	return att_sim_tdreport(att_sim_world_cpu(w), &td, report_data, report, NULL);
}

/* A quote of the kind, with that report data. */
static inline att_rc sim_quote(att_sim_world *w, enum att_sim_kind kind,
			       const uint8_t report_data[static 64], att_buf *out)
{
	uint8_t report[ATT_SIM_TDREPORT];
	bool tdx = att_sim_kind_is_tdx(kind);
	att_rc rc = tdx ? sim_tdreport(w, report_data, report)
			: sim_report(w, ATT_SIM_QE, report_data, report);

	if (rc != ATT_OK)
		return rc;
	return tdx ? att_sim_world_td_quote(w, kind, report, out, NULL)
		   : att_sim_world_quote(w, kind, report, out, NULL);
}

#endif
