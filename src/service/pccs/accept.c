/* SPDX-License-Identifier: Apache-2.0 */
#include "service/pccs/accept.h"

#include <string.h>

#include "base/civil.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/text.h"
#include "collateral/fields.h"
#include "collateral/pck.h"
#include "collateral/tcbinfo.h"
#include "verify/chain_role.h"
#include "verify/roots.h"

static void chain_cleanup(struct att_chain *c)
{
	att_chain_free(c);
}
#define auto_chain __attribute__((cleanup(chain_cleanup)))

static void tools_cleanup(att_p256 **t)
{
	att_p256_free(*t);
}
#define auto_tools __attribute__((cleanup(tools_cleanup)))

/* --- Dates --- */

/* Is it in date now? `out` gets the dates in any case. */
static att_rc in_date(const struct att_pccs_trust *t, int64_t issued, int64_t expires,
		      struct att_pccs_dates *out, att_err *err)
{
	char a[ATT_TIME_TEXT], b[ATT_TIME_TEXT];

	out->issued = issued;
	out->expires = expires < out->expires ? expires : out->expires;
	att_time_format(t->now, b);
	if (issued > t->now + ATT_PCCS_CLOCK_SLACK) {
		att_time_format(issued, a);
		return att_fail(err, ATT_E_UNAVAILABLE,
				"issued at %s, and the clock here says %s: set it right", a, b);
	}
	if (out->expires < t->now) {
		att_time_format(out->expires, a);
		return att_fail(err, ATT_E_EXPIRED, "over since %s, now %s", a, b);
	}
	return ATT_OK;
}

/* --- Revocation --- */

/* The CRL was accepted when it entered the store; what can not be read now revokes everything. */
static att_rc not_revoked(att_bytes crl_der, const struct att_cert *cert, const char *what,
			  att_err *err)
{
	struct att_serials revoked = { 0 };
	struct att_crl crl;

	if (crl_der.len == 0)
		return ATT_OK;
	att_rc rc = att_crl_parse(crl_der, &crl, err);
	if (rc == ATT_OK)
		rc = att_serials_make(&crl, &revoked, err);
	if (rc != ATT_OK)
		return att_wrap(err, rc, "stored CRL");
	bool listed = att_serials_has(&revoked, cert->serial);
	att_serials_free(&revoked);
	return listed ? att_fail(err, ATT_E_REVOKED, "%s is revoked", what) : ATT_OK;
}

/* --- Chains --- */

static att_rc judge_chain(const struct att_pccs_trust *t, const struct att_chain_role *role,
			  struct att_chain *c, att_p256 *tools, att_err *err)
{
	if (c->count != role->count)
		return att_fail(err, ATT_E_CHAIN, "expected %zu certificates, seen %zu",
				role->count, c->count);
	if (c->link.what)
		return att_fail(err, ATT_E_CHAIN, "certificate %zu %s", c->link.certificate,
				c->link.what);
	if (c->misuse.what)
		return att_fail(err, ATT_E_CHAIN, "certificate %zu %s", c->misuse.certificate,
				c->misuse.what);
	if (!att_roots_find(t->roots, &c->cert[c->count - 1]))
		return att_fail(err, ATT_E_CHAIN, "does not end in one of the %zu roots trusted",
				att_roots_count(t->roots));
	att_chain_check_signatures(c, NULL, tools);
	for (size_t i = 0; i < c->count; i++)
		if (!c->signed_by_next[i])
			return att_p256_failed(tools)
				   ? att_fail(err, ATT_E_NOMEM, "out of memory")
				   : att_fail(err, ATT_E_SIGNATURE,
					      "the signature of certificate %zu does not hold",
					      i + 1);
	return ATT_OK;
}

/* Reads and judges a chain. The dates of its certificates bound out->expires; those that are not
 * valid yet or no more are refused. */
