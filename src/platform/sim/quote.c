/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/sim/quote.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "crypto/digest.h"
#include "platform/sim/body.h"
#include "platform/sim/levels.h"

#define KEY_TYPE_P256     2
#define TEE_SGX           0
#define TEE_TDX           0x81
#define CERT_QE_REPORT    6
#define SGX_INIT_MODE64   UINT64_C(0x05)
#define SGX_PROVISION_KEY UINT64_C(0x10)
#define XFRM_X87_SSE      UINT64_C(0x03)
#define XFAM_AVX512       UINT64_C(0xe7)

/* "939A7233-F79C-4CA9-940A-0DB3957F0607" (Intel DCAP quote format: QE vendor ID): verifiers refuse
 * any other. */
static const uint8_t intel_qe_vendor[16] = { 0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9,
					     0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07 };

static const struct {
	uint16_t version;
	bool tdx;
	uint16_t body_type; /* version 5 */
} kinds[ATT_SIM_KINDS] = {
	[ATT_SIM_SGX3] = { 3, false, 1 }, [ATT_SIM_SGX4] = { 4, false, 1 },
	[ATT_SIM_SGX5] = { 5, false, 1 }, [ATT_SIM_TDX4] = { 4, true, 2 },
	[ATT_SIM_TDX5] = { 5, true, 2 },  [ATT_SIM_TDX15] = { 5, true, 3 },
};

/* Bytes that are the same in every run and say nothing: their text, over and over. */
static void fill(uint8_t *out, size_t len, const char *text)
{
	size_t n = strlen(text);

	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t)text[i % n];
}

void att_sim_qe_facts(bool tdx, struct att_sim_qe_facts *out)
{
	*out = (struct att_sim_qe_facts){
		.attributes = SGX_INIT_MODE64 | SGX_PROVISION_KEY,
		.isv_prod_id = tdx ? ATT_SIM_TD_QE_PROD_ID : ATT_SIM_QE_PROD_ID,
		.isv_svn = tdx ? ATT_SIM_TD_QE_SVN : ATT_SIM_QE_SVN,
	};
	fill(out->mr_signer, sizeof(out->mr_signer), "simulated quoting enclave signer");
}

static att_rc no_hash(att_err *err)
{
	return att_fail(err, ATT_E_UNAVAILABLE, "libcrypto offers no SHA-256");
}

static att_rc begin(const att_sim_pki *pki, const char *name, struct att_sim_qe *qe,
		    uint8_t report_data[static 64], att_err *err)
{
	uint8_t point[ATT_P256_POINT];
	att_auto_buf att_buf bound = { 0 };
	att_rc rc = att_sim_pki_key(pki, name, &qe->attestation_key, err);

	if (rc != ATT_OK)
		return rc;
	att_signer_point(qe->attestation_key, point);
	if (!att_sha256_once(att_bytes_of(point, sizeof(point)), qe->auth))
		return no_hash(err);
	/* QE report data: SHA-256 of attestation key and authentication data, then zeros. */
	att_put_mem(&bound, point + 1, sizeof(point) - 1);
	att_put_mem(&bound, qe->auth, sizeof(qe->auth));
	rc = att_buf_ok(&bound, err);
	if (rc != ATT_OK)
		return rc;
	memset(report_data, 0, 64);
	return att_sha256_once(att_buf_bytes(&bound), report_data) ? ATT_OK : no_hash(err);
}

att_rc att_sim_qe_begin(const att_sim_pki *pki, const struct att_sim_pck *pck, const char *name,
			struct att_sim_qe *out, uint8_t report_data[static 64], att_err *err)
{
	*out = (struct att_sim_qe){ .pck = pck };
	memcpy(out->id, pck->platform.ppid, sizeof(out->id));
	att_rc rc = begin(pki, name, out, report_data, err);

	if (rc == ATT_OK)
		return ATT_OK;
	att_sim_qe_free(out);
	return att_wrap(err, rc, "simulated quoting enclave");
}

att_rc att_sim_qe_certify(struct att_sim_qe *qe, att_bytes body, att_err *err)
{
	att_put(&qe->report, body);
	att_rc rc = att_buf_ok(&qe->report, err);

	return rc == ATT_OK ? att_signer_sign(qe->pck->key, body, qe->report_signature, err) : rc;
}

static att_rc certify(bool tdx, const uint8_t report_data[static 64], struct att_sim_qe *qe,
		      att_err *err)
{
	struct att_sim_qe_facts facts;
	struct att_sgx_body body = { 0 };
	att_auto_buf att_buf text = { 0 };

	att_sim_qe_facts(tdx, &facts);
	memcpy(body.cpu_svn, qe->pck->platform.cpu_svn, sizeof(body.cpu_svn));
	body.attributes = facts.attributes;
	body.xfrm = XFRM_X87_SSE;
	fill(body.mr_enclave, sizeof(body.mr_enclave), tdx ? "simulated TD QE" : "simulated QE");
	memcpy(body.mr_signer, facts.mr_signer, sizeof(body.mr_signer));
	body.isv_prod_id = facts.isv_prod_id;
	body.isv_svn = facts.isv_svn;
	memcpy(body.report_data, report_data, sizeof(body.report_data));
	att_sim_put_sgx_body(&text, &body);
	att_rc rc = att_buf_ok(&text, err);
	return rc == ATT_OK ? att_sim_qe_certify(qe, att_buf_bytes(&text), err) : rc;
}

