/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch/fetcher.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "fetch/url.h"
#include "verify/roots.h"

#define DEADLINE_MS   60000u
#define CACHE_REST_MS 10000
#define HOUR          INT64_C(3600)
#define DEFAULT_HOURS 168         /* as Intel's library keeps collateral */
#define AHEAD         (72 * HOUR) /* refreshed so long before it ends, or a quarter of its time */

/* --- Making one --- */

static att_rc name_roots(att_fetcher *f, att_err *err)
{
	att_auto_buf att_buf b = { 0 };
	uint8_t digest[32];

	for (size_t i = 0; i < f->roots->count; i++)
		att_put_mem(&b, f->roots->root[i].point, sizeof(f->roots->root[i].point));
	att_rc rc = att_buf_ok(&b, err);
	if (rc != ATT_OK)
		return rc;
	if (!att_sha256_once(att_buf_bytes(&b), digest))
		return att_fail(err, ATT_E_UNAVAILABLE, "libcrypto failed at SHA-256");
	att_hex_encode(att_bytes_of(digest, (sizeof(f->roots_id) - 1) / 2), f->roots_id);
	return ATT_OK;
}

static void note_cache(att_fetcher *f, const att_err *why)
{
	pthread_mutex_lock(&f->lock);
	f->cache_err = *why;
	pthread_mutex_unlock(&f->lock);
}

/* The database itself failed: the next documents do not wait for it too. */
static void leave_cache(att_fetcher *f, const att_err *why)
{
	note_cache(f, why);
	pthread_mutex_lock(&f->lock);
	f->cache_again = f->clock.now_ms(f->clock.arg) + CACHE_REST_MS;
	pthread_mutex_unlock(&f->lock);
}

static att_store *usable_cache(att_fetcher *f)
{
	pthread_mutex_lock(&f->lock);
	bool rests = f->cache_again > f->clock.now_ms(f->clock.arg);
	pthread_mutex_unlock(&f->lock);
	return rests ? NULL : f->store;
}

att_err att_fetcher_cache(att_fetcher *f)
{
	pthread_mutex_lock(&f->lock);
	att_err e = f->cache_err;
	pthread_mutex_unlock(&f->lock);
	return e;
}

static void put_key(att_buf *b, const att_fetcher *f, const struct att_pcs_request *r)
{
	struct att_pcs_request plain = *r;

	plain.version = 4;
	plain.der = false;
	plain.pem = false;
	att_putf(b, "%s ", f->roots_id);
	att_pcs_put_target(b, &plain);
	att_put_u8(b, 0);
}

/* The cache's entry, authenticated anew: whoever may write the file may not make a document. */
static bool read_cache(att_fetcher *f, const struct att_pcs_request *r, int64_t now,
		       struct att_store_entry *out)
{
	struct att_http_response answer = { .status = 200 };
	const char *name = att_pcs_chain_header(r);
	att_auto_buf att_buf key = { 0 };
	att_auto_buf att_buf chain = { 0 };
	att_err why = { 0 };

	*out = (struct att_store_entry){ 0 };
	put_key(&key, f, r);
	att_store *store = usable_cache(f);
	if (!store || att_buf_ok(&key, NULL) != ATT_OK)
		return false;
	att_rc rc = att_store_get(store, (const char *)key.ptr, now, out, &why);
	if (rc != ATT_OK && rc != ATT_E_MISSING)
		leave_cache(f, &why);
	if (rc != ATT_OK)
		return false;
	att_put(&chain, att_buf_bytes(&out->chain));
	att_put_u8(&chain, 0);
	if (name && att_buf_ok(&chain, NULL) == ATT_OK)
		att_http_put_header(&answer, name, (const char *)chain.ptr);
	att_put(&answer.body, att_buf_bytes(&out->body));
	rc = att_buf_ok(&answer.body, &why);
	if (rc == ATT_OK)
		rc = att_authenticate(f->roots, r, &answer, &out->facts, &why);
	att_http_response_free(&answer);
	if (rc == ATT_OK)
		return true;
	(void)att_wrap(&why, rc, "cache: an entry was not used");
	note_cache(f, &why);
	att_store_entry_free(out);
	return false;
}

/* att_pcs_accept: authentic, and not older than what was seen before. Then the next endpoint is
 * asked, which may have better. */
static att_rc accept(void *arg, const struct att_pcs_request *r,
		     const struct att_http_response *answer, att_err *err)
{
	att_fetcher *f = (att_fetcher *)arg;
	struct att_authentic facts;
	struct att_store_entry kept;
	const char *in_what;
	bool older = false;

	att_rc rc = att_authenticate(f->roots, r, answer, &facts, err);
	if (rc != ATT_OK)
		return rc;
	if (read_cache(f, r, 0, &kept)) {
		older = att_authentic_older(&facts, &kept.facts, &in_what);
		att_store_entry_free(&kept);
	}
	if (older)
		return att_fail(err, ATT_E_MISMATCH,
				"it went back: an older %s than was seen before", in_what);
	return ATT_OK;
}

