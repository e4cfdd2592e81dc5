/* SPDX-License-Identifier: Apache-2.0 */
/* CRLs, signers and signed documents: is the collateral itself authentic, current and for this
 * platform? */
#include <string.h>

#include "base/mem.h"
#include "verify/run.h"

static void chain_readable(struct att_run *run, enum att_check_no format, const struct att_chain *c,
			   const struct att_chain_role *role)
{
	struct att_record *rec = &run->r->rec[format];

	if (!c->present) {
		(void)ATT_AFTER(run->r, format, CK_CO_COMPLETE);
		return;
	}
	att_set_count(&rec->expected, role->count, "certificates, leaf first");
	if (c->bad.rc != ATT_OK)
		att_set_text(run->r, &rec->seen, "%s", c->bad.msg);
	else
		att_set_count(&rec->seen, c->count, "certificates");
	att_judge(run->r, format, c->bad.rc == ATT_OK && c->count == role->count);
}

/* The CA that issued the PCK certificate: the same subject with the same key. Not the same bytes:
 * Intel may issue the authority's certificate again, as it did with the TCB signer's. */
static void intermediate(struct att_run *run)
{
	struct att_record *rec = &run->r->rec[CK_CI_INTERMEDIATE];

	if (!ATT_AFTER(run->r, CK_CI_INTERMEDIATE, CK_CI_CHAIN_FORMAT, CK_PCK_CHAIN_FORMAT))
		return;
	const struct att_cert *given = &run->k->crl_issuer.cert[0],
			      *used = &run->pck->chain.cert[1];
	att_set_hex(&rec->expected, used->point + 1, 32);
	att_set_hex(&rec->seen, given->point + 1, 32);
	att_judge(run->r, CK_CI_INTERMEDIATE,
		  att_bytes_eq(given->subject, used->subject) &&
		      memcmp(given->point, used->point, ATT_P256_POINT) == 0);
}

static void crl_issuer_of(struct att_report *r, enum att_check_no ck, const struct att_crl *crl,
			  const struct att_cert *issuer)
{
	struct att_record *rec = &r->rec[ck];
	bool name = att_bytes_eq(crl->issuer, issuer->subject);
	bool id =
	    crl->akid.len != 0 && (issuer->skid.len == 0 || att_bytes_eq(crl->akid, issuer->skid));

	att_set_fixed(&rec->expected, "issuer name and key id of the authority, and a CRL number");
	att_set_fixed(&rec->seen, !name              ? "another issuer"
				  : !id              ? "no or another key id"
				  : !crl->has_number ? "no number"
						     : "they agree");
	att_judge(r, ck, name && id && crl->has_number);
}

/* The four checks of one CRL, whose rows start at `base`. */
static void crl_group(struct att_run *run, enum att_check_no base, const struct att_crl_state *f,
		      const struct att_cert *issuer)
{
	enum att_check_no format = base, name = base + 1, signature = base + 2, dates = base + 3;
	struct att_report *r = run->r;

	if (!f->present) {
		(void)ATT_AFTER(r, format, CK_CO_COMPLETE);
	} else {
		att_set_fixed(&r->rec[format].expected, "one X.509 v2 CRL");
		if (f->bad.rc != ATT_OK)
			att_set_text(r, &r->rec[format].seen, "%s", f->bad.msg);
		else
			att_set_count(&r->rec[format].seen, f->crl.revoked_count,
				      "revoked certificates");
		att_judge(r, format, f->bad.rc == ATT_OK);
	}
	if (ATT_AFTER(r, name, format) && att_after_chain(r, name, CK_CI_CHAIN_FORMAT))
		crl_issuer_of(r, name, &f->crl, issuer);
	if (ATT_AFTER(r, signature, format, name)) {
		att_set_fixed(&r->rec[signature].expected, "a signature that holds");
		att_set_fixed(&r->rec[signature].seen,
			      f->signature_ok ? "one that holds" : "one that does not");
		att_judge(r, signature, f->signature_ok);
	}
	if (ATT_AFTER(r, dates, format)) {
		att_set_range(&r->rec[dates].expected, f->crl.this_update, f->crl.next_update);
		att_set_time(&r->rec[dates].seen, run->in->now);
		att_judge(r, dates,
			  run->in->now >= f->crl.this_update && run->in->now <= f->crl.next_update);
	}
}

