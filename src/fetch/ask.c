/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch/ask.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "fetch/answer.h"

#define SUSPECT_MS  30000 /* so long an endpoint that gave no answer is asked last */
#define ALONE_MAX_S 3600  /* so long at most one is left alone that wants to be */
#define SHOWN_VALUE 24u   /* bytes of a parameter's value that a trace shows */
#define SHOWN_WHOLE 160u  /* an address up to this length is shown as it is */

/* The request as this endpoint understands it. */
static struct att_pcs_request fit(const struct att_pcs_request *r, const struct att_pcs_place *e)
{
	struct att_pcs_request q = *r;
	bool only_4 = q.tdx || q.what == ATT_PCS_FMSPCS || q.what == ATT_PCS_EVALUATION_NUMBERS ||
		      q.what == ATT_PCS_QAE_IDENTITY;

	if (e->base.version)
		q.version = e->base.version;
	if (q.version < 3 || q.version > 4 || only_4)
		q.version = 4;
	if (q.what == ATT_PCS_PCKCRL && !q.pem)
		q.der = true;
	if (e->flavour == ATT_PCS_FLAVOUR_PCS)
		q.qeid[0] = 0;
	return q;
}

static bool of_pck(enum att_pcs_what what)
{
	return what == ATT_PCS_PCKCERT || what == ATT_PCS_PCKCERTS ||
	       what == ATT_PCS_PCKCERTS_CONFIG;
}

bool att_ask_served(const struct att_pcs_place *e, enum att_pcs_what what)
{
	return e->serves == ATT_PCS_SERVES_ALL || (e->serves == ATT_PCS_SERVES_PCK) == of_pck(what);
}

/* PCS has no route for the root's CRL or for other CRLs: they are where their addresses say. */
static const char *address_beside(const struct att_ask *a, const struct att_pcs_place *e)
{
	if (e->flavour != ATT_PCS_FLAVOUR_PCS)
		return NULL;
	if (a->r->what == ATT_PCS_ROOT_CA_CRL)
		return a->c->root_crl_url;
	return a->r->what == ATT_PCS_CRL ? a->r->uri : NULL;
}

static void put_url(att_buf *b, const struct att_ask *a, const struct att_pcs_place *e,
		    const struct att_pcs_request *q)
{
	const char *beside = address_beside(a, e);

	if (beside) {
		att_put_str(b, beside);
	} else {
		att_put_str(b, e->base.text);
		att_pcs_put_target(b, q);
	}
}

/* For people: long values are cut. */
static void shorten(const char *url, char *out, size_t room)
{
	size_t n = 0;
	size_t value = 0;

	for (const char *p = url; *p && n + 4 < room; p++) {
		value = *p == '&' || *p == '?' ? 0 : value + (*p == '=' || value > 0);
		if (value <= SHOWN_VALUE + 1 || strlen(url) < SHOWN_WHOLE)
			out[n++] = *p;
		else if (value == SHOWN_VALUE + 2)
			n += (size_t)snprintf(out + n, room - n, "...");
	}
	out[n] = 0;
}

static void note(const struct att_ask *a, const char *url, const struct att_http_response *answer,
		 int64_t began, att_rc rc, const char *words)
{
	static const char *const names[] = { "Request-ID", "Error-Code", "Warning" };
	struct att_fetch_step s = { .source = ATT_FETCH_NETWORK,
				    .status = answer->status,
				    .rc = rc,
				    .retry_after = att_answer_retry_after(answer),
				    .took_ms = a->c->clock.now_ms(a->c->clock.arg) - began,
				    .size = answer->body.len };
	char *const to[] = { s.request_id, s.error_code, s.warning };
	const size_t room[] = { sizeof(s.request_id), sizeof(s.error_code), sizeof(s.warning) };

	snprintf(s.what, sizeof(s.what), "%s%s", a->r->tdx ? "tdx " : "", att_pcs_name(a->r->what));
	shorten(url, s.url, sizeof(s.url));
	snprintf(s.words, sizeof(s.words), "%s", words);
	for (size_t i = 0; i < ATT_COUNT(names); i++) {
		const char *value = att_http_response_header(answer, names[i]);
		snprintf(to[i], room[i], "%s", value ? value : "");
	}
	att_fetch_trace_add(a->trace, &s);
}

static void set_headers(const struct att_ask *a, const struct att_pcs_place *e,
			const char *headers[static ATT_PCS_CUSTOM_MAX + 2])
{
	size_t n = 0;

	if (a->r->what == ATT_PCS_PCKCERT) {
		for (; a->c->pckcert_headers[n]; n++)
			headers[n] = a->c->pckcert_headers[n];
	}
	if (e->flavour == ATT_PCS_FLAVOUR_PCS && of_pck(a->r->what) && a->c->key_header)
		headers[n++] = a->c->key_header;
	headers[n] = NULL;
}

/* What is sent may hold more than what is shown. */
static void put_params(const struct att_ask *a, att_buf *url)
{
	if (a->r->what != ATT_PCS_PCKCERT)
		return;
	for (size_t i = 0; a->c->pckcert_params[i]; i++) {
		const char *text = a->c->pckcert_params[i];
		size_t name = strcspn(text, "=");
		att_putf(url, "%c", a->post && i == 0 ? '?' : '&');
		att_http_put_percent(url, att_bytes_of(text, name));
		att_put_str(url, "=");
		if (text[name])
			att_http_put_percent(
			    url, att_bytes_of(text + name + 1, strlen(text + name + 1)));
	}
}