static att_rc accept_chain(const struct att_pccs_trust *t, att_bytes pem,
			   const struct att_chain_role *role, att_p256 *tools,
			   struct att_chain *chain, struct att_pccs_dates *out, att_err *err)
{
	*out = (struct att_pccs_dates){ .issued = INT64_MIN, .expires = INT64_MAX };
	att_rc rc = att_chain_read(pem, role, NULL, chain, err);
	if (rc == ATT_OK)
		rc = judge_chain(t, role, chain, tools, err);
	for (size_t i = 0; rc == ATT_OK && i < chain->count; i++) {
		struct att_pccs_dates ignored = { .expires = INT64_MAX };
		const struct att_cert *c = &chain->cert[i];
		rc = in_date(t, c->not_before, c->not_after, &ignored, err);
		if (c->not_after < out->expires)
			out->expires = c->not_after;
	}
	/* What the root signed stands in its CRL; a PCK itself stands in its CA's. */
	if (rc == ATT_OK && chain->count >= 2)
		rc = not_revoked(t->root_crl, &chain->cert[chain->count - 2],
				 "the certificate below the root", err);
	return rc == ATT_OK ? ATT_OK : att_wrap(err, rc, "issuer chain");
}

/* --- Signed documents --- */

struct want {
	const char *member; /* of the answer: what is signed */
	const char *id;     /* of an identity */
};

static struct want want_of(const struct att_pcs_request *r)
{
	switch (r->what) {
	case ATT_PCS_TCB:
		return (struct want){ "tcbInfo", "" };
	case ATT_PCS_QE_IDENTITY:
		return (struct want){ "enclaveIdentity", r->tdx ? "TD_QE" : "QE" };
	case ATT_PCS_QVE_IDENTITY:
		return (struct want){ "enclaveIdentity", "QVE" };
	case ATT_PCS_QAE_IDENTITY:
		return (struct want){ "enclaveIdentity", "QAE" };
	case ATT_PCS_EVALUATION_NUMBERS:
		return (struct want){ "tcbEvaluationDataNumbers", r->tdx ? "TDX" : "SGX" };
	default:
		return (struct want){ NULL, "" };
	}
}

static att_rc read_tcb(const struct att_pccs_trust *t, const struct att_pcs_request *r,
		       att_json object, struct att_pccs_dates *out, att_err *err)
{
	struct att_tcbinfo info;
	char fmspc[13];

	att_rc rc = att_tcbinfo_parse(object, &info, err);
	if (rc != ATT_OK)
		return rc;
	out->number = info.evaluation;
	att_hex_encode(att_bytes_of(info.fmspc, sizeof(info.fmspc)), fmspc);
	if (info.tdx != r->tdx)
		rc = att_fail(err, ATT_E_MISMATCH, "expected TCB info of %s, seen %s",
			      r->tdx ? "TDX" : "SGX", info.tdx ? "TDX" : "SGX");
	else if (info.version != (r->version == 3 ? 2 : 3))
		rc = att_fail(err, ATT_E_MISMATCH, "expected TCB info version %d, seen %d",
			      r->version == 3 ? 2 : 3, info.version);
	else if (strcmp(fmspc, r->fmspc) != 0)
		rc = att_fail(err, ATT_E_MISMATCH, "expected FMSPC %s, seen %s", r->fmspc, fmspc);
	else
		rc = in_date(t, info.issue_date, info.next_update, out, err);
	att_tcbinfo_free(&info);
	return rc;
}

static att_rc read_identity(const struct att_pccs_trust *t, const char *id, att_json object,
			    struct att_pccs_dates *out, att_err *err)
{
	struct att_identity identity;
	att_rc rc = att_identity_parse(object, &identity, err);

	if (rc != ATT_OK)
		return rc;
	out->number = identity.evaluation;
	const char *seen = att_identity_id_name(identity.id);
	if (!seen || strcmp(seen, id) != 0)
		rc = att_fail(err, ATT_E_MISMATCH, "expected the identity of %s, seen %s", id,
			      seen ? seen : "another");
	else
		rc = in_date(t, identity.issue_date, identity.next_update, out, err);
	att_identity_free(&identity);
	return rc;
}

/* Intel PCS API v4, "Retrieve TCB Evaluation Data Numbers". The greatest number orders them. */
static att_rc read_evaluations(const struct att_pccs_trust *t, const char *id, att_json object,
			       struct att_pccs_dates *out, att_err *err)
{
	enum { ID, VERSION, ISSUED, NEXT, NUMBERS, COUNT };
	static const struct att_field_name names[COUNT] = {
		[ID] = ATT_FIELD("id"),
		[VERSION] = ATT_FIELD("version"),
		[ISSUED] = ATT_FIELD("issueDate"),
		[NEXT] = ATT_FIELD("nextUpdate"),
		[NUMBERS] = ATT_FIELD("tcbEvalNumbers"),
	};
	struct att_fields f;

