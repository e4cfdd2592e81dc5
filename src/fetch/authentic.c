/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch/authentic.h"

#include <string.h>

#include "base/civil.h"
#include "base/error.h"
#include "base/text.h"
#include "codec/pem.h"
#include "collateral/items.h"
#include "verify/compiled.h"
#include "verify/roots.h"

ATT_DEFINE_CLEANUP(compiled, struct att_compiled, att_compiled_unref)
#define auto_compiled __attribute__((cleanup(compiled_cleanup)))
ATT_DEFINE_CLEANUP(tools, att_p256, att_p256_free)
#define auto_tools __attribute__((cleanup(tools_cleanup)))
#define auto_chain __attribute__((cleanup(att_chain_free)))

static att_rc check_chain(const struct att_chain *chain, const struct att_chain_role *role,
			  const att_roots *roots, att_err *err)
{
	if (chain->bad.rc != ATT_OK)
		return att_fail(err, chain->bad.rc, "issuer chain: %s", chain->bad.msg);
	if (!chain->present || chain->count != role->count)
		return att_fail(err, ATT_E_CHAIN,
				"issuer chain: expected %zu certificates, seen %zu", role->count,
				chain->count);
	if (chain->link.what)
		return att_fail(err, ATT_E_CHAIN, "issuer chain: certificate %zu %s",
				chain->link.certificate, chain->link.what);
	if (chain->misuse.what)
		return att_fail(err, ATT_E_CHAIN, "issuer chain: certificate %zu %s",
				chain->misuse.certificate, chain->misuse.what);
	for (size_t i = 0; i < chain->count; i++) {
		if (!chain->signed_by_next[i])
			return att_fail(
			    err, ATT_E_CHAIN,
			    "issuer chain: the signature of certificate %zu does not hold", i + 1);
	}
	if (!att_roots_find(roots, &chain->cert[chain->count - 1]))
		return att_fail(err, ATT_E_CHAIN,
				"issuer chain: it ends in a root that is not trusted here");
	return ATT_OK;
}

static att_rc set_item(att_collateral *c, enum att_item item, att_bytes bytes, att_err *err)
{
	att_rc rc = att_collateral_set(c, item, bytes, err);

	return rc == ATT_OK ? ATT_OK : att_wrap(err, rc, "%s", att_item_name(item));
}

static att_bytes chain_of(const struct att_pcs_request *r, const struct att_http_response *answer)
{
	const char *name = att_pcs_chain_header(r);
	const char *value = name ? att_http_response_header(answer, name) : NULL;

	return att_bytes_of(value, value ? strlen(value) : 0);
}

/* The answer and its chain, compiled as verification does it. */
static att_rc compile(const struct att_pcs_request *r, const struct att_http_response *answer,
		      enum att_item chain, enum att_item item, att_p256 *tools,
		      struct att_compiled **out, att_err *err)
{
	att_auto_collateral att_collateral *c = att_collateral_new();

	if (!c)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	att_rc rc = set_item(c, chain, chain_of(r, answer), err);
	if (rc == ATT_OK)
		rc = set_item(c, item, att_buf_bytes(&answer->body), err);
	return rc == ATT_OK ? att_compile(c, tools, out, err) : rc;
}

static att_rc check_signed(const struct att_signed_json *j, const char *name, att_err *err)
{
	if (j->bad.rc != ATT_OK)
		return att_fail(err, j->bad.rc, "%s: %s", name, j->bad.msg);
	if (!j->present || !j->signature_ok)
		return att_fail(err, ATT_E_SIGNATURE, "%s: its signature does not hold", name);
	if (j->bad_content.rc != ATT_OK)
		return att_fail(err, j->bad_content.rc, "%s: %s", name, j->bad_content.msg);
	return ATT_OK;
}

static att_rc of_tcb(const att_roots *roots, const struct att_pcs_request *r,
		     const struct att_http_response *answer, att_p256 *tools,
		     struct att_authentic *out, att_err *err)
{
	auto_compiled struct att_compiled *c = NULL;
	char fmspc[13];

	att_rc rc =
	    compile(r, answer, ATT_ITEM_TCB_INFO_ISSUER_CHAIN, ATT_ITEM_TCB_INFO, tools, &c, err);
	if (rc == ATT_OK)
		rc = check_chain(&c->tcb_signer, &att_role_signer, roots, err);
	if (rc == ATT_OK)
		rc = check_signed(&c->tcb_json, "TCB info", err);
	if (rc != ATT_OK)
		return rc;
	att_hex_encode(att_bytes_of(c->tcb.fmspc, sizeof(c->tcb.fmspc)), fmspc);
	if (strcmp(fmspc, r->fmspc) != 0 || c->tcb.tdx != r->tdx)
		return att_fail(err, ATT_E_MISMATCH, "TCB info: asked for %s %s, it is for %s %s",
				r->tdx ? "TDX" : "SGX", r->fmspc, c->tcb.tdx ? "TDX" : "SGX",
				fmspc);
	*out = (struct att_authentic){ .issued = c->tcb.issue_date,
				       .expires = c->tcb.next_update,
				       .evaluation = c->tcb.evaluation,
				       .number = -1 };
	return ATT_OK;
}