static att_rc exchange(const struct att_ask *a, const struct att_pcs_place *e, const char *url,
		       int64_t left, enum att_exchange_failure *failure, att_err *err)
{
	att_auto_buf att_buf full = { 0 };
	const char *headers[ATT_PCS_CUSTOM_MAX + 2];
	struct att_exchange x = { .headers = headers,
				  .post = a->post,
				  .body = a->body,
				  .insecure = e->insecure,
				  .direct = e->base.loopback && !address_beside(a, e),
				  .connect_ms = a->c->connect_ms,
				  .timeout_ms = left < 1 ? 1 : (unsigned)left };

	*failure = ATT_EXCHANGE_MEMORY;
	set_headers(a, e, headers);
	att_put_str(&full, url);
	put_params(a, &full);
	att_put_u8(&full, 0);
	att_rc rc = att_buf_ok(&full, err);
	if (rc != ATT_OK)
		return rc;
	x.url = (const char *)full.ptr;
	return att_exchange(a->c->exchanger, &x, a->out, failure, err);
}

static void remember(att_pcs_client *c, int64_t *field, int64_t until)
{
	pthread_mutex_lock(&c->lock);
	*field = until;
	pthread_mutex_unlock(&c->lock);
}

/* The chain under the header's name in the version that was asked for, whichever the endpoint
 * has. */
static att_rc name_chain(const struct att_ask *a, const struct att_pcs_request *q, att_err *err)
{
	const char *asked = att_pcs_chain_header(a->r);
	const char *name = att_pcs_chain_header(q);
	const char *value = name ? att_http_response_header(a->out, name) : NULL;

	if (value && strcmp(asked, name) != 0)
		att_http_put_header(a->out, asked, value);
	return att_buf_ok(&a->out->body, err);
}

static enum att_ask_end judge(const struct att_ask *a, const struct att_pcs_request *q,
			      att_err *err)
{
	att_pcs_client *c = a->c;
	int status = a->out->status;

	att_rc rc = att_answer_judge(q, a->out, err);
	if (rc == ATT_OK && c->accept) {
		rc = c->accept(c->accept_arg, q, a->out, err);
		if (rc != ATT_OK)
			att_buf_free(&a->out->body);
	}
	if (rc == ATT_OK)
		rc = name_chain(a, q, err);
	if (rc == ATT_OK)
		return ATT_ASK_TAKEN;
	if (rc == ATT_E_NOMEM)
		return ATT_ASK_NO_MEMORY;
	return att_answer_may_improve(status) ? ATT_ASK_LATER : ATT_ASK_NEVER;
}

enum att_ask_end att_ask_one(const struct att_ask *a, struct att_pcs_place *e, att_err *err)
{
	att_pcs_client *c = a->c;
	struct att_pcs_request q = fit(a->r, e);
	att_auto_buf att_buf url = { 0 };
	enum att_exchange_failure failure;
	int64_t began = c->clock.now_ms(c->clock.arg);
	enum att_ask_end v;

	att_http_response_free(a->out);
	put_url(&url, a, e, &q);
	att_put_u8(&url, 0);
	if (att_buf_ok(&url, err) != ATT_OK)
		return ATT_ASK_NO_MEMORY;
	const char *text = (const char *)url.ptr;
	att_rc rc = exchange(a, e, text, a->deadline - began, &failure, err);
	if (rc == ATT_OK)
		v = judge(a, &q, err);
	else if (failure == ATT_EXCHANGE_MEMORY)
		v = ATT_ASK_NO_MEMORY;
	else
		v = failure == ATT_EXCHANGE_BAD || failure == ATT_EXCHANGE_UNTRUSTED
			? ATT_ASK_NEVER
			: ATT_ASK_LATER;
	int64_t now = c->clock.now_ms(c->clock.arg);
	int64_t wait = att_answer_retry_after(a->out);
	if (failure == ATT_EXCHANGE_UNREACHED || failure == ATT_EXCHANGE_SLOW)
		remember(c, &e->suspect_until, now + SUSPECT_MS);
	else if (v == ATT_ASK_LATER && wait > 0)
		remember(c, &e->not_before, now + 1000 * (wait < ALONE_MAX_S ? wait : ALONE_MAX_S));
	note(a, text, a->out, began, v == ATT_ASK_TAKEN ? ATT_OK : err->rc,
	     v == ATT_ASK_TAKEN ? "taken" : err->msg);
	if (v != ATT_ASK_TAKEN)
		(void)att_wrap(err, err->rc, "%.100s", e->base.text);
	return v;
}

void att_ask_note_shared(const struct att_ask *a, const char *target, att_rc rc, const att_err *err)
{
	struct att_fetch_step s = { .source = ATT_FETCH_SHARED,
				    .status = a->out->status,
				    .rc = rc,
				    .retry_after = -1,
				    .size = a->out->body.len };

	snprintf(s.what, sizeof(s.what), "%s%s", a->r->tdx ? "tdx " : "", att_pcs_name(a->r->what));
	shorten(target, s.url, sizeof(s.url));
	snprintf(s.words, sizeof(s.words), "%s",
		 rc == ATT_OK ? "taken from an equal request at the same time" : err->msg);
	att_fetch_trace_add(a->trace, &s);
}
