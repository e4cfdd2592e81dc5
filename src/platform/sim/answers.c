/* SPDX-License-Identifier: Apache-2.0 */
/* The provisioning service of a world: Intel's PCS API, versions 3 and 4, and what its caching
 * service offers to clients, as a function from requests to answers. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "codec/json.h"
#include "codec/pem.h"
#include "platform/sim/answers_internal.h"

#define RETRY_AFTER    1u
#define SLOW_MS        3000u
#define OVERSIZED      ((size_t)4 << 20)
#define GARBAGE_BLOCKS 16
#define CERT_MAX       4096

void att_sim_refuse(const struct att_sim_asked *a, int status, const char *code,
		    const char *message)
{
	a->out->status = status;
	if (a->flavour == ATT_SIM_PCCS) {
		att_http_put_header(a->out, "Content-Type", ATT_TYPE_TEXT);
		att_put_str(&a->out->body, message);
		return;
	}
	att_http_put_header(a->out, "Error-Code", code);
	att_http_put_header(a->out, "Error-Message", message);
}

void att_sim_accept(const struct att_sim_asked *a, const char *type)
{
	a->out->status = 200;
	att_http_put_header(a->out, "Content-Type", type);
}

void att_sim_put_chain_header(const struct att_sim_asked *a, const att_buf *pem)
{
	att_auto_buf att_buf text = { 0 };

	att_http_put_percent(&text, att_buf_bytes(pem));
	att_put_u8(&text, 0);
	if (pem->failed || text.failed)
		a->out->body.failed = true;
	else
		att_http_put_header(a->out, att_pcs_chain_header(&a->r), (const char *)text.ptr);
}

static void accept_signed(const struct att_sim_asked *a)
{
	att_auto_buf att_buf pem = { 0 };

	att_sim_accept(a, ATT_TYPE_JSON);
	att_sim_put_signer_chain(a->w, &pem);
	att_sim_put_chain_header(a, &pem);
}

/* The edition that is asked for; 0 when the request was refused for it. */
static uint32_t edition_of(const struct att_sim_asked *a)
{
	uint32_t n = a->r.evaluation_number;

	if (!n)
		return att_sim_edition(a->w, a->r.update == ATT_PCS_UPDATE_EARLY);
	if (n >= ATT_SIM_EVALUATION_OLDER && n <= ATT_SIM_EVALUATION_EARLY)
		return n;
	if (n < ATT_SIM_EVALUATION_OLDER)
		att_sim_refuse(a, 410, "Gone", "this TCB evaluation data number is no longer kept");
	else
		att_sim_refuse(a, 404, "NotFound", "there is no such TCB evaluation data number");
	return 0;
}

static att_rc answer_tcb(const struct att_sim_asked *a, att_err *err)
{
	char own[sizeof(a->r.fmspc)];
	const struct att_platform *p = att_sim_world_platform(a->w);

	att_hex_encode(att_bytes_of(p->fmspc, sizeof(p->fmspc)), own);
	if (strcmp(own, a->r.fmspc) != 0) {
		att_sim_refuse(a, 404, "NotFound", "no TCB information for this FMSPC");
		return ATT_OK;
	}
	uint32_t edition = edition_of(a);
	if (!edition)
		return ATT_OK;
	accept_signed(a);
	return att_sim_issue_tcb_info(a->w, a->r.tdx, a->r.version == 3 ? 2 : 3, edition, a->now,
				      &a->out->body, err);
}

static att_rc answer_identity(const struct att_sim_asked *a, att_err *err)
{
	enum att_sim_enclave enclave = a->r.what == ATT_PCS_QVE_IDENTITY   ? ATT_SIM_ID_QVE
				       : a->r.what == ATT_PCS_QAE_IDENTITY ? ATT_SIM_ID_QAE
				       : a->r.tdx                          ? ATT_SIM_ID_TD_QE
									   : ATT_SIM_ID_QE;
	uint32_t edition = edition_of(a);

	if (!edition)
		return ATT_OK;
	accept_signed(a);
	return att_sim_issue_identity(a->w, enclave, edition, a->now, &a->out->body, err);
}

