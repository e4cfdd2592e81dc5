/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/text.h"
#include "codec/json.h"
#include "collateral/crlbytes.h"
#include "collateral/items.h"
#include "verify/compiled.h"

void att_compiled_ref(struct att_compiled *c)
{
	if (c)
		__atomic_add_fetch(&c->refs, 1, __ATOMIC_RELAXED);
}

void att_compiled_unref(struct att_compiled *c)
{
	if (!c || __atomic_sub_fetch(&c->refs, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	att_chain_free(&c->crl_issuer);
	att_chain_free(&c->tcb_signer);
	att_chain_free(&c->qe_signer);
	att_serials_free(&c->root_crl.revoked);
	att_serials_free(&c->pck_crl.revoked);
	free(c->root_crl.der);
	free(c->pck_crl.der);
	att_tcbinfo_free(&c->tcb);
	att_identity_free(&c->qe);
	for (int i = 0; i < ATT_ITEM_COUNT; i++)
		free(c->text[i]);
	free(c);
}

static void att_compiled_cleanup(struct att_compiled **c)
{
	att_compiled_unref(*c);
}

att_bytes att_compiled_text(const struct att_compiled *c, enum att_item item)
{
	return att_bytes_of(c->text[item], c->text_len[item]);
}

static att_rc copy_items(struct att_compiled *k, const att_collateral *c, att_err *err)
{
	for (int i = 0; i < ATT_ITEM_COUNT; i++) {
		att_bytes b = att_collateral_get(c, (enum att_item)i);

		if (b.len == 0)
			continue;
		k->text[i] = att_bytes_dup(b);
		if (!k->text[i])
			return att_fail(err, ATT_E_NOMEM, "collateral: out of memory");
		k->text_len[i] = b.len;
	}
	return ATT_OK;
}

/* Only running out of memory ends a compilation; everything else is kept as a fact. */
static att_rc compile_chain(struct att_compiled *k, enum att_item item,
			    const struct att_chain_role *role, struct att_chain *out,
			    att_p256 *tools)
{
	att_bytes pem = att_compiled_text(k, item);

	if (pem.len == 0)
		return ATT_OK;
	att_err bad = { 0 };
	att_rc rc = att_chain_read(pem, role, k, out, &bad);
	if (rc == ATT_E_NOMEM)
		return rc;
	out->bad = bad;
	out->bad.rc = rc;
	if (rc != ATT_OK)
		return ATT_OK;
	att_chain_check_signatures(out, k, tools);
	return ATT_OK;
}

static att_rc compile_crl(struct att_compiled *k, enum att_item item, struct att_crl_state *out,
			  const struct att_cert *issuer, att_p256 *tools)
{
	att_bytes text = att_compiled_text(k, item);
	att_auto_buf att_buf der = { .max = ATT_CRL_MAX };

	if (text.len == 0)
		return ATT_OK;
	out->present = true;
	out->bad.rc = att_crl_to_der(text, &der, &out->bad);
	if (out->bad.rc == ATT_OK) {
		out->der = ATT_STEAL(der.ptr);
		out->bad.rc = att_crl_parse(att_bytes_of(out->der, der.len), &out->crl, &out->bad);
	}
	if (out->bad.rc == ATT_OK)
		out->bad.rc = att_serials_make(&out->crl, &out->revoked, &out->bad);
	if (out->bad.rc == ATT_E_NOMEM)
		return ATT_E_NOMEM;
	if (out->bad.rc == ATT_OK && issuer)
		out->signature_ok =
		    att_p256_verify(tools, issuer->point, out->crl.tbs, out->crl.signature);
	return ATT_OK;
}

/* Finds the signed bytes and the signature: the bare text with a signature beside it, or the
 * service's answer, whose envelope must be read to find the slice that was signed. */
static att_rc open_envelope(const struct att_compiled *k, enum att_item item, const char *name,
			    att_json_doc *doc, att_json *object, uint8_t rs[static 64],
			    att_err *bad)
{
	att_bytes separate = att_compiled_text(k, item + 1);
	bool answer = false;

	if (separate.len != 0) {
		att_rc rc = att_hex_decode(separate, rs, 64, bad);
		return rc == ATT_OK ? ATT_OK : att_wrap(bad, rc, "signature");
	}
	att_rc rc = att_json_parse(att_compiled_text(k, item), doc, bad);
	if (rc == ATT_OK)
		rc = att_answer_split(doc, name, &answer, object, rs, bad);
	if (rc == ATT_OK && !answer)
		rc =
		    att_fail(bad, ATT_E_MISSING, "no signature: neither in the text nor beside it");
	return rc;
}

/* *object becomes the signed object once its signature held and it could be read. */
static att_rc compile_json(const struct att_compiled *k, enum att_item item, const char *name,
			   att_json_doc *doc, struct att_signed_json *j,
			   const struct att_chain *signer, att_p256 *tools, att_json *object)
{
	uint8_t rs[64];
	att_bytes text = att_compiled_text(k, item);
	att_json inner = { 0 };

	*object = (att_json){ 0 };
	if (text.len == 0)
		return ATT_OK;
	j->present = true;
	j->bad.rc = open_envelope(k, item, name, doc, &inner, rs, &j->bad);
	if (j->bad.rc != ATT_OK)
		return j->bad.rc;
	att_bytes signed_text = inner.doc ? att_json_slice(inner) : text;
	j->signature_ok =
	    signer->count > 0 && att_p256_verify_raw(tools, signer->cert[0].point, signed_text, rs);
	if (!j->signature_ok)
		return ATT_OK;
	if (!inner.doc) {
		j->bad_content.rc = att_json_parse(text, doc, &j->bad_content);
		inner = att_json_root(doc);
	}
	if (j->bad_content.rc == ATT_OK)
		*object = inner;
	return j->bad_content.rc;
}

/* The signature is checked before anything of the content is interpreted. */
static att_rc compile_documents(struct att_compiled *k, att_p256 *tools)
{
	att_auto_json att_json_doc doc = { 0 };
	att_json object;

	att_rc rc = compile_json(k, ATT_ITEM_TCB_INFO, "tcbInfo", &doc, &k->tcb_json,
				 &k->tcb_signer, tools, &object);
	if (object.doc)
		rc = k->tcb_json.bad_content.rc =
		    att_tcbinfo_parse(object, &k->tcb, &k->tcb_json.bad_content);
	if (rc == ATT_E_NOMEM)
		return rc;
	rc = compile_json(k, ATT_ITEM_QE_IDENTITY, "enclaveIdentity", &doc, &k->qe_json,
			  &k->qe_signer, tools, &object);
	if (object.doc)
		rc = k->qe_json.bad_content.rc =
		    att_identity_parse(object, &k->qe, &k->qe_json.bad_content);
	return rc == ATT_E_NOMEM ? rc : ATT_OK;
}

static void add_missing(struct att_compiled *k, const char *name)
{
	size_t len = strlen(k->missing);

	snprintf(k->missing + len, sizeof(k->missing) - len, "%s%s", len ? ", " : "", name);
}

static void note_missing(struct att_compiled *k)
{
	for (size_t i = 0; i < ATT_QVE_ITEMS; i++)
		if (k->text_len[att_qve_items[i]] == 0)
			add_missing(k, att_item_name(att_qve_items[i]));
	if (k->tcb_json.bad.rc == ATT_E_MISSING)
		add_missing(k, att_item_name(ATT_ITEM_TCB_INFO_SIGNATURE));
	if (k->qe_json.bad.rc == ATT_E_MISSING)
		add_missing(k, att_item_name(ATT_ITEM_QE_IDENTITY_SIGNATURE));
}

att_rc att_compile(const att_collateral *c, att_p256 *tools, struct att_compiled **out,
		   att_err *err)
{
	*out = NULL;
	__attribute__((cleanup(att_compiled_cleanup))) struct att_compiled *k =
	    calloc(1, sizeof(*k));
	if (!k)
		return att_fail(err, ATT_E_NOMEM, "collateral: out of memory");
	k->refs = 1;

	att_rc rc = copy_items(k, c, err);
	if (rc == ATT_OK)
		rc = compile_chain(k, ATT_ITEM_PCK_CRL_ISSUER_CHAIN, &att_role_crl_issuer,
				   &k->crl_issuer, tools);
	if (rc == ATT_OK)
		rc = compile_chain(k, ATT_ITEM_TCB_INFO_ISSUER_CHAIN, &att_role_signer,
				   &k->tcb_signer, tools);
	if (rc == ATT_OK)
		rc = compile_chain(k, ATT_ITEM_QE_IDENTITY_ISSUER_CHAIN, &att_role_signer,
				   &k->qe_signer, tools);
	size_t n = k->crl_issuer.count;
	if (rc == ATT_OK)
		rc = compile_crl(k, ATT_ITEM_ROOT_CA_CRL, &k->root_crl,
				 n ? &k->crl_issuer.cert[n - 1] : NULL, tools);
	if (rc == ATT_OK)
		rc = compile_crl(k, ATT_ITEM_PCK_CRL, &k->pck_crl,
				 n ? &k->crl_issuer.cert[0] : NULL, tools);
	if (rc == ATT_OK)
		rc = compile_documents(k, tools);
	/* libcrypto without memory says "no" to good signatures too: such facts must not be
	 * kept. */
	if (rc == ATT_OK && att_p256_failed(tools))
		rc = ATT_E_NOMEM;
	if (rc != ATT_OK)
		return att_fail(err, rc, "collateral: out of memory");
	note_missing(k);
	*out = ATT_STEAL(k);
	return ATT_OK;
}
