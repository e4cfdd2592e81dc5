/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/sim/world.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "crypto/mac.h"
#include "evidence/body.h"
#include "platform/sim/epid_internal.h"
#include "platform/sim/levels.h"

#define INIT_MODE64  UINT64_C(0x05)
#define XFRM_X87_SSE UINT64_C(0x03)

att_rc att_sim_world_derive(const att_sim_world *w, const char *label, att_bytes context,
			    uint8_t out[static 32], att_err *err)
{
	const uint8_t end = 0;
	const att_bytes parts[] = {
		att_bytes_of("attest simulated world", sizeof("attest simulated world")),
		att_bytes_of(label, strlen(label)),
		att_bytes_of(&end, 1),
		context,
	};

	if (att_hmac_sha256(att_bytes_of(w->options.secret, ATT_SIM_SECRET), parts,
			    ATT_COUNT(parts), out))
		return ATT_OK;
	return att_fail(err, ATT_E_UNAVAILABLE, "libcrypto offers no HMAC-SHA256");
}

static att_rc derive_part(const att_sim_world *w, const char *label, uint8_t *out, size_t len,
			  att_err *err)
{
	uint8_t all[32];
	att_rc rc = att_sim_world_derive(w, label, att_bytes_of(NULL, 0), all, err);

	if (rc == ATT_OK)
		memcpy(out, all, len);
	att_wipe(all, sizeof(all));
	return rc;
}

static void fill(uint8_t *out, size_t len, const char *text)
{
	size_t n = strlen(text);

	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t)text[i % n];
}

static att_rc make_cpu(att_sim_world *w, att_err *err)
{
	static const uint8_t tee_tcb_svn[16] = ATT_SIM_TEE_TCB_SVN;
	struct att_sim_cpu_options o = { .profile = w->options.intel_sim ? ATT_SIM_PROFILE_INTEL
									 : ATT_SIM_PROFILE_RANDOM };
	att_auto_buf att_buf boots = { 0 };
	att_rc rc = derive_part(w, "processor", o.secret, sizeof(o.secret), err);

	att_put_le64(&boots, w->boots);
	if (rc == ATT_OK)
		rc = att_buf_ok(&boots, err);
	if (rc == ATT_OK)
		rc = att_sim_world_derive(w, "boot", att_buf_bytes(&boots), o.boot_id, err);
	if (rc == ATT_OK)
		rc = derive_part(w, "owner epoch", o.owner_epoch, sizeof(o.owner_epoch), err);
	if (rc == ATT_OK) {
		if (!w->options.intel_sim)
			memset(o.cpu_svn, ATT_SIM_COMPONENT_SVN, sizeof(o.cpu_svn));
		memcpy(o.tdx.tee_tcb_svn, tee_tcb_svn, sizeof(tee_tcb_svn));
		fill(o.tdx.mr_seam, sizeof(o.tdx.mr_seam), "simulated TDX module ");
		rc = att_sim_cpu_new(&o, &w->cpu, err);
	}
	att_wipe(&o, sizeof(o));
	return rc;
}

static att_rc describe(att_sim_world *w, att_err *err)
{
	static const uint8_t own_fmspc[6] = { 0x00, 0x53, 0x49, 0x4d, 0x00, 0x00 };
	bool platform_ca = !w->options.processor_ca;
	struct att_platform *p = &w->platform;
	uint8_t group[2] = { 0 };

	*p = (struct att_platform){
		.present = true,
		.platform_ca = platform_ca,
		.pce_svn = ATT_SIM_PCE_SVN,
		.sgx_type = platform_ca ? 1 : 0,
		.has_instance_id = platform_ca,
		.dynamic_platform = platform_ca ? ATT_FALSE : ATT_UNKNOWN,
		.cached_keys = platform_ca ? ATT_FALSE : ATT_UNKNOWN,
		.smt_enabled = platform_ca ? ATT_TRUE : ATT_UNKNOWN,
	};
	memset(p->components, ATT_SIM_COMPONENT_SVN, sizeof(p->components));
	memcpy(p->cpu_svn, att_sim_cpu_svn(w->cpu), sizeof(p->cpu_svn));
	memcpy(p->fmspc, own_fmspc, sizeof(own_fmspc));
	att_rc rc = derive_part(w, "PPID", p->ppid, sizeof(p->ppid), err);
	if (rc == ATT_OK && platform_ca)
		rc = derive_part(w, "platform instance", p->instance_id, sizeof(p->instance_id),
				 err);
	if (rc == ATT_OK)
		rc = derive_part(w, "QE id", w->qe_id, sizeof(w->qe_id), err);
	if (rc == ATT_OK)
		rc = derive_part(w, "EPID group", group, sizeof(group), err);
	att_reader r = att_reader_of(att_bytes_of(group, sizeof(group)));
	w->epid_group = w->options.intel_sim ? ATT_EPID_SIM_GROUP : 1u + att_le16(&r, "EPID group");
	return rc;
}