static att_rc answer_numbers(const struct att_sim_asked *a, att_err *err)
{
	accept_signed(a);
	return att_sim_issue_numbers(a->w, a->r.tdx, a->now, &a->out->body, err);
}

/* PCS gives PEM unless asked for DER; PCCS gives hexadecimal DER, under PEM's type. */
static att_rc answer_pck_crl(const struct att_sim_asked *a, att_err *err)
{
	enum att_sim_authority ca =
	    a->r.ca[1] == 'l' ? ATT_SIM_PLATFORM_CA : ATT_SIM_PROCESSOR_CA; /* "pLatform" */
	att_auto_buf att_buf der = { 0 };
	att_auto_buf att_buf chain = { 0 };
	att_rc rc = att_sim_issue_crl(a->w, ca, a->now, &der, err);

	if (rc != ATT_OK)
		return rc;
	att_sim_accept(a, a->r.der ? ATT_TYPE_CRL : ATT_TYPE_PEM);
	att_sim_put_crl_chain(a->w, ca, &chain);
	att_sim_put_chain_header(a, &chain);
	if (a->r.der)
		att_put(&a->out->body, att_buf_bytes(&der));
	else if (a->flavour == ATT_SIM_PCCS && !a->r.pem)
		att_put_hex(&a->out->body, att_buf_bytes(&der));
	else
		att_put_pem(&a->out->body, "X509 CRL", att_buf_bytes(&der));
	return ATT_OK;
}

static void answer_fmspcs(const struct att_sim_asked *a)
{
	const struct att_platform *p = att_sim_world_platform(a->w);
	const char *own = p->platform_ca ? "E5" : "E3";
	const char *asked = a->r.platform;
	att_jsonw w = att_jsonw_to(&a->out->body, 0);

	att_sim_accept(a, ATT_TYPE_JSON);
	att_jw_array(&w);
	if (!*asked || strcmp(asked, "all") == 0 || strcmp(asked, own) == 0) {
		att_jw_object(&w);
		att_jw_name(&w, "fmspc");
		att_jw_hex(&w, att_bytes_of(p->fmspc, sizeof(p->fmspc)));
		att_jw_name(&w, "platform");
		att_jw_str(&w, own);
		att_jw_end_object(&w);
	}
	att_jw_end_array(&w);
}

static att_rc answer_root_crl(const struct att_sim_asked *a, bool hex, att_err *err)
{
	att_auto_buf att_buf der = { 0 };
	att_rc rc = att_sim_issue_crl(a->w, ATT_SIM_ROOT, a->now, &der, err);

	if (rc != ATT_OK)
		return rc;
	att_sim_accept(a, ATT_TYPE_CRL);
	if (hex)
		att_put_hex(&a->out->body, att_buf_bytes(&der));
	else
		att_put(&a->out->body, att_buf_bytes(&der));
	return ATT_OK;
}

/* PCCS: the CRL at one of the addresses that certificates name. */
static att_rc answer_crl(const struct att_sim_asked *a, att_err *err)
{
	for (int who = ATT_SIM_ROOT; who <= ATT_SIM_PLATFORM_CA; who++) {
		enum att_sim_authority ca = (enum att_sim_authority)who;

		if (strcmp(a->r.uri, att_sim_pki_crl_url(ca)) != 0)
			continue;
		att_sim_accept(a, ATT_TYPE_CRL);
		return att_sim_issue_crl(a->w, ca, a->now, &a->out->body, err);
	}
	att_sim_refuse(a, 400, "InvalidRequestSyntax", "uri: not the address of a CRL of this PKI");
	return ATT_OK;
}

