/* SPDX-License-Identifier: Apache-2.0 */
/* Signature revocation lists, the proofs that answer them, and platform info blobs (Intel SGX SDK,
 * "se_sig_rl_t" and "platform_info_blob_wrapper_t"). */
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "platform/sim/epid_internal.h"

#define HEAD          16
#define SIGNATURE     64
#define BLOB_UNSIGNED 37

/* Protocol version 2 and "SIG_RL" (0x0e) in EPID's own header, as loaded by a little-endian machine
 * 0x200 and 0xe00. */
static const uint8_t sigrl_kind[4] = { 0x00, 0x02, 0x00, 0x0e };

att_rc att_sim_epid_sigrl(const att_sim_world *w, uint32_t version,
			  const uint8_t (*pseudonyms)[ATT_EPID_PSEUDONYM], size_t count,
			  att_buf *out, att_err *err)
{
	att_auto_buf att_buf text = { 0 };
	uint8_t rs[SIGNATURE];

	if (count > ATT_EPID_SIGRL_MAX)
		return att_fail(err, ATT_E_ARG, "%zu pseudonyms, at most %u", count,
				ATT_EPID_SIGRL_MAX);
	att_put_mem(&text, sigrl_kind, sizeof(sigrl_kind));
	epid_put_be32(&text, w->epid_group);
	epid_put_be32(&text, version);
	epid_put_be32(&text, (uint32_t)count);
	for (size_t i = 0; i < count; i++)
		att_put_mem(&text, pseudonyms[i], ATT_EPID_PSEUDONYM);
	att_rc rc = att_buf_ok(&text, err);
	if (rc == ATT_OK)
		rc = att_signer_sign(w->epid_issuer, att_buf_bytes(&text), rs, err);
	if (rc != ATT_OK)
		return rc;
	att_put(out, att_buf_bytes(&text));
	att_put_mem(out, rs, sizeof(rs));
	return att_buf_ok(out, err);
}

static att_rc check_signature(const att_sim_world *w, att_bytes text, const uint8_t *rs,
			      att_err *err)
{
	uint8_t point[ATT_P256_POINT];
	att_p256 *tools;
	att_rc rc = att_p256_new(&tools, err);

	if (rc != ATT_OK)
		return rc;
	att_signer_point(w->epid_issuer, point);
	bool good = att_p256_verify_raw(tools, point, text, rs);
	bool failed = att_p256_failed(tools);
	att_p256_free(tools);
	if (failed)
		return att_fail(err, ATT_E_NOMEM, "libcrypto is out of memory");
	return good ? ATT_OK : att_fail(err, ATT_E_MISMATCH, "SigRL: not signed by this world");
}

att_rc att_sim_epid_sigrl_read(const att_sim_world *w, att_bytes sigrl, struct att_sim_sigrl *out,
			       att_err *err)
{
	att_reader r = att_reader_of(sigrl);
	att_bytes kind = att_view(&r, sizeof(sigrl_kind), "protocol_version, epid_identifier");
	uint32_t group = epid_be32(&r, "gid");

	*out = (struct att_sim_sigrl){ 0 };
	out->version = epid_be32(&r, "version");
	out->count = epid_be32(&r, "n2");
	bool few = out->count <= ATT_EPID_SIGRL_MAX;
	out->entries = att_view(&r, few ? out->count * (size_t)ATT_EPID_PSEUDONYM : 0, "entries");
	att_bytes rs = few ? att_view(&r, SIGNATURE, "signature") : att_peek_rest(&r);
	att_rc rc = few ? att_reader_end(&r, err) : att_reader_ok(&r, err);
	if (rc != ATT_OK)
		return att_wrap(err, rc, "SigRL");
	if (!few || !att_bytes_eq(kind, att_bytes_of(sigrl_kind, sizeof(sigrl_kind))))
		return att_fail(err, ATT_E_FORMAT,
				"SigRL: not EPID 2, or %u entries: at most %u are taken",
				out->count, ATT_EPID_SIGRL_MAX);
	if (group != w->epid_group)
		return att_fail(err, ATT_E_MISMATCH, "SigRL: of group %08x, expected %08x", group,
				w->epid_group);
	return check_signature(w, att_bytes_of(sigrl.ptr, HEAD + out->entries.len), rs.ptr, err);
}

att_rc att_sim_epid_put_proof(const att_sim_world *w, att_bytes entry, att_buf *out, att_err *err)
{
	uint8_t proof[ATT_EPID_PROOF], k[ATT_EPID_HALF];
	att_rc rc = att_sim_epid_expand(w, "EPID proof", entry, proof, sizeof(proof), err);

	if (rc == ATT_OK)
		rc = att_sim_epid_k(w, entry.ptr, k, err);
	if (rc != ATT_OK)
		return rc;
	proof[ATT_EPID_PROOF - 1] = memcmp(k, entry.ptr + ATT_EPID_HALF, sizeof(k)) == 0;
	att_put_mem(out, proof, sizeof(proof));
	return ATT_OK;
}

att_rc att_sim_epid_platform_info(const att_sim_world *w, const struct att_sim_platform_info *info,
				  uint8_t blob[static ATT_EPID_PLATFORM_INFO], att_err *err)
{
	const struct att_platform *p = att_sim_world_platform(w);
	att_auto_buf att_buf b = { 0 };

	att_put_u8(&b, info->group_flags);
	att_put_be16(&b, info->tcb_flags);
	att_put_be16(&b, info->pse_flags);
	att_put_mem(&b, p->cpu_svn, sizeof(p->cpu_svn)); /* latest_equivalent_tcb_psvn */
	att_put_le16(&b, p->pce_svn);
	att_put_zero(&b, 2 + 4); /* latest_pse_isvsvn, latest_psda_svn: there is no PSE */
	att_put_le32(&b, w->options.intel_sim ? ATT_EPID_SIM_XEID : 0);
	epid_put_be32(&b, w->epid_group);
	att_rc rc = att_buf_ok(&b, err);
	if (rc != ATT_OK)
		return rc;
	memcpy(blob, b.ptr, BLOB_UNSIGNED);
	return att_signer_sign(w->epid_issuer, att_buf_bytes(&b), blob + BLOB_UNSIGNED, err);
}

void att_sim_epid_platform_info_key(const att_sim_world *w, uint8_t point[static 65])
{
	att_signer_point(w->epid_issuer, point);
}