/* The quoting enclaves are enclaves of this processor, launched before anybody else's. */
static void make_enclaves(att_sim_world *w)
{
	for (int e = 0; e < ATT_SIM_QUOTING_ENCLAVES; e++) {
		struct att_secs *s = &w->enclaves[e];
		struct att_sim_qe_facts facts;
		bool tdx = e == ATT_SIM_TD_QE;

		att_sim_qe_facts(tdx, &facts);
		*s = (struct att_secs){
			.attributes = facts.attributes,
			.xfrm = XFRM_X87_SSE,
			.isv_prod_id = facts.isv_prod_id,
			.isv_svn = facts.isv_svn,
		};
		memcpy(s->mr_signer, facts.mr_signer, sizeof(s->mr_signer));
		fill(s->mr_enclave, sizeof(s->mr_enclave),
		     e == ATT_SIM_EPID_QE ? "simulated EPID QE"
		     : tdx                ? "simulated TD QE"
					  : "simulated QE");
	}
	/* Intel's SGX_MODE=SIM: the target of EPID quoting. */
	if (w->options.intel_sim)
		memset(w->enclaves[ATT_SIM_EPID_QE].mr_enclave, 0xee, 32);
}

/* The QE reports to the provisioning certification enclave, which looks at the REPORT before the
 * PCK vouches for it. */
static att_rc certify(att_sim_world *w, enum att_sim_quoting which, att_err *err)
{
	struct att_secs pce = { .attributes = INIT_MODE64,
				.xfrm = XFRM_X87_SSE,
				.isv_svn = ATT_SIM_PCE_SVN };
	struct att_sim_qe *qe = &w->qe[which];
	uint8_t target[ATT_SIM_TARGET], report[ATT_SIM_REPORT], report_data[64];
	att_rc rc = att_sim_qe_begin(
	    w->pki, &w->pck, which == ATT_SIM_TD_QE ? "TD attestation key" : "attestation key", qe,
	    report_data, err);

	if (rc != ATT_OK)
		return rc;
	memcpy(qe->id, w->qe_id, sizeof(qe->id));
	fill(pce.mr_enclave, sizeof(pce.mr_enclave), "simulated PCE");
	att_secs_target(&pce, target);
	rc = att_sim_ereport(w->cpu, &w->enclaves[which], target, report_data, report, err);
	if (rc == ATT_OK)
		rc = att_sim_report_verify(w->cpu, &pce, report, err);
	if (rc != ATT_OK)
		return rc;
	return att_sim_qe_certify(qe, att_bytes_of(report, ATT_SGX_BODY_LEN), err);
}

static att_rc name_key(const att_signer *key, uint8_t id[static 32], att_err *err)
{
	uint8_t point[ATT_P256_POINT];

	att_signer_point(key, point);
	if (att_sha256_once(att_bytes_of(point + 1, sizeof(point) - 1), id))
		return ATT_OK;
	return att_fail(err, ATT_E_UNAVAILABLE, "libcrypto offers no SHA-256");
}

static att_rc make_quoting(att_sim_world *w, att_err *err)
{
	att_rc rc = certify(w, ATT_SIM_QE, err);

	if (rc == ATT_OK)
		rc = certify(w, ATT_SIM_TD_QE, err);
	for (size_t i = 0; rc == ATT_OK && i < ATT_COUNT(w->qe); i++)
		rc = name_key(w->qe[i].attestation_key, w->key_id[i], err);
	return rc == ATT_OK ? name_key(w->epid_member, w->key_id[ATT_SIM_EPID_QE], err) : rc;
}

