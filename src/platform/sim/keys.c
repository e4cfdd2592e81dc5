/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/sim/keys.h"

#include <string.h>

#include "base/mem.h"
#include "crypto/mac.h"
#include "platform/enclave/sigstruct.h"
#include "platform/sim/fixed.h"

#define BLOCK_MAX 768u

/* Of Intel's SGX_MODE=SIM (linux-sgx, simulated EGETKEY and EREPORT): anybody can make these
 * keys. */
static const uint8_t intel_base[][16] = {
	[ATT_SGX_KEY_EINITTOKEN] = { 0xaa, 0x55, 0xaa, 0x55, 0xaa, 0x55, 0xaa, 0x55, 0xaa, 0x55,
				     0xaa, 0x55, 0xaa, 0x55, 0xaa, 0x55 },
	[ATT_SGX_KEY_PROVISION] = { 0xbb, 0xaa, 0xbb, 0xee, 0xff, 0x00, 0x00, 0xdd, 0xbb, 0xaa,
				    0xbb, 0xee, 0xff, 0x00, 0x00, 0xdd },
	[ATT_SGX_KEY_PROVISION_SEAL] = { 'P', 'R', 'O', 'V', 'I', 'S', 'I', 'O', 'N', 'S', 'E', 'A',
					 'L', 'K', 'E', 'Y' },
	[ATT_SGX_KEY_REPORT] = { 0xff, 0x00, 0xff, 0x00, 0xff, 0x00, 0xff, 0x00, 0xff, 0x00, 0xff,
				 0x00, 0xff, 0x00, 0xff, 0x00 },
	[ATT_SGX_KEY_SEAL] = { 0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa,
			       0xbb, 0xcc, 0xdd, 0xee, 0xff },
};
static const uint8_t intel_owner_epoch[16] = { 'T', 'H', 'I', 'S', 'I', 'S', 'O', 'W',
					       'N', 'E', 'R', 'E', 'P', 'O', 'C', 'H' };

/* --- Secrets --- */

static bool drawn(const uint8_t secret[ATT_SIM_CPU_SECRET], const char *what, att_bytes more,
		  uint8_t out[static 32])
{
	const att_bytes parts[] = { att_bytes_of(what, strlen(what) + 1), more };

	return att_hmac_sha256(att_bytes_of(secret, ATT_SIM_CPU_SECRET), parts, 2, out);
}

bool att_sim_fuses_of(const struct att_sim_cpu_options *options, struct att_sim_fuses *out)
{
	const att_bytes none = att_bytes_of(NULL, 0);
	const att_bytes boot = att_bytes_of(options->boot_id, sizeof(options->boot_id));
	const uint8_t *secret = options->secret;

	*out = (struct att_sim_fuses){ .profile = options->profile };
	if (!drawn(secret, "attest simulated seal fuses", none, out->seal) ||
	    !drawn(secret, "attest simulated provisioning fuses", none, out->provisioning) ||
	    !drawn(secret, "attest simulated TDREPORT key", boot, out->tdreport) ||
	    !drawn(secret, "attest simulated REPORT key id", boot, out->report_key_id))
		return false;
	if (options->profile == ATT_SIM_PROFILE_INTEL) {
		memset(out->report_key_id, 0, sizeof(out->report_key_id));
		memcpy(out->report_key_id, intel_base[ATT_SGX_KEY_REPORT], 16);
		memcpy(out->owner_epoch, intel_owner_epoch, sizeof(out->owner_epoch));
	} else {
		memcpy(out->owner_epoch, options->owner_epoch, sizeof(out->owner_epoch));
	}
	return true;
}

/* --- What a key depends on --- */

static void take_policy(const struct att_secs *e, const struct att_sgx_keyrequest *r,
			struct att_sim_key_input *k)
{
	k->policy = r->key_policy;
	if (!(r->key_policy & ATT_SGX_POLICY_NOISVPRODID))
		k->isv_prod_id = e->isv_prod_id;
	if (r->key_policy & ATT_SGX_POLICY_CONFIGID) {
		memcpy(k->config_id, e->config_id, sizeof(k->config_id));
		k->config_svn = r->config_svn;
	}
	if (r->key_policy & ATT_SGX_POLICY_ISVFAMILYID)
		memcpy(k->isv_family_id, e->isv_family_id, sizeof(k->isv_family_id));
	if (r->key_policy & ATT_SGX_POLICY_ISVEXTPRODID)
		memcpy(k->isv_ext_prod_id, e->isv_ext_prod_id, sizeof(k->isv_ext_prod_id));
}

static void take_masks(const struct att_sgx_keyrequest *r, struct att_sim_key_input *k)
{
	k->attributes_mask = r->attributes_mask;
	k->xfrm_mask = r->xfrm_mask;
	k->misc_mask_inverse = ~r->misc_mask;
}

static void take_epoch_and_id(const struct att_sim_fuses *f, const struct att_sgx_keyrequest *r,
			      struct att_sim_key_input *k)
{
	memcpy(k->owner_epoch, f->owner_epoch, sizeof(k->owner_epoch));
	memcpy(k->key_id, r->key_id, sizeof(k->key_id));
}