att_rc att_sim_qe_make(const att_sim_pki *pki, const struct att_sim_pck *pck, bool tdx,
		       const char *name, struct att_sim_qe *out, att_err *err)
{
	uint8_t report_data[64];
	att_rc rc = att_sim_qe_begin(pki, pck, name, out, report_data, err);

	if (rc != ATT_OK)
		return rc;
	rc = certify(tdx, report_data, out, err);
	if (rc == ATT_OK)
		return ATT_OK;
	att_sim_qe_free(out);
	return att_wrap(err, rc, "simulated quoting enclave");
}

void att_sim_qe_free(struct att_sim_qe *qe)
{
	att_signer_free(qe->attestation_key);
	att_buf_free(&qe->report);
	*qe = (struct att_sim_qe){ 0 };
}

static void td_claims(enum att_sim_kind kind, const uint8_t report_data[static 64],
		      struct att_td_body *td)
{
	static const uint8_t svns[16] = ATT_SIM_TEE_TCB_SVN;

	memcpy(td->tee_tcb_svn, svns, sizeof(svns));
	fill(td->mr_seam, sizeof(td->mr_seam), "simulated TDX module ");
	td->td_attributes = ATT_TD_SEPT_VE_DISABLE;
	td->xfam = XFAM_AVX512;
	fill(td->mr_td, sizeof(td->mr_td), "simulated TD ");
	for (int i = 0; i < 4; i++) {
		const char text[] = { 'r', 't', 'm', 'r', (char)('0' + i), ' ', '\0' };

		fill(td->rtmr[i], sizeof(td->rtmr[i]), text);
	}
	memcpy(td->report_data, report_data, sizeof(td->report_data));
	td->has_15 = kind == ATT_SIM_TDX15;
	if (td->has_15)
		memcpy(td->tee_tcb_svn2, svns, sizeof(svns));
}

void att_sim_claims(enum att_sim_kind kind, const struct att_platform *platform,
		    const uint8_t report_data[static 64], struct att_claims *out)
{
	*out = (struct att_claims){ .kind =
					kinds[kind].tdx ? ATT_KIND_TDX_QUOTE : ATT_KIND_SGX_QUOTE };
	if (kinds[kind].tdx) {
		td_claims(kind, report_data, &out->td);
		return;
	}
	struct att_sgx_body *s = &out->sgx;
	memcpy(s->cpu_svn, platform->cpu_svn, sizeof(s->cpu_svn));
	s->attributes = SGX_INIT_MODE64;
	s->xfrm = XFRM_X87_SSE;
	fill(s->mr_enclave, sizeof(s->mr_enclave), "simulated enclave ");
	fill(s->mr_signer, sizeof(s->mr_signer), "simulated enclave signer ");
	s->isv_prod_id = 1;
	s->isv_svn = 1;
	memcpy(s->report_data, report_data, sizeof(s->report_data));
}

/* Header and body: what the attestation key signs. */
static void put_signed(att_buf *b, const struct att_sim_qe *qe, enum att_sim_kind kind,
		       const struct att_claims *claims)
{
	att_put_le16(b, kinds[kind].version);
	att_put_le16(b, KEY_TYPE_P256);
	att_put_le32(b, kinds[kind].tdx ? TEE_TDX : TEE_SGX);
	att_put_le16(b, kinds[kind].version == 3 ? ATT_SIM_QE_SVN : 0);
	att_put_le16(b, kinds[kind].version == 3 ? qe->pck->platform.pce_svn : 0);
	att_put_mem(b, intel_qe_vendor, sizeof(intel_qe_vendor));
	att_put_mem(b, qe->id, sizeof(qe->id));
	att_put_zero(b, 4);
	if (kinds[kind].version == 5) {
		att_put_le16(b, kinds[kind].body_type);
		att_put_le32(b, !kinds[kind].tdx ? 384 : claims->td.has_15 ? 648 : 584);
	}
	if (kinds[kind].tdx)
		att_sim_put_td_body(b, &claims->td);
	else
		att_sim_put_sgx_body(b, &claims->sgx);
}

att_rc att_sim_encrypted_ppid(const uint8_t ppid[static 16],
			      uint8_t out[static ATT_SIM_ENCRYPTED_PPID], att_err *err)
{
	uint8_t block[17];

	memcpy(block, ppid, 16);
	for (uint8_t i = 0; i < ATT_SIM_ENCRYPTED_PPID / 32; i++) {
		block[16] = i;
		if (!att_sha256_once(att_bytes_of(block, sizeof(block)), out + (size_t)i * 32))
			return no_hash(err);
	}
	return ATT_OK;
}

