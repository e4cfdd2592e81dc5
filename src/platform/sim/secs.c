/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/sim/secs.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/reader.h"
#include "crypto/mac.h"
#include "evidence/body.h"
#include "platform/sim/fixed.h"

#define BODY_LEN 384u
#define MAC_AT   416u

/* Intel SDM volume 3D, "TARGETINFO". */
void att_sgx_target_read(const uint8_t in[static ATT_SGX_TARGETINFO_LEN],
			 struct att_sgx_target *out)
{
	att_reader r = att_reader_of(att_bytes_of(in, ATT_SGX_TARGETINFO_LEN));

	att_copy(&r, out->mr_enclave, sizeof(out->mr_enclave), "measurement");
	out->attributes = att_le64(&r, "attributes.flags");
	out->xfrm = att_le64(&r, "attributes.xfrm");
	att_skip(&r, 2, "cet_attributes");
	out->config_svn = att_le16(&r, "config_svn");
	out->misc_select = att_le32(&r, "miscselect");
	att_skip(&r, 8, "reserved");
	att_copy(&r, out->config_id, sizeof(out->config_id), "config_id");
}

static void target_write(const struct att_sgx_target *t, uint8_t out[static ATT_SGX_TARGETINFO_LEN])
{
	att_buf b = att_sim_fixed(out, ATT_SGX_TARGETINFO_LEN);

	att_put_mem(&b, t->mr_enclave, sizeof(t->mr_enclave));
	att_put_le64(&b, t->attributes);
	att_put_le64(&b, t->xfrm);
	att_put_zero(&b, 2);
	att_put_le16(&b, t->config_svn);
	att_put_le32(&b, t->misc_select);
	att_put_zero(&b, 8);
	att_put_mem(&b, t->config_id, sizeof(t->config_id));
}

/* Intel SDM volume 3D, "KEYREQUEST". */
void att_sgx_keyrequest_read(const uint8_t in[static ATT_SGX_KEYREQUEST_LEN],
			     struct att_sgx_keyrequest *out)
{
	att_reader r = att_reader_of(att_bytes_of(in, ATT_SGX_KEYREQUEST_LEN));

	out->key_name = att_le16(&r, "key_name");
	out->key_policy = att_le16(&r, "key_policy");
	out->isv_svn = att_le16(&r, "isv_svn");
	att_bytes reserved1 = att_view(&r, 2, "reserved1");
	att_copy(&r, out->cpu_svn, sizeof(out->cpu_svn), "cpu_svn");
	out->attributes_mask = att_le64(&r, "attribute_mask.flags");
	out->xfrm_mask = att_le64(&r, "attribute_mask.xfrm");
	att_copy(&r, out->key_id, sizeof(out->key_id), "key_id");
	out->misc_mask = att_le32(&r, "misc_mask");
	out->config_svn = att_le16(&r, "config_svn");
	out->reserved_zero = att_all_zero(reserved1) && att_all_zero(att_peek_rest(&r));
}

void att_sgx_keyrequest_write(const struct att_sgx_keyrequest *k,
			      uint8_t out[static ATT_SGX_KEYREQUEST_LEN])
{
	att_buf b = att_sim_fixed(out, ATT_SGX_KEYREQUEST_LEN);

	att_put_le16(&b, k->key_name);
	att_put_le16(&b, k->key_policy);
	att_put_le16(&b, k->isv_svn);
	att_put_zero(&b, 2);
	att_put_mem(&b, k->cpu_svn, sizeof(k->cpu_svn));
	att_put_le64(&b, k->attributes_mask);
	att_put_le64(&b, k->xfrm_mask);
	att_put_mem(&b, k->key_id, sizeof(k->key_id));
	att_put_le32(&b, k->misc_mask);
	att_put_le16(&b, k->config_svn);
}

void att_secs_target(const struct att_secs *s, uint8_t out[static ATT_SGX_TARGETINFO_LEN])
{
	struct att_sgx_target t = {
		.attributes = s->attributes,
		.xfrm = s->xfrm,
		.config_svn = s->config_svn,
		.misc_select = s->misc_select,
	};

	memcpy(t.mr_enclave, s->mr_enclave, sizeof(t.mr_enclave));
	memcpy(t.config_id, s->config_id, sizeof(t.config_id));
	target_write(&t, out);
}

void att_sgx_report_target(const uint8_t report[static ATT_SGX_REPORT_LEN],
			   uint8_t out[static ATT_SGX_TARGETINFO_LEN])
{
	att_reader r = att_reader_of(att_bytes_of(report, ATT_SGX_REPORT_LEN));
	struct att_sgx_body body;

	att_sgx_body_read(&r, &body);
	struct att_sgx_target t = {
		.attributes = body.attributes,
		.xfrm = body.xfrm,
		.config_svn = body.config_svn,
		.misc_select = body.misc_select,
	};
	memcpy(t.mr_enclave, body.mr_enclave, sizeof(t.mr_enclave));
	memcpy(t.config_id, body.config_id, sizeof(t.config_id));
	target_write(&t, out);
}

void att_secs_body(const struct att_secs *s, const uint8_t cpu_svn[static 16],
		   const uint8_t report_data[static 64], struct att_sgx_body *out)
{
	*out = (struct att_sgx_body){
		.misc_select = s->misc_select,
		.attributes = s->attributes,
		.xfrm = s->xfrm,
		.isv_prod_id = s->isv_prod_id,
		.isv_svn = s->isv_svn,
		.config_svn = s->config_svn,
		.reserved_zero = true,
	};
	memcpy(out->cpu_svn, cpu_svn, sizeof(out->cpu_svn));
	memcpy(out->isv_ext_prod_id, s->isv_ext_prod_id, sizeof(out->isv_ext_prod_id));
	memcpy(out->mr_enclave, s->mr_enclave, sizeof(out->mr_enclave));
	memcpy(out->mr_signer, s->mr_signer, sizeof(out->mr_signer));
	memcpy(out->config_id, s->config_id, sizeof(out->config_id));
	memcpy(out->isv_family_id, s->isv_family_id, sizeof(out->isv_family_id));
	memcpy(out->report_data, report_data, sizeof(out->report_data));
}

att_rc att_sgx_report_mac(const uint8_t key[static 16], const uint8_t *report,
			  uint8_t mac[static 16], att_err *err)
{
	const att_bytes body = att_bytes_of(report, BODY_LEN);

	if (!att_cmac(key, &body, 1, mac))
		return att_fail(err, ATT_E_UNAVAILABLE, "libcrypto can not make a CMAC");
	return ATT_OK;
}

att_rc att_sgx_report_check(const uint8_t key[static 16],
			    const uint8_t report[static ATT_SGX_REPORT_LEN], att_err *err)
{
	uint8_t mac[ATT_CMAC_LEN];
	att_rc rc = att_sgx_report_mac(key, report, mac, err);

	if (rc == ATT_OK && !att_mac_equal(mac, report + MAC_AT, sizeof(mac)))
		rc = att_fail(err, ATT_E_MISMATCH,
			      "the REPORT's MAC does not verify: it was made for another enclave, "
			      "on another processor, or it was altered");
	att_wipe(mac, sizeof(mac));
	return rc;
}
