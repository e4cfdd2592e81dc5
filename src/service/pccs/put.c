/* SPDX-License-Identifier: Apache-2.0 */
/* PUT platformcollateral: the offline way to fill the cache (Intel PCCS API document and its
 * administration tool's files). Everything in it is judged first; then all of it enters, or
 * nothing. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/text.h"
#include "crypto/x509.h"
#include "service/pccs/state.h"

#define UPLOAD_RECORDS_MAX 256u

struct upload {
	att_pccs *p;
	struct att_pccs_trust trust;
	struct att_pccs_record root_crl; /* of the store */
	att_json root;
	att_json collaterals;
	att_json certificates;
	size_t count;
	struct att_pccs_record *record;
	att_buf *text; /* what the record of the same index lends from */
	att_buf *chain;
	int status;
	att_err *err;
};

static void refuse(struct upload *u, int status)
{
	if (u->status == 200)
		u->status = status;
}

static void bad_form(struct upload *u, att_json v, const char *what)
{
	att_fail_at(u->err, ATT_E_FORMAT, v.doc ? att_json_offset(v) : 0, "%s", what);
	refuse(u, 400);
}

/* Room for one more record; NULL (and the upload refused) when there is none. */
static struct att_pccs_record *slot(struct upload *u)
{
	if (u->status != 200)
		return NULL;
	if (u->count == UPLOAD_RECORDS_MAX) {
		att_fail(u->err, ATT_E_FORMAT, "more than %u records in one upload",
			 UPLOAD_RECORDS_MAX);
		refuse(u, 400);
		return NULL;
	}
	return &u->record[u->count];
}

/* --- Issuer chains --- */

/* Names are compared as the tools write them, and lower case. */
static att_json member(att_json object, const char *name, const char *lower)
{
	att_json v = att_json_get(object, name);

	return v.doc ? v : att_json_get(object, lower);
}

static att_json chain_text(const struct upload *u, const struct att_pcs_request *r, const char *ca)
{
	att_json v = { 0 };

	if (ca) {
		att_json chains = member(u->certificates, "SGX-PCK-Certificate-Issuer-Chain",
					 "sgx-pck-certificate-issuer-chain");
		return strcmp(ca, "platform") == 0 ? member(chains, "PLATFORM", "platform")
						   : member(chains, "PROCESSOR", "processor");
	}
	if (r->what == ATT_PCS_TCB) {
		v = member(u->certificates, "TCB-Info-Issuer-Chain", "tcb-info-issuer-chain");
		if (!v.doc || r->version == 3)
			v = member(u->certificates, "SGX-TCB-Info-Issuer-Chain",
				   "sgx-tcb-info-issuer-chain");
		if (!v.doc)
			v = member(u->certificates, "TCB-Info-Issuer-Chain",
				   "tcb-info-issuer-chain");
		return v;
	}
	return member(u->certificates, "SGX-Enclave-Identity-Issuer-Chain",
		      "sgx-enclave-identity-issuer-chain");
}

/* Decodes a chain (percent-encoded or not) into the next record's buffer. */
static bool take_chain(struct upload *u, att_json v, const char *what)
{
	char *text = NULL;
	size_t len = 0;

	if (!v.doc) {
		bad_form(u, u->certificates, what);
		return false;
	}
	att_rc rc = att_json_string(v, &text, &len, u->err);
	u->chain[u->count].len = 0;
	if (rc == ATT_OK)
		rc = att_percent_decode(att_bytes_of(text, len), &u->chain[u->count], u->err);
	free(text);
	if (rc != ATT_OK)
		refuse(u, rc == ATT_E_NOMEM ? 500 : 400);
	return rc == ATT_OK;
}

/* --- Documents --- */

/* An object inside the upload was written anew by whoever made it: Intel's text has no white space
 * outside strings, so without it the bytes that were signed are back. */
static void put_compact(att_buf *b, att_bytes json)
{
	bool in_string = false;

	for (size_t i = 0; i < json.len; i++) {
		uint8_t c = json.ptr[i];
		if (!in_string && (c == ' ' || c == '\t' || c == '\r' || c == '\n'))
			continue;
		att_put_u8(b, c);
		if (in_string && c == '\\' && i + 1 < json.len)
			att_put_u8(b, json.ptr[++i]);
		else if (c == '"')
			in_string = !in_string;
	}
}