void att_sim_key_of_request(const struct att_sim_fuses *f, const struct att_secs *e,
			    const struct att_sgx_keyrequest *r, const uint8_t current_svn[16],
			    struct att_sim_key_input *k)
{
	if (r->key_name == ATT_SGX_KEY_REPORT) {
		uint8_t bytes[ATT_SGX_TARGETINFO_LEN];
		struct att_sgx_target self;

		att_secs_target(e, bytes);
		att_sgx_target_read(bytes, &self);
		att_sim_key_of_target(f, &self, r->key_id, current_svn, k);
		return;
	}
	*k = (struct att_sim_key_input){
		.name = (enum att_sgx_key_name)r->key_name,
		/* INIT and DEBUG are in every key: debug enclaves never share one with others. */
		.attributes =
		    (r->attributes_mask | ATT_SGX_ATTR_INIT | ATT_SGX_ATTR_DEBUG) & e->attributes,
		.xfrm = r->xfrm_mask & e->xfrm,
		.misc_select = r->misc_mask & e->misc_select,
		.isv_svn = r->isv_svn,
	};
	memcpy(k->cpu_svn, r->cpu_svn, sizeof(k->cpu_svn));
	switch (k->name) {
	case ATT_SGX_KEY_EINITTOKEN:
		k->isv_prod_id = e->isv_prod_id;
		memcpy(k->mr_signer, e->mr_signer, sizeof(k->mr_signer));
		take_epoch_and_id(f, r, k);
		break;
	case ATT_SGX_KEY_PROVISION:
		k->isv_prod_id = e->isv_prod_id;
		memcpy(k->mr_signer, e->mr_signer, sizeof(k->mr_signer));
		take_masks(r, k);
		break;
	case ATT_SGX_KEY_PROVISION_SEAL:
		memcpy(k->mr_signer, e->mr_signer, sizeof(k->mr_signer));
		take_masks(r, k);
		take_policy(e, r, k);
		break;
	case ATT_SGX_KEY_SEAL:
		if (r->key_policy & ATT_SGX_POLICY_MRENCLAVE)
			memcpy(k->mr_enclave, e->mr_enclave, sizeof(k->mr_enclave));
		if (r->key_policy & ATT_SGX_POLICY_MRSIGNER)
			memcpy(k->mr_signer, e->mr_signer, sizeof(k->mr_signer));
		take_masks(r, k);
		take_policy(e, r, k);
		take_epoch_and_id(f, r, k);
		break;
	case ATT_SGX_KEY_REPORT:
		break;
	}
}

void att_sim_key_of_target(const struct att_sim_fuses *f, const struct att_sgx_target *target,
			   const uint8_t key_id[32], const uint8_t current_svn[16],
			   struct att_sim_key_input *k)
{
	*k = (struct att_sim_key_input){
		.name = ATT_SGX_KEY_REPORT,
		.attributes = target->attributes,
		.xfrm = target->xfrm,
		.misc_select = target->misc_select,
		.config_svn = target->config_svn,
	};
	memcpy(k->owner_epoch, f->owner_epoch, sizeof(k->owner_epoch));
	memcpy(k->cpu_svn, current_svn, sizeof(k->cpu_svn));
	memcpy(k->config_id, target->config_id, sizeof(k->config_id));
	memcpy(k->mr_enclave, target->mr_enclave, sizeof(k->mr_enclave));
	memcpy(k->key_id, key_id, sizeof(k->key_id));
}

/* --- Derivation --- */

#define PUT(b, k, field) att_put_mem(b, (k)->field, sizeof((k)->field))

/* Every block begins with the name and, at 8, the attributes: the blocks are C structures, and
 * zeros stand where a compiler aligns. */
static void put_intel_head(att_buf *b, const struct att_sim_key_input *k, bool masks)
{
	att_put_le16(b, (uint16_t)k->name);
	att_put_le16(b, k->policy);
	att_put_zero(b, 4);
	att_put_le64(b, k->attributes);
	att_put_le64(b, k->xfrm);
	if (masks) {
		att_put_le64(b, k->attributes_mask);
		att_put_le64(b, k->xfrm_mask);
	}
	att_put_le32(b, k->misc_select);
	if (masks)
		att_put_le32(b, k->misc_mask_inverse);
}

static void put_intel_seal(att_buf *b, const struct att_sim_key_input *k)
{
	PUT(b, k, owner_epoch);
	PUT(b, k, cpu_svn);
	att_put_le16(b, k->isv_svn);
	att_put_le16(b, k->isv_prod_id);
	att_put_le16(b, k->config_svn);
	PUT(b, k, config_id);
	PUT(b, k, isv_family_id);
	PUT(b, k, isv_ext_prod_id);
	PUT(b, k, mr_enclave);
	PUT(b, k, mr_signer);
	PUT(b, k, key_id);
	att_put_zero(b, 2);
}

