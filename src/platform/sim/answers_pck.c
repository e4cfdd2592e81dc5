/* SPDX-License-Identifier: Apache-2.0 */
/* PCK certificates and registration (Intel SGX provisioning certification service API, "Get PCK
 * Certificate"; Intel SGX registration service API). */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/reader.h"
#include "base/text.h"
#include "codec/json.h"
#include "platform/sim/answers_internal.h"

#define SUBSCRIPTION_KEY "Ocp-Apim-Subscription-Key"
#define MANIFEST_MAX     ((size_t)32 << 10)
#define NOT_AVAILABLE    "Not available"

/* Intel's API wants a key for what tells platforms apart; any will do here. */
static bool has_key(const struct att_sim_asked *a)
{
	const char *key = att_http_header(a->http, SUBSCRIPTION_KEY);

	if (a->flavour == ATT_SIM_PCCS || (key && *key))
		return true;
	att_sim_refuse(a, 401, "Unauthorized", "the header " SUBSCRIPTION_KEY " is missing");
	return false;
}

/* PCCS has statuses of its own for what PCS calls not found. */
static void not_known(const struct att_sim_asked *a, int pccs_status, const char *message)
{
	att_sim_refuse(a, a->flavour == ATT_SIM_PCCS ? pccs_status : 404, "NotFound", message);
}

static bool hex_is(const char *hex, att_bytes own)
{
	char text[2 * ATT_SIM_ENCRYPTED_PPID + 1];

	att_hex_encode(own, text);
	return strcmp(hex, text) == 0;
}

/* Does the request name this platform? By its encrypted PPID, or towards PCCS by its QE id. */
static att_rc knows_platform(const struct att_sim_asked *a, bool *known, att_err *err)
{
	uint8_t ppid[ATT_SIM_ENCRYPTED_PPID];
	att_rc rc = att_sim_world_encrypted_ppid(a->w, ppid, err);

	if (rc != ATT_OK)
		return rc;
	*known = hex_is(a->r.encrypted_ppid, att_bytes_of(ppid, sizeof(ppid))) ||
		 (a->flavour == ATT_SIM_PCCS && hex_is(a->r.qeid, att_sim_world_qe_id(a->w)));
	return ATT_OK;
}

/* The raw TCB that the platform says it has must reach that of the certificate. */
static bool reaches(const struct att_sim_asked *a)
{
	const struct att_platform *p = att_sim_world_platform(a->w);
	uint8_t cpu_svn[16], pce_svn[2];
	bool enough = true;

	if (a->r.cpusvn[0]) {
		if (att_hex_decode(att_bytes_of(a->r.cpusvn, 32), cpu_svn, 16, NULL) != ATT_OK)
			return false;
		/* The three CPUSVNs of SGX_MODE=SIM are in no order. */
		enough = memcmp(cpu_svn, p->cpu_svn, 16) == 0;
		if (!a->w->options.intel_sim) {
			enough = true;
			for (size_t i = 0; i < sizeof(cpu_svn); i++)
				enough = enough && cpu_svn[i] >= p->cpu_svn[i];
		}
	}
	if (enough && a->r.pcesvn[0]) {
		if (att_hex_decode(att_bytes_of(a->r.pcesvn, 4), pce_svn, 2, NULL) != ATT_OK)
			return false;
		att_reader r = att_reader_of(att_bytes_of(pce_svn, sizeof(pce_svn)));
		enough = att_le16(&r, "pcesvn") >= p->pce_svn;
	}
	return enough && hex_is(a->r.pceid, att_bytes_of(p->pce_id, sizeof(p->pce_id)));
}

static void put_tcbm(const struct att_sim_asked *a, att_buf *text)
{
	const struct att_platform *p = att_sim_world_platform(a->w);
	const uint8_t pce_svn[2] = { (uint8_t)p->pce_svn, (uint8_t)(p->pce_svn >> 8) };

	att_put_hex(text, att_bytes_of(p->cpu_svn, sizeof(p->cpu_svn)));
	att_put_hex(text, att_bytes_of(pce_svn, sizeof(pce_svn)));
}