	att_fields_open(&f, object, names, COUNT, err);
	att_bytes seen = att_field_text(&f, ID);
	(void)att_field_int(&f, VERSION, 1, 1000);
	int64_t issued = att_field_time(&f, ISSUED);
	int64_t next = att_field_time(&f, NEXT);
	att_json numbers = att_field_array(&f, NUMBERS);
	att_rc rc = att_fields_ok(&f);
	if (rc != ATT_OK)
		return rc;
	if (!att_bytes_eq(seen, att_bytes_of(id, strlen(id))))
		return att_fail(err, ATT_E_MISMATCH, "expected evaluation numbers of %s", id);
	for (att_json v = att_json_first(numbers); v.doc; v = att_json_next(numbers, v)) {
		int64_t n;
		if (!att_json_int(att_json_get(v, "tcbEvaluationDataNumber"), 0, UINT32_MAX, &n))
			return att_fail_at(err, ATT_E_FORMAT, att_json_offset(v),
					   "expected a tcbEvaluationDataNumber");
		out->number = n > out->number ? n : out->number;
	}
	return in_date(t, issued, next, out, err);
}

static att_rc read_content(const struct att_pccs_trust *t, const struct att_pcs_request *r,
			   const struct want *want, att_json object, struct att_pccs_dates *out,
			   att_err *err)
{
	if (r->what == ATT_PCS_TCB)
		return read_tcb(t, r, object, out, err);
	if (r->what == ATT_PCS_EVALUATION_NUMBERS)
		return read_evaluations(t, want->id, object, out, err);
	return read_identity(t, want->id, object, out, err);
}

att_rc att_pccs_accept_json(const struct att_pccs_trust *t, const struct att_pcs_request *r,
			    att_bytes body, att_bytes chain, struct att_pccs_dates *out,
			    att_err *err)
{
	auto_chain struct att_chain signer = { 0 };
	auto_tools att_p256 *tools = NULL;
	att_auto_json att_json_doc doc = { 0 };
	struct want want = want_of(r);
	att_json object;
	uint8_t rs[64];
	bool found = false;

	if (!want.member)
		return att_fail(err, ATT_E_ARG, "%s is no signed document", att_pcs_name(r->what));
	att_rc rc = att_p256_new(&tools, err);
	if (rc == ATT_OK)
		rc = accept_chain(t, chain, &att_role_signer, tools, &signer, out, err);
	if (rc == ATT_OK)
		rc = att_json_parse(body, &doc, err);
	if (rc == ATT_OK)
		rc = att_answer_split(&doc, want.member, &found, &object, rs, err);
	if (rc != ATT_OK)
		return rc;
	if (!found)
		return att_fail(err, ATT_E_FORMAT, "expected a member %s", want.member);
	if (!att_p256_verify_raw(tools, signer.cert[0].point, att_json_slice(object), rs))
		return att_p256_failed(tools)
			   ? att_fail(err, ATT_E_NOMEM, "out of memory")
			   : att_fail(err, ATT_E_SIGNATURE, "the signature does not hold");
	return read_content(t, r, &want, object, out, err);
}

att_rc att_pccs_accept_fmspcs(att_bytes body, att_err *err)
{
	att_auto_json att_json_doc doc = { 0 };
	uint8_t fmspc[6];
	att_rc rc = att_json_parse(body, &doc, err);

	if (rc != ATT_OK)
		return rc;
	att_json list = att_json_root(&doc);
	if (att_json_type_of(list) != ATT_JSON_ARRAY)
		return att_fail(err, ATT_E_FORMAT, "expected a list of FMSPCs");
	for (att_json v = att_json_first(list); v.doc; v = att_json_next(list, v))
		if (!att_json_hex(att_json_get(v, "fmspc"), fmspc, sizeof(fmspc)))
			return att_fail_at(err, ATT_E_FORMAT, att_json_offset(v),
					   "expected an FMSPC");
	return ATT_OK;
}

/* --- CRLs --- */

static att_rc crl_dates(const struct att_pccs_trust *t, const struct att_crl *crl,
			struct att_pccs_dates *out, att_err *err)
{
	if (!crl->has_number)
		return att_fail(err, ATT_E_FORMAT, "the CRL has no number");
	out->number = (int64_t)crl->number;
	return in_date(t, crl->this_update, crl->next_update, out, err);
}

