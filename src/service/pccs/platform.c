/* SPDX-License-Identifier: Apache-2.0 */
/* A platform and its PCK certificates, as one record: who it is, which raw TCBs asked, and all
 * certificates with the TCB of each. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/reader.h"
#include "base/text.h"
#include "service/pccs/select.h"
#include "service/pccs/state.h"

#define TCBM_DIGITS 36u /* CPUSVN and PCESVN (Intel PCS API, SGX-TCBm) */

/* --- Reading what others write --- */

static bool is_hex(att_bytes text)
{
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.ptr[i];
		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')))
			return false;
	}
	return text.len % 2 == 0;
}

/* A member in hex of `min` to `max` digits; absent or empty ones only where `optional`. */
static att_rc read_hex(att_json v, const char *name, size_t min, size_t max, bool optional,
		       att_bytes *out, att_err *err)
{
	att_json m = att_json_get(v, name);

	*out = att_bytes_of(NULL, 0);
	if (optional && (!m.doc || att_json_is(m, "") || att_json_type_of(m) == ATT_JSON_NULL))
		return ATT_OK;
	if (!m.doc)
		return att_fail(err, ATT_E_FORMAT, "%s is missing", name);
	if (!att_json_plain(m, out) || !is_hex(*out) || out->len < min || out->len > max)
		return att_fail_at(err, ATT_E_FORMAT, att_json_offset(m),
				   "%s: expected %zu to %zu hex digits", name, min, max);
	return ATT_OK;
}

att_rc att_pccs_platform_read(att_json v, bool needs_tcb, struct att_pccs_platform_id *out,
			      att_err *err)
{
	*out = (struct att_pccs_platform_id){ 0 };
	if (att_json_type_of(v) != ATT_JSON_OBJECT)
		return att_fail(err, ATT_E_FORMAT, "a platform: expected an object");
	att_rc rc = read_hex(v, "qe_id", 2, QE_ID_MAX, false, &out->qe_id, err);
	if (rc == ATT_OK)
		rc = read_hex(v, "pce_id", 4, 4, false, &out->pce_id, err);
	if (rc == ATT_OK)
		rc = read_hex(v, "platform_manifest", 2, MANIFEST_MAX, true, &out->manifest, err);
	bool optional = !needs_tcb || out->manifest.len > 0;
	if (rc == ATT_OK)
		rc = read_hex(v, "cpu_svn", 32, 32, optional, &out->cpu_svn, err);
	if (rc == ATT_OK)
		rc = read_hex(v, "pce_svn", 4, 4, optional, &out->pce_svn, err);
	if (rc == ATT_OK)
		rc = read_hex(v, "enc_ppid", 768, 768, optional, &out->enc_ppid, err);
	return rc;
}

static void put_lower(att_buf *b, att_bytes hex)
{
	for (size_t i = 0; i < hex.len; i++) {
		uint8_t c = hex.ptr[i];
		att_put_u8(b, c >= 'A' && c <= 'F' ? (uint8_t)(c + 32) : c);
	}
}

bool att_pccs_platform_key(const struct att_pccs_platform_id *id,
			   char key[static ATT_PCCS_KEY_MAX + 1])
{
	att_auto_buf att_buf text = { 0 };

	put_lower(&text, id->qe_id);
	att_put_str(&text, "/");
	put_lower(&text, id->pce_id);
	if (text.failed || text.len > ATT_PCCS_KEY_MAX)
		return false;
	memcpy(key, text.ptr, text.len);
	key[text.len] = 0;
	return true;
}

/* --- Making a record --- */

struct maker {
	att_pccs *p;
	const struct att_pccs_trust *t;
	att_bytes chain;
	struct att_pccs_record pck_crl;
	struct att_pccs_record before; /* the platform's record so far */
	uint8_t pce_id[2];
	struct att_platform first; /* of the first certificate taken */
	struct att_pccs_dates dates;
	size_t taken;
	size_t missing; /* "Not available", revoked or over */
};

static void put_tcbm(const struct att_platform *platform, char out[static TCBM_DIGITS + 1])
{
	const uint8_t svn[2] = { (uint8_t)platform->pce_svn, (uint8_t)(platform->pce_svn >> 8) };

	att_hex_encode(att_bytes_of(platform->cpu_svn, sizeof(platform->cpu_svn)), out);
	att_hex_encode(att_bytes_of(svn, sizeof(svn)), out + 32);
}