static void add_document(struct upload *u, const struct att_pcs_request *r)
{
	struct att_pccs_record *out = slot(u);

	if (!out)
		return;
	if (att_buf_ok(&u->text[u->count], u->err) != ATT_OK) {
		refuse(u, 500);
		return;
	}
	int status = att_pccs_judge(u->p, &u->trust, r, att_buf_bytes(&u->text[u->count]),
				    att_buf_bytes(&u->chain[u->count]), out, u->err);
	if (status != 200)
		refuse(u, status);
	else
		u->count++;
}

/* A signed document: an object, or its text in a string. */
static void add_json(struct upload *u, const struct att_pcs_request *r, att_json v)
{
	if (!v.doc || att_json_type_of(v) == ATT_JSON_NULL || !slot(u) ||
	    !take_chain(u, chain_text(u, r, NULL), "an issuer chain is missing"))
		return;
	att_buf *text = &u->text[u->count];
	text->len = 0;
	if (att_json_type_of(v) == ATT_JSON_OBJECT) {
		put_compact(text, att_json_slice(v));
	} else {
		char *s = NULL;
		size_t len = 0;
		if (att_json_string(v, &s, &len, u->err) != ATT_OK) {
			refuse(u, 400);
			return;
		}
		att_put_mem(text, s, len);
		free(s);
	}
	add_document(u, r);
}

/* Version 3 of the API knows TCB info of version 2, version 4 that of version 3. */
static unsigned version_of(att_json tcb_info)
{
	int64_t v;

	if (!att_json_int(att_json_get(att_json_get(tcb_info, "tcbInfo"), "version"), 2, 3, &v))
		return 4;
	return v == 2 ? 3 : 4;
}

static void add_tcb_infos(struct upload *u)
{
	static const struct {
		const char *name;
		bool tdx;
		enum att_pcs_update update;
	} list[] = {
		{ "tcbinfo", false, ATT_PCS_UPDATE_NONE },
		{ "sgx_tcbinfo", false, ATT_PCS_UPDATE_STANDARD },
		{ "sgx_tcbinfo_early", false, ATT_PCS_UPDATE_EARLY },
		{ "tdx_tcbinfo", true, ATT_PCS_UPDATE_STANDARD },
		{ "tdx_tcbinfo_early", true, ATT_PCS_UPDATE_EARLY },
	};
	att_json infos = att_json_get(u->collaterals, "tcbinfos");

	if (att_json_type_of(infos) != ATT_JSON_ARRAY) {
		bad_form(u, u->collaterals, "tcbinfos: expected a list");
		return;
	}
	for (att_json v = att_json_first(infos); v.doc; v = att_json_next(infos, v)) {
		uint8_t fmspc[6];
		if (!att_json_hex(att_json_get(v, "fmspc"), fmspc, sizeof(fmspc))) {
			bad_form(u, v, "tcbinfos: fmspc: expected 12 hex digits");
			return;
		}
		for (size_t i = 0; i < ATT_COUNT(list); i++) {
			att_json info = att_json_get(v, list[i].name);
			struct att_pcs_request r = { .what = ATT_PCS_TCB,
						     .tdx = list[i].tdx,
						     .version = version_of(info),
						     .update = list[i].update };
			att_hex_encode(att_bytes_of(fmspc, sizeof(fmspc)), r.fmspc);
			add_json(u, &r, info);
		}
	}
}