static att_rc make_keys(att_sim_world *w, att_err *err)
{
	struct att_sim_seed seed = { "" };
	uint8_t bytes[ATT_SIM_SEED_MAX / 2];
	att_rc rc = derive_part(w, "authorities", bytes, sizeof(bytes), err);

	if (rc != ATT_OK)
		return rc;
	att_hex_encode(att_bytes_of(bytes, sizeof(bytes)), seed.text);
	rc = att_sim_pki_new(&seed, w->options.born, &w->pki, err);
	att_wipe(&seed, sizeof(seed));
	att_wipe(bytes, sizeof(bytes));
	if (rc == ATT_OK)
		rc = att_sim_pck_make(w->pki, &w->platform, "PCK", &w->pck, err);
	if (rc == ATT_OK)
		rc = att_sim_pki_key(w->pki, "EPID member", &w->epid_member, err);
	if (rc == ATT_OK)
		rc = att_sim_pki_key(w->pki, "EPID issuer", &w->epid_issuer, err);
	return rc == ATT_OK ? make_quoting(w, err) : rc;
}

static att_rc choose_secret(const struct att_sim_world_options *o, uint8_t secret[static 32],
			    att_err *err)
{
	if (!o->seed) {
		if (att_all_zero(att_bytes_of(o->secret, ATT_SIM_SECRET)))
			return att_fail(err, ATT_E_ARG, "neither a seed nor a secret");
		memcpy(secret, o->secret, ATT_SIM_SECRET);
		return ATT_OK;
	}
	if (!*o->seed)
		return att_fail(err, ATT_E_ARG, "an empty seed");
	if (!att_sha256_once(att_bytes_of(o->seed, strlen(o->seed)), secret))
		return att_fail(err, ATT_E_UNAVAILABLE, "libcrypto offers no SHA-256");
	return ATT_OK;
}

static att_rc make(att_sim_world *w, att_err *err)
{
	att_rc rc = make_cpu(w, err);

	if (rc == ATT_OK)
		rc = describe(w, err);
	make_enclaves(w);
	return rc == ATT_OK ? make_keys(w, err) : rc;
}

att_rc att_sim_world_make(const struct att_sim_world_options *options, uint64_t boots,
			  att_sim_world **out, att_err *err)
{
	att_sim_world *w = calloc(1, sizeof(*w));

	*out = NULL;
	if (!w)
		return att_fail(err, ATT_E_NOMEM, "simulated world: out of memory");
	w->options = *options;
	w->options.seed = NULL;
	w->boots = boots;
	att_rc rc = choose_secret(options, w->options.secret, err);
	if (rc == ATT_OK)
		rc = make(w, err);
	if (rc != ATT_OK) {
		att_sim_world_free(w);
		return att_wrap(err, rc, "simulated world");
	}
	*out = w;
	return ATT_OK;
}

att_rc att_sim_world_new(const struct att_sim_world_options *options, att_sim_world **out,
			 att_err *err)
{
	return att_sim_world_make(options, 0, out, err);
}

void att_sim_world_free(att_sim_world *w)
{
	if (!w)
		return;
	for (size_t i = 0; i < ATT_SIM_MEMO; i++)
		att_buf_free(&w->memo[i].bytes);
	for (size_t i = 0; i < ATT_COUNT(w->qe); i++)
		att_sim_qe_free(&w->qe[i]);
	att_signer_free(w->epid_member);
	att_signer_free(w->epid_issuer);
	att_sim_pck_free(&w->pck);
	att_sim_pki_free(w->pki);
	att_sim_cpu_free(w->cpu);
	att_wipe(w, sizeof(*w));
	free(w);
}

att_sim_cpu *att_sim_world_cpu(att_sim_world *w)
{
	return w->cpu;
}

const struct att_platform *att_sim_world_platform(const att_sim_world *w)
{
	return &w->platform;
}

att_rc att_sim_world_encrypted_ppid(const att_sim_world *w,
				    uint8_t out[static ATT_SIM_ENCRYPTED_PPID], att_err *err)
{
	return att_sim_encrypted_ppid(w->platform.ppid, out, err);
}

att_bytes att_sim_world_root_pem(const att_sim_world *w)
{
	return att_sim_pki_pem(w->pki, ATT_SIM_ROOT);
}

enum att_sim_authority att_sim_world_ca(const att_sim_world *w)
{
	return w->platform.platform_ca ? ATT_SIM_PLATFORM_CA : ATT_SIM_PROCESSOR_CA;
}

att_bytes att_sim_world_qe_id(const att_sim_world *w)
{
	return att_bytes_of(w->qe_id, sizeof(w->qe_id));
}
