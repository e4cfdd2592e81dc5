/* SPDX-License-Identifier: Apache-2.0 */
/* Collateral of one platform as `attest collateral export` writes it, into the store. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/text.h"
#include "collateral/crlbytes.h"
#include "service/pccs/state.h"

struct import {
	att_pccs *p;
	const att_collateral *c;
	struct att_pccs_trust trust;
	att_err *err;
	int status;
};

/* Puts what was judged; the first status that is not 200 is the whole's. */
static void enter(struct import *m, const struct att_pcs_request *r, att_bytes body,
		  enum att_item chain)
{
	struct att_pccs_record record;
	att_err err = { 0 };
	bool kept = false;
	att_bytes pem =
	    chain == ATT_ITEM_COUNT ? att_bytes_of(NULL, 0) : att_collateral_get(m->c, chain);

	int status = att_pccs_judge(m->p, &m->trust, r, body, pem, &record, &err);
	if (status == 200) {
		att_rc rc = att_pccs_put(m->p, &record, 1, &kept, &err);
		status = rc != ATT_OK ? att_pccs_store_status(rc) : kept ? 200 : PCCS_INTEGRITY;
		if (rc == ATT_OK && !kept)
			att_fail(&err, ATT_E_MISMATCH, "%s: older than what is in the store",
				 att_pcs_name(r->what));
	}
	if (status != 200 && m->status == 200) {
		m->status = status;
		*m->err = err;
	}
}

/* Whose CRL it is, its issuer's name says (Intel SGX PCK certificate and CRL profile specification,
 * 1.3.3). Only a guess at what to ask for: that it is so is judged with the rest. */
static const char *ca_of(att_bytes crl)
{
	static const char platform[] = "SGX PCK Platform CA";

	return memmem(crl.ptr, crl.len, platform, sizeof(platform) - 1) ? "platform" : "processor";
}

static void add_crl(struct import *m, enum att_item item)
{
	bool pck = item == ATT_ITEM_PCK_CRL;
	struct att_pcs_request r = { .what = pck ? ATT_PCS_PCKCRL : ATT_PCS_ROOT_CA_CRL,
				     .version = 4 };
	att_auto_buf att_buf der = { 0 };
	att_bytes text = att_collateral_get(m->c, item);

	if (text.len == 0)
		return;
	if (att_crl_to_der(text, &der, m->err) != ATT_OK) {
		m->status = 400;
		return;
	}
	if (pck)
		snprintf(r.ca, sizeof(r.ca), "%s", ca_of(att_buf_bytes(&der)));
	enter(m, &r, att_buf_bytes(&der), pck ? ATT_ITEM_PCK_CRL_ISSUER_CHAIN : ATT_ITEM_COUNT);
}

/* The answer of a service: as it came, or made of the signed text and the signature beside it. */
static att_rc answer_of(struct import *m, enum att_item item, const char *member, att_buf *out)
{
	att_bytes text = att_collateral_get(m->c, item);
	att_bytes signature = att_collateral_get(m->c, item + 1);

	if (signature.len == 0) {
		att_put(out, text);
	} else {
		att_putf(out, "{\"%s\":", member);
		att_put(out, text);
		att_put_str(out, ",\"signature\":\"");
		att_put(out, signature);
		att_put_str(out, "\"}");
	}
	return att_buf_ok(out, m->err);
}

static void request_of_tcb(att_json info, struct att_pcs_request *r)
{
	uint8_t fmspc[6] = { 0 };
	int64_t version = 3;

	if (!att_json_hex(att_json_get(info, "fmspc"), fmspc, sizeof(fmspc)) ||
	    !att_json_int(att_json_get(info, "version"), 2, 3, &version))
		version = 3;
	*r = (struct att_pcs_request){ .what = ATT_PCS_TCB,
				       .tdx = att_json_is(att_json_get(info, "id"), "TDX"),
				       .version = version == 2 ? 3 : 4 };
	att_hex_encode(att_bytes_of(fmspc, sizeof(fmspc)), r->fmspc);
}

/* What the text says of itself makes the request; judging it then shows whether that is so. */
static void add_json(struct import *m, enum att_item item, const char *member, enum att_item chain)
{
	att_auto_json att_json_doc doc = { 0 };
	att_auto_buf att_buf text = { 0 };
	struct att_pcs_request r = { .what = ATT_PCS_QE_IDENTITY, .version = 4 };

	if (att_collateral_get(m->c, item).len == 0)
		return;
	if (answer_of(m, item, member, &text) != ATT_OK ||
	    att_json_parse(att_buf_bytes(&text), &doc, m->err) != ATT_OK) {
		m->status = 400;
		return;
	}
	att_json object = att_json_get(att_json_root(&doc), member);
	if (item == ATT_ITEM_TCB_INFO)
		request_of_tcb(object, &r);
	else
		r.tdx = att_json_is(att_json_get(object, "id"), "TD_QE");
	enter(m, &r, att_buf_bytes(&text), chain);
}

int att_pccs_import_items(att_pccs *p, const att_collateral *c, int64_t now, att_err *err)
{
	att_auto_record struct att_pccs_record root_crl = { 0 };
	struct import m = { .p = p, .c = c, .err = err, .status = 200 };

	/* The root's CRL first: it may revoke what signed the rest. */
	att_pccs_trust_now(p, now, &m.trust, &root_crl);
	add_crl(&m, ATT_ITEM_ROOT_CA_CRL);
	att_pccs_record_free(&root_crl);
	att_pccs_trust_now(p, now, &m.trust, &root_crl);
	add_crl(&m, ATT_ITEM_PCK_CRL);
	add_json(&m, ATT_ITEM_TCB_INFO, "tcbInfo", ATT_ITEM_TCB_INFO_ISSUER_CHAIN);
	add_json(&m, ATT_ITEM_QE_IDENTITY, "enclaveIdentity", ATT_ITEM_QE_IDENTITY_ISSUER_CHAIN);
	return m.status;
}