/* All certificates are of one platform, and the TCB named beside one is its own. */
static att_rc same_platform(struct maker *m, const struct att_platform *platform, att_json entry,
			    att_err *err)
{
	att_json tcbm = att_json_get(entry, "tcbm");
	uint8_t said[18];
	char own[TCBM_DIGITS + 1];
	char written[TCBM_DIGITS + 1];

	if (m->taken > 0 &&
	    (memcmp(m->first.ppid, platform->ppid, sizeof(platform->ppid)) != 0 ||
	     memcmp(m->first.fmspc, platform->fmspc, sizeof(platform->fmspc)) != 0 ||
	     m->first.platform_ca != platform->platform_ca))
		return att_fail(err, ATT_E_MISMATCH, "certificates of two platforms");
	if (!tcbm.doc)
		return ATT_OK;
	if (!att_json_hex(tcbm, said, sizeof(said)))
		return att_fail_at(err, ATT_E_FORMAT, att_json_offset(tcbm),
				   "tcbm: expected %u hex digits", TCBM_DIGITS);
	put_tcbm(platform, own);
	att_hex_encode(att_bytes_of(said, sizeof(said)), written);
	if (strcmp(own, written) != 0)
		return att_fail(err, ATT_E_MISMATCH, "tcbm: expected the certificate's %s, seen %s",
				own, written);
	return ATT_OK;
}

static void load_pck_crl(struct maker *m, bool platform_ca)
{
	struct att_pcs_request r = { .what = ATT_PCS_PCKCRL, .version = 4 };
	struct att_pcs_request common;
	char key[ATT_PCCS_KEY_MAX + 1];

	snprintf(r.ca, sizeof(r.ca), "%s", platform_ca ? "platform" : "processor");
	if (!att_pccs_document_key(&r, &common, key) ||
	    m->p->o.store->ops->get(m->p->o.store, ATT_PCCS_DOCUMENT, key, &m->pck_crl, NULL) !=
		ATT_OK)
		m->pck_crl = (struct att_pccs_record){ 0 };
}

static att_rc judge_cert(struct maker *m, att_bytes pem, att_json entry,
			 struct att_platform *platform, att_err *err)
{
	struct att_pccs_dates dates;
	att_rc rc = att_pccs_accept_pck(m->t, pem, m->chain, m->pck_crl.body, m->pce_id, platform,
					&dates, err);

	if (rc == ATT_OK && m->taken == 0) {
		/* Which CA's CRL counts is known now. */
		load_pck_crl(m, platform->platform_ca);
		if (m->pck_crl.body.len)
			rc = att_pccs_accept_pck(m->t, pem, m->chain, m->pck_crl.body, m->pce_id,
						 platform, &dates, err);
	}
	if (rc == ATT_OK)
		rc = same_platform(m, platform, entry, err);
	if (rc != ATT_OK)
		return rc;
	if (m->taken == 0)
		m->first = *platform;
	if (dates.expires < m->dates.expires)
		m->dates.expires = dates.expires;
	m->taken++;
	return ATT_OK;
}

/* Judges one entry and writes it. One that can not serve is left out. */
static att_rc take_cert(struct maker *m, att_json entry, att_jsonw *w, att_err *err)
{
	att_auto_buf att_buf pem = { 0 };
	att_json cert = att_json_get(entry, "cert");
	struct att_platform platform;
	char tcbm[TCBM_DIGITS + 1];
	char *text = NULL;
	size_t len = 0;

	if (att_json_is(cert, "Not available")) {
		m->missing++;
		return ATT_OK;
	}
	att_rc rc = att_json_string(cert, &text, &len, err);
	if (rc == ATT_OK)
		rc = att_percent_decode(att_bytes_of(text, len), &pem, err);
	free(text);
	if (rc == ATT_OK)
		rc = judge_cert(m, att_buf_bytes(&pem), entry, &platform, err);
	if (rc == ATT_E_REVOKED || rc == ATT_E_EXPIRED) {
		att_pccs_say(m->p, ATT_PCCS_LOG_WARN, "left out: a PCK certificate: %s", err->msg);
		m->missing++;
		return ATT_OK;
	}
	if (rc != ATT_OK)
		return rc;
	put_tcbm(&platform, tcbm);
	att_jw_object(w);
	att_jw_name(w, "tcbm");
	att_jw_str(w, tcbm);
	att_jw_name(w, "cert");
	att_jw_strn(w, att_buf_bytes(&pem));
	att_jw_end_object(w);
	return ATT_OK;
}