static void add_identities(struct upload *u)
{
	static const struct {
		const char *name;
		enum att_pcs_what what;
		bool tdx;
		enum att_pcs_update update;
	} list[] = {
		{ "qeidentity", ATT_PCS_QE_IDENTITY, false, ATT_PCS_UPDATE_STANDARD },
		{ "qeidentity_early", ATT_PCS_QE_IDENTITY, false, ATT_PCS_UPDATE_EARLY },
		{ "tdqeidentity", ATT_PCS_QE_IDENTITY, true, ATT_PCS_UPDATE_STANDARD },
		{ "tdqeidentity_early", ATT_PCS_QE_IDENTITY, true, ATT_PCS_UPDATE_EARLY },
		{ "qveidentity", ATT_PCS_QVE_IDENTITY, false, ATT_PCS_UPDATE_STANDARD },
		{ "qveidentity_early", ATT_PCS_QVE_IDENTITY, false, ATT_PCS_UPDATE_EARLY },
	};

	for (size_t i = 0; i < ATT_COUNT(list); i++) {
		struct att_pcs_request r = { .what = list[i].what,
					     .tdx = list[i].tdx,
					     .version = 4,
					     .update = list[i].update };
		add_json(u, &r, att_json_get(u->collaterals, list[i].name));
	}
}

/* A CRL in hex. */
static void add_crl(struct upload *u, att_json v, const char *ca)
{
	struct att_pcs_request r = { .what = ca ? ATT_PCS_PCKCRL : ATT_PCS_ROOT_CA_CRL,
				     .version = 4 };
	att_bytes hex;

	if (!v.doc || att_json_is(v, "") || !slot(u))
		return;
	if (!att_json_plain(v, &hex) || hex.len % 2 || hex.len / 2 > ATT_CRL_MAX) {
		bad_form(u, v, "a CRL: expected hex digits");
		return;
	}
	u->chain[u->count].len = 0;
	if (ca && !take_chain(u, chain_text(u, &r, ca), "an issuer chain is missing"))
		return;
	uint8_t *der = malloc(hex.len / 2 + 1);
	att_buf *text = &u->text[u->count];
	text->len = 0;
	if (!der) {
		refuse(u, 500);
		return;
	}
	if (att_hex_decode(hex, der, hex.len / 2, u->err) != ATT_OK)
		refuse(u, 400);
	att_put_mem(text, der, hex.len / 2);
	free(der);
	if (ca)
		snprintf(r.ca, sizeof(r.ca), "%s", ca);
	if (u->status == 200)
		add_document(u, &r);
}

/* --- Platforms --- */

/* The certificates say by which CA they were issued; only that CA's chain fits. */
static int make_platform(struct upload *u, const struct att_pccs_platform_id *id, att_json certs,
			 struct att_pccs_record *out)
{
	static const char *const cas[] = { "processor", "platform" };
	int status = 400;

	att_fail(u->err, ATT_E_FORMAT, "the chain of the PCK certificates is missing");
	for (size_t i = 0; i < ATT_COUNT(cas); i++) {
		att_json chain = chain_text(u, NULL, cas[i]);
		if (!chain.doc || att_json_is(chain, ""))
			continue;
		if (!take_chain(u, chain, ""))
			return u->status;
		u->text[u->count].len = 0;
		status = att_pccs_platform_make(u->p, &u->trust, id, certs,
						att_buf_bytes(&u->chain[u->count]),
						&u->text[u->count], out, u->err);
		if (status != PCCS_INTEGRITY)
			return status;
	}
	return status;
}

static bool same_text(att_bytes a, att_bytes b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if ((a.ptr[i] | 0x20) != (b.ptr[i] | 0x20))
			return false;
	return true;
}

/* Raw TCB and manifest of the same platform, which `platforms` lists. */
static void complete_id(struct upload *u, struct att_pccs_platform_id *id)
{
	att_json platforms = att_json_get(u->root, "platforms");

	for (att_json v = att_json_first(platforms); v.doc; v = att_json_next(platforms, v)) {
		struct att_pccs_platform_id other;
		if (att_pccs_platform_read(v, false, &other, u->err) != ATT_OK) {
			refuse(u, 400);
			return;
		}
		if (!same_text(other.qe_id, id->qe_id) || !same_text(other.pce_id, id->pce_id))
			continue;
		id->cpu_svn = other.cpu_svn;
		id->pce_svn = other.pce_svn;
		if (id->enc_ppid.len == 0)
			id->enc_ppid = other.enc_ppid;
		if (id->manifest.len == 0)
			id->manifest = other.manifest;
	}
}