static void put_headers(const struct att_sim_asked *a, bool tcbm)
{
	const struct att_platform *p = att_sim_world_platform(a->w);
	att_auto_buf att_buf chain = { 0 };
	att_auto_buf att_buf text = { 0 };
	char fmspc[2 * sizeof(p->fmspc) + 1];

	att_sim_pki_put_chain(a->w->pki, att_sim_world_ca(a->w), &chain);
	att_sim_put_chain_header(a, &chain);
	put_tcbm(a, &text);
	att_put_u8(&text, 0);
	if (text.failed)
		a->out->body.failed = true;
	else if (tcbm)
		att_http_put_header(a->out, "SGX-TCBm", (const char *)text.ptr);
	att_hex_encode(att_bytes_of(p->fmspc, sizeof(p->fmspc)), fmspc);
	att_http_put_header(a->out, "SGX-FMSPC", fmspc);
	att_http_put_header(a->out, "SGX-PCK-Certificate-CA-Type",
			    p->platform_ca ? "platform" : "processor");
}

static att_bytes leaf_of(const struct att_sim_asked *a)
{
	return att_bytes_of(a->w->pck.chain.ptr, a->w->pck.leaf_len);
}

/* One entry of pckcerts, `steps` below the platform's TCB: only that has a certificate. */
static void put_entry(const struct att_sim_asked *a, att_jsonw *w, unsigned steps)
{
	const struct att_platform *p = att_sim_world_platform(a->w);
	att_auto_buf att_buf tcbm = { 0 };
	att_auto_buf att_buf pem = { 0 };

	att_jw_object(w);
	att_jw_name(w, "tcb");
	att_jw_object(w);
	if (a->r.version > 3) {
		att_jw_name(w, "sgxtcbcomponents");
		att_jw_array(w);
	}
	for (unsigned i = 0; i < sizeof(p->components); i++) {
		char name[32];

		snprintf(name, sizeof(name), "sgxtcbcomp%02usvn", i + 1);
		if (a->r.version > 3)
			att_jw_object(w);
		att_jw_name(w, a->r.version > 3 ? "svn" : name);
		att_jw_int(w, p->components[i] - steps);
		if (a->r.version > 3)
			att_jw_end_object(w);
	}
	if (a->r.version > 3)
		att_jw_end_array(w);
	att_jw_name(w, "pcesvn");
	att_jw_int(w, p->pce_svn - steps);
	att_jw_end_object(w);
	put_tcbm(a, &tcbm);
	att_jw_name(w, "tcbm");
	att_jw_strn(w, att_buf_bytes(&tcbm));
	att_http_put_percent(&pem, leaf_of(a));
	att_jw_name(w, "cert");
	if (steps)
		att_jw_str(w, NOT_AVAILABLE);
	else
		att_jw_strn(w, att_buf_bytes(&pem));
	att_jw_end_object(w);
	w->out->failed = w->out->failed || tcbm.failed || pem.failed;
}

static void give(const struct att_sim_asked *a)
{
	bool one = a->r.what == ATT_PCS_PCKCERT;
	att_jsonw w = att_jsonw_to(&a->out->body, 0);

	att_sim_accept(a, one ? ATT_TYPE_PEM : ATT_TYPE_JSON);
	put_headers(a, one);
	if (one) {
		att_put(&a->out->body, leaf_of(a));
		return;
	}
	att_jw_array(&w);
	put_entry(a, &w, 0);
	put_entry(a, &w, 1);
	att_jw_end_array(&w);
}

static void give_if_reached(const struct att_sim_asked *a)
{
	if (reaches(a))
		give(a);
	else
		not_known(a, 462, "no PCK certificate for this TCB");
}

/* A member of the posted JSON as text in lower case, at most `room` - 1 characters; empty when it
 * is not there or no such text. */
