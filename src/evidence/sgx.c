/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/body.h"

#include "base/mem.h"

/* Intel SDM volume 3D, "REPORT"; Intel SGX DCAP quote library API, "sgx_report_body_t". */
void att_sgx_body_read(att_reader *r, struct att_sgx_body *b)
{
	*b = (struct att_sgx_body){ 0 };
	att_copy(r, b->cpu_svn, sizeof(b->cpu_svn), "cpu_svn");
	b->misc_select = att_le32(r, "misc_select");
	att_bytes reserved1 = att_view(r, 12, "reserved1");
	att_copy(r, b->isv_ext_prod_id, sizeof(b->isv_ext_prod_id), "isv_ext_prod_id");
	b->attributes = att_le64(r, "attributes.flags");
	b->xfrm = att_le64(r, "attributes.xfrm");
	att_copy(r, b->mr_enclave, sizeof(b->mr_enclave), "mr_enclave");
	att_bytes reserved2 = att_view(r, 32, "reserved2");
	att_copy(r, b->mr_signer, sizeof(b->mr_signer), "mr_signer");
	att_bytes reserved3 = att_view(r, 32, "reserved3");
	att_copy(r, b->config_id, sizeof(b->config_id), "config_id");
	b->isv_prod_id = att_le16(r, "isv_prod_id");
	b->isv_svn = att_le16(r, "isv_svn");
	b->config_svn = att_le16(r, "config_svn");
	att_bytes reserved4 = att_view(r, 42, "reserved4");
	att_copy(r, b->isv_family_id, sizeof(b->isv_family_id), "isv_family_id");
	att_copy(r, b->report_data, sizeof(b->report_data), "report_data");
	b->reserved_zero = att_all_zero(reserved1) && att_all_zero(reserved2) &&
			   att_all_zero(reserved3) && att_all_zero(reserved4);
}
