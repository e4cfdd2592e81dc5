/* SPDX-License-Identifier: Apache-2.0 */
/* The routes about single platforms: pckcert and platforms. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "base/mem.h"
#include "service/pccs/state.h"

/* A raw TCB that was not seen before makes us look for newer certificates, but no more often. */
#define RECHECK INT64_C(60)
#define KEEP    INT64_C(60)

#define TAG_NEW           "new"
#define TAG_NOT_AVAILABLE "na"

/* --- Fetching --- */

static void copy_hex(char *out, size_t room, att_bytes hex)
{
	size_t n = hex.len < room ? hex.len : room - 1;

	memcpy(out, hex.ptr, n);
	out[n] = 0;
}

/* Intel PCS API v4, "Get PCK certificates": by encrypted PPID, or by manifest where the platform
 * has more than one package. */
static int ask_certs(att_pccs *p, const struct att_pccs_platform_id *id, int64_t now,
		     struct att_pcs_request *r, struct att_http_response *answer, att_err *err)
{
	att_auto_buf att_buf body = { 0 };

	*r = (struct att_pcs_request){ .what = ATT_PCS_PCKCERTS, .version = 4 };
	copy_hex(r->pceid, sizeof(r->pceid), id->pce_id);
	if (id->manifest.len == 0) {
		copy_hex(r->encrypted_ppid, sizeof(r->encrypted_ppid), id->enc_ppid);
		return att_pccs_ask_upstream(p, r, att_bytes_of(NULL, 0), now, answer, err);
	}
	att_jsonw w = att_jsonw_to(&body, 0);
	att_jw_object(&w);
	att_jw_name(&w, "platformManifest");
	att_jw_strn(&w, id->manifest);
	att_jw_name(&w, "pceid");
	att_jw_strn(&w, id->pce_id);
	att_jw_end_object(&w);
	if (att_buf_ok(&body, err) != ATT_OK)
		return 500;
	return att_pccs_ask_upstream(p, r, att_buf_bytes(&body), now, answer, err);
}

static bool all_zero_text(att_bytes hex)
{
	for (size_t i = 0; i < hex.len; i++)
		if (hex.ptr[i] != '0')
			return false;
	return true;
}

/* The TCB info is what certificates are chosen by; its want is no failure. */
static void fetch_tcb_info(att_pccs *p, const char *fmspc, int64_t now)
{
	struct att_pcs_request r = { .what = ATT_PCS_TCB, .version = 4 };
	struct att_pccs_record doc;
	bool stale;

	snprintf(r.fmspc, sizeof(r.fmspc), "%.12s", fmspc);
	(void)att_pccs_document(p, &r, ASK_IF_NEEDED, now, &doc, &stale, NULL);
	att_pccs_record_free(&doc);
}

static int take_certs(att_pccs *p, const struct att_pccs_platform_id *id, int64_t now,
		      const struct att_pcs_request *r, const struct att_http_response *answer,
		      att_err *err)
{
	att_auto_record struct att_pccs_record root_crl = { 0 };
	att_auto_json att_json_doc doc = { 0 };
	att_auto_buf att_buf chain = { 0 };
	att_auto_buf att_buf text = { 0 };
	struct att_pccs_record record;
	struct att_pccs_trust trust;
	bool kept = false;

	att_rc rc = att_pccs_chain_of(answer, att_pcs_chain_header(r), &chain, err);
	if (rc == ATT_OK)
		rc = att_json_parse(att_buf_bytes(&answer->body), &doc, err);
	if (rc != ATT_OK) {
		att_pccs_count(p, COUNT_REFUSED);
		return PCCS_INTEGRITY;
	}
	att_pccs_trust_now(p, now, &trust, &root_crl);
	int status = att_pccs_platform_make(p, &trust, id, att_json_root(&doc),
					    att_buf_bytes(&chain), &text, &record, err);
	if (status != 200)
		return status;
	const char *fmspc = att_http_response_header(answer, "SGX-FMSPC");
	if (fmspc && strcasecmp(fmspc, record.tag) != 0) {
		att_pccs_count(p, COUNT_REFUSED);
		return (att_fail(err, ATT_E_MISMATCH,
				 "the answer is headed with another FMSPC than "
				 "its certificates have"),
			PCCS_INTEGRITY);
	}
	rc = att_pccs_put(p, &record, 1, &kept, err);
	if (rc != ATT_OK)
		return att_pccs_store_status(rc);
	fetch_tcb_info(p, record.tag, now);
	return 200;
}

