/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch/answer.h"

#include <curl/curl.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "collateral/crlbytes.h"
#include "collateral/tcbinfo.h"

#define RETRY_AFTER_MAX INT64_C(604800)

/* --- Statuses --- */

/* What a status means for every request (Intel PCS API, PCCS, QPL). */
static const struct {
	int status;
	att_rc rc;
	const char *words;
} meanings[] = {
	{ 400, ATT_E_ARG, "the service does not understand the request" },
	{ 401, ATT_E_DENIED, "the service wants a subscription key or token" },
	{ 403, ATT_E_DENIED, "the service, or a proxy before it, refuses to answer" },
	{ 404, ATT_E_MISSING, "the service does not have it" },
	{ 410, ATT_E_EXPIRED, "the service does not offer it any more" },
	{ 413, ATT_E_ARG, "the request is too large for the service" },
	{ 429, ATT_E_UNAVAILABLE, "the service limits requests" },
	{ 460, ATT_E_MISMATCH, "the service found its own data damaged" },
	{ 461, ATT_E_MISSING, "the service does not know this platform: register it" },
	{ 462, ATT_E_MISSING, "Intel has no certificates for this platform's TCB" },
	{ 500, ATT_E_UNAVAILABLE, "the service failed" },
	{ 502, ATT_E_UNAVAILABLE, "the service can not reach Intel's" },
	{ 503, ATT_E_UNAVAILABLE, "the service is not available at present" },
	{ 504, ATT_E_UNAVAILABLE, "the service's own source did not answer in time" },
};

static const char *absent_words(const struct att_pcs_request *r)
{
	if (r->what == ATT_PCS_PCKCERT)
		return "no PCK certificate for this platform: is it registered, and is the "
		       "encrypted PPID its own?";
	if (r->evaluation_number)
		return "this evaluation number does not exist for what was asked";
	if (r->what == ATT_PCS_TCB)
		return "no TCB info for this FMSPC";
	if (r->what == ATT_PCS_ROOT_CA_CRL)
		return "no root CRL: a PCCS that has not been filled, or no PCCS";
	return NULL;
}

static const char *special_words(const struct att_pcs_request *r, int status)
{
	if (status == 404)
		return absent_words(r);
	if (status == 410 && r->evaluation_number)
		return "this evaluation number is over: Intel keeps the newer ones only";
	if (status == 410 && r->version == 3)
		return "version 3 of the service has ended: ask for v4";
	return NULL;
}

static att_rc judge_status(const struct att_pcs_request *r, const struct att_http_response *answer,
			   att_err *err)
{
	const char *code = att_http_response_header(answer, "Error-Code");
	const char *location = att_http_response_header(answer, "Location");

	for (size_t i = 0; i < ATT_COUNT(meanings); i++) {
		if (meanings[i].status != answer->status)
			continue;
		const char *special = special_words(r, answer->status);
		return att_fail(err, meanings[i].rc, "%d: %s%s%.60s%s", answer->status,
				special ? special : meanings[i].words, code ? " (" : "",
				code ? code : "", code ? ")" : "");
	}
	if (answer->status >= 300 && answer->status < 400)
		return att_fail(err, ATT_E_IO,
				"%d: sends elsewhere (%.120s), which is not followed",
				answer->status, location ? location : "without saying where");
	return att_fail(err, ATT_E_IO, "%d: %s; expected 200", answer->status,
			att_http_reason(answer->status));
}

bool att_answer_may_improve(int status)
{
	return status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
}

int64_t att_answer_retry_after(const struct att_http_response *answer)
{
	const char *text = att_http_response_header(answer, "Retry-After");
	const char *date = att_http_response_header(answer, "Date");
	int64_t seconds = 0;

	if (!text || !*text)
		return -1;
	if (text[strspn(text, "0123456789")] == 0) {
		for (; *text && seconds < RETRY_AFTER_MAX; text++)
			seconds = 10 * seconds + (*text - '0');
		return seconds < RETRY_AFTER_MAX ? seconds : RETRY_AFTER_MAX;
	}
	time_t at = curl_getdate(text, NULL);
	time_t from = date ? curl_getdate(date, NULL) : -1;
	if (at == -1 || from == -1)
		return -1;
	seconds = (int64_t)at - (int64_t)from;
	return seconds < 0 ? 0 : seconds < RETRY_AFTER_MAX ? seconds : RETRY_AFTER_MAX;
}

/* --- Bodies --- */

static att_rc to_der(struct att_http_response *answer, att_err *err)
{
	att_auto_buf att_buf der = { 0 };

	att_rc rc = att_crl_to_der(att_buf_bytes(&answer->body), &der, err);
	if (rc != ATT_OK)
		return rc == ATT_E_NOMEM ? rc : att_wrap(err, ATT_E_FORMAT, "revocation list");
	att_buf_free(&answer->body);
	answer->body = der;
	der = (att_buf){ 0 };
	return ATT_OK;
}

