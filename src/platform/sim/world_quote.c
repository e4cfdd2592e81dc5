/* SPDX-License-Identifier: Apache-2.0 */
/* The quoting enclaves of a world: REPORT or TDREPORT in, quote out. */
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "crypto/digest.h"
#include "evidence/body.h"
#include "platform/sim/world_internal.h"

static const struct att_sim_qe *qe_of(const att_sim_world *w, enum att_sim_kind kind)
{
	return &w->qe[att_sim_kind_is_tdx(kind) ? ATT_SIM_TD_QE : ATT_SIM_QE];
}

void att_sim_world_target(const att_sim_world *w, enum att_sim_quoting qe,
			  uint8_t target[static ATT_SIM_TARGET])
{
	att_secs_target(&w->enclaves[qe], target);
}

void att_sim_world_key_id(const att_sim_world *w, enum att_sim_quoting qe, uint8_t id[static 32])
{
	memcpy(id, w->key_id[qe], 32);
}

att_rc att_sim_world_check_report(const att_sim_world *w, enum att_sim_quoting qe,
				  const uint8_t report[static ATT_SIM_REPORT], att_err *err)
{
	att_rc rc = att_sim_report_verify(w->cpu, &w->enclaves[qe], report, err);

	return rc == ATT_OK ? ATT_OK : att_wrap(err, rc, "quoting enclave");
}

size_t att_sim_world_quote_len(const att_sim_world *w, enum att_sim_kind kind)
{
	struct att_sim_qe qe = *qe_of(w, kind);

	qe.certification = (enum att_sim_certification)w->dial[DIAL_CERTIFICATION].at;
	return att_sim_quote_len(&qe, kind);
}

/* The dial's faults are in a copy: what was certified stays as it is. */
static att_rc make_quote(const att_sim_world *w, enum att_sim_kind kind,
			 const struct att_claims *claims, att_buf *out, att_err *err)
{
	struct att_sim_qe qe = *qe_of(w, kind);
	unsigned fault = w->dial[DIAL_QUOTE].at;
	att_auto_buf att_buf quote = { 0 };

	qe.certification = (enum att_sim_certification)w->dial[DIAL_CERTIFICATION].at;
	qe.report_signature[40] ^= fault == QUOTE_BAD_QE_SIGNATURE;
	qe.auth[0] ^= fault == QUOTE_BAD_BINDING;
	att_rc rc = att_sim_quote_make(&qe, kind, claims, &quote, err);
	if (rc != ATT_OK)
		return rc;
	if (fault == QUOTE_BAD_SIGNATURE)
		quote.ptr[att_sim_quote_signature(kind) + 40] ^= 1;
	att_put(out, att_buf_bytes(&quote));
	return att_buf_ok(out, err);
}

att_rc att_sim_world_quote(att_sim_world *w, enum att_sim_kind kind,
			   const uint8_t report[static ATT_SIM_REPORT], att_buf *out, att_err *err)
{
	struct att_claims claims = { .kind = ATT_KIND_SGX_QUOTE };
	att_reader r = att_reader_of(att_bytes_of(report, ATT_SGX_BODY_LEN));

	if ((size_t)kind >= ATT_SIM_KINDS || att_sim_kind_is_tdx(kind))
		return att_fail(err, ATT_E_ARG, "a REPORT becomes a quote sgx3, sgx4 or sgx5 only");
	att_rc rc = att_sim_world_check_report(w, ATT_SIM_QE, report, err);
	if (rc != ATT_OK)
		return rc;
	att_sgx_body_read(&r, &claims.sgx);
	rc = att_reader_end(&r, err);
	return rc == ATT_OK ? make_quote(w, kind, &claims, out, err) : rc;
}

att_rc att_sim_world_td_quote(att_sim_world *w, enum att_sim_kind kind,
			      const uint8_t report[static ATT_SIM_TDREPORT], att_buf *out,
			      att_err *err)
{
	struct att_claims claims = { .kind = ATT_KIND_TDX_QUOTE };

	if ((size_t)kind >= ATT_SIM_KINDS || !att_sim_kind_is_tdx(kind))
		return att_fail(err, ATT_E_ARG,
				"a TDREPORT becomes a quote tdx4, tdx5 or tdx15 only");
	att_rc rc = att_sim_tdreport_verify(w->cpu, report, &claims.td, err);
	if (rc != ATT_OK)
		return att_wrap(err, rc, "TD quoting enclave");
	claims.td.has_15 = kind == ATT_SIM_TDX15;
	if (!claims.td.has_15) {
		memset(claims.td.tee_tcb_svn2, 0, sizeof(claims.td.tee_tcb_svn2));
		memset(claims.td.mr_service_td, 0, sizeof(claims.td.mr_service_td));
	}
	return make_quote(w, kind, &claims, out, err);
}

att_rc att_sim_world_qe_report(att_sim_world *w, enum att_sim_quoting qe,
			       const uint8_t nonce[static 16],
			       const uint8_t target[static ATT_SIM_TARGET], att_bytes quote,
			       uint8_t report[static ATT_SIM_REPORT], att_err *err)
{
	uint8_t report_data[64] = { 0 };
	att_auto_buf att_buf bound = { 0 };

	att_put_mem(&bound, nonce, 16);
	att_put(&bound, quote);
	att_rc rc = att_buf_ok(&bound, err);
	if (rc != ATT_OK)
		return rc;
	if (!att_sha256_once(att_buf_bytes(&bound), report_data))
		return att_fail(err, ATT_E_UNAVAILABLE, "libcrypto offers no SHA-256");
	return att_sim_ereport(w->cpu, &w->enclaves[qe], target, report_data, report, err);
}