int att_pccs_fetch_platform(att_pccs *p, const struct att_pccs_platform_id *id, int64_t now,
			    att_err *err)
{
	__attribute__((cleanup(att_http_response_free))) struct att_http_response answer = { 0 };
	struct att_pcs_request r;

	if (id->manifest.len == 0 && (id->enc_ppid.len == 0 || all_zero_text(id->enc_ppid)))
		return (att_fail(err, ATT_E_MISSING,
				 "the platform is unknown, and without its encrypted PPID nobody "
				 "can be asked for its certificates"),
			PCCS_PLATFORM_UNKNOWN);
	int status = ask_certs(p, id, now, &r, &answer, err);
	if (status != 200)
		return status;
	return take_certs(p, id, now, &r, &answer, err);
}

/* --- GET pckcert --- */

static att_bytes text_of(const char *s)
{
	return att_bytes_of(s, strlen(s));
}

static int choose(att_pccs *p, const struct att_pccs_record *platform,
		  const struct att_pcs_request *r, int64_t now, struct att_pccs_choice *out,
		  att_err *err)
{
	struct att_pcs_request which = { .what = ATT_PCS_TCB, .version = 4 };
	att_auto_record struct att_pccs_record info = { 0 };
	bool stale;

	snprintf(which.fmspc, sizeof(which.fmspc), "%.12s", platform->tag);
	(void)att_pccs_document(p, &which, ASK_NEVER, now, &info, &stale, NULL);
	return att_pccs_platform_choose(platform, r->cpusvn, r->pcesvn, info.body, out, err);
}

/* What the record says of the platform, for asking again; lent by the record's body through doc. */
static bool known_id(const struct att_pccs_record *platform, const struct att_pcs_request *r,
		     att_json_doc *doc, struct att_pccs_platform_id *id)
{
	if (att_json_parse(platform->body, doc, NULL) != ATT_OK ||
	    att_pccs_platform_read(att_json_root(doc), false, id, NULL) != ATT_OK)
		return false;
	id->cpu_svn = text_of(r->cpusvn);
	id->pce_svn = text_of(r->pcesvn);
	return true;
}

static att_rc get_platform(att_pccs *p, const char *key, struct att_pccs_record *out, att_err *err)
{
	att_rc rc = p->o.store->ops->get(p->o.store, ATT_PCCS_PLATFORM, key, out, err);

	if (rc != ATT_OK && rc != ATT_E_MISSING)
		att_pccs_count(p, COUNT_STORE_FAILED);
	return rc;
}

static bool may_be_better(const att_pccs *p, const struct att_pccs_record *platform,
			  const struct att_pccs_choice *choice, int64_t now)
{
	return p->o.mode == ATT_PCCS_LAZY && !choice->seen && !choice->exact &&
	       now - platform->fetched >= RECHECK;
}

/* Another raw TCB than any before may have a better certificate by now. When nobody can say so, the
 * best of those at hand serves. */
static void look_again(att_pccs *p, const char *key, const struct att_pcs_request *r, int64_t now,
		       struct att_pccs_record *platform, struct att_pccs_choice *choice,
		       int *status)
{
	att_auto_json att_json_doc doc = { 0 };
	struct att_pccs_platform_id id;
	struct att_pccs_record fresh = { 0 };
	struct att_pccs_choice other;
	att_err err = { 0 };

	if (!may_be_better(p, platform, choice, now) || !known_id(platform, r, &doc, &id) ||
	    att_pccs_fetch_platform(p, &id, now, &err) != 200 ||
	    get_platform(p, key, &fresh, &err) != ATT_OK)
		return;
	int again = choose(p, &fresh, r, now, &other, &err);
	if (again == 200) {
		free(choice->pem);
		*choice = other;
		*status = again;
		att_pccs_record_free(platform);
		*platform = fresh;
		return;
	}
	free(other.pem);
	att_pccs_record_free(&fresh);
}