static const struct {
	uint16_t type; /* on the wire */
	uint16_t ppid; /* bytes of it */
} forms[] = {
	[ATT_SIM_CERT_CHAIN] = { 5, 0 },       [ATT_SIM_CERT_PPID] = { 1, 16 },
	[ATT_SIM_CERT_PPID_2048] = { 2, 256 }, [ATT_SIM_CERT_PPID_3072] = { 3, 384 },
	[ATT_SIM_CERT_LEAF] = { 4, 0 },
};

/* Of the certification data alone. */
static size_t pck_len(const struct att_sim_qe *qe)
{
	if (qe->certification == ATT_SIM_CERT_CHAIN)
		return qe->pck->chain.len + 1;
	if (qe->certification == ATT_SIM_CERT_LEAF)
		return qe->pck->leaf_len + 1;
	return (size_t)forms[qe->certification].ppid + sizeof(qe->pck->platform.cpu_svn) + 4;
}

/* Certification data by its wire type; a NUL ends PEM, as in quotes of real platforms. */
static att_rc put_pck(att_buf *b, const struct att_sim_qe *qe, att_err *err)
{
	const struct att_platform *p = &qe->pck->platform;
	uint16_t ppid_len = forms[qe->certification].ppid;
	att_bytes chain = att_buf_bytes(&qe->pck->chain);
	uint8_t ppid[ATT_SIM_ENCRYPTED_PPID];

	att_put_le16(b, forms[qe->certification].type);
	att_put_le32(b, (uint32_t)pck_len(qe));
	if (ppid_len == 0) {
		if (qe->certification == ATT_SIM_CERT_LEAF)
			chain.len = qe->pck->leaf_len;
		att_put(b, chain);
		att_put_u8(b, 0);
		return ATT_OK;
	}
	att_rc rc = att_sim_encrypted_ppid(p->ppid, ppid, err);
	if (rc != ATT_OK)
		return rc;
	if (qe->certification == ATT_SIM_CERT_PPID)
		memcpy(ppid, p->ppid, sizeof(p->ppid));
	att_put_mem(b, ppid, ppid_len);
	att_put_mem(b, p->cpu_svn, sizeof(p->cpu_svn));
	att_put_le16(b, p->pce_svn);
	att_put_mem(b, p->pce_id, sizeof(p->pce_id));
	return ATT_OK;
}

/* QE report certification data. */
static att_rc put_certification(att_buf *b, const struct att_sim_qe *qe, att_err *err)
{
	att_put(b, att_buf_bytes(&qe->report));
	att_put_mem(b, qe->report_signature, sizeof(qe->report_signature));
	att_put_le16(b, sizeof(qe->auth));
	att_put_mem(b, qe->auth, sizeof(qe->auth));
	return put_pck(b, qe, err);
}

size_t att_sim_quote_signature(enum att_sim_kind kind)
{
	size_t body = !kinds[kind].tdx ? 384 : kinds[kind].body_type == 3 ? 648 : 584;

	return 48 + (kinds[kind].version == 5 ? 6u : 0u) + body + 4;
}

size_t att_sim_quote_len(const struct att_sim_qe *qe, enum att_sim_kind kind)
{
	size_t nested = kinds[kind].version > 3 ? 6 : 0;

	return att_sim_quote_signature(kind) + 64 + 64 + nested + 384 + 64 + 2 + sizeof(qe->auth) +
	       6 + pck_len(qe);
}

att_rc att_sim_quote_make(const struct att_sim_qe *qe, enum att_sim_kind kind,
			  const struct att_claims *claims, att_buf *out, att_err *err)
{
	att_auto_buf att_buf body = { 0 };
	att_auto_buf att_buf certification = { 0 };
	uint8_t point[ATT_P256_POINT], rs[64];

	put_signed(&body, qe, kind, claims);
	att_rc rc = put_certification(&certification, qe, err);
	if (rc == ATT_OK)
		rc = att_buf_ok(&body, err);
	if (rc == ATT_OK)
		rc = att_buf_ok(&certification, err);
	if (rc == ATT_OK)
		rc = att_signer_sign(qe->attestation_key, att_buf_bytes(&body), rs, err);
	if (rc != ATT_OK)
		return att_wrap(err, rc, "simulated quote");
	att_signer_point(qe->attestation_key, point);
	bool nested = kinds[kind].version > 3;
	att_put(out, att_buf_bytes(&body));
	att_put_le32(
	    out, (uint32_t)(sizeof(rs) + sizeof(point) - 1 + (nested ? 6 : 0) + certification.len));
	att_put_mem(out, rs, sizeof(rs));
	att_put_mem(out, point + 1, sizeof(point) - 1);
	if (nested) {
		att_put_le16(out, CERT_QE_REPORT);
		att_put_le32(out, (uint32_t)certification.len);
	}
	att_put(out, att_buf_bytes(&certification));
	return att_buf_ok(out, err);
}