static att_rc make_client(const struct att_fetch_options *o, att_fetcher *f, att_err *err)
{
	struct att_pcs_endpoint endpoint[ATT_FETCH_ENDPOINTS_MAX];
	struct att_pcs_options p = { .endpoints = endpoint,
				     .endpoint_count = o->endpoint_count,
				     .clock = f->clock,
				     .ca_file = o->ca_file,
				     .api_key = o->api_key,
				     .proxy = o->proxy,
				     .no_proxy = o->no_proxy,
				     .root_crl_url = o->root_crl_url,
				     .pckcert_headers = o->pckcert_headers,
				     .pckcert_params = o->pckcert_params,
				     .retries = o->retries,
				     .retry_delay_ms = o->retry_delay_ms,
				     .connect_ms = o->connect_ms,
				     .deadline_ms = f->deadline_ms,
				     .accept = accept,
				     .accept_arg = f };

	if (o->endpoint_count > ATT_FETCH_ENDPOINTS_MAX)
		return att_fail(err, ATT_E_ARG, "more than %u endpoints", ATT_FETCH_ENDPOINTS_MAX);
	for (size_t i = 0; i < o->endpoint_count; i++) {
		const struct att_fetch_endpoint *e = &o->endpoints[i];
		struct att_fetch_base base;
		att_rc rc = att_fetch_base_read(e->url, &base, err);
		if (rc != ATT_OK)
			return rc;
		endpoint[i] = (struct att_pcs_endpoint){
			.url = e->url,
			.flavour = base.intel ? ATT_PCS_FLAVOUR_PCS : ATT_PCS_FLAVOUR_PCCS,
			.serves = e->serves == ATT_FETCH_SERVES_PCK ? ATT_PCS_SERVES_PCK
				  : e->serves == ATT_FETCH_SERVES_COLLATERAL
				      ? ATT_PCS_SERVES_COLLATERAL
				      : ATT_PCS_SERVES_ALL,
			.insecure = e->insecure,
		};
	}
	return att_pcs_client_new(&p, &f->client, err);
}

att_rc att_fetcher_new(const struct att_fetch_options *o, att_fetcher **out, att_err *err)
{
	*out = NULL;
	if (!o->clock.now_ms || !o->clock.sleep_ms || !o->roots)
		return att_fail(err, ATT_E_ARG, "a fetcher needs a clock and roots");
	att_fetcher *f = (att_fetcher *)calloc(1, sizeof(*f));
	if (!f)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	pthread_mutex_init(&f->lock, NULL);
	f->roots = o->roots;
	f->clock = (struct att_pcs_clock){ o->clock.now_ms, o->clock.sleep_ms, o->clock.arg };
	f->deadline_ms = o->deadline_ms ? o->deadline_ms : DEADLINE_MS;
	f->collateral_hours = o->collateral_hours ? o->collateral_hours : DEFAULT_HOURS;
	f->pck_hours = o->pck_hours ? o->pck_hours : DEFAULT_HOURS;
	f->cache_only = o->cache_only;
	att_rc rc = name_roots(f, err);
	if (rc == ATT_OK && !f->cache_only)
		rc = make_client(o, f, err);
	if (rc == ATT_OK && o->cache_path) {
		rc = att_store_open(o->cache_path, o->cache_max, &f->store, &f->cache_err);
		if (rc == ATT_E_NOMEM)
			(void)att_fail(err, ATT_E_NOMEM, "out of memory");
		else
			rc = ATT_OK;
	}
	if (rc != ATT_OK) {
		att_fetcher_free(f);
		return rc;
	}
	*out = f;
	return ATT_OK;
}

void att_fetcher_free(att_fetcher *f)
{
	if (!f)
		return;
	att_pcs_client_free(f->client);
	att_store_close(f->store);
	pthread_mutex_destroy(&f->lock);
	free(f);
}

struct att_fetch_call att_fetch_begin(att_fetcher *f, int64_t now, att_fetch_trace *trace)
{
	return (struct att_fetch_call){ .f = f,
					.now = now,
					.deadline = f->clock.now_ms(f->clock.arg) + f->deadline_ms,
					.trace = trace };
}

/* --- One document --- */

static bool in_date(const struct att_store_entry *e, int64_t now)
{
	return now >= e->facts.issued && now <= e->facts.expires;
}

/* Nothing needs to be asked yet. What came within the last hour is not asked for again while it is
 * in date, though its end may be near: the service may not have its successor. */