static int find_platform(att_pccs *p, const struct att_pccs_platform_id *id, const char *key,
			 int64_t now, struct att_pccs_record *out, att_err *err)
{
	att_rc rc = get_platform(p, key, out, err);

	if (rc == ATT_OK)
		return 200;
	if (rc != ATT_E_MISSING)
		return att_pccs_store_status(rc);
	if (p->o.mode != ATT_PCCS_LAZY)
		return (att_fail(err, ATT_E_MISSING, "the platform is not registered"),
			PCCS_PLATFORM_UNKNOWN);
	int status = att_pccs_fetch_platform(p, id, now, err);
	if (status != 200)
		return status;
	rc = get_platform(p, key, out, err);
	return rc == ATT_OK ? 200 : att_pccs_store_status(rc);
}

static void put_pckcert(struct att_http_response *out, const struct att_pccs_record *platform,
			const struct att_pccs_choice *choice)
{
	out->status = 200;
	att_http_put_header(out, "SGX-TCBm", choice->tcbm);
	att_http_put_header(out, "SGX-FMSPC", choice->fmspc);
	att_http_put_header(out, "SGX-PCK-Certificate-CA-Type",
			    choice->platform_ca ? "platform" : "processor");
	att_pccs_put_chain(out, "SGX-PCK-Certificate-Issuer-Chain", platform->chain);
	att_http_put_header(out, "Content-Type", "application/x-pem-file");
	att_put_str(&out->body, choice->pem);
}

void att_pccs_get_pckcert(att_pccs *p, const struct att_pcs_request *r, int64_t now,
			  struct att_http_response *out, int64_t *keep_until)
{
	att_auto_record struct att_pccs_record platform = { 0 };
	struct att_pccs_choice choice = { 0 };
	struct att_pccs_platform_id id = {
		.qe_id = text_of(r->qeid),
		.pce_id = text_of(r->pceid),
		.cpu_svn = text_of(r->cpusvn),
		.pce_svn = text_of(r->pcesvn),
		.enc_ppid = text_of(r->encrypted_ppid),
	};
	char key[ATT_PCCS_KEY_MAX + 1];
	att_err err = { 0 };

	if (!r->qeid[0] || !att_pccs_platform_key(&id, key)) {
		att_fail(&err, ATT_E_ARG, "qeid is missing");
		att_pccs_reply(out, 400, &err);
		return;
	}
	int status = find_platform(p, &id, key, now, &platform, &err);
	if (status == 200) {
		status = choose(p, &platform, r, now, &choice, &err);
		look_again(p, key, r, now, &platform, &choice, &status);
	}
	if (status == 200) {
		put_pckcert(out, &platform, &choice);
		*keep_until = now + KEEP;
	} else {
		att_pccs_reply(out, status, &err);
	}
	free(choice.pem);
}

bool att_pccs_pckcert_waits(att_pccs *p, const struct att_pcs_request *r, int64_t now)
{
	const struct att_pccs_platform_id id = { .qe_id = text_of(r->qeid),
						 .pce_id = text_of(r->pceid) };
	att_auto_record struct att_pccs_record platform = { 0 };
	struct att_pccs_choice choice = { 0 };
	char key[ATT_PCCS_KEY_MAX + 1];

	if (!r->qeid[0] || !att_pccs_platform_key(&id, key))
		return false;
	att_rc rc = p->o.store->ops->get(p->o.store, ATT_PCCS_PLATFORM, key, &platform, NULL);
	if (rc != ATT_OK)
		return rc == ATT_E_MISSING && r->encrypted_ppid[0];
	(void)choose(p, &platform, r, now, &choice, NULL);
	free(choice.pem);
	return may_be_better(p, &platform, &choice, now);
}

/* --- POST platforms --- */

/* The whole body is what is kept; it was read and found well formed. */
static att_rc registration(const struct att_pccs_platform_id *id, const char *tag, att_bytes body,
			   int64_t now, struct att_pccs_record *out, att_err *err)
{
	char key[ATT_PCCS_KEY_MAX + 1];

	*out = (struct att_pccs_record){ .kind = ATT_PCCS_REGISTERED,
					 .issued = now,
					 .expires = INT64_MAX,
					 .fetched = now,
					 .body = body };
	if (!att_pccs_platform_key(id, key) ||
	    snprintf(out->key, sizeof(out->key), "%s/%.*s/%.*s", key, (int)id->cpu_svn.len,
		     (const char *)id->cpu_svn.ptr, (int)id->pce_svn.len,
		     (const char *)id->pce_svn.ptr) >= (int)sizeof(out->key) ||
	    !att_pccs_copy_text(out->tag, sizeof(out->tag), tag))
		return att_fail(err, ATT_E_ARG, "the platform's identity is too long");
	return ATT_OK;
}

