/* SPDX-License-Identifier: Apache-2.0 */
/* From the PCK key to the quote: the quoting enclave's report, its identity, the attestation key,
 * the signature. */
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "verify/run.h"

/* "This PCK key signed this QE report": checked, or remembered from an earlier check of the same
 * bytes. */
static att_rc qe_report_signed(struct att_run *run, bool *holds, att_err *err)
{
	const struct att_quote *q = run->quote;
	const uint8_t *pck_key = run->pck->chain.cert[0].point;
	uint8_t fact[ATT_P256_POINT + 384 + 64];
	att_bytes key = att_bytes_of(fact, sizeof(fact));

	memcpy(fact, pck_key, ATT_P256_POINT);
	memcpy(fact + ATT_P256_POINT, q->qe_report_raw.ptr, 384);
	memcpy(fact + ATT_P256_POINT + 384, q->qe_report_signature.ptr, 64);
	struct att_entry *known = att_cache_find(run->qes, key);
	*holds = known != NULL;
	att_entry_unref(known);
	if (*holds)
		return ATT_OK;
	*holds =
	    att_p256_verify_raw(run->tools, pck_key, q->qe_report_raw, q->qe_report_signature.ptr);
	if (*holds && att_cache_add_key(run->qes, key) != ATT_OK)
		return att_fail(err, ATT_E_NOMEM, "QE report: out of memory");
	return ATT_OK;
}

static void binding(struct att_run *run)
{
	const struct att_quote *q = run->quote;
	struct att_report *r = run->r;
	uint8_t digest[ATT_SHA256_LEN];

	if (ATT_AFTER(r, CK_QR_BINDING, CK_QR_SIGNATURE)) {
		bool ok = att_sha256_2(run->tools, q->attestation_key, q->qe_auth_data, digest);

		att_set_hex(&r->rec[CK_QR_BINDING].expected, digest, sizeof(digest));
		att_set_hex(&r->rec[CK_QR_BINDING].seen, q->qe_report.report_data, sizeof(digest));
		att_judge(r, CK_QR_BINDING,
			  ok && memcmp(digest, q->qe_report.report_data, sizeof(digest)) == 0);
	}
	if (ATT_AFTER(r, CK_QR_TAIL, CK_QR_SIGNATURE)) {
		att_bytes tail = att_bytes_of(q->qe_report.report_data + 32, 32);

		att_set_fixed(&r->rec[CK_QR_TAIL].expected, "32 zero bytes");
		att_set_hex(&r->rec[CK_QR_TAIL].seen, tail.ptr, tail.len);
		att_judge(r, CK_QR_TAIL, att_all_zero(tail));
	}
}

/* Compares a field of the QE's report, under a mask, with what the identity wants. */
static void qe_field(struct att_run *run, enum att_check_no ck, const uint8_t *have,
		     const uint8_t *want, const uint8_t *mask, size_t len)
{
	uint8_t masked[48];

	if (!ATT_AFTER(run->r, ck, CK_QR_SIGNATURE, CK_QI_KIND))
		return;
	for (size_t i = 0; i < len; i++)
		masked[i] = mask ? have[i] & mask[i] : have[i];
	att_set_hex(&run->r->rec[ck].expected, want, len);
	att_set_hex(&run->r->rec[ck].seen, masked, len);
	att_judge(run->r, ck, memcmp(masked, want, len) == 0);
}

static void qe_identity(struct att_run *run)
{
	const struct att_sgx_body *qe = &run->quote->qe_report;
	const struct att_identity *id = &run->k->qe;
	const uint8_t *raw = run->quote->qe_report_raw.ptr;
	struct att_record *rec = &run->r->rec[CK_QE_PRODID];

	/* MISCSELECT at 16 and ATTRIBUTES at 48 are compared as they lie in the report. */
	qe_field(run, CK_QE_MISCSELECT, raw + 16, id->misc_select, id->misc_select_mask,
		 sizeof(id->misc_select));
	qe_field(run, CK_QE_ATTRIBUTES, raw + 48, id->attributes, id->attributes_mask,
		 sizeof(id->attributes));
	qe_field(run, CK_QE_SIGNER, qe->mr_signer, id->mr_signer, NULL, sizeof(id->mr_signer));
	if (!ATT_AFTER(run->r, CK_QE_PRODID, CK_QR_SIGNATURE, CK_QI_KIND))
		return;
	att_set_uint(&rec->expected, id->isv_prod_id);
	att_set_uint(&rec->seen, qe->isv_prod_id);
	att_judge(run->r, CK_QE_PRODID, qe->isv_prod_id == id->isv_prod_id);
}

static void quote_signature(struct att_run *run)
{
	const struct att_quote *q = run->quote;
	struct att_report *r = run->r;
	uint8_t point[ATT_P256_POINT] = { 0x04 };

	memcpy(point + 1, q->attestation_key.ptr, ATT_P256_POINT - 1);
	if (ATT_AFTER(r, CK_Q_KEY, CK_QR_BINDING)) {
		att_set_fixed(&r->rec[CK_Q_KEY].expected, "a point of the curve");
		att_set_hex(&r->rec[CK_Q_KEY].seen, point + 1, 32);
		att_judge(r, CK_Q_KEY, att_p256_on_curve(run->tools, point));
	}
	if (ATT_AFTER(r, CK_Q_SIGNATURE, CK_Q_KEY)) {
		bool holds =
		    att_p256_verify_raw(run->tools, point, q->signed_part, q->signature.ptr);

		att_set_fixed(&r->rec[CK_Q_SIGNATURE].expected, "a signature that holds");
		att_set_fixed(&r->rec[CK_Q_SIGNATURE].seen,
			      holds ? "one that holds" : "one that does not");
		att_judge(r, CK_Q_SIGNATURE, holds);
	}
}

static void report_data(struct att_run *run)
{
	const struct att_claims *c = run->claims;
	const uint8_t *have =
	    c->kind == ATT_KIND_TDX_QUOTE ? c->td.report_data : c->sgx.report_data;
	att_bytes want = run->in->bound_data;
	struct att_record *rec = &run->r->rec[CK_EV_REPORT_DATA];

	if (want.len == SIZE_MAX) {
		att_not_applicable(run->r, CK_EV_REPORT_DATA);
		att_set_fixed(&rec->seen, "nothing was expected");
		return;
	}
	if (!ATT_AFTER(run->r, CK_EV_REPORT_DATA, CK_Q_SIGNATURE))
		return;
	bool equal = memcmp(have, want.ptr, want.len) == 0 &&
		     att_all_zero(att_bytes_of(have + want.len, 64 - want.len));
	att_set_hex(&rec->expected, want.ptr, want.len);
	att_set_hex(&rec->seen, have, 64);
	att_judge(run->r, CK_EV_REPORT_DATA, equal);
	run->r->facts.bound = equal;
}

att_rc att_check_quote(struct att_run *run, att_err *err)
{
	struct att_report *r = run->r;

	if (ATT_AFTER(r, CK_QR_SIGNATURE, CK_PCK_EXTENSION)) {
		bool holds = false;
		att_rc rc = qe_report_signed(run, &holds, err);

		if (rc != ATT_OK)
			return rc;
		att_set_fixed(&r->rec[CK_QR_SIGNATURE].expected, "a signature that holds");
		att_set_fixed(&r->rec[CK_QR_SIGNATURE].seen,
			      holds ? "one that holds" : "one that does not");
		att_judge(r, CK_QR_SIGNATURE, holds);
	}
	binding(run);
	qe_identity(run);
	quote_signature(run);
	report_data(run);
	return ATT_OK;
}
