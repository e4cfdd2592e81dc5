/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/body.h"

/* Intel TDX DCAP quoting library API, "TD Quote Body" for TDX 1.0 and 1.5. */
void att_td_body_read(att_reader *r, bool has_15, struct att_td_body *b)
{
	*b = (struct att_td_body){ .has_15 = has_15 };
	att_copy(r, b->tee_tcb_svn, sizeof(b->tee_tcb_svn), "tee_tcb_svn");
	att_copy(r, b->mr_seam, sizeof(b->mr_seam), "mr_seam");
	att_copy(r, b->mr_signer_seam, sizeof(b->mr_signer_seam), "mr_signer_seam");
	att_copy(r, b->seam_attributes, sizeof(b->seam_attributes), "seam_attributes");
	b->td_attributes = att_le64(r, "td_attributes");
	b->xfam = att_le64(r, "xfam");
	att_copy(r, b->mr_td, sizeof(b->mr_td), "mr_td");
	att_copy(r, b->mr_config_id, sizeof(b->mr_config_id), "mr_config_id");
	att_copy(r, b->mr_owner, sizeof(b->mr_owner), "mr_owner");
	att_copy(r, b->mr_owner_config, sizeof(b->mr_owner_config), "mr_owner_config");
	att_copy(r, b->rtmr[0], sizeof(b->rtmr[0]), "rtmr0");
	att_copy(r, b->rtmr[1], sizeof(b->rtmr[1]), "rtmr1");
	att_copy(r, b->rtmr[2], sizeof(b->rtmr[2]), "rtmr2");
	att_copy(r, b->rtmr[3], sizeof(b->rtmr[3]), "rtmr3");
	att_copy(r, b->report_data, sizeof(b->report_data), "report_data");
	if (has_15) {
		att_copy(r, b->tee_tcb_svn2, sizeof(b->tee_tcb_svn2), "tee_tcb_svn2");
		att_copy(r, b->mr_service_td, sizeof(b->mr_service_td), "mr_service_td");
	}
}