static int put_registration(att_pccs *p, const struct att_pccs_platform_id *id, const char *tag,
			    att_bytes body, int64_t now, att_err *err)
{
	struct att_pccs_record r;
	bool kept = false;

	if (registration(id, tag, body, now, &r, err) != ATT_OK)
		return 400;
	att_rc rc = att_pccs_put(p, &r, 1, &kept, err);
	return rc == ATT_OK ? 200 : att_pccs_store_status(rc);
}

/* Everything that verifying this platform's quotes takes, so that it is there before it is asked
 * for (PCCS: LAZY and REQ). */
static void fetch_collateral(att_pccs *p, const char *fmspc, int64_t now)
{
	static const struct {
		enum att_pcs_what what;
		bool tdx;
		const char *ca;
	} list[] = {
		{ ATT_PCS_ROOT_CA_CRL, false, NULL },  { ATT_PCS_PCKCRL, false, "processor" },
		{ ATT_PCS_PCKCRL, false, "platform" }, { ATT_PCS_TCB, false, NULL },
		{ ATT_PCS_TCB, true, NULL },           { ATT_PCS_QE_IDENTITY, false, NULL },
		{ ATT_PCS_QE_IDENTITY, true, NULL },   { ATT_PCS_QVE_IDENTITY, false, NULL },
	};

	for (size_t i = 0; i < ATT_COUNT(list); i++) {
		struct att_pcs_request r = { .what = list[i].what,
					     .tdx = list[i].tdx,
					     .version = 4 };
		struct att_pccs_record doc;
		bool stale;
		if (list[i].what == ATT_PCS_TCB)
			snprintf(r.fmspc, sizeof(r.fmspc), "%.12s", fmspc);
		if (list[i].ca)
			snprintf(r.ca, sizeof(r.ca), "%s", list[i].ca);
		(void)att_pccs_document(p, &r, ASK_IF_NEEDED, now, &doc, &stale, NULL);
		att_pccs_record_free(&doc);
	}
}

static bool is_cached(att_pccs *p, const struct att_pccs_platform_id *id, char fmspc[static 13])
{
	att_auto_record struct att_pccs_record r = { 0 };
	char key[ATT_PCCS_KEY_MAX + 1];

	if (!att_pccs_platform_key(id, key) || get_platform(p, key, &r, NULL) != ATT_OK)
		return false;
	snprintf(fmspc, 13, "%.12s", r.tag);
	return true;
}

/* In REQ mode the platform waits in the queue until its certificates are there. */
static int fill(att_pccs *p, const struct att_pccs_platform_id *id, att_bytes body, int64_t now,
		att_err *err)
{
	struct att_pccs_record waiting;
	bool queue = p->o.mode == ATT_PCCS_REQ;
	int status = 200;

	if (queue)
		status = put_registration(p, id, TAG_NEW, body, now, err);
	if (status == 200)
		status = att_pccs_fetch_platform(p, id, now, err);
	if (queue && status == PCCS_NOT_AVAILABLE)
		(void)put_registration(p, id, TAG_NOT_AVAILABLE, body, now, err);
	if (queue && status == 200 && registration(id, TAG_NEW, body, now, &waiting, err) == ATT_OK)
		(void)p->o.store->ops->remove(p->o.store, ATT_PCCS_REGISTERED, waiting.key, err);
	return status;
}

void att_pccs_post_platforms(att_pccs *p, att_bytes body, int64_t now,
			     struct att_http_response *out)
{
	att_auto_json att_json_doc doc = { 0 };
	struct att_pccs_platform_id id;
	char fmspc[13] = "";
	att_err err = { 0 };
	int status = 200;

	att_rc rc = att_json_parse(body, &doc, &err);
	if (rc == ATT_OK)
		rc = att_pccs_platform_read(att_json_root(&doc), true, &id, &err);
	if (rc != ATT_OK) {
		att_pccs_reply(out, rc == ATT_E_NOMEM ? 500 : 400, &err);
		return;
	}
	bool cached = is_cached(p, &id, fmspc);
	if (p->o.mode == ATT_PCCS_OFFLINE) {
		if (!cached)
			status = put_registration(p, &id, TAG_NEW, body, now, &err);
	} else {
		if (!cached)
			status = fill(p, &id, body, now, &err);
		if (status == 200 && (cached || is_cached(p, &id, fmspc)))
			fetch_collateral(p, fmspc, now);
	}
	att_pccs_reply(out, status, &err);
}

