/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/sim/body.h"

void att_sim_put_sgx_body(att_buf *b, const struct att_sgx_body *s)
{
	att_put_mem(b, s->cpu_svn, sizeof(s->cpu_svn));
	att_put_le32(b, s->misc_select);
	att_put_zero(b, 12);
	att_put_mem(b, s->isv_ext_prod_id, sizeof(s->isv_ext_prod_id));
	att_put_le64(b, s->attributes);
	att_put_le64(b, s->xfrm);
	att_put_mem(b, s->mr_enclave, sizeof(s->mr_enclave));
	att_put_zero(b, 32);
	att_put_mem(b, s->mr_signer, sizeof(s->mr_signer));
	att_put_zero(b, 32);
	att_put_mem(b, s->config_id, sizeof(s->config_id));
	att_put_le16(b, s->isv_prod_id);
	att_put_le16(b, s->isv_svn);
	att_put_le16(b, s->config_svn);
	att_put_zero(b, 42);
	att_put_mem(b, s->isv_family_id, sizeof(s->isv_family_id));
	att_put_mem(b, s->report_data, sizeof(s->report_data));
}

void att_sim_put_td_measured(att_buf *b, const struct att_td_body *td)
{
	att_put_le64(b, td->td_attributes);
	att_put_le64(b, td->xfam);
	att_put_mem(b, td->mr_td, sizeof(td->mr_td));
	att_put_mem(b, td->mr_config_id, sizeof(td->mr_config_id));
	att_put_mem(b, td->mr_owner, sizeof(td->mr_owner));
	att_put_mem(b, td->mr_owner_config, sizeof(td->mr_owner_config));
	for (int i = 0; i < 4; i++)
		att_put_mem(b, td->rtmr[i], sizeof(td->rtmr[i]));
}

void att_sim_put_td_body(att_buf *b, const struct att_td_body *td)
{
	att_put_mem(b, td->tee_tcb_svn, sizeof(td->tee_tcb_svn));
	att_put_mem(b, td->mr_seam, sizeof(td->mr_seam));
	att_put_mem(b, td->mr_signer_seam, sizeof(td->mr_signer_seam));
	att_put_mem(b, td->seam_attributes, sizeof(td->seam_attributes));
	att_sim_put_td_measured(b, td);
	att_put_mem(b, td->report_data, sizeof(td->report_data));
	if (!td->has_15)
		return;
	att_put_mem(b, td->tee_tcb_svn2, sizeof(td->tee_tcb_svn2));
	att_put_mem(b, td->mr_service_td, sizeof(td->mr_service_td));
}