static att_rc answer_root_cert(const struct att_sim_asked *a, att_err *err)
{
	uint8_t der[CERT_MAX];
	size_t len = sizeof(der);
	att_reader r = att_reader_of(att_sim_world_root_pem(a->w));
	att_rc rc = att_pem_next(&r, "CERTIFICATE", der, &len, err);

	if (rc != ATT_OK)
		return rc;
	att_sim_accept(a, ATT_TYPE_CERT);
	att_put_mem(&a->out->body, der, len);
	return ATT_OK;
}

static bool offered(const struct att_sim_asked *a)
{
	switch (a->r.what) {
	case ATT_PCS_ROOT_CA_CRL:
	case ATT_PCS_CRL:
		return a->flavour == ATT_SIM_PCCS;
	case ATT_PCS_PCKCERTS:
	case ATT_PCS_PCKCERTS_CONFIG:
	case ATT_PCS_FMSPCS:
		return a->flavour == ATT_SIM_PCS;
	case ATT_PCS_PLATFORMS:
	case ATT_PCS_PLATFORM_COLLATERAL:
	case ATT_PCS_REFRESH:
	case ATT_PCS_APPRAISAL_POLICY:
	case ATT_PCS_COUNT:
		return false; /* what administrators of a caching service do: attestd's affair */
	default:
		return true;
	}
}

static att_rc answer_route(const struct att_sim_asked *a, att_err *err)
{
	switch (a->r.what) {
	case ATT_PCS_TCB:
		return answer_tcb(a, err);
	case ATT_PCS_QE_IDENTITY:
	case ATT_PCS_QVE_IDENTITY:
	case ATT_PCS_QAE_IDENTITY:
		return answer_identity(a, err);
	case ATT_PCS_EVALUATION_NUMBERS:
		return answer_numbers(a, err);
	case ATT_PCS_PCKCRL:
		return answer_pck_crl(a, err);
	case ATT_PCS_FMSPCS:
		answer_fmspcs(a);
		return ATT_OK;
	case ATT_PCS_ROOT_CA_CRL:
		return answer_root_crl(a, true, err);
	case ATT_PCS_CRL:
		return answer_crl(a, err);
	default:
		return att_sim_answer_pck(a, err);
	}
}

/* What has a path of its own, outside the API; false when `path` is nothing of it. */
static bool answer_path(const struct att_sim_asked *a, const char *path, att_rc *rc, att_err *err)
{
	static const char registration[] = "/sgx/registration/v1/";

	if (a->flavour != ATT_SIM_PCS)
		return false;
	if (strcmp(path, "/IntelSGXRootCA.der") == 0) {
		*rc = answer_root_crl(a, false, err);
		return true;
	}
	if (strcmp(path, "/IntelSGXRootCA.cer") == 0) {
		*rc = answer_root_cert(a, err);
		return true;
	}
	if (strncmp(path, registration, sizeof(registration) - 1) != 0)
		return false;
	const char *what = path + sizeof(registration) - 1;
	bool package = strcmp(what, "package") == 0;
	if (!package && strcmp(what, "platform") != 0)
		return false;
	att_sim_answer_registration(a, package);
	return true;
}

static att_rc answer(struct att_sim_asked *a, att_err *err)
{
	att_err why = { 0 };
	att_rc rc = ATT_OK;

	if (a->http->path && answer_path(a, a->http->path, &rc, err))
		return rc;
	rc = att_pcs_read(a->http, &a->r, &why);
	if (rc == ATT_E_MISSING || (rc == ATT_OK && !offered(a))) {
		att_sim_refuse(a, 404, "NotFound", "no such resource");
		return ATT_OK;
	}
	if (rc == ATT_E_UNSUPPORTED) {
		att_sim_refuse(a, 405, "MethodNotAllowed", why.msg);
		return ATT_OK;
	}
	if (rc == ATT_E_FORMAT) {
		att_sim_refuse(a, 400, "InvalidRequestSyntax", why.msg);
		return ATT_OK;
	}
	if (rc != ATT_OK)
		return att_fail(err, rc, "%s", why.msg);
	if (a->r.version == 3 && a->flavour == ATT_SIM_PCS)
		att_http_put_header(a->out, "Warning",
				    "299 - \"version 3 of this API is deprecated\"");
	return answer_route(a, err);
}

