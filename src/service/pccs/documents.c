/* SPDX-License-Identifier: Apache-2.0 */
/* Documents that are the same for everybody: TCB info, identities, CRLs, lists. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/text.h"
#include "codec/pem.h"
#include "service/pccs/state.h"

/* How long the list of FMSPCs, which has no date of its own, is taken for current. */
#define FMSPCS_LIFE INT64_C(86400)
/* At most this long is an answer given from memory: another replica may have put a newer one. */
#define KEEP_MAX INT64_C(60)
/* Longer no answer of the upstream keeps us from asking again. */
#define HOLD_MAX INT64_C(3600)

/* --- Which document --- */

bool att_pccs_document_key(const struct att_pcs_request *r, struct att_pcs_request *common,
			   char key[static ATT_PCCS_KEY_MAX + 1])
{
	att_auto_buf att_buf text = { 0 };

	*common = (struct att_pcs_request){
		.what = r->what,
		.tdx = r->tdx,
		.version = r->version,
		.update = r->update,
		.evaluation_number = r->evaluation_number,
	};
	memcpy(common->fmspc, r->fmspc, sizeof(r->fmspc));
	memcpy(common->ca, r->ca, sizeof(r->ca));
	memcpy(common->platform, r->platform, sizeof(r->platform));
	switch (r->what) {
	case ATT_PCS_PCKCRL:
	case ATT_PCS_ROOT_CA_CRL: /* the same in every version */
		common->version = 4;
		common->der = r->what == ATT_PCS_PCKCRL;
		break;
	case ATT_PCS_FMSPCS:
		if (!common->platform[0])
			memcpy(common->platform, "all", sizeof("all"));
		break;
	case ATT_PCS_EVALUATION_NUMBERS:
		break;
	default:
		/* Version 3 knows no other than standard. */
		if (r->version == 3)
			common->update = ATT_PCS_UPDATE_NONE;
		else if (common->update == ATT_PCS_UPDATE_NONE && !common->evaluation_number)
			common->update = ATT_PCS_UPDATE_STANDARD;
	}
	att_pcs_put_target(&text, common);
	if (text.failed || text.len > ATT_PCCS_KEY_MAX)
		return false;
	memcpy(key, text.ptr, text.len);
	key[text.len] = 0;
	return true;
}

/* Distribution points in Intel's certificates (Intel SGX PCK certificate and CRL profile
 * specification, section 1.3), and the same through the service's host. */
bool att_pccs_crl_of_uri(const char *uri, struct att_pcs_request *out)
{
	static const struct {
		const char *uri;
		const char *ca;
	} list[] = {
#define API "https://api.trustedservices.intel.com/sgx/certification/"
		{ "https://certificates.trustedservices.intel.com/IntelSGXRootCA.der", NULL },
		{ "https://certificates.trustedservices.intel.com/intelsgxrootca.der", NULL },
		{ "https://certificates.trustedservices.intel.com/IntelSGXRootCA.crl", NULL },
		{ API "v3/pckcrl?ca=processor&encoding=der", "processor" },
		{ API "v3/pckcrl?ca=platform&encoding=der", "platform" },
		{ API "v4/pckcrl?ca=processor&encoding=der", "processor" },
		{ API "v4/pckcrl?ca=platform&encoding=der", "platform" },
#undef API
	};

	for (size_t i = 0; i < ATT_COUNT(list); i++) {
		if (strcmp(uri, list[i].uri) != 0)
			continue;
		*out = (struct att_pcs_request){
			.what = list[i].ca ? ATT_PCS_PCKCRL : ATT_PCS_ROOT_CA_CRL,
			.version = 4,
		};
		if (list[i].ca)
			memcpy(out->ca, list[i].ca, strlen(list[i].ca) + 1);
		return true;
	}
	return false;
}

/* --- Upstream --- */

static int64_t retry_after(const struct att_http_response *answer)
{
	const char *text = att_http_response_header(answer, "Retry-After");
	int64_t seconds = 0;

	for (; text && *text >= '0' && *text <= '9' && seconds < HOLD_MAX; text++)
		seconds = seconds * 10 + *text - '0';
	return seconds < HOLD_MAX ? seconds : HOLD_MAX;
}