/* Intel SGX PCK certificate and CRL profile specification, section 3: names of the CAs. */
static bool is_ca(const struct att_cert *c, const char *ca)
{
	return att_text_has(c->subject_cn, strcmp(ca, "platform") == 0 ? "Platform" : "Processor");
}

att_rc att_pccs_accept_pck_crl(const struct att_pccs_trust *t, const char *ca, att_bytes der,
			       att_bytes chain, struct att_pccs_dates *out, att_err *err)
{
	auto_chain struct att_chain issuers = { 0 };
	auto_tools att_p256 *tools = NULL;
	struct att_crl crl;

	att_rc rc = att_p256_new(&tools, err);
	if (rc == ATT_OK)
		rc = accept_chain(t, chain, &att_role_crl_issuer, tools, &issuers, out, err);
	if (rc == ATT_OK)
		rc = att_crl_parse(der, &crl, err);
	if (rc != ATT_OK)
		return rc;
	const struct att_cert *issuer = &issuers.cert[0];
	if (!is_ca(issuer, ca))
		return att_fail(err, ATT_E_MISMATCH, "expected the CRL of the %s CA", ca);
	if (!att_bytes_eq(crl.issuer, issuer->subject) || crl.akid.len == 0 ||
	    !att_bytes_eq(crl.akid, issuer->skid))
		return att_fail(err, ATT_E_MISMATCH, "the CRL is another authority's");
	if (!att_p256_verify(tools, issuer->point, crl.tbs, crl.signature))
		return att_p256_failed(tools)
			   ? att_fail(err, ATT_E_NOMEM, "out of memory")
			   : att_fail(err, ATT_E_SIGNATURE, "the CRL's signature does not hold");
	return crl_dates(t, &crl, out, err);
}

att_rc att_pccs_accept_root_crl(const struct att_pccs_trust *t, att_bytes der,
				struct att_pccs_dates *out, att_err *err)
{
	auto_tools att_p256 *tools = NULL;
	struct att_crl crl;
	bool held = false;

	*out = (struct att_pccs_dates){ .issued = INT64_MIN, .expires = INT64_MAX };
	att_rc rc = att_p256_new(&tools, err);
	if (rc == ATT_OK)
		rc = att_crl_parse(der, &crl, err);
	if (rc != ATT_OK)
		return rc;
	if (!att_text_has(crl.issuer_cn, "SGX Root CA"))
		return att_fail(err, ATT_E_MISMATCH, "expected the CRL of an SGX root CA");
	for (size_t i = 0; !held && i < t->roots->count; i++)
		held = att_p256_verify(tools, t->roots->root[i].point, crl.tbs, crl.signature);
	if (!held)
		return att_p256_failed(tools)
			   ? att_fail(err, ATT_E_NOMEM, "out of memory")
			   : att_fail(err, ATT_E_SIGNATURE, "no root of ours signed the CRL");
	return crl_dates(t, &crl, out, err);
}

/* --- PCK certificates --- */

att_rc att_pccs_accept_pck(const struct att_pccs_trust *t, att_bytes pem, att_bytes chain,
			   att_bytes pck_crl, const uint8_t pce_id[static 2],
			   struct att_platform *platform, struct att_pccs_dates *out, att_err *err)
{
	auto_chain struct att_chain pck = { 0 };
	auto_tools att_p256 *tools = NULL;
	att_auto_buf att_buf all = { 0 };

	att_put(&all, pem);
	att_put_str(&all, "\n");
	att_put(&all, chain);
	att_rc rc = att_buf_ok(&all, err);
	if (rc == ATT_OK)
		rc = att_p256_new(&tools, err);
	if (rc == ATT_OK)
		rc = accept_chain(t, att_buf_bytes(&all), &att_role_pck, tools, &pck, out, err);
	if (rc == ATT_OK)
		rc = att_pck_ext_parse(pck.cert[0].sgx_extension, platform, err);
	if (rc != ATT_OK)
		return rc;
	platform->platform_ca = is_ca(&pck.cert[1], "platform");
	out->issued = pck.cert[0].not_before;
	if (memcmp(platform->pce_id, pce_id, sizeof(platform->pce_id)) != 0)
		return att_fail(err, ATT_E_MISMATCH, "expected PCE id %02x%02x, seen %02x%02x",
				pce_id[0], pce_id[1], platform->pce_id[0], platform->pce_id[1]);
	return not_revoked(pck_crl, &pck.cert[0], "the PCK certificate", err);
}