static att_rc of_identity(const att_roots *roots, const struct att_pcs_request *r,
			  const struct att_http_response *answer, att_p256 *tools,
			  struct att_authentic *out, att_err *err)
{
	enum att_identity_id want = r->what == ATT_PCS_QVE_IDENTITY ? ATT_IDENTITY_QVE
				    : r->tdx                        ? ATT_IDENTITY_TD_QE
								    : ATT_IDENTITY_QE;
	auto_compiled struct att_compiled *c = NULL;

	att_rc rc = compile(r, answer, ATT_ITEM_QE_IDENTITY_ISSUER_CHAIN, ATT_ITEM_QE_IDENTITY,
			    tools, &c, err);
	if (rc == ATT_OK)
		rc = check_chain(&c->qe_signer, &att_role_signer, roots, err);
	if (rc == ATT_OK)
		rc = check_signed(&c->qe_json, "enclave identity", err);
	if (rc != ATT_OK)
		return rc;
	if (c->qe.id != want)
		return att_fail(err, ATT_E_MISMATCH, "enclave identity: asked for %s, it is %s",
				att_identity_id_name(want), att_identity_id_name(c->qe.id));
	*out = (struct att_authentic){ .issued = c->qe.issue_date,
				       .expires = c->qe.next_update,
				       .evaluation = c->qe.evaluation,
				       .number = -1 };
	return ATT_OK;
}

static void facts_of_crl(const struct att_crl *crl, struct att_authentic *out)
{
	*out = (struct att_authentic){ .issued = crl->this_update,
				       .expires = crl->next_update,
				       .evaluation = -1,
				       .number = crl->has_number ? (int64_t)crl->number : -1 };
}

static att_rc check_pck_crl(const struct att_compiled *c, const char *part, const att_roots *roots,
			    att_err *err)
{
	att_bytes name = c->crl_issuer.cert[0].subject_cn;

	att_rc rc = check_chain(&c->crl_issuer, &att_role_crl_issuer, roots, err);
	if (rc != ATT_OK)
		return rc;
	if (c->pck_crl.bad.rc != ATT_OK)
		return att_fail(err, c->pck_crl.bad.rc, "PCK CRL: %s", c->pck_crl.bad.msg);
	if (!c->pck_crl.signature_ok)
		return att_fail(err, ATT_E_SIGNATURE, "PCK CRL: its signature does not hold");
	if (!memmem(name.ptr, name.len, part, strlen(part)))
		return att_fail(err, ATT_E_MISMATCH,
				"PCK CRL: asked for that of the %s, its issuer is another", part);
	return ATT_OK;
}

static att_rc of_pck_crl(const att_roots *roots, const struct att_pcs_request *r,
			 const struct att_http_response *answer, att_p256 *tools,
			 struct att_authentic *out, att_err *err)
{
	const char *part = strcmp(r->ca, "platform") == 0 ? "Platform CA" : "Processor CA";
	auto_compiled struct att_compiled *c = NULL;

	att_rc rc =
	    compile(r, answer, ATT_ITEM_PCK_CRL_ISSUER_CHAIN, ATT_ITEM_PCK_CRL, tools, &c, err);
	if (rc != ATT_OK || !c)
		return rc != ATT_OK ? rc : att_fail(err, ATT_E_NOMEM, "out of memory");
	rc = check_pck_crl(c, part, roots, err);
	if (rc == ATT_OK)
		facts_of_crl(&c->pck_crl.crl, out);
	return rc;
}

/* Signed by a root itself: no chain goes with it. */
static att_rc of_root_crl(const att_roots *roots, const struct att_http_response *answer,
			  att_p256 *tools, struct att_authentic *out, att_err *err)
{
	struct att_crl crl;

	att_rc rc = att_crl_parse(att_buf_bytes(&answer->body), &crl, err);
	if (rc != ATT_OK)
		return att_wrap(err, rc, "root CRL");
	for (size_t i = 0; i < roots->count; i++) {
		if (!att_p256_verify(tools, roots->root[i].point, crl.tbs, crl.signature))
			continue;
		facts_of_crl(&crl, out);
		return ATT_OK;
	}
	if (att_p256_failed(tools))
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	return att_fail(err, ATT_E_SIGNATURE,
			"root CRL: it is signed by no root that is trusted here");
}

static att_rc of_pck(const att_roots *roots, const struct att_pcs_request *r,
		     const struct att_http_response *answer, att_p256 *tools,
		     struct att_authentic *out, att_err *err)
{
	att_auto_collateral att_collateral *c = att_collateral_new();
	auto_chain struct att_chain chain = { 0 };
	att_auto_buf att_buf pem = { 0 };