int att_pccs_ask_upstream(att_pccs *p, const struct att_pcs_request *r, att_bytes body, int64_t now,
			  struct att_http_response *out, att_err *err)
{
	if (!p->o.upstream.ask)
		return (att_fail(err, ATT_E_MISSING, "not in the cache, and there is no upstream"),
			404);
	if (__atomic_load_n(&p->ending, __ATOMIC_RELAXED))
		return (att_fail(err, ATT_E_UNAVAILABLE, "the service ends"), 503);
	int64_t hold = __atomic_load_n(&p->hold_until, __ATOMIC_RELAXED);
	if (now < hold) {
		att_fail(err, ATT_E_UNAVAILABLE, "the upstream asked to be left alone for %lld s",
			 (long long)(hold - now));
		return 503;
	}
	att_pccs_count(p, COUNT_ASKED);
	att_rc rc = p->o.upstream.ask(p->o.upstream.ctx, r, body, out, err);
	if (rc == ATT_OK && out->status == 200)
		return 200;
	att_pccs_count(p, COUNT_ASK_FAILED);
	if (rc == ATT_OK)
		att_fail(err, ATT_E_IO, "the upstream answered with status %d", out->status);
	att_pccs_say(p, ATT_PCCS_LOG_WARN, "upstream: %s: %s", att_pcs_name(r->what),
		     err ? err->msg : "failed");
	int64_t wait = retry_after(out);
	if (wait > 0 && (out->status == 429 || out->status == 503))
		__atomic_store_n(&p->hold_until, now + wait, __ATOMIC_RELAXED);
	switch (out->status) {
	case 404:
	case 410:
	case PCCS_PLATFORM_UNKNOWN:
	case PCCS_NOT_AVAILABLE:
		return out->status;
	case 429:
	case 503:
		return 503;
	default:
		/* The client itself saw that it is about something else. */
		return rc == ATT_E_NOMEM ? 500 : rc == ATT_E_MISMATCH ? PCCS_INTEGRITY : 502;
	}
}

att_rc att_pccs_chain_of(const struct att_http_response *answer, const char *header, att_buf *pem,
			 att_err *err)
{
	const char *text = header ? att_http_response_header(answer, header) : NULL;

	if (!header)
		return ATT_OK;
	if (!text)
		return att_fail(err, ATT_E_FORMAT, "the answer has no header %s", header);
	return att_percent_decode(att_bytes_of(text, strlen(text)), pem, err);
}

/* --- Judging --- */

void att_pccs_trust_now(att_pccs *p, int64_t now, struct att_pccs_trust *t,
			struct att_pccs_record *root_crl)
{
	const struct att_pcs_request r = { .what = ATT_PCS_ROOT_CA_CRL, .version = 4 };
	struct att_pcs_request common;
	char key[ATT_PCCS_KEY_MAX + 1];

	*root_crl = (struct att_pccs_record){ 0 };
	if (att_pccs_document_key(&r, &common, key) &&
	    p->o.store->ops->get(p->o.store, ATT_PCCS_DOCUMENT, key, root_crl, NULL) != ATT_OK)
		*root_crl = (struct att_pccs_record){ 0 };
	*t = (struct att_pccs_trust){ p->o.roots, now, root_crl->body };
}

/* A verified date that lies ahead shows that our clock is behind; it is remembered, and nothing is
 * taken until the clock has passed it. */
