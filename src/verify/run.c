/* SPDX-License-Identifier: Apache-2.0 */
/* The order of a verification. Every check is decided here or in the groups it calls; none is left
 * out. */
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "verify/run.h"

/* Intel's QE, "939A7233-F79C-4CA9-940A-0DB3957F0607" (Intel DCAP quote format: QE vendor ID). */
static const uint8_t intel_qe_vendor[16] = { 0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9,
					     0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07 };

att_rc att_run_arguments(const struct att_verify_in *in, att_err *err)
{
	if (!in->evidence)
		return att_fail(err, ATT_E_ARG, "no evidence given");
	if (!in->roots)
		return att_fail(err, ATT_E_ARG, "no roots given: there is no default");
	if (in->bound_data.len == SIZE_MAX)
		return ATT_OK;
	if (in->bound_data.len == 0 || in->bound_data.len > 64 || !in->bound_data.ptr)
		return att_fail(err, ATT_E_ARG,
				"expected report data of %zu bytes, 1 to 64 (or ATT_UNBOUND)",
				in->bound_data.len);
	return ATT_OK;
}

static void evidence(struct att_run *run)
{
	struct att_report *r = run->r;
	const struct att_quote *q = run->quote;
	const char *kind = att_kind_name(run->claims->kind);

	if (run->claims->kind == ATT_KIND_SNP_REPORT)
		kind = "snp-report, which can be printed and not yet be verified";
	att_set_fixed(&r->rec[CK_EV_FORMAT].expected, "a REPORT or a quote");
	att_set_fixed(&r->rec[CK_EV_FORMAT].seen, att_kind_name(run->claims->kind));
	att_pass(r, CK_EV_FORMAT);
	att_set_fixed(&r->rec[CK_EV_KIND].expected, "an SGX or TDX quote");
	att_set_fixed(&r->rec[CK_EV_KIND].seen, kind);
	att_judge(r, CK_EV_KIND, q != NULL);
	if (!q)
		return;
	att_set_uint(&r->rec[CK_EV_PADDING].expected, 0);
	att_set_uint(&r->rec[CK_EV_PADDING].seen, q->padding);
	if (q->padding)
		att_warn(r, CK_EV_PADDING);
	else
		att_pass(r, CK_EV_PADDING);
	att_set_hex(&r->rec[CK_Q_VENDOR].expected, intel_qe_vendor, sizeof(intel_qe_vendor));
	att_set_hex(&r->rec[CK_Q_VENDOR].seen, q->qe_vendor_id, sizeof(q->qe_vendor_id));
	att_judge(r, CK_Q_VENDOR,
		  memcmp(q->qe_vendor_id, intel_qe_vendor, sizeof(intel_qe_vendor)) == 0);
}

static void collateral(struct att_run *run)
{
	struct att_record *rec = &run->r->rec[CK_CO_COMPLETE];

	att_set_fixed(&run->r->rec[CK_CO_FORMAT].expected, "readable");
	att_set_fixed(&run->r->rec[CK_CO_FORMAT].seen, "readable");
	att_pass(run->r, CK_CO_FORMAT);
	att_set_fixed(&rec->expected, "every required item");
	if (run->k->missing[0])
		att_set_text(run->r, &rec->seen, "missing: %s", run->k->missing);
	else
		att_set_fixed(&rec->seen, "complete");
	att_judge(run->r, CK_CO_COMPLETE, !run->k->missing[0]);
}

att_rc att_run_all(struct att_run *run, att_err *err)
{
	run->quote = att_evidence_quote(run->in->evidence);
	run->claims = att_evidence_claims(run->in->evidence);
	evidence(run);
	if (!run->quote) {
		att_report_close(run->r, CK_EV_KIND);
		return ATT_OK;
	}
	collateral(run);
	att_check_crl_issuer_format(run);
	att_rc rc = att_check_pck(run, err);
	if (rc != ATT_OK)
		return rc;
	att_check_crls(run);
	att_check_documents(run);
	rc = att_check_quote(run, err);
	if (rc != ATT_OK)
		return rc;
	att_check_tcb(run);
	att_collect_facts(run);
	if (att_p256_failed(run->tools))
		return att_fail(err, ATT_E_NOMEM, "libcrypto ran out of memory");
	return ATT_OK;
}

void att_run_release(struct att_run *run)
{
	if (run->pck)
		att_entry_unref(&run->pck->entry);
	run->pck = NULL;
}