static void revocation(struct att_run *run, enum att_check_no ck, enum att_check_no crl_signature,
		       const struct att_serials *revoked, const struct att_cert *cert)
{
	struct att_record *rec = &run->r->rec[ck];

	if (!ATT_AFTER(run->r, ck, crl_signature))
		return;
	bool listed = att_serials_has(revoked, cert->serial);
	att_set_fixed(&rec->expected, "not listed");
	if (listed)
		att_set_hex(&rec->seen, cert->serial.ptr, cert->serial.len);
	else
		att_set_fixed(&rec->seen, "not listed");
	att_judge(run->r, ck, !listed);
}

/* The authority stands in two chains, and may have two certificates for its one key: the PCK
 * chain's, and the one that vouches for its CRL (RFC 5280 section 6.3.3 (f)). Other collateral
 * brings another of the latter only. */
static void ca_revocation(struct att_run *run, const struct att_cert *used,
			  const struct att_cert *crl_issuer)
{
	const struct att_serials *revoked = &run->k->root_crl.revoked;

	revocation(run, CK_PCK_CA_REVOKED, CK_RC_SIGNATURE, revoked, used);
	if (!att_held(run->r, CK_PCK_CA_REVOKED) || !att_serials_has(revoked, crl_issuer->serial))
		return;
	run->r->rec[CK_PCK_CA_REVOKED].mendable = true;
	revocation(run, CK_PCK_CA_REVOKED, CK_RC_SIGNATURE, revoked, crl_issuer);
}

void att_check_crls(struct att_run *run)
{
	const struct att_compiled *k = run->k;
	struct att_report *r = run->r;

	att_check_chain(run, CK_CI_CHAIN_FORMAT, &k->crl_issuer);
	const struct att_cert *issuer = &k->crl_issuer.cert[0];
	crl_group(run, CK_RC_FORMAT, &k->root_crl, issuer + 1);
	crl_group(run, CK_PC_FORMAT, &k->pck_crl, issuer);
	intermediate(run);
	if (ATT_AFTER(r, CK_PCK_CA_REVOKED, CK_PCK_CHAIN_FORMAT))
		ca_revocation(run, &run->pck->chain.cert[1], issuer);
	if (ATT_AFTER(r, CK_PCK_REVOKED, CK_PCK_CHAIN_FORMAT, CK_CI_INTERMEDIATE))
		revocation(run, CK_PCK_REVOKED, CK_PC_SIGNATURE, &k->pck_crl.revoked,
			   &run->pck->chain.cert[0]);
}

void att_check_crl_issuer_format(struct att_run *run)
{
	chain_readable(run, CK_CI_CHAIN_FORMAT, &run->k->crl_issuer, &att_role_crl_issuer);
}

/* Signature, content and dates of one signed document; its rows start at `base`. */
static void document(struct att_run *run, enum att_check_no base, enum att_check_no signer,
		     const struct att_signed_json *j, int64_t issued, int64_t next)
{
	enum att_check_no signature = base, format = base + 1, dates = base + 3;
	struct att_report *r = run->r;

	if (!j->present || j->bad.rc == ATT_E_MISSING) {
		(void)ATT_AFTER(r, signature, CK_CO_COMPLETE);
	} else if (att_after_chain(r, signature, signer)) {
		att_set_fixed(&r->rec[signature].expected,
			      "a signature that holds over the bytes received");
		if (j->bad.rc != ATT_OK)
			att_set_text(r, &r->rec[signature].seen, "%s", j->bad.msg);
		else
			att_set_fixed(&r->rec[signature].seen,
				      j->signature_ok ? "one that holds" : "one that does not");
		att_judge(r, signature, j->signature_ok);
	}
	if (ATT_AFTER(r, format, signature)) {
		att_set_fixed(&r->rec[format].expected, "as Intel documents it");
		if (j->bad_content.rc != ATT_OK)
			att_set_text(r, &r->rec[format].seen, "%s", j->bad_content.msg);
		else
			att_set_fixed(&r->rec[format].seen, "so it is");
		att_judge(r, format, j->signature_ok && j->bad_content.rc == ATT_OK);
	}
	if (ATT_AFTER(r, dates, format)) {
		att_set_range(&r->rec[dates].expected, issued, next);
		att_set_time(&r->rec[dates].seen, run->in->now);
		att_judge(r, dates, run->in->now >= issued && run->in->now <= next);
	}
}