	if (!c)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	/* The setter undoes the header's percent-encoding. */
	att_rc rc = set_item(c, ATT_ITEM_PCK_CRL_ISSUER_CHAIN, chain_of(r, answer), err);
	if (rc != ATT_OK)
		return rc;
	att_put(&pem, att_buf_bytes(&answer->body));
	att_put_str(&pem, "\n");
	att_put(&pem, att_collateral_get(c, ATT_ITEM_PCK_CRL_ISSUER_CHAIN));
	rc = att_buf_ok(&pem, err);
	if (rc == ATT_OK)
		rc = att_chain_read(att_buf_bytes(&pem), &att_role_pck, NULL, &chain, err);
	if (rc != ATT_OK)
		return rc;
	att_chain_check_signatures(&chain, NULL, tools);
	rc = check_chain(&chain, &att_role_pck, roots, err);
	if (rc != ATT_OK)
		return rc;
	*out = (struct att_authentic){ .issued = chain.cert[0].not_before,
				       .expires = chain.cert[0].not_after,
				       .evaluation = -1,
				       .number = -1,
				       .unordered = true };
	return ATT_OK;
}

bool att_authentic_signed_by(const att_roots *roots, const struct att_quote *q, att_bytes pck)
{
	auto_tools att_p256 *tools = NULL;
	uint8_t der[ATT_CERT_MAX];
	size_t len = sizeof(der);
	att_reader r = att_reader_of(pck);
	struct att_cert cert;

	return att_p256_like(roots->tools, &tools, NULL) == ATT_OK &&
	       att_pem_next(&r, "CERTIFICATE", der, &len, NULL) == ATT_OK &&
	       att_cert_parse(att_bytes_of(der, len), &cert, NULL) == ATT_OK &&
	       att_p256_verify_raw(tools, cert.point, q->qe_report_raw, q->qe_report_signature.ptr);
}

static int64_t date_of(att_json object, const char *name)
{
	att_bytes text;
	int64_t t = 0;

	if (!att_json_plain(att_json_get(object, name), &text) ||
	    att_time_parse(text, true, &t, NULL) != ATT_OK)
		return -1;
	return t;
}

static att_rc of_numbers(const att_roots *roots, const struct att_pcs_request *r,
			 const struct att_http_response *answer, att_p256 *tools,
			 struct att_authentic *out, att_err *err)
{
	att_auto_collateral att_collateral *c = att_collateral_new();
	auto_chain struct att_chain chain = { 0 };
	att_auto_json att_json_doc doc = { 0 };
	uint8_t signature[64];
	att_json body;
	bool found;

	if (!c)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	att_rc rc = set_item(c, ATT_ITEM_TCB_INFO_ISSUER_CHAIN, chain_of(r, answer), err);
	if (rc == ATT_OK)
		rc = att_chain_read(att_collateral_get(c, ATT_ITEM_TCB_INFO_ISSUER_CHAIN),
				    &att_role_signer, NULL, &chain, err);
	if (rc != ATT_OK)
		return rc;
	att_chain_check_signatures(&chain, NULL, tools);
	rc = check_chain(&chain, &att_role_signer, roots, err);
	if (rc == ATT_OK)
		rc = att_json_parse(att_buf_bytes(&answer->body), &doc, err);
	if (rc == ATT_OK)
		rc = att_answer_split(&doc, "tcbEvaluationDataNumbers", &found, &body, signature,
				      err);
	if (rc != ATT_OK)
		return rc;
	if (!found ||
	    !att_p256_verify_raw(tools, chain.cert[0].point, att_json_slice(body), signature))
		return att_fail(err, ATT_E_SIGNATURE,
				"evaluation numbers: their signature does not hold");
	*out = (struct att_authentic){ .issued = date_of(body, "issueDate"),
				       .expires = date_of(body, "nextUpdate"),
				       .evaluation = -1,
				       .number = -1 };
	if (out->issued < 0 || out->expires < 0)
		return att_fail(err, ATT_E_FORMAT,
				"evaluation numbers: expected issueDate and "
				"nextUpdate");
	return ATT_OK;
}

att_rc att_authenticate(const att_roots *roots, const struct att_pcs_request *r,
			const struct att_http_response *answer, struct att_authentic *out,
			att_err *err)
{
	auto_tools att_p256 *tools = NULL;

	*out = (struct att_authentic){ 0 };
	att_rc rc = att_p256_like(roots->tools, &tools, err);
	if (rc != ATT_OK)
		return rc;
	switch (r->what) {
	case ATT_PCS_TCB:
		return of_tcb(roots, r, answer, tools, out, err);
	case ATT_PCS_QE_IDENTITY:
	case ATT_PCS_QVE_IDENTITY:
		return of_identity(roots, r, answer, tools, out, err);
	case ATT_PCS_PCKCRL:
		return of_pck_crl(roots, r, answer, tools, out, err);
	case ATT_PCS_ROOT_CA_CRL:
		return of_root_crl(roots, answer, tools, out, err);
	case ATT_PCS_PCKCERT:
		return of_pck(roots, r, answer, tools, out, err);
	case ATT_PCS_EVALUATION_NUMBERS:
		return of_numbers(roots, r, answer, tools, out, err);
	default:
		return att_fail(err, ATT_E_UNSUPPORTED, "%s is signed by nobody",
				att_pcs_name(r->what));
	}
}