static void note_issued(att_pccs *p, int64_t issued)
{
	int64_t seen = __atomic_load_n(&p->newest, __ATOMIC_RELAXED);

	while (issued > seen && !__atomic_compare_exchange_n(&p->newest, &seen, issued, true,
							     __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		;
}

static att_rc judge(const struct att_pccs_trust *t, const struct att_pcs_request *r, att_bytes body,
		    att_bytes chain, struct att_pccs_dates *dates, att_err *err)
{
	switch (r->what) {
	case ATT_PCS_PCKCRL:
		return att_pccs_accept_pck_crl(t, r->ca, body, chain, dates, err);
	case ATT_PCS_ROOT_CA_CRL:
		return att_pccs_accept_root_crl(t, body, dates, err);
	case ATT_PCS_FMSPCS:
		*dates =
		    (struct att_pccs_dates){ 0, 0, t->now + FMSPCS_LIFE }; /* signed by nobody */
		return att_pccs_accept_fmspcs(body, err);
	default:
		return att_pccs_accept_json(t, r, body, chain, dates, err);
	}
}

int att_pccs_judge(att_pccs *p, const struct att_pccs_trust *t, const struct att_pcs_request *r,
		   att_bytes body, att_bytes chain, struct att_pccs_record *out, att_err *err)
{
	struct att_pcs_request common;
	struct att_pccs_dates dates = { .issued = INT64_MIN };
	int64_t newest = __atomic_load_n(&p->newest, __ATOMIC_RELAXED);

	*out = (struct att_pccs_record){ .kind = ATT_PCCS_DOCUMENT };
	if (!att_pccs_document_key(r, &common, out->key))
		return (att_fail(err, ATT_E_NOMEM, "out of memory"), 500);
	if (newest > t->now + ATT_PCCS_CLOCK_SLACK)
		return (att_fail(err, ATT_E_UNAVAILABLE,
				 "the clock here is behind a date of issue "
				 "verified before: nothing new is taken"),
			503);
	att_rc rc = judge(t, &common, body, chain, &dates, err);
	if (rc == ATT_OK || rc == ATT_E_UNAVAILABLE)
		note_issued(p, dates.issued);
	if (rc != ATT_OK) {
		att_pccs_count(p, COUNT_REFUSED);
		att_pccs_say(p, ATT_PCCS_LOG_ERROR, "refused: %s: %s", out->key,
			     err ? err->msg : "not authentic");
		return rc == ATT_E_NOMEM ? 500 : rc == ATT_E_UNAVAILABLE ? 503 : PCCS_INTEGRITY;
	}
	out->number = dates.number;
	out->issued = dates.issued;
	out->expires = dates.expires;
	out->fetched = t->now;
	out->body = body;
	out->chain = chain;
	return 200;
}

att_rc att_pccs_put(att_pccs *p, const struct att_pccs_record *r, size_t count, bool *kept,
		    att_err *err)
{
	att_rc rc = p->o.store->ops->put(p->o.store, r, count, kept, err);

	if (rc != ATT_OK) {
		att_pccs_count(p, COUNT_STORE_FAILED);
		att_pccs_say(p, ATT_PCCS_LOG_ERROR, "%s", err ? err->msg : "store: failed");
		return rc;
	}
	for (size_t i = 0; i < count; i++) {
		if (kept[i])
			continue;
		att_pccs_count(p, COUNT_ROLLBACK);
		att_pccs_say(p, ATT_PCCS_LOG_ERROR, "refused: %s: older than what is stored",
			     r[i].key);
	}
	__atomic_add_fetch(&p->generation, 1, __ATOMIC_RELEASE);
	return ATT_OK;
}

/* --- Finding --- */

static att_rc get(att_pccs *p, const char *key, struct att_pccs_record *out, att_err *err)
{
	att_rc rc = p->o.store->ops->get(p->o.store, ATT_PCCS_DOCUMENT, key, out, err);

	if (rc != ATT_OK && rc != ATT_E_MISSING) {
		att_pccs_count(p, COUNT_STORE_FAILED);
		att_pccs_say(p, ATT_PCCS_LOG_ERROR, "%s", err ? err->msg : "store: failed");
	}
	return rc;
}

/* Fetched, judged, put; *out owns what it is then. What is authentic is served also when the store
 * can not take it. */
static int fetch(att_pccs *p, const struct att_pcs_request *r, int64_t now,
		 struct att_pccs_record *out, att_err *err)
{
	__attribute__((cleanup(att_http_response_free))) struct att_http_response answer = { 0 };
	att_auto_buf att_buf chain = { 0 };
	att_auto_record struct att_pccs_record root_crl = { 0 };
	struct att_pccs_record fresh;
	struct att_pccs_trust trust;
	bool kept = false;

	int status = att_pccs_ask_upstream(p, r, att_bytes_of(NULL, 0), now, &answer, err);
	if (status != 200)
		return status;
	att_rc rc = att_pccs_chain_of(&answer, att_pcs_chain_header(r), &chain, err);
	if (rc == ATT_OK)
		rc = att_buf_ok(&answer.body, err);
	if (rc == ATT_E_NOMEM)
		return 500;
	if (rc != ATT_OK) {
		att_pccs_count(p, COUNT_REFUSED);
		att_pccs_say(p, ATT_PCCS_LOG_ERROR, "refused: %s: no issuer chain",
			     att_pcs_name(r->what));
		return PCCS_INTEGRITY;
	}
	att_pccs_trust_now(p, now, &trust, &root_crl);
	status = att_pccs_judge(p, &trust, r, att_buf_bytes(&answer.body), att_buf_bytes(&chain),
				&fresh, err);
	if (status != 200)
		return status;
	rc = att_pccs_put(p, &fresh, 1, &kept, err);
	if (rc == ATT_OK && !kept) {
		att_fail(err, ATT_E_MISMATCH, "the upstream's answer is older than one before");
		return PCCS_INTEGRITY;
	}
	rc = att_pccs_record_own(&fresh, fresh.body, fresh.chain, err);
	if (rc != ATT_OK)
		return 500;
	*out = fresh;
	return 200;
}

bool att_pccs_document_waits(att_pccs *p, const struct att_pcs_request *r, int64_t now)
{
	att_auto_record struct att_pccs_record found = { 0 };
	struct att_pcs_request which = *r;
	struct att_pcs_request common;
	char key[ATT_PCCS_KEY_MAX + 1];

	if ((r->what == ATT_PCS_CRL && !att_pccs_crl_of_uri(r->uri, &which)) ||
	    !att_pccs_document_key(&which, &common, key))
		return false;
	att_rc rc = p->o.store->ops->get(p->o.store, ATT_PCCS_DOCUMENT, key, &found, NULL);
	return rc == ATT_OK ? found.expires <= now : rc == ATT_E_MISSING;
}

int att_pccs_document(att_pccs *p, const struct att_pcs_request *r, enum att_pccs_ask ask,
		      int64_t now, struct att_pccs_record *out, bool *stale, att_err *err)
{
	struct att_pcs_request common;
	struct att_pccs_record fresh = { 0 };
	char key[ATT_PCCS_KEY_MAX + 1];

	*stale = false;
	*out = fresh;
	if (!att_pccs_document_key(r, &common, key))
		return (att_fail(err, ATT_E_NOMEM, "out of memory"), 500);
	att_rc rc = get(p, key, out, err);
	bool have = rc == ATT_OK;
	if (have && out->expires > now && ask != ASK_ALWAYS)
		return 200;
	int status = have || rc == ATT_E_MISSING ? 404 : att_pccs_store_status(rc);
	if (ask != ASK_NEVER)
		status = fetch(p, &common, now, &fresh, err);
	if (status == 200) {
		att_pccs_record_free(out);
		*out = fresh;
		return 200;
	}
	if (!have || ask == ASK_ALWAYS) {
		att_pccs_record_free(out);
		return status;
	}
	*stale = true;
	att_pccs_count(p, COUNT_STALE);
	att_pccs_say(p, ATT_PCCS_LOG_WARN, "expired, and served for want of a newer one: %s", key);
	return 200;
}

/* --- Answering --- */

static void put_crl(struct att_http_response *out, const struct att_pcs_request *r, att_bytes der)
{
	if (r->der || r->what == ATT_PCS_CRL) {
		att_http_put_header(out, "Content-Type", "application/pkix-crl");
		att_put(&out->body, der);
	} else if (r->pem) {
		att_http_put_header(out, "Content-Type", "application/x-pem-file");
		att_put_pem(&out->body, "X509 CRL", der);
	} else { /* PCCS's own: hex, whatever the type says */
		att_http_put_header(out, "Content-Type",
				    r->what == ATT_PCS_PCKCRL ? "application/x-pem-file"
							      : "application/pkix-crl");
		att_put_hex(&out->body, der);
	}
}

static void render(struct att_http_response *out, const struct att_pcs_request *r,
		   const struct att_pccs_record *doc, bool stale)
{
	const char *header = att_pcs_chain_header(r);

	out->status = 200;
	if (header)
		att_pccs_put_chain(out, header, doc->chain);
	if (r->what == ATT_PCS_PCKCRL || r->what == ATT_PCS_ROOT_CA_CRL || r->what == ATT_PCS_CRL) {
		put_crl(out, r, doc->body);
	} else {
		att_http_put_header(out, "Content-Type", "application/json");
		att_put(&out->body, doc->body);
	}
	if (stale)
		att_http_put_header(out, "Warning", "110 - \"Response is Stale\"");
	else if (r->version == 3)
		att_http_put_header(out, "Warning",
				    "299 - \"version 3 of this API is deprecated: use version 4\"");
}

void att_pccs_get_document(att_pccs *p, const struct att_pcs_request *r, int64_t now,
			   struct att_http_response *out, int64_t *keep_until)
{
	att_auto_record struct att_pccs_record doc = { 0 };
	struct att_pcs_request which = *r;
	att_err err = { 0 };
	bool stale = false;

	if (r->what == ATT_PCS_CRL && !att_pccs_crl_of_uri(r->uri, &which)) {
		att_fail(&err, ATT_E_ARG, "uri: not the address of a CRL of Intel's SGX PKI");
		att_pccs_reply(out, 400, &err);
		return;
	}
	enum att_pccs_ask ask = p->o.mode == ATT_PCCS_LAZY ? ASK_IF_NEEDED : ASK_NEVER;
	int status = att_pccs_document(p, &which, ask, now, &doc, &stale, &err);
	if (status != 200) {
		att_pccs_reply(out, status, &err);
		return;
	}
	render(out, r, &doc, stale);
	if (!stale)
		*keep_until = doc.expires < now + KEEP_MAX ? doc.expires : now + KEEP_MAX;
}