static void take_member(att_json root, const char *name, char *out, size_t room)
{
	att_bytes text;

	out[0] = 0;
	if (!att_json_plain(att_json_get(root, name), &text) || text.len >= room)
		return;
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.ptr[i];

		out[i] = (char)(c >= 'A' && c <= 'F' ? c + 32 : c);
	}
	out[text.len] = 0;
}

static bool is_hex(att_bytes text, size_t max)
{
	if (text.len == 0 || text.len % 2 || text.len > max)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (!strchr("0123456789abcdefABCDEF", text.ptr[i]))
			return false;
	}
	return true;
}

/* POST: the platform is named by its manifest, whatever that is; what it may know is in it. */
static att_rc answer_posted(struct att_sim_asked *a, att_err *err)
{
	att_auto_json att_json_doc doc = { 0 };
	att_bytes manifest;
	att_rc rc = att_json_parse(a->http->body, &doc, err);

	if (rc == ATT_E_NOMEM)
		return rc;
	att_json root = rc == ATT_OK ? att_json_root(&doc) : (att_json){ 0 };
	if (!att_json_plain(att_json_get(root, "platformManifest"), &manifest) ||
	    !is_hex(manifest, 2 * MANIFEST_MAX)) {
		att_sim_refuse(a, 400, "InvalidRequestSyntax",
			       "the body must be JSON with platformManifest in hex");
		return ATT_OK;
	}
	take_member(root, "cpusvn", a->r.cpusvn, sizeof(a->r.cpusvn));
	take_member(root, "pcesvn", a->r.pcesvn, sizeof(a->r.pcesvn));
	take_member(root, "pceid", a->r.pceid, sizeof(a->r.pceid));
	bool whole =
	    strlen(a->r.pceid) == 4 && (a->r.what != ATT_PCS_PCKCERT ||
					(strlen(a->r.cpusvn) == 32 && strlen(a->r.pcesvn) == 4));
	if (!whole) {
		att_sim_refuse(a, 400, "InvalidRequestSyntax",
			       "cpusvn, pcesvn or pceid is missing or malformed");
		return ATT_OK;
	}
	give_if_reached(a);
	return ATT_OK;
}

att_rc att_sim_answer_pck(const struct att_sim_asked *asked, att_err *err)
{
	struct att_sim_asked a = *asked;
	bool known = false;

	if (!has_key(&a))
		return ATT_OK;
	if (strcmp(a.http->method, "POST") == 0)
		return answer_posted(&a, err);
	att_rc rc = knows_platform(&a, &known, err);
	if (rc != ATT_OK)
		return rc;
	if (!known) {
		not_known(&a, 461, "no such platform");
		return ATT_OK;
	}
	give_if_reached(&a);
	return ATT_OK;
}

void att_sim_answer_registration(const struct att_sim_asked *a, bool package)
{
	const struct att_platform *p = att_sim_world_platform(a->w);
	const char *type = att_http_header(a->http, "Content-Type");

	if (strcmp(a->http->method, "POST") != 0) {
		att_sim_refuse(a, 405, "MethodNotAllowed", "registration is by POST");
		return;
	}
	if (!type || strncmp(type, ATT_TYPE_BYTES, sizeof(ATT_TYPE_BYTES) - 1) != 0) {
		att_sim_refuse(a, 415, "UnsupportedMediaType", "expected " ATT_TYPE_BYTES);
		return;
	}
	if (package && !has_key(a))
		return;
	if (a->http->body.len == 0 || a->http->body.len > MANIFEST_MAX) {
		att_sim_refuse(a, 400, package ? "InvalidRequestSyntax" : "InvalidPlatformManifest",
			       "the body must be a manifest of at most 32 KiB");
		return;
	}
	if (!package) {
		a->out->status = 201;
		att_http_put_header(a->out, "Content-Type", ATT_TYPE_TEXT);
		att_put_hex(&a->out->body, att_bytes_of(p->ppid, sizeof(p->ppid)));
		return;
	}
	att_sim_accept(a, ATT_TYPE_PEM);
	att_http_put_header(a->out, "Certificate-Count", "1");
	att_put(&a->out->body, leaf_of(a));
}