static void put_id(att_jsonw *w, const struct att_pccs_platform_id *id)
{
	att_jw_name(w, "qe_id");
	att_jw_strn(w, id->qe_id);
	att_jw_name(w, "pce_id");
	att_jw_strn(w, id->pce_id);
	att_jw_name(w, "cpu_svn");
	att_jw_strn(w, id->cpu_svn);
	att_jw_name(w, "pce_svn");
	att_jw_strn(w, id->pce_svn);
	att_jw_name(w, "enc_ppid");
	att_jw_strn(w, id->enc_ppid);
	att_jw_name(w, "platform_manifest");
	att_jw_strn(w, id->manifest);
}

/* The raw TCBs that asked so far, the newest first. */
static void put_tcbs(struct maker *m, const struct att_pccs_platform_id *id, att_jsonw *w)
{
	att_auto_json att_json_doc doc = { 0 };
	att_auto_buf att_buf raw = { 0 };
	size_t n = 0;

	if (id->cpu_svn.len && id->pce_svn.len) {
		put_lower(&raw, id->cpu_svn);
		put_lower(&raw, id->pce_svn);
		att_jw_strn(w, att_buf_bytes(&raw));
		n++;
	}
	if (m->before.body.len == 0 || att_json_parse(m->before.body, &doc, NULL) != ATT_OK)
		return;
	att_json tcbs = att_json_get(att_json_root(&doc), "tcbs");
	for (att_json v = att_json_first(tcbs); v.doc && n < PLATFORM_TCBS_MAX;
	     v = att_json_next(tcbs, v)) {
		att_bytes text;
		if (!att_json_plain(v, &text) || att_bytes_eq(text, att_buf_bytes(&raw)))
			continue;
		att_jw_strn(w, text);
		n++;
	}
}

static att_rc make_text(struct maker *m, const struct att_pccs_platform_id *id, att_json certs,
			att_buf *text, att_err *err)
{
	att_jsonw w = att_jsonw_to(text, 0);
	char fmspc[13];

	att_jw_object(&w);
	put_id(&w, id);
	att_jw_name(&w, "tcbs");
	att_jw_array(&w);
	put_tcbs(m, id, &w);
	att_jw_end_array(&w);
	att_jw_name(&w, "certs");
	att_jw_array(&w);
	for (att_json v = att_json_first(certs); v.doc; v = att_json_next(certs, v)) {
		att_rc rc = take_cert(m, v, &w, err);
		if (rc != ATT_OK)
			return rc;
	}
	att_jw_end_array(&w);
	att_hex_encode(att_bytes_of(m->first.fmspc, sizeof(m->first.fmspc)), fmspc);
	att_jw_name(&w, "fmspc");
	att_jw_str(&w, fmspc);
	att_jw_name(&w, "ca");
	att_jw_str(&w, m->first.platform_ca ? "platform" : "processor");
	att_jw_end_object(&w);
	return att_buf_ok(text, err);
}

int att_pccs_platform_make(att_pccs *p, const struct att_pccs_trust *t,
			   const struct att_pccs_platform_id *id, att_json certs, att_bytes chain,
			   att_buf *text, struct att_pccs_record *out, att_err *err)
{
	struct maker m = { .p = p, .t = t, .chain = chain, .dates.expires = INT64_MAX };

	*out = (struct att_pccs_record){ .kind = ATT_PCCS_PLATFORM };
	if (att_json_type_of(certs) != ATT_JSON_ARRAY ||
	    att_json_count(certs) > PLATFORM_CERTS_MAX ||
	    att_hex_decode(id->pce_id, m.pce_id, sizeof(m.pce_id), err) != ATT_OK ||
	    !att_pccs_platform_key(id, out->key))
		return (att_fail(err, ATT_E_FORMAT, "expected a list of at most %u certificates",
				 PLATFORM_CERTS_MAX),
			PCCS_INTEGRITY);
	if (p->o.store->ops->get(p->o.store, ATT_PCCS_PLATFORM, out->key, &m.before, NULL) !=
	    ATT_OK)
		m.before = (struct att_pccs_record){ 0 };
	att_rc rc = make_text(&m, id, certs, text, err);
	att_pccs_record_free(&m.pck_crl);
	att_pccs_record_free(&m.before);
	if (rc != ATT_OK) {
		att_pccs_count(p, COUNT_REFUSED);
		att_pccs_say(p, ATT_PCCS_LOG_ERROR, "refused: PCK certificates: %s", err->msg);
		return rc == ATT_E_NOMEM ? 500 : PCCS_INTEGRITY;
	}
	if (m.taken == 0)
		return (att_fail(err, ATT_E_MISSING, "none of %zu certificates is available",
				 m.missing),
			PCCS_NOT_AVAILABLE);
	att_hex_encode(att_bytes_of(m.first.fmspc, sizeof(m.first.fmspc)), out->tag);
	out->issued = t->now;
	out->fetched = t->now;
	out->expires = m.dates.expires;
	out->body = att_buf_bytes(text);
	out->chain = chain;
	return 200;
}