/* --- GET platforms --- */

struct listing {
	const char *tag;    /* of registrations */
	const char *fmspcs; /* "[A,B]" of cached platforms */
	att_jsonw w;
	size_t count;
	att_buf keys; /* of registrations, each with a NUL behind it */
};

static bool in_list(const char *list, const char *fmspc)
{
	if (strcmp(list, "[]") == 0)
		return true;
	for (const char *p = list; *p; p += *p != 0) {
		size_t n = strspn(p, "0123456789abcdefABCDEF");
		if (n == strlen(fmspc) && strncasecmp(p, fmspc, n) == 0)
			return true;
		p += n;
		if (!*p)
			break;
	}
	return false;
}

static bool visit(void *ctx, const struct att_pccs_record *r)
{
	struct listing *l = ctx;
	att_auto_json att_json_doc doc = { 0 };
	struct att_pccs_platform_id id;

	if (l->fmspcs ? !in_list(l->fmspcs, r->tag) : strcmp(l->tag, r->tag) != 0)
		return true;
	if (att_json_parse(r->body, &doc, NULL) != ATT_OK ||
	    att_pccs_platform_read(att_json_root(&doc), false, &id, NULL) != ATT_OK)
		return true;
	static const char *const names[] = { "qe_id",   "pce_id",   "cpu_svn",
					     "pce_svn", "enc_ppid", "platform_manifest" };
	const att_bytes values[] = { id.qe_id,   id.pce_id,   id.cpu_svn,
				     id.pce_svn, id.enc_ppid, id.manifest };
	att_jw_object(&l->w);
	for (size_t i = 0; i < ATT_COUNT(names); i++) {
		att_jw_name(&l->w, names[i]);
		att_jw_strn(&l->w, values[i]);
	}
	att_jw_end_object(&l->w);
	l->count++;
	att_put(&l->keys, att_bytes_of(r->key, strlen(r->key) + 1));
	return true;
}

/* PCCS hands the queue over: what was given is no longer in it. */
static void drain(att_pccs *p, const att_buf *keys)
{
	for (size_t at = 0; at < keys->len; at += strlen((const char *)keys->ptr + at) + 1)
		(void)p->o.store->ops->remove(p->o.store, ATT_PCCS_REGISTERED,
					      (const char *)keys->ptr + at, NULL);
}

void att_pccs_get_platforms(att_pccs *p, const struct att_pcs_request *r, bool take,
			    struct att_http_response *out)
{
	att_auto_buf att_buf text = { 0 };
	struct listing l = { .tag = TAG_NEW, .w = att_jsonw_to(&text, 0) };
	char count[24];
	att_err err = { 0 };

	if (r->source && r->source[0] == '[') {
		l.fmspcs = r->source;
	} else if (r->source && strcmp(r->source, "reg_na") == 0) {
		l.tag = TAG_NOT_AVAILABLE;
	} else if (r->source && strcmp(r->source, "reg") != 0) {
		att_fail(&err, ATT_E_ARG, "source: expected reg, reg_na or [FMSPC,...]");
		att_pccs_reply(out, 400, &err);
		return;
	}
	att_jw_array(&l.w);
	att_rc rc = p->o.store->ops->list(
	    p->o.store, l.fmspcs ? ATT_PCCS_PLATFORM : ATT_PCCS_REGISTERED, visit, &l, &err);
	att_jw_end_array(&l.w);
	if (rc == ATT_OK)
		rc = l.keys.failed || text.failed ? ATT_E_NOMEM : ATT_OK;
	if (rc == ATT_OK) {
		snprintf(count, sizeof(count), "%zu", l.count);
		att_pccs_reply_json(out, &text);
		att_http_put_header(out, "platform-count", count);
		if (take && !l.fmspcs)
			drain(p, &l.keys);
	} else {
		att_pccs_reply(out, att_pccs_store_status(rc), &err);
	}
	att_buf_free(&l.keys);
}