static void signer_group(struct att_run *run, enum att_check_no base, enum att_check_no revoked,
			 const struct att_chain *c)
{
	chain_readable(run, base, c, &att_role_signer);
	att_check_chain(run, base, c);
	if (ATT_AFTER(run->r, revoked, base + CHAIN_FORMAT))
		revocation(run, revoked, CK_RC_SIGNATURE, &run->k->root_crl.revoked, &c->cert[0]);
}

static void tcb_info_applies(struct att_run *run)
{
	const struct att_tcbinfo *t = &run->k->tcb;
	const struct att_platform *p = &run->r->facts.platform;
	struct att_report *r = run->r;
	bool tdx = run->claims->kind == ATT_KIND_TDX_QUOTE;

	if (ATT_AFTER(r, CK_TI_KIND, CK_TI_FORMAT)) {
		att_set_fixed(&r->rec[CK_TI_KIND].expected,
			      tdx ? "TDX, version 3" : "SGX, version 2 or 3");
		att_set_fixed(&r->rec[CK_TI_KIND].seen, t->tdx            ? "TDX, version 3"
							: t->version == 2 ? "SGX, version 2"
									  : "SGX, version 3");
		att_judge(r, CK_TI_KIND, t->tdx == tdx);
	}
	if (ATT_AFTER(r, CK_TI_FMSPC, CK_TI_FORMAT, CK_PCK_EXTENSION)) {
		att_set_hex(&r->rec[CK_TI_FMSPC].expected, p->fmspc, sizeof(p->fmspc));
		att_set_hex(&r->rec[CK_TI_FMSPC].seen, t->fmspc, sizeof(t->fmspc));
		att_judge(r, CK_TI_FMSPC, memcmp(p->fmspc, t->fmspc, sizeof(t->fmspc)) == 0);
	}
	if (ATT_AFTER(r, CK_TI_PCEID, CK_TI_FORMAT, CK_PCK_EXTENSION)) {
		att_set_hex(&r->rec[CK_TI_PCEID].expected, p->pce_id, sizeof(p->pce_id));
		att_set_hex(&r->rec[CK_TI_PCEID].seen, t->pce_id, sizeof(t->pce_id));
		att_judge(r, CK_TI_PCEID, memcmp(p->pce_id, t->pce_id, sizeof(t->pce_id)) == 0);
	}
}

static void identity_applies(struct att_run *run)
{
	bool tdx = run->claims->kind == ATT_KIND_TDX_QUOTE;
	enum att_identity_id want = tdx ? ATT_IDENTITY_TD_QE : ATT_IDENTITY_QE;
	struct att_record *rec = &run->r->rec[CK_QI_KIND];

	if (!ATT_AFTER(run->r, CK_QI_KIND, CK_QI_FORMAT))
		return;
	att_set_fixed(&rec->expected, att_identity_id_name(want));
	att_set_fixed(&rec->seen, att_identity_id_name(run->k->qe.id));
	att_judge(run->r, CK_QI_KIND, run->k->qe.id == want);
}

void att_check_documents(struct att_run *run)
{
	const struct att_compiled *k = run->k;

	signer_group(run, CK_TS_CHAIN_FORMAT, CK_TS_REVOKED, &k->tcb_signer);
	document(run, CK_TI_SIGNATURE, CK_TS_CHAIN_FORMAT, &k->tcb_json, k->tcb.issue_date,
		 k->tcb.next_update);
	tcb_info_applies(run);
	signer_group(run, CK_QS_CHAIN_FORMAT, CK_QS_REVOKED, &k->qe_signer);
	document(run, CK_QI_SIGNATURE, CK_QS_CHAIN_FORMAT, &k->qe_json, k->qe.issue_date,
		 k->qe.next_update);
	identity_applies(run);
}