static bool is_fresh(const struct att_store_entry *e, int64_t hours, int64_t now)
{
	int64_t ahead = (e->facts.expires - e->facts.issued) / 4;
	int64_t age = now - e->stored;

	if (!in_date(e, now) || age < 0 || hours < 0)
		return false;
	if (ahead > AHEAD)
		ahead = AHEAD;
	return age < HOUR || (age / HOUR < hours && now < e->facts.expires - ahead);
}

static void note_step(const struct att_fetch_call *call, const struct att_pcs_request *r,
		      const struct att_store_entry *e, const char *words)
{
	struct att_fetch_step s = {
		.source = ATT_FETCH_CACHE, .status = 200, .retry_after = -1, .size = e->body.len
	};
	att_auto_buf att_buf key = { 0 };

	att_pcs_put_target(&key, r);
	att_put_u8(&key, 0);
	snprintf(s.what, sizeof(s.what), "%s%s", r->tdx ? "tdx " : "", att_pcs_name(r->what));
	if (att_buf_ok(&key, NULL) == ATT_OK)
		snprintf(s.url, sizeof(s.url), "%s", (const char *)key.ptr);
	snprintf(s.words, sizeof(s.words), "%s", words);
	att_fetch_trace_add(call->trace, &s);
}

static void keep(const struct att_fetch_call *call, const struct att_pcs_request *r,
		 const struct att_store_entry *e)
{
	att_auto_buf att_buf key = { 0 };
	att_err why = { 0 };

	put_key(&key, call->f, r);
	att_store *store = usable_cache(call->f);
	if (!store || att_buf_ok(&key, NULL) != ATT_OK)
		return;
	att_rc rc = att_store_put(store, (const char *)key.ptr, e, &why);
	if (rc == ATT_E_MISMATCH || rc == ATT_E_FORMAT)
		note_cache(call->f, &why);
	else if (rc != ATT_OK)
		leave_cache(call->f, &why);
}

static att_rc ask(const struct att_fetch_call *call, const struct att_pcs_request *r,
		  struct att_store_entry *out, att_err *err)
{
	const char *name = att_pcs_chain_header(r);
	struct att_http_response answer = { 0 };

	att_rc rc =
	    att_pcs_client_get_by(call->f->client, r, call->deadline, &answer, call->trace, err);
	/* `accept` has found it authentic; what it says of itself is read again. */
	if (rc == ATT_OK)
		rc = att_authenticate(call->f->roots, r, &answer, &out->facts, err);
	if (rc == ATT_OK) {
		const char *chain = name ? att_http_response_header(&answer, name) : NULL;
		out->stored = call->now;
		if (chain)
			att_put_str(&out->chain, chain);
		out->body = answer.body;
		answer.body = (att_buf){ 0 };
		rc = att_buf_ok(&out->chain, err);
	}
	att_http_response_free(&answer);
	if (rc != ATT_OK)
		att_store_entry_free(out);
	return rc;
}

/* Is the certificate that of the platform whose quote it is for? Another's is not kept: the verdict
 * is verification's, and the next service may answer better. */
static bool belongs(const struct att_fetch_call *call, const struct att_pcs_request *r,
		    const struct att_store_entry *e)
{
	return r->what != ATT_PCS_PCKCERT || !call->quote ||
	       att_authentic_signed_by(call->f->roots, call->quote, att_buf_bytes(&e->body));
}

att_rc att_fetch_get(const struct att_fetch_call *call, const struct att_pcs_request *r,
		     struct att_store_entry *out, att_err *err)
{
	att_fetcher *f = call->f;
	int64_t hours = r->what == ATT_PCS_PCKCERT ? f->pck_hours : f->collateral_hours;
	struct att_store_entry cached;

	*out = (struct att_store_entry){ 0 };
	bool has = read_cache(f, r, call->now, &cached);
	if (has && !belongs(call, r, &cached)) {
		att_store_entry_free(&cached);
		has = false;
	}
	if (has && (f->cache_only || is_fresh(&cached, hours, call->now))) {
		note_step(call, r, &cached, "from the cache");
		*out = cached;
		return ATT_OK;
	}
	if (f->cache_only)
		return att_fail(err, ATT_E_MISSING,
				"%s: not in the cache, and nothing may be asked",
				att_pcs_name(r->what));
	att_rc rc = ask(call, r, out, err);
	if (rc == ATT_OK && belongs(call, r, out))
		keep(call, r, out);
	if (rc != ATT_OK && rc != ATT_E_NOMEM && has && in_date(&cached, call->now)) {
		note_step(call, r, &cached, "from the cache, still in date: no service had better");
		*out = cached;
		return ATT_OK;
	}
	if (has)
		att_store_entry_free(&cached);
	return rc == ATT_OK ? ATT_OK : att_wrap(err, rc, "%s", att_pcs_name(r->what));
}