static void put_intel_report(att_buf *b, const struct att_sim_key_input *k)
{
	PUT(b, k, owner_epoch);
	PUT(b, k, mr_enclave);
	PUT(b, k, cpu_svn);
	att_put_le16(b, k->config_svn);
	PUT(b, k, config_id);
	PUT(b, k, key_id);
	att_put_zero(b, 2);
}

static void put_intel_einittoken(att_buf *b, const struct att_sim_key_input *k)
{
	PUT(b, k, owner_epoch);
	PUT(b, k, cpu_svn);
	att_put_le16(b, k->isv_svn);
	att_put_le16(b, k->isv_prod_id);
	PUT(b, k, mr_signer);
	PUT(b, k, key_id);
}

static void put_intel_provision(att_buf *b, const struct att_sim_key_input *k)
{
	PUT(b, k, cpu_svn);
	att_put_le16(b, k->isv_svn);
	att_put_le16(b, k->isv_prod_id);
	PUT(b, k, mr_signer);
	att_put_zero(b, 4);
}

static void put_intel_provision_seal(att_buf *b, const struct att_sim_key_input *k)
{
	PUT(b, k, cpu_svn);
	att_put_le16(b, k->isv_svn);
	att_put_le16(b, k->isv_prod_id);
	att_put_le16(b, k->config_svn);
	PUT(b, k, config_id);
	PUT(b, k, isv_family_id);
	PUT(b, k, isv_ext_prod_id);
	PUT(b, k, mr_signer);
	att_put_zero(b, 2);
}

static const struct {
	bool masks;
	void (*put)(att_buf *b, const struct att_sim_key_input *k);
} intel_blocks[] = {
	[ATT_SGX_KEY_EINITTOKEN] = { false, put_intel_einittoken },
	[ATT_SGX_KEY_PROVISION] = { true, put_intel_provision },
	[ATT_SGX_KEY_PROVISION_SEAL] = { true, put_intel_provision_seal },
	[ATT_SGX_KEY_REPORT] = { false, put_intel_report },
	[ATT_SGX_KEY_SEAL] = { true, put_intel_seal },
};

static bool derive_intel(const struct att_sim_key_input *k, uint8_t key[static 16])
{
	uint8_t bytes[BLOCK_MAX];
	att_buf b = att_sim_fixed(bytes, sizeof(bytes));

	put_intel_head(&b, k, intel_blocks[k->name].masks);
	intel_blocks[k->name].put(&b, k);
	const att_bytes block = att_buf_bytes(&b);
	return !b.failed && att_cmac(intel_base[k->name], &block, 1, key);
}

/* Intel SDM volume 3D, "HARDCODED_PKCS1_5_PADDING": 352 bytes, as around a SHA-256 in RSA. */
static void put_padding(att_buf *b)
{
	static const uint8_t digest_info[] = { 0x00, 0x30, 0x31, 0x30, 0x0d, 0x06, 0x09,
					       0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04,
					       0x02, 0x01, 0x05, 0x00, 0x04, 0x20 };

	att_put_be16(b, 0x0001);
	for (int i = 0; i < 330; i++)
		att_put_u8(b, 0xff);
	att_put_mem(b, digest_info, sizeof(digest_info));
}

static bool derive_random(const struct att_sim_fuses *f, const struct att_sim_key_input *k,
			  uint8_t key[static 16])
{
	const uint8_t *fuses = k->name == ATT_SGX_KEY_PROVISION ? f->provisioning : f->seal;
	uint8_t bytes[BLOCK_MAX], mac[ATT_HMAC_SHA256_LEN];
	att_buf b = att_sim_fixed(bytes, sizeof(bytes));

	att_put_le16(&b, (uint16_t)k->name);
	att_put_le16(&b, k->policy);
	att_put_le64(&b, k->attributes);
	att_put_le64(&b, k->xfrm);
	att_put_le64(&b, k->attributes_mask);
	att_put_le64(&b, k->xfrm_mask);
	att_put_le32(&b, k->misc_select);
	att_put_le32(&b, k->misc_mask_inverse);
	PUT(&b, k, owner_epoch);
	PUT(&b, k, cpu_svn);
	att_put_le16(&b, k->isv_svn);
	att_put_le16(&b, k->isv_prod_id);
	att_put_le16(&b, k->config_svn);
	PUT(&b, k, config_id);
	PUT(&b, k, isv_family_id);
	PUT(&b, k, isv_ext_prod_id);
	PUT(&b, k, mr_enclave);
	PUT(&b, k, mr_signer);
	PUT(&b, k, key_id);
	put_padding(&b);
	const att_bytes block = att_buf_bytes(&b);
	if (b.failed || !att_hmac_sha256(att_bytes_of(fuses, 32), &block, 1, mac))
		return false;
	memcpy(key, mac, 16);
	att_wipe(mac, sizeof(mac));
	return true;
}

bool att_sim_key_derive(const struct att_sim_fuses *f, const struct att_sim_key_input *in,
			uint8_t key[static 16])
{
	bool made =
	    f->profile == ATT_SIM_PROFILE_INTEL ? derive_intel(in, key) : derive_random(f, in, key);

	if (!made)
		memset(key, 0, 16);
	return made;
}