static att_rc wrong(att_err *err, const char *name, const char *expected, att_json seen)
{
	att_bytes s = att_json_slice(seen);

	return att_fail(err, ATT_E_MISMATCH, "%s: asked for %s, the answer is about %.*s", name,
			expected, (int)(s.len < 40 ? s.len : 40),
			s.len ? (const char *)s.ptr : "nothing");
}

static bool same_hex(att_json v, const char *hex)
{
	att_bytes s;

	return att_json_plain(v, &s) && s.len == strlen(hex) &&
	       strncasecmp((const char *)s.ptr, hex, s.len) == 0;
}

/* Early words for people: what an answer is about is believed only when its signature held. */
static att_rc check_subject(const struct att_pcs_request *r, att_json body, att_err *err)
{
	static const char *const identities[] = {
		[ATT_PCS_QE_IDENTITY] = "QE", [ATT_PCS_QVE_IDENTITY] = "QVE"
	};
	const char *id = NULL;
	int64_t number = 0;

	if (r->what == ATT_PCS_TCB) {
		att_json fmspc = att_json_get(body, "fmspc");
		if (!same_hex(fmspc, r->fmspc))
			return wrong(err, "fmspc", r->fmspc, fmspc);
		id = r->version == 3 ? NULL : r->tdx ? "TDX" : "SGX";
	} else if (r->what == ATT_PCS_QE_IDENTITY || r->what == ATT_PCS_QVE_IDENTITY) {
		id = r->tdx ? "TD_QE" : identities[r->what];
	}
	if (id && !att_json_is(att_json_get(body, "id"), id))
		return wrong(err, "id", id, att_json_get(body, "id"));
	att_json said = att_json_get(body, "tcbEvaluationDataNumber");
	if (r->evaluation_number &&
	    (!att_json_int(said, 0, INT32_MAX, &number) || number != (int64_t)r->evaluation_number))
		return att_fail(err, ATT_E_MISMATCH,
				"asked for evaluation number %u, the answer has another",
				r->evaluation_number);
	return ATT_OK;
}

static att_rc check_json(const struct att_pcs_request *r, const char *member, att_bytes text,
			 att_err *err)
{
	att_auto_json att_json_doc doc = { 0 };
	uint8_t signature[64];
	att_json body;
	bool found;

	att_rc rc = att_json_parse(text, &doc, err);
	if (rc == ATT_E_NOMEM)
		return rc;
	if (rc != ATT_OK)
		return att_wrap(err, ATT_E_FORMAT, "JSON of the answer");
	if (!member)
		return ATT_OK;
	rc = att_answer_split(&doc, member, &found, &body, signature, err);
	if (rc == ATT_OK && !found)
		rc = att_fail(err, ATT_E_FORMAT, "the answer has no member %s", member);
	return rc == ATT_OK ? check_subject(r, body, err) : rc;
}

static att_rc check_pem(att_bytes text, att_err *err)
{
	static const char begin[] = "-----BEGIN CERTIFICATE-----";

	if (text.len > sizeof(begin) && memcmp(text.ptr, begin, sizeof(begin) - 1) == 0)
		return ATT_OK;
	return att_fail(err, ATT_E_FORMAT, "expected a certificate in PEM");
}

static att_rc judge_body(const struct att_pcs_request *r, struct att_http_response *answer,
			 att_err *err)
{
	att_bytes body = att_buf_bytes(&answer->body);
	const char *chain = att_pcs_chain_header(r);

	if (body.len == 0)
		return att_fail(err, ATT_E_FORMAT, "200, but the answer is empty");
	if (chain && !att_http_response_header(answer, chain))
		return att_fail(err, ATT_E_FORMAT, "the answer lacks the header %s", chain);
	switch (r->what) {
	case ATT_PCS_PCKCRL:
	case ATT_PCS_ROOT_CA_CRL:
	case ATT_PCS_CRL:
		return to_der(answer, err);
	case ATT_PCS_PCKCERT:
		return check_pem(body, err);
	case ATT_PCS_TCB:
		return check_json(r, "tcbInfo", body, err);
	case ATT_PCS_QE_IDENTITY:
	case ATT_PCS_QVE_IDENTITY:
	case ATT_PCS_QAE_IDENTITY:
		return check_json(r, "enclaveIdentity", body, err);
	case ATT_PCS_EVALUATION_NUMBERS:
		return check_json(r, "tcbEvaluationDataNumbers", body, err);
	case ATT_PCS_PCKCERTS:
	case ATT_PCS_PCKCERTS_CONFIG:
	case ATT_PCS_FMSPCS:
		return check_json(r, NULL, body, err);
	default:
		return ATT_OK;
	}
}

att_rc att_answer_judge(const struct att_pcs_request *r, struct att_http_response *answer,
			att_err *err)
{
	att_rc rc =
	    answer->status == 200 ? judge_body(r, answer, err) : judge_status(r, answer, err);

	if (rc != ATT_OK)
		att_buf_free(&answer->body);
	return rc;
}