/* --- Choosing --- */

static bool read_tcb(att_bytes hex36, struct att_pccs_tcb *out)
{
	uint8_t raw[18];

	if (att_hex_decode(hex36, raw, sizeof(raw), NULL) != ATT_OK)
		return false;

	att_reader r = att_reader_of(att_bytes_of(raw, sizeof(raw)));

	att_copy(&r, out->components, sizeof(out->components), "cpusvn");
	out->pce_svn = att_le16(&r, "pcesvn");
	return att_reader_end(&r, NULL) == ATT_OK;
}

/* The TCB info is one of the store's: its signature was good when it entered. */
static bool read_info(att_bytes text, att_json_doc *doc, struct att_tcbinfo *out)
{
	return text.len > 0 && att_json_parse(text, doc, NULL) == ATT_OK &&
	       att_tcbinfo_parse(att_json_get(att_json_root(doc), "tcbInfo"), out, NULL) == ATT_OK;
}

static att_rc fill_choice(att_json root, att_json cert, struct att_pccs_choice *out, att_err *err)
{
	att_bytes tcbm, fmspc;
	size_t len;

	if (!att_json_plain(att_json_get(cert, "tcbm"), &tcbm) || tcbm.len != TCBM_DIGITS ||
	    !att_json_plain(att_json_get(root, "fmspc"), &fmspc) || fmspc.len != 12)
		return att_fail(err, ATT_E_FORMAT, "store: a platform's record is damaged");
	memcpy(out->tcbm, tcbm.ptr, tcbm.len);
	memcpy(out->fmspc, fmspc.ptr, fmspc.len);
	out->platform_ca = att_json_is(att_json_get(root, "ca"), "platform");
	return att_json_string(att_json_get(cert, "cert"), &out->pem, &len, err);
}

static att_rc choose(att_json root, const char *raw_text, const struct att_tcbinfo *info,
		     struct att_pccs_choice *out, att_err *err)
{
	struct att_pccs_tcb raw, tcb[PLATFORM_CERTS_MAX];
	att_json entry[PLATFORM_CERTS_MAX];
	att_json certs = att_json_get(root, "certs");
	att_json tcbs = att_json_get(root, "tcbs");
	size_t n = 0;

	if (!read_tcb(att_bytes_of(raw_text, strlen(raw_text)), &raw))
		return att_fail(err, ATT_E_FORMAT, "cpusvn and pcesvn: expected 36 hex digits");
	for (att_json v = att_json_first(certs); v.doc && n < PLATFORM_CERTS_MAX;
	     v = att_json_next(certs, v)) {
		att_bytes tcbm;
		if (!att_json_plain(att_json_get(v, "tcbm"), &tcbm) || !read_tcb(tcbm, &tcb[n]))
			return att_fail(err, ATT_E_FORMAT, "store: a platform's record is damaged");
		entry[n++] = v;
	}
	for (att_json v = att_json_first(tcbs); v.doc; v = att_json_next(tcbs, v))
		out->seen |= att_json_is(v, raw_text);
	size_t best = att_pccs_select(tcb, n, &raw, info);
	if (best >= n)
		return att_fail(err, ATT_E_MISSING,
				"all %zu certificates are above the platform's TCB", n);
	out->exact = memcmp(&tcb[best], &raw, sizeof(raw)) == 0;
	return fill_choice(root, entry[best], out, err);
}

int att_pccs_platform_choose(const struct att_pccs_record *r, const char *cpu_svn,
			     const char *pce_svn, att_bytes tcb_info, struct att_pccs_choice *out,
			     att_err *err)
{
	att_auto_json att_json_doc doc = { 0 };
	att_auto_json att_json_doc info_doc = { 0 };
	struct att_tcbinfo info = { 0 };
	char raw[TCBM_DIGITS + 8];

	*out = (struct att_pccs_choice){ 0 };
	snprintf(raw, sizeof(raw), "%.32s%.4s", cpu_svn, pce_svn);
	bool known = read_info(tcb_info, &info_doc, &info);
	att_rc rc = att_json_parse(r->body, &doc, err);
	if (rc == ATT_OK)
		rc = choose(att_json_root(&doc), raw, known ? &info : NULL, out, err);
	if (known)
		att_tcbinfo_free(&info);
	return rc == ATT_OK ? 200 : rc == ATT_E_MISSING ? 404 : 500;
}