/* --- Faults of the dial --- */

static void refuse_for(const struct att_sim_asked *a, int status, unsigned retry_after)
{
	char text[16];

	a->out->status = status;
	att_http_put_header(a->out, "Content-Type", ATT_TYPE_TEXT);
	if (retry_after) {
		snprintf(text, sizeof(text), "%u", retry_after);
		att_http_put_header(a->out, "Retry-After", text);
	}
	att_putf(&a->out->body, "%s: a fault of the simulated world\n", att_http_reason(status));
}

/* True when the fault is the whole answer. */
static bool fault_instead(const struct att_sim_asked *a)
{
	const struct att_dial_value *v = &a->w->dial[DIAL_UPSTREAM];

	switch (v->at) {
	case UP_404:
		refuse_for(a, 404, 0);
		return true;
	case UP_429:
		refuse_for(a, 429, v->number ? v->number : RETRY_AFTER);
		return true;
	case UP_500:
		refuse_for(a, 500, 0);
		return true;
	case UP_503:
		refuse_for(a, 503, v->number);
		return true;
	default:
		return false;
	}
}

static att_rc put_garbage(const att_sim_world *w, att_buf *b, att_err *err)
{
	b->len = 0;
	for (uint8_t i = 0; i < GARBAGE_BLOCKS; i++) {
		uint8_t block[32];
		att_rc rc = att_sim_world_derive(w, "garbage", att_bytes_of(&i, 1), block, err);

		if (rc != ATT_OK)
			return rc;
		att_put_mem(b, block, sizeof(block));
	}
	return ATT_OK;
}

static att_rc fault_upon(const struct att_sim_asked *a, att_err *err)
{
	const struct att_dial_value *v = &a->w->dial[DIAL_UPSTREAM];
	att_buf *body = &a->out->body;

	switch (v->at) {
	case UP_SLOW:
		a->out->delay_ms = v->number ? v->number : SLOW_MS;
		return ATT_OK;
	case UP_HALF:
		a->out->cut_at = body->len / 2;
		return ATT_OK;
	case UP_GARBAGE:
		return put_garbage(a->w, body, err);
	case UP_OVERSIZED: /* white space: only the size is wrong with it */
		a->out->blank = OVERSIZED;
		return ATT_OK;
	default:
		return ATT_OK;
	}
}

static att_rc put_request_id(const struct att_sim_asked *a, att_err *err)
{
	att_auto_buf att_buf counter = { 0 };
	uint8_t id[32];
	char text[33];

	att_put_le64(&counter, a->w->answers++);
	att_rc rc = att_buf_ok(&counter, err);
	if (rc == ATT_OK)
		rc = att_sim_world_derive(a->w, "Request-ID", att_buf_bytes(&counter), id, err);
	if (rc != ATT_OK)
		return rc;
	att_hex_encode(att_bytes_of(id, 16), text);
	att_http_put_header(a->out, "Request-ID", text);
	return ATT_OK;
}

att_rc att_sim_world_answer(att_sim_world *w, enum att_sim_flavour flavour,
			    const struct att_http_request *request, int64_t now,
			    struct att_http_response *response, att_err *err)
{
	struct att_sim_asked a = {
		.w = w, .flavour = flavour, .http = request, .now = now, .out = response
	};
	att_rc rc = put_request_id(&a, err);

	if (rc != ATT_OK)
		return rc;
	if (!fault_instead(&a)) {
		rc = answer(&a, err);
		if (rc == ATT_OK)
			rc = fault_upon(&a, err);
		if (rc != ATT_OK)
			return att_wrap(err, rc, "simulated provisioning service");
	}
	return att_buf_ok(&response->body, err);
}