static void add_platforms(struct upload *u)
{
	att_json list = att_json_get(u->collaterals, "pck_certs");

	if (att_json_type_of(list) != ATT_JSON_ARRAY) {
		bad_form(u, u->collaterals, "pck_certs: expected a list");
		return;
	}
	for (att_json v = att_json_first(list); v.doc && slot(u); v = att_json_next(list, v)) {
		struct att_pccs_platform_id id;
		if (att_pccs_platform_read(v, false, &id, u->err) != ATT_OK) {
			refuse(u, 400);
			return;
		}
		complete_id(u, &id);
		if (!slot(u))
			return;
		int status = make_platform(u, &id, att_json_get(v, "certs"), &u->record[u->count]);
		if (status != 200) {
			refuse(u, status == PCCS_NOT_AVAILABLE ? 400 : status);
			return;
		}
		u->count++;
	}
}

/* --- The whole --- */

static void read_upload(struct upload *u)
{
	u->collaterals = att_json_get(u->root, "collaterals");
	u->certificates = att_json_get(u->collaterals, "certificates");
	if (att_json_type_of(att_json_get(u->root, "platforms")) != ATT_JSON_ARRAY ||
	    att_json_type_of(u->collaterals) != ATT_JSON_OBJECT ||
	    att_json_type_of(u->certificates) != ATT_JSON_OBJECT) {
		bad_form(u, u->root, "expected platforms, collaterals and its certificates");
		return;
	}
	/* Revocations first: what they revoke must not come in beside them. */
	add_crl(u, att_json_get(u->collaterals, "rootcacrl"), NULL);
	if (u->count == 1)
		u->trust.root_crl = u->record[0].body;
	att_json crls = att_json_get(u->collaterals, "pckcacrl");
	add_crl(u, att_json_get(crls, "processorCrl"), "processor");
	add_crl(u, att_json_get(crls, "platformCrl"), "platform");
	add_tcb_infos(u);
	add_identities(u);
	add_platforms(u);
}

static void enter(struct upload *u)
{
	bool kept[UPLOAD_RECORDS_MAX] = { false };

	if (u->status != 200 || u->count == 0)
		return;
	att_rc rc = att_pccs_put(u->p, u->record, u->count, kept, u->err);
	if (rc != ATT_OK) {
		refuse(u, att_pccs_store_status(rc));
		return;
	}
	for (size_t i = 0; i < u->count; i++) {
		if (kept[i])
			continue;
		att_fail(u->err, ATT_E_MISMATCH, "%s is older than what is in the store",
			 u->record[i].key);
		refuse(u, PCCS_INTEGRITY);
	}
}

static void judge_upload(struct upload *u, int64_t now)
{
	u->record = calloc(UPLOAD_RECORDS_MAX, sizeof(*u->record));
	u->text = calloc(UPLOAD_RECORDS_MAX, sizeof(*u->text));
	u->chain = calloc(UPLOAD_RECORDS_MAX, sizeof(*u->chain));
	if (!u->record || !u->text || !u->chain) {
		att_fail(u->err, ATT_E_NOMEM, "out of memory");
		refuse(u, 500);
	} else {
		att_pccs_trust_now(u->p, now, &u->trust, &u->root_crl);
		read_upload(u);
		enter(u);
	}
	for (size_t i = 0; u->text && u->chain && i < UPLOAD_RECORDS_MAX; i++) {
		att_buf_free(&u->text[i]);
		att_buf_free(&u->chain[i]);
	}
	att_pccs_record_free(&u->root_crl);
	free(u->record);
	free(u->text);
	free(u->chain);
}

int att_pccs_import(att_pccs *p, att_bytes json, int64_t now, att_err *err)
{
	att_auto_json att_json_doc doc = { 0 };
	att_err own = { 0 };
	struct upload u = { .p = p, .status = 200, .err = err ? err : &own };
	att_rc rc = att_json_parse(json, &doc, u.err);

	if (rc != ATT_OK)
		return rc == ATT_E_NOMEM ? 500 : 400;
	u.root = att_json_root(&doc);
	judge_upload(&u, now);
	return u.status;
}

void att_pccs_put_collateral(att_pccs *p, att_bytes body, int64_t now,
			     struct att_http_response *out)
{
	att_err err = { 0 };
	int status = att_pccs_import(p, body, now, &err);

	att_pccs_reply(out, status, &err);
}
